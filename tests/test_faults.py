"""Whole runs on machines that fail: a reason for each file, nothing partial, no traceback."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from image import element
from study import (
    KEY,
    NEW_UIDS,
    REMOVE_NAMES,
    compiled,
    image,
    images_in,
    parts,
    settings,
    tree,
    write_study,
)

from anonymizer.job import run_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from anonymizer.report import Report

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
    pytest.mark.skipif(sys.platform != "linux", reason="mounts, limits and users of Linux"),
]

AS_OTHERS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if not os.geteuid() else ()
"""Has permissions hold for root, too."""

LARGE = image(1, more=element("PixelData", "OB", bytes(300_000)))


def run(
    folder: Path, *more: str, start: Sequence[str] = (), prepare: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    line = ("-I", "in", "-O", "out/here", "-c", "example", "--workers", "2", "-q", *more)
    ended = subprocess.run(
        [*start, sys.executable, "-m", "anonymizer", *line],
        cwd=folder,
        env={**os.environ, "ANONYMIZER_KEY": KEY},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=prepare,
    )
    assert "Traceback" not in ended.stderr
    assert "Kanari" not in ended.stderr
    return ended


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The folder ``out`` as a disk of a megabyte."""
    out = tmp_path / "out"
    out.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(out)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nobody else can mount")
    yield out
    subprocess.run(["umount", "-l", str(out)], check=True)


def test_a_full_disk_is_told_and_the_run_is_gone_on_with(tmp_path: Path, small_disk: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(6):
        (tmp_path / "in" / f"im{number}").write_bytes(LARGE)
    for more in ([], ["--resume"], ["--resume"]):
        shutil.rmtree(small_disk / "here", ignore_errors=True)
        ended = run(tmp_path, *more)
        assert ended.returncode == 1
        assert "unwritable: the output cannot be written (no space left on device)" in ended.stderr
        assert parts(small_disk) == []
        whole = [data for path, data in tree(small_disk).items() if path.startswith("here/")]
        assert whole
        assert len({len(data) for data in whole}) == 1
    subprocess.run(["mount", "-o", "remount,size=9m", str(small_disk)], check=True)
    assert run(tmp_path, "--resume").returncode == 0
    assert len(list((small_disk / "here").iterdir())) == 6


def test_a_disk_that_takes_no_writing_is_told_before_the_run(
    tmp_path: Path, small_disk: Path
) -> None:
    write_study(tmp_path / "in")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    ended = run(tmp_path)
    assert ended.returncode == 2
    assert "the output folder cannot be made (read-only file system)" in ended.stderr


def test_a_limit_on_files_costs_the_large_ones_and_the_ledger(tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    (tmp_path / "in" / "large").write_bytes(LARGE)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    ended = run(tmp_path, prepare=limit)
    assert ended.returncode == 1
    assert "refused: large: unwritable: the output cannot be written (file too large)" in (
        ended.stderr
    )
    assert sorted(tree(tmp_path / "out" / "here")) == ["im000", "im001", "im002"]


@pytest.mark.skipif(
    bool(AS_OTHERS) and shutil.which("setpriv") is None, reason="nothing is forbidden to root"
)
def test_what_may_not_be_read_or_written_is_told(tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    (tmp_path / "in" / "im001").chmod(0)
    (tmp_path / "in" / "closed").mkdir(0)
    (tmp_path / "in" / "deep").mkdir()
    (tmp_path / "in" / "deep" / "im").write_bytes(image(9))
    (tmp_path / "out" / "here" / "deep").mkdir(parents=True)
    (tmp_path / "out" / "here" / "deep").chmod(0o500)
    ended = run(tmp_path, "--quarantine", "apart", "--quarantine-copy", start=AS_OTHERS)
    assert ended.returncode == 1, ended.stderr
    for told in (
        "refused: closed: unreadable-folder: the folder cannot be listed",
        "refused: im001: unreadable: no permission to read the file",
        "refused: deep/im: unwritable: the output cannot be made (permission denied)",
        "apart: 2 of the refused files could not be copied",
    ):
        assert told in ended.stderr
    assert sorted(tree(tmp_path / "out")) == ["here/im000", "here/im002"]


def disturbed(folder: Path, disturb: Callable[[Path], None], files: int = 300) -> Report:
    """A run that is disturbed once its first outputs are there."""
    write_study(folder / "in", files)
    target = folder / "out"
    target.mkdir()
    did = False

    def progress(report: Report) -> None:
        nonlocal did
        if not did and report.written:
            did = True
            disturb(folder)

    how = settings(folder / "in", target, each=True)
    rules = compiled(REMOVE_NAMES, NEW_UIDS)
    report = run_folder(rules, how, workers=2, progress=progress)
    assert did
    assert report.total == report.found
    return report


def test_an_output_folder_that_goes_during_the_run_costs_no_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anonymizer.job.MOST_IN_CHUNK", 10)

    def take_away(folder: Path) -> None:
        (folder / "out").rename(folder / "gone")

    report = disturbed(tmp_path, take_away)
    assert set(report.refused) <= {"unwritable"}
    assert report.written + sum(report.refused.values()) == 300
    assert len(tree(tmp_path / "out")) + len(images_in(tmp_path / "gone")) == report.written


def test_inputs_that_go_during_the_run_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anonymizer.job.MOST_IN_CHUNK", 10)

    def take_away(folder: Path) -> None:
        for number in range(200, 300):
            (folder / "in" / f"im{number:03}").unlink()

    report = disturbed(tmp_path, take_away)
    assert set(report.refused) <= {"vanished"}
    assert report.written + sum(report.refused.values()) == 300
    assert parts(tmp_path / "out") == []
