"""What calls of the API answer: plain values, and nothing of an image's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from anonymizer.report import Report
from anonymizer.rules.fates import fate_of, settled
from anonymizer.rules.judge import path_text
from anonymizer.rules.tally import NOTES

if TYPE_CHECKING:
    from anonymizer.report import Outcome
    from anonymizer.rules.compiled import Compiled
    from anonymizer.rules.judge import Ruling
    from anonymizer.rules.tally import Counts, Faults


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about one attribute. Its value is not told.

    ``path`` is as in ``RequestAttributesSequence[0].CodeMeaning``, items counted from 0; ``tag``
    is 0xggggeeee, ``vr`` the value representation it really has.  ``rule`` is the place and the
    selector of the rule that owns it, "otherwise" where none does.  ``decision`` is kept, entered
    (a sequence that stays), emptied, replaced or removed; ``fault`` why the method could not
    treat the value, "" where it could.
    """

    path: str
    tag: int
    vr: str
    rule: str
    method: str
    decision: str
    fault: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one image.

    ``size`` is that of the output in bytes, 0 for a Dataset.  ``counts`` are attributes by the
    method that decided, ``untreatable`` how many of them had a value that their method could not
    treat, so that ``onError`` decided.  ``warnings`` are words of the list in docs/reasons.md.
    ``elements`` are the decisions in file order where they were asked for, else None.
    """

    size: int
    counts: dict[str, int]
    untreatable: int
    warnings: tuple[str, ...]
    elements: tuple[Decided, ...] | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file of a folder.

    ``path`` is relative to the input folder, ``output`` to the output folder ("" if not written).
    Both may hold what identifies: names of files often do.  ``status`` is written, refused or
    skipped; ``reason`` is of the list in docs/reasons.md, ``detail`` says where and what.
    """

    path: str
    output: str
    status: str
    reason: str
    detail: str
    size: int
    counts: dict[str, int]
    untreatable: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FolderResult:
    """What became of a folder.

    ``written`` counts files, ``size`` their bytes; ``refused`` and ``skipped`` count files by
    reason, ``counts`` attributes by method, ``warnings`` files by warning.  ``telling_names`` is
    how many outputs have a name that holds a removed value.  ``never_matched`` are the rules, by
    place and selector, that met no attribute.  ``interrupted`` says that not all files were done.
    ``log_warnings`` is what was found when an audit log was opened.
    """

    written: int
    size: int
    refused: dict[str, int]
    skipped: dict[str, int]
    counts: dict[str, int]
    untreatable: int
    warnings: dict[str, int]
    telling_names: int
    never_matched: tuple[str, ...]
    interrupted: bool
    seconds: float
    files: tuple[FileResult, ...]
    log_warnings: tuple[str, ...] = ()


def counts_by_method(compiled: Compiled, counts: Counts) -> dict[str, int]:
    return Report(compiled).by_method(counts)


def untreatable(faults: Faults) -> int:
    return sum(times for (_, _, why), times in faults.items() if why not in NOTES)


def decided(rulings: list[Ruling]) -> tuple[Decided, ...]:
    return tuple(map(_decided, settled(rulings)))


def _decided(ruling: Ruling) -> Decided:
    entry, rule = ruling.entry, ruling.case.rule
    return Decided(
        path_text(ruling.path, entry.tag),
        entry.tag,
        entry.vr,
        "otherwise" if rule is None else rule.shown,
        "" if rule is None else rule.method.name,
        fate_of(ruling),
        "" if ruling.fault in NOTES else ruling.fault,
    )


def folder_result(report: Report, log_warnings: tuple[str, ...] = ()) -> FolderResult:
    return FolderResult(
        report.written,
        report.bytes,
        dict(sorted(report.refused.items())),
        dict(sorted(report.skipped.items())),
        report.by_method(),
        untreatable(report.faults),
        dict(sorted(report.warnings.items())),
        report.named,
        tuple(rule.shown for rule in report.never_matched()),
        report.interrupted,
        report.seconds,
        tuple(_file(report, outcome) for outcome in report.files),
        log_warnings,
    )


def _file(report: Report, outcome: Outcome) -> FileResult:
    kept = outcome.path if outcome.status == "written" else ""
    return FileResult(
        outcome.path,
        outcome.output or kept,
        outcome.status,
        outcome.reason,
        outcome.detail,
        outcome.size,
        report.by_method(outcome.counts),
        untreatable(outcome.faults),
        tuple(outcome.warnings),
    )
