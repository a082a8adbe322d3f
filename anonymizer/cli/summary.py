"""Shows how a run goes and how it ended; rich on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time

from anonymizer._version import VERSION
from anonymizer.dicom.dictionary import name_of
from anonymizer.report import DONE_BEFORE, SKIP_REASONS, TURNED_AWAY, Outcome, Report
from anonymizer.rows import as_json
from anonymizer.rules.tally import NOTES
from anonymizer.rules.watch import MOST_WORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from rich.progress import Progress

    from anonymizer.rules.compiled import Compiled
    from anonymizer.rules.rule import Rule

MOST_LINES = 20
SECONDS_BETWEEN_LINES = 10.0
SECONDS_OF_A_FRAME = 0.1


class Bar:
    """Progress on standard error: a bar on a terminal, else a line every ten seconds."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._started = self._told = time.monotonic()
        self._bar: Progress | None = None
        self._task: Any = None

    def __enter__(self) -> Bar:
        if not self._quiet and sys.stderr.isatty():
            self._bar = _rich_bar()
            self._task = self._bar.add_task("", total=None, rate="")
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def update(self, report: Report) -> None:
        if self._quiet:
            return
        now = time.monotonic()
        if now - self._told < (SECONDS_BETWEEN_LINES if self._bar is None else SECONDS_OF_A_FRAME):
            return
        self._told = now
        rate = _rate(report, now - self._started)
        if self._bar is None:
            print(_line(report, now - self._started), file=sys.stderr, flush=True)
            return
        self._bar.update(self._task, completed=report.total, total=report.found, rate=rate)
        self._bar.refresh()


class Ticks:
    """A line on standard error every ten seconds of what takes long after a run, or without one."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._told = time.monotonic()

    def __call__(self, what: str, done: int, of: int) -> None:
        now = time.monotonic()
        if not self._quiet and now - self._told >= SECONDS_BETWEEN_LINES:
            self._told = now
            print(f"{what}: {done:,} of {of:,}", file=sys.stderr, flush=True)


def _line(report: Report, seconds: float) -> str:
    """How far a run is, where no bar can be drawn."""
    rate = _rate(report, seconds)
    if report.found is None:
        return f"{report.total:,} files done, {rate}"
    left = _time(seconds / max(report.total, 1) * (report.found - report.total))
    return f"{report.total:,} of {report.found:,} files done, {rate}, {left} left"


def _rich_bar() -> Progress:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,  # it would be a thread, and workers are forked
    )


def _rate(report: Report, seconds: float) -> str:
    seconds = max(seconds, 1e-3)
    return f"{report.total / seconds:,.0f} files/s, {report.bytes / seconds / 1e6:,.1f} MB/s"


def size_text(size: float) -> str:
    if size < 1000:
        return f"{size:.0f} bytes"
    units = iter(("kB", "MB", "GB"))
    unit = next(units)
    while size >= 999_950 and (larger := next(units, "")):
        size, unit = size / 1000, larger
    return f"{size / 1000:,.1f} {unit}"


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def summary(report: Report, *, quiet: bool) -> None:
    """Troubles to standard error, what was done to standard output."""
    for line in troubles(report):
        print(line, file=sys.stderr)
    if quiet:
        return
    lines = rows(report)
    if sys.stdout.isatty():
        _rich_table(lines)
        return
    width = max(len(name) for name, _ in lines)
    for name, text in lines:
        print(f"{name:<{width}}  {text}".rstrip())


def _rich_table(lines: list[tuple[str, str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None, pad_edge=False)
    for name, text in lines:
        table.add_row(Text(name, style="bold"), Text(text))
    Console().print(table)


def rows(report: Report) -> list[tuple[str, str]]:
    """The end of a run in a few lines: name and text."""
    compiled = report.compiled
    configuration = f"{compiled.name} {compiled.version}".strip()
    lines = [
        ("configuration", f"{configuration} (sha256 {compiled.digest[:12]})"),
        (_done(report), f"{_files(report.written)}, {size_text(report.bytes)}"),
    ]
    if report.done_before:
        lines.append(("done before", _files(report.done_before)))
    lines += [("refused", f"{_files(n)}: {why}") for why, n in sorted(report.refused.items())]
    lines += [
        ("skipped", f"{_files(n)}: {SKIP_REASONS.get(why, why)}")
        for why, n in sorted(report.skipped.items())
    ]
    if report.verification is not None:
        lines.append(("verified", _verified(report.verification)))
    lines += [(name, counted(n, "attribute")) for name, n in report.by_method().items()]
    lines += [("untreatable", text) for text in _most(fault_lines(report))]
    lines += [("kept valid", text) for text in _most(note_lines(report))]
    if compiled.unclaimed:
        lines.append(("not claimed", _unclaimed(report)))
    if compiled.undecided:
        lines.append(("no rule for", undecided(compiled)))
    if report.written and (idle := report.never_matched()):
        named = ", ".join(dict.fromkeys(rule.text for rule in idle[:5]))
        more = f" and {len(idle) - 5:,} more" if len(idle) > 5 else ""
        said = len(compiled.rules[: compiled.rules_of_files])
        lines.append(("never matched", f"{len(idle):,} of {said:,} rules: {named}{more}"))
    rate = _rate(report, report.seconds)
    lines.append(("time", f"{_time(report.seconds)}, {rate}"))
    return lines


def _verified(told: dict[str, Any]) -> str:
    searched = f"{counted(told['searched'], 'value')} of {counted(told['patients'], 'patient')}"
    return f"{told['verdict']}: {searched} searched in {size_text(told['sweptBytes'])}"


def _done(report: Report) -> str:
    return "would write" if report.is_trial else "written"


def file_line(report: Report, outcome: Outcome) -> str:
    """What was decided about an image, by method; or why it was left out."""
    path = report.told_path(outcome)
    if outcome.reason:
        return f"{path}: {outcome.status}: {outcome.reason}"
    if outcome.status == DONE_BEFORE:
        return f"{path}: done before"
    methods = report.by_method(outcome.counts)
    told = ", ".join(f"{name} {times:,}" for name, times in methods.items())
    return f"{path}: {told or 'nothing to do'}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 file``, ``2,000 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def counted_or_no(number: int, noun: str) -> str:
    return counted(number, noun) if number else f"no {noun}s"


def _files(number: int) -> str:
    return counted(number, "file")


def fault_lines(report: Report) -> list[str]:
    """Values that no method could treat: by attribute, rule and reason, never the value."""
    return [f"{times:,} {text}" for text, times in _faults(report)]


def _faults(report: Report) -> list[tuple[str, int]]:
    rules = report.compiled.rules
    return [
        (f"{name_of(tag)}: {why} ({_where(rules, number)})", times)
        for (tag, number, why), times in sorted(report.faults.items(), key=lambda f: (-f[1], f[0]))
        if why not in NOTES
    ]


def _added(counts: list[tuple[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for text, times in counts:
        total[text] = total.get(text, 0) + times
    return total


def note_lines(report: Report) -> list[str]:
    """Decisions with a note, by attribute."""
    ordered = sorted(_notes(report).items(), key=lambda told: (-told[1], told[0]))
    return [f"{times:,} {text}" for text, times in ordered]


def _notes(report: Report) -> dict[str, int]:
    return _added(
        [
            (f"{name_of(tag)}: {NOTES[note]}", times)
            for (tag, _, note), times in report.faults.items()
            if note in NOTES
        ]
    )


def _where(rules: tuple[Rule, ...], number: int) -> str:
    if number < 0:
        return "otherwise"
    rule = rules[number]
    return f"{rule.shown}, onError {rule.on_error}"


def troubles(report: Report) -> list[str]:
    """What a person must know of: refused files, names that tell, an interrupted run."""
    lines = []
    for outcome in report.refusals[:MOST_LINES]:
        path = report.shown_path(outcome.path)
        lines.append(f"refused: {path}: {outcome.reason}: {outcome.detail}")
    lines += _more_refused(report)
    lines += [f"  hint: {hint}" for hint in _hints(report)]
    warnings = [
        f"warning: {_files(times)}: {WARNINGS.get(warning, warning)}"
        for warning, times in sorted(report.warnings.items(), key=lambda w: (-w[1], w[0]))
        if not warning.startswith(PRIVATE_PHI)
    ]
    lines += [*_most(warnings, "warning: "), *_private_lines(report)]
    if named := report.named:
        lines.append(
            f"warning: {_files(named)}: the name of the file or of a folder above it holds "
            "a removed value\n  hint: --rename uid names outputs by their new UIDs"
        )
    if report.cleared:
        left = "it is removed" if report.cleared == 1 else "they are removed"
        lines.append(f"note: a killed run had left {_files(report.cleared)} unfinished; {left}")
    lines += _withheld(report, lines)
    if not (report.found_images or report.refused or report.interrupted or report.is_part):
        lines += _nothing_found(report)
    if report.interrupted:
        left = "the rest was" if report.found is None else f"{report.found - report.total:,} were"
        lines.append(f"interrupted: what is written is whole; {left} not begun")
    return lines


def _nothing_found(report: Report) -> list[str]:
    if away := sum(report.skipped.get(why, 0) for why in TURNED_AWAY):
        of = "the image is not accepted" if report.is_of_one else f"none of {_files(away)} accepted"
        return [
            f"warning: nothing written: {of} by the configuration",
            "  hint: anonymizer explain IMAGE -c CONFIG shows which conditions hold",
        ]
    return [] if report.is_of_one else ["nothing found: the input folder holds no image"]


def _hints(report: Report) -> Iterator[str]:
    """What helps against the reasons; against ``exists`` it hangs on the detail."""
    yield from (HINTS[why] for why in sorted(report.refused) if why in HINTS)
    details = {outcome.detail for outcome in report.refusals if outcome.reason == "exists"}
    yield from sorted({HINTS_OF_EXISTS.get(detail, OVERWRITE) for detail in details})


def _more_refused(report: Report) -> list[str]:
    """Those that are not told one by one: too many, or lost all at once."""
    lines = []
    lost, reason, detail = report.withdrawn or (0, "", "")
    if (more := sum(report.refused.values()) - MOST_LINES - lost) > 0:
        hint = "" if report.each else "; --report FILE lists them all"
        lines.append(f"refused: {more:,} more{hint}")
    if lost:
        lines.append(f"refused: {_files(lost)} that could have been written: {reason}: {detail}")
    return lines


def _private_lines(report: Report) -> list[str]:
    """One line for all private elements that stay and may identify somebody."""
    told = [w.split(": ")[1] for w in sorted(report.warnings) if w.startswith(PRIVATE_PHI)]
    places = list(dict.fromkeys(told))
    if not places:
        return []
    more = f" and {len(places) - 3:,} more" if len(places) > 3 else ""
    return [
        "warning: private elements that stay may identify somebody: "
        f"{', '.join(places[:3])}{more}\n  hint: --report FILE says which files, and what they "
        'have; the selector "private" is all of them'
    ]


WITHHELD = "~withheld-"
TRY_ANEW = (
    "--dry-run without --resume, into a folder that is not there, withholds only those that hold "
    "a removed value"
)
FIND_WITHHELD = (
    "note: ~withheld-1~ and the like are names that hold a removed value\n"
    "  hint: the same run with --dry-run --verbose --show-values shows them, to who may see values"
)


def _withheld(report: Report, lines: list[str]) -> list[str]:
    """Why names of files are not shown, where that is so."""
    if report.shows_names:
        return []
    if report.names.is_full:
        return [
            f"warning: more than {MOST_WORDS:,} words were removed: all names of files are withheld"
        ]
    if report.names.forgot and (report.refusals or report.each):
        return [f"note: all names of files are withheld: {report.names.forgot}\n  hint: {TRY_ANEW}"]
    seen = report.is_trial or any(WITHHELD in line for line in lines)
    return [FIND_WITHHELD] if report.names.has_withheld and seen else []


def _most(lines: list[str], kind: str = "") -> list[str]:
    """The first lines, and how many more there are."""
    more = len(lines) - MOST_LINES
    return lines if more <= 0 else [*lines[:MOST_LINES], f"{kind}{more:,} more kinds"]


def written_lines(report: Report, target: str) -> list[str]:
    """What became of one image that was written to ``target``."""
    changed = sum(report.counts.values())
    written = f"{_done(report)}: {report.shown_path(target)}, {size_text(report.bytes)}"
    lines = [f"{written}; rules decided about {counted(changed, 'attribute')}"]
    if report.verification is not None:
        lines.append(f"verified: {_verified(report.verification)}")
    if report.compiled.unclaimed:
        lines.append(f"not claimed: {_unclaimed(report)}")
    if report.compiled.undecided:
        lines.append(f"no rule for {undecided(report.compiled)}")
    return [*lines, *(f"untreatable: {text}" for text in _most(fault_lines(report)))]


def _unclaimed(report: Report) -> str:
    return f"a profile of PS3.15: {report.compiled.unclaimed}"


def undecided(compiled: Compiled) -> str:
    """What identifies the patient and stays though no rule says so."""
    which = " and ".join(compiled.undecided)
    verb = "stay" if compiled.undecided[1:] else "stays"
    return f"{which}, which {verb}; outputs say Patient Identity Removed all the same"


PRIVATE_PHI = "private-phi"
"""As in ``rules.private``, which a run does not load for it."""

HINTS = {
    "verify-failed": "docs/verify.md says what each kind means; against name-left, --rename uid "
    "names outputs by their new UIDs",
}
OVERWRITE = "--overwrite replaces outputs that are there already"
OF_ONE_UID = "several inputs have the same UIDs: without --rename uid each keeps its own path"
HINTS_OF_EXISTS = {
    "another input has the same output": OF_ONE_UID,
    "another input wants the same output": OF_ONE_UID,
    "another input has this name in other letters": "give one of them another name, or write to a "
    "file system that tells small letters from capitals",
}
"""By the detail: of two inputs neither may replace the other, whatever the flags."""

WARNINGS = {
    "TIFF-preamble": "the preamble held a TIFF header, which is not carried over",
    "pixel-excess": "bytes behind the pixels, in their element, were removed",
    "forced": "read by --force, for it says nowhere that it is DICOM",
    "burned-in-annotated": "says itself that text is burned into the pixels",
    "burned-in-captured": "a captured picture: its pixels may show names",
    "burned-in-document": "an encapsulated document: it may name anybody",
    "burned-in-endoscopy": "an endoscopic picture: its pixels may show names",
    "burned-in-other": "modality OT: its pixels may show names",
    "burned-in-overlay": "an overlay in unused bits of the pixels, where no rule reaches it",
    "burned-in-photograph": "a photograph: it may show a face or names",
    "burned-in-screen": "a picture of a screen: its pixels may show names",
    "burned-in-secondary": "a secondary image: its pixels may show names",
    "burned-in-ultrasound": "an ultrasound picture: its pixels may show names",
}


def sums_of(report: Report) -> dict[str, Any]:
    """What became of all files, of a run or of a shard."""
    return {
        "written": report.written,
        "doneBefore": report.done_before,
        "bytes": report.bytes,
        "refused": dict(sorted(report.refused.items())),
        "skipped": dict(sorted(report.skipped.items())),
        "methods": report.by_method(),
        "untreatable": _added(_faults(report)),
        "keptValid": _notes(report),
        "warnings": dict(sorted(report.warnings.items())),
        "namesThatTell": report.named,
        "neverMatched": [{"place": r.place, "selector": r.text} for r in report.never_matched()],
        "seconds": round(report.seconds, 3),
    }


def write_report(path: str, report: Report) -> None:
    """The whole report as JSON; no value of an image, no key."""
    content = {
        "tool": {"name": "anonymizer", "version": VERSION},
        "configuration": report.compiled.told,
        **sums_of(report),
        "interrupted": report.interrupted,
        "untreatable": fault_lines(report),
        "keptValid": note_lines(report),
    }
    if report.verification is not None:
        content["verification"] = report.verification
    if report.audit_last:
        content["auditLog"] = {"last": report.audit_last}
    files = (_file(report, outcome) for outcome in report.files)
    path = os.path.realpath(path)
    regular = os.path.isfile(path) or not os.path.exists(path)
    target = f"{path}.part" if regular else path
    try:
        with open(target, "w", encoding="utf-8") as file:
            file.writelines(as_json(content, "files", files))
        if regular:
            os.replace(target, path)  # never into a file that has another name, too
    except BaseException:
        if regular and os.path.lexists(target):
            os.unlink(target)
        raise


def _sum(outcome: Outcome, *, notes: bool) -> int:
    return sum(n for (_, _, why), n in outcome.faults.items() if (why in NOTES) == notes)


def _file(report: Report, outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {"input": report.told_path(outcome), "status": outcome.status}
    if outcome.output:
        told["output"] = report.told_output(outcome)
    if outcome.status == DONE_BEFORE:
        return told
    if outcome.reason:
        told["reason"], told["detail"] = outcome.reason, outcome.detail
    else:
        told["bytes"] = outcome.size
        told["methods"] = report.by_method(outcome.counts)
        told["untreatable"] = _sum(outcome, notes=False)
        if kept := _sum(outcome, notes=True):
            told["keptValid"] = kept
    if outcome.warnings:
        told["warnings"] = outcome.warnings
    return told
