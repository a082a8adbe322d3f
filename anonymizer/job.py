"""Many files: finds them, shares them out among processes, adds up what became of each."""

from __future__ import annotations

import os
import time

from anonymizer.errors import ImageError
from anonymizer.folder import find_files
from anonymizer.hold import Hold, spelling
from anonymizer.pool import (
    MOST_BYTES_IN_CHUNK,
    MOST_CHARACTERS_IN_CHUNK,
    MOST_IN_CHUNK,
    Chunk,
    Job,
    Pool,
)
from anonymizer.report import SKIPPED, Outcome, Outcomes, Report, outcome_of
from anonymizer.worker import Settings, Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from anonymizer.folder import Found
    from anonymizer.ledger.ledger import Ledger
    from anonymizer.pool import Progress
    from anonymizer.rules.compiled import Compiled
    from anonymizer.shards.shard import Shard
    from anonymizer.stores.store import Outputs

    Files = Iterable[tuple[str, int]]
    Crew = Callable[[Files, Hold, Job], None]
    """Does all of these files, which it may take one by one, and adds up what became of them."""


def run_folder(  # noqa: PLR0913  one a thing that a run may have
    compiled: Compiled,
    settings: Settings,
    *,
    workers: int,
    leave_out: frozenset[str] = frozenset(),
    progress: Progress | None = None,
    ledger: Ledger | None = None,
    shard: Shard | None = None,
    crew: Crew | None = None,
) -> Report:
    """Anonymizes every image below the input folder; never raises for the sake of one file.

    ``workers`` are processes; 0 does everything in this one.  ``leave_out`` are real paths that
    are no inputs (the configuration).  ``progress`` is called after each chunk with the report so
    far.  What ``ledger`` has as done is left as it is.  Of a ``shard``, which needs a ledger, only
    its own files are done.  ``crew`` does the files in the place of
    processes of this machine.
    """
    report = _report_of(compiled, settings)
    started = time.monotonic()
    job = Job(compiled, settings, report, progress or _no_progress, ledger)
    crew = crew or _crew_of_this_machine(workers, shard)
    report.is_trial = settings.dry_run
    with _held(settings, shard) as hold:
        settings.since = hold.since
        files = _to_do(_found(settings, report, shard), settings, leave_out, report)
        if hold.folds and not settings.rename and settings.outputs is None:
            files = _one_of_each(files, report)
        if ledger is not None:
            files = _left(files, settings, report, ledger)
        try:
            crew(files, hold, job)
        except BaseException:
            report.interrupted = True
            raise
        finally:
            _end(settings.outputs, report)
    report.cleared = hold.cleared if shard is None else shard.cleared
    if ledger is not None and not report.interrupted:
        ledger.finish()
    report.seconds = time.monotonic() - started
    return report


def _found(settings: Settings, report: Report, shard: Shard | None) -> Iterator[Found]:
    if shard is not None:
        report.account, report.is_part = shard.account, True
        return shard.found()
    if settings.inputs is not None:
        return settings.inputs.find()
    return find_files(settings.input_folder, recursive=settings.recursive)


def _held(settings: Settings, shard: Shard | None) -> Hold:
    outputs = settings.outputs
    folder = settings.output_folder if outputs is None else outputs.folder
    owner = "" if shard is None else shard.owner
    return Hold(folder, writes=bool(folder) and not settings.dry_run, owner=owner)


def _can_fork(settings: Settings) -> bool:
    return hasattr(os, "fork") and not any(store.alone for store in settings.stores)


def _end(outputs: Outputs | None, report: Report) -> None:
    """Has a store end as the run did; without its end, what was written may be lost."""
    if outputs is None:
        return
    fault = None
    if not (report.interrupted or report.is_trial):
        try:
            outputs.finish()
        except ImageError as error:
            fault = error
    elif outputs.abandon() and not report.is_trial:
        fault = ImageError("unfinished", "the run did not come to its end")
    if fault is not None:
        report.withdraw(fault.reason, fault.message)


def _crew_of_this_machine(workers: int, shard: Shard | None) -> Crew:
    def crew(files: Files, hold: Hold, job: Job) -> None:
        chunks = _marked(_chunks(files, job.settings.most_in_chunk), job.ledger)
        chunks = chunks if shard is None else _frozen(chunks, shard)
        if workers and _can_fork(job.settings):
            _run_forked(chunks, job, workers)
        else:
            _run_here(chunks, job)

    return crew


def run_files(whole: Chunk, job: Job) -> None:
    """Anonymizes files that another process has found, in one process of their own.

    That process holds the output folder; what it has found may be many chunks.
    """
    _run_forked(_given(whole), job, 1)


def _given(whole: Chunk) -> Iterator[Chunk]:
    at = 0
    for chunk in _chunks((path, 0) for path in whole.paths):
        cut = slice(at, at + len(chunk.paths))
        yield Chunk(chunk.paths, whole.ours[cut], whole.frozen[cut])
        at = cut.stop


def _report_of(compiled: Compiled, settings: Settings) -> Report:
    report = Report(compiled, each=settings.each)
    report.tell = settings.spool.tell if settings.spool else None
    if settings.every_refusal:
        report.every_refusal = Outcomes()
    return report


def _no_progress(report: Report) -> None:
    pass


def _to_do(
    found: Iterable[Found], settings: Settings, leave_out: frozenset[str], report: Report
) -> Iterator[tuple[str, int]]:
    """The files to open; those that are not to be are reported on the way."""
    count = 0
    whys = _WHY if settings.inputs is None else {**_WHY, **settings.inputs.whys}
    for path, size, why in found:
        if why:
            report.add_unopened(outcome_of(path, why, whys.get(why, why)))
        elif leave_out and os.path.realpath(f"{settings.input_folder}/{path}") in leave_out:
            report.add_unopened(Outcome(path, SKIPPED, "configuration", "the configuration itself"))
        else:
            yield path, size
        count += 1
    report.found = count


_WHY = {
    "unreadable-folder": "the folder cannot be listed",
    "symlink": "a symbolic link is not followed",
    "special-file": "not a regular file",
    "vanished": "the file is not there any more",
}


def _one_of_each(files: Iterable[tuple[str, int]], report: Report) -> Iterator[tuple[str, int]]:
    """The files without those whose outputs the file system would take for one written before."""
    seen: set[int] = set()
    for path, size in files:
        key = hash(spelling(path))
        if key in seen:
            report.add_unopened(
                outcome_of(path, "exists", "another input has this name in other letters")
            )
        else:
            seen.add(key)
            yield path, size


def _chunks(files: Iterable[tuple[str, int]], most: int = 0) -> Iterator[Chunk]:
    paths: list[str] = []
    size = characters = 0
    for path, bytes_in_file in files:
        if paths and (
            len(paths) >= (most or MOST_IN_CHUNK)
            or size + bytes_in_file > MOST_BYTES_IN_CHUNK
            or characters + len(path) > MOST_CHARACTERS_IN_CHUNK
        ):
            yield Chunk(paths)
            paths, size, characters = [], 0, 0
        paths.append(path)
        size += bytes_in_file
        characters += len(path)
    if paths:
        yield Chunk(paths)


AFTER_THE_POOL = 1 << 32
"""No chunk of a pool has a number so high."""


def _left(
    files: Iterable[tuple[str, int]], settings: Settings, report: Report, ledger: Ledger
) -> Iterator[tuple[str, int]]:
    """What the ledger has not as done; settled before the first worker starts."""
    settings.itemize = True
    ledger.start(settings)
    return ledger.left(files, report)


def _marked(chunks: Iterable[Chunk], ledger: Ledger | None) -> Iterator[Chunk]:
    """The chunks with what a run before may have written."""
    for chunk in chunks:
        if ledger is not None:
            chunk.ours = bytes(map(ledger.may_replace, chunk.paths))
        yield chunk


def _frozen(chunks: Iterable[Chunk], shard: Shard) -> Iterator[Chunk]:
    """The chunks with how the manifest has listed each file."""
    for chunk in chunks:
        chunk.frozen = shard.states_of(chunk.paths)
        yield chunk


def _run_here(chunks: Iterator[Chunk], job: Job) -> None:
    """Everything in this process: where processes cannot be forked, or no more of them."""
    report, ledger = job.report, job.ledger
    worker = Worker(job.compiled, job.settings)
    try:
        for number, chunk in enumerate(chunks, AFTER_THE_POOL):
            rows = []
            if ledger is not None:
                ledger.begin(number, chunk.paths)
            worker.expect(chunk.paths)
            if chunk.frozen:
                worker.freeze(chunk.paths, chunk.frozen)
            for path, ours in zip(chunk.paths, chunk.ours, strict=True):
                outcome = worker.do(path, again=bool(ours))
                report.add(outcome)
                rows.append(outcome.as_row())
            if ledger is not None:
                ledger.end(number, rows)
            job.progress(report)
    except KeyboardInterrupt:
        report.interrupted = True
    report.add_counts(*worker.take_tally())
    report.names.hear(*worker.take_words())
    report.matched |= worker.pipeline.plan.matched


def _run_forked(chunks: Iterator[Chunk], job: Job, workers: int) -> None:
    pool = Pool(job, workers)
    try:
        done = pool.run(chunks)
    finally:
        pool.close()
    if not done:
        _run_here(pool.undone(chunks), job)
