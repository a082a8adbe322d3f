"""Measures what one machine does with one worker and two, and what each proof costs a file.

usage: python -m benchmarks.overheads CORPUS [--rounds 5]

CORPUS is what ``benchmarks.corpus`` wrote.  Whole processes, in turns; the least of the rounds
counts, for others only ever add to it.  Written to standard output as Markdown, for
benchmarks/SCALE.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from shutil import copytree, rmtree

from benchmarks.measure import Run, files_and_bytes, run
from benchmarks.peers import KEY, LOOPS

COMMAND = [sys.executable, str(LOOPS / "ours.py"), "-c", "basic", "--quiet"]
PLAIN, TWO = "plain", "two workers"
WAYS: dict[str, tuple[str, ...]] = {
    PLAIN: ("--workers", "1"),
    TWO: ("--workers", "2"),
    "--report": ("--workers", "1", "--report", "{beside}/report.json"),
    "--audit-log": ("--workers", "1", "--audit-log", "{beside}/audit.jsonl"),
    "--resume": ("--workers", "1", "--resume", "--ledger", "{beside}/ledger"),
    "--validateInput --validateOutput": (
        *("--workers", "1", "--validateInput", "--validation", "warn", "--validateOutput"),
    ),
    "--verify": ("--workers", "1", "--verify"),
}
WORKS = {"headers": "2,000 header-only files", "ct-small": "1,000 CT files of 0.5 MB"}
DENSE, COPIES = "enhanced", 4
ALL_DONE = (0, 1)
"""What a run may end with: an output that --verify holds back is no fault of the measurement."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    os.environ["ANONYMIZER_KEY"] = KEY
    with tempfile.TemporaryDirectory(dir=given.corpus.parent) as scratch:
        for name, title in WORKS.items():
            show(title, given.corpus / name, WAYS, Path(scratch), given.rounds)
        many = Path(scratch) / "many"
        for number in range(COPIES):
            copytree(given.corpus / DENSE, many / str(number), copy_function=os.link)
        two = {name: WAYS[name] for name in (PLAIN, TWO)}
        show("20 enhanced multi-frame files", many, two, Path(scratch), given.rounds)


def show(
    title: str, source: Path, ways: dict[str, tuple[str, ...]], scratch: Path, rounds: int
) -> None:
    """Prints the table of one folder."""
    best: dict[str, Run] = {}
    for _ in range(rounds):
        for name, flags in ways.items():
            once = measured(source, flags, scratch)
            if name not in best or once.seconds < best[name].seconds:
                best[name] = once
    files, size = files_and_bytes(source)
    print(f"\n{title}:\n\n| run | seconds | files/s | MB/s | µs a file more | peak MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, one in best.items():
        more = (one.seconds - best[PLAIN].seconds) / files * 1e6
        told = "" if name in (PLAIN, TWO) else f"{more:,.0f}"
        print(
            f"| {name} | {one.seconds:.2f} | {files / one.seconds:,.0f} "
            f"| {size / one.seconds / 1e6:,.0f} | {told} | {one.peak_mb:.0f} |"
        )
    print(f"\nTwo workers: {best[PLAIN].seconds / best[TWO].seconds:.2f}x one.")


def measured(source: Path, flags: tuple[str, ...], scratch: Path) -> Run:
    beside, target = scratch / "beside", scratch / "out"
    beside.mkdir()
    try:
        given = [flag.format(beside=beside) for flag in flags]
        command = [*COMMAND, "-I", str(source), "-O", str(target), *given]
        return run(command, scratch / "log", ends=ALL_DONE)
    finally:
        rmtree(beside)
        rmtree(target, ignore_errors=True)


if __name__ == "__main__":
    main()
