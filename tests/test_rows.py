"""Rows of files come back by path, and a million of them are not kept in memory."""

from __future__ import annotations

import gc
import json
import sqlite3
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from study import REMOVE_NAMES, compiled

import anonymizer.names as names_module
import anonymizer.rows as rows_module
from anonymizer.cli.summary import write_report
from anonymizer.folder import find_files
from anonymizer.report import REFUSED, WRITTEN, Outcome, Outcomes, Report
from anonymizer.rows import Rows, as_json

if TYPE_CHECKING:
    from collections.abc import Callable

FEW, MANY = 1_000, 8_000


def bytes_each(use: Callable[[int], object]) -> float:
    """How much more memory is taken at most for each of many than for a few."""
    gc.enable()  # as in a run; another test may have turned it off
    taken = []
    for number in (FEW, FEW, MANY):  # the first loads what all need
        gc.collect()
        tracemalloc.start()
        kept = use(number)
        taken.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        del kept
    return (taken[2] - taken[1]) / (MANY - FEW)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "AT_ONCE", 100)
    monkeypatch.setattr(names_module, "AT_ONCE", 100)


def test_rows_come_by_path_however_many_there_are() -> None:
    rows = Rows()
    names = [f"{number * 7919 % 1000:03}" for number in range(1000)]
    for number, name in enumerate(names):
        rows.append((name, number, {"a": 1}))
    rows.append(("\udcff", 1000))
    rows.append(("\U0001f600", 1001))
    rows.append(("500", 1002))
    assert len(rows) == 1003
    expected = sorted([*names, "\udcff", "\U0001f600", "500"])
    for _ in range(2):
        assert [row[0] for row in rows] == expected
    assert [row[1] for row in rows if row[0] == "500"] == [names.index("500"), 1002]


def test_without_room_on_the_disk_they_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> sqlite3.Connection:
        raise sqlite3.OperationalError("disk is full")

    monkeypatch.setattr(rows_module, "_database", full)
    rows = Rows()
    for number in range(1000, 0, -1):
        rows.append((f"{number:04}",))
    assert [row[0] for row in rows] == [f"{number:04}" for number in range(1, 1001)]


def test_what_is_written_bit_by_bit_is_what_is_written_at_once() -> None:
    content: dict[str, object] = {"a": 1, "b": {"c": [1, 2]}, "d": []}
    for items in ([], [{"x": "line\nend", "y": [1, {}]}], [{}, {"z": 1}, []]):
        whole = json.dumps({**content, "files": items}, indent=1) + "\n"
        assert "".join(as_json(content, "files", items)) == whole


def test_an_outcome_may_take_the_place_of_another_outcome() -> None:
    outcomes = Outcomes()
    for number in range(300):
        outcomes.append(Outcome(f"{number:03}", WRITTEN))
    for number in (7, 299):
        outcomes.replace(Outcome(f"{number:03}", REFUSED, "truncated"))
    assert len(outcomes) == 300
    assert len(list(outcomes)) == 300
    assert [outcome.path for outcome in outcomes if outcome.status == REFUSED] == ["007", "299"]


def filled(number: int) -> Report:
    report = Report(compiled(REMOVE_NAMES), each=True)
    report.every_refusal = Outcomes()
    for each in range(number):
        outcome = Outcome(f"folder/{each:08}", REFUSED if each % 5 == 0 else WRITTEN, "truncated")
        outcome.counts = {0: 3}
        report.add(outcome)
    return report


def test_a_report_of_many_files_takes_little_memory() -> None:
    assert bytes_each(filled) < 30


def test_it_is_written_with_little_memory(tmp_path: Path) -> None:
    def written(number: int) -> None:
        write_report(str(tmp_path / "report"), filled(number))
        files = (tmp_path / "report").read_bytes().count(b'"input"') if number == FEW else number
        assert files == number

    assert bytes_each(written) < 60


def test_names_that_are_withheld_take_little() -> None:
    def shown(number: int) -> Report:
        report = filled(number)
        report.names.forget()
        for each in range(number):
            report.shown_path(f"{each:08}")
        return report

    assert bytes_each(shown) < 250


def test_a_folder_of_many_files_takes_little(tmp_path: Path) -> None:
    for number in range(MANY):
        if number == FEW:
            few = sum(1 for _ in find_files(str(tmp_path)))
            assert few == FEW
        (tmp_path / f"{number:08}").touch()
    (tmp_path / "few").mkdir()
    for number in range(FEW):
        (tmp_path / "few" / f"{number:08}").touch()

    def listed(number: int) -> None:
        folder = tmp_path if number == MANY else tmp_path / "few"
        assert sum(1 for _ in find_files(str(folder), recursive=False)) == number

    assert bytes_each(listed) < 150
