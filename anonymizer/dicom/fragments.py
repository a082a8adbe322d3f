"""Encapsulated pixel data: a run of fragment items and its delimiter, split and joined.

The first item is the Basic Offset Table.  Always little endian (PS3.5 A.4).
"""

from __future__ import annotations

import struct

from anonymizer.errors import ValueFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ITEM = b"\xfe\xff\x00\xe0"
DELIMITER = b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"


def split_items(value: bytes) -> list[bytes]:
    """The contents of the items in order, the offset table first."""
    items, start = [], 0
    while value[start : start + 4] == ITEM and len(value) >= start + 8:
        (length,) = struct.unpack_from("<L", value, start + 4)
        stop = start + 8 + length
        if stop > len(value):
            break
        items.append(value[start + 8 : stop])
        start = stop
    if value[start:] != DELIMITER:
        raise ValueFault("the fragments do not end with their delimiter")
    return items


def join_items(items: Iterable[bytes]) -> bytes:
    """A value field of these items, each padded to an even length, and the delimiter."""
    parts = []
    for item in items:
        even = item + b"\0" if len(item) & 1 else item
        parts += [ITEM, struct.pack("<L", len(even)), even]
    return b"".join((*parts, DELIMITER))
