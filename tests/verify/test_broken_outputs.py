"""Negative controls: outputs broken by hand, each of which a verification must catch."""

from __future__ import annotations

import base64
import io
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image import (
    PIXEL_DATA,
    RLE,
    SECONDARY_CAPTURE,
    element,
    encapsulated,
    item,
    part10,
    sequence,
)
from pydicom import dcmread
from study import ROOT, compiled

from anonymizer.job import run_folder
from anonymizer.verify.findings import KINDS
from anonymizer.verify.forms import NOT_SEARCHED
from anonymizer.verify.verify import Verification
from anonymizer.worker import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.rules.compiled import Compiled
    from anonymizer.verify.verify import Result

    Break = Callable[[Path], None]

ROOT_UID = "1.2.826.0.1.3680043.99"
RULES: list[dict[str, Any]] = [
    {"dicomTagPath": "PatientID", "method": "cryptoHash"},
    {"dicomTagPath": "PN", "method": "remove"},
    {"dicomTagPath": '(0021,"KEPT 1",xx)', "method": "keep"},
    {"dicomTagPath": "private", "method": "remove"},
    {"dicomTagPath": "StudyDescription", "method": "remove"},
    {"dicomTagPath": "DA", "method": "dateShift"},
    {"dicomTagPath": "UI", "method": "refreshUID"},
]
NAMES = {"1": "Kanariçhek^Karlotta", "2": "Zeisigová^Zdenka"}


def image(patient: str, number: int) -> bytes:
    uid = f"{ROOT_UID}.{patient}.{number}"
    other = f"{ROOT_UID}.{patient}.{3 - number}"
    reference = element("ReferencedSOPClassUID", "UI", SECONDARY_CAPTURE)
    reference += element("ReferencedSOPInstanceUID", "UI", other)
    nested = element("PersonName", "PN", NAMES[patient], encoding="iso8859-2")
    return part10(
        element("SpecificCharacterSet", "CS", "ISO_IR 101")
        + element("SOPClassUID", "UI", SECONDARY_CAPTURE)
        + element("SOPInstanceUID", "UI", uid)
        + element("StudyDate", "DA", "20190503")
        + element("AcquisitionDate", "DA", f"2019051{number}")
        + element("Manufacturer", "LO", "Acme")
        + element("StudyDescription", "LO", "for Mrs Karlotta")
        + sequence("ReferencedImageSequence", item(reference))
        + sequence("PersonIdentificationCodeSequence", item(nested))
        + element("PatientName", "PN", NAMES[patient], encoding="iso8859-2")
        + element("PatientID", "LO", f"MRN-{patient}47110815")
        + element("PatientBirthDate", "DA", "19570712")
        + element(0x00190010, "LO", "ACME 1")
        + element(0x00191001, "LO", "Brieftaubenweg 9")
        + element("StudyInstanceUID", "UI", f"{ROOT_UID}.{patient}.77")
        + element("SeriesInstanceUID", "UI", f"{ROOT_UID}.{patient}.78")
        + (element("FrameOfReferenceUID", "UI", f"{ROOT_UID}.7.1") if uid.endswith("1.1") else b"")
        + element("InstanceNumber", "IS", number)
        + element(0x00210010, "LO", "KEPT 1")
        + element(0x00211001, "LO", "ringing")
        + element("Rows", "US", 4)
        + element("Columns", "US", 4)
        + element("BitsAllocated", "US", 8)
        + element("SamplesPerPixel", "US", 1)
        + element(PIXEL_DATA, "OB", bytes(range(16))),
        sop_instance=uid,
    )


FRAMES = b"first frame.", b"second frame", b"third frame."


def compressed() -> bytes:
    """One more image of the second patient, of three frames, each a fragment."""
    uid = f"{ROOT_UID}.2.3"
    return part10(
        element("SOPClassUID", "UI", SECONDARY_CAPTURE)
        + element("SOPInstanceUID", "UI", uid)
        + element("PatientID", "LO", "MRN-247110815")
        + element("StudyInstanceUID", "UI", f"{ROOT_UID}.2.77")
        + element("SeriesInstanceUID", "UI", f"{ROOT_UID}.2.79")
        + element("NumberOfFrames", "IS", 3)
        + encapsulated(*FRAMES),
        RLE,
        sop_instance=uid,
    )


def directory() -> bytes:
    records = [
        item(
            element("OffsetOfTheNextDirectoryRecord", "UL", 0)
            + element("DirectoryRecordType", "CS", "PATIENT")
            + element("PatientName", "PN", "Kanarichek^Karlotta")
            + element("PatientID", "LO", "MRN-147110815")
        ),
        *(
            item(
                element("OffsetOfTheNextDirectoryRecord", "UL", 0)
                + element("DirectoryRecordType", "CS", "IMAGE")
                + element("ReferencedFileID", "CS", ["A", f"IM{number}"])
                + element("ReferencedSOPClassUIDInFile", "UI", SECONDARY_CAPTURE)
                + element("ReferencedSOPInstanceUIDInFile", "UI", f"{ROOT_UID}.1.{number}")
            )
            for number in (1, 2)
        ),
    ]
    media = "1.2.840.10008.1.3.10"
    content = element("FileSetID", "CS", "SET") + sequence("DirectoryRecordSequence", *records)
    return part10(content, sop_class=media, sop_instance=f"{ROOT_UID}.9")


@pytest.fixture(scope="module")
def configuration() -> Compiled:
    return compiled(*RULES)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, configuration: Compiled) -> Path:
    """``in`` and ``out`` of a run."""
    study = tmp_path_factory.mktemp("study")
    for patient, folder in (("1", "A"), ("2", "B")):
        for number in (1, 2):
            path = study / "in" / folder / f"IM{number}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(image(patient, number))
    (study / "in" / "DICOMDIR").write_bytes(directory())
    (study / "in" / "notes.txt").write_text("no image")
    (study / "in" / "B" / "FRAMES").write_bytes(compressed())
    (study / "out").mkdir()
    report = run_folder(configuration, Settings(str(study / "in"), str(study / "out")), workers=1)
    assert report.written == 6
    return study


@pytest.fixture
def study(clean: Path, tmp_path: Path) -> Path:
    shutil.copytree(clean, tmp_path / "study")
    return tmp_path / "study"


def verified(study: Path, configuration: Compiled | None) -> Result:
    return Verification(str(study / "in"), str(study / "out"), configuration).run()


def kinds(result: Result) -> set[str]:
    return {finding.kind for finding in result.findings}


def swap(file: str, old: bytes, new: bytes, times: int = 1) -> Break:
    """Other bytes of the same length in one output."""
    assert len(old) == len(new)

    def apply(out: Path) -> None:
        data = (out / file).read_bytes()
        assert old in data
        (out / file).write_bytes(data.replace(old, new, times))

    return apply


def swap_all(data: bytes) -> Break:
    def apply(out: Path) -> None:
        (out / "A/IM1").write_bytes(data)

    return apply


def as_input(out: Path) -> None:
    shutil.copy(out.parent / "in/A/IM1", out / "A/IM1")


def put(tag: int, vr: str, value: object, file: str = "B/IM2") -> Break:
    """Another element, or another value, in one output."""

    def apply(out: Path) -> None:
        dataset = dcmread(out / file)
        if tag & 0x10000:
            dataset.add_new(tag & 0xFFFF0000 | 0x10, "LO", "ACME 1")
        dataset.add_new(tag, vr, value)
        dataset.save_as(out / file)

    return apply


def put_nested(out: Path) -> None:
    dataset = dcmread(out / "B/IM1")
    nested = dataset.PersonIdentificationCodeSequence[0]
    nested.add_new(0x0040A123, "PN", "")
    nested[0x0040A123].value = "Zeisigova".encode("iso8859-2")
    dataset.save_as(out / "B/IM1")


def change_uid(tag: int, *, nested: bool = False) -> Break:
    def apply(out: Path) -> None:
        dataset = dcmread(out / "A/IM1")
        inside = dataset.ReferencedImageSequence[0] if nested else dataset
        inside[tag].value = inside[tag].value[:-2] + "00"
        dataset.save_as(out / "A/IM1")

    return apply


def date_of_input(out: Path) -> None:
    dataset = dcmread(out / "A/IM2")
    dataset.AcquisitionDate = "20190512"
    dataset.save_as(out / "A/IM2")


def date_a_day_off(out: Path) -> None:
    dataset = dcmread(out / "A/IM2")
    day = int(dataset.AcquisitionDate)
    dataset.AcquisitionDate = str(day + 1 if day % 100 < 28 else day - 1)
    dataset.save_as(out / "A/IM2")


def remove(*paths: str) -> Break:
    def apply(out: Path) -> None:
        for path in paths:
            (out / path).unlink()

    return apply


def copy(source: str, target: str) -> Break:
    def apply(out: Path) -> None:
        shutil.copy(out / source, out / target)

    return apply


def rename(out: Path) -> None:
    """An image and its input: the run keeps names."""
    for folder in (out, out.parent / "in"):
        (folder / "A" / "IM1").rename(folder / "A" / "IM1-karlotta")


def record_of_another(out: Path) -> None:
    dataset = dcmread(out / "DICOMDIR")
    one, two = dataset.DirectoryRecordSequence[1:]
    one.ReferencedSOPInstanceUIDInFile = two.ReferencedSOPInstanceUIDInFile
    dataset.save_as(out / "DICOMDIR")


def name_in_record(out: Path) -> None:
    dataset = dcmread(out / "DICOMDIR")
    dataset.DirectoryRecordSequence[0].PatientName = "Kanarichek^Karlotta"
    dataset.save_as(out / "DICOMDIR")


def emptied(out: Path) -> None:
    dataset = dcmread(out / "A/IM1")
    del dataset.Manufacturer
    dataset.save_as(out / "A/IM1")


def one_patient_two_ids(out: Path) -> None:
    dataset = dcmread(out / "A/IM1")
    dataset.PatientID = dcmread(out / "B/IM1").PatientID
    dataset.save_as(out / "A/IM1")


def truncated(out: Path) -> None:
    data = (out / "A/IM1").read_bytes()
    (out / "A/IM1").write_bytes(data[:-7])


def preamble(out: Path) -> None:
    data = (out / "A/IM1").read_bytes()
    (out / "A/IM1").write_bytes(b"KARLOTTA".ljust(128, b"\0") + data[128:])


def meta(out: Path) -> None:
    dataset = dcmread(out / "A/IM1")
    dataset.file_meta.SourceApplicationEntityTitle = "KARLOTTA"
    dataset.save_as(out / "A/IM1")


def frames_of(*frames: bytes) -> Break:
    """Other frames in the image that has some."""

    def apply(out: Path) -> None:
        data = (out / "B/FRAMES").read_bytes()
        (out / "B/FRAMES").write_bytes(data.replace(encapsulated(*FRAMES), encapsulated(*frames)))

    return apply


def exchange(one: str, other: str) -> Break:
    def apply(out: Path) -> None:
        data = (out / one).read_bytes()
        (out / one).write_bytes((out / other).read_bytes())
        (out / other).write_bytes(data)

    return apply


def same_instance(out: Path) -> None:
    """Two inputs become one instance, in the data set and the file meta information."""
    dataset, other = dcmread(out / "B/IM1"), dcmread(out / "B/FRAMES")
    other.SOPInstanceUID = dataset.SOPInstanceUID
    other.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    other.save_as(out / "B/FRAMES")


def same_series(out: Path) -> None:
    dataset = dcmread(out / "B/FRAMES")
    dataset.SeriesInstanceUID = dcmread(out / "B/IM1").SeriesInstanceUID
    dataset.save_as(out / "B/FRAMES")


def renamed_instance(out: Path) -> None:
    """An instance under another UID, in all of itself: what refers to it leads nowhere."""
    dataset = dcmread(out / "A/IM1")
    dataset.SOPInstanceUID = dataset.SOPInstanceUID[:-2] + "00"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(out / "A/IM1")


def record_gone(out: Path) -> None:
    dataset = dcmread(out / "DICOMDIR")
    del dataset.DirectoryRecordSequence[2]
    dataset.save_as(out / "DICOMDIR")


def record_elsewhere(out: Path) -> None:
    dataset = dcmread(out / "DICOMDIR")
    dataset.DirectoryRecordSequence[1].ReferencedFileID = ["A", "IM9"]
    dataset.save_as(out / "DICOMDIR")


def order_of_items(out: Path) -> None:
    """The records of two images, in each other's place."""
    dataset = dcmread(out / "DICOMDIR")
    records = dataset.DirectoryRecordSequence
    records[1], records[2] = records[2], records[1]
    dataset.save_as(out / "DICOMDIR")


def zipped(text: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("document.xml", b"<w>" + text * 3)
    return packed.getvalue()


def raw_deflated(text: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(text * 3) + deflater.flush()


NAME = "Zdenka"
TEXT = b"report for Zdenka Zeisigova. "
PRIVATE, DOCUMENT = 0x00191002, 0x00420011

BROKEN: dict[str, tuple[Break, str]] = {
    "a UID of a series in one image": (change_uid(0x0020000E), "uid-split"),
    "an instance in the data set, not in the file meta information": (
        change_uid(0x00080018),
        "uid-split",
    ),
    "a reference": (change_uid(0x00081155, nested=True), "uid-split"),
    "a date that stands as it stood": (date_of_input, "date-not-moved"),
    "a date that is a day off": (date_a_day_off, "interval-changed"),
    "a name in a private element": (put(PRIVATE, "LO", NAME), "value-left"),
    "a name inside other words": (put(0x00081030, "LO", "reZeisigovaly"), "value-left"),
    "a name in capitals": (put(0x00081030, "LO", "FOR ZDENKA"), "value-left"),
    "an address without its blank": (put(0x00081030, "LO", "brieftaubenweg9"), "value-left"),
    "a number without its hyphen": (put(0x00081030, "LO", "MRN247110815"), "value-left"),
    "a date in words": (put(0x00081030, "LO", "born 12 July 1957"), "value-left"),
    "a date with dots": (put(PRIVATE, "OB", b"\1\2\3 12.07.1957 \0"), "value-left"),
    "a name in UTF-16": (put(PRIVATE, "OB", b"\1\0" + NAME.encode("utf-16-le")), "value-left"),
    "a name in UTF-16, big endian": (
        put(PRIVATE, "OB", NAME.upper().encode("utf-16-be")),
        "value-left",
    ),
    "a name in UTF-8": (put(PRIVATE, "OB", "xxZeisigováyy ".encode()), "value-left"),
    "a name in Base64": (put(PRIVATE, "LT", base64.b64encode(TEXT).decode()), "value-left"),
    "a name in Base64 behind a word": (
        put(PRIVATE, "LT", "x" + base64.b64encode(TEXT).decode()),
        "value-left",
    ),
    "a name in zlib": (put(DOCUMENT, "OB", b"%PDF stream\n" + zlib.compress(TEXT)), "value-left"),
    "a name in bare deflate": (put(DOCUMENT, "OB", raw_deflated(TEXT)), "value-left"),
    "a name in a ZIP": (put(DOCUMENT, "OB", zipped(TEXT)), "value-left"),
    "a name in zlib in Base64": (
        put(PRIVATE, "UT", base64.b64encode(zlib.compress(TEXT)).decode()),
        "value-left",
    ),
    "a UID of the input in a text": (
        put(0x00204000, "LT", f"see {ROOT_UID}.2.77!"),
        "value-left",
    ),
    "a name in the preamble": (preamble, "value-left"),
    "a name in the file meta information": (meta, "value-left"),
    "a nested name in Latin letters": (put_nested, "value-left"),
    "a name of another file of the patient": (
        put(0x00204000, "LT", "Karlotta", "A/IM2"),
        "value-left",
    ),
    "a name in a record of the DICOMDIR": (name_in_record, "taken-remains"),
    "a record of another image": (record_of_another, "record"),
    "a byte of pixels": (
        swap("A/IM1", bytes(range(16)), bytes(range(15)) + b"!"),
        "pixels-changed",
    ),
    "a byte of what nobody touches": (swap("A/IM1", b"Acme", b"acme"), "changed"),
    "an attribute that nobody touches": (emptied, "lost"),
    "an attribute that nobody had": (put(0x00204000, "LT", "new"), "added"),
    "a value that its VR does not allow": (put(0x00200013, "IS", "12"), "changed"),
    "a hash of another": (put(0x00100020, "LO", "0123456789"), "not-as-ruled"),
    "a UID that stands nowhere else": (change_uid(0x00200052), "not-as-ruled"),
    "an attribute that a rule takes": (put(0x00081030, "LO", "abdomen"), "not-as-ruled"),
    "a patient with two numbers": (one_patient_two_ids, "patient-split"),
    "a file too few": (remove("A/IM1"), "missing"),
    "a file too many": (copy("A/IM1", "A/IM3"), "extra"),
    "a file that ends too soon": (truncated, "unreadable"),
    "a name in the name of a file": (rename, "name-left"),
    "a name in the name of a file too many": (copy("A/IM1", "A/IM3-karlotta"), "name-left"),
    "a frame too few": (frames_of(*FRAMES[:2]), "pixels-changed"),
    "a frame too many": (frames_of(*FRAMES, FRAMES[0]), "pixels-changed"),
    "frames in another order": (frames_of(*FRAMES[::-1]), "pixels-changed"),
    "a frame that is another": (frames_of(*FRAMES[:2], FRAMES[0]), "pixels-changed"),
    "outputs of two patients exchanged": (exchange("A/IM1", "B/IM1"), "uid-split"),
    "outputs of one patient exchanged": (exchange("A/IM1", "A/IM2"), "uid-split"),
    "one instance of two": (same_instance, "uid-merged"),
    "one series of two": (same_series, "uid-merged"),
    "an instance that nothing leads to any more": (renamed_instance, "dangling"),
    "a private creator": (swap("A/IM1", b"KEPT 1", b"KEPT 2"), "changed"),
    "a private element that stays": (swap("A/IM1", b"ringing", b"singing"), "changed"),
    "a record too few": (record_gone, "lost"),
    "a record of no file": (record_elsewhere, "record"),
    "records in another order": (order_of_items, "changed"),
    "an output that is empty": (swap_all(b""), "unreadable"),
    "an output that is no image": (swap_all(b"nothing" * 40), "unreadable"),
    "an output that is its input": (as_input, "taken-remains"),
}

NEED_RULES = {"not-as-ruled", "changed", "lost", "added", "taken-remains"}
"""What only a configuration can tell."""


@pytest.mark.parametrize(("breaks", "kind"), BROKEN.values(), ids=BROKEN)
def test_every_broken_output_is_caught(
    breaks: Break, kind: str, study: Path, configuration: Compiled
) -> None:
    breaks(study / "out")
    result = verified(study, configuration)
    assert kind in kinds(result)
    assert result.verdict == "FAIL"


@pytest.mark.parametrize(
    ("breaks", "kind"),
    [pytest.param(*case, id=name) for name, case in BROKEN.items() if case[1] not in NEED_RULES],
)
def test_most_of_them_without_a_configuration(breaks: Break, kind: str, study: Path) -> None:
    breaks(study / "out")
    result = verified(study, None)
    assert kind in kinds(result)
    assert result.verdict == "FAIL"


def test_every_kind_and_rule_is_told_in_the_documentation() -> None:
    told = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    for kind, (_, grade, text) in KINDS.items():
        assert f"| `{kind}` | `{grade}` | {text} |\n" in told
    for rule in NOT_SEARCHED.values():
        assert f"* {rule}\n" in told


HARMLESS: dict[str, Break] = {
    "a word": put(PRIVATE, "LO", "abdomen"),
    "half of a name": put(0x00204000, "LT", "Karl had Zeisige"),
    "another number": put(0x00204000, "LT", "24711081"),
    "another date": put(0x00204000, "LT", "13 July 1957"),
    "bytes": put(PRIVATE, "OB", bytes(range(256))),
    "another text in Base64": put(PRIVATE, "LT", base64.b64encode(b"nothing of that" * 3).decode()),
    "another text in zlib": put(DOCUMENT, "OB", zlib.compress(b"nothing of that" * 3)),
    "another UID": put(0x00204000, "LT", f"{ROOT_UID}.2.770"),
}


@pytest.mark.parametrize("adds", HARMLESS.values(), ids=HARMLESS)
def test_what_is_nobodys_is_no_leak(adds: Break, study: Path, configuration: Compiled) -> None:
    adds(study / "out")
    assert kinds(verified(study, configuration)) == {"added"}


def test_what_a_run_has_written_passes(clean: Path, configuration: Compiled) -> None:
    result = verified(clean, configuration)
    assert result.findings == []
    assert result.verdict == "PASS"
    assert (result.found, result.written, result.skipped) == (7, 6, {"not-dicom": 1})
    assert result.patients == 2
    assert result.searched > 20
    assert result.dates > 8
    assert result.uids > 8


def test_without_a_configuration_it_passes_too(clean: Path) -> None:
    assert verified(clean, None).verdict == "PASS"


def test_no_finding_holds_a_value(study: Path, configuration: Compiled) -> None:
    put(PRIVATE, "LO", "Zdenka Zeisigova")(study / "out")
    put(0x00204000, "LT", "born 12 July 1957")(study / "out")
    rename(study / "out")
    told = repr(verified(study, configuration).findings)
    for value in ("Zdenka", "Zeisig", "1957", "4711", "Brief", ROOT_UID):
        assert value.lower() not in told.lower().replace("im1-karlotta", "")
