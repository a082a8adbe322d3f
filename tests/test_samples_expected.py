"""The samples come out as published, byte for byte, and nobody is in them."""

from __future__ import annotations

import runpy
from pathlib import Path

import pydicom
import pytest
from study import ROOT, SAMPLES, tree

EXPECTED = ROOT / "samples" / "expected"


def test_the_samples_come_out_as_published(tmp_path: Path) -> None:
    write_expected = runpy.run_path(str(ROOT / "samples" / "expect.py"))["write_expected"]
    write_expected(tmp_path / "out")
    now, published = tree(tmp_path / "out"), tree(EXPECTED)
    assert sorted(now) == sorted(published)
    assert sorted(now) == sorted(path for path in tree(SAMPLES) if path != "notes.txt")
    changed = [path for path in now if now[path] != published[path]]
    assert changed == [], "if that is meant: python samples/expect.py, and look at the difference"


def texts(path: Path) -> set[str]:
    """The words of names, ids and free text in an image, at every depth."""
    words = set()
    for element in pydicom.dcmread(path).iterall():
        if element.VR in {"PN", "LO", "SH", "LT", "ST", "UT"} and element.value:
            values = element.value if element.VM > 1 else [element.value]
            for value in values:
                words.update(str(value).replace("^", " ").replace("=", " ").split())
    return words


@pytest.mark.parametrize("path", sorted(tree(EXPECTED)))
def test_no_name_and_no_date_of_birth_is_left_in_what_is_published(path: str) -> None:
    before, after = pydicom.dcmread(SAMPLES / path), pydicom.dcmread(EXPECTED / path)
    names = {
        word
        for element in before.iterall()
        if element.VR == "PN"
        for word in str(element.value).replace("^", " ").replace("=", " ").split()
    }
    assert names
    assert not {word for word in texts(EXPECTED / path) if len(word) > 1} & names
    assert after.PatientIdentityRemoved == "YES"
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert after.PatientID != before.PatientID
    assert after.StudyDate != before.StudyDate
    assert after.PatientBirthDate in {"", f"{before.PatientBirthDate[:4]}0101"}
    assert after.get("PixelData") == before.get("PixelData")


def test_the_key_says_what_it_is_not_for() -> None:
    key = (ROOT / "samples" / "test.key").read_text(encoding="utf-8")
    assert "for the samples only" in key
    assert len(key.strip()) >= 32
