"""There and back again: every encoding says the same, and what comes back is the same bytes."""

from __future__ import annotations

from io import BytesIO

import pydicom
import pytest
from image import (
    BIG_ENDIAN,
    EXPLICIT,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    PIXEL_DATA,
    Value,
    Writer,
    part10,
)

from anonymizer.dicom import syntax
from anonymizer.dicom.recode import recoded, turned
from anonymizer.dicom.scan import check
from anonymizer.dicom.walk import elements

ENCODINGS = {
    "explicit": (EXPLICIT, syntax.EXPLICIT_LE, EXPLICIT_LE),
    "implicit": (IMPLICIT, syntax.IMPLICIT_LE, IMPLICIT_LE),
    "big endian": (BIG_ENDIAN, syntax.EXPLICIT_BE, EXPLICIT_BE),
}

VALUES: list[tuple[str, str, Value]] = [
    ("SpecificCharacterSet", "CS", "ISO_IR 192"),
    ("ImageType", "CS", ["ORIGINAL", "PRIMARY"]),
    ("PatientName", "PN", "Jönsson^Jane"),
    ("FrameIncrementPointer", "AT", 0x00181063),
    ("PixelSpacing", "DS", ["0.5", "1.25"]),
    ("Rows", "US", 512),
    ("TagAngleSecondAxis", "SS", -3),
    ("ReferencePixelX0", "SL", -70000),
    ("SimpleFrameList", "UL", [1, 65536, 3]),
    ("RecommendedDisplayFrameRateInFloat", "FL", 1.5),
    ("RealWorldValueIntercept", "FD", [0.25, -2.0]),
    ("SelectorSVValue", "SV", -(2**40)),
    ("SelectorUVValue", "UV", [2**40, 7]),
    ("SelectorODValue", "OD", [1.0, 2.0]),
    ("SelectorOFValue", "OF", [1.0, 2.0]),
    ("SelectorOLValue", "OL", [1, 2, 3]),
    ("SelectorOVValue", "OV", [1, 2]),
    ("SelectorOBValue", "OB", b"abcd"),
    ("SelectorOWValue", "OW", [1, 2, 3]),
    ("SelectorUNValue", "UN", b"raw!"),
    ("SelectorUCValue", "UC", "long"),
    ("SelectorURValue", "UR", "http://x"),
    ("SelectorUTValue", "UT", "text"),
]


def one_of_each(w: Writer) -> bytes:
    values = b"".join(w.element(tag, vr, value, encoding="utf-8") for tag, vr, value in VALUES)
    nested = w.sequence(
        "ReferencedStudySequence",
        w.item(w.sequence("PurposeOfReferenceCodeSequence", w.item(values), w.item())),
        w.item(undefined=True),
        w.item(values, undefined=True),
    )
    delimited = w.sequence(
        "RequestAttributesSequence",
        w.item(w.sequence("ScheduledProtocolCodeSequence", undefined=True), undefined=True),
        undefined=True,
    )
    return nested + values + delimited + w.sequence("DigitalSignaturesSequence")


def written(data_set: bytes, encoding: syntax.Encoding, target: syntax.Encoding) -> bytes:
    level = elements(data_set, 0, len(data_set), encoding)
    return b"".join(new for _, new in recoded(data_set, level, encoding, target))


@pytest.mark.parametrize("one", ENCODINGS)
@pytest.mark.parametrize("other", ENCODINGS)
def test_an_encoding_of_all_that_there_is_becomes_the_other(one: str, other: str) -> None:
    (w, encoding, _), (v, target, uid) = ENCODINGS[one], ENCODINGS[other]
    new = written(one_of_each(w), encoding, target)
    assert new == one_of_each(v)
    check(new, 0, len(new), target)
    read = pydicom.dcmread(BytesIO(part10(new, uid)))
    assert read.PatientName == "Jönsson^Jane"
    assert read.ReferencedStudySequence[2].SelectorSVValue == -(2**40)


@pytest.mark.parametrize("target", [syntax.EXPLICIT_LE, syntax.EXPLICIT_BE])
@pytest.mark.parametrize(
    ("data_set", "vr"),
    [
        (IMPLICIT.element("ContourData", "DS", "1.5\\" * 20_000), "UN"),
        (IMPLICIT.element("ImageComments", "LT", "x" * 0xFFFE), "LT"),
        (IMPLICIT.element("TextValue", "UT", "x" * 0x10000), "UT"),
        (IMPLICIT.element(0x00201237, "LO", b"??"), "UN"),
        (IMPLICIT.element(0x00191001, "LO", b"??"), "UN"),
        (IMPLICIT.sequence(0x00191001, IMPLICIT.item(undefined=True), undefined=True), "UN"),
        (IMPLICIT.element("SmallestImagePixelValue", "US", 3), "US"),
        (IMPLICIT.element(PIXEL_DATA, "OW", [1, 2]), "OW"),
    ],
)
def test_what_implicit_vr_does_not_tell_is_the_dictionarys_or_unknown(
    data_set: bytes, vr: str, target: syntax.Encoding
) -> None:
    new = written(data_set, syntax.IMPLICIT_LE, target)
    assert new[4:6].decode() == vr
    check(new, 0, len(new), target)
    assert written(new, target, syntax.IMPLICIT_LE) == data_set


@pytest.mark.parametrize("target", [syntax.EXPLICIT_LE, syntax.EXPLICIT_BE])
def test_a_private_attribute_has_the_vr_of_its_creator(target: syntax.Encoding) -> None:
    w = IMPLICIT
    data_set = w.element(0x00190010, "LO", "SIEMENS MR HEADER") + w.element(
        0x0019100A, "US", b"\1\0"
    )
    new = written(data_set, syntax.IMPLICIT_LE, target)
    assert [place.vr for place in elements(new, 0, len(new), target)] == ["LO", "US"]
    assert written(new, target, syntax.IMPLICIT_LE) == data_set


def test_a_private_sequence_stays_as_it_is_in_an_element_of_unknown_vr() -> None:
    w = IMPLICIT
    item = w.item(w.element("PatientName", "PN", "Doe^Jane"))
    data_set = w.element(0x00290010, "LO", "SIEMENS MEDCOM HEADER") + w.sequence(0x00291040, item)
    new = written(data_set, syntax.IMPLICIT_LE, syntax.EXPLICIT_LE)
    assert [place.vr for place in elements(new, 0, len(new), syntax.EXPLICIT_LE)] == ["LO", "UN"]
    assert item in new
    assert written(new, syntax.EXPLICIT_LE, syntax.IMPLICIT_LE) == data_set


def test_fragments_turn_around_but_for_what_they_hold() -> None:
    frames = (b"one", b"three")
    little, big = (w.encapsulated(*frames) for w in (EXPLICIT, BIG_ENDIAN))
    assert written(big, syntax.EXPLICIT_BE, syntax.EXPLICIT_LE) == little
    assert written(little, syntax.EXPLICIT_LE, syntax.EXPLICIT_BE) == big
    assert written(little, syntax.EXPLICIT_LE, syntax.EXPLICIT_LE) == little


def test_what_un_hides_stays_implicit_and_little_endian() -> None:
    hidden = IMPLICIT.sequence(
        "RequestAttributesSequence",
        IMPLICIT.item(IMPLICIT.element("Rows", "US", 1), undefined=True),
        undefined=True,
    )
    little = b"\x40\x00\x75\x02UN\0\0" + hidden[4:]
    big = b"\x00\x40\x02\x75UN\0\0" + hidden[4:]
    after = BIG_ENDIAN.element("Rows", "US", 1)
    check(big, 0, len(big), syntax.EXPLICIT_BE)
    assert written(big, syntax.EXPLICIT_BE, syntax.EXPLICIT_LE) == little
    assert written(little, syntax.EXPLICIT_LE, syntax.EXPLICIT_BE) == big
    both = big + after
    assert [p.start for p in elements(both, 0, len(both), syntax.EXPLICIT_BE)] == [0, len(big)]


@pytest.mark.parametrize(
    ("value", "size", "new"),
    [
        (b"abcd", 1, b"abcd"),
        (b"abcd", 2, b"badc"),
        (b"abcdefgh", 4, b"dcbahgfe"),
        (b"abcdefgh", 8, b"hgfedcba"),
        (b"abcdef", 4, b"dcbaef"),
        (b"ab", 8, b"ab"),
        (b"", 2, b""),
    ],
)
def test_numbers_turn_around_and_a_rest_stays(value: bytes, size: int, new: bytes) -> None:
    assert turned(value, size) == new
    assert turned(new, size) == value
