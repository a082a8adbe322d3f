"""Reuses what was decided about runs of elements that are identical in consecutive files.

Strategy
    The files of a series share most of their elements, byte for byte.  Two consecutive files are
    compared once; each run of elements of the main data set that both have becomes an entry in the
    scanner's table under its first element.  Where a later file has the same bytes there, the
    scanner steps over the whole run, and its new bytes are those made before.

Rules
    * A run is a pure function of its bytes, the character set and what of the context its methods
      read; those are the key of its results.  With the cache off the output is the same.
    * A run never parts a private block, holds no attribute that others depend on (``NOTED``), no
      mark and no group length, and does not cross the place of the marks.
    * What is learned in vain is tried again ever more rarely.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import is_creator, is_private
from anonymizer.dicom.scan import (
    CLOSE_SEQUENCE,
    ITS_GROUP_LENGTH,
    OPEN_SEQUENCE,
    Scan,
    scan,
)
from anonymizer.dicom.splice import apply, plan_splices
from anonymizer.dicom.table import (
    ASK,
    DEIDENTIFICATION_METHOD,
    NOTED,
    PATIENT_IDENTITY_REMOVED,
    RUN,
    Entry,
    Table,
    Tables,
)
from anonymizer.rules.judge import Judge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.scan import Source
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim
    from anonymizer.dicom.table import Run as TableRun
    from anonymizer.rules.plan import Plan

LEAST_ELEMENTS = 3
MOST_BYTES = 1 << 16
MOST_RESULTS = 256
MOST_SPANS = 4000
"""A file with more spans than these has its elements in sequences, where runs are not sought."""

LONGEST_WAIT = 64


class _Asked:
    always = ASK


class _Roots:
    """The interest that claims every element of the main data set and nothing in sequences."""

    enters = peeks = False
    _asked = _Asked()

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        return self._asked if root else None

    def takes_whole(self, claim: Claim) -> bool:
        return True


_ROOTS = Tables(_Roots(), mark=False)


class Result:
    """What became of a run: its new bytes, by how much it grew, and what was counted."""

    __slots__ = ("counts", "faults", "grown", "growth", "new")

    def __init__(self, run: Run, judge: Judge, new: bytes, grown: dict[int, int]) -> None:
        self.new = None if new == run.raw else new
        self.growth = len(new) - len(run.raw)
        self.grown = [group << 16 for group, growth in grown.items() if growth]
        self.counts = judge.tally.counts()
        self.faults = judge.tally.fault_counts()


class Run:
    """A run of elements: its bytes, and the results for each state of what it depends on.

    ``private`` are the odd groups in it; ``last`` is the group number, as written, that must not
    follow it, since a private block may not be parted.
    """

    __slots__ = ("encoding", "last", "private", "raw", "results", "size", "uses")

    def __init__(self, raw: bytes, encoding: Encoding, tags: list[int]) -> None:
        self.raw = raw
        self.size = len(raw)
        self.encoding = encoding
        self.private = frozenset(tag >> 16 for tag in tags if is_private(tag))
        self.last = encoding.tag_bytes(tags[-1])[:2] if is_private(tags[-1]) else b""
        self.uses: tuple[str, ...] | None = None
        self.results: dict[object, Result] = {}


class Runs:
    """The runs that one pipeline knows, by encoding, and when to look for others."""

    __slots__ = ("_before", "_due", "_installed", "_plain", "_plan", "_tables", "_wait", "_waited")

    def __init__(self, plan: Plan, tables: Tables) -> None:
        self._plan = plan
        self._tables = tables
        self._plain = Tables(plan, mark=False)
        self._installed: dict[str, list[tuple[Table, bytes, Entry]]] = {}
        self._before: tuple[bytes, int, int, Encoding] | None = None
        self._due = True
        self._wait = self._waited = 0

    def result(self, run: TableRun | None, judge: Judge) -> Result:
        """What becomes of a run in the data set of this judge."""
        assert isinstance(run, Run), "what is installed is a Run"
        if run.uses is not None:
            key = (judge.charset_now, *[getattr(judge.context, name) for name in run.uses])
            known = run.results.get(key)
            if known is not None:
                return known
        return self._found(run, judge)

    def _found(self, run: Run, outer: Judge) -> Result:
        found = scan(run.raw, 0, run.size, run.encoding, self._plain)
        judge = outer.of_run(run.raw)
        hollow = not self._plan.keeps_rest
        splices = plan_splices(run.raw, found, judge, run.encoding, hollow=hollow)
        pieces = apply(run.raw, splices, 0, run.size)
        new = b"".join(p if isinstance(p, bytes) else run.raw[p[0] : p[1]] for p in pieces)
        result = Result(run, judge, new, _growth_by_group(run, splices))
        uses = judge.tally.uses()
        if uses is not None:
            if run.uses != uses or len(run.results) >= MOST_RESULTS:
                run.results.clear()
            run.uses = uses
            key = (outer.charset_now, *[getattr(outer.context, name) for name in uses])
            run.results[key] = result
        return result

    def after(self, source: Source, start: int, found: Scan, encoding: Encoding, met: int) -> None:
        """Hears of a file that was scanned and met this many runs; learns where it is time to."""
        if not isinstance(source, bytes) or len(found.spans) > MOST_SPANS:
            self._before = None
            return
        before, self._before = self._before, (source, start, found.end, encoding)
        if self._due and before is not None and before[3] is encoding:
            self._learn(before, self._before)
            self._due = False
            return
        if met >= len(self._installed.get(encoding.name, ())) > 0:
            self._waited = 0
        elif self._wait:
            self._wait -= 1
        else:
            self._due = True
            self._waited = min(2 * self._waited + 1, LONGEST_WAIT)
            self._wait = self._waited - 1

    def _learn(
        self, one: tuple[bytes, int, int, Encoding], other: tuple[bytes, int, int, Encoding]
    ) -> None:
        encoding = other[3]
        front, behind, _ = self._tables.of(encoding)
        for table, key, entry in self._installed.pop(encoding.name, ()):
            table[key] = entry.plain
        installed = self._installed[encoding.name] = []
        for raw, tags in _shared_runs(one, other):
            table = front if not front.fence or tags[0] <= front.fence else behind
            key = raw[: 6 if encoding.explicit else 4]
            plain = table[key]
            if plain is not None and plain.kind == RUN:
                continue  # an element that stands twice
            entry = Entry(RUN, tags[0])
            entry.run, entry.plain = Run(raw, encoding, tags), plain
            table[key] = entry
            installed.append((table, key, entry))


def _growth_by_group(run: Run, splices: list[tuple[int, int, bytes]]) -> dict[int, int]:
    """By how much each group of the run has grown; group lengths depend on it."""
    grown: dict[int, int] = {}
    bounds = [(stop, tag >> 16) for tag, _, stop in _elements(run.raw, 0, run.size, run.encoding)]
    at = 0
    for begin, end, new in splices:
        while bounds[at][0] < end:
            at += 1
        group = bounds[at][1]
        grown[group] = grown.get(group, 0) + len(new) - (end - begin)
    return grown


def _elements(source: bytes, start: int, stop: int, encoding: Encoding) -> Iterator[_Element]:
    """(tag, start, stop) of the elements of the main data set; group lengths have tag 0."""
    opened: tuple[int, int] | None = None
    depth = 0
    for code, entry, begin, _, end in scan(source, start, stop, encoding, _ROOTS).spans:
        if code == OPEN_SEQUENCE:
            if not depth and entry is not None:
                opened = entry.tag, begin
            depth += 1
        elif code == CLOSE_SEQUENCE:
            depth -= 1
            if not depth and opened is not None:
                yield (*opened, begin)
        elif not depth and entry is not None:
            yield (0 if code == ITS_GROUP_LENGTH else entry.tag), begin, end


def _shared_runs(
    one: tuple[bytes, int, int, Encoding], other: tuple[bytes, int, int, Encoding]
) -> Iterator[tuple[bytes, list[int]]]:
    """The bytes and tags of each run that both files have."""
    source = one[0]
    known = {
        (tag, source[start:stop])
        for tag, start, stop in _elements(*one)
        if stop - start <= MOST_BYTES
    }
    run: list[_Element] = []
    source = other[0]
    for element in _elements(*other):
        tag, start, stop = element
        shared = (
            stop - start <= MOST_BYTES
            and not _stands_alone(tag)
            and (tag, source[start:stop]) in known
        )
        if run and not (shared and _joins(run[-1], element)):
            yield from _trimmed(source, run, tag)
            run = []
        if shared:
            run.append(element)
    yield from _trimmed(source, run, 0)


def _stands_alone(tag: int) -> bool:
    return not tag or tag in NOTED or tag in (PATIENT_IDENTITY_REMOVED, DEIDENTIFICATION_METHOD)


def _joins(before: _Element, element: _Element) -> bool:
    """Whether an element continues a run: the next bytes, a higher tag, no mark in between."""
    crosses = before[0] <= DEIDENTIFICATION_METHOD < element[0]
    return before[2] == element[1] and before[0] < element[0] and not crosses


def _trimmed(
    source: bytes, run: list[_Element], following: int
) -> Iterator[tuple[bytes, list[int]]]:
    """The run without a private group of which a part lies outside, if enough is left of it."""
    while run and is_private(run[-1][0]) and run[-1][0] >> 16 == following >> 16:
        run.pop()
    while run and is_private(run[0][0]) and not is_creator(run[0][0]):
        run.pop(0)
    if len(run) >= LEAST_ELEMENTS:
        yield source[run[0][1] : run[-1][2]], [tag for tag, _, _ in run]


if TYPE_CHECKING:
    _Element = tuple[int, int, int]
