"""Many files: finds them, shares them out among processes, adds up what became of each.

Strategy
    Each worker is a forked process that gets chunks of file names through a pipe and sends back
    outcomes.  Files are found while others are being done; a worker always has one chunk waiting.

Rules
    * A worker's death costs the file it held; the rest of its chunk is done again by another.
    * Ctrl-C lets every worker finish the file it holds; nothing partial is left.
    * The plan is compiled once, before the fork; keys go through no pipe, argument or file.
"""

from __future__ import annotations

import gc
import marshal
import os
import select
import signal
import time
from mmap import mmap

from anonymizer.files import sweep_parts
from anonymizer.folder import find_files
from anonymizer.report import REFUSED, SKIPPED, Outcome, Report, outcome_of
from anonymizer.worker import Settings, Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from anonymizer.folder import Found
    from anonymizer.rules.compiled import Compiled

    Message = tuple[Any, Any]
    """(again, chunk) to a worker; ("done", rows) or ("matched", rules) from one."""

    Progress = Callable[[Report], None]
    Chunk = list[str]

MOST_IN_CHUNK = 64
MOST_BYTES_IN_CHUNK = 32 << 20
CHUNKS_AHEAD = 2


def run_folder(
    compiled: Compiled,
    settings: Settings,
    *,
    workers: int,
    leave_out: frozenset[str] = frozenset(),
    progress: Progress | None = None,
) -> Report:
    """Anonymizes every image below the input folder; never raises for the sake of one file.

    ``leave_out`` are real paths that are no inputs (the configuration).  ``progress`` is called
    after each chunk with the report so far.
    """
    report = Report(compiled, each=settings.each)
    started = time.monotonic()
    files = _to_do(find_files(settings.input_folder), settings, leave_out, report)
    run = _run_forked if hasattr(os, "fork") else _run_here
    run(files, compiled, settings, workers, report, progress or _no_progress)
    report.seconds = time.monotonic() - started
    return report


def _no_progress(report: Report) -> None:
    pass


def _to_do(
    found: Iterable[Found], settings: Settings, leave_out: frozenset[str], report: Report
) -> Iterator[tuple[str, int]]:
    """The files to open; those that are not to be are reported on the way."""
    count = 0
    for path, size, why in found:
        if why:
            report.add(outcome_of(path, why, _WHY.get(why, why)))
        elif leave_out and os.path.realpath(f"{settings.input_folder}/{path}") in leave_out:
            report.add(Outcome(path, SKIPPED, "configuration", "the configuration itself"))
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


def _chunks(files: Iterable[tuple[str, int]]) -> Iterator[Chunk]:
    chunk: Chunk = []
    size = 0
    for path, bytes_in_file in files:
        if chunk and (len(chunk) >= MOST_IN_CHUNK or size + bytes_in_file > MOST_BYTES_IN_CHUNK):
            yield chunk
            chunk, size = [], 0
        chunk.append(path)
        size += bytes_in_file
    if chunk:
        yield chunk


def _run_here(
    files: Iterable[tuple[str, int]],
    compiled: Compiled,
    settings: Settings,
    workers: int,
    report: Report,
    progress: Progress,
) -> None:
    """Where processes cannot be forked: everything in this one."""
    worker = Worker(compiled, settings)
    try:
        for chunk in _chunks(files):
            for path in chunk:
                report.add(worker.do(path))
            report.add_counts(*worker.take_tally())
            progress(report)
    except KeyboardInterrupt:
        report.interrupted = True
    report.matched |= worker.pipeline.plan.matched


# A pool of forked workers


class _Hand:
    """A worker process as its parent sees it: two pipes, and the chunks it was given.

    ``at`` is memory that both see: the number of the file in its chunk that the worker holds.
    """

    __slots__ = ("at", "chunks", "pid", "results", "sent", "tasks")

    def __init__(self, pid: int, tasks: int, results: int, at: mmap) -> None:
        self.pid = pid
        self.tasks = tasks
        self.results = results
        self.at = at
        self.chunks: list[tuple[Chunk, bool]] = []
        self.sent = 0


def _run_forked(
    files: Iterable[tuple[str, int]],
    compiled: Compiled,
    settings: Settings,
    workers: int,
    report: Report,
    progress: Progress,
) -> None:
    pool = _Pool(compiled, settings, workers, report, progress)
    try:
        pool.run(_chunks(files))
    finally:
        pool.close()


class _Pool:
    """The parent's side: who has which chunk, and what is still to be given out."""

    def __init__(
        self,
        compiled: Compiled,
        settings: Settings,
        workers: int,
        report: Report,
        progress: Progress,
    ) -> None:
        self.compiled = compiled
        self.settings = settings
        self.report = report
        self.progress = progress
        self.stop = mmap(-1, 1)
        self.again: list[Chunk] = []
        self.hands: dict[int, _Hand] = {}
        for _ in range(max(1, workers)):
            self._hire()

    def run(self, chunks: Iterator[Chunk]) -> None:
        while True:
            try:
                self._deal(chunks)
                if not any(hand.chunks for hand in self.hands.values()):
                    return
                self._listen()
                self.progress(self.report)
            except KeyboardInterrupt:
                if self.report.interrupted:
                    raise
                self.report.interrupted = True
                self.stop[0] = 1
                self.again.clear()

    def _deal(self, chunks: Iterator[Chunk]) -> None:
        """Gives every worker its next chunks, those to be done again first."""
        if self.report.interrupted:
            return
        for _ in range(CHUNKS_AHEAD):
            for hand in list(self.hands.values()):
                if len(hand.chunks) >= CHUNKS_AHEAD:
                    continue
                if self.again:
                    self._give(hand, self.again.pop(), again=True)
                elif chunk := next(chunks, None):
                    self._give(hand, chunk, again=False)
                else:
                    return

    def _give(self, hand: _Hand, chunk: Chunk, *, again: bool) -> None:
        hand.chunks.append((chunk, again))
        _send(hand.tasks, (again, chunk))

    def _listen(self) -> None:
        waiting = {hand.results: hand for hand in self.hands.values() if hand.chunks}
        ready, _, _ = select.select(list(waiting), [], [], 1.0)
        for fd in ready:
            hand = waiting[fd]
            message = _receive(fd)
            if message is None:
                self._bury(hand)
            else:
                self._hear(hand, message)

    def _hear(self, hand: _Hand, message: Message) -> None:
        kind, content = message
        if kind == "matched":
            self.report.matched.update(content)
            return
        hand.chunks.pop(0)
        written, size, rows, counts, faults = content
        self.report.add_written(written, size)
        for row in rows:
            self.report.add(Outcome.from_row(row))
        self.report.add_counts(counts, faults)

    def _bury(self, hand: _Hand) -> None:
        """A worker died: the file it held is refused, the rest of its chunks goes to others."""
        status = _reap(hand.pid)
        held, done = int.from_bytes(hand.at[:8], "little"), hand.chunks
        del self.hands[hand.pid]
        _shut(hand)
        if done:
            chunk, again = done[0]
            culprit = chunk[held]
            folder = f"{self.settings.output_folder}/{culprit}".rpartition("/")[0]
            sweep_parts(folder, hand.pid)
            self.report.add(Outcome(culprit, REFUSED, "worker-died", _how(status)))
            if before := chunk[:held]:
                self.again.append(before)
            if after := chunk[held + 1 :]:
                self.again.append(after)
            self.again += [later for later, _ in done[1:]]
            del again
        self._hire()

    def _hire(self) -> None:
        tasks_out, tasks_in = os.pipe()
        results_out, results_in = os.pipe()
        at = mmap(-1, 8)
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            inherited = [fd for h in self.hands.values() for fd in (h.tasks, h.results)]
            for fd in (*inherited, tasks_in, results_out):
                os.close(fd)
            _serve(self.compiled, self.settings, tasks_out, results_in, at, self.stop)
        os.close(tasks_out)
        os.close(results_in)
        self.hands[pid] = _Hand(pid, tasks_in, results_out, at)

    def close(self) -> None:
        """Lets the workers end, hears which rules they met, and waits for them."""
        for hand in self.hands.values():
            os.close(hand.tasks)
        for hand in self.hands.values():
            while (message := _receive(hand.results)) is not None:
                if message[0] == "matched":
                    self.report.matched.update(message[1])
            os.close(hand.results)
            _reap(hand.pid)
        self.hands.clear()


def _serve(
    compiled: Compiled, settings: Settings, tasks: int, results: int, at: mmap, stop: mmap
) -> None:
    """The worker's side; leaves by ``_exit``, so that nothing of the parent's is done twice."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # nothing the engine makes refers to itself
    status = 1
    try:
        worker = Worker(compiled, settings)
        while (task := _receive(tasks)) is not None:
            _send(results, ("done", _do_chunk(worker, task, at, stop)))
        _send(results, ("matched", worker.pipeline.plan.matched))
        status = 0
    except BrokenPipeError:
        status = 1  # the parent is gone
    finally:
        os._exit(status)


def _do_chunk(worker: Worker, task: Message, at: mmap, stop: mmap) -> tuple[Any, ...]:
    """(files and bytes there is nothing to tell of, rows of the others, counts, faults)."""
    again, chunk = task
    rows = []
    written = size = 0
    for number, path in enumerate(chunk):
        if stop[0]:
            break
        at[:8] = number.to_bytes(8, "little")
        outcome = worker.do(path, again=again)
        if outcome.is_plain and not worker.settings.each:
            written += 1
            size += outcome.size
        else:
            rows.append(outcome.as_row())
    return (written, size, rows, *worker.take_tally())


def _send(fd: int, content: Message) -> None:
    data = marshal.dumps(content)
    data = len(data).to_bytes(8, "little") + data
    while data:
        data = data[os.write(fd, data) :]


def _receive(fd: int) -> Message | None:
    """The next message, None where the other side is gone."""
    head = _exactly(fd, 8)
    if head is None:
        return None
    body = _exactly(fd, int.from_bytes(head, "little"))
    if body is None:
        return None
    message: Message = marshal.loads(body)  # noqa: S302  from our own child or parent
    return message


def _exactly(fd: int, size: int) -> bytes | None:
    parts = b""
    while len(parts) < size:
        part = os.read(fd, size - len(parts))
        if not part:
            return None
        parts += part
    return parts


def _reap(pid: int) -> int:
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return 0


def _shut(hand: _Hand) -> None:
    for fd in (hand.tasks, hand.results):
        try:
            os.close(fd)
        except OSError:
            continue


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"the process that held it was killed ({signal.Signals(os.WTERMSIG(status)).name})"
    return f"the process that held it ended with status {os.waitstatus_to_exitcode(status)}"
