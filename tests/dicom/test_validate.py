"""One element is judged by VR, multiplicity, length, characters and form, without being quoted."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING

import pydicom
import pytest
from corpus import CORPUS, files
from hypothesis import given
from hypothesis import strategies as st
from image import BIG_ENDIAN, EXPLICIT, tag_of

from anonymizer.dicom.attribute import TEXT_VRS
from anonymizer.dicom.text import character_set
from anonymizer.dicom.validate import FAULTS, UNITS, Finding, faults_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydicom.dataset import Dataset


ASCII = ()
LATIN = ("ISO_IR 100",)
JAPANESE = ("", "ISO 2022 IR 87")
UTF8 = ("ISO_IR 192",)

VALID = [
    ("StationAETitle", "AE", " STORE SCP 1 "),
    ("PatientAge", "AS", "018M"),
    ("Modality", "CS", "CT"),
    ("ImageType", "CS", r"ORIGINAL\PRIMARY\\A_1 "),
    ("StudyDate", "DA", "20240229"),
    ("DateOfLastCalibration", "DA", r"20240101\20240102 "),
    ("PatientWeight", "DS", " -1.5e+3 "),
    ("PixelSpacing", "DS", r"0.5\.5 "),
    ("ContourData", "DS", r"1\2\3\4\5\6 "),
    ("AcquisitionDateTime", "DT", "20240229235960.123456-1200"),
    ("AcquisitionDateTime", "DT", "2024"),
    ("SeriesNumber", "IS", "-2147483648 "),
    ("PatientID", "LO", "a" * 64),
    ("OtherPatientIDs", "LO", r"one\two "),
    ("AdditionalPatientHistory", "LT", "two\r\nlines, and a \\ too "),
    ("PatientName", "PN", "A^B^C^D^E=F=G"),
    ("PatientName", "PN", "x" * 64 + "="),
    ("AccessionNumber", "SH", "1234567890123456"),
    ("InstitutionAddress", "ST", "street\ntown"),
    ("StudyTime", "TM", "23"),
    ("StudyTime", "TM", "235960.1 "),
    ("LongCodeValue", "UC", "x" * 2000),
    ("StudyInstanceUID", "UI", b"1.2.0.3\0"),
    ("RetrieveURL", "UR", "https://example.org/a?b=c "),
    ("TextValue", "UT", "any \\ text\f"),
    ("RecommendedDisplayFrameRate", "IS", ""),
    ("SpecificCharacterSet", "CS", r"\ISO 2022 IR 87 "),
    ("SpecificCharacterSet", "CS", "ISO_IR 192"),
    ("Rows", "US", b"\1\0"),
    ("FrameIncrementPointer", "AT", bytes(8)),
    ("PixelData", "OW", bytes(6)),
    ("PixelData", "OB", bytes(6)),
    ("ReferencedImageSequence", "SQ", b""),
    ("60023000", "OW", bytes(2)),
    ("00080000", "UL", bytes(4)),
    ("00191001", "LO", r"any\number\of\values "),
    ("00190010", "LO", "CREATOR "),
]

FAULTY = [
    ("StationAETitle", "AE", "x" * 17, "length"),
    ("StationAETitle", "AE", "tab\t", "repertoire"),
    ("PatientAge", "AS", "18M ", "form"),
    ("PatientAge", "AS", "018m", "form"),
    ("Modality", "CS", "ct", "repertoire"),
    ("Modality", "CS", "A-B ", "repertoire"),
    ("Modality", "CS", "ABCDEFGHIJKLMNOPQ ", "length"),
    ("Modality", "CS", r"CT\MR ", "multiplicity"),
    ("StudyDate", "DA", "2024.02.29", "form"),
    ("StudyDate", "DA", "20230229", "form"),
    ("StudyDate", "DA", "20240101-20240201 ", "form"),
    ("StudyDate", "DA", " 20240101 ", "form"),
    ("PatientWeight", "DS", "1,5 ", "form"),
    ("PatientWeight", "DS", "1.5 kg", "form"),
    ("PatientWeight", "DS", "1.0000000000000000", "length"),
    ("PatientWeight", "DS", "1e999 ", "range"),
    ("PixelSpacing", "DS", r"1\2\3 ", "multiplicity"),
    ("ContourData", "DS", r"1\2\3\4 ", "multiplicity"),
    ("AcquisitionDateTime", "DT", "20240229246000", "form"),
    ("AcquisitionDateTime", "DT", "20240229+2500 ", "form"),
    ("SeriesNumber", "IS", "2147483648", "range"),
    ("SeriesNumber", "IS", "1.0 ", "form"),
    ("SeriesNumber", "IS", "0000000000001 ", "length"),
    ("PatientID", "LO", "x" * 66, "length"),
    ("PatientID", "LO", "two\r\nlines ", "repertoire"),
    ("PatientID", "LO", b"padded\0\0", "padding"),
    ("PatientID", "LO", b"odd", "length"),
    ("PatientID", "LO", r"one\two ", "multiplicity"),
    ("AdditionalPatientHistory", "LT", "x" * 10242, "length"),
    ("AdditionalPatientHistory", "LT", "bell \a", "repertoire"),
    ("PatientName", "PN", "A=B=C=D ", "form"),
    ("PatientName", "PN", "A^B^C^D^E^F ", "form"),
    ("PatientName", "PN", "x" * 66, "length"),
    ("PatientName", "PN", "new\nline", "repertoire"),
    ("AccessionNumber", "SH", "x" * 18, "length"),
    ("StudyTime", "TM", "24", "form"),
    ("StudyTime", "TM", "10:11:12", "form"),
    ("StudyTime", "TM", " 1011 ", "form"),
    ("StudyInstanceUID", "UI", "1.02", "form"),
    ("StudyInstanceUID", "UI", "1.2.", "form"),
    ("StudyInstanceUID", "UI", "1.2 ", "padding"),
    ("StudyInstanceUID", "UI", b"1.2.\0\0", "form padding"),
    ("StudyInstanceUID", "UI", "1." + "2" * 64, "length"),
    ("RetrieveURL", "UR", "not a uri ", "repertoire"),
    ("SpecificCharacterSet", "CS", "ISO_IR 999", "charset"),
    ("SpecificCharacterSet", "CS", "LATIN1", "charset"),
    ("Rows", "US", b"\1\0\1\0", "multiplicity"),
    ("Rows", "US", b"\1", "length"),
    ("FrameIncrementPointer", "AT", bytes(6), "length"),
    ("PixelData", "OB", bytes(5), "length"),
    ("00091001", "FD", bytes(12), "length"),
    ("PatientName", "LO", "name", "vr"),
    ("PatientName", "XX", "name", "vr"),
    ("Rows", "UL", bytes(4), "vr"),
    ("0010FF01", "LO", "new ", "unknown"),
]

CHARSETS = [
    (LATIN, "PatientName", "PN", "Müller".encode("latin-1"), ""),
    (UTF8, "PatientName", "PN", "Mülle".encode(), ""),
    (JAPANESE, "PatientName", "PN", "見本^花子".encode("iso2022_jp") + b" ", ""),
    (JAPANESE, "PatientName", "PN", "Mihon=見本=".encode("iso2022_jp"), ""),
    (UTF8, "PatientName", "PN", ("é" * 64).encode(), ""),
    (UTF8, "PatientName", "PN", ("é" * 65).encode(), "length"),
    (ASCII, "PatientName", "PN", "Müller".encode("latin-1"), "charset"),
    (UTF8, "PatientName", "PN", "Müller".encode("latin-1"), "charset"),
    (JAPANESE, "PatientName", "PN", b"\x1b$B8+K\\^", "charset"),
    (JAPANESE, "PatientName", "PN", b"\x1b$)C\xb1\xe8^", ""),
    (("ISO_IR 999",), "PatientName", "PN", "Müller".encode("latin-1"), "charset"),
    (LATIN, "Modality", "CS", "CÉ".encode("latin-1"), "repertoire"),
    (LATIN, "PatientWeight", "DS", "½ ".encode("latin-1"), "repertoire"),
]


def codes(
    tag: str, vr: str, value: str | bytes, terms: tuple[str, ...] = ASCII, written: str = ""
) -> list[str]:
    raw = value if isinstance(value, bytes) else EXPLICIT.value(vr, value)
    findings = faults_of(tag_of(tag), vr, raw, character_set(terms), written=written)
    return sorted(finding.code for finding in findings)


@pytest.mark.parametrize(("tag", "vr", "value"), VALID)
def test_valid_elements_have_no_finding(tag: str, vr: str, value: str | bytes) -> None:
    raw = value if isinstance(value, bytes) else EXPLICIT.value(vr, value)
    assert codes(tag, vr, raw + b" " * (vr in TEXT_VRS and len(raw) & 1)) == []


@pytest.mark.parametrize(("tag", "vr", "value", "expected"), FAULTY)
def test_faulty_elements_have_just_that_finding(
    tag: str, vr: str, value: str | bytes, expected: str
) -> None:
    raw = value if isinstance(value, bytes) else EXPLICIT.value(vr, value)
    if isinstance(value, str) and len(raw) & 1:
        raw += b"\0" if vr == "UI" else b" "
    assert codes(tag, vr, raw) == expected.split()


@pytest.mark.parametrize(("terms", "tag", "vr", "value", "expected"), CHARSETS)
def test_text_is_of_its_character_set(
    terms: tuple[str, ...], tag: str, vr: str, value: bytes, expected: str
) -> None:
    raw = value + b" " * (len(value) & 1)
    assert codes(tag, vr, raw, terms) == expected.split()


def test_every_fault_code_is_found_in_the_tables() -> None:
    rows = [row[-1].split() for row in FAULTY] + [row[-1].split() for row in CHARSETS]
    assert {code for row in rows for code in row} == FAULTS.keys()


@pytest.mark.parametrize("vr", sorted(TEXT_VRS | UNITS.keys() | {"SQ"}))
def test_an_empty_value_has_no_fault(vr: str) -> None:
    assert codes("00091001", vr, b"") == []


def test_what_is_unknown_is_told_but_refuses_nothing() -> None:
    (finding,) = faults_of(0x0010FF01, "LO", b"ab", character_set(ASCII))
    assert finding.informational
    (finding,) = faults_of(0x00100020, "LO", b"\x80b", character_set(ASCII))
    assert not finding.informational


def test_the_written_representation_is_judged_too() -> None:
    assert codes("PatientName", "PN", "Doe ", written="UN") == []
    assert codes("PatientName", "PN", "Doe ", written="OB") == ["vr"]
    assert codes("PatientName", "PN", "Doe ", written="??") == ["vr"]


def test_a_finding_says_where_it_is() -> None:
    path = ((tag_of("RequestAttributesSequence"), 1), (0x00091010, 0))
    (finding,) = faults_of(0x00100020, "LO", b"x\1", character_set(ASCII), path=path)
    assert finding.place == "RequestAttributesSequence[1].(0009,1010)[0].PatientID"
    assert str(finding).startswith(f"{finding.place} (LO): repertoire: ")


def test_findings_are_equal_where_place_and_fault_are() -> None:
    before = Finding(0x00100020, "LO", "length", "longer than 64 characters")
    after = Finding(0x00100020, "LO", "length", "the length of the value field is odd")
    assert before == after
    assert len({before, after, Finding(0x00100020, "LO", "padding", "")}) == 2


@pytest.mark.parametrize("vr", sorted(TEXT_VRS))
@pytest.mark.parametrize("terms", [ASCII, LATIN, JAPANESE, UTF8], ids=str)
def test_no_finding_quotes_the_value(
    vr: str, terms: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for value in (
        b"Zzyzx^Canary",
        b"Zzyzx\\Canary\x01\xff",
        b"zzyzx canary " * 900,
        b"\x1b$BCanary",
        b"Zzyzx=a=b=Canary=c",
    ):
        for finding in faults_of(0x00091001, vr, value, character_set(terms)):
            words = f"{finding}{finding!r}{finding.text}".lower()
            assert "zzyzx" not in words
            assert "canary" not in words
    assert caplog.text == ""


@given(
    vr=st.sampled_from(sorted(TEXT_VRS | UNITS.keys())),
    value=st.binary(max_size=200),
    terms=st.sampled_from([ASCII, LATIN, JAPANESE, UTF8, ("?",)]),
    tag=st.sampled_from([0x00080005, 0x00080018, 0x00080060, 0x00100010, 0x00091001, 0x3006_0050]),
)
def test_any_value_is_judged(vr: str, value: bytes, terms: tuple[str, ...], tag: int) -> None:
    for finding in faults_of(tag, vr, memoryview(value), character_set(terms)):
        assert finding.code in FAULTS
        assert len(finding.text) < 200


def judged(
    dataset: Dataset, path: tuple[tuple[int, int], ...] = (), around: bytes = b""
) -> Iterator[Finding]:
    """Findings on what pydicom reads and leaves as bytes."""
    terms = dataset.get("SpecificCharacterSet") or around
    if not isinstance(terms, bytes):
        terms = terms.encode() if isinstance(terms, str) else "\\".join(terms).encode()
    for tag in sorted(dataset.keys()):
        element = dataset.get_item(tag)
        if isinstance(element.value, bytes):
            vr = (element.VR or "UN")[:2]
            yield from faults_of(int(tag), vr, element.value, character_set(terms), path=path)
        elif element.VR == "SQ":
            for number, item in enumerate(element.value):
                yield from judged(item, (*path, (int(tag), number)), terms)


def readable(path: Path) -> Dataset | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return pydicom.dcmread(path)
        except Exception:  # noqa: BLE001 - what pydicom cannot read is not for us to judge here
            return None


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_no_file_of_the_corpus_makes_it_stumble() -> None:
    datasets = map(readable, files())
    images = [dataset for dataset in datasets if dataset is not None]
    assert len(images) > 200
    for image in images:
        assert all(finding.code in FAULTS for finding in judged(image))


def test_byte_order_does_not_matter_to_lengths() -> None:
    assert codes("Rows", "US", BIG_ENDIAN.value("US", 512)) == []
