"""Elements of one encoding written in another; what is read back is the same bytes again.

Rules
    * Lengths stay what they are, defined or undefined, so that the way back gives the same form.
    * A VR that implicit VR does not tell is the dictionary's, UN where that knows none, and UN
      where explicit VR has no room for the length (PS3.5 6.2.2).
    * What UN holds is implicit VR little endian and stays it.
    * Only the order of bytes changes in values: numbers turn around, text and UN do not.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import LONG_VRS, is_creator, is_private
from anonymizer.dicom.dictionary import real_vr
from anonymizer.dicom.scan import creator_text
from anonymizer.dicom.walk import UNDEFINED, Place, elements, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anonymizer.dicom.scan import Source
    from anonymizer.dicom.syntax import Encoding

SIZES = dict.fromkeys(("AT", "OW", "SS", "US"), 2)
SIZES |= dict.fromkeys(("FL", "OF", "OL", "SL", "UL"), 4)
SIZES |= dict.fromkeys(("FD", "OD", "OV", "SV", "UV"), 8)
"""Of how many bytes the numbers of a VR are."""

LONGEST_SHORT = 0xFFFF


def recoded(
    source: Source, places: Iterable[Place], encoding: Encoding, target: Encoding
) -> Iterator[tuple[int, bytes]]:
    """(tag, element in the target's encoding) of elements of one level, creators first."""
    creators: dict[int, str] = {}
    for place in places:
        if encoding is target:
            yield place.tag, source[place.start : place.stop]
            continue
        if is_creator(place.tag):
            raw = source[place.value : place.stop]
            creators[place.tag & 0xFFFF0000 | (place.tag & 0xFF) << 8] = creator_text(raw)
        if not encoding.explicit:
            place.vr = _vr_of(place, creators.get(place.tag & 0xFFFFFF00, ""))
        yield place.tag, _recoded(source, place, encoding, target)


def _vr_of(place: Place, creator: str) -> str:
    vr = real_vr(place.tag, "", creator)
    if vr == "SQ":
        return "UN" if is_private(place.tag) else vr  # the scanner may know another creator
    if place.delimited or (vr not in LONG_VRS and place.length > LONGEST_SHORT):
        return "UN"
    return vr


def _recoded(source: Source, place: Place, encoding: Encoding, target: Encoding) -> bytes:
    if place.vr == "SQ":
        value = _recoded_items(source, place, encoding, target)
    elif place.delimited and place.vr in ("OB", "OW"):
        value = _recoded_fragments(source, place, encoding, target)
    else:
        value = source[place.value : place.stop]
        if encoding.big_endian is not target.big_endian:
            value = turned(value, SIZES.get(place.vr, 1))
    length = UNDEFINED if place.delimited else len(value)
    return header(target, place.tag, place.vr, length) + value


def _recoded_items(source: Source, place: Place, encoding: Encoding, target: Encoding) -> bytes:
    parts = []
    for start, stop, delimited in items(source, place, encoding):
        level = elements(source, start, stop, encoding)
        held = b"".join(new for _, new in recoded(source, level, encoding, target))
        parts.append(target.item.pack(0xFFFE, 0xE000, UNDEFINED if delimited else len(held)))
        parts.append(held)
        if delimited:
            parts.append(target.item.pack(0xFFFE, 0xE00D, 0))
    if place.delimited:
        parts.append(target.item.pack(0xFFFE, 0xE0DD, 0))
    return b"".join(parts)


def _recoded_fragments(source: Source, place: Place, encoding: Encoding, target: Encoding) -> bytes:
    parts = [
        target.item.pack(0xFFFE, 0xE000, stop - start) + source[start:stop]
        for start, stop, _ in items(source, place, encoding)
    ]
    return b"".join(parts) + target.item.pack(0xFFFE, 0xE0DD, 0)


def header(encoding: Encoding, tag: int, vr: str, length: int) -> bytes:
    """The header of an element up to its value."""
    key = encoding.tag_bytes(tag)
    if not encoding.explicit:
        return key + encoding.long.pack(length)
    if vr in LONG_VRS:
        return key + vr.encode("ascii") + b"\0\0" + encoding.long.pack(length)
    return key + vr.encode("ascii") + encoding.short.pack(length)


def turned(value: bytes, size: int) -> bytes:
    """Numbers of ``size`` bytes in the other byte order; what is no whole number stays."""
    if size == 1:
        return value
    whole = len(value) - len(value) % size
    new = bytearray(value)
    for offset in range(size):
        new[offset:whole:size] = value[size - 1 - offset : whole : size]
    return bytes(new)
