"""Of which coding scheme a coded entry is: the designator in its item (PS3.3 8.2, 8.8)."""

from __future__ import annotations

from anonymizer.dicom.attribute import LONG_VRS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.dicom.scan import Source
    from anonymizer.dicom.syntax import Encoding

SCHEME = 0x00080102
"""Coding Scheme Designator."""

_UNDEFINED = 0xFFFFFFFF
_LONG = frozenset(vr.encode() for vr in LONG_VRS)


def scheme_text(raw: bytes) -> str:
    """A designator without padding; every byte is some character."""
    return raw.decode("latin-1").strip(" \0")


def scheme_behind(source: Source, at: int, end: int, encoding: Encoding) -> str:
    """The designator among the elements behind ``at``, ``""`` where none stands in its place."""
    while at + 8 <= end:
        key, length = encoding.header.unpack_from(source, at)
        tag = encoding.tag(key)
        value = at + 8
        if key[4:] in _LONG:
            if at + 12 > end:
                break
            value = at + 12
            (length,) = encoding.long.unpack_from(source, at + 8)
        if tag > SCHEME or length == _UNDEFINED:
            break
        at = value + length
        if tag == SCHEME:
            return scheme_text(source[value:at]) if at <= end else ""
    return ""
