"""What lies beside the checkout: the public corpus, put through the profile of PS3.15.

for image in written("cleanDescriptors"): image.before, image.after      bytes of whole files
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of
from anonymizer.errors import ImageError
from anonymizer.pipeline import Pipeline
from anonymizer.rules.compiled import Compiled

SHARED = Path(__file__).resolve().parents[2] / "shared"
CORPUS = SHARED / "corpus"
KEY = "an invented key of more than 32 characters"

COMMON: dict[str, tuple[str, ...]] = {
    "basic": (),
    "device": ("retainDeviceIdentity", "retainSafePrivate", "retainLongitudinalFullDates"),
    "linked": ("retainUIDs", "retainInstitutionIdentity"),
    "research": ("retainLongitudinalModifiedDates", "cleanDescriptors", "retainSafePrivate"),
    "graphics": ("cleanGraphics", "cleanDescriptors", "retainPatientCharacteristics"),
    "reports": ("cleanStructuredContent", "cleanDescriptors"),
}
"""Sets of options that people choose, by a word for each."""


class Written(NamedTuple):
    """An image of the corpus and its output."""

    path: Path
    before: bytes
    after: bytes


@cache
def profile(options: tuple[str, ...] = ()) -> Compiled:
    keys = {"extends": "ps3.15", "options": [*options], "parameters": {"key": KEY}}
    return compile_configuration(configuration_of(keys), environ={})


def written(options: tuple[str, ...] = (), step: int = 1) -> list[Written]:
    """Every ``step``-th file with its output; without those that are refused."""
    pipeline, found = Pipeline(profile(options)), []
    for path in files()[::step]:
        before = path.read_bytes()
        try:
            found.append(Written(path, before, bytes(pipeline.anonymize(before, len(before)))))
        except ImageError:
            continue
    return found


@cache
def files() -> list[Path]:
    return [path for path in sorted(CORPUS.rglob("*")) if path.is_file()]
