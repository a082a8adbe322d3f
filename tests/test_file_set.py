"""A new DICOMDIR for the outputs of a run: whole, with the files' own names, or not at all."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from image import SECONDARY_CAPTURE, element, part10, sequence
from pydicom.fileset import FileSet
from study import REMOVE_NAMES, Command

from anonymizer.errors import UsageError
from anonymizer.file_set import write_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

DCIODVFY = shutil.which("dciodvfy")
PROFILE = '{"extends": "ps3.15", "parameters": {"key": "' + "k" * 32 + '"}}'


def image(patient: int, series: int, number: int, *, patient_id: str = "P") -> bytes:
    uid = f"1.2.{patient}.{series}.{number}"
    return part10(
        element("SOPClassUID", "UI", SECONDARY_CAPTURE)
        + element("SOPInstanceUID", "UI", uid)
        + element("StudyDate", "DA", "20200131")
        + element("Modality", "CS", "OT")
        + element("PatientName", "PN", "Roe^Richard")
        + element("PatientID", "LO", patient_id and f"{patient_id}{patient}")
        + element("StudyInstanceUID", "UI", f"1.2.{patient}")
        + element("SeriesInstanceUID", "UI", f"1.2.{patient}.{series}")
        + element("InstanceNumber", "IS", str(number)),
        sop_instance=uid,
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Two patients, of two series of two images each."""
    folder = tmp_path / "in"
    folder.mkdir()
    for patient in (1, 2):
        for series in (1, 2):
            for number in (1, 2):
                place = folder / f"PAT{patient}" / f"SER{series}"
                place.mkdir(parents=True, exist_ok=True)
                (place / f"IM{number}").write_bytes(image(patient, series, number))
    return folder


def files(folder: Path) -> Iterator[str]:
    return (str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_every_output_is_in_it(study: Path, tmp_path: Path, command: Command) -> None:
    (tmp_path / "c.json").write_text(PROFILE)
    (study / "DICOMDIR").write_bytes(
        part10(element("FileSetID", "CS", "OLD"), sop_class="1.2.840.10008.1.3.10")
    )
    out = tmp_path / "out"
    ended = command("-I", study, "-O", out, "-c", tmp_path / "c.json", "--dicomdir", "rebuild")
    assert ended.code == 0, ended.err
    assert "DICOMDIR: 8 files" in ended.out
    found = FileSet(out / "DICOMDIR")
    assert len(found) == 8
    listed = {str(Path(one.path).relative_to(out)) for one in found}
    assert listed == {*files(out)} - {"DICOMDIR"}
    assert len(found.find_values("PatientID")) == 2
    assert len(found.find_values("SeriesInstanceUID")) == 4
    assert b"Roe" not in (out / "DICOMDIR").read_bytes()
    if DCIODVFY:
        told = subprocess.run(
            [DCIODVFY, out / "DICOMDIR"], capture_output=True, text=True, check=False
        ).stderr
        assert "Error" not in told, told


def test_the_same_folder_gives_the_same_directory(study: Path) -> None:
    assert write_directory(str(study), replace=False) == 8
    first = (study / "DICOMDIR").read_bytes()
    assert write_directory(str(study), replace=True) == 8
    assert (study / "DICOMDIR").read_bytes() == first


def test_patients_without_an_id_are_told_apart_by_their_studies(tmp_path: Path) -> None:
    for patient in (1, 2):
        (tmp_path / f"IM{patient}").write_bytes(image(patient, 1, 1, patient_id=""))
    write_directory(str(tmp_path), replace=False)
    assert len(FileSet(tmp_path / "DICOMDIR").find_values("PatientID")) == 2


def test_one_that_is_there_stays(study: Path) -> None:
    (study / "DICOMDIR").write_bytes(b"mine")
    with pytest.raises(UsageError, match="there already"):
        write_directory(str(study), replace=False)
    assert (study / "DICOMDIR").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["im1", "IM1.DCM", "ROERICHARD", "\xc4"])
def test_names_that_are_no_file_ids_are_told_without_the_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(image(1, 1, 1))
    with pytest.raises(UsageError, match="no File ID") as caught:
        write_directory(str(tmp_path), replace=False)
    assert name not in str(caught.value)
    assert [*files(tmp_path)] == [name]


def test_what_is_no_dicom_file_is_not_in_it(study: Path) -> None:
    (study / "notes.txt").write_text("Roe")
    assert write_directory(str(study), replace=False) == 8


def test_a_file_without_what_a_record_needs_is_told(tmp_path: Path) -> None:
    (tmp_path / "IM1").write_bytes(
        part10(element("SOPClassUID", "UI", SECONDARY_CAPTURE) + element("PatientID", "LO", "ZQX"))
    )
    with pytest.raises(UsageError, match="lacks") as caught:
        write_directory(str(tmp_path), replace=False)
    assert "ZQX" not in str(caught.value)
    assert [*files(tmp_path)] == ["IM1"]


@pytest.mark.parametrize(
    ("profile", "flag", "left"),
    [(True, (), "skip"), (True, ("process",), "do"), (False, (), "do"), (False, ("skip",), "skip")],
)
def test_a_directory_of_the_inputs_is_left_out_with_a_profile(
    profile: bool, flag: tuple[str, ...], left: str, tmp_path: Path, study: Path, command: Command
) -> None:
    import json

    rules = {"version": "1", "rules": [REMOVE_NAMES], "parameters": {"key": "k" * 32}}
    (tmp_path / "c.json").write_text(PROFILE if profile else json.dumps(rules))
    old = element("FileSetID", "CS", "OLD") + element("SpecificCharacterSet", "CS", "ISO_IR 100")
    (study / "DICOMDIR").write_bytes(part10(old, sop_class="1.2.840.10008.1.3.10"))
    flags = ("--dicomdir", *flag) if flag else ()
    ended = command("-I", study, "-O", tmp_path / "out", "-c", tmp_path / "c.json", *flags)
    assert ended.code == 0, ended.err
    assert (tmp_path / "out" / "DICOMDIR").exists() == (left == "do")
    assert ("a DICOMDIR" in ended.out + ended.err) == (left == "skip")


def test_it_is_left_out_too_where_outputs_claim_no_profile(
    tmp_path: Path, study: Path, command: Command
) -> None:
    weaker = '"rules": [{"dicomTagPath": "StudyDescription", "method": "keep"}], "extends"'
    (tmp_path / "c.json").write_text(PROFILE.replace('"extends"', weaker))
    old = part10(element("FileSetID", "CS", "OLD"), sop_class="1.2.840.10008.1.3.10")
    (study / "DICOMDIR").write_bytes(old)
    assert command("-I", study, "-O", tmp_path / "out", "-c", tmp_path / "c.json").code == 0
    assert not (tmp_path / "out" / "DICOMDIR").exists()


def test_one_directory_alone_is_refused_with_a_profile(tmp_path: Path, command: Command) -> None:
    (tmp_path / "c.json").write_text(PROFILE)
    old = part10(element("FileSetID", "CS", "OLD"), sop_class="1.2.840.10008.1.3.10")
    (tmp_path / "DICOMDIR").write_bytes(old)
    ended = command("-i", tmp_path / "DICOMDIR", "-o", tmp_path / "o", "-c", tmp_path / "c.json")
    assert ended.code == 1
    assert "dicomdir" in ended.err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (element("Modality", "CS", "OT"), sequence("Modality")),
        (element("Modality", "CS", "OT"), element("Modality", "FL", "Kanari")),
        (element("StudyDate", "DA", "20200131"), element("StudyDate", "FD", "Kanari")),
    ],
)
def test_a_value_that_pydicom_cannot_read_is_told_without_it(
    before: bytes, after: bytes, tmp_path: Path
) -> None:
    (tmp_path / "IM1").write_bytes(image(1, 1, 1).replace(before, after))
    with pytest.raises(UsageError, match="no DICOMDIR was written: pydicom failed") as caught:
        write_directory(str(tmp_path), replace=False)
    assert "Kanari" not in str(caught.value)
    assert caught.value.__suppress_context__
    assert [*files(tmp_path)] == ["IM1"]


def test_rebuilding_is_for_folders(tmp_path: Path, command: Command) -> None:
    (tmp_path / "im").write_bytes(image(1, 1, 1))
    ended = command("-i", tmp_path / "im", "-o", tmp_path / "o", "--dicomdir", "rebuild")
    assert ended.code == 2
