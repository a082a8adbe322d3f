"""Spans and verdicts in, splices out; and the one place where old bytes and new ones meet.

Strategy
    The spans are walked once, in file order.  A verdict on an owned element becomes a splice
    ``(start, stop, new bytes)``.  A container of known length reserves its place in the list when
    it opens; when it closes, the growth of what it holds corrects its length, or nothing does.

Rules
    * Splices come in file order by construction, and never overlap; ``apply`` asserts it.
    * A replaced value keeps its tag, VR and reserved bytes: the splice begins at the length.
    * A sequence that goes is not entered; one of which nothing stays goes too, where the plan
      keeps only what it names (``hollow``), and so does a content sequence without its items.
    * A private creator stays as long as something of its block does (PS3.5 7.8.1).
    * A group length stays only where nothing in its group changed: it is retired (PS3.5 7.2).
      One that a rule owns goes, whatever the method: its value means nothing but its group.
      One that no rule owns and that has room for more than a number is refused.
"""

from __future__ import annotations

from anonymizer.dicom.scan import (
    CLOSE_ITEM,
    CLOSE_SEQUENCE,
    ITS_CHARSET,
    ITS_CREATOR,
    ITS_GROUP_LENGTH,
    ITS_MARK,
    OPEN_ITEM,
    OPEN_SEQUENCE,
    THE_FENCE,
    UNDEFINED,
)
from anonymizer.dicom.syntax import IMPLICIT_LE, Encoding
from anonymizer.dicom.table import ASK, EMPTIES, GOES, STAYS
from anonymizer.errors import ImageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Protocol

    from anonymizer.dicom.scan import Scan, Source, Span
    from anonymizer.dicom.table import Entry

    Splice = tuple[int, int, bytes]
    Piece = bytes | memoryview | tuple[int, int]
    Verdict = bytes | None
    """What becomes of an element: None, it stays; REMOVED; ITEM_GOES; else new length and value."""

    Step = Callable[[Entry, int, int, int], None]
    _Outer = tuple[
        Entry | None,
        int,
        int,
        int,
        int,
        int,
        int,
        dict[int, list[int] | tuple[()]] | None,
        dict[int, list[tuple[int, int, int]]] | None,
        Encoding,
    ]

    class Judge(Protocol):
        """The only door between the engine and policy."""

        encoding: Encoding
        """How the data set or item at hand is written."""

        schemes: dict[int, str]
        """The coding schemes of values by their offsets (see ``Scan``)."""

        known: Callable[[Entry], None]
        """Hears of an element whose fate needed no question."""

        def verdict(self, entry: Entry, value: int, stop: int) -> Verdict:
            """Decides about the element whose value is ``source[value:stop]``."""
            ...

        def verdict_on_sequence(self, entry: Entry) -> Verdict:
            """None: the sequence is entered."""
            ...

        def hollow(self, entry: Entry) -> None:
            """Hears of a sequence that goes because nothing in it stays."""
            ...

        def charset(self, entry: Entry, value: int, stop: int) -> None:
            """Hears of the Specific Character Set of the item at hand."""
            ...

        def mark(self, entry: Entry, value: int, stop: int) -> tuple[bytes, Verdict]:
            """The elements to put before an existing mark, and its own new value."""
            ...

        def marks(self, last: int) -> list[tuple[int, bytes]]:
            """The elements to write behind the place of the mark ``last``, with their tags."""
            ...

        def mark_items(self, tag: int, value: int, stop: int) -> bytes:
            """The items to append to a mark that is a sequence."""
            ...

        def open_item(self, sequence: Entry | None, number: int) -> None: ...
        def close_item(self) -> None: ...


LAST = 0xFFFFFFFF
"""The mark behind which there is none."""

REMOVED = b""
"""The verdict that an element goes; every other verdict begins with a length, so it is longer."""

ITEM_GOES = b"\0"
"""The verdict that the item around an element goes; shorter than any length, too."""

STANDS = ()

CONTENT_SEQUENCE = 0x0040A730
"""Stands where there are content items (Type 1C, PS3.3 C.17.3), so it goes with the last."""


def plan_splices(
    source: Source, scan: Scan, judge: Judge, encoding: Encoding, *, hollow: bool
) -> list[Splice]:
    """The splices of one data set, in file order."""
    judge.schemes = scan.schemes
    return _Splicer(source, scan, judge, encoding, hollow=hollow).run()


MANY = 1 << 16
"""From so many spans or splices on, they are not all kept beside what is made of them."""


def _each(spans: list[Span]) -> Iterator[Span]:
    """The spans in order; many are taken out of the list, so that they do not stay in memory."""
    return iter(spans) if len(spans) <= MANY else _taken(spans)


def _taken(spans: list[Span]) -> Iterator[Span]:
    spans.reverse()
    last = list.pop
    while spans:
        yield last(spans)


class _Splicer:
    """The cursor over the spans of one data set.

    ``growth`` is by how much the container at hand has grown so far, ``kept`` how much of what it
    holds is known to stay.  ``creators`` has, for each private block, the indexes of the splices
    that remove its creator (one may stand twice), or STANDS; ``lengths`` each group length not
    yet known to be stale; ``encoding`` how the container is written.
    """

    __slots__ = (
        "creators",
        "doomed",
        "encoding",
        "growth",
        "hollow",
        "judge",
        "kept",
        "lengths",
        "scan",
        "source",
        "spans",
        "splices",
        "stack",
    )

    def __init__(
        self, source: Source, scan: Scan, judge: Judge, encoding: Encoding, *, hollow: bool
    ) -> None:
        self.source = source
        self.scan = scan
        self.judge = judge
        self.encoding = encoding
        self.hollow = hollow
        self.spans = _each(scan.spans)
        self.splices: list[Splice | None] = []
        self.stack: list[_Outer] = []
        self.doomed: set[int] = set()
        """How deep the items stand that go when they close."""
        self.growth = 0
        self.kept = 0
        self.creators: dict[int, list[int] | tuple[()]] | None = None
        self.lengths: dict[int, list[tuple[int, int, int]]] | None = None

    def run(self) -> list[Splice]:  # noqa: C901, PLR0912, PLR0915  the hot loop is one
        add = self.splices.append
        known = self.judge.known
        verdict_on = self.judge.verdict
        enter, close_item, steps = self._enter, self._close_item, self._steps()
        open_item = self.judge.open_item
        for code, entry, start, value, stop in self.spans:
            if code == OPEN_ITEM:
                open_item(self.stack[-1][0], start)
                enter(None, 0, value, stop)
                continue
            if code == CLOSE_ITEM:
                close_item(start)
                continue
            if code:
                steps[code](entry, start, value, stop)  # type: ignore[arg-type]  # codes with no entry have steps that ask for none
                continue
            assert entry is not None, "a value span has an entry"
            assert entry.claim is not None, "a value span has an owner"
            always = entry.claim.always
            if always == GOES:
                known(entry)
                add((start, stop, REMOVED))
                grown = start - stop
            else:
                if always == EMPTIES:
                    known(entry)
                    new: Verdict = NOTHING[entry.width]
                else:
                    new = verdict_on(entry, value, stop)
                grown = self._add(entry, start, value, stop, new)
            if grown:
                self.growth += grown
                if self.lengths:
                    self._outdate(entry.tag)
        self._insert_marks(self.scan.end, LAST)
        return [splice for splice in self.splices if splice is not None]

    def _steps(self) -> dict[int, Step]:
        return {
            OPEN_SEQUENCE: self._open_sequence,
            CLOSE_SEQUENCE: self._close_sequence,
            ITS_CHARSET: self._charset,
            ITS_MARK: self._mark,
            THE_FENCE: self._fence,
            ITS_GROUP_LENGTH: self._group_length,
            ITS_CREATOR: self._creator,
        }

    def _add(self, entry: Entry, start: int, value: int, stop: int, new: Verdict) -> int:
        """Makes the splice of a verdict; answers by how much the element grows."""
        if new == REMOVED:
            self.splices.append((start, stop, REMOVED))
            return start - stop
        self.kept += 1
        if entry.tag & 0x10000:
            self._keep_creator(entry.tag)
        if new is None:
            return 0
        if new == ITEM_GOES:
            self.doomed.add(len(self.stack))
            return 0
        self.splices.append((value - entry.width, stop, new))
        return len(new) - (stop - value + entry.width)

    def _grow(self, tag: int, grown: int) -> None:
        if grown:
            self.growth += grown
            if self.lengths:
                self._outdate(tag)

    def _outdate(self, tag: int) -> None:
        """The group length of a group that grew is dropped."""
        assert self.lengths is not None
        for index, start, stop in self.lengths.pop(tag >> 16, ()):
            self.splices[index] = (start, stop, REMOVED)
            self.growth += start - stop

    # Containers

    def _open_sequence(self, entry: Entry, start: int, value: int, length: int) -> None:
        if entry.claim is not None or (entry.marked and entry.written == "UN"):
            new = self._verdict_on_sequence(entry)
            if new is not None:
                stop = self._skip_sequence()
                self._grow(entry.tag, self._add(entry, start, value, stop, new))
                return
        self._enter(entry, start, value, length)
        if self.encoding.big_endian and self.source[value : value + 2] == b"\xfe\xff":
            self.encoding = self.judge.encoding = IMPLICIT_LE  # UN hides it (PS3.5 6.2.2)

    def _verdict_on_sequence(self, entry: Entry) -> Verdict:
        if entry.claim is None:
            return REMOVED  # a mark of hidden encoding is written anew
        always = entry.claim.always
        if always in (STAYS, ASK):
            return self.judge.verdict_on_sequence(entry)
        self.judge.known(entry)
        return REMOVED if always == GOES else NOTHING[entry.width]

    def _skip_sequence(self) -> int:
        """Steps over what a sequence that goes holds; answers where it ends."""
        depth = 1
        for code, _, start, _, _ in self.spans:
            depth += (code == OPEN_SEQUENCE) - (code == CLOSE_SEQUENCE)
            if not depth:
                return start
        raise AssertionError("every sequence that opens is closed by the scan")

    def _enter(self, entry: Entry | None, start: int, value: int, length: int) -> None:
        self.stack.append(
            (
                entry,
                start,
                value,
                length,
                len(self.splices),
                self.growth,
                self.kept,
                self.creators,
                self.lengths,
                self.encoding,
            )
        )
        if length != UNDEFINED:
            self.splices.append(None)  # where its new length will stand
        self.growth = self.kept = 0
        self.creators = self.lengths = None

    def _close_sequence(self, _: Entry | None, stop: int, __: int, ___: int) -> None:
        outer = self.stack.pop()
        entry, start, value, length, index, growth, kept, creators, lengths, encoding = outer
        assert entry is not None, "what closes here is a sequence"
        if encoding is not self.encoding:
            self.encoding = self.judge.encoding = encoding
        if entry.marked:
            self.growth += self._append_items(entry, value, stop, length)
            self.kept += 1
        inner, held = self.growth, self.kept
        self.growth, self.kept, self.creators, self.lengths = growth, kept, creators, lengths
        emptied = _is_emptied(entry, inner, stop - value - 8 * (length == UNDEFINED))
        if emptied or (self.hollow and not held):
            del self.splices[index:]
            if not emptied:
                self.judge.hollow(entry)
            self._grow(entry.tag, self._add(entry, start, value, stop, REMOVED))
            return
        self.kept += 1
        if entry.tag & 0x10000:
            self._keep_creator(entry.tag)
        if inner:
            if length != UNDEFINED:
                self.splices[index] = (value - 4, value, self.encoding.long.pack(length + inner))
            self._grow(entry.tag, inner)

    def _close_item(self, stop: int) -> None:
        outer = self.stack.pop()
        _entry, _start, value, length, index, growth, kept, creators, lengths, _encoding = outer
        self.judge.close_item()
        if self.doomed and len(self.stack) + 1 in self.doomed:
            self.doomed.remove(len(self.stack) + 1)
            del self.splices[index:]
            self.splices.append((value - 8, stop, REMOVED))
            self.growth, self.kept = growth - (stop - value + 8), kept
            self.creators, self.lengths = creators, lengths
            return
        if self.growth and length != UNDEFINED:
            new = self.encoding.long.pack(length + self.growth)
            self.splices[index] = (value - 4, value, new)
        self.growth += growth
        self.kept += kept
        self.creators, self.lengths = creators, lengths

    # Elements that ask for more than a verdict

    def _charset(self, entry: Entry, start: int, value: int, stop: int) -> None:
        self.judge.charset(entry, value, stop)

    def _group_length(self, entry: Entry, start: int, value: int, stop: int) -> None:
        if entry.claim is not None and self._verdict_on(entry, value, stop) is not None:
            self._grow(entry.tag, self._add(entry, start, value, stop, REMOVED))
            return
        if stop - value > 4:
            raise ImageError("bad-length", "a group length is a number of 4 bytes", start)
        if self.lengths is None:
            self.lengths = {}
        self.lengths.setdefault(entry.tag >> 16, []).append((len(self.splices), start, stop))
        self.splices.append(None)

    def _creator(self, entry: Entry, start: int, value: int, stop: int) -> None:
        if entry.claim is None:
            return
        if self.creators is None:
            self.creators = {}
        block = entry.tag & 0xFFFF0000 | (entry.tag & 0xFF) << 8
        new = self._verdict_on(entry, value, stop)
        before = self.creators.get(block)
        if new is None or isinstance(before, tuple):
            return
        if before is None:
            before = self.creators[block] = []
        before.append(len(self.splices))
        self._grow(entry.tag, self._add_creator(entry, start, value, stop, new))

    def _verdict_on(self, entry: Entry, value: int, stop: int) -> Verdict:
        assert entry.claim is not None
        if entry.claim.always == GOES:
            self.judge.known(entry)
            return REMOVED
        if entry.claim.always == EMPTIES:
            self.judge.known(entry)
            return NOTHING[entry.width]
        return self.judge.verdict(entry, value, stop)

    def _add_creator(self, entry: Entry, start: int, value: int, stop: int, new: bytes) -> int:
        if new == REMOVED:
            self.splices.append((start, stop, REMOVED))
            return start - stop
        self.splices.append((value - entry.width, stop, new))
        return len(new) - (stop - value + entry.width)

    def _keep_creator(self, tag: int) -> None:
        """Something of a private block stays, so what happened to its creator did not."""
        block = tag & 0xFFFFFF00
        if self.creators is None:
            self.creators = {}
        changed = self.creators.get(block, STANDS)
        self.creators[block] = STANDS
        for index in changed:
            undone = self.splices[index]
            assert undone is not None
            start, stop, new = undone
            self.splices[index] = None
            self.growth += stop - start - len(new)

    def _mark(self, entry: Entry, start: int, value: int, stop: int) -> None:
        before, new = self.judge.mark(entry, value, stop)
        if before:
            self.splices.append((start, start, before))
        self._grow(entry.tag, len(before) + self._add(entry, start, value, stop, new))

    def _fence(self, _: Entry | None, start: int, value: int, stop: int) -> None:
        self._insert_marks(start, value)

    def _insert_marks(self, at: int, last: int) -> None:
        for tag, mark in self.judge.marks(last):
            self.splices.append((at, at, mark))
            self._grow(tag, len(mark))

    def _append_items(self, entry: Entry, value: int, stop: int, length: int) -> int:
        """Appends what a mark says to the items that stand there; answers by how much."""
        at = stop if length != UNDEFINED else stop - 8
        items = self.judge.mark_items(entry.tag, value, at)
        if items:
            self.splices.append((at, at, items))
        return len(items)


NOTHING = {2: b"\0\0", 4: b"\0\0\0\0"}
"""The verdict that an element is emptied, by the width of its length field."""


def _is_emptied(entry: Entry, growth: int, length: int) -> bool:
    """Whether all items went from a content sequence."""
    return entry.tag == CONTENT_SEQUENCE and growth < 0 and growth == -length


def apply(source: Source, splices: list[Splice], start: int, stop: int) -> list[Piece]:
    """The output in pieces: new bytes, and what stays of the source, which is not copied.

    What stays is a view of a source in memory, and (start, stop) of one that is mapped.
    """
    pieces: list[Piece] = []
    view = memoryview(source) if isinstance(source, bytes) else None
    if view is not None and len(splices) > MANY:
        return [memoryview(_in_one(view, splices, start, stop))]
    at = start
    for begin, end, new in splices:
        assert at <= begin <= end, "splices come in file order"
        if begin > at:
            pieces.append((at, begin) if view is None else view[at:begin])
        if new:
            pieces.append(new)
        at = end
    assert at <= stop, "no splice reaches past the data set"
    if at < stop:
        pieces.append((at, stop) if view is None else view[at:stop])
    return pieces


def _in_one(view: memoryview, splices: list[Splice], start: int, stop: int) -> bytearray:
    """The output of a source in memory, where a view of each piece would take more than all."""
    whole = bytearray()
    at = start
    for begin, end, new in splices:
        assert at <= begin <= end <= stop, "splices come in file order, within the data set"
        whole += view[at:begin]
        whole += new
        at = end
    whole += view[at:stop]
    return whole


def joined(source: Source, pieces: list[Piece]) -> bytes:
    """The pieces as one."""
    return b"".join([source[p[0] : p[1]] if isinstance(p, tuple) else p for p in pieces])


AT_ONCE = 1 << 20


def in_parts(source: Source, pieces: list[Piece]) -> Iterator[bytes | memoryview]:
    """The pieces one after another, none longer than a mapped source may well give."""
    for piece in pieces:
        if isinstance(piece, tuple):
            for start in range(*piece, AT_ONCE):
                yield source[start : min(start + AT_ONCE, piece[1])]
        else:
            yield piece


def value_after(
    source: Source, notes: dict[int, tuple[int, int]], splices: list[Splice], tag: int
) -> bytes:
    """The value of a noted attribute as the splices leave it, without padding."""
    if tag not in notes:
        return b""
    value, stop = notes[tag]
    for begin, end, new in splices:
        if begin > value:
            break
        if end >= stop and begin < value:
            return new[value - begin :].rstrip(b"\0 ") if end == stop else b""
    return source[value:stop].rstrip(b"\0 ")
