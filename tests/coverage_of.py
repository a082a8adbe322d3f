"""Claims everything and checks that the spans of a data set lie end to end: nothing unseen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anonymizer.dicom.scan import (
    CLOSE_ITEM,
    CLOSE_SEQUENCE,
    OPEN_ITEM,
    OPEN_SEQUENCE,
    THE_FENCE,
    UNDEFINED,
    Scan,
    scan,
)
from anonymizer.dicom.table import ASK, Tables

if TYPE_CHECKING:
    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim


class Everything:
    """Claims every element, so that all of them are spans."""

    enters = peeks = True
    always = ASK

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        return self

    def takes_whole(self, claim: Claim) -> bool:
        return False


EVERYTHING = Tables(Everything(), marks=(0x00120062, 0x00120063, 0x00120064, 0x00280303))


def covered(source: bytes, encoding: Encoding) -> Scan:
    """Scans; AssertionError where a byte is in no span, ImageError where it is refused."""
    found = scan(source, 0, len(source), encoding, EVERYTHING)
    at = 0
    ends: list[int] = []
    """Where what is open must end; UNDEFINED where a delimiter ends it."""
    for code, _, start, value, stop in found.spans:
        if code in (OPEN_ITEM, CLOSE_SEQUENCE):
            at = _behind_empty_items(source, at, ends[-1])
        if code in (OPEN_SEQUENCE, OPEN_ITEM):
            assert at == (start if code == OPEN_SEQUENCE else value - 8)
            ends.append(UNDEFINED if stop == UNDEFINED else value + stop)
            at = value
        elif code in (CLOSE_SEQUENCE, CLOSE_ITEM):
            end = ends.pop()
            assert start == (at + 8 if end == UNDEFINED else end)
            assert end in (UNDEFINED, at)
            at = start
        else:
            assert start == at
            assert code == THE_FENCE or start < value <= stop
            at = stop
    assert not ends
    assert at == found.end
    assert not any(source[at:])
    return found


_EMPTY = re.compile(
    rb"(?:\xfe\xff\x00\xe0|\xff\xfe\xe0\x00)"
    rb"(?:\0{4}|\xff{4}(?:\xfe\xff\x0d\xe0|\xff\xfe\xe0\x0d)\0{4})"
)


def _behind_empty_items(source: bytes, at: int, end: int) -> int:
    """Items that hold nothing have no span; those behind ``end`` are of the sequence around."""
    while at != end and (empty := _EMPTY.match(source, at)):
        at = empty.end()
    return at
