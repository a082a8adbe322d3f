"""Has the files of a folder run done by a Dask cluster, and adds up what became of each.

Strategy
    Batches go to the scheduler a window at a time, four for each thread that there is; each answer
    is let go of at once, and makes room for the next.  So neither the scheduler nor this process
    ever holds more than a window, and who joins or leaves changes nothing but the window.

Rules
    * A batch may be done twice: outputs are whole or not there, and those of this run may be
      replaced.  An answer counts once.
    * A batch that has ended every process that held it is halved, until one file is left; that is
      tried once more with nothing beside it, and then refused.
    * Who cannot do the run, for it has other keys or another folder, gets no batch any more.
"""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from itertools import count
from queue import Empty, SimpleQueue

from anonymizer.distribute import task
from anonymizer.distribute.batches import MOST_FILES, Batch, batches
from anonymizer.distribute.gathered import absorb
from anonymizer.distribute.parcel import ParcelFault
from anonymizer.distribute.words import hear_by_hashes
from anonymizer.files import is_unfinished
from anonymizer.hold import ELSEWHERE
from anonymizer.pool import catch_signals
from anonymizer.report import REFUSED, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from distributed import Client

    Future = Any
    """Dask's, which has no types."""

    from anonymizer.distribute.parcel import Seal
    from anonymizer.distribute.task import Answer, Order
    from anonymizer.hold import Hold
    from anonymizer.job import Files
    from anonymizer.pool import Job
    from anonymizer.shards.shard import Shard

WINDOW = 4
"""So many batches are with the scheduler for each thread of the workers."""

RETRIES = 3
TO_COME = ("pending", "lost")
"""What Dask calls a task that is still to be done, or done again for its worker is gone."""

SECONDS_OF_A_LOOK = 1.0
SECONDS_BETWEEN_COUNTS = 2.0


class Crew:
    """The workers of a cluster, for one run.  ``fault`` is why that ended early ("" if not)."""

    def __init__(
        self,
        client: Client,
        order: Order,
        seal: Seal,
        *,
        most: int = MOST_FILES,
        replace_lost: Callable[[], None] = lambda: None,
        shard: Shard | None = None,
    ) -> None:
        self.fault = ""
        self.shard = shard
        """The whole of a manifest, where the files are of one."""
        self._replace_lost = replace_lost
        self.unfit: dict[str, str] = {}
        """Why a worker got no batch any more, by its address."""
        self._client = client
        self._order = order
        self._seal = seal
        self._most = most
        self._numbers, self._tries = count(1), count(1)
        self._ended: SimpleQueue[Future] = SimpleQueue()
        self._under_way: dict[str, tuple[Batch, Future]] = {}
        self._again: deque[Batch] = deque()
        self._suspects: deque[Batch] = deque()
        self._strays: set[str] = set()
        self._workers: dict[str, int] = {}
        self._counted = 0.0
        self._told_to_stop = False
        self._is_gone = False

    def __call__(self, files: Files, hold: Hold, job: Job) -> None:
        """Does the files; ends early where that is asked for, or where nobody can do them."""
        self._settings, self._hold = job.settings, hold
        self._report, self._ledger = job.report, job.ledger
        hear_by_hashes(job.report)
        found = batches(files, self._numbers, most=self._most)
        before = catch_signals(self._on_signal)
        try:
            while self._fill(found):
                if (future := self._next()) is not None:
                    self._hear(future)
                job.progress(job.report)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._finish()
        self._sweep()
        self._account()

    # -- giving out -----------------------------------------------------------------------------

    def _fill(self, found: Iterator[Batch]) -> bool:
        """Gives out what there is room for; answers whether there is anything to wait for."""
        if self.fault or self._report.interrupted:
            self._report.interrupted = True
            self._stop()
            return bool(self._under_way) and not self._is_gone
        room = max(WINDOW * self._threads(), WINDOW) - len(self._under_way)
        for _ in range(room):
            batch = self._again.popleft() if self._again else self._found(found)
            if batch is None:
                break
            self._submit(batch)
        if not self._under_way and self._suspects:
            self._submit(self._suspects.popleft())
        return bool(self._under_way)

    def _found(self, found: Iterator[Batch]) -> Batch | None:
        batch = next(found, None)
        if batch is not None and self.shard is not None:
            batch.frozen = self.shard.states_of(batch.paths)
        return batch

    def _threads(self) -> int:
        """How many batches can be done at once, as of a moment ago."""
        now = time.monotonic()
        if now - self._counted >= SECONDS_BETWEEN_COUNTS:
            self._counted = now
            self._workers = dict(self._client.ncores())
            self._replace_lost()
        return sum(n for address, n in self._workers.items() if address not in self.unfit)

    def _submit(self, batch: Batch) -> None:
        if self._ledger is not None:
            batch.ours = bytes(
                map(max, batch.ours, map(self._ledger.may_replace, batch.paths)),
            )
            self._ledger.begin(batch.number, batch.paths)
        settings, hold = self._settings, self._hold
        when = settings.since, hold.since, hold.name
        parcel = self._seal.pack((batch.paths, batch.ours, batch.frozen, *when))
        fit = [address for address in self._workers if address not in self.unfit]
        future = self._client.submit(
            task.do_batch,
            self._order,
            parcel,
            key=f"anonymizer-{self._order['run']}-{next(self._tries)}",  # or Dask answers as before
            workers=fit if self.unfit else None,
            allow_other_workers=bool(self.unfit and fit),
            retries=RETRIES,
            pure=False,
        )
        self._under_way[str(future.key)] = batch, future
        future.add_done_callback(self._ended.put)

    # -- hearing --------------------------------------------------------------------------------

    def _next(self) -> Future | None:
        """A batch that has ended, None where none has for a moment.

        Dask says once that one has; where its answer was lost since, it is done again in silence.
        """
        try:
            return self._ended.get(timeout=SECONDS_OF_A_LOOK)
        except Empty:
            if self._client.status not in {"running", "connecting"}:
                self._lose()
            elif self._report.interrupted and not self._client.ncores():
                self._is_gone = True  # nobody will answer any more
            futures = [future for _, future in self._under_way.values()]
            return next((future for future in futures if future.done()), None)

    def _lose(self) -> None:
        self._is_gone = True
        self.fault = self.fault or "the scheduler is gone, or has dropped the run"

    def _hear(self, future: Future) -> None:
        key, status = str(future.key), future.status
        if key not in self._under_way or status in TO_COME:
            return
        batch, _ = self._under_way.pop(key)
        answer: Answer | None = None
        error: BaseException | None = None
        try:
            answer = future.result() if status == "finished" else None
            error = future.exception() if status == "error" else None
        except Exception as raised:  # noqa: BLE001  what Dask raises has no base of its own
            error = raised
        future.release()
        if answer is not None:
            self._take(batch, *answer)
        elif type(error).__name__ == "KilledWorker":
            self._suspect(batch)
        elif error is None or status == "cancelled":
            self._lose()
        else:  # its text may say anything
            self.fault = self.fault or f"a worker cannot do a batch ({type(error).__name__})"

    def _take(self, batch: Batch, kind: str, address: str, content: bytes) -> None:
        if kind == task.DONE:
            self._absorb(batch, content)
        elif kind == task.DIED:
            self._suspect(batch)
        elif kind == task.UNFIT:
            self._leave_out(batch, address, content.decode())

    def _absorb(self, batch: Batch, content: bytes) -> None:
        try:
            told: dict[str, Any] = self._seal.unpack(content)
            if self._settings.spool is not None:
                self._settings.spool.take_over(told["records"])
        except ParcelFault:
            self.fault = "an answer was not packed with the key of this run"
            return
        except OSError:
            self.fault = "the audit log cannot be written"
            return
        absorb(told, self._report)
        self._strays.update(told["strays"])
        if self._ledger is not None:
            self._ledger.end(batch.number, told["rows"])

    def _suspect(self, batch: Batch) -> None:
        """A batch that ended every process that held it, or one file that has done so alone."""
        if self._ledger is not None:
            self._ledger.end(batch.number, [])
        if len(batch.paths) > 1:
            self._again.extend(batch.halves(self._numbers))
        elif not batch.was_alone:
            batch.was_alone = True
            self._suspects.append(batch)
        else:
            self._refuse(batch)

    def _refuse(self, batch: Batch) -> None:
        path = batch.paths[0]
        outcome = Outcome(path, REFUSED, "worker-died", "every process that held it has ended")
        self._report.add_unopened(outcome)
        folder = path.rpartition("/")[0]
        self._strays.update(f"{folder}/{name}" for name in self._unfinished_in(folder))
        if self._ledger is not None:
            self._ledger.begin(batch.number, batch.paths)
            self._ledger.end(batch.number, [outcome.as_row()])

    def _leave_out(self, batch: Batch, address: str, why: str) -> None:
        self.unfit[address] = why
        self._workers = dict(self._client.ncores())
        if self._threads():
            self._again.append(batch)
        else:
            self.fault = why

    # -- ending ---------------------------------------------------------------------------------

    def _on_signal(self, number: int, frame: object) -> None:
        if self._report.interrupted:
            raise KeyboardInterrupt
        self._report.interrupted = True

    def _stop(self) -> None:
        """Has workers end the batches they are at, and answer; those not begun come back empty."""
        if not self._told_to_stop:
            self._told_to_stop = True
            self._ask_all(task.stop)

    def _finish(self) -> None:
        self._ask_all(task.finish)

    def _ask_all(self, function: Any) -> None:  # noqa: ANN401  of the module task
        if self._is_gone:
            return
        try:
            self._client.run(function, self._order["run"], on_error="ignore")
        except Exception:  # noqa: BLE001  what Dask raises where a connection has ended
            self._lose()

    def _unfinished_in(self, folder: str) -> list[str]:
        try:
            names = os.listdir(f"{self._settings.output_folder}/{folder}")
        except OSError:
            return []
        return [name for name in names if is_unfinished(name)]

    def _account(self) -> None:
        """Says where a file was lost or counted twice, which would be a defect of ours."""
        report = self._report
        if report.interrupted:
            return
        if report.found != report.total or (self.shard is not None and not self.shard.is_whole):
            self.fault = "not every file is accounted for exactly once"
            report.interrupted = True

    def _sweep(self) -> None:
        """Removes what tries that were cut short have left: nobody is at this run any more."""
        mine = f"{ELSEWHERE}{self._order['run']}"
        for path in self._strays:
            if mine in path.rpartition("/")[2]:
                try:
                    os.unlink(f"{self._settings.output_folder}/{path}")
                except OSError:
                    continue  # it was finished after all
