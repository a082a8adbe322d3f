"""Shows where the time of a file goes: microseconds a file for each stage, in one process.

usage: python -m benchmarks.stages FOLDER [-c FILE|NAME] [--most 200] [--passes 5]

The first pass fills what the engine remembers and is not counted. A stage is what its function
takes with all that it calls; methods decide inside ``_splices``; files of a series go by ``walk``
alone, which learns in ``hear``.
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
import anonymizer.worker
from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import load_configuration
from anonymizer.pipeline import Pipeline
from anonymizer.series import Series
from anonymizer.worker import Settings, Worker
from benchmarks.measure import in_memory
from benchmarks.peers import FLAT

if TYPE_CHECKING:
    from collections.abc import Callable

Taken = ParamSpec("Taken")
Given = TypeVar("Given")

WHOLE = "a file"
ENGINE = "anonymize"
# Where each stage is called from, and its name there; those of the engine are parts of it.
STAGES = ((anonymizer.worker, "Input"), (anonymizer.worker, "write_whole"))
PARTS_OF_ENGINE = (
    *((anonymizer.pipeline, name) for name in ("split", "inflate", "scan")),
    *((Pipeline, name) for name in ("_judge", "_splices", "_head", "_pieces", "_uids")),
    (Series, "walk"),
    (Series, "hear"),
)


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

    def watch(self, place: object, name: str) -> None:
        """A stage that is called otherwise by now is left to "the rest"."""
        if hasattr(place, name):
            setattr(place, name, self.watching(name, getattr(place, name)))


def passes_over(folder: Path, paths: list[str], config: str, passes: int) -> list[dict[str, float]]:
    compiled = compile_configuration(load_configuration(config))
    stopwatch = Stopwatch()
    for place, name in (*STAGES, *PARTS_OF_ENGINE, (Pipeline, ENGINE)):
        stopwatch.watch(place, name)
    found: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(dir=in_memory()) as scratch:
        worker = Worker(compiled, Settings(str(folder), f"{scratch}/out"))
        do = stopwatch.watching(WHOLE, worker.do)
        for _ in range(passes + 1):
            stopwatch.seconds.clear()
            for path in paths:
                outcome = do(path)
                assert outcome.status == "written", f"{path}: {outcome.reason}"
            found.append(dict(stopwatch.seconds))
            for written in Path(scratch).rglob("*.dcm"):
                written.unlink()
    return found[1:]


def table(passes: list[dict[str, float]], files: int) -> str:
    middle = {name: median(one[name] for one in passes) for name in passes[0]}

    def lines(whole: str, names: list[str], indent: str) -> list[str]:
        seen = {name: middle[name] for name in names if name in middle}
        seen["the rest"] = middle[whole] - sum(seen.values())
        return [f"{indent + name:20}{1e6 * s / files:12,.1f}" for name, s in seen.items()]

    return "\n".join(
        [
            f"{'µs a file':>32}",
            *lines(WHOLE, [*(name for _, name in STAGES), ENGINE], ""),
            f"{'together':20}{1e6 * middle[WHOLE] / files:12,.1f}",
            f"{ENGINE}, of which",
            *lines(ENGINE, [name for _, name in PARTS_OF_ENGINE], "  "),
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.stages",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("-c", "--config", default=FLAT)
    parser.add_argument("--most", type=int, default=200, help="files at most")
    parser.add_argument("--passes", type=int, default=5)
    options = parser.parse_args()
    found = sorted(path for path in options.folder.rglob("*") if path.is_file())
    paths = [path.relative_to(options.folder).as_posix() for path in found[: options.most]]
    print(f"{len(paths)} files")
    print(table(passes_over(options.folder, paths, options.config, options.passes), len(paths)))


if __name__ == "__main__":
    main()
