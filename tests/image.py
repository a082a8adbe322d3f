"""Builds the bytes of images for tests, readably, and writes any bytes as text.

    element("PatientName", "PN", "Doe^Jane")                    explicit VR little endian
    IMPLICIT.element(0x00100010, "PN", "Doe^Jane")              implicit VR
    sequence("RequestAttributesSequence", item(element(...)), undefined=True)
    sequence("OtherPatientIDsSequence", item(IMPLICIT.element(...)), vr="UN")   PS3.5 6.2.2
    part10(element(...) + element(...), DEFLATED)

Everything is ``bytes``, so elements are put together with ``+``; nothing is sorted or checked, so
that a test can write what is wrong, too (``length=``, ``pad=False``, ``vr="XX"``).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from anonymizer.dicom.attribute import LONG_VRS, ONE_VALUE_VRS, TEXT_VRS
from anonymizer.dicom.dictionary import keyword_of, real_vr, representations_of, tags_by_keyword

IMPLICIT_LE = "1.2.840.10008.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
DEFLATED_LE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BE = "1.2.840.10008.1.2.2"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
RLE = "1.2.840.10008.1.2.5"

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"

UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
PIXEL_DATA = 0x7FE00010

Number = int | float
Value = bytes | str | Number | list[str] | list[int] | list[float]

NUMBERS = {
    "AT": "I", "FD": "d", "FL": "f", "OB": "B", "OD": "d", "OF": "f", "OL": "I", "OV": "Q",
    "OW": "H", "SL": "i", "SS": "h", "SV": "q", "UL": "I", "UN": "B", "US": "H", "UV": "Q",
}  # fmt: skip


def tag_of(tag: int | str) -> int:
    """The tag itself, or that of a keyword, or one written as "0019,10AB"."""
    if isinstance(tag, int):
        return tag
    return tags_by_keyword().get(tag) or int(tag.strip("()").replace(",", ""), 16)


class Writer:
    """Writes elements in one byte order, with or without VR."""

    def __init__(self, *, implicit: bool = False, big_endian: bool = False) -> None:
        self.implicit = implicit
        self.big_endian = big_endian
        self.order = ">" if big_endian else "<"

    def element(
        self,
        tag: int | str,
        vr: str,
        value: Value = b"",
        *,
        encoding: str = "latin-1",
        length: int | None = None,
        pad: bool = True,
    ) -> bytes:
        """One element; ``length`` writes another length than that of the value."""
        raw = self.value(vr, value, encoding)
        if pad and len(raw) & 1:
            raw += b" " if vr in TEXT_VRS and vr != "UI" else b"\0"
        return self.header(tag_of(tag), vr, len(raw) if length is None else length) + raw

    def sequence(
        self,
        tag: int | str,
        *items: bytes,
        undefined: bool = False,
        vr: str = "SQ",
        length: int | None = None,
    ) -> bytes:
        """A sequence; with ``vr="UN"`` its items must come from IMPLICIT (PS3.5 6.2.2)."""
        content = b"".join(items)
        if undefined:
            end = self.tag(SEQUENCE_END) + bytes(4)
            return self.header(tag_of(tag), vr, UNDEFINED) + content + end
        return self.header(tag_of(tag), vr, len(content) if length is None else length) + content

    def item(self, *elements: bytes, undefined: bool = False, length: int | None = None) -> bytes:
        content = b"".join(elements)
        if undefined:
            return self._delimited(ITEM, UNDEFINED) + content + self._delimited(ITEM_END, 0)
        return self._delimited(ITEM, len(content) if length is None else length) + content

    def encapsulated(
        self, *frames: bytes, tag: int | str = PIXEL_DATA, offsets: bool = False
    ) -> bytes:
        """Pixel data as fragments, one a frame, after a basic offset table (PS3.5 A.4)."""
        fragments = [frame + bytes(len(frame) & 1) for frame in frames]
        starts = [sum(8 + len(f) for f in fragments[:n]) for n in range(len(fragments))]
        table = struct.pack(f"{self.order}{len(starts)}I", *starts) if offsets else b""
        return (
            self.header(tag_of(tag), "OB", UNDEFINED)
            + b"".join(map(self.item, [table, *fragments]))
            + self._delimited(SEQUENCE_END, 0)
        )

    def header(self, tag: int, vr: str, length: int) -> bytes:
        if self.implicit:
            return self._delimited(tag, length)
        if vr in LONG_VRS:
            return self.tag(tag) + vr.encode() + bytes(2) + struct.pack(self.order + "I", length)
        return self.tag(tag) + vr.encode() + struct.pack(self.order + "H", length)

    def tag(self, tag: int) -> bytes:
        return struct.pack(self.order + "HH", tag >> 16, tag & 0xFFFF)

    def value(self, vr: str, value: Value, encoding: str = "latin-1") -> bytes:
        """The value field, unpadded: text is encoded, numbers are packed as the VR says."""
        match value:
            case bytes():
                return value
            case str():
                return value.encode(encoding)
            case list():
                texts = [v if isinstance(v, str) else self.value(vr, v) for v in value]
                raws = [v.encode(encoding) if isinstance(v, str) else v for v in texts]
                return (b"\\" if vr in TEXT_VRS else b"").join(raws)
        if vr in TEXT_VRS:
            return str(value).encode()
        if vr == "AT":
            return self.tag(int(value))
        return struct.pack(self.order + NUMBERS[vr], value)

    def _delimited(self, tag: int, length: int) -> bytes:
        return self.tag(tag) + struct.pack(self.order + "I", length)


EXPLICIT = Writer()
IMPLICIT = Writer(implicit=True)
BIG_ENDIAN = Writer(big_endian=True)

element = EXPLICIT.element
sequence = EXPLICIT.sequence
item = EXPLICIT.item
encapsulated = EXPLICIT.encapsulated


def writer_of(syntax: str) -> Writer:
    """The writer of a transfer syntax, given by its UID."""
    return {IMPLICIT_LE: IMPLICIT, EXPLICIT_BE: BIG_ENDIAN}.get(syntax, EXPLICIT)


def file_meta(
    syntax: str = EXPLICIT_LE,
    *,
    sop_class: str = SECONDARY_CAPTURE,
    sop_instance: str = "1.2.3.4",
    more: bytes = b"",
    group_length: int | None = None,
) -> bytes:
    """Group 0002 without the preamble; ``more`` are elements after (0002,0012)."""
    rest = (
        element(0x00020001, "OB", b"\0\1")
        + element(0x00020002, "UI", sop_class)
        + element(0x00020003, "UI", sop_instance)
        + element(0x00020010, "UI", syntax)
        + element(0x00020012, "UI", "1.2.826.0.1.3680043.2.1143")
        + more
    )
    return element(0x00020000, "UL", len(rest) if group_length is None else group_length) + rest


def deflated(dataset: bytes) -> bytes:
    """A raw deflate stream, padded to even length (PS3.5 A.5)."""
    deflate = zlib.compressobj(wbits=-15)
    stream = deflate.compress(dataset) + deflate.flush()
    return stream + bytes(len(stream) & 1)


def part10(
    dataset: bytes,
    syntax: str = EXPLICIT_LE,
    *,
    preamble: bytes | None = bytes(128),
    meta: bytes | None = None,
    sop_class: str = SECONDARY_CAPTURE,
    sop_instance: str = "1.2.3.4",
) -> bytes:
    """A whole file; deflates the data set if the syntax says so.

    ``preamble=None`` leaves the preamble and the DICM marker out; ``meta=b""`` the file meta.
    """
    start = b"" if preamble is None else preamble + b"DICM"
    if meta is None:
        meta = file_meta(syntax, sop_class=sop_class, sop_instance=sop_instance)
    return start + meta + (deflated(dataset) if syntax == DEFLATED_LE else dataset)


def dataset_of(file: bytes) -> tuple[bytes, Writer]:
    """The inflated data set of a file with group length, and how it is written."""
    start = 132 if file[128:132] == b"DICM" else 0
    stop = start + 12 + int.from_bytes(file[start + 8 : start + 12], "little")
    at = file.index(EXPLICIT.tag(0x00020010) + b"UI", start, stop)
    size = int.from_bytes(file[at + 6 : at + 8], "little")
    syntax = file[at + 8 : at + 8 + size].rstrip(b"\0 ").decode()
    dataset = file[stop:]
    if syntax == DEFLATED_LE:
        dataset = zlib.decompressobj(wbits=-15).decompress(dataset)
    return dataset, writer_of(syntax)


def dump(dataset: bytes, syntax: Writer = EXPLICIT) -> str:
    """One line an element: tag, VR, length, value, keyword; items are indented.

    Reads what this module writes; it is no judge of bad bytes and raises what comes.
    """
    return "\n".join(_Reader(dataset, syntax).lines(0, len(dataset), "")) + "\n"


def dump_file(file: bytes) -> str:
    """The dump of a file's data set."""
    return dump(*dataset_of(file))


class _Reader:
    def __init__(self, source: bytes, syntax: Writer) -> None:
        self.source = source
        self.implicit = syntax.implicit
        self.order = syntax.order
        self.at = 0

    def lines(self, start: int, stop: int, indent: str) -> Iterator[str]:
        """The elements from ``start`` until ``stop`` or a delimiter."""
        self.at = start
        while self.at < stop:
            tag, vr, length = self._header()
            name = f"{indent}({tag >> 16:04X},{tag & 0xFFFF:04X})"
            if tag in {ITEM_END, SEQUENCE_END}:
                return
            size = "undefined" if length == UNDEFINED else str(length)
            if real_vr(tag, vr) == "SQ" or (vr == "UN" and length == UNDEFINED):
                yield f"{name} {vr} {size}  {keyword_of(tag)}".rstrip()
                yield from self._items(length, indent + "  ", implicit=vr == "UN")
            elif length == UNDEFINED:
                yield f"{name} {vr} {size} encapsulated  {keyword_of(tag)}".rstrip()
                yield from self._fragments(indent + "  ")
            else:
                text = _shown(vr, self.source[self.at : self.at + length])
                yield f"{name} {vr} {size} {text}  {keyword_of(tag)}".rstrip()
                self.at += length

    def _items(self, length: int, indent: str, *, implicit: bool) -> Iterator[str]:
        before = self.implicit, self.order
        if implicit:
            self.implicit, self.order = True, "<"
        stop = len(self.source) if length == UNDEFINED else self.at + length
        while self.at < stop:
            tag, _, size = self._header()
            if tag == SEQUENCE_END:
                break
            yield f"{indent}item {'undefined' if size == UNDEFINED else size}"
            end = len(self.source) if size == UNDEFINED else self.at + size
            yield from self.lines(self.at, end, indent + "  ")
        self.implicit, self.order = before

    def _fragments(self, indent: str) -> Iterator[str]:
        while True:
            tag, _, size = self._header()
            if tag == SEQUENCE_END:
                return
            yield f"{indent}fragment {size} {_shown('OB', self.source[self.at : self.at + size])}"
            self.at += size

    def _header(self) -> tuple[int, str, int]:
        group, number = struct.unpack_from(self.order + "HH", self.source, self.at)
        tag = group << 16 | number
        if group == 0xFFFE or self.implicit:
            (length,) = struct.unpack_from(self.order + "I", self.source, self.at + 4)
            self.at += 8
            vr = real_vr(tag, "") if group & 1 == 0 else "UN"
            return tag, "SQ" if "SQ" in representations_of(tag) else vr, length
        vr = self.source[self.at + 4 : self.at + 6].decode("latin-1")
        long = vr in LONG_VRS
        form, skip = ("I", 8) if long else ("H", 6)
        (length,) = struct.unpack_from(self.order + form, self.source, self.at + skip)
        self.at += 12 if long else 8
        return tag, vr, length


def _shown(vr: str, raw: bytes) -> str:
    if vr in TEXT_VRS:
        text = raw.decode("latin-1").encode("unicode_escape").decode("ascii")
        return "[" + (text if vr in ONE_VALUE_VRS else text.replace("\\\\", "\\")) + "]"
    if len(raw) <= 32:
        return "<" + raw.hex(" ") + ">"
    return f"<{raw[:16].hex(' ')} … crc {zlib.crc32(raw):08x}>"
