"""Gives chunks of file names to forked workers and hears what became of each file.

Strategy
    Each worker gets chunks through a pipe and sends back outcomes through another; it always has
    one chunk waiting.  While the workers work, the files to come are found.

Rules
    * A worker's death costs the file it held; the rest of its chunks is done by another, and only
      what the dead one has written may be written over.
    * Ctrl-C and SIGTERM let every worker finish the file it holds; a second one kills the workers.
      No signal raises an exception here, so no message is ever cut in two.
    * What waits in a worker's pipe fits into it, so that the parent never waits for a worker that
      waits for the parent.
    * The plan is compiled once, before the fork; keys go through no pipe, argument or file.
"""

from __future__ import annotations

import gc
import marshal
import os
import select
import signal
from mmap import mmap

from anonymizer.files import sweep_parts
from anonymizer.report import REFUSED, Outcome, Report
from anonymizer.worker import Settings, Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from anonymizer.ledger.ledger import Ledger
    from anonymizer.rules.compiled import Compiled
    from anonymizer.worker import Frozen

    Message = tuple[Any, ...]
    """(serial, paths, ours, frozen) to a worker; ("done", ...) or ("matched", rules) from one."""

    Progress = Callable[[Report], None]

MOST_IN_CHUNK = 128
MOST_BYTES_IN_CHUNK = 32 << 20
MOST_CHARACTERS_IN_CHUNK = 6_000
"""Two chunks of names, of up to four bytes a character, fit into a pipe of 64 KB."""

CHUNKS_AHEAD = 2
PARTS = 2
"""Of what is left at the end, each worker gets one of so many times as many parts as there are
workers."""

MOST_FOUND_AHEAD = 4_096
"""So many chunks are found before there is a worker for them."""

SPARE_PIPES = 8
"""There must be room for so many more where a worker is started: files are opened beside them."""

MOST_IDLE_DEATHS = 3
"""So many workers in a row may die without holding a file before one is blamed all the same."""


class Job:
    """What all who do a part of a folder run have in common."""

    __slots__ = ("compiled", "ledger", "progress", "report", "settings")

    def __init__(
        self,
        compiled: Compiled,
        settings: Settings,
        report: Report,
        progress: Progress,
        ledger: Ledger | None = None,
    ) -> None:
        self.compiled = compiled
        self.settings = settings
        self.report = report
        self.progress = progress
        self.ledger = ledger


class Chunk:
    """Files for one worker; ``ours`` has a 1 for each that this run may have written already.

    ``frozen`` is how each must be found; nothing where that is not known.
    """

    __slots__ = ("frozen", "ours", "paths", "serial")

    def __init__(
        self, paths: list[str], ours: bytes = b"", frozen: list[Frozen] | None = None
    ) -> None:
        self.paths = paths
        self.ours = ours or bytes(len(paths))
        self.frozen = frozen or []
        self.serial = 0

    def before(self, number: int) -> Chunk:
        return Chunk(self.paths[:number], self.ours[:number], self.frozen[:number])

    def behind(self, number: int) -> Chunk:
        return Chunk(self.paths[number:], self.ours[number:], self.frozen[number:])

    def without(self, number: int | None, written: bytes) -> Chunk:
        """The files again, all or all but one, after a worker has written some of them."""
        ours = bytes(map(max, self.ours, written))
        if number is None:
            return Chunk(self.paths, ours, self.frozen)
        return Chunk(
            self.paths[:number] + self.paths[number + 1 :],
            ours[:number] + ours[number + 1 :],
            self.frozen[:number] + self.frozen[number + 1 :],
        )


class Board:
    """Memory that a worker and its parent both see: what the worker is at, should it die.

    The serial number of the chunk, the file that is held (1 for the first, 0 for none), and a
    byte for each file that is written.
    """

    __slots__ = ("_memory",)

    def __init__(self) -> None:
        self._memory = mmap(-1, 16 + MOST_IN_CHUNK)

    def begin(self, serial: int) -> None:
        """The serial comes last, so that what is read with it is about this chunk."""
        self._memory[8:] = bytes(8 + MOST_IN_CHUNK)
        self._memory[:8] = serial.to_bytes(8, "little")

    def hold(self, number: int) -> None:
        self._memory[8:16] = (number + 1).to_bytes(8, "little")

    def written(self, number: int) -> None:
        self._memory[16 + number] = 1

    def end(self) -> None:
        self._memory[8:16] = bytes(8)

    def about(self, chunk: Chunk) -> tuple[int | None, bytes]:
        """The file that was held unfinished, and which files of the chunk were written."""
        if int.from_bytes(self._memory[:8], "little") != chunk.serial:
            return None, bytes(len(chunk.paths))
        held = int.from_bytes(self._memory[8:16], "little") - 1
        written = self._memory[16 : 16 + len(chunk.paths)]
        return (None if held < 0 or written[held] else held), written


class _Hand:
    """A worker process as its parent sees it: two pipes, and the chunks it was given."""

    __slots__ = ("board", "chunks", "pid", "results", "tasks")

    def __init__(self, pid: int, tasks: int, results: int, board: Board) -> None:
        self.pid = pid
        self.tasks = tasks
        self.results = results
        self.board = board
        self.chunks: list[Chunk] = []


class Pool:
    """The parent's side: who has which chunk, and what is still to be given out."""

    def __init__(self, job: Job, workers: int) -> None:
        self.compiled = job.compiled
        self.settings = job.settings
        self.report = job.report
        self.progress = job.progress
        self.ledger = job.ledger
        self._stop = mmap(-1, 1)
        self._waiting: list[Chunk] = []
        self._hands: dict[int, _Hand] = {}
        self._idle_deaths = 0
        self._serial = 0
        self._workers = max(1, workers)

    def run(self, chunks: Iterator[Chunk]) -> bool:
        """Runs until all is done (True), or no process can be started any more (False)."""
        before = catch_signals(self._on_signal)
        try:
            for _ in range(self._workers):
                self._hire()
            finding = True
            while self._hands:
                finding = self._deal(chunks) and finding
                if not any(hand.chunks for hand in self._hands.values()):
                    return True
                if finding and len(self._waiting) < MOST_FOUND_AHEAD:
                    finding = self._find(chunks)
                    self._listen(0.0)
                else:
                    self._listen(1.0)
                self.progress(self.report)
            return self.report.interrupted
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def undone(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """What nobody has done where no process could be started any more."""
        yield from self._waiting
        yield from chunks

    def _on_signal(self, number: int, frame: object) -> None:
        if self.report.interrupted:
            for hand in self._hands.values():
                os.kill(hand.pid, signal.SIGKILL)
        self.report.interrupted = True
        self._stop[0] = 1

    def _find(self, chunks: Iterator[Chunk]) -> bool:
        """Finds one more chunk; answers whether there may be others."""
        if self.report.interrupted or (chunk := next(chunks, None)) is None:
            return False
        self._waiting.append(chunk)
        return True

    def _deal(self, chunks: Iterator[Chunk]) -> bool:
        """Gives every worker its next chunks; answers whether there may be more to find."""
        for _ in range(CHUNKS_AHEAD):
            for hand in list(self._hands.values()):
                if self.report.interrupted:
                    return False
                if len(hand.chunks) >= self._ahead():
                    continue
                if not self._stocked(chunks):
                    return False
                self._give(hand, self._next())
        return True

    def _stocked(self, chunks: Iterator[Chunk]) -> bool:
        """Finds a chunk for each worker before the first is given, so that few are shared well."""
        while len(self._waiting) < len(self._hands) and self._find(chunks):
            continue
        return bool(self._waiting)

    def _next(self) -> Chunk:
        """The next chunk; when few are left a part of it, so that no worker ends long after all."""
        chunk = self._waiting.pop(0)
        hands = len(self._hands)
        if self.report.found is None or len(self._waiting) > PARTS * hands:
            return chunk
        left = len(chunk.paths) + sum(len(waiting.paths) for waiting in self._waiting)
        share = max(1, left // (PARTS * hands))
        if share < len(chunk.paths):
            self._waiting.insert(0, chunk.behind(share))
            chunk = chunk.before(share)
        return chunk

    def _ahead(self) -> int:
        """So many chunks a worker has; of the last ones nobody waits for another's."""
        last = self.report.found is not None and len(self._waiting) <= len(self._hands)
        return 1 if last else CHUNKS_AHEAD

    def _give(self, hand: _Hand, chunk: Chunk) -> None:
        self._serial += 1
        chunk.serial = self._serial
        hand.chunks.append(chunk)
        if self.ledger is not None:
            self.ledger.begin(chunk.serial, chunk.paths)
        try:
            send(hand.tasks, (chunk.serial, chunk.paths, chunk.ours, chunk.frozen))
        except BrokenPipeError:
            return  # it is dead: its end is heard, and its chunks are given to others

    def _listen(self, seconds: float) -> None:
        waiting = {hand.results: hand for hand in self._hands.values() if hand.chunks}
        ready, _, _ = select.select(list(waiting), [], [], seconds)
        for fd in ready:
            hand = waiting[fd]
            message = receive(fd)
            if message is None:
                self._bury(hand)
            else:
                self._hear(hand, message)

    def _hear(self, hand: _Hand, message: Message) -> None:
        kind, content = message
        if kind == "matched":
            self.report.matched.update(content)
            return
        chunk = hand.chunks.pop(0)
        self._idle_deaths = 0
        written, size, rows, counts, faults, words, uids = content
        self.report.add_written(written, size)
        for row in rows:
            self.report.add(Outcome.from_row(row))
        if self.ledger is not None:
            self.ledger.end(chunk.serial, rows)
        if written and not self.settings.rename:
            told = {row[0] for row in rows}
            done = chunk.paths[: written + len(rows)]
            self.report.names.remember([p for p in done if p not in told] if told else done)
        self.report.add_counts(counts, faults)
        self.report.names.hear(words, uids)

    def _bury(self, hand: _Hand) -> None:
        """A worker died: the file it held is refused, the rest of its chunks goes to others."""
        del self._hands[hand.pid]
        status = _reap(hand.pid)
        _shut(hand.tasks, hand.results)
        if hand.chunks:
            left = [self._inherited(hand, status), *hand.chunks[1:]]
            self._waiting[:0] = [chunk for chunk in left if chunk.paths]
        if not self.report.interrupted:
            self._hire()

    def _inherited(self, hand: _Hand, status: int) -> Chunk:
        """What is left to do of the chunk that a dead worker was at."""
        chunk = hand.chunks[0]
        held, written = hand.board.about(chunk)
        self._idle_deaths += held is None
        if held is None and self._idle_deaths > MOST_IDLE_DEATHS:
            held = 0
        if held is not None:
            culprit = chunk.paths[held]
            self._sweep(culprit, hand.pid)
            outcome = Outcome(culprit, REFUSED, "worker-died", _how(status))
            self.report.add_unopened(outcome)
            if self.ledger is not None:
                self.ledger.blame(chunk.serial, outcome.as_row())
        return chunk.without(held, written)

    def _sweep(self, path: str, pid: int) -> None:
        """Removes what is left of the output of a file, wherever it was to be."""
        if self.settings.outputs is not None:
            self.settings.outputs.discard(path, pid)
            return
        folder = self.settings.output_folder
        if self.settings.rename:
            for below, _, _ in os.walk(folder):
                sweep_parts(below, pid)
        else:
            sweep_parts(f"{folder}/{path}".rpartition("/")[0], pid)

    def _hire(self) -> None:
        """Starts a worker; where the system has no process or pipe left, there is one fewer."""
        ends: list[int] = []
        gc.freeze()
        try:
            ends = _two_pipes()
            board = Board()
            pid = os.fork()
        except OSError:
            _shut(*ends)
            return
        tasks_out, tasks_in, results_out, results_in = ends
        if pid == 0:
            inherited = [fd for h in self._hands.values() for fd in (h.tasks, h.results)]
            _shut(*inherited, tasks_in, results_out)
            _serve(self.compiled, self.settings, tasks_out, results_in, board, self._stop)
        _shut(tasks_out, results_in)
        self._hands[pid] = _Hand(pid, tasks_in, results_out, board)

    def close(self) -> None:
        """Lets the workers end, hears which rules they met, and waits for them."""
        for hand in self._hands.values():
            _shut(hand.tasks)
        for hand in self._hands.values():
            while (message := receive(hand.results)) is not None:
                if message[0] == "matched":
                    self.report.matched.update(message[1])
            _shut(hand.results)
            _reap(hand.pid)
        self._hands.clear()


def _two_pipes() -> list[int]:
    """Their four ends; raises OSError where there is no room for other open files beside them."""
    ends: list[int] = []
    try:
        for _ in range(2 + SPARE_PIPES):
            ends += os.pipe()
    except OSError:
        _shut(*ends)
        raise
    _shut(*ends[4:])
    return ends[:4]


def catch_signals(handler: Callable[[int, object], None]) -> dict[int, Any]:
    """Sets the handler of what asks a run to end; answers what was set before, by signal.

    What is ignored stays so; outside the main thread nothing can be set.
    """
    before: dict[int, Any] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) != signal.SIG_IGN:
            try:
                before[number] = signal.signal(number, handler)
            except ValueError:
                return {}
    return before


def _serve(
    compiled: Compiled, settings: Settings, tasks: int, results: int, board: Board, stop: mmap
) -> None:
    """The worker's side; leaves by ``_exit``, so that nothing of the parent's is done twice."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    gc.disable()  # nothing the engine makes refers to itself
    status = 1
    try:
        worker = Worker(compiled, settings)
        while (task := receive(tasks)) is not None:
            send(results, ("done", _do_chunk(worker, task, board, stop)))
        send(results, ("matched", worker.pipeline.plan.matched))
        status = 0
    except BrokenPipeError:
        status = 1  # the parent is gone
    finally:
        os._exit(status)


def _do_chunk(worker: Worker, task: Message, board: Board, stop: mmap) -> tuple[Any, ...]:
    """(files and bytes there is nothing to tell of, rows of the others, counts, faults, words)."""
    serial, paths, ours, frozen = task
    board.begin(serial)
    worker.expect(paths)
    if frozen:
        worker.freeze(paths, frozen)
    rows = []
    written = size = 0
    for number, path in enumerate(paths):
        if stop[0]:
            break
        board.hold(number)
        outcome = worker.do(path, again=bool(ours[number]))
        if outcome.size:
            board.written(number)
        if outcome.is_plain and not worker.settings.itemize:
            written += 1
            size += outcome.size
        else:
            rows.append(outcome.as_row())
    board.end()
    return (written, size, rows, *worker.take_tally(), *worker.take_words())


def send(fd: int, content: Message) -> None:
    """Writes a message of plain values, however many calls that takes."""
    data = marshal.dumps(content)
    data = len(data).to_bytes(8, "little") + data
    while data:
        data = data[os.write(fd, data) :]


def receive(fd: int) -> Message | None:
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


def _shut(*fds: int) -> None:
    for fd in fds:
        try:
            os.close(fd)
        except OSError:
            continue


def cores() -> int:
    """How many processes can run at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _how(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"the process that held it ended with status {code}"
    names = {known.value: known.name for known in signal.Signals}
    return f"the process that held it was killed ({names.get(-code, f'signal {-code}')})"
