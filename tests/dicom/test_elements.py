"""Every element is found with its place, whatever the nesting, and empty items are counted."""

from __future__ import annotations

import pytest
from image import (
    BIG_ENDIAN,
    DEFLATED_LE,
    EXPLICIT_BE,
    IMPLICIT,
    IMPLICIT_LE,
    Writer,
    element,
    encapsulated,
    item,
    part10,
    sequence,
    writer_of,
)

from anonymizer.dicom.elements import read_image
from anonymizer.dicom.syntax import EXPLICIT_BE as BIG
from anonymizer.errors import ImageError

SEQUENCE = 0x00400275  # RequestAttributesSequence
INNER = 0x00400008


def elements(data: bytes) -> list[tuple[object, ...]]:
    image = read_image(data, len(data))
    return [
        (each.path, each.tag, each.vr, each.items if each.vr == "SQ" else image.field(each))
        for each in image.elements
    ]


@pytest.mark.parametrize("syntax", [IMPLICIT_LE, EXPLICIT_BE, DEFLATED_LE])
def test_elements_come_with_path_vr_and_value(syntax: str) -> None:
    write = writer_of(syntax)
    name = write.element("PatientName", "PN", "Doe")
    data = part10(write.sequence(SEQUENCE, write.item(), write.item(name)) + name, syntax)
    assert elements(data) == [
        ((), SEQUENCE, "SQ", 2),
        (((SEQUENCE, 1),), 0x00100010, "PN", b"Doe "),
        ((), 0x00100010, "PN", b"Doe "),
    ]


EMPTY, OPEN = item(), item(undefined=True)
FULL = item(element("Modality", "CS", "CT"))


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize(
    "items",
    [[], [EMPTY], [OPEN, OPEN], [FULL], [EMPTY, FULL], [FULL, EMPTY, OPEN], [OPEN, FULL, FULL]],
    ids=len,
)
def test_items_are_counted_empty_or_not(items: list[bytes], undefined: bool) -> None:
    nested = sequence(INNER, *items, undefined=undefined)
    around = sequence(SEQUENCE, item(nested), EMPTY, undefined=undefined)
    counts = [each[3] for each in elements(part10(around + nested)) if each[2] == "SQ"]
    assert counts == [2, len(items), len(items)]


def test_private_elements_come_with_the_creator_of_their_own_item() -> None:
    mine = element(0x00190010, "LO", "OUTER") + element(0x00191001, "LO", "a")
    other = element(0x00190010, "LO", "INNER") + element(0x00191001, "LO", "b")
    data = part10(mine + sequence(SEQUENCE, item(other), item(element(0x00191001, "LO", "c"))))
    found = read_image(data, len(data)).elements
    assert [each.creator for each in found if each.tag == 0x00191001] == ["OUTER", "INNER", ""]


def test_text_has_the_character_set_around_it() -> None:
    latin, greek = (
        element("SpecificCharacterSet", "CS", term) for term in ("ISO_IR 100", "ISO_IR 126")
    )
    name = element("PatientName", "PN", "x")
    data = part10(latin + sequence(SEQUENCE, item(name), item(greek + name)) + name)
    found = read_image(data, len(data)).elements
    terms = [each.charset.terms for each in found if each.vr == "PN"]
    assert terms == [("ISO_IR 100",), ("ISO_IR 126",), ("ISO_IR 100",)]


def test_what_stands_around_the_data_set_is_told() -> None:
    data = part10(element("PatientID", "LO", "1"), preamble=b"x" * 128)
    image = read_image(data, len(data))
    assert image.preamble == b"x" * 128
    assert image.meta[0x00020003] == b"1.2.3.4\0"
    bare = element("SOPClassUID", "UI", "1.2.840.10008.1")
    image = read_image(bare, len(bare))
    assert (image.preamble, image.meta, image.syntax) == (b"", {}, "")


@pytest.mark.parametrize("write", [IMPLICIT, BIG_ENDIAN], ids=["implicit", "big endian"])
def test_the_encoding_is_told(write: Writer) -> None:
    syntax = IMPLICIT_LE if write is IMPLICIT else EXPLICIT_BE
    data = part10(write.element("PatientID", "LO", "1"), syntax)
    assert (read_image(data, len(data)).encoding is BIG) == (write is BIG_ENDIAN)


def test_compressed_pixels_are_one_element() -> None:
    data = part10(encapsulated(b"abcd", b"efgh"), "1.2.840.10008.1.2.4.50")
    (pixels,) = read_image(data, len(data)).elements
    assert (pixels.encapsulated, pixels.stop - pixels.start) == (True, 40)


def test_what_cannot_be_read_whole_is_refused() -> None:
    data = part10(element("PatientID", "LO", "1", length=100))
    with pytest.raises(ImageError, match="ends inside"):
        read_image(data, len(data))
