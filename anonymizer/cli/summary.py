"""Shows how a run goes and how it ended; rich on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time

from anonymizer._version import VERSION
from anonymizer.dicom.dictionary import name_of
from anonymizer.report import SKIP_REASONS, Outcome, Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rich.progress import Progress

    from anonymizer.rules.rule import Rule

MOST_LINES = 20
SECONDS_BETWEEN_LINES = 10.0


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
        if self._bar is not None:
            rate = _rate(report, now - self._started)
            self._bar.update(self._task, completed=report.total, total=report.found, rate=rate)
        elif now - self._told >= SECONDS_BETWEEN_LINES:
            self._told = now
            rate = _rate(report, now - self._started)
            print(f"{report.total:,} files done, {rate}", file=sys.stderr, flush=True)


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
    )


def _rate(report: Report, seconds: float) -> str:
    seconds = max(seconds, 1e-3)
    return f"{report.total / seconds:,.0f} files/s, {report.bytes / seconds / 1e6:,.1f} MB/s"


def summary(report: Report, *, quiet: bool) -> None:
    """Troubles to standard error, what was done to standard output."""
    for line in troubles(report):
        print(line, file=sys.stderr)
    if quiet:
        return
    if sys.stdout.isatty():
        _rich_table(rows(report))
        return
    width = max(len(name) for name, _ in rows(report))
    for name, text in rows(report):
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
        ("written", f"{_files(report.written)}, {report.bytes / 1e6:,.1f} MB"),
    ]
    lines += [("refused", f"{_files(n)}: {why}") for why, n in sorted(report.refused.items())]
    lines += [
        ("skipped", f"{_files(n)}: {SKIP_REASONS.get(why, why)}")
        for why, n in sorted(report.skipped.items())
    ]
    lines += [(name, f"{n:,} attributes") for name, n in report.by_method().items()]
    lines += [("untreatable", text) for text in fault_lines(report)[:MOST_LINES]]
    if idle := report.never_matched():
        named = ", ".join(dict.fromkeys(rule.text for rule in idle[:5]))
        more = f" and {len(idle) - 5:,} more" if len(idle) > 5 else ""
        lines.append(
            ("never matched", f"{len(idle):,} of {len(compiled.rules):,} rules: {named}{more}")
        )
    rate = _rate(report, report.seconds)
    lines.append(("time", f"{report.seconds:.1f} s, {rate}"))
    return lines


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number:,} files"


def fault_lines(report: Report) -> list[str]:
    """Values that no method could treat: by attribute, rule and reason, never the value."""
    rules = report.compiled.rules
    return [
        f"{times:,} {name_of(tag)}: {why} ({_where(rules, number)})"
        for (tag, number, why), times in sorted(report.faults.items(), key=lambda f: -f[1])
    ]


def _where(rules: tuple[Rule, ...], number: int) -> str:
    if number < 0:
        return "otherwise"
    rule = rules[number]
    return f"{rule.place} {rule.text}, onError {rule.on_error}"


def troubles(report: Report) -> list[str]:
    """What a person must know of: refused files, names that tell, an interrupted run."""
    lines = []
    refused = [t for t in report.troubles if t.status == "refused"]
    for outcome in refused[:MOST_LINES]:
        path = report.shown_path(outcome.path)
        lines.append(f"refused: {path}: {outcome.reason}: {outcome.detail}")
    if (more := sum(report.refused.values()) - MOST_LINES) > 0:
        lines.append(f"refused: {more:,} more; --report FILE lists them all")
    for warning, times in sorted(report.warnings.items()):
        lines.append(f"warning: {_files(times)}: {WARNINGS.get(warning, warning)}")
    if report.named:
        lines.append(
            f"warning: {_files(report.named)}: the name of the file or of a folder above it holds "
            "a removed value\n  hint: --rename uid names outputs by their new UIDs"
        )
    if report.interrupted:
        lines.append("interrupted: the files told here are whole, the rest was not begun")
    return lines


WARNINGS = {"TIFF-preamble": "the preamble held a TIFF header, which is not carried over"}


def write_report(path: str, report: Report) -> None:
    """The whole report as JSON; no value of an image, no key."""
    import json

    compiled = report.compiled
    content = {
        "tool": {"name": "anonymizer", "version": VERSION},
        "configuration": {
            "name": compiled.name,
            "version": compiled.version,
            "sha256": compiled.digest,
        },
        "written": report.written,
        "bytes": report.bytes,
        "refused": report.refused,
        "skipped": report.skipped,
        "interrupted": report.interrupted,
        "methods": report.by_method(),
        "untreatable": fault_lines(report),
        "warnings": report.warnings,
        "namesThatTell": report.named,
        "neverMatched": [{"place": r.place, "selector": r.text} for r in report.never_matched()],
        "seconds": round(report.seconds, 3),
        "files": [_file(report, outcome) for outcome in report.files],
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


def _file(report: Report, outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {"input": report.shown_path(outcome.path), "status": outcome.status}
    if outcome.output:
        told["output"] = outcome.output
    if outcome.reason:
        told["reason"], told["detail"] = outcome.reason, outcome.detail
    else:
        told["bytes"] = outcome.size
        told["methods"] = report.by_method(outcome.counts)
        told["untreatable"] = sum(outcome.faults.values())
    if outcome.warnings:
        told["warnings"] = outcome.warnings
    return told
