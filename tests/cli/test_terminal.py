"""On a terminal a bar is drawn; Ctrl-C there ends a run with a summary and whole files."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING

import pytest
from study import KEY, parts, run_command, tree, write_study

if TYPE_CHECKING:
    from pathlib import Path

pty = pytest.importorskip("pty")

LINE = [sys.executable, "-m", "anonymizer", "-I", "in", "-O", "out", "-c", "example"]
CTRL_C = b"\x03"
PATIENCE = 60


def on_a_terminal(folder: Path, *more: str, stop_at: bytes = b"") -> tuple[int, str]:
    """The code and all that was drawn; ``stop_at`` presses Ctrl-C when that is seen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ.update(TERM="xterm", COLUMNS="100", ANONYMIZER_KEY=KEY)
        os.execv(sys.executable, [*LINE, *more])
    drawn = b""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        ready, _, _ = select.select([terminal], [], [], 0.05)
        try:
            drawn += os.read(terminal, 65536) if ready else b""
        except OSError:  # the other side is closed
            break
        if stop_at and stop_at in drawn:
            os.write(terminal, CTRL_C)
            stop_at = b""
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), drawn.decode()


def test_a_bar_is_drawn_and_a_table_at_the_end(tmp_path: Path) -> None:
    write_study(tmp_path / "in", 400)
    code, drawn = on_a_terminal(tmp_path, "--validateInput")  # slow enough to be seen
    assert code == 0
    assert "━" in drawn
    assert "files/s" in drawn
    assert "/400" in drawn
    last = drawn.rpartition("configuration")[2]
    assert "400 files" in last
    assert "━" not in last
    assert len(tree(tmp_path / "out")) == 400


def test_quiet_draws_nothing(tmp_path: Path) -> None:
    write_study(tmp_path / "in", 100)
    assert on_a_terminal(tmp_path, "-q") == (0, "")


@pytest.mark.parametrize("workers", ["1", "3"])
def test_ctrl_c_ends_with_a_summary_and_whole_files(workers: str, tmp_path: Path) -> None:
    write_study(tmp_path / "in", 800)
    slow = "--validateInput"
    code, drawn = on_a_terminal(tmp_path, "--workers", workers, slow, stop_at=b"files/s")
    assert code == 1
    assert "interrupted: what is written is whole" in drawn
    assert "Traceback" not in drawn
    outputs = tree(tmp_path / "out")
    assert len(outputs) < 800
    assert parts(tmp_path / "out") == []
    files = "1 file" if len(outputs) == 1 else f"{len(outputs):,} files"
    assert f" {files}, " in drawn.rpartition("written")[2]
    run_command(*LINE[3:6], "all", *LINE[7:], cwd=tmp_path, ANONYMIZER_KEY=KEY)
    assert outputs.items() <= tree(tmp_path / "all").items()
