"""Weights of one's own: what they leave out is as usual, and every mistake is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from image import element, part10

from anonymizer.config.resources import folder_of
from anonymizer.dicom.pixels import SHOWING_CLASSES, SHOWING_MODALITIES, SHOWING_TYPES
from anonymizer.errors import ConfigurationError, UsageError
from anonymizer.score.score import score_dataset
from anonymizer.score.weights import SECTIONS, built_in_weights, read_weights

IMAGE = part10(
    element("PatientName", "PN", "Doe") + element("PatientID", "LO", "TRIAL-7"),
    sop_instance="2.25.1",
)


def written(folder: Path, content: object) -> str:
    path = folder / "w.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_what_comes_with_the_package_is_sound() -> None:
    assert read_weights(f"{folder_of('weights')}/risk.json") == built_in_weights()


def test_every_suspicion_about_pixels_has_a_weight() -> None:
    words = {
        *("annotated", "features", "overlay"),
        *SHOWING_CLASSES.values(),
        *SHOWING_MODALITIES.values(),
        *SHOWING_TYPES.values(),
    }
    assert words == built_in_weights().burnedIn.keys()


def test_what_a_file_leaves_out_is_as_usual(tmp_path: Path) -> None:
    content = '{"attributes": {"PatientName": 7, "Rows": 1}, "pseudonyms": [], // mine\n}'
    weights = read_weights(written(tmp_path, content))
    assert (weights.attributes["PatientName"], weights.attributes["PatientID"]) == (7, 30)
    assert score_dataset(IMAGE, weights).percent == 37
    weights = read_weights(written(tmp_path, {"meansNothing": ["trial-\\d+"]}))
    assert score_dataset(IMAGE, weights).percent == 40


MISTAKES: list[tuple[Any, list[str]]] = [
    ({"attribute": {}}, ["attribute: unknown key\n  hint: did you mean 'attributes'?"]),
    (
        {"attributes": {"PatentName": 1}, "listed": {"OTHR": 1}},
        [
            "attributes.PatentName: unknown key\n  hint: did you mean 'PatientName'?",
            "listed.OTHR: unknown key\n  hint: did you mean 'other'?",
        ],
    ),
    ({"freeText": "8"}, ["freeText: is not a number from 0 to 100"]),
    ({"freeText": True}, ["freeText: is not a number from 0 to 100"]),
    (
        {"marked": {"claim": 2}, "most": {"names": -1}},
        ["marked.claim: is not a number from 0 to 1", "most.names: is not a number from 0 to 100"],
    ),
    ({"burnedIn": {"xyz": 3}}, ["burnedIn.xyz: unknown key"]),
    ({"most": []}, ["most: is not an object"]),
    ({"meansNothing": "x"}, ["meansNothing: is not an array of regular expressions"]),
    (
        {"meansNothing": ["a", "(", 3]},
        [f"meansNothing[{n}]: is not a regular expression" for n in (1, 2)],
    ),
    ([], ['is not an object\n  hint: it begins as in {"attributes": {"PatientName": 40']),
]


@pytest.mark.parametrize(("content", "told"), MISTAKES, ids=lambda value: str(value)[:30])
def test_every_mistake_is_told_with_its_place(
    content: object, told: list[str], tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as error:
        read_weights(written(tmp_path, content))
    assert list(map(str, error.value.mistakes)) == told


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_weights(str(tmp_path / "nowhere"))
    with pytest.raises(ConfigurationError):
        read_weights(written(tmp_path, "{"))


DOCS = (Path(__file__).parent.parent.parent / "docs" / "risk.md").read_text(encoding="utf-8")


def test_the_page_tells_the_weights_that_come_with_the_package() -> None:
    caps = re.findall(r"^\| `(\w+)` \| .* \| (\d+) \|$", DOCS, re.MULTILINE)
    assert {kind: float(most) for kind, most in caps} == built_in_weights().most
    told = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[^|]*) \| [^|]* \|$", DOCS, re.M)))
    assert set(told) == set(SECTIONS)


def test_the_example_of_the_page_is_sound(tmp_path: Path) -> None:
    example = re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)[0]
    weights = read_weights(written(tmp_path, example))
    assert weights.says_nothing("trial17-001", marked=False)
