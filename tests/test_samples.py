"""The samples are what their script writes, and small."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SAMPLES = Path(__file__).parent.parent / "samples"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_samples_are_what_the_script_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLES / "build.py", tmp_path], check=True)
    assert contents(tmp_path) == contents(SAMPLES / "input")


def test_the_samples_are_small_and_all_described() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    files = contents(SAMPLES / "input")
    assert sum(map(len, files.values())) < 600_000
    assert [name for name in files if Path(name).name not in readme] == []
