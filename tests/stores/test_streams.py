"""One image from standard input to standard output: all of it or nothing, and nothing else."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from study import KEY, image

SECRET = "Featherstone"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    rules = [{"dicomTagPath": "PN", "method": "remove"}]
    content = {"version": "1", "name": "t", "parameters": {"key": KEY}, "rules": rules}
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def run(
    folder: Path, line: str, data: bytes = b"", *, stdout: int = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    call = [sys.executable, "-m", "anonymizer", *line.split(), "-c", "rules.json"]
    return subprocess.run(
        call,
        input=data,
        stdout=stdout,
        stderr=subprocess.PIPE,
        cwd=folder,
        timeout=60,
        check=False,
    )


@pytest.fixture
def expected(tmp_path: Path, config: Path) -> bytes:
    (tmp_path / "in.dcm").write_bytes(image(name=SECRET))
    assert run(tmp_path, "-i in.dcm -o expected.dcm").returncode == 0
    return (tmp_path / "expected.dcm").read_bytes()


@pytest.mark.parametrize("flags", ["", " --verbose", " --audit-log log --report rep", " --strict"])
def test_an_image_goes_through(flags: str, tmp_path: Path, expected: bytes) -> None:
    ended = run(tmp_path, f"-i - -o -{flags}", image(name=SECRET))
    assert (ended.returncode, ended.stdout) == (0, expected)
    assert b"written: -, " in ended.stderr
    assert SECRET.encode() not in ended.stderr


def test_either_may_be_a_file(tmp_path: Path, expected: bytes) -> None:
    ended = run(tmp_path, "-i - -o new/out.dcm -q", image(name=SECRET))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert (tmp_path / "new" / "out.dcm").read_bytes() == expected
    assert run(tmp_path, "-i - -o new/out.dcm -q", image()).returncode == 1
    assert (tmp_path / "new" / "out.dcm").read_bytes() == expected
    ended = run(tmp_path, "-i in.dcm -o - -q")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, expected, b"")


@pytest.mark.parametrize("data", [b"", b"none", image(name=SECRET)[:-3]])
def test_of_an_image_that_is_refused_nothing_is_written(
    data: bytes, tmp_path: Path, config: Path
) -> None:
    ended = run(tmp_path, "-i - -o -", data)
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert b"refused: " in ended.stderr
    assert SECRET.encode() not in ended.stderr


def test_an_image_that_nobody_takes_is_told(tmp_path: Path, config: Path) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    ended = run(tmp_path, "-i - -o -", image(more=bytes(0)), stdout=writes)
    os.close(writes)
    assert ended.returncode == 1
    assert b"unwritable" in ended.stderr
    with open("/dev/full", "wb") as full:
        ended = run(tmp_path, "-i - -o -", image(), stdout=full.fileno())
    assert ended.returncode == 1
    assert b"no space left on device" in ended.stderr


def test_a_standard_output_that_is_closed_takes_no_image(tmp_path: Path, config: Path) -> None:
    line = f"{sys.executable} -m anonymizer -i - -o - -c rules.json >&-"
    ended = subprocess.run(
        line, shell=True, input=image(), capture_output=True, cwd=tmp_path, timeout=60, check=False
    )
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"the standard output is closed" in ended.stderr


def test_a_terminal_is_neither(tmp_path: Path, config: Path) -> None:
    ours, theirs = pty.openpty()
    ended = run(tmp_path, "-i - -o -", image(), stdout=theirs)
    assert (ended.returncode, b"to the terminal" in ended.stderr) == (2, True)
    call = [sys.executable, "-m", "anonymizer", "-i", "-", "-o", "out", "-c", "rules.json"]
    done = subprocess.run(
        call, stdin=theirs, capture_output=True, cwd=tmp_path, timeout=60, check=False
    )
    assert (done.returncode, b"nothing is sent" in done.stderr) == (2, True)
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-i - -o .", "is a folder, and -i - has no name"),
        ("-i - -o new/", "is a folder, and -i - has no name"),
        ("-i - -o out --backup b", "--backup copies files"),
        ("-i - -o - --verify", "--verify does not go with -"),
        ("-i - -o out.zip", "is the name of an archive"),
        ("-I - -O out", "no such file or folder"),
        ("-i - -o - --rename uid", "--rename is for folder runs"),
    ],
)
def test_what_does_not_go_with_it_is_said(
    line: str, told: str, tmp_path: Path, config: Path
) -> None:
    ended = run(tmp_path, line, image())
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert told in ended.stderr.decode()
    assert [path.name for path in tmp_path.iterdir()] == ["rules.json"]


def test_a_trial_of_it_tells_and_writes_nothing(tmp_path: Path, config: Path) -> None:
    ended = run(tmp_path, "-i - -o - --dry-run --verbose", image(name=SECRET))
    assert (ended.returncode, ended.stdout) == (0, b"")
    assert b"PatientName" in ended.stderr
    assert SECRET.encode() not in ended.stderr


def test_a_map_grows_by_what_is_sent(tmp_path: Path) -> None:
    rule = {"dicomTagPath": "PatientName", "method": "pseudonym", "sequential": True}
    content = {"version": "1", "name": "t", "parameters": {"key": KEY}, "rules": [rule]}
    (tmp_path / "rules.json").write_text(json.dumps(content), encoding="utf-8")
    ended = run(tmp_path, "-i - -o - --map map.csv", image(name=SECRET))
    assert (ended.returncode, b"ANON_0001" in ended.stdout) == (0, True)
    assert (tmp_path / "map.csv").read_text(encoding="utf-8").endswith(f"{SECRET},ANON_0001\n")


OBJECT = """
import sys
import fsspec
bucket = fsspec.filesystem("memory")
bucket.pipe_file("/box/in/im.dcm", open("in.dcm", "rb").read())
from anonymizer.__main__ import main
from anonymizer.cli import console
console.leave = sys.exit
try:
    main()
finally:
    for path in bucket.find("/box/out"):
        print(path, bucket.cat_file(path) == open("expected.dcm", "rb").read())
"""


def test_an_object_goes_to_standard_output_and_back(tmp_path: Path, expected: bytes) -> None:
    pytest.importorskip("fsspec")
    flags = ["-c", "rules.json", "--verbose"]
    for line, told in (
        ("-i memory://box/in/im.dcm -o -", expected),
        ("-i - -o memory://box/out/im.dcm -q", b"/box/out/im.dcm True\n"),
    ):
        quiet = [flag for flag in flags if "-q" not in line or flag != "--verbose"]
        ended = subprocess.run(
            [sys.executable, "-c", OBJECT, *line.split(), *quiet],
            input=image(name=SECRET),
            capture_output=True,
            cwd=tmp_path,
            timeout=60,
            check=False,
        )
        assert (ended.stdout, SECRET.encode() in ended.stderr) == (told, False)
