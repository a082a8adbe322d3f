"""Adds outcomes up: what became of every file, by reason, method and rule. Never a value.

Rules
    * A name of a file or folder that holds a word of a removed value is itself such a value: it
      is told as ``~withheld-1~`` wherever it would appear.
    * Nothing that is told, times apart, depends on how many workers there were: no name is shown
      before the run has ended, and what comes from workers is put in order.
"""

from __future__ import annotations

from bisect import insort

from anonymizer.errors import ImageError
from anonymizer.names import Names
from anonymizer.rows import Rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from anonymizer.rules.compiled import Compiled

WRITTEN, REFUSED, SKIPPED = "written", "refused", "skipped"
DONE_BEFORE = "done-before"

SKIP_REASONS = {
    "not-dicom": "not DICOM",
    "symlink": "a symbolic link, not followed",
    "special-file": "not a regular file",
    "configuration": "the configuration itself",
    "dicomdir": "a DICOMDIR, which lists other files",
    "rejected": "rejected by the configuration",
    "not-accepted": "not accepted by the configuration",
}
"""Reasons for which a file is left out without being at fault."""

TURNED_AWAY = ("rejected", "not-accepted")
"""Those of images that the configuration does not want."""


class Outcome:
    """What became of one file. ``counts`` are attributes by number of the rule that decided."""

    __slots__ = (
        "counts",
        "detail",
        "faults",
        "output",
        "path",
        "reason",
        "size",
        "status",
        "warnings",
    )

    def __init__(self, path: str, status: str, reason: str = "", detail: str = "") -> None:
        self.path = path
        self.output = ""
        self.status = status
        self.reason = reason
        self.detail = detail
        self.size = 0
        self.counts: dict[int, int] = {}
        self.faults: dict[tuple[int, int, str], int] = {}
        self.warnings: list[str] = []

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to tell but that it was written."""
        return self.status == WRITTEN and not (self.warnings or self.counts)

    def as_row(self) -> tuple[Any, ...]:
        """Plain values, for the pipe between processes."""
        return (
            self.path,
            self.output,
            self.status,
            self.reason,
            self.detail,
            self.size,
            self.counts,
            self.faults,
            self.warnings,
        )

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> Outcome:
        path, output, status, reason, detail, size, counts, faults, warnings = row
        outcome = cls(path, status, reason, detail)
        outcome.output = output
        outcome.size = size
        outcome.counts = counts
        outcome.faults = faults
        outcome.warnings = warnings
        return outcome


def outcome_of(path: str, reason: str, detail: str) -> Outcome:
    """A file that was not written: skipped if it is not at fault, else refused."""
    status = SKIPPED if reason in SKIP_REASONS else REFUSED
    return Outcome(path, status, reason, detail)


def _path(outcome: Outcome) -> str:
    return outcome.path


def _without_zeros(sums: dict[Any, int]) -> None:
    for key in [key for key, times in sums.items() if not times]:
        del sums[key]


class Outcomes:
    """Those of all files, by path; what one gives is a copy of what was put into it."""

    __slots__ = ("_replaced", "_rows")

    def __init__(self) -> None:
        self._rows = Rows()
        self._replaced = 0

    def append(self, outcome: Outcome) -> None:
        self._rows.append(outcome.as_row())

    def replace(self, outcome: Outcome) -> None:
        """Puts an outcome in the place of that of the same file."""
        self._replaced += 1
        self.append(outcome)

    def __len__(self) -> int:
        return len(self._rows) - self._replaced

    def __iter__(self) -> Iterator[Outcome]:
        last = None
        for row in self._rows:
            if last is not None and last[0] != row[0]:
                yield Outcome.from_row(last)
            last = row
        if last is not None:
            yield Outcome.from_row(last)


class Report:
    """The outcomes of a run, added up as they come; ``files`` only where each was asked for."""

    is_part = False
    """Whether it is of one shard, which may have nothing to do."""
    is_of_one = False
    """Whether it is of one image and not of a folder."""
    is_trial = False
    """Whether nothing was written, so that it only says what would be."""

    verification: dict[str, Any] | None = None
    """What was found when the outputs were verified, where that was asked for."""

    def __init__(  # noqa: PLR0915  one statement a sum
        self, compiled: Compiled, *, each: bool = False
    ) -> None:
        self.compiled = compiled
        self.each = each
        self.files = Outcomes()
        self.found: int | None = None
        """How many files there are, once all are found."""
        self.names = Names()
        self.written = 0
        self.bytes = 0
        self.refused: dict[str, int] = {}
        self.skipped: dict[str, int] = {}
        self.counts: dict[int, int] = {}
        self.faults: dict[tuple[int, int, str], int] = {}
        self.warnings: dict[str, int] = {}
        self.matched: set[int] = set()
        self.refusals: list[Outcome] = []
        """The first by path that were refused; all of them are in ``files``."""
        self.every_refusal: Outcomes | None = None
        """All of them, where that was asked for."""
        self.withdrawn: tuple[int, str, str] | None = None
        """How many outputs were lost with what they were to be part of, reason and detail."""
        self.cleared = 0
        """How many unfinished files of a killed run were removed from the output folder."""
        self.tell: Callable[[Outcome], None] | None = None
        """Has an audit log hear of a file that no worker tells of; may raise ImageError."""
        self.account: Callable[[str], None] | None = None
        """Hears of each file that is added by its path, where all are told one by one."""
        self.hide: Callable[[str], str] | None = None
        """What is told to others in the place of a path."""
        self.done_before = 0
        """How many files a run before this one had done, by its ledger."""
        self.interrupted = False
        self.shows_names = False
        """Whether names are told that hold a removed value, as values are."""
        self.audit_last = ""
        """The hash of the last line of the audit log, if there is one."""
        self.seconds = 0.0

    def add(self, outcome: Outcome) -> None:
        if self.account is not None:
            self.account(outcome.path)
        if outcome.status == WRITTEN:
            self.written += 1
            self.bytes += outcome.size
            if not outcome.output:
                self.names.remember([outcome.path])
        else:
            self._leave_out(outcome)
        self.add_counts(outcome.counts, outcome.faults)
        for warning in outcome.warnings:
            self.warnings[warning] = self.warnings.get(warning, 0) + 1
        if self.each:
            self.files.append(outcome)

    def add_unopened(self, outcome: Outcome) -> None:
        """What became of a file that no worker tells of."""
        if error := self._untold(outcome):
            outcome = outcome_of(outcome.path, error.reason, error.message)
        self.add(outcome)

    def _untold(self, outcome: Outcome) -> ImageError | None:
        """Has the audit log, where there is one, hear of a file; answers why it could not."""
        try:
            if self.tell is not None:
                self.tell(outcome)
        except ImageError as error:
            return error
        return None

    def _leave_out(self, outcome: Outcome) -> None:
        reasons = self.skipped
        if outcome.status == REFUSED:
            reasons = self.refused
            insort(self.refusals, outcome, key=_path)
            del self.refusals[MOST_REFUSALS:]
            if self.every_refusal is not None:
                self.every_refusal.append(outcome)
        reasons[outcome.reason] = reasons.get(outcome.reason, 0) + 1

    def withdraw(self, reason: str, detail: str) -> None:
        """What was written is lost, for what it was to be a part of has not come to be."""
        if not self.written:
            return
        files, self.files = self.files, Outcomes()
        fault = None
        for outcome in files:
            if outcome.status == WRITTEN:
                outcome.status, outcome.reason, outcome.detail = REFUSED, reason, detail
                outcome.output, outcome.size, outcome.warnings = "", 0, []
                fault = self._untold(outcome) or fault
            self.files.append(outcome)
        if fault is not None:
            detail = f"{detail}; {fault.message}"
        self.withdrawn = self.written, reason, detail
        self.refused[reason] = self.refused.get(reason, 0) + self.written
        self.written = self.bytes = 0

    def hold_back(self, outcome: Outcome, reason: str, detail: str) -> None:
        """An output that was written, by this run or one before, has been taken away again."""
        if outcome.status == DONE_BEFORE:
            self.done_before -= 1
        else:
            self.written -= 1
            self.bytes -= outcome.size
        self.add_counts(
            {number: -times for number, times in outcome.counts.items()},
            {fault: -times for fault, times in outcome.faults.items()},
        )
        for warning in outcome.warnings:
            self.warnings[warning] -= 1
        for sums in (self.counts, self.faults, self.warnings):
            _without_zeros(sums)
        held = Outcome(outcome.path, REFUSED, reason, detail)
        for name in Outcome.__slots__:
            setattr(outcome, name, getattr(held, name))
        if self.each:
            self.files.replace(outcome)
        self._leave_out(outcome)

    def add_done_before(self, path: str) -> None:
        """A file that a run before had written; of its values nothing is known any more."""
        if self.account is not None:
            self.account(path)
        self.done_before += 1
        self.names.forget()
        if self.each:
            self.files.append(Outcome(path, DONE_BEFORE))

    def add_written(self, files: int, size: int) -> None:
        """Files of which there is nothing more to tell."""
        self.written += files
        self.bytes += size

    def add_counts(self, counts: dict[int, int], faults: dict[tuple[int, int, str], int]) -> None:
        for number, times in counts.items():
            self.counts[number] = self.counts.get(number, 0) + times
        for fault, times in faults.items():
            self.faults[fault] = self.faults.get(fault, 0) + times

    @property
    def total(self) -> int:
        left_out = sum(self.refused.values()) + sum(self.skipped.values())
        return self.written + self.done_before + left_out

    @property
    def found_images(self) -> bool:
        """Whether there were images that the configuration accepts."""
        return bool(self.written or self.done_before)

    @property
    def named(self) -> int:
        """How many outputs carry a name that holds a removed value."""
        return self.names.count()

    def shown_path(self, path: str) -> str:
        """A path without the names that hold a word of a removed value, and without controls."""
        return printable(path if self.shows_names else self.names.shown(path))

    def told_path(self, outcome: Outcome) -> str:
        """An input's path as it is told to others."""
        return self.hide(outcome.path) if self.hide else self.shown_path(outcome.path)

    def told_output(self, outcome: Outcome) -> str:
        return self.hide(outcome.output) if self.hide else self.shown_output(outcome)

    def shown_output(self, outcome: Outcome) -> str:
        """An output's path; ``<Study>/<Series>/<SOP>.dcm`` is of new UIDs and always shown."""
        if "/" in outcome.output:
            return printable(outcome.output)
        return self.shown_path(outcome.output)

    def by_method(self, counts: dict[int, int] | None = None) -> dict[str, int]:
        """Attributes by the method that decided; of the whole run, or of ``counts`` by rule."""
        methods: dict[str, int] = {}
        rules = self.compiled.rules
        otherwise = f"otherwise {self.compiled.otherwise}"
        for number, times in (self.counts if counts is None else counts).items():
            if number < 0 and self.compiled.otherwise == "keep":
                continue  # most of what nobody decides about is never counted
            name = rules[number].method.name if number >= 0 else otherwise
            methods[name] = methods.get(name, 0) + times
        return dict(sorted(methods.items()))

    def never_matched(self) -> list[Any]:
        """The rules of files that no attribute of the run met; a profile has one for everything."""
        met = self.matched | set(self.counts)
        said = self.compiled.rules[: self.compiled.rules_of_files]
        return [rule for rule in said if rule.number not in met]


MOST_REFUSALS = 100
"""So many refused files are remembered one by one where no report is asked for."""


def printable(text: str) -> str:
    """Text that cannot steer a terminal: controls and lone surrogates are escaped."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode("ascii")
        for c in text
    )
