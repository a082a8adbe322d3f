"""Shows where the time of a file goes: microseconds a file for each stage, in one process.

usage: python -m benchmarks.stages FILE_OR_FOLDER [-c basic] [--most 200] [--passes 5]

The first pass fills what the engine remembers and is not counted. A stage is what its function
takes with all it calls; "deciding" happens inside "plan_splices", "the rest" is envelope and tally.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import anonymizer.pipeline
from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import load_configuration
from anonymizer.pipeline import Output, Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

Taken = ParamSpec("Taken")
Given = TypeVar("Given")

STAGES = ("split", "inflate", "scan", "plan_splices", "apply")


class Stopwatch:
    """Adds up the time spent in the functions it watches."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def watching(self, name: str, function: Callable[Taken, Given]) -> Callable[Taken, Given]:
        def watched(*args: Taken.args, **kwargs: Taken.kwargs) -> Given:
            start = perf_counter()
            result = function(*args, **kwargs)
            self.seconds[name] += perf_counter() - start
            return result

        return watched


def one_pass(paths: list[Path], pipeline: Pipeline, stopwatch: Stopwatch, target: Path) -> None:
    read = stopwatch.watching("read", Path.read_bytes)
    anonymize = stopwatch.watching("anonymize", pipeline.anonymize)
    write = stopwatch.watching("write", write_plainly)
    for path in paths:
        source = read(path)
        write(anonymize(source, len(source)), target)
        target.unlink()


def write_plainly(output: Output, target: Path) -> None:
    with target.open("wb") as file:
        file.writelines(output.chunks())


def watched_passes(paths: list[Path], pipeline: Pipeline, passes: int) -> list[dict[str, float]]:
    found: list[dict[str, float]] = []
    plain = {name: getattr(anonymizer.pipeline, name) for name in STAGES}
    with tempfile.TemporaryDirectory(dir="/dev/shm") as scratch:
        for _ in range(passes + 1):
            stopwatch = Stopwatch()
            for name, function in plain.items():
                setattr(anonymizer.pipeline, name, stopwatch.watching(name, function))
            one_pass(paths, pipeline, stopwatch, Path(scratch) / "out.dcm")
            found.append(stopwatch.seconds)
    return found[1:]


def table(passes: list[dict[str, float]], files: int) -> str:
    def shown(name: str, seconds: float) -> str:
        return f"{name:16}{1e6 * seconds / files:12,.1f}"

    middle = {name: median(one[name] for one in passes) for name in passes[0]}
    rest = middle["anonymize"] - sum(middle.get(name, 0) for name in STAGES)
    whole = middle["read"] + middle["anonymize"] + middle["write"]
    lines = [shown("read", middle["read"])]
    lines += [shown(f"  {name}", middle[name]) for name in STAGES if name in middle]
    lines += [shown("  the rest", rest), shown("anonymize", middle["anonymize"])]
    lines += [shown("write", middle["write"]), shown("together", whole)]
    return "\n".join([f"{'µs a file':>28}", *lines])


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.stages",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("input", type=Path)
    parser.add_argument("-c", "--config", default="basic")
    parser.add_argument("--most", type=int, default=200, help="files at most")
    parser.add_argument("--passes", type=int, default=5)
    options = parser.parse_args()
    every = sorted(options.input.rglob("*")) if options.input.is_dir() else [options.input]
    paths = [path for path in every if path.is_file()][: options.most]
    pipeline = Pipeline(compile_configuration(load_configuration(options.config)))
    print(f"{len(paths)} files")
    print(table(watched_passes(paths, pipeline, options.passes), len(paths)))


if __name__ == "__main__":
    main()
