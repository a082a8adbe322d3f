"""The elements of one level of a data set, one after another, sequences as a whole.

For what is done once an image and not for each of its attributes, after the scanner has accepted
the bytes: this walk looks at headers only and trusts them.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import LONG_VRS
from anonymizer.dicom.syntax import IMPLICIT_LE, Encoding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.scan import Source

UNDEFINED = 0xFFFFFFFF
DELIMITER_SIZE = 8
ITEM_END, SEQUENCE_END = 0xFFFEE00D, 0xE0DD


class Place:
    """Where an element stands: ``stop`` is behind its delimiter, ``vr`` as the file writes it."""

    __slots__ = ("length", "start", "stop", "tag", "value", "vr")

    def __init__(self, tag: int, vr: str, start: int, value: int, length: int) -> None:
        self.tag = tag
        self.vr = vr
        self.start = start
        self.value = value
        self.length = length
        self.stop = value + length

    @property
    def delimited(self) -> bool:
        return self.length == UNDEFINED


def elements(source: Source, start: int, stop: int, encoding: Encoding) -> Iterator[Place]:
    """The elements from ``start`` up to ``stop`` or to an item delimiter."""
    at = start
    while at < stop:
        place = _place(source, at, encoding)
        if place.tag == ITEM_END:
            return
        if place.delimited:
            place.stop = _end_of_items(source, place, stop, encoding)
        yield place
        at = place.stop


def _place(source: Source, at: int, encoding: Encoding) -> Place:
    key, length = encoding.header.unpack_from(source, at)
    tag = encoding.tag(key)
    vr = key[4:].decode("latin-1") if encoding.explicit and tag != ITEM_END else ""
    value = at + 8
    if vr in LONG_VRS:
        value = at + 12
        (length,) = encoding.long.unpack_from(source, at + 8)
    return Place(tag, vr, at, value, length)


def content_of(source: Source, place: Place, encoding: Encoding) -> Encoding:
    """How the items of a sequence are written: what is not SQ hides implicit VR (PS3.5 6.2.2)."""
    if place.vr in ("", "SQ"):
        return encoding
    if encoding.big_endian and source[place.value : place.value + 2] == b"\xff\xfe":
        return encoding  # fragments
    return IMPLICIT_LE


def items(source: Source, place: Place, encoding: Encoding) -> Iterator[tuple[int, int, bool]]:
    """(start, stop, is delimited) of what each item of a sequence or fragment run holds."""
    inner = content_of(source, place, encoding)
    at = place.value
    limit = place.stop - DELIMITER_SIZE if place.delimited else place.stop
    while at < limit:
        _, _, length = inner.item.unpack_from(source, at)
        at += 8
        stop = _end_of_item(source, at, length, limit, inner)
        yield at, stop, length == UNDEFINED
        at = stop + DELIMITER_SIZE * (length == UNDEFINED)


def _end_of_items(source: Source, place: Place, limit: int, encoding: Encoding) -> int:
    """The offset behind the sequence delimiter."""
    inner = content_of(source, place, encoding)
    at = place.value
    while True:
        _, element, length = inner.item.unpack_from(source, at)
        at += 8
        if element == SEQUENCE_END:
            return at
        at = _end_of_item(source, at, length, limit, inner)
        at += DELIMITER_SIZE * (length == UNDEFINED)


def _end_of_item(source: Source, start: int, length: int, limit: int, inner: Encoding) -> int:
    if length != UNDEFINED:
        return start + length
    stop = start
    for held in elements(source, start, limit, inner):
        stop = held.stop
    return stop
