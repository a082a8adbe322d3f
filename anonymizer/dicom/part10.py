"""The outer form of a file: preamble, file meta information, data set (PS3.10 7).

Rules
    * The preamble and the file meta information of the output are ours: application entity
      titles, addresses, private information and other makers' names do not get through.
    * A file without preamble or without file meta information is recognised by its first
      element, or refused; what its data set is written in is then worked out from the bytes.
"""

from __future__ import annotations

from struct import Struct

from anonymizer.dicom.attribute import LONG_VRS
from anonymizer.dicom.syntax import (
    DEFLATED,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT_LE,
    Encoding,
    encoding_of,
)
from anonymizer.dicom.table import VRS
from anonymizer.errors import ImageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anonymizer.dicom.scan import Source

IMPLEMENTATION_CLASS_UID = "2.25.260770340927093404087396936046563213047"
"""Ours; a UUID-derived root (PS3.5 B.2), the same for every version."""

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
"""The SOP class of a DICOMDIR."""

MEDIA_STORAGE_SOP_CLASS_UID = 0x00020002
MEDIA_STORAGE_SOP_INSTANCE_UID = 0x00020003
TRANSFER_SYNTAX_UID = 0x00020010

SWAPPED_GROUPS = (0x0800, 0x1000)
"""Groups 0008 and 0010 in the other byte order: no data set begins with these."""

MOST_INFLATED = 4 << 30
MOST_RATIO = 200
FREE_OF_RATIO = 1 << 20
"""Limits against decompression bombs: bytes in all, and the ratio once past the first MiB."""

FED_AT_ONCE = 1 << 20

_HEADER = Struct("<HH2sH")
_LONG = Struct("<I")


class Envelope:
    """What stands around a data set that begins at ``start``.

    ``bare`` says that nothing does, ``meta`` maps the tags of group 0002 to their raw values.
    ``dual`` names the other format whose header the preamble holds, as PS3.10 7.1 allows;
    ``forced`` says that nothing in the file says that it is DICOM.
    """

    __slots__ = ("bare", "dual", "encoding", "forced", "meta", "start", "syntax")

    def __init__(
        self, start: int, syntax: str, encoding: Encoding, meta: dict[int, bytes], dual: str = ""
    ) -> None:
        self.bare = not start
        self.start = start
        self.syntax = syntax
        self.encoding = encoding
        self.meta = meta
        self.dual = dual
        self.forced = False

    @property
    def deflated(self) -> bool:
        return self.syntax in DEFLATED


def split(source: Source, stop: int, *, force: bool = False) -> Envelope:
    """Reads the preamble and the file meta information; raises ImageError if this is no DICOM.

    ``force`` takes what has no mark of DICOM for it, where its first element could be one.
    """
    if source[128:132] == b"DICM":
        meta, start = read_meta(source, 132, stop)
        dual = "TIFF" if source[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+") else ""
        return _enveloped(source, start, stop, meta, dual)
    if source[:4] == b"\x02\0\0\0" or source[:3] == b"\x02\0\x01":
        meta, start = read_meta(source, 0, stop)
        return _enveloped(source, start, stop, meta, "")
    if force and not _begins_bare(source, stop):
        return _forced(source, stop)
    return Envelope(0, "", _bare_encoding(source, stop), {})


def may_begin_dicom(head: bytes, stop: int) -> bool:
    """Whether ``split`` takes a file that begins so, and ends at ``stop``, for DICOM."""
    marked = head[128:132] == b"DICM" or head[:4] == b"\x02\0\0\0" or head[:3] == b"\x02\0\x01"
    return marked or _begins_bare(head, stop)


def _forced(source: Source, stop: int) -> Envelope:
    """A preamble of zeros without marker counts as one; else the data set begins at once."""
    for start in (0,) if any(source[:128]) else (128, 132):
        try:
            if source[start : start + 2] == b"\x02\0":
                meta, behind = read_meta(source, start, stop)
                envelope = _enveloped(source, behind, stop, meta, "")
            elif start + 8 <= stop and any(source[start : start + 4]):
                envelope = Envelope(start, "", _guessed(source, start, stop), {})
            else:
                continue
        except ImageError:
            continue
        envelope.forced = True
        return envelope
    raise ImageError("not-dicom", "not even by force the start of a data set", 0)


def _enveloped(
    source: Source, start: int, stop: int, meta: dict[int, bytes], dual: str
) -> Envelope:
    syntax = uid_text(meta.get(TRANSFER_SYNTAX_UID, b""))
    if syntax and not is_uid(syntax):
        raise ImageError("bad-meta", "its transfer syntax is named by no UID", start)
    if start >= stop:
        raise ImageError("empty", "the file holds no data set", start)
    if syntax in DEFLATED:
        return Envelope(start, syntax, EXPLICIT_LE, meta, dual)
    if not syntax:
        return Envelope(start, "", _guessed(source, start, stop), meta, dual)
    encoding = encoding_of(syntax)
    if start < stop and not _plausible(source, start, stop, encoding):
        raise ImageError(
            "wrong-syntax",
            "the data set is not written in the transfer syntax that the file names",
            start,
        )
    return Envelope(start, syntax, encoding, meta, dual)


def read_meta(source: Source, pos: int, stop: int) -> tuple[dict[int, bytes], int]:
    """The values of group 0002, which is always explicit VR little endian (PS3.10 7.1)."""
    meta: dict[int, bytes] = {}
    for tag, _, value, end in _meta_elements(source, pos, stop):
        meta.setdefault(tag, source[value:end])
        pos = end
    return meta, pos


def _meta_elements(source: Source, pos: int, stop: int) -> Iterator[tuple[int, int, int, int]]:
    """(tag, start, start of value, end) of the elements of group 0002."""
    while pos + 8 <= stop and source[pos : pos + 2] == b"\x02\0":
        _, element, vr, length = _HEADER.unpack_from(source, pos)
        value = pos + 8
        if vr.decode("latin-1") in LONG_VRS:
            value = pos + 12
            if value > stop:
                raise ImageError("truncated", "the file ends inside its meta information", stop)
            (length,) = _LONG.unpack_from(source, pos + 8)
        elif vr.decode("latin-1") not in VRS:
            raise ImageError("bad-meta", "the file meta information is not explicit VR", pos)
        if value + length > stop:
            raise ImageError("truncated", "the file ends inside its meta information", pos)
        yield 0x00020000 | element, pos, value, value + length
        pos = value + length


def _bare_encoding(source: Source, stop: int) -> Encoding:
    """What a data set without any envelope is written in; refused where it may be no DICOM."""
    if not _begins_bare(source, stop):
        raise ImageError("not-dicom", "neither a DICM marker nor the start of a data set", 0)
    return _guessed(source, 0, stop)


def _begins_bare(source: Source, stop: int) -> bool:
    group, element = source[:2], source[2:4]
    little, big = group == b"\x08\0", group == b"\0\x08"
    return stop >= 8 and (little or big) and _known_start(element, big=big)


def _known_start(element: bytes, *, big: bool) -> bool:
    number = int.from_bytes(element, "big" if big else "little")
    return number in (0x0000, 0x0001, 0x0005, 0x0006, 0x0008, 0x0012, 0x0014, 0x0016, 0x0018)


def _guessed(source: Source, start: int, stop: int) -> Encoding:
    """What the first element can be: the VR letters of explicit VR are hard to meet by chance."""
    if start >= stop:
        return EXPLICIT_LE
    big = not source[start] and source[start + 1 : start + 2] != b"\0"
    for encoding in (EXPLICIT_BE,) if big else (EXPLICIT_LE, IMPLICIT_LE):
        if _plausible(source, start, stop, encoding):
            return encoding
    raise ImageError("wrong-syntax", "the data set is written in no known transfer syntax", start)


def _plausible(source: Source, start: int, stop: int, encoding: Encoding) -> bool:
    """Whether the first element makes sense: a low group number, a VR or a length that fits."""
    head = source[start : start + 8]
    if len(head) < 8:
        return False
    tag = encoding.tag(head)
    if (tag >> 16 > 0x7FE0 and tag >> 16 != 0xFFFC) or tag >> 16 in SWAPPED_GROUPS:
        return False
    if encoding.explicit:
        return head[4:6].decode("latin-1") in VRS or not any(head)
    (length,) = encoding.long.unpack_from(head, 4)
    if head[4:6].decode("latin-1") in VRS:
        return False  # a length of 16 MB and more that spells a VR: explicit
    return bool(length == 0xFFFFFFFF or start + 8 + length <= stop)


def uid_text(raw: bytes) -> str:
    """A UID without its padding; bytes that no UID has are kept as what Latin-1 makes of them."""
    return raw.decode("latin-1").strip(" \0")


def is_uid(text: str) -> bool:
    """Whether this could be a UID (PS3.5 9.1); what else stands in its place may be anything."""
    return 0 < len(text) <= 64 and all(character in "0123456789." for character in text)


def inflate(source: Source, start: int, stop: int) -> bytes:
    """The data set of a deflated transfer syntax (PS3.5 A.5), within limits."""
    return b"".join(inflated_parts(source, start, stop))


def inflated_parts(source: Source, start: int, stop: int) -> Iterator[bytes]:
    """The data set of a deflated transfer syntax part by part; raises ImageError at its place."""
    import zlib

    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    size = check = 0
    at, feed = start, b""
    while not inflater.eof:
        if not feed and at < stop:
            feed = source[at : min(stop, at + FED_AT_ONCE)]
            at = at + len(feed) if feed else stop
        try:
            part = inflater.decompress(feed, 1 << 22)
        except zlib.error:
            raise ImageError("bad-deflate", "the deflated data set is damaged", start) from None
        size += len(part)
        if size > MOST_INFLATED or (size > FREE_OF_RATIO and size > MOST_RATIO * (stop - start)):
            raise ImageError("bomb", "the deflated data set grows beyond all reason", start)
        check = zlib.crc32(part, check)
        yield part
        feed = inflater.unconsumed_tail
        if not feed and not part and at == stop:
            break  # only then: what is fed may all be taken in before all of it is out
    if not inflater.eof:
        raise ImageError("truncated", "the deflated data set does not end", stop)
    if not _is_padding(inflater.unused_data, source, at, stop, _LONG.pack(check), size):
        raise ImageError("trailing", "bytes follow the deflated data set", stop)


def _is_padding(rest: bytes, source: Source, at: int, stop: int, check: bytes, size: int) -> bool:
    """Whether zeros follow, or a check sum and the size, as gzip and some writers add them."""
    if stop - at + len(rest) == 2 * len(check):
        rest += source[at:stop]
        at = stop
        if rest == check + _LONG.pack(size & 0xFFFFFFFF):
            return True
    while rest or at < stop:
        if any(rest):
            return False
        rest = source[at : min(stop, at + FED_AT_ONCE)]
        if not rest:
            break
        at += len(rest)
    return True


def deflated_parts(parts: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Deflates a data set, padded to even length with a NUL (PS3.5 A.5)."""
    import zlib

    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    size = 0
    for part in parts:
        packed = deflater.compress(part)
        size += len(packed)
        yield packed
    packed = deflater.flush()
    size += len(packed)
    yield packed + b"\0" if size & 1 else packed


def deflate(data_set: bytes) -> bytes:
    """All parts of a deflated data set as one."""
    return b"".join(deflated_parts([data_set]))


class Splitter:
    """Splits files one after another. The meta information of a series differs in one UID only.

    What stands around that UID and around the group length in the file before is compared as it
    is; where it is the same, the answer is, too.
    """

    __slots__ = ("_at", "_before", "_behind", "_between", "_force", "_last", "_rest")

    def __init__(self, *, force: bool = False) -> None:
        self._force = force
        self._last: Envelope | None = None
        self._before = self._between = self._behind = b""
        self._at = 0
        self._rest = 0
        """How many bytes must follow the UID for the same answer."""

    def split(self, source: Source, stop: int) -> Envelope:
        at = self._at
        over = at + int.from_bytes(source[at - 2 : at], "little")
        behind = over + len(self._behind)
        if (
            self._last is not None
            and over + self._rest <= stop
            and source[:LENGTH_OF_META] == self._before
            and source[LENGTH_OF_META + 4 : at - 2] == self._between
            and source[over:behind] == self._behind
        ):
            self._last.start = behind - FIRST_HEADER
            self._last.meta[MEDIA_STORAGE_SOP_INSTANCE_UID] = source[at:over]
            return self._last
        return self._split(source, stop)

    def _split(self, source: Source, stop: int) -> Envelope:
        self._last = None
        envelope = split(source, stop, force=self._force)
        found = _instance_at(source, envelope.start)
        if found and envelope.start + FIRST_HEADER <= stop:
            self._last = envelope
            self._at = at = found + 8
            over = at + len(envelope.meta[MEDIA_STORAGE_SOP_INSTANCE_UID])
            self._before = source[:LENGTH_OF_META]
            self._between = source[LENGTH_OF_META + 4 : at - 2]
            self._behind = source[over : envelope.start + FIRST_HEADER]
            self._rest = len(self._behind) + _length_of_first(source, envelope)
        return envelope


FIRST_HEADER = 8
"""Bytes of the data set by which ``split`` tells whether it is in the syntax it should be in."""

LENGTH_OF_META = 140
"""Where the value of (0002,0000), the group length, stands behind a preamble."""

_INSTANCE_HEADER = b"\x02\0\x03\0UI"
_LENGTH_HEADER = b"DICM\x02\0\0\0UL\x04\0"


def _instance_at(source: Source, stop: int) -> int:
    """Where (0002,0003) stands behind a group length; 0 where it does not, or not so written."""
    if source[128:LENGTH_OF_META] != _LENGTH_HEADER:
        return 0
    for tag, start, _, _ in _meta_elements(source, LENGTH_OF_META + 4, stop):
        if tag == MEDIA_STORAGE_SOP_INSTANCE_UID:
            return start if source[start : start + 6] == _INSTANCE_HEADER else 0
    return 0


def _length_of_first(source: Source, envelope: Envelope) -> int:
    """What must stand behind the first header, too: only in implicit VR is that looked at."""
    if envelope.encoding.explicit:
        return 0
    at = envelope.start + 4
    length = int.from_bytes(source[at : at + 4], "little")
    return 0 if length == 0xFFFFFFFF else length


class Stamp:
    """Writes the envelope of the output; remembers what it wrote for each class and syntax."""

    __slots__ = ("_ends", "_version")

    def __init__(self, version: str) -> None:
        self._version = f"ANONYMIZER_{version}"[:16]
        self._ends: dict[tuple[bytes, bytes], tuple[bytes, bytes]] = {}

    def envelope(self, sop_class: bytes, instance: bytes, syntax: bytes) -> bytes:
        """A preamble of zeros, the DICM marker and the file meta information (PS3.10 7.1)."""
        ends = self._ends.get((sop_class, syntax))
        if ends is None:
            ends = self._ends[sop_class, syntax] = self._made(sop_class, syntax)
        head, tail = ends
        middle = meta_element(MEDIA_STORAGE_SOP_INSTANCE_UID, b"UI", instance) if instance else b""
        length = len(head) + len(middle) + len(tail)
        return b"".join((_START, _LONG.pack(length), head, middle, tail))

    def _made(self, sop_class: bytes, syntax: bytes) -> tuple[bytes, bytes]:
        head = b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\x01"
        if is_uid(uid_text(sop_class)):
            head += meta_element(MEDIA_STORAGE_SOP_CLASS_UID, b"UI", sop_class)
        tail = meta_element(TRANSFER_SYNTAX_UID, b"UI", syntax)
        tail += meta_element(0x00020012, b"UI", IMPLEMENTATION_CLASS_UID.encode())
        tail += meta_element(0x00020013, b"SH", self._version.encode())
        return head, tail


LONGEST_META = 0xFFFE
"""The longest value whose length fits the file meta information; a UN may hold more."""

_START = bytes(128) + b"DICM\x02\0\0\0UL\x04\0"


def meta_element(tag: int, vr: bytes, value: bytes) -> bytes:
    """An element with a 16-bit length in explicit VR little endian, padded to even length."""
    if len(value) > LONGEST_META:
        raise ImageError("bad-meta", "a UID is too long for the file meta information")
    if len(value) & 1:
        value += b"\0" if vr == b"UI" else b" "
    return _HEADER.pack(tag >> 16, tag & 0xFFFF, vr, len(value)) + value
