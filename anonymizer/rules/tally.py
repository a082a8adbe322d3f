"""Collects who decided about what while images are done, and adds it up when asked."""

from __future__ import annotations

from collections import Counter, defaultdict

from anonymizer.rules.plan import Claim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from anonymizer.dicom.table import Entry
    from anonymizer.rules.plan import Case

    Counts = dict[int, int]
    """Attributes by the number of the rule that decided (OTHERWISE: no rule)."""

    Faults = dict[tuple[int, int, str], int]
    """Values that no method could treat, and decisions with a note: (tag, number of the rule,
    why or the note), and how often."""

    class Result(Protocol):
        """What became of a run of elements (see ``anonymizer.series``)."""

        counts: Counts
        faults: Faults


NOTES = {"keepValid": "a value stays in its place, for the attribute may not be missing or empty"}
"""What a decision may carry beside what happens, and what it says; anything else is a fault."""


OF_THE_FILE = frozenset(("sop", "identity", "concept"))
"""What methods may read of a context that differs from file to file of a series."""


class Tally:
    """The decisions of one image or of many. Lists, because appending is all a decision costs."""

    __slots__ = ("cases", "faults", "known", "results")

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.known: list[Entry] = []
        self.faults: list[tuple[int, int, str]] = []
        self.results: list[Result] = []

    def absorb(self, other: Tally) -> None:
        self.cases += other.cases
        self.known += other.known
        self.faults += other.faults
        self.results += other.results

    def counts(self) -> Counts:
        counts: defaultdict[int, int] = defaultdict(int)
        for case, times in Counter(self.cases).items():
            counts[case.number] += times
        for entry, times in Counter(self.known).items():
            counts[sole_case(entry).number] += times
        for result, times in Counter(self.results).items() if self.results else ():
            for number, each in result.counts.items():
                counts[number] += each * times
        return dict(counts)

    def fault_counts(self) -> Faults:
        counts: defaultdict[tuple[int, int, str], int] = defaultdict(int)
        for fault in self.faults:
            counts[fault] += 1
        for entry, times in Counter(self.known).items():
            case = sole_case(entry)
            if case.fault:
                counts[entry.tag, case.number, case.fault] += times
        for result, times in Counter(self.results).items() if self.results else ():
            for fault, each in result.faults.items():
                counts[fault] += each * times
        return dict(counts)

    def repeatable(self) -> bool:
        """Whether the same values would be decided the same way in every file of the series."""
        for case in self.cases:
            if case.constant is None and (
                case.memo is None or not OF_THE_FILE.isdisjoint(case.uses)
            ):
                return False
        return True


def sole_case(entry: Entry) -> Case:
    """The one rule that owns an element whose fate was known without asking."""
    claim = entry.claim
    assert isinstance(claim, Claim), "what the plan claims, it claims so"
    assert claim.sole is not None, "its fate was known"
    return claim.sole
