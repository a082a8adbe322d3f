"""A Dask cluster of this machine for tests: processes that can be killed and can join."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

QUIET = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
}


class Cluster:
    """A scheduler on 127.0.0.1 and workers without nannies; all end with it.

    What each has said is in a file of ``logs``.
    """

    def __init__(self, folder: Path) -> None:
        self.logs = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self._stack = ExitStack()
        folder.mkdir()

    def __enter__(self) -> Self:
        self._scheduler = self._started("scheduler", "--host", "127.0.0.1", "--port", "0")
        self.address = self._address()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self._scheduler):
            process.kill()
            process.wait()
        self._stack.close()

    def join(self, **environment: str) -> subprocess.Popen[bytes]:
        """One more worker."""
        worker = self._started(
            "worker",
            self.address,
            *("--nthreads", "1", "--no-nanny", "--memory-limit", "0"),
            *("--local-directory", str(self.logs)),
            **environment,
        )
        self.workers.append(worker)
        return worker

    def _started(self, kind: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        log = self._stack.enter_context(
            (self.logs / f"{kind}-{len(self.workers)}.log").open("wb", buffering=0)
        )
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--no-dashboard", *arguments],
            stdout=log,
            stderr=log,
            env={**os.environ, **QUIET, **environment},
        )

    def _address(self) -> str:
        log = self.logs / "scheduler-0.log"
        while not (found := re.search(r"Scheduler at:\s+(tcp://\S+)", log.read_text())):
            assert self._scheduler.poll() is None, log.read_text()
        return found[1]

    def said(self) -> str:
        """What all of them have said so far."""
        return "".join(path.read_text() for path in self.logs.glob("*.log"))
