"""What was taken from an input: every value that a rule removes or changes, at every depth.

What the file meta information and the preamble say is taken in any case: the output has its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anonymizer.dicom.attribute import is_creator
from anonymizer.dicom.dictionary import real_vr
from anonymizer.dicom.identity import CODED
from anonymizer.dicom.part10 import (
    MEDIA_STORAGE_SOP_CLASS_UID,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
    TRANSFER_SYNTAX_UID,
)
from anonymizer.dicom.table import (
    CONTRIBUTING_EQUIPMENT,
    DEIDENTIFICATION_CODES,
    DEIDENTIFICATION_METHOD,
    PATIENT_IDENTITY_REMOVED,
    SPECIFIC_CHARACTER_SET,
    TEMPORAL_INFORMATION,
)
from anonymizer.dicom.text import character_set
from anonymizer.methods.refresh_uid import STRUCTURAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.elements import Place, Placed
    from anonymizer.dicom.text import CharacterSet
    from anonymizer.verify.pair import Pair

    Value = tuple[int, str, bytes, CharacterSet]

CODES = frozenset((0x00080100, 0x00080102, 0x00080104, 0x00080119, 0x00080120))
OFFSETS = frozenset((0x00041200, 0x00041202, 0x00041400, 0x00041420))
"""Where records of a DICOMDIR stand: they move with what is written before them."""

MARKS = frozenset(
    (
        PATIENT_IDENTITY_REMOVED,
        DEIDENTIFICATION_METHOD,
        DEIDENTIFICATION_CODES,
        CONTRIBUTING_EQUIPMENT,
        TEMPORAL_INFORMATION,
    )
)
"""What an output says of its own de-identification."""

PREAMBLE = 0x00020000
"""What a value of the preamble is told as: file meta information."""

_OURS = frozenset(
    (
        MEDIA_STORAGE_SOP_CLASS_UID,
        MEDIA_STORAGE_SOP_INSTANCE_UID,
        TRANSFER_SYNTAX_UID,
        0x00020000,
        0x00020001,
        0x00020012,
    )
)


def taken(pair: Pair) -> Iterator[tuple[bool, Value]]:
    """Whether it stands in the main data set, and the value."""
    for place, element, _ in pair.pairs():
        if is_value(element) and _is_taken(pair, place, element):
            vr = "CS" if _is_of_a_code(element) else element.vr
            value = element.tag, vr, pair.before.field(element), element.charset
            yield not element.path, value
    yield from ((False, value) for value in _of_envelope(pair))


def _is_of_a_code(element: Placed) -> bool:
    """Whether it says a concept; codes of persons and institutions say somebody."""
    return element.tag in CODES and not any(tag in CODED for tag, _ in element.path)


def is_value(element: Placed) -> bool:
    """Whether it has a value that could be somebody's: no sequence, no length, no offset."""
    tag = element.tag
    if element.vr == "SQ" or tag == SPECIFIC_CHARACTER_SET or not tag & 0xFFFF:
        return False
    return tag not in OFFSETS and tag not in STRUCTURAL and element.stop > element.start


def _is_taken(pair: Pair, place: Place, element: Placed) -> bool:
    if is_creator(element.tag):
        return False
    if pair.goes(place):
        return True
    if is_mark(place):
        return False  # it is appended to
    output = pair.output_of(place)
    return output is None or not pair.is_same(element, output)


def _of_envelope(pair: Pair) -> Iterator[Value]:
    plain = character_set(b"")
    for tag, raw in pair.before.meta.items():
        if tag not in _OURS and pair.after.meta.get(tag) != raw:
            yield tag, real_vr(tag, "") or "OB", raw, plain
    if pair.before.preamble.strip(b"\0"):
        yield PREAMBLE, "OB", pair.before.preamble, plain


def is_mark(place: Place) -> bool:
    """Whether an element is, or stands in, what says what was done."""
    path, tag, _ = place
    return (path[0][0] if path else tag) in MARKS
