"""Refused inputs are listed without a value, and copied for their owner alone."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from study import image, tree, write_study

from anonymizer.quarantine import Quarantine

if TYPE_CHECKING:
    from pathlib import Path

    from study import Command, Ended

    from anonymizer.report import Report

LINE = ("-I", "in", "-O", "out", "-c", "basic", "-q")
CUT = image(7, name="Kanari^Jane")[:-3]


@pytest.fixture(autouse=True)
def study(tmp_path: Path) -> Path:
    """Three images, one of them of Kanari, and two that are cut short."""
    write_study(tmp_path / "in")
    (tmp_path / "in" / "of_kanari").write_bytes(image(5, name="Kanari^Jane"))
    (tmp_path / "in" / "deep" / "kanari").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "kanari" / "im").write_bytes(CUT)
    (tmp_path / "in" / "refused.json").write_bytes(CUT)
    return tmp_path


def told(folder: Path) -> Any:  # noqa: ANN401  JSON
    return json.loads((folder / "apart" / "refused.json").read_text(encoding="utf-8"))


def run(command: Command, *more: str) -> Ended:
    return command(*LINE, "--quarantine", "apart", *more)


def test_what_was_refused_is_listed_without_a_value(command: Command, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert run(command).code == 1
    finally:
        os.umask(before)
    content = told(tmp_path)
    assert content["refused"] == {"truncated": 2}
    assert [file["input"] for file in content["files"]] == ["deep/~withheld-1~/im", "refused.json"]
    assert {file["reason"] for file in content["files"]} == {"truncated"}
    assert "kanari" not in json.dumps(content).lower()
    apart = tmp_path / "apart"
    assert os.listdir(apart) == ["refused.json"]
    assert [p.stat().st_mode & 0o777 for p in (apart, apart / "refused.json")] == [0o700, 0o600]


def test_copies_keep_their_tree_and_are_for_nobody_else(command: Command, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        assert run(command, "--quarantine-copy").code == 1
    finally:
        os.umask(before)
    files = tmp_path / "apart" / "files"
    assert tree(files) == {"deep/kanari/im": CUT, "refused.json": CUT}
    modes = {path.stat().st_mode & 0o777 for path in files.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {path.stat().st_mode & 0o777 for path in files.rglob("*") if path.is_dir()} == {0o700}
    assert all(file["copied"] for file in told(tmp_path)["files"])


def test_every_refused_file_is_listed(command: Command, tmp_path: Path) -> None:
    for number in range(150):
        (tmp_path / "in" / f"cut{number:03}").write_bytes(CUT)
    assert run(command).code == 1
    assert len(told(tmp_path)["files"]) == 152


@pytest.mark.parametrize("flag", ["--report", "--audit-log"])
def test_nothing_else_is_written_into_a_quarantine(
    flag: str, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "apart").mkdir(0o700)
    ended = run(command, flag, "apart/refused.json")
    assert (ended.code, ended.out) == (2, "")
    assert f"{flag}: it would lie in the quarantine" in ended.err
    assert not os.listdir(tmp_path / "apart")


def test_a_quarantine_that_cannot_be_looked_into_is_told_before_the_run(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apart").mkdir(0o700)
    listed = os.listdir

    def forbidden(folder: str = ".") -> list[str]:
        if folder == "apart":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(os, "listdir", forbidden)
    ended = run(command)
    assert (ended.code, ended.out) == (2, "")
    assert "apart: the quarantine cannot be made (permission denied)" in ended.err


def test_an_earlier_quarantine_is_gone_on_with(command: Command, tmp_path: Path) -> None:
    run(command, "--quarantine-copy")
    (tmp_path / "in" / "refused.json").unlink()
    assert run(command, "--quarantine-copy", "--overwrite").code == 1
    assert len(told(tmp_path)["files"]) == 1


def test_without_a_refusal_the_list_is_empty(command: Command, tmp_path: Path) -> None:
    (tmp_path / "in" / "refused.json").unlink()
    (tmp_path / "in" / "deep" / "kanari" / "im").unlink()
    assert run(command).code == 0
    assert told(tmp_path) == {"refused": {}, "files": []}


def test_what_is_gone_cannot_be_copied_and_that_is_told(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, flags: int) -> int:
        raise PermissionError(13, "no", path)

    monkeypatch.setattr("anonymizer.quarantine._open_regular", refuse)
    ended = run(command, "--quarantine-copy")
    assert ended.code == 1
    assert "apart: 2 of the refused files could not be copied" in ended.err
    assert not any(file["copied"] for file in told(tmp_path)["files"])


def test_what_became_a_link_is_not_copied(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Since it was refused; where the link leads, nobody said that it may be read."""
    take = Quarantine.take

    def swapped(self: Quarantine, report: Report, folder: str) -> None:
        (tmp_path / "in" / "refused.json").unlink()
        (tmp_path / "in" / "refused.json").symlink_to(tmp_path / "secret")
        take(self, report, folder)

    (tmp_path / "secret").write_bytes(b"of somebody else")
    monkeypatch.setattr(Quarantine, "take", swapped)
    ended = run(command, "--quarantine-copy")
    assert ended.code == 1
    assert "apart: 1 of the refused files could not be copied" in ended.err
    assert tree(tmp_path / "apart" / "files") == {"deep/kanari/im": CUT}


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("in/apart", "it and the input folder are not apart"),
        ("out/apart", "it and the output folder are not apart"),
        ("in", "it and the input folder are not apart"),
        (".", "it and the input folder are not apart"),
        ("full", "holds something else"),
        ("mixed", "holds something else"),
        ("open", "others can look into it"),
        ("shared", "others can look into it"),
        ("file", "is not a folder"),
        ("missing/apart", "the quarantine cannot be made (no such file or directory)"),
    ],
)
def test_places_that_are_not_apart_are_refused(
    place: str, why: str, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir(0o700)
    (tmp_path / "full" / "mine").write_bytes(b"")
    (tmp_path / "mixed").mkdir(0o700)
    for name in ("mine", "refused.json"):
        (tmp_path / "mixed" / name).write_bytes(b"")
    for name, mode in (("open", 0o755), ("shared", 0o750)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    (tmp_path / "file").write_bytes(b"")
    ended = command(*LINE, "--quarantine", place)
    assert ended.code == 2
    assert why in ended.err
    assert not (tmp_path / "out" / "im000").exists()


def test_it_is_for_folders(command: Command) -> None:
    ended = command("-i", "in/im000", "-o", "x", "-c", "basic", "--quarantine", "apart")
    assert (ended.code, "--quarantine is for folder runs" in ended.err) == (2, True)
    ended = command(*LINE, "--quarantine-copy")
    assert (ended.code, "--quarantine-copy is about" in ended.err) == (2, True)
