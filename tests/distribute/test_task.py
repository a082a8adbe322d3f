"""What a worker keeps of a run, and lets go of with it."""

from __future__ import annotations

from typing import Any

import pytest

from anonymizer.distribute import task


class Engine:
    def __init__(self) -> None:
        self.has_ended = False

    def end(self) -> None:
        self.has_ended = True

    def stop(self) -> None:
        """It is at nothing."""


@pytest.mark.parametrize("is_stopped", [False, True])
def test_no_engine_outlives_its_run(is_stopped: bool) -> None:
    run = f"run-{is_stopped}"
    one, other, dead = Engine(), Engine(), Engine()
    kept: Any = [one]
    put_back: Any = task._put_back
    task._idle[run] = kept
    if is_stopped:
        task.stop(run)
    put_back(run, other, lives=True)
    put_back(run, dead, lives=False)
    assert (other.has_ended, dead.has_ended) == (is_stopped, True)
    task.finish(run)
    assert one.has_ended
    assert other.has_ended
    assert run not in task._idle
