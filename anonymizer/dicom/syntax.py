"""Transfer syntaxes: how the bytes of a data set are to be read (PS3.5 10 and annex A)."""

from __future__ import annotations

from struct import Struct


class Encoding:
    """One of the three ways to write a data set: explicit or implicit VR, and the byte order."""

    __slots__ = ("big_endian", "explicit", "header", "item", "long", "name", "short")

    def __init__(self, name: str, *, explicit: bool, big_endian: bool) -> None:
        order = ">" if big_endian else "<"
        self.name = name
        self.explicit = explicit
        self.big_endian = big_endian
        self.header = Struct(order + ("6sH" if explicit else "4sI"))
        """Tag, VR in explicit VR, and the first length field, as the scanner reads them."""
        self.item = Struct(order + "HHI")
        self.long = Struct(order + "I")
        self.short = Struct(order + "H")

    def __repr__(self) -> str:
        return f"Encoding({self.name})"

    def __reduce__(self) -> str:
        return self.name

    def tag(self, key: bytes) -> int:
        """The tag that the first four bytes of an element stand for."""
        (group,), (element,) = self.short.unpack(key[:2]), self.short.unpack(key[2:4])
        return int(group << 16 | element)

    def tag_bytes(self, tag: int) -> bytes:
        return self.short.pack(tag >> 16) + self.short.pack(tag & 0xFFFF)


IMPLICIT_LE = Encoding("IMPLICIT_LE", explicit=False, big_endian=False)
EXPLICIT_LE = Encoding("EXPLICIT_LE", explicit=True, big_endian=False)
EXPLICIT_BE = Encoding("EXPLICIT_BE", explicit=True, big_endian=True)

IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
EXPLICIT_VR_BIG_ENDIAN = "1.2.840.10008.1.2.2"
GE_IMPLICIT_VR = "1.2.840.113619.5.2"  # implicit VR, pixel data in the other byte order

DEFLATED = frozenset(
    {
        "1.2.840.10008.1.2.1.99",  # Deflated Explicit VR Little Endian
        "1.2.840.10008.1.2.4.95",  # JPIP Referenced Deflate
        "1.2.840.10008.1.2.4.205",  # JPIP HTJ2K Referenced Deflate
    }
)


def encoding_of(uid: str) -> Encoding:
    """Every transfer syntax but three is explicit VR little endian (PS3.5 A)."""
    if uid in (IMPLICIT_VR_LITTLE_ENDIAN, GE_IMPLICIT_VR):
        return IMPLICIT_LE
    return EXPLICIT_BE if uid == EXPLICIT_VR_BIG_ENDIAN else EXPLICIT_LE
