"""Runs of which an audit log tells: a folder, or one file."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from anonymizer.audit.log import AuditLog
from anonymizer.errors import ImageError, UsageError
from anonymizer.files import reason
from anonymizer.folder import lies_in
from anonymizer.report import WRITTEN, Report
from anonymizer.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.report import Outcome
    from anonymizer.rules.compiled import Compiled
    from anonymizer.worker import Settings


@contextmanager
def logged(
    path: str | os.PathLike[str] | None, compiled: Compiled, settings: Settings, *, hides: bool
) -> Iterator[AuditLog | None]:
    """The log of a run, open while it lasts; None where none is asked for.

    Raises UsageError where it cannot be continued, or would lie among inputs or outputs.
    """
    if path is None:
        if hides:
            raise UsageError("hide_paths is about audit_log", "give it, too")
        yield None
        return
    place = os.path.realpath(path)
    for folder in filter(None, (settings.input_folder, settings.output_folder)):
        if lies_in(folder, place):
            raise UsageError(
                "the audit log would lie among the inputs or the outputs", "choose a place beside"
            )
    with AuditLog(place, compiled, hides=hides) as log:
        settings.spool = log.spool
        yield log


def finish(log: AuditLog | None, report: Report) -> tuple[str, ...]:
    """Gives the records their place; answers what was found when the log was opened."""
    if log is None:
        return ()
    try:
        log.finish(report)
    except OSError as error:
        raise UsageError(
            f"not all records of the audit log could be written ({reason(error)})",
            "the next run with this log takes them from its .part",
        ) from None
    return tuple(log.warnings)


def do_one(
    compiled: Compiled, settings: Settings, log: AuditLog, source: str, target: str
) -> tuple[Outcome, tuple[str, ...]]:
    """One file by paths of its own; raises ImageError where it is refused, which the log tells."""
    worker = Worker(compiled, settings)
    outcome = worker.do_one(source, target)
    report = Report(compiled, each=True)
    report.add(outcome)
    report.names.hear(*worker.take_words())
    found = finish(log, report)
    if outcome.status != WRITTEN:
        why, detail = outcome.reason, outcome.detail
        raise ImageError(why, detail)
    return outcome, found
