"""Measures a folder done by Dask's workers against the process pool, by the size of a batch.

usage: python -m benchmarks.distributed [--files 5000] [--batches 1 100 1000] [--rounds 3]

Both do the same header-only files with two workers, from and to tmpfs where there is one; what
opening and closing the cluster takes is told apart.  Written to standard output as Markdown, for
benchmarks/SCALE.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from anonymizer.cli.configured import compile_for
from anonymizer.cli.distribute import crew_of
from anonymizer.cli.options import RunOptions
from anonymizer.cli.run import settings_for
from anonymizer.distribute.clusters import Place
from anonymizer.job import run_folder
from benchmarks import corpus
from benchmarks.measure import files_and_bytes, in_memory
from benchmarks.peers import FLAT, KEY

WORKERS = 2


class Measured(NamedTuple):
    """Seconds of the run, of this process's processor, and of opening and closing a cluster."""

    wall: float
    mine: float
    around: float


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--batches", type=int, nargs="*", default=[1, 100, 1_000])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    os.environ["ANONYMIZER_KEY"] = KEY
    with TemporaryDirectory(dir=in_memory()) as folder:
        source = Path(folder) / "in"
        corpus.write(source, "headers", given.files / 2_000)
        files, _ = files_and_bytes(source)
        print("| work | files a task | tasks | wall s | files/s | driver's CPU s | ms a task |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        pool = _median([_with_pool(source) for _ in range(given.rounds)])
        print(f"| process pool | 128 | {-(-files // 128)} | {_row(files, pool)} | |")
        for batch in given.batches:
            dask = _median([_with_dask(source, batch) for _ in range(given.rounds)])
            tasks = -(-files // batch)
            mine = dask.mine / tasks * 1000
            print(f"| Dask | {batch:,} | {tasks:,} | {_row(files, dask)} | {mine:.1f} |")
        print(f"\nOpening and closing the cluster: {dask.around:.1f} s.")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"Peak memory of the driver, scheduler included: {peak:.0f} MB.")


def _row(files: int, measured: Measured) -> str:
    return f"{measured.wall:.2f} | {files / measured.wall:,.0f} | {measured.mine:.2f}"


def _median(runs: list[Measured]) -> Measured:
    return Measured(*(median(column) for column in zip(*runs, strict=True)))


def _options(source: Path) -> RunOptions:
    options = RunOptions()
    options.input_folder, options.output_folder = str(source), str(source.with_name("out"))
    shutil.rmtree(options.output_folder, ignore_errors=True)
    os.mkdir(options.output_folder)
    options.config = FLAT
    return options


def _with_pool(source: Path) -> Measured:
    options = _options(source)
    _, compiled = compile_for(options, options.input_folder)
    os.environ["ANONYMIZER_KEY"] = KEY
    wall, mine = time.perf_counter(), time.process_time()
    run_folder(compiled, settings_for(options, None), workers=WORKERS)
    return Measured(time.perf_counter() - wall, time.process_time() - mine, 0.0)


def _with_dask(source: Path, batch: int) -> Measured:
    options = _options(source)
    options.place = Place("local", workers=WORKERS)
    options.batch = batch
    configuration, compiled = compile_for(options, options.input_folder)
    whole = time.perf_counter()
    with crew_of(options, configuration, compiled, print) as crew:
        wall, mine = time.perf_counter(), time.process_time()
        report = run_folder(compiled, settings_for(options, None), workers=0, crew=crew)
        wall, mine = time.perf_counter() - wall, time.process_time() - mine
    assert report.written, "the corpus is of images"
    return Measured(wall, mine, time.perf_counter() - whole - wall)


if __name__ == "__main__":
    main()
