"""Writes samples/expected: what the configuration example makes of samples/input.

    python samples/expect.py [FOLDER]

Run it after a change that is meant to change outputs (a new version counts: its number stands in
every output), and look at the difference before you commit it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent


def write_expected(target: Path) -> None:
    """Runs the command of README.md; the key is copied, as others may not read a key file."""
    with tempfile.TemporaryDirectory() as scratch:
        key = Path(scratch, "samples.key")
        shutil.copyfile(SAMPLES / "test.key", key)
        key.chmod(0o600)
        command = [sys.executable, "-m", "anonymizer", "-c", "example", "--key-file", key]
        folders = ["-I", SAMPLES / "input", "-O", target]
        subprocess.run([*command, *folders, "--quiet"], check=True)  # noqa: S603  our own command


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES / "expected"
    shutil.rmtree(folder, ignore_errors=True)
    write_expected(folder)
