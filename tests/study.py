"""Small studies on disk and compiled rules, for the tests of what goes on around the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from image import EXPLICIT_LE, SECONDARY_CAPTURE, element, part10

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of
from anonymizer.worker import Settings

if TYPE_CHECKING:
    from anonymizer.rules.compiled import Compiled

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples" / "input"
KEY = "a key for tests, of 32 characters or more"

REMOVE_NAMES = {"dicomTagPath": "PN", "method": "remove"}
NEW_UIDS = {"dicomTagPath": "UI", "method": "refreshUID"}

OUR_PART = ".anonymizer-"


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


class Command(Protocol):
    """The fixture that runs the command in this process."""

    def __call__(self, *arguments: object) -> Ended: ...


def image(
    number: int = 0, *, name: str = "Doe^Jane", more: bytes = b"", syntax: str = EXPLICIT_LE
) -> bytes:
    """A whole image; ``more`` are elements after the series UID."""
    uid = f"1.2.3.{number}"
    return part10(
        element("SOPClassUID", "UI", SECONDARY_CAPTURE)
        + element("SOPInstanceUID", "UI", uid)
        + element("StudyDate", "DA", "20200131")
        + element("PatientName", "PN", name)
        + element("PatientID", "LO", "4711")
        + element("StudyInstanceUID", "UI", "1.2.3")
        + element("SeriesInstanceUID", "UI", "1.2.3.0.1")
        + more,
        syntax,
        sop_instance=uid,
    )


def write_study(folder: Path, files: int = 3) -> Path:
    """``files`` images ``im000``, ``im001`` ... in a new folder."""
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"im{number:03}").write_bytes(image(number))
    return folder


def compiled(*rules: dict[str, Any], **keys: Any) -> Compiled:  # noqa: ANN401  any JSON
    """The rules with a fixed key; ``keys`` are others of the configuration."""
    content = {"version": "1", "name": "test", "parameters": {"key": KEY}, "rules": list(rules)}
    return compile_configuration(configuration_of({**content, **keys}), environ={})


def settings(source: Path, target: Path, **given: Any) -> Settings:  # noqa: ANN401  any setting
    return Settings(str(source), str(target), **given)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path; whatever its name is."""
    top = os.fsencode(folder)
    found = {}
    for inside, _, names in os.walk(top):
        for name in names:
            path = os.path.join(inside, name)
            with open(path, "rb") as file:
                found[os.fsdecode(os.path.relpath(path, top))] = file.read()
    return found


def parts(folder: Path) -> list[str]:
    """What an interrupted write has left below a folder."""
    return [path for path in tree(folder) if OUR_PART in path]


def run_command(
    *arguments: object, cwd: Path | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; only ``environ`` can name a key."""
    env = {name: value for name, value in os.environ.items() if name != "ANONYMIZER_KEY"}
    return subprocess.run(
        [sys.executable, "-m", "anonymizer", *map(str, arguments)],
        cwd=cwd,
        env={**env, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=60,
        check=False,
    )
