"""The profile over the public corpus: nothing of what it takes is left, nothing becomes invalid.

``tools/prove.py`` does the same for all files, and tells the counts.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from corpus import COMMON, CORPUS, profile, written
from dciodvfy import COMMAND, errors, new_errors
from image import element, item, part10, sequence
from sweep import Finding, Sweep

corpus = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
validator = pytest.mark.skipif(COMMAND is None, reason="dciodvfy is not installed")


@corpus
@pytest.mark.parametrize("name", COMMON)
def test_no_value_that_the_rules_take_is_left_in_the_bytes(name: str) -> None:
    options = COMMON[name]
    sweep, found = Sweep(profile(options)), list[tuple[str, Finding]]()
    for image in written(options, step=3 if options else 1):
        found += [(image.path.name, f) for f in sweep.findings(image.before, image.after)]
    assert found == []
    assert sweep.searched > (1500 if options else 6000)


@corpus
@validator
@pytest.mark.parametrize("name", COMMON)
def test_dciodvfy_finds_no_error_that_the_input_had_not(name: str, tmp_path: Path) -> None:
    output, compared = tmp_path / "image.dcm", 0
    new = dict[str, Counter[str]]()
    for image in written(COMMON[name], step=8):
        output.write_bytes(image.after)
        before, after = errors(image.path), errors(output)
        if before is not None and after is not None:
            compared += 1
            if wrong := new_errors(before, after):
                new[image.path.name] = wrong
    assert new == {}
    assert compared > 30


BEFORE = (
    element("PatientName", "PN", "Doe^Jane")
    + element("PatientID", "LO", "NGH-4711")
    + sequence("RequestAttributesSequence", item(element("StudyInstanceUID", "UI", "1.2.3.99.7")))
    + element("Rows", "US", 512)
)

LEFT = {
    "a component of a name": element("Manufacturer", "LO", "made for Jane"),
    "a nested UID": sequence("IconImageSequence", item(element("Rows", "LO", "1.2.3.99.7"))),
    "between the elements": b"NGH-4711",
}


@pytest.mark.parametrize("left", LEFT.values(), ids=LEFT.keys())
def test_the_sweep_finds_what_is_left(left: bytes) -> None:
    clean = element("PatientName", "PN", "") + element("Rows", "US", 512)
    sweep, output = Sweep(profile()), part10(clean, sop_instance="2.25.7")
    assert [*sweep.findings(part10(BEFORE), output)] == []
    assert [*sweep.findings(part10(BEFORE), output + left)] != []


def test_the_sweep_knows_what_stays_where_it_stood() -> None:
    echo = element("Manufacturer", "LO", "Doe Systems") + BEFORE
    clean = element("Manufacturer", "LO", "Doe Systems") + element("PatientName", "PN", "")
    assert [*Sweep(profile()).findings(part10(echo), part10(clean, sop_instance="2.25.7"))] == []
