"""Files in batches: each once, folders together, none too large; and what a try before has left."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from anonymizer.distribute import batches as module
from anonymizer.distribute.batches import Batch, batches, left_of_before

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def cut(*files: tuple[str, int], most: int = 8) -> list[list[str]]:
    return [batch.paths for batch in batches(files, count(1), most=most)]


def folder(name: str, files: int) -> list[tuple[str, int]]:
    return [(f"{name}/{number}", 1) for number in range(files)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3))), st.integers(1, 9))
def test_every_file_is_in_one_batch_in_order(folders: list[tuple[str, int]], most: int) -> None:
    files = [(f"{name}/{n}", size) for n, (name, size) in enumerate(folders)]
    found = cut(*files, most=most)
    assert [path for batch in found for path in batch] == [path for path, _ in files]
    assert all(1 <= len(batch) <= most for batch in found)


def test_a_folder_is_cut_only_where_a_batch_is_full() -> None:
    series = [len(batch) for batch in cut(*folder("p/1/a", 3), *folder("p/1/b", 20))]
    assert series == [8, 8, 7]
    assert [len(batch) for batch in cut(*folder("p/a", 4), *folder("p/b", 5))] == [4, 5]


def test_a_study_stays_together_while_a_batch_is_not_half_full() -> None:
    assert len(cut(*folder("p/1/a", 2), *folder("p/1/b", 2))) == 1
    assert len(cut(*folder("p/1/a", 2), *folder("p/2/b", 2))) == 2


def test_a_batch_has_no_more_bytes_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    assert cut(("a", 6), ("b", 4), ("c", 1), ("d", 99), ("e", 1)) == [
        ["a", "b"],
        ["c"],
        ["d"],
        ["e"],
    ]


def test_halves_have_all_files_and_what_may_be_replaced() -> None:
    one, other = Batch(1, ["a", "b", "c"], b"\1\0\1").halves(count(7))
    assert (one.number, one.paths, one.ours) == (7, ["a"], b"\1")
    assert (other.number, other.paths, other.ours) == (8, ["b", "c"], b"\0\1")


def test_only_what_is_newer_than_the_run_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name, when in (("old", 100), ("new", 300)):
        (tmp_path / "in" / name).write_bytes(b"")
        os.utime(tmp_path / "in" / name, ns=(when, when))
    part = ".anonymizer-17x0123-0.part"
    (tmp_path / "in" / part).write_bytes(b"half")
    paths = ["in/old", "in/new", "in/none", "elsewhere/new"]
    ours, strays = left_of_before(paths, b"\0\0\0\1", str(tmp_path), 200)
    assert (ours, strays) == (b"\0\1\0\1", [f"in/{part}"])
