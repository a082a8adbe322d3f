"""What of an output is searched: values without pixels, what stands around, what is packed.

Strategy
    Regions are joined with line ends between them, so that one search goes over all, and no value
    runs into the header of the next.  Base64, hexadecimal digits, zlib, gzip and ZIP members are
    unpacked, three deep, and are regions of the element that holds them; so is text with its
    character references (XML) and percent signs (URLs) put in place.

Rules
    * What a packed value may grow to is limited; what is not unpacked for that is told.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import struct
import zlib
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from anonymizer.dicom.attribute import TEXT_VRS
from anonymizer.dicom.pixels import PIXELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.elements import Image, Placed

MOST_UNPACKED = 64 << 20
DEEPEST = 3
PIECE = 1 << 14
SHORTEST_PACKED = 16
BETWEEN = b"\n\n"

_base64 = re.compile(rb"[A-Za-z0-9+/_\-\r\n]{16,}").finditer
_hexadecimal = re.compile(rb"[0-9A-Fa-f]{16,}").finditer
_reference = re.compile(rb"&#?[0-9A-Za-z]{2,8};").search
_percent = re.compile(rb"%[0-9A-Fa-f]{2}").search
_packed = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08|PK\x03\x04").finditer


@dataclass(slots=True)
class Region:
    """A run of bytes: the value of ``element``, or what stands around all of them.

    ``how`` says how it was unpacked, "" where it stands as it is.
    """

    element: Placed | None
    how: str
    text: bool
    start: int = 0


class Haystack:
    """All regions of an output in lower case; ``full`` says that not all could be unpacked."""

    def __init__(self, image: Image, around: bytes) -> None:
        self.full = False
        self.regions: list[Region] = []
        self._left = MOST_UNPACKED
        self._pieces: list[bytes] = []
        self._size = 0
        self._starts: list[int] = []
        self._put(Region(None, "", text=False), around)
        last = image.start
        gaps: list[bytes] = []
        for element in image.elements:
            if element.vr == "SQ":
                continue
            gaps.append(image.source[last : element.start])
            last = element.stop
            if element.tag not in PIXELS and element.stop > element.start:
                self._put_value(element, image.field(element))
        gaps.append(image.source[last : image.stop])
        self._put(Region(None, "", text=False), BETWEEN.join(gaps))
        self.text = BETWEEN.join(self._pieces).lower()

    def region_at(self, at: int) -> Region:
        return self.regions[bisect_right(self._starts, at) - 1]

    def _put_value(self, element: Placed, value: bytes) -> None:
        self._put(Region(element, "", text=element.vr in TEXT_VRS), value)
        if len(value) < SHORTEST_PACKED or element.vr in ("UI", "DA", "TM", "DT", "CS"):
            return
        for how, inner in self._unpacked(value, deep=1, text=element.vr in TEXT_VRS):
            self._put(Region(element, how, text=False), inner)

    def _put(self, region: Region, value: bytes) -> None:
        region.start = self._size
        self.regions.append(region)
        self._starts.append(self._size)
        self._pieces.append(value)
        self._size += len(value) + len(BETWEEN)

    def _unpacked(self, value: bytes, *, deep: int, text: bool) -> Iterator[tuple[str, bytes]]:
        """What is packed in a value, and in that again."""
        inside = [] if text and value.isascii() and deep == 1 else [*self._streams(value)]
        if deep == 1 and not text:
            inside += self._bare_stream(value)
        for how, inner in [*inside, *_decoded(value), *_referred(value)]:
            yield how, inner
            if deep < DEEPEST:
                for more, innermost in self._unpacked(inner, deep=deep + 1, text=False):
                    yield f"{how}, {more}", innermost

    def _streams(self, value: bytes) -> Iterator[tuple[str, bytes]]:
        for match in _packed(value):
            start = match.start()
            head = match[0]
            if head[:1] == b"\x78":
                inner, how = self._inflated(value, start + 2, -zlib.MAX_WBITS), "zlib"
            elif head[:1] == b"\x1f":
                inner, how = self._inflated(value, start, zlib.MAX_WBITS | 16), "gzip"
            else:
                inner, how = self._of_zip(value, start), "ZIP"
            if len(inner) >= 4:
                yield how, inner

    def _bare_stream(self, value: bytes) -> Iterator[tuple[str, bytes]]:
        inner = self._inflated(value, 0, -zlib.MAX_WBITS, whole=True)
        if len(inner) >= SHORTEST_PACKED:
            yield "deflate", inner

    def _of_zip(self, value: bytes, start: int) -> bytes:
        head = value[start : start + 30]
        if len(head) < 30:
            return b""
        method = struct.unpack_from("<H", head, 8)[0]
        name, extra = struct.unpack_from("<HH", head, 26)
        if method != 8:
            return b""  # stored: it is searched as it stands
        return self._inflated(value, start + 30 + name + extra, -zlib.MAX_WBITS)

    def _inflated(self, value: bytes, start: int, bits: int, *, whole: bool = False) -> bytes:
        """What a stream gives; with ``whole`` only where it ends as one does.

        It is given piece by piece: what stands behind a stream is not copied for each of many, and
        of one that is damaged the beginning is still read.
        """
        inflater = zlib.decompressobj(bits)
        found: list[bytes] = []
        size = 0
        try:
            for at in range(start, len(value), PIECE):
                found.append(inflater.decompress(value[at : at + PIECE], self._left - size + 1))
                size += len(found[-1])
                if inflater.eof or size > self._left:
                    break
        except zlib.error:
            if whole:
                return b""
        self.full |= size > self._left
        if whole and not inflater.eof:
            return b""
        self._left = max(self._left - size, 0)
        return b"".join(found)


def _decoded(value: bytes) -> Iterator[tuple[str, bytes]]:
    """Runs of Base64 letters, from each of four places, for a run may begin before its value."""
    for match in _base64(value):
        row = re.sub(rb"[\r\n=]", b"", match[0]).translate(_URL_SAFE)
        for shift in range(4):
            part = row[shift:]
            part += b"A" * (-len(part) % 4)
            try:
                yield "Base64", base64.b64decode(part)
            except binascii.Error:
                continue


def _referred(value: bytes) -> Iterator[tuple[str, bytes]]:
    """Hexadecimal digits as bytes, references and percent signs as the characters they mean."""
    for match in _hexadecimal(value):
        digits = match[0].decode("ascii")
        for shift in range(1 + len(digits) % 2):
            part = digits[shift:]
            yield "hexadecimal", bytes.fromhex(part[: len(part) & ~1])
    text = value.rstrip(b"\0")
    if b"\0" in text:
        return
    if _reference(text):
        yield "references", html.unescape(text.decode("utf-8", "replace")).encode()
    if _percent(text):
        yield "percent signs", unquote_to_bytes(text)


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def around_of(image: Image) -> bytes:
    """The preamble and the values of the file meta information."""
    return BETWEEN.join([image.preamble, *image.meta.values()])
