"""The process beside a worker: what it has done it answers for, whenever it is told to stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from anonymizer.cli import engine
from anonymizer.pool import receive, send
from anonymizer.report import Report

LATE = """
import os, signal
from anonymizer.cli import engine

class Late:
    def __init__(self, *_):
        pass
    def do(self, parcel):
        os.kill(os.getpid(), signal.SIGTERM)  # the batch is done, its answer is not yet sent
        return b"what became of it"

engine._Engine = Late
engine.main()
"""


def test_a_batch_that_is_done_is_answered_for_when_it_is_told_to_stop() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LATE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        contents: list[Any] = [{}, b"a parcel"]
        for content in contents:
            send(process.stdin.fileno(), content)
        assert receive(process.stdout.fileno()) == ("done", b"what became of it")
        process.stdin.close()
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("stops", [[], [signal.SIGTERM]])
def test_a_stop_before_a_batch_ends_that_batch(
    stops: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    silent, other = os.pipe()
    told: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _pid, number: told.append(number))
    made = object.__new__(engine._Engine)
    made._tasks, made._stops = silent, stops
    report = object.__new__(Report)
    report.interrupted = False
    try:
        made._heed(report)
    finally:
        os.close(silent)
        os.close(other)
    assert told == stops
