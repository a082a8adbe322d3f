"""The short way for the files of a series: what consecutive files share is decided once.

Strategy
    Two consecutive files that went the long way are compared; each run of elements of the main
    data set that both have is kept with its new bytes.  A later file is walked once: where a
    known run stands, its new bytes are taken; between the runs every element is looked up in the
    scanner's own table and decided by the judge.  Whatever else turns up (a sequence that is not
    part of a run, a private block, a mark, another patient ...) ends the short way before
    anything is written, and the file goes the long way (``Pipeline``).
    What varies in one series mostly varies in the next: the first file of another series is
    guessed to share with the files to come what those of the last series shared.

Rules
    * The output is the one of the long way, byte for byte, with the same counts.
    * The attributes that others depend on (the noted), the SOP Instance UID apart, must stand in
      known runs: then character set, subject and study are those of the file the runs are from.
    * A run never parts a private block, holds no mark and no group length, and does not cross the
      place of the marks.
    * A rule whose method may decide otherwise about the same bytes ends the short way.
    * What is learned in vain is tried again ever more rarely.
"""

from __future__ import annotations

from bisect import bisect_left

from anonymizer.dicom.attribute import is_private
from anonymizer.dicom.pixels import PIXEL_DATA
from anonymizer.dicom.roots import root_elements
from anonymizer.dicom.scan import UNDEFINED, scan
from anonymizer.dicom.splice import REMOVED, apply, joined, plan_splices, value_after
from anonymizer.dicom.table import (
    CREATOR,
    FENCE,
    MOST_KEYS,
    OWNED,
    PLAIN,
    Entry,
)
from anonymizer.errors import ImageError
from anonymizer.rules.judge import Judge
from anonymizer.rules.tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.part10 import Envelope
    from anonymizer.dicom.scan import Scan
    from anonymizer.dicom.splice import Piece
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Tables
    from anonymizer.rules.plan import Plan
    from anonymizer.rules.tally import Counts, Faults

    Lookup = dict[bytes, "Entry | None"]

RUN, FORESEEN = -1, -2
"""What to do at the first element of a known run, and at one whose value does not matter, beside
the scanner's own answers.
"""

LEAST_ELEMENTS = 3
MOST_BYTES_IN_ELEMENT = 1 << 16
MOST_SPANS = 4000
"""A file with more spans has its elements in sequences, where runs are not sought."""

LONGEST_WAIT = 64
_SIMPLE = frozenset((PLAIN, OWNED, CREATOR))
SOP_INSTANCE_UID = 0x00080018


class File:
    """An image that went the long way: what the short way may learn from."""

    __slots__ = ("_elements", "encoding", "end", "judge", "notes", "source", "start", "warnings")

    def __init__(
        self, source: bytes, start: int, found: Scan, judge: Judge, warnings: list[str]
    ) -> None:
        self.source = source
        self.start = start
        self.end = found.end
        self.notes = found.notes
        self.warnings = warnings
        self.judge = judge
        self.encoding = judge.encoding
        self._elements: list[tuple[int, int, int]] = []

    @property
    def elements(self) -> list[tuple[int, int, int]]:
        """(tag, start, stop) of the elements of the main data set; group lengths have tag 0."""
        if not self._elements:
            self._elements = list(root_elements(self.source, self.start, self.end, self.encoding))
        return self._elements

    def small_elements(self) -> Iterator[tuple[int, bytes]]:
        """(tag, bytes) of the elements that a run may hold."""
        for tag, start, stop in self.elements:
            if stop - start <= MOST_BYTES_IN_ELEMENT:
                yield tag, self.source[start:stop]


class Run:
    """A run of elements, what it becomes, and what was counted about it."""

    __slots__ = ("after", "counts", "faults", "last", "new", "notes", "raw", "size", "tags")

    def __init__(self, raw: bytes, tags: list[int], encoding: Encoding) -> None:
        self.raw = raw
        self.size = len(raw)
        self.tags = tags
        self.last = encoding.tag_bytes(tags[-1])[:2] if is_private(tags[-1]) else b""
        self.new = raw
        self.notes: frozenset[int] = frozenset()
        self.after: dict[int, bytes] = {}
        self.counts: Counts = {}
        self.faults: Faults = {}

    def decide(self, plan: Plan, tables: Tables, outer: Judge) -> bool:
        """Finds out what the run becomes; whether it would become so every time."""
        encoding = outer.encoding
        found = scan(self.raw, 0, self.size, encoding, tables)
        judge = outer.of_run(self.raw)
        hollow = not plan.keeps_rest
        splices = plan_splices(self.raw, found, judge, encoding, hollow=hollow)
        pieces = apply(self.raw, splices, 0, self.size)
        self.new = joined(self.raw, pieces)
        self.notes = frozenset(found.notes)
        self.after = {tag: value_after(self.raw, found.notes, splices, tag) for tag in found.notes}
        self.counts = judge.tally.counts()
        self.faults = judge.tally.fault_counts()
        return judge.tally.repeatable()


class Known(Entry):
    """The entry of an element that may begin a run, and its entry where it does not."""

    __slots__ = ("plain", "run")

    def __init__(self, run: Run, plain: Entry | None) -> None:
        super().__init__(RUN, run.tags[0])
        self.run = run
        self.plain = plain


class Foreseen(Entry):
    """The entry of an element that becomes the same, ``new``, whatever its value."""

    __slots__ = ("new", "plain")

    def __init__(self, new: bytes, plain: Entry) -> None:
        super().__init__(FORESEEN, plain.tag)
        self.new = new
        self.plain = plain


class Short:
    """What the short way made of a file: the pieces of its data set and what was counted."""

    __slots__ = ("after", "instance", "pieces", "tally", "warnings")

    def __init__(
        self,
        pieces: list[Piece],
        tally: Tally,
        after: dict[int, bytes],
        instance: bytes,
        warnings: list[str],
    ) -> None:
        self.pieces = pieces
        self.tally = tally
        self.after = after
        self.instance = instance
        self.warnings = warnings


class Shared:
    """The runs that files of one series share, and the walk through another of its files."""

    __slots__ = (
        "_after",
        "_depended_on",
        "_encoding",
        "_judge",
        "_lookups",
        "_marks",
        "_needed",
        "_pixels",
        "_private",
        "_tables",
        "_warnings",
        "series",
        "tags",
    )

    def __init__(self, file: File, tables: Tables) -> None:
        judge = file.judge
        value, stop = file.notes.get(PIXEL_DATA, (0, 0))
        self.series = judge.context.series
        self.tags: set[int] = set()
        """Those of the elements in the runs."""
        self._encoding = judge.encoding
        self._judge = judge.of_run(b"")
        self._tables = tables
        self._depended_on = depended_on(tables)
        self._lookups: list[Lookup] = [{} for _ in (0, *tables.fences)]
        """What is known up to each fence, and behind the last."""
        self._marks = judge.all_marks(tables.fences)
        self._needed = 0
        self._pixels = stop - value
        self._warnings = file.warnings
        self._after: dict[int, bytes] = {}
        self._private: set[int] = set()

    def take_in(self, runs: Iterator[Run], plan: Plan) -> None:
        """Takes in the runs that become the same in every file."""
        for run in runs:
            groups = {tag >> 16 for tag in run.tags if is_private(tag)}
            if not groups & self._private and self._install(run, plan):
                self._private |= groups
                self.tags.update(run.tags)
        self._needed = len(self._after)

    def _install(self, run: Run, plan: Plan) -> bool:
        passed = sum(fence < run.tags[0] for fence in self._tables.fences)
        tables, lookup = self._tables.behind(passed), self._lookups[passed]
        key = run.raw[: 6 if self._encoding.explicit else 4]
        if key in lookup or not run.decide(plan, tables, self._judge):
            return False
        lookup[key] = Known(run, self._foresee(key, tables.of(self._encoding)[0][key]))
        self._after |= run.after
        return True

    def is_enough_for(self, file: File) -> bool:
        """Whether the runs hold all that others depend on, and not what tells instances apart."""
        noted = self._after.keys()
        return self._depended_on & file.notes.keys() <= noted and SOP_INSTANCE_UID not in noted

    def walk(self, source: bytes, envelope: Envelope) -> Short | None:
        """The new pieces of a data set, None where it has to go the long way."""
        if self._encoding is not envelope.encoding:
            return None
        try:
            return self._walk(source, envelope.start)
        except ImageError:
            return None  # the long way may find another fault before, and tells the first
        finally:
            self._judge.source = b""  # so that its memory can take the next file

    def _walk(self, source: bytes, at: int) -> Short | None:  # noqa: C901, PLR0911, PLR0912, PLR0915 - the other hot loop
        """Every byte before ``at`` is in a piece, in ``source[kept:at]``, replaced or removed."""
        judge, encoding = self._judge, self._encoding
        tally = Tally()
        judge.begin(source, tally)
        known, verdict_on = tally.known.append, judge.verdict
        header, long = encoding.header.unpack_from, encoding.long.unpack_from
        lookup, passed = self._lookups[0], 0
        starts, stop, view = source.startswith, len(source), memoryview(source)
        pieces: list[Piece] = []
        instance: bytes | None = None
        noted = 0
        gone: set[int] = set()  # private groups with a creator that went
        held: set[int] = set()  # those with an element that stays
        kept = at
        while at < stop - 7:
            key, length = header(source, at)
            try:
                entry = lookup[key]
            except KeyError:
                entry = self._look_up(passed, key)
            if entry is None:
                at += 8 + length
                continue
            kind = entry.kind
            if kind == RUN:
                assert isinstance(entry, Known), "only runs are of this kind"
                run = entry.run
                if starts(run.raw, at):
                    if kept < at:
                        pieces.append(view[kept:at])
                    pieces.append(run.new)
                    tally.results.append(run)
                    noted += len(run.notes)
                    at += run.size
                    kept = at
                    if run.last and starts(run.last, at):
                        return None
                    continue
                entry = entry.plain
                if entry is None:
                    at += 8 + length
                    continue
                kind = entry.kind
            if kind == FORESEEN:
                assert isinstance(entry, Foreseen), "only what is foreseen is of this kind"
                end = at + 8 + length
                if end > stop:
                    return None
                known(entry.plain)
                if kept < at:
                    pieces.append(view[kept:at])
                pieces.append(entry.new)
                kept = at = end
                continue
            if kind == FENCE:
                if kept < at:
                    pieces.append(view[kept:at])
                pieces.append(self._marks[passed])
                kept = at
                passed += 1
                lookup = self._lookups[passed]
                continue
            value = at + 8
            if entry.long:
                value = at + 12
                if value > stop:
                    return None
                (length,) = long(source, at + 8)
            if length == UNDEFINED or kind not in _SIMPLE:
                return None
            if entry.noted and self._is_needed(entry.tag, length):
                return None
            end = value + length
            new = None
            if entry.claim is not None:
                if end > stop:
                    return None
                new = verdict_on(entry, value, end)
            if entry.tag & 0x10000 and self._parts_block(entry, new, gone, held):
                return None
            if entry.tag == SOP_INSTANCE_UID:
                if instance is not None:
                    return None
                instance = source[value:end] if new is None else new[entry.width :]
            if new is not None:
                begin = at if new == REMOVED else value - entry.width
                if kept < begin:
                    pieces.append(view[kept:begin])
                if new:
                    pieces.append(new)
                kept = end
            at = end
        if at != stop or passed < len(self._marks) or noted != self._needed:
            return None
        instance = (instance or b"").rstrip(b"\0 ")
        if not instance:
            return None
        if kept < stop:
            pieces.append(view[kept:stop])
        if not tally.repeatable():
            return None
        if len(set(tally.results)) < len(tally.results):
            return None  # a run that stands twice may count for one that is not there
        return Short(pieces, tally, self._after, instance, self._warnings)

    def _parts_block(self, entry: Entry, new: bytes | None, gone: set[int], held: set[int]) -> bool:
        """Whether a private creator may be wrong to go, or to have gone (see ``splice``)."""
        group = entry.tag >> 16
        if group in self._private:
            return True  # of one block with those in a run
        if entry.kind == CREATOR:
            if new == REMOVED:
                gone.add(group)
            return bool(new) or (new == REMOVED and group in held)
        if new == REMOVED:
            return False
        held.add(group)
        return group in gone

    def _is_needed(self, tag: int, length: int) -> bool:
        """Whether an attribute outside a known run may change what was learned."""
        if tag == PIXEL_DATA:
            return length != self._pixels
        return tag != SOP_INSTANCE_UID

    def _look_up(self, passed: int, key: bytes) -> Entry | None:
        entry = self._tables.behind(passed).of(self._encoding)[0][key]
        lookup = self._lookups[passed]
        remembered = entry is None or entry.tag or entry.kind == FENCE
        if remembered and len(lookup) < MOST_KEYS:
            lookup[key] = self._foresee(key, entry)
        return entry

    def _foresee(self, key: bytes, entry: Entry | None) -> Entry | None:
        """The entry, or what is foreseen of an element that nothing else depends on."""
        if entry is None or entry.kind != OWNED or entry.long or entry.noted:
            return entry
        new = None if is_private(entry.tag) else self._judge.foreseen(entry)
        return entry if new is None else Foreseen(key + new if new else REMOVED, entry)


class Series:
    """What a file is tried with, and when to look for something else.

    ``_proven`` is what a file last went short with.  A guess that the next file has no use for
    makes room for it, if that file is not of the series that the guess was about.
    """

    __slots__ = (
        "_before",
        "_due",
        "_plan",
        "_proven",
        "_shared",
        "_tables",
        "_wait",
        "_waited",
    )

    def __init__(self, plan: Plan, tables: Tables) -> None:
        self._plan = plan
        self._tables = tables
        self._shared: Shared | None = None
        self._proven: Shared | None = None
        self._before: File | None = None
        self._due = True
        self._wait = self._waited = 0

    def walk(self, source: bytes, envelope: Envelope) -> Short | None:
        """The new pieces of a data set, None where it has to go the long way."""
        return None if self._shared is None else self._shared.walk(source, envelope)

    def went_short(self) -> None:
        """Hears of a file that went the short way: what was learned is worth it."""
        self._proven = self._shared
        self._due = False
        self._waited = 0
        self._wait = 1

    def hear(
        self, source: object, start: int, found: Scan, judge: Judge, warnings: list[str]
    ) -> None:
        """Hears of a file that went the long way; learns where it is time to.

        ``warnings`` are what the attributes that others depend on led to.
        """
        if not isinstance(source, bytes) or found.count > MOST_SPANS:
            self._before = None
            return
        before = self._before
        file = self._before = File(source, start, found, judge, warnings)
        proven, guessed = self._proven, self._shared is not self._proven
        of_another = self._shared is not None and self._shared.series != judge.context.series
        may_guess = proven is not None and of_another and not self._waited
        if may_guess and not guessed:
            assert proven is not None, "it was asked for"
            self._shared = self._learned(file, _runs(file, proven.tags, self._tables)) or proven
            self._due = True
        elif not self._due:
            self._wait -= 1
            self._due = self._wait <= 0
        elif may_guess:
            self._shared = proven
            self._wait_longer()
        elif before is not None and before.encoding is judge.encoding:
            self._shared = self._learned(file, _shared_runs(before, file, self._tables))
            self._wait_longer()

    def _wait_longer(self) -> None:
        self._due = False
        self._waited = self._wait = min(2 * self._waited + 1, LONGEST_WAIT)

    def _learned(self, file: File, runs: Iterator[Run]) -> Shared | None:
        """What a file shares with those to come; None where it is not enough."""
        context = file.judge.context
        if context.is_of_instance or context.safe or _is_ambiguous(file, self._tables):
            return None  # the next file is of another subject, or may be
        shared = Shared(file, self._tables)
        shared.take_in(runs, self._plan)
        return shared if shared.is_enough_for(file) else None


def depended_on(tables: Tables) -> frozenset[int]:
    """The attributes that the fate of others may depend on."""
    return tables.noted - {SOP_INSTANCE_UID, PIXEL_DATA}


def _is_ambiguous(file: File, tables: Tables) -> bool:
    """Whether an attribute that others depend on stands twice: the first counts, in no run."""
    wanted = depended_on(tables)
    tags = [tag for tag, _, _ in file.elements if tag in wanted]
    return len(set(tags)) < len(tags)


def _shared_runs(one: File, other: File, tables: Tables) -> Iterator[Run]:
    """The runs of elements that both files have, byte for byte."""
    known = set(one.small_elements())
    tags = {tag for tag, raw in other.small_elements() if (tag, raw) in known}
    return _runs(other, tags, tables)


def _runs(file: File, tags: set[int], tables: Tables) -> Iterator[Run]:
    """The runs of elements that have these tags, without the marks."""
    marks, noted = tables.marks, tables.noted
    wanted = tags - {0, SOP_INSTANCE_UID, *marks}
    run: list[tuple[int, int, int]] = []
    before = outside = 0
    for element in file.elements:
        tag, start, stop = element
        shared = tag in wanted and stop - start <= MOST_BYTES_IN_ELEMENT
        if run and not (shared and _joins(run[-1], element, marks)):
            yield from _trimmed(file, run, outside, tag, noted)
            run = []
        if shared:
            outside = outside if run else before
            run.append(element)
        before = tag
    yield from _trimmed(file, run, outside, 0, noted)


def _joins(
    before: tuple[int, int, int], element: tuple[int, int, int], marks: tuple[int, ...]
) -> bool:
    """Whether an element continues a run: the next bytes, a higher tag, no mark in between."""
    if before[2] != element[1] or before[0] >= element[0]:
        return False
    return bisect_left(marks, before[0]) == bisect_left(marks, element[0])


def _trimmed(
    file: File,
    run: list[tuple[int, int, int]],
    before: int,
    behind: int,
    noted: frozenset[int],
) -> Iterator[Run]:
    """The run without private groups of which a part lies outside, if enough is left of it."""
    while run and is_private(run[-1][0]) and run[-1][0] >> 16 == behind >> 16:
        run.pop()
    while run and is_private(run[0][0]) and run[0][0] >> 16 == before >> 16:
        run.pop(0)
    tags = [tag for tag, _, _ in run]
    if len(run) >= LEAST_ELEMENTS or noted.intersection(tags):
        yield Run(file.source[run[0][1] : run[-1][2]], tags, file.encoding)
