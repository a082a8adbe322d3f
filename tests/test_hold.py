"""An output folder is held by its run; what killed runs have left goes, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest
from study import KEY, NEW_UIDS, Command, image, tree

from anonymizer.hold import Hold, folds, spelling

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

DEAD = 999_999_999


def part(folder: Path, pid: int, age: float = 10.0) -> Path:
    path = folder / f".anonymizer-{pid}-0.part"
    path.write_bytes(b"half")
    os.utime(path, (time.time() - age,) * 2)
    return path


def kill_a_run(folder: Path) -> None:
    pid = os.fork()
    if pid == 0:
        Hold(str(folder)).__enter__()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)


def test_a_hold_leaves_nothing(tmp_path: Path) -> None:
    with Hold(str(tmp_path)) as hold:
        assert len(tree(tmp_path)) == 1
    assert (hold.cleared, tree(tmp_path)) == (0, {})


def test_what_a_killed_run_left_goes(tmp_path: Path) -> None:
    kill_a_run(tmp_path)
    (tmp_path / "deep").mkdir()
    part(tmp_path / "deep", DEAD)
    part(tmp_path, DEAD)
    kept = {"im", ".anonymizer-x-0.part", f".anonymizer-{DEAD}-0.partly"}
    for name in kept:
        (tmp_path / name).write_bytes(b"")
    with Hold(str(tmp_path)) as hold:
        assert hold.cleared == 2
    assert set(tree(tmp_path)) == kept


def test_what_other_machines_left_goes_when_it_is_an_hour_old(tmp_path: Path) -> None:
    kill_a_run(tmp_path)
    for name, age in (("old", 4000.0), ("young", 3000.0)):
        path = tmp_path / f".anonymizer-{os.getpid()}x{name}-0.part"
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
    with Hold(str(tmp_path)) as hold:
        assert hold.cleared == 1
        assert [path.name for path in tmp_path.glob("*young*")]


def test_what_a_process_left_that_was_just_ending_goes_at_the_end(tmp_path: Path) -> None:
    kill_a_run(tmp_path)
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    part(tmp_path, pid)
    with Hold(str(tmp_path)) as hold:
        assert hold.cleared == 0
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert (hold.cleared, tree(tmp_path)) == (1, {})


def test_nothing_is_looked_for_where_no_run_was_killed(tmp_path: Path) -> None:
    path = part(tmp_path, DEAD)
    with Hold(str(tmp_path)) as hold:
        assert hold.cleared == 0
    assert path.exists()


def test_what_may_be_in_use_stays_until_a_later_run(tmp_path: Path) -> None:
    kill_a_run(tmp_path)
    living, new = part(tmp_path, os.getpid()), part(tmp_path, DEAD, age=-10)
    with Hold(str(tmp_path)) as hold:
        assert hold.cleared == 0
        with Hold(str(tmp_path)) as second:
            assert second.cleared == 0
    assert living.exists()
    assert new.exists()
    living.unlink()
    os.utime(new, (0, 0))
    with Hold(str(tmp_path)) as hold:
        assert hold.cleared == 1
    assert tree(tmp_path) == {}


def test_nothing_goes_while_another_run_holds_the_folder(tmp_path: Path) -> None:
    kill_a_run(tmp_path)
    with Hold(str(tmp_path)):
        path = part(tmp_path, DEAD)
        with Hold(str(tmp_path)) as second:
            assert second.cleared == 0
        assert path.exists()


def test_a_folder_that_cannot_be_held_is_no_fault(tmp_path: Path) -> None:
    with Hold(str(tmp_path / "nowhere")) as hold:
        assert (hold.folds, hold.cleared) == (False, 0)


@pytest.mark.parametrize("owner", ["", "x1of2"])
def test_a_folder_that_may_not_be_listed_is_no_fault(
    owner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_: str) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", forbidden)
    with Hold(str(tmp_path), owner=owner) as hold:
        assert (hold.name != "", hold.since > 0, hold.cleared) == (True, True, 0)
    monkeypatch.undo()
    assert not os.listdir(tmp_path)


def test_whether_spellings_fold_is_seen_on_the_file_system(tmp_path: Path) -> None:
    (tmp_path / "a\u00e9").write_bytes(b"")
    real = folds(str(tmp_path / "a\u00e9"))
    for other in ("A\u00c9", "ae\u0301"):
        (tmp_path / other).write_bytes(b"")
        assert folds(str(tmp_path / "a\u00e9"))
        (tmp_path / other).unlink()
        (tmp_path / "a\u00e9").write_bytes(b"")
        assert folds(str(tmp_path / "a\u00e9")) == real


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("IM1", "im1", True),
        ("caf\u00e9", "CAFE\u0301", True),
        ("stra\u00dfe", "STRASSE", True),
        ("im1", "im2", False),
        ("a/b", "a b", False),
    ],
)
def test_spellings_that_are_one(one: str, other: str, same: bool) -> None:
    assert (spelling(one) == spelling(other)) is same


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="nobody tells here who has ended")
def test_what_a_process_left_that_nobody_has_waited_for_goes(tmp_path: Path) -> None:
    kill_a_run(tmp_path)
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    part(tmp_path, pid)
    with Hold(str(tmp_path)) as hold:
        assert hold.cleared == 1
    os.waitpid(pid, 0)


@pytest.mark.parametrize("more", [(), ("--dry-run",), ("--rename", "uid")], ids=" ".join)
def test_no_output_is_taken_for_what_a_killed_run_has_left(
    more: tuple[str, ...], tmp_path: Path, command: Command
) -> None:
    (tmp_path / "in").mkdir()
    for number, name in enumerate((".anonymizer-4242-0.part", ".anonymizer-4242.run", "im")):
        (tmp_path / "in" / name).write_bytes(image(number))
    (tmp_path / "c.json").write_text(
        json.dumps({"rules": [NEW_UIDS], "parameters": {"key": KEY}}), encoding="utf-8"
    )
    line = ("-I", tmp_path / "in", "-O", tmp_path / "out", "-c", tmp_path / "c.json", *more)
    ended = command(*line)
    renamed = "--rename" in more
    assert ended.code == (0 if renamed else 1)
    assert ended.err.count("unwritable: its name is one of those that") == (0 if renamed else 2)
    if "--dry-run" in more:
        return
    made = tree(tmp_path / "out")
    assert len(made) == (3 if renamed else 1)
    kill_a_run(tmp_path / "out")
    command(*line, "--overwrite")
    assert tree(tmp_path / "out") == made
