"""Bytes in, spans out. Reads headers only; never looks at a value that it need not step over.

Strategy
    One loop over elements asks a table (see ``table``) about each raw tag and VR.  An element that
    nobody owns costs an unpack, a look-up and an addition, and leaves no trace.  Sequences are
    walked with an own stack, not by recursion; one in which nothing is owned leaves no trace.

Rules
    * Coverage: the walk ends exactly at the end of the data set, every item exactly at its end,
      or an ImageError with the byte offset is raised.  There is no third way.
    * Spans hold offsets, no bytes, and come in file order.

A span is a tuple ``(code, entry, start, value_start, stop)``; what each code means stands below.
"""

from __future__ import annotations

import struct

from anonymizer.dicom.attribute import CHARACTER_SET_VRS
from anonymizer.dicom.coded import SCHEME, scheme_behind, scheme_text
from anonymizer.dicom.syntax import Encoding
from anonymizer.dicom.table import (
    CHARSET,
    CODED,
    CREATOR,
    FENCE,
    GROUP_LENGTH,
    ITEM_END,
    MARK,
    MISPLACED,
    OWNED,
    PLAIN,
    PRIVATE,
    SEQUENCE,
    SPECIFIC_CHARACTER_SET,
    UNKNOWN,
    ZEROS,
    Entry,
    Table,
    Tables,
)
from anonymizer.errors import ImageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap

    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.table import Claim

    Source = bytes | mmap
    Span = tuple[int, Entry | None, int, int, int]

UNDEFINED = 0xFFFFFFFF
CUT_OFF = "the file ends inside an element"
_TOO_LONG = "an attribute on which others depend is longer than 64 KB"
LONGEST_OF_OURS = 0xFFFF
PIXEL_GROUP = 0x7FE0
"""The group of what is noted and may be of any length."""

LONGEST_CLEAN = 512
SHALLOW = 32
"""A sequence of 512 bytes has at most 32 levels, so that one known to be clean and met above this
level cannot reach below MOST_LEVELS: what is refused does not depend on what was seen before."""

MOST_LEVELS = 64
"""Nesting deeper than any IOD needs is refused (a bomb, or bytes that are no DICOM)."""

ITEM_TAGS = (b"\xfe\xff\0\xe0", b"\xff\xfe\xe0\0")
"""In both byte orders: a value in the wrong one is read by none, but may be turned some day."""

NO_ELEMENTS = b"\xfe\xff\0\xe0\x0d\xdd"
"""The bytes of items that hold nothing, and of their delimiters."""

TWO_CREATORS = "\0"
"""In place of the creator of a block that two claim; no creator's text is a NUL."""

# Codes of spans.
VALUE = 0  # an owned element; start of tag, of value, end of value
OPEN_SEQUENCE = 1  # stop is the length field: a number of bytes, or UNDEFINED
CLOSE_SEQUENCE = 2  # start is where the sequence ends, its delimiter included
OPEN_ITEM = 3  # stop is the length field
CLOSE_ITEM = 4  # start is where the item ends, its delimiter included
ITS_CHARSET = 5  # Specific Character Set of the data set or item
ITS_MARK = 6  # an attribute that says what was done to the image
THE_FENCE = 7  # where the marks up to a tag belong, which is its value_start
ITS_GROUP_LENGTH = 8
ITS_CREATOR = 9  # a private creator, owned or not


MOST_SPANS, BYTES_A_SPAN = 300_000, 64
"""More spans than these, and one more for so many bytes walked by, are refused: a few bytes of
a file would take hundreds in memory.  What is no bomb has larger items."""

SPANS_A_KIND = 12
"""A kind of element that was not met before takes as much as so many spans."""

LARGE, WINDOW = 1 << 20, 1 << 16
"""What is smaller than ``LARGE`` has not so many; the rest is looked at once in so many bytes, and
what is stepped over at once, pixels or such, counts as that."""


class _Room:
    """What the spans of a large data set may still take."""

    __slots__ = ("_at", "_counted", "_kinds", "_room", "_spans")

    def __init__(self, spans: list[Span]) -> None:
        self._spans = spans
        self._room = MOST_SPANS * BYTES_A_SPAN
        self._at = self._counted = 0
        self._kinds: set[Entry | None] = set()

    def probe(self, at: int) -> int:
        """Answers where to look again; raises ImageError where there are too many."""
        self._room += min(at - self._at, WINDOW)
        self._at = at
        spans = len(self._spans)
        left = self._room - spans * BYTES_A_SPAN
        if left < spans * SPANS_A_KIND * BYTES_A_SPAN:  # each may be of a kind of its own
            self._count_kinds()
            if left < len(self._kinds) * SPANS_A_KIND * BYTES_A_SPAN:
                raise ImageError("too-many", "more attributes and items than an image can have", at)
        return at + WINDOW

    def _count_kinds(self) -> None:
        self._kinds.update([entry for _, entry, _, _, _ in self._spans[self._counted :]])
        self._counted = max(0, len(self._spans) - 2 * MOST_LEVELS)  # what is open may still go


class Scan:
    """The spans of a data set, where its noted attributes' values stand, and where it ends.

    ``marks`` are the tags of the marks it has, ``schemes`` the coding schemes of the items that
    hold the values at these offsets, of those that were asked for; ``end`` is the offset behind
    the last element, which only zeros may follow.  ``count`` is how many spans there were, for
    whoever works on them may take many out of the list.
    """

    __slots__ = ("count", "end", "marks", "notes", "schemes", "spans")

    def __init__(
        self,
        spans: list[Span],
        notes: dict[int, tuple[int, int]],
        marks: set[int],
        schemes: dict[int, str],
        end: int,
    ) -> None:
        self.spans = spans
        self.count = len(spans)
        self.schemes = schemes
        self.notes = notes
        self.marks = marks
        self.end = end


def scan(source: Source, start: int, stop: int, encoding: Encoding, tables: Tables) -> Scan:
    """Walks the data set in ``source[start:stop]``; raises ImageError with the byte offset."""
    scanner = _Scanner(source, stop, tables)
    try:
        end = scanner.run(start, encoding)
        if stop >= LARGE:
            _check_lengths(scanner.notes)
    except ImageError as error:
        end = _end_before_zeros(source, start, stop, encoding) if error.reason == "truncated" else 0
        if not end:
            raise
        scanner = _Scanner(source, end, tables)
        scanner.run(start, encoding)
    return Scan(scanner.spans, scanner.notes, scanner.marks, scanner.schemes, end)


def _check_lengths(notes: dict[int, tuple[int, int]]) -> None:
    for tag, (value, stop) in notes.items():
        if stop - value > LONGEST_OF_OURS and tag >> 16 != PIXEL_GROUP:
            raise ImageError("bad-length", _TOO_LONG, value)


def _end_before_zeros(source: Source, start: int, stop: int, encoding: Encoding) -> int:
    """Where a data set ends whose padding is too short to be taken for an element; 0: nowhere."""
    tail = source[max(start + 8, stop - 7) : stop]
    for end in range(stop - 1, stop - len(tail) + len(tail.rstrip(b"\0")) - 1, -1):
        try:
            return _Scanner(source, end, _NOBODY).run(start, encoding)
        except ImageError:
            continue
    return 0


class _Nobody:
    """The interest that claims nothing: only the structure is walked."""

    enters = True
    peeks = False

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> None:
        return None

    def takes_whole(self, claim: Claim) -> bool:
        return False


_NOBODY = Tables(_Nobody())


class _Scanner:
    """The cursor over one data set."""

    __slots__ = ("marks", "notes", "schemes", "source", "spans", "stop", "tables")

    def __init__(self, source: Source, stop: int, tables: Tables) -> None:
        self.source = source
        self.stop = stop
        self.tables = tables
        self.spans: list[Span] = []
        self.notes: dict[int, tuple[int, int]] = {}
        self.marks: set[int] = set()
        self.schemes: dict[int, str] = {}

    def run(self, pos: int, encoding: Encoding, *, items: bool = False) -> int:
        """Walks a data set, or with ``items`` the value of a sequence of known length."""
        try:
            return self._walk(pos, encoding, items)
        except struct.error:
            raise ImageError("truncated", CUT_OFF, self.stop) from None

    def _walk(self, pos: int, encoding: Encoding, items: bool) -> int:  # noqa: C901, PLR0912, PLR0915 - the hot loop stays one function
        """Every byte before ``pos`` belongs to a span or to an element that nobody owns.

        ``end`` bounds the elements of the data set or item at hand, ``limit`` the items of the
        sequence at hand; ``item_open`` and ``open_ended`` say that a delimiter must end them.
        """
        source = self.source
        spans = self.spans
        add = spans.append
        tables = self.tables
        table, item_table = tables.of(encoding)
        header = encoding.header.unpack_from
        long = encoding.long.unpack_from
        item = encoding.item.unpack_from
        content = encoding
        creators: dict[int, str] = {}  # by block; by ~block, for whom its elements were taken
        stack: list[tuple[int, int, bool, bool, int, Table, Encoding, dict[int, str]]] = []
        end = limit = self.stop
        item_open = open_ended = False
        number = -1
        room = _Room(spans)
        probe = pos if self.stop >= LARGE else self.stop
        kind = SEQUENCE if items else PLAIN
        entry: Entry | None = None
        value = pos
        length = end - pos
        while True:
            if kind != SEQUENCE:
                while pos < end:
                    key, length = header(source, pos)
                    entry = table[key]
                    if entry is None:
                        pos += 8 + length
                        continue
                    kind = entry.kind
                    if kind == PRIVATE:
                        entry = self._by_creator(table, entry, creators, pos)
                        if entry is None:
                            pos += 8 + length
                            continue
                        kind = entry.kind
                    if pos > probe:
                        probe = room.probe(pos)
                    if kind == SEQUENCE:
                        clean = entry.clean
                        if (
                            clean
                            and source[pos : pos + len(clean)] == clean
                            and len(stack) < SHALLOW
                            and pos + len(clean) <= end
                        ):
                            pos += len(clean)
                            continue
                    value = pos + 8
                    if entry.long:
                        value = pos + 12
                        (length,) = long(source, pos + 8)
                    if kind == SEQUENCE and not entry.whole and entry.content is encoding:
                        content = encoding
                        break
                    if kind == SEQUENCE or kind == UNKNOWN:  # noqa: PLR1714, SIM109  faster than a set
                        inner = self._content(entry, value, length, end, encoding)
                        if inner is not None and kind == UNKNOWN:
                            creator = creators.get(entry.tag & 0xFFFFFF00, "")
                            entry = table.as_sequence(entry, creator)
                        if inner is not None and not (entry.whole and length != UNDEFINED):
                            content = inner
                            kind = SEQUENCE
                            break
                        kind = PLAIN if entry.claim is None else OWNED
                    if kind == ITEM_END:
                        if length or not item_open:
                            raise ImageError("stray-delimiter", "no item is open here", pos)
                        pos += 8
                        break
                    if kind == FENCE:
                        add((THE_FENCE, None, pos, table.fence, pos))
                        table = table.behind
                        continue
                    if length == UNDEFINED:
                        length = self._fragments(entry, value, end, encoding) - value
                    if kind == OWNED:
                        add((VALUE, entry, pos, value, value + length))
                    elif kind != PLAIN:
                        if kind == ZEROS and not stack and not any(source[pos:end]):
                            return pos
                        if kind == CODED:
                            notes = creators if stack else None
                            if not self._stays(entry, value, value + length, end, encoding, notes):
                                add((VALUE, entry, pos, value, value + length))
                        else:
                            self._special(
                                kind,
                                entry,
                                pos,
                                value,
                                value + length,
                                creators,
                                inside=bool(stack),
                            )
                    pos = value + length
                    if entry.noted:
                        self.notes.setdefault(entry.tag, (value, pos))
                else:
                    if pos != end:
                        raise _overrun(bool(stack), "an element runs past its end", pos, self.stop)
                    if not stack:
                        return pos
                    if item_open:
                        raise ImageError("no-delimiter", "an item has no end", pos)
                    kind = ITEM_END
            if kind == SEQUENCE:
                if len(stack) == MOST_LEVELS:
                    raise ImageError("too-deep", f"more than {MOST_LEVELS} levels deep", pos)
                stack.append((end, limit, item_open, open_ended, number, table, encoding, creators))
                add((OPEN_SEQUENCE, entry, pos, value, length))
                open_ended = length == UNDEFINED
                if not open_ended:
                    if value + length > end:
                        raise _overrun(
                            len(stack) > 1, "a sequence runs past its end", pos, self.stop
                        )
                    limit = value + length
                else:
                    limit = end
                number = -1
                pos = value
                if content is not encoding:
                    encoding = content
                    _, item_table = tables.of(encoding)
                    header = encoding.header.unpack_from
                    long = encoding.long.unpack_from
                    item = encoding.item.unpack_from
                table = item_table
            elif spans[-1][0] == OPEN_ITEM:
                spans.pop()
            else:
                add((CLOSE_ITEM, None, pos, pos, pos))
            # Between items: the next one, or the end of the sequence.
            if pos != limit or open_ended:
                group, element, length = item(source, pos)
                if group != 0xFFFE or (element != 0xE000 and element != 0xE0DD):  # noqa: PLR1714
                    raise ImageError("no-item", "something else stands between items", pos)
                pos += 8
                if element == 0xE000:
                    number += 1
                    add((OPEN_ITEM, None, number, pos, length))
                    item_open = length == UNDEFINED
                    if item_open:
                        end = limit
                    else:
                        end = pos + length
                        if end > limit:
                            raise ImageError("overrun", "an item runs past its sequence", pos - 8)
                    creators = {}
                    kind = PLAIN
                    continue
                if length or not open_ended:
                    raise ImageError("stray-delimiter", "no sequence ends here", pos - 8)
            if spans[-1][0] == OPEN_SEQUENCE and self._is_clean(spans[-1], pos):
                spans.pop()
            else:
                add((CLOSE_SEQUENCE, None, pos, pos, pos))
            outer = encoding
            end, limit, item_open, open_ended, number, table, encoding, creators = stack.pop()
            if encoding is not outer:
                _, item_table = tables.of(encoding)
                header = encoding.header.unpack_from
                long = encoding.long.unpack_from
                item = encoding.item.unpack_from
            content = encoding
            kind = PLAIN
            if items and not stack:
                return pos

    def _is_clean(self, opened: Span, stop: int) -> bool:
        """Whether nothing of a sequence is owned; if so, its bytes need no second look.

        The next sequence of this kind often has the same bytes, and then the same answer.
        """
        _, entry, start, _, _ = opened
        if entry is None:
            return True
        if entry.claim is not None or entry.marked:
            return False
        if stop - start <= LONGEST_CLEAN:
            entry.clean = self.source[start:stop]
        return True

    @staticmethod
    def _by_creator(table: Table, entry: Entry, creators: dict[int, str], at: int) -> Entry | None:
        block = entry.tag & 0xFFFFFF00
        creator = creators.get(block, "")
        if creator == TWO_CREATORS:
            raise ImageError("ambiguous-block", "two creators claim its private block", at)
        creators[~block] = creator
        if creator in entry.by_creator:
            return entry.by_creator[creator]
        return table.for_creator(entry, creator)

    def _content(
        self, entry: Entry, value: int, length: int, end: int, encoding: Encoding
    ) -> Encoding | None:
        """How the items of what may be a sequence are written, None where it is a mere value."""
        inner = entry.content or encoding
        if entry.whole and length != UNDEFINED and entry.kind == SEQUENCE:
            return None
        if length == UNDEFINED or (inner is encoding and entry.kind == SEQUENCE):
            return inner
        if self.tables is _NOBODY or (entry.kind == UNKNOWN and not self.tables.interest.peeks):
            return None  # a look goes one level deep; what is nested has its own when it is walked
        found = self._written(value, length, end, inner, encoding)
        if found is not None or entry.kind == SEQUENCE:
            return found or inner
        if not entry.whole and length >= 8 and self.source[value : value + 4] in ITEM_TAGS:
            raise ImageError("no-item", "a value begins as items do and is none", value)
        return None

    def _written(
        self, value: int, length: int, end: int, inner: Encoding, encoding: Encoding
    ) -> Encoding | None:
        """How items in UN are written: some vendors put explicit VR there."""
        implicit = self._are_items(value, length, end, inner)
        if inner is encoding or not self._are_items(value, length, end, encoding):
            return inner if implicit else None
        if implicit and self.source[value : value + length].translate(None, NO_ELEMENTS):
            raise ImageError("no-item", "items can be read in two ways", value)
        return encoding

    def _are_items(self, value: int, length: int, end: int, encoding: Encoding) -> bool:
        if length < 8 or value + length > end:
            return False
        if encoding.item.unpack_from(self.source, value)[:2] != (0xFFFE, 0xE000):
            return False
        try:
            _Scanner(self.source, value + length, _NOBODY).run(value, encoding, items=True)
        except ImageError:
            return False
        return True

    def _fragments(self, entry: Entry, pos: int, end: int, encoding: Encoding) -> int:
        """The offset behind the sequence delimiter of encapsulated pixel data (PS3.5 A.4)."""
        if entry.written not in ("OB", "OW"):
            raise ImageError("bad-length", "an undefined length is not allowed here", pos)
        item = encoding.item.unpack_from
        while True:
            group, element, length = item(self.source, pos)
            pos += 8
            if (group, element) == (0xFFFE, 0xE0DD) and not length:
                return pos
            if (group, element) != (0xFFFE, 0xE000) or length == UNDEFINED:
                raise ImageError("no-item", "something else stands between fragments", pos - 8)
            pos += length
            if pos > end:
                raise ImageError("truncated", "the file ends inside a fragment", end)

    @staticmethod
    def _claim_block(tag: int, raw: bytes, creators: dict[int, str], at: int) -> None:
        """Notes whose a block is; what was decided by another creator, or none, was a guess."""
        block = tag & 0xFFFF0000 | (tag & 0xFF) << 8
        creator = creator_text(raw)
        if creators.get(~block, creator) != creator:
            raise ImageError("ambiguous-block", "a private creator stands behind its block", at)
        if creators.setdefault(block, creator) != creator:
            creators[block] = TWO_CREATORS

    def _one_charset(self, raw: bytes, noted: dict[int, str], at: int, *, inside: bool) -> None:
        """A data set has one character set, an item has it before the text that it is for.

        Text of the main data set may stand before it: the whole is judged by the first.
        """
        charset = raw.decode("latin-1").rstrip(" \0")
        before = noted.get(SPECIFIC_CHARACTER_SET)
        if before is None:
            noted[SPECIFIC_CHARACTER_SET] = charset
            if inside and self._has_text():
                raise ImageError("ambiguous-charset", "its text stands before it", at)
        elif before != charset:
            raise ImageError("ambiguous-charset", "another stands before it", at)

    def _has_text(self) -> bool:
        """Whether the item at hand has text already that somebody owns."""
        for code, entry, _, _, _ in reversed(self.spans):
            if code == OPEN_ITEM:
                return False
            if code == CLOSE_SEQUENCE:
                return True
            if code == VALUE and entry is not None and entry.vr in CHARACTER_SET_VRS:
                return True
        raise AssertionError("an item was opened")

    def _special(  # noqa: PLR0913
        self,
        kind: int,
        entry: Entry,
        start: int,
        value: int,
        stop: int,
        creators: dict[int, str],
        *,
        inside: bool,
    ) -> None:
        if stop - value > LONGEST_OF_OURS:
            raise ImageError("bad-length", _TOO_LONG, start)
        if kind == CREATOR:
            self._claim_block(entry.tag, self.source[value:stop], creators, start)
            self.spans.append((ITS_CREATOR, entry, start, value, stop))
        elif kind in _CODES:
            if kind == MARK:
                self.marks.add(entry.tag)
            elif kind == CHARSET:
                self._one_charset(self.source[value:stop], creators, start, inside=inside)
            self.spans.append((_CODES[kind], entry, start, value, stop))
        elif kind == MISPLACED:
            raise ImageError("misplaced", "an element of a command or of the file meta", start)
        else:
            raise ImageError("no-element", "these bytes are no element of this syntax", start)

    def _stays(
        self,
        entry: Entry,
        value: int,
        stop: int,
        end: int,
        encoding: Encoding,
        noted: dict[int, str] | None,
    ) -> bool:
        """Whether an element stays for the scheme of its item; the main data set is no coded entry.

        What stands before the designator looks ahead; an item with two designators has none.
        """
        scheme = ""
        if noted is not None:
            if entry.tag == SCHEME:
                own = scheme_text(self.source[value:stop])
                noted[SCHEME] = own if noted.get(SCHEME, own) == own else ""
            elif entry.tag < SCHEME and SCHEME not in noted:
                noted[SCHEME] = scheme_behind(self.source, stop, end, encoding)
            scheme = noted.get(SCHEME, "")
        if scheme in entry.schemes:
            return True
        self.schemes[value] = scheme
        return False


def _overrun(inside: bool, message: str, at: int, stop: int) -> ImageError:
    """What runs past the end of the file was cut off; past that of an item, it is wrong."""
    if inside:
        return ImageError("overrun", message, at)
    return ImageError("truncated", CUT_OFF, stop)


_CODES = {CHARSET: ITS_CHARSET, GROUP_LENGTH: ITS_GROUP_LENGTH, MARK: ITS_MARK}


def creator_text(raw: bytes) -> str:
    """A private creator as rules compare it: without padding; every byte is some character."""
    return raw.decode("latin-1").strip(" \0")


def check(source: Source, start: int, stop: int, encoding: Encoding) -> None:
    """Raises ImageError where this is no data set, down to the last item."""
    _Scanner(source, stop, _NOBODY).run(start, encoding)
