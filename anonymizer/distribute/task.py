"""What a Dask worker does: hands batches to an engine, a process of its own, and its answers back.

Strategy
    A worker starts an engine for each of its threads and keeps it for the batches to come, so a
    plan is compiled once.  It is no fork of the worker, whose threads hold locks and whose
    connections a child would keep open; and the engine forks for the files, so that one that kills
    its process costs itself and neither the engine nor the worker.

Rules
    * Batches and answers are sealed: the worker passes them on and reads neither.  Keys come to
      the engine by its environment and its files.
    * Nothing is raised on purpose: Dask prints what is raised.
    * This module is what workers import; it imports nothing that a worker needs no engine for.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from anonymizer.pool import receive, send

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Order = dict[str, Any]
    Answer = tuple[str, str, bytes]
    """What it is, the worker's address, and what there is to tell."""

DONE, UNFIT, DIED, STOPPED = "done", "unfit", "died", "stopped"

TRIES = 2
"""So many engines may die of a batch before it is given back."""

_lock = threading.Lock()
_idle: dict[str, list[Engine]] = {}
_busy: dict[str, set[Engine]] = {}
_stopped: set[str] = set()


class Engine:
    """A process that does batches, one after another."""

    __slots__ = ("_process",)

    def __init__(self, order: Order) -> None:
        """Starts it; raises OSError where there is no process left."""
        package = Path(__file__).resolve().parents[2]
        paths = [str(package), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "anonymizer.cli.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a library's warnings may hold values
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,
            bufsize=0,
        )
        self._tell(order)

    def ask(self, parcel: bytes) -> tuple[str, bytes] | None:
        """Has it do a batch; None where it died of it."""
        self._tell(parcel)
        try:
            answer = receive(_fd(self._process.stdout))
        except (ValueError, EOFError, TypeError):
            return None
        return None if answer is None else (answer[0], answer[1])

    def _tell(self, content: Any) -> None:  # noqa: ANN401  an order or a parcel
        try:
            send(_fd(self._process.stdin), content)
        except BrokenPipeError:
            return  # it is dead, which its answer will say

    def stop(self) -> None:
        """Has it end the batch with the file it is at."""
        self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()


def _fd(pipe: Any) -> int:  # noqa: ANN401  what subprocess calls IO[bytes] | None
    fd: int = pipe.fileno()
    return fd


def do_batch(order: Order, parcel: bytes) -> Answer:
    """Does a sealed batch; the answer is sealed, too, where it tells of files."""
    run = order["run"]
    address = _address()
    if order["apart"] and os.getpgrp() != os.getpid():
        os.setpgrp()  # Ctrl-C is for who started the run, who then ends it in order
    for _ in range(TRIES):
        if run in _stopped:
            return STOPPED, address, b""
        engine = _taken(order)
        answer = engine.ask(parcel)
        _put_back(run, engine, lives=answer is not None and answer[0] != UNFIT)
        if answer is not None:
            return answer[0], address, answer[1]
    return DIED, address, b""


def stop(run: str) -> None:
    """Has all engines of a run end with the file they are at, and starts no batch any more."""
    _stopped.add(run)
    with _lock:
        for engine in _busy.get(run, ()):
            engine.stop()


def finish(run: str) -> None:
    """Lets the engines of a run go; the worker is there for others."""
    with _lock:
        idle = _idle.pop(run, [])
        _busy.pop(run, None)
        _stopped.add(run)
    for engine in idle:
        engine.end()


def _taken(order: Order) -> Engine:
    run = order["run"]
    with _lock:
        idle = _idle.setdefault(run, [])
        engine = idle.pop() if idle else Engine(order)
        _busy.setdefault(run, set()).add(engine)
    return engine


def _put_back(run: str, engine: Engine, *, lives: bool) -> None:
    """Keeps an engine for the next batch, if it can do one and there may be any."""
    with _lock:
        _busy.get(run, set()).discard(engine)
        if lives and run not in _stopped:
            _idle.setdefault(run, []).append(engine)
            return
    engine.end()


def _address() -> str:
    from distributed import get_worker

    address: str = get_worker().address
    return address
