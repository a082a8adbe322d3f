"""What the profile makes of whole structures: the parts that tell go, and the image stays valid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dciodvfy
import pytest
from corpus import profile
from image import dataset_of, element, item, part10, sequence
from pydicom import dcmread
from pydicom.data import get_testdata_file

from anonymizer.pipeline import Pipeline

if TYPE_CHECKING:
    from pydicom import Dataset

CONTENT, GRAPHICS = "cleanStructuredContent", "cleanGraphics"
CANARY = b"ZQX"
PDF, ECG = "1.2.840.10008.5.1.4.1.1.104.1", "1.2.840.10008.5.1.4.1.1.9.1.1"


def after(file: bytes, *options: str) -> bytes:
    return bytes(Pipeline(profile(options)).anonymize(file, len(file)))


def read(file: bytes) -> Dataset:
    from io import BytesIO

    return dcmread(BytesIO(file))


def file_of(name: str) -> bytes:
    found = get_testdata_file(name)
    assert isinstance(found, str)
    return Path(found).read_bytes()


def instance(*elements: bytes, sop_class: str) -> bytes:
    """An image of these elements, in the order of their tags, with what names everybody."""
    common = (
        element("SOPClassUID", "UI", sop_class),
        element("SOPInstanceUID", "UI", "1.2.3.4"),
        element("PatientName", "PN", "ZQXName^Richard"),
        element("PatientID", "LO", "ZQXID"),
        element("StudyInstanceUID", "UI", "1.2.3"),
        element("SeriesInstanceUID", "UI", "1.2.3.1"),
    )

    def tag(raw: bytes) -> tuple[int, int]:
        return int.from_bytes(raw[:2], "little"), int.from_bytes(raw[2:4], "little")

    ordered = sorted([*common, *elements], key=tag)
    return part10(b"".join(ordered), sop_class=sop_class)


@pytest.mark.skipif(dciodvfy.COMMAND is None, reason="needs dciodvfy")
@pytest.mark.parametrize("options", [(), (CONTENT,), (CONTENT, "cleanDescriptors")])
@pytest.mark.parametrize("name", ["test-SR.dcm", "waveform_ecg.dcm", "examples_overlay.dcm"])
def test_nothing_new_is_wrong_with_them(
    name: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    before, new = tmp_path / "before", tmp_path / "after"
    before.write_bytes(file_of(name))
    for graphics in ((), (GRAPHICS,)):
        new.write_bytes(after(before.read_bytes(), *options, *graphics))
        had, has = dciodvfy.errors(before), dciodvfy.errors(new)
        assert had is not None
        assert has is not None
        assert not dciodvfy.new_errors(had, has)


def test_a_report_keeps_its_shape_and_no_text_of_its_own() -> None:
    file = file_of("test-SR.dcm")
    texts = [b"A mass of", b"Sample Text", b"was detected"]
    assert all(text in file for text in texts)
    new = after(file)
    assert not [text for text in texts if text in new]
    assert _shape(read(new)) == _shape(read(file))
    assert b"A mass of" in after(file, CONTENT)


def _shape(report: Dataset) -> list[object]:
    return [
        [one.ValueType, _shape(one)]
        for one in report.get("ContentSequence", ())
        if "ValueType" in one
    ]


def test_an_overlay_goes_whole_or_stays_without_a_bit_set() -> None:
    file = file_of("examples_overlay.dcm")
    overlay = read(file)[0x60003000].value
    assert any(overlay)
    assert not [e.tag for e in read(after(file)) if e.tag.group & 0xFF00 == 0x6000]
    cleaned = read(after(file, GRAPHICS))
    assert cleaned[0x60003000].value == bytes(len(overlay))
    assert cleaned[0x60000010].value == read(file)[0x60000010].value


def test_graphic_annotations_keep_their_places_and_not_their_words() -> None:
    text = item(
        element("UnformattedTextValue", "ST", "ZQX scanned at noon")
        + element("AnchorPoint", "FL", [1.0, 2.0])
    )
    annotation = item(element("GraphicLayer", "CS", "L1") + sequence("TextObjectSequence", text))
    file = instance(
        sequence("GraphicAnnotationSequence", annotation), sop_class="1.2.840.10008.5.1.4.1.1.11.1"
    )
    for options in ((), (GRAPHICS,), (GRAPHICS, "cleanDescriptors")):
        new = after(file, *options)
        (left,) = read(new).GraphicAnnotationSequence
        (kept,) = left.TextObjectSequence
        assert kept.AnchorPoint == [1, 2]
        assert kept.UnformattedTextValue
        assert b"ZQXName" not in new


def test_icons_signatures_and_original_attributes_go() -> None:
    icon = item(element("Rows", "US", 2) + element("PixelData", "OW", b"ZQXZQXZQ"))
    original = item(
        element("SourceOfPreviousValues", "LO", "ZQX Clinic")
        + sequence("ModifiedAttributesSequence", item(element("PatientName", "PN", "ZQX^Old")))
    )
    signature = item(
        element("DigitalSignatureUID", "UI", "1.2.9")
        + element("CertificateOfSigner", "OB", b"ZQX signs")
    )
    file = instance(
        sequence("IconImageSequence", icon),
        sequence("OriginalAttributesSequence", original),
        sequence(0xFFFAFFFA, signature),
        sop_class="1.2.840.10008.5.1.4.1.1.7",
    )
    for options in ((), (CONTENT, GRAPHICS, "retainInstitutionIdentity")):
        new = after(file, *options)
        assert CANARY not in new
        assert not {0x00880200, 0x04000561, 0xFFFAFFFA} & {int(e.tag) for e in read(new)}


def test_a_document_becomes_a_blank_one() -> None:
    file = instance(
        element("MIMETypeOfEncapsulatedDocument", "LO", "application/pdf"),
        element("EncapsulatedDocument", "OB", b"%PDF-1.4 ZQX of Richard"),
        element("EncapsulatedDocumentLength", "UL", 23),
        element("DocumentTitle", "ST", "ZQX title"),
        sop_class=PDF,
    )
    new = after(file)
    assert CANARY not in new
    assert read(new).EncapsulatedDocument.startswith(b"%PDF-")
    assert read(new).MIMETypeOfEncapsulatedDocument == "application/pdf"


def test_annotations_of_a_waveform_keep_their_numbers_and_not_their_words() -> None:
    code = item(element("CodeValue", "SH", "1") + element("CodingSchemeDesignator", "SH", "99X"))
    text = item(element("UnformattedTextValue", "ST", "ZQX felt pain"))
    number = item(sequence("ConceptNameCodeSequence", code) + element("NumericValue", "DS", "72"))
    annotations = sequence("WaveformAnnotationSequence", text, number)
    file = instance(annotations, sop_class=ECG)
    new = after(file, CONTENT)
    assert CANARY not in new
    first, second = read(new).WaveformAnnotationSequence
    assert first.UnformattedTextValue.startswith("ANON_")
    assert second.NumericValue == 72
    assert CANARY not in after(file)
    assert dataset_of(new)
