"""What the driver makes of answers, by a scheduler of the test's own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from study import REMOVE_NAMES, compiled, settings

from anonymizer.distribute.driver import Crew
from anonymizer.distribute.parcel import Seal
from anonymizer.distribute.task import DIED, DONE, UNFIT
from anonymizer.pool import Job
from anonymizer.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SEAL = Seal(None, "run")
TOLD = SEAL.pack(
    {
        **{name: [] for name in ("rows", "matched", "words", "uids", "strays")},
        "written": 1,
        "bytes": 3,
        "counts": {},
        "faults": {},
        "remembered": ["im"],
        "records": b"",
    }
)


class Future:
    status = "finished"

    def __init__(self, key: str, answer: tuple[str, str, bytes]) -> None:
        self.key = key
        self.answer = answer

    def result(self) -> tuple[str, str, bytes]:
        return self.answer

    def release(self) -> None:
        """Dask takes its time, too."""

    def add_done_callback(self, heard: Callable[[Future], None]) -> None:
        heard(self)


class Client:
    """Gives these answers, one after another; of a key that it has it knows the answer."""

    status = "running"

    def __init__(self, *answers: tuple[str, str, bytes]) -> None:
        self.answers = iter(answers)
        self.futures: dict[str, Future] = {}

    def ncores(self) -> dict[str, int]:
        return {"tcp://a": 1, "tcp://b": 1}

    def submit(self, *_: object, key: str, **__: object) -> Future:
        if key not in self.futures:
            self.futures[key] = Future(key, next(self.answers))
        return self.futures[key]

    def run(self, *_: object, **__: object) -> None:
        """Nobody is told to stop."""


@pytest.mark.parametrize(
    "first", [(DIED, "tcp://a", b""), (UNFIT, "tcp://a", b"no key")], ids=["died", "unfit"]
)
def test_a_file_that_is_tried_again_has_a_new_answer(
    first: tuple[str, str, bytes], tmp_path: Path
) -> None:
    plan = compiled(REMOVE_NAMES)
    report = Report(plan)
    report.found = 1
    given = settings(tmp_path / "in", tmp_path / "out")
    client: Any = Client(first, (DONE, "tcp://b", TOLD))
    hold: Any = SimpleNamespace(since=0, name="")
    crew = Crew(client, {"run": "run"}, SEAL)
    crew([("im", 3)], hold, Job(plan, given, report, lambda _: None))
    assert (crew.fault, report.written, report.refused) == ("", 1, {})
