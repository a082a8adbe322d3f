"""Whoever made a file or a folder: it is written right or refused, and nothing of it is told.

What is answered to what stands in docs/hostile-input.md; each of its rows leads to a test.
"""

from __future__ import annotations

import ast
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from hostile import HOSTILE, WRITTEN
from study import KEY, image, run_command, settings, tree, write_study
from test_docs import REASONS, listed

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import load_configuration
from anonymizer.worker import Worker

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "hostile-input.md").read_text(encoding="utf-8")

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="devices and names of Linux")

KEPT_PIXELS = "another whole file in the pixel data"
"""The one row whose output holds its name: no rule looks into pixels."""


class Ran(NamedTuple):
    """A run over a folder: what became of each file, and all that was told of it."""

    answers: dict[str, str]
    told: str
    code: int


def run(folder: Path, *more: str) -> Ran:
    line = ("-I", "in", "-O", "out", "-c", "ps3.15-basic", "--workers", "2", *more)
    ended = run_command(
        *line, "--report", "r.json", "--audit-log", "log", cwd=folder, ANONYMIZER_KEY=KEY
    )
    report = (folder / "r.json").read_text("utf-8")
    files = json.loads(report)["files"]
    answers = {file["input"]: file.get("reason", file["status"]) for file in files}
    assert len(answers) == len(files)
    told = "".join((ended.stdout, ended.stderr, report, (folder / "log").read_text("utf-8")))
    assert "Traceback" not in told
    assert "Kanari" not in told
    assert all(c.isprintable() or c == "\n" for c in told)
    return Ran(answers, told, ended.returncode)


def test_every_file_has_its_answer(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    files = {f"f{number:03}": what for number, what in enumerate(HOSTILE)}
    for name, what in files.items():
        (tmp_path / "in" / name).write_bytes(HOSTILE[what][0]())
    ran = run(tmp_path)
    answers = {files[name]: answer for name, answer in ran.answers.items()}
    assert answers == {what: answer for what, (_, answer) in HOSTILE.items()}
    outputs = {files[name]: data for name, data in tree(tmp_path / "out").items()}
    assert outputs.keys() == {what for what, answer in answers.items() if answer == WRITTEN}
    assert [what for what, data in outputs.items() if b"Kanari" in data] == [KEPT_PIXELS]


def test_what_is_written_of_them_is_read_again(tmp_path: Path) -> None:
    compiled = compile_configuration(load_configuration("ps3.15-basic"), environ={})
    worker = Worker(compiled, settings(tmp_path / "in", tmp_path / "out"))
    (tmp_path / "in").mkdir()
    for what, (make, answer) in HOSTILE.items():
        if answer == WRITTEN:
            (tmp_path / "in" / "first").write_bytes(make())
            assert worker.do("first", again=True).reason == ""
            (tmp_path / "out" / "first").rename(tmp_path / "in" / "second")
            assert worker.do("second", again=True).reason == "", what


LONG_NAMES = [b"n" * 255, "é".encode() * 127 + b"n"]
STRANGE = [b"new\nline", b"\xff\xfe.dcm", b"\x1b[31mred\x07", b"-rf", b"~", *LONG_NAMES]


@ON_LINUX
def test_no_name_of_a_file_is_too_strange(tmp_path: Path) -> None:
    inside = os.fsencode(write_study(tmp_path / "in", 1))
    for number, name in enumerate(STRANGE):
        with open(inside + b"/" + name, "wb") as file:
            file.write(image(number) if number % 2 else image(number)[:-1])
    more = ("--quarantine", "apart", "--quarantine-copy", "--backup", "copies")
    ran = run(tmp_path, *more)
    assert ran.code == 1
    assert sorted(ran.answers.values()) == ["truncated"] * 4 + ["written"] * 4
    written = {"im000", *(os.fsdecode(name) for name in STRANGE[1::2])}
    assert set(tree(tmp_path / "out")) == written
    assert set(tree(tmp_path / "copies")) == written
    refused = {os.fsdecode(name) for name in STRANGE[::2]}
    assert set(tree(tmp_path / "apart" / "files")) == refused


@ON_LINUX
def test_what_is_no_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = write_study(tmp_path / "in", 1)
    write_study(tmp_path / "elsewhere", 1)
    write_study(study / "x.dcm", 1)
    os.mkfifo(study / "fifo.dcm")
    with socket.socket(socket.AF_UNIX) as served:
        monkeypatch.chdir(study)  # a socket's path is short
        served.bind("socket.dcm")
    for name, target in {
        "loop": ".",
        "circle": "circle",
        "nowhere": "nothing",
        "out": "../elsewhere",
        "out.dcm": "../elsewhere/im000",
        "root": "/",
    }.items():
        (study / name).symlink_to(target)
    expected = dict.fromkeys(("loop", "circle", "nowhere", "out", "out.dcm", "root"), "symlink")
    expected |= dict.fromkeys(("im000", "x.dcm/im000"), "written")
    expected |= dict.fromkeys(("fifo.dcm", "socket.dcm"), "special-file")
    if not os.geteuid():
        os.mknod(study / "zero.dcm", 0o20666, os.makedev(1, 5))
        expected["zero.dcm"] = "special-file"
    assert run(tmp_path).answers == expected
    assert set(tree(tmp_path / "out")) == {"im000", "x.dcm/im000"}


@ON_LINUX
def test_folders_in_each_other_end_where_paths_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    deep = 1010  # past the limit of recursion, below that of a path
    monkeypatch.chdir(tmp_path / "in")
    for level in range(1100):
        if level in (deep, 1099):
            Path("im").write_bytes(image(level))
        os.mkdir("ddd")
        os.chdir("ddd")
    os.chdir(tmp_path)
    ran = run(tmp_path)
    assert ran.answers["ddd/" * deep + "im"] == "written"
    assert sorted(ran.answers.values()) == ["unreadable-folder", "written"]
    assert ran.code == 1
    assert Path("out", "ddd/" * deep, "im").exists()
    subprocess.run(["rm", "-r", "in", "out"], cwd=tmp_path, check=True)  # pytest would recurse


# The page


def rows_of_the_page() -> list[list[str]]:
    """What, answer, reason and test of each row."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and " | " in line]
    rows = [[cell.strip() for cell in line[1:-1].split(" | ")] for line in lines]
    return [row for row in rows if row[0] not in ("what", "---")]


def test_every_row_has_what_is_answered_and_a_test() -> None:
    rows = rows_of_the_page()
    assert len(rows) > len(HOSTILE)
    assert len({row[0] for row in rows}) == len(rows)
    reasons = {*listed(REASONS), "-"}
    for row in rows:
        assert len(row) == 4, row
        assert all(row), row
        told = re.findall(r"`([^`]+)`", row[2]) or [row[2]]
        assert set(told) <= reasons, row
        path, _, name = row[3].strip("`").partition("::")
        module = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
        names = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
        assert names.count(name) == 1, row


def test_the_page_tells_of_each_file_here_as_it_is() -> None:
    ours = f"`{Path(__file__).name}::{test_every_file_has_its_answer.__name__}`"
    told = {row[0]: row[2].strip("`") for row in rows_of_the_page() if row[3] == ours}
    assert told == {
        what: "-" if answer == WRITTEN else answer for what, (_, answer) in HOSTILE.items()
    }
