"""Makes the bugs of ``mutations.py``, one after another, and tells which the tests notice.

    python tests/mutants.py                     all of them; many minutes
    python tests/mutants.py --only "pixels"     those with this in their name or file
    python tests/mutants.py --list

Rules
    * Bugs are made in a copy of the tree, never in place.
    * The tests that should notice run first, then those of the room, then all.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from mutations import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent
SECONDS, SECONDS_OF_ALL = 600, 6000
"""A set of tests, or all tests, that take longer hang, and so have noticed."""

PYTEST = "-m pytest -x -q -n 0 --no-header --tb no -p no:cacheprovider".split()
NO_TESTS = 5
CAUGHT, SURVIVED = "caught", "SURVIVED"


def main() -> int:
    """Runs what the command line says; answers how many survive."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=_AsWritten)
    parser.add_argument("--only", default="", metavar="NAME", help="part of a name or file")
    parser.add_argument("--list", action="store_true", help="show the names and stop")
    parser.add_argument("--near", action="store_true", help="run no tests but those of the row")
    given = parser.parse_args()
    chosen = [m for m in MUTANTS if given.only in m.name or given.only in m.file]
    if given.list:
        _say(*(f"{m.file}: {m.name}" for m in chosen))
        return 0
    if not chosen:
        parser.error(f"no mutant has {given.only!r} in its name or file")
    survivors = 0
    with TemporaryDirectory() as folder:
        tree = copy_of_tree(Path(folder))
        first = " ".join(sorted({test for m in chosen for test in m.tests.split()}))
        failed = _failed(tree, first, SECONDS_OF_ALL)
        assert not failed, f"without a bug tests fail, too: {failed}"
        for mutant in chosen:
            began = monotonic()
            noticed = next(noticing(tree, mutant, near=given.near), "")
            survivors += not noticed
            word = f"{CAUGHT} by {noticed}" if noticed else SURVIVED
            _say(f"{word:60} {monotonic() - began:4.0f} s  {mutant.file}: {mutant.name}")
    _say(f"{len(chosen)} mutants, {len(chosen) - survivors} caught, {survivors} survived")
    return min(survivors, 100)


def copy_of_tree(folder: Path) -> Path:
    """The tree without what is made of it; what lies beside it is linked beside the copy."""
    tree = folder / ROOT.name
    ignored = shutil.ignore_patterns(".*", "__pycache__", "dist", "build", "*.egg-info")
    shutil.copytree(ROOT, tree, ignore=ignored)
    shared = ROOT.parent / "shared"
    if shared.exists():
        (folder / "shared").symlink_to(shared.resolve())
    return tree


def noticing(tree: Path, mutant: Mutant, *, near: bool) -> Iterator[str]:
    """The sets of tests that fail with the bug, the smallest first."""
    path = tree / mutant.file
    before = path.read_text(encoding="utf-8")
    assert before.count(mutant.old) == 1, f"{mutant.name}: its line is not there once"
    path.write_text(before.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        for tests in [mutant.tests] if near else [mutant.tests, *wider(mutant)]:
            if _failed(tree, tests, SECONDS if tests else SECONDS_OF_ALL):
                yield tests or "all tests"
    finally:
        path.write_text(before, encoding="utf-8")


def wider(mutant: Mutant) -> list[str]:
    """The tests of the room that the bug is in, and all."""
    room = mutant.file.removeprefix("anonymizer/").rpartition("/")[0]
    return [*([room] if room and (ROOT / "tests" / room).is_dir() else []), ""]


def _failed(tree: Path, tests: str, seconds: int) -> str:
    """What pytest says of tests that fail, "" where none does."""
    paths = [f"tests/{name}" for name in tests.split()] or ["tests"]
    deselected = ["--deselect", "tests/test_mutants.py"]
    environment = {
        **os.environ,
        "CI": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(tree),
    }
    try:
        ended = subprocess.run(
            [sys.executable, *PYTEST, *deselected, *paths],
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"more than {seconds} seconds"
    assert ended.returncode != NO_TESTS, f"no tests in {tests}"
    if not ended.returncode:
        return ""
    return (ended.stdout or ended.stderr)[-500:] or f"exit code {ended.returncode}"


class _AsWritten(argparse.RawDescriptionHelpFormatter):
    """Leaves the lines of the description as they are."""


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
