"""Runs this tool and its peers side by side and prints who is faster by how much.

usage: python -m benchmarks.run [--peers-venv DIR] [--corpus DIR] [--quick]

Each round runs every tool once, in an order that turns; a ratio is taken between two runs of the
same round, so that a busy machine slows both. See benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import peers
from benchmarks.measure import (
    Run,
    Spread,
    ToolFailed,
    file_system,
    files_and_bytes,
    in_memory,
    load,
    machine,
    run,
)
from benchmarks.peers import Tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
NOTHING = "python -c pass"

Runs = dict[str, list[Run | None]]  # by the name of the tool, one a round


# -- what is compared ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Our speed over a peer's: their time divided by ours, pair by pair."""

    peer: str
    least: float
    ours: str = peers.OURS

    @property
    def says(self) -> str:
        return f"≥ {self.least:g}x {self.peer}"

    def measured(self, runs: Runs) -> Spread | None:
        return spread_of(
            them.seconds / us.seconds for us, them in pairs(runs, self.ours, self.peer)
        )

    def is_reached(self, spread: Spread) -> bool:
        return spread.middle >= self.least


@dataclass(frozen=True, slots=True)
class AtMostOver:
    """Our time above that of a process that does nothing, in milliseconds."""

    most: float
    peer: str = NOTHING
    ours: str = peers.OURS

    @property
    def says(self) -> str:
        return f"≤ {self.most:g} ms over {self.peer}"

    def measured(self, runs: Runs) -> Spread | None:
        return spread_of(
            1000 * (us.seconds - them.seconds) for us, them in pairs(runs, self.ours, self.peer)
        )

    def is_reached(self, spread: Spread) -> bool:
        return spread.middle <= self.most


@dataclass(frozen=True, slots=True)
class PeakBelow:
    """Our largest process's memory, in MB."""

    most: float
    ours: str = peers.OURS

    @property
    def says(self) -> str:
        return f"peak memory < {self.most:g} MB"

    def measured(self, runs: Runs) -> Spread | None:
        return spread_of(us.peak_mb for us in runs.get(self.ours, []) if us)

    def is_reached(self, spread: Spread) -> bool:
        return spread.most < self.most


Target = AtLeast | AtMostOver | PeakBelow


@dataclass(frozen=True, slots=True)
class Work:
    """Something to de-identify: a folder of the corpus, or one file in it."""

    name: str
    title: str
    targets: tuple[Target, ...]
    file: str = ""  # the path of a single file, "" where it is the whole folder


TWO = peers.OURS_TWO_WORKERS

WORKS = (
    Work(
        "ct-small",
        "1,000 CT files of 0.5 MB",
        (
            AtLeast(peers.DCMANON, 3.5),
            AtLeast(peers.GDCMANON, 2),
            AtLeast(peers.COPY, 0.6),
            AtLeast(peers.COPY, 0.95, ours=TWO),
        ),
    ),
    Work(
        "headers",
        "2,000 header-only files",
        (
            AtLeast(peers.DCMANON, 1.8),
            AtLeast(peers.GDCMANON, 5),
            AtLeast(peers.KITWARE, 90),
        ),
    ),
    Work(
        "enhanced",
        "enhanced multi-frame, 5 files",
        (AtLeast(peers.DCMANON, 2.2), AtLeast(peers.GDCMANON, 3)),
    ),
    Work(
        "big",
        "one multi-frame file of 500 MB",
        (PeakBelow(100), AtLeast(peers.COPY, 0.8)),
        file="big0.dcm",
    ),
    Work(
        "single",
        "one CT file, start-up included",
        (AtMostOver(200),),
        file="s00/IM00000.dcm",
    ),
)
FOLDERS = {"single": "ct-small"}  # where a work lies in the corpus, if not under its own name


def pairs(runs: Runs, ours: str, peer: str) -> Iterator[tuple[Run, Run]]:
    for us, them in zip(runs.get(ours, []), runs.get(peer, []), strict=False):
        if us and them:
            yield us, them


def spread_of(numbers: Iterable[float]) -> Spread | None:
    return Spread.of(found) if (found := list(numbers)) else None


# -- running ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bench:
    """One session: who runs, over what, how often, and where the outputs go."""

    tools: tuple[Tool, ...]
    corpus: Path
    scratch: Path
    rounds: int
    slow_rounds: int

    def compare(self, work: Work) -> Runs:
        tools = [tool for tool in self.tools if not (work.file and tool.name == TWO)]
        if work.name == "single":
            tools.append(nothing())
        runs: Runs = {tool.name: [] for tool in tools}
        for warm_up in tools[:2]:
            self._once(warm_up, work)
        for number in range(self.rounds):
            turn = number % len(tools)
            for tool in [*tools[turn:], *tools[:turn]]:
                due = number < self.slow_rounds or not tool.slow
                runs[tool.name].append(self._once(tool, work) if due else None)
        return runs

    def _once(self, tool: Tool, work: Work) -> Run:
        source = self.source(work)
        target = self.scratch / ("out.dcm" if work.file else "out")
        command = (tool.file if work.file else tool.folder)(source, target)
        try:
            measured = run(command, self.scratch / "log")
            if tool.name != NOTHING:
                expect_complete(tool, source, target)
        finally:
            remove(target)
        return measured

    def source(self, work: Work) -> Path:
        return self.corpus / FOLDERS.get(work.name, work.name) / work.file


def expect_complete(tool: Tool, source: Path, target: Path) -> None:
    """A tool that stops early is not fast."""
    files, size = files_and_bytes(source)
    files_written, size_written = files_and_bytes(target)
    if files_written < files or size_written < 0.5 * size:
        raise ToolFailed(f"{tool.name} wrote {files_written} of {files} files")


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def nothing() -> Tool:
    command = [sys.executable, "-c", "pass"]
    return Tool(NOTHING, "", lambda _source, _target: command, lambda _source, _target: command)


# -- telling ------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def target_rows(work: Work, runs: Runs) -> Iterator[list[str]]:
    for target in work.targets:
        workers = ", two workers" if target.ours == TWO else ""
        spread = target.measured(runs)
        if spread is None:
            yield [work.title + workers, target.says, "not measured", ""]
            continue
        digits = 2 if isinstance(target, AtLeast) else 0
        reached = "yes" if target.is_reached(spread) else "**no**"
        yield [work.title + workers, target.says, spread.shown(digits), reached]


def run_rows(runs: Runs, files: int, size: int) -> Iterator[list[str]]:
    for name, every in runs.items():
        done = [one for one in every if one]
        seconds = Spread.of(one.seconds for one in done)
        copy = spread_of(us.seconds / them.seconds for us, them in pairs(runs, name, peers.COPY))
        yield [
            name,
            seconds.shown(3),
            f"{copy.middle:.2f}" if copy else "",
            rate(files / seconds.middle) if name != NOTHING else "",
            rate(size / seconds.middle / 1e6) if name != NOTHING else "",
            f"{Spread.of(one.cpu_seconds for one in done).middle:.3f}",
            f"{max(one.peak_mb for one in done):,.0f}",
            str(len(done)),
        ]


def rate(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def report(bench: Bench, measured: list[tuple[Work, Runs, float]], remark: str) -> str:
    facts = [
        *machine(),
        ("files on", file_system(bench.scratch)),
        ("date", date.today().isoformat()),
    ]
    targets = [row for work, runs, _ in measured for row in target_rows(work, runs)]
    parts = [
        "# Speed, side by side\n",
        "Written by `benchmarks/run.py`; `benchmarks/README.md` says what is measured and how.",
        f"{remark}\n",
        "## Machine\n",
        table(["", ""], facts),
        table(["tool", "version"], [(tool.name, tool.version) for tool in bench.tools]),
        "## Targets\n",
        "Median (least to most) over the rounds; a ratio above 1 means that we are faster.\n",
        table(["work", "must reach", "measured", "reached"], targets),
    ]
    for work, runs, busy in measured:
        files, size = files_and_bytes(bench.source(work))
        parts += [
            f"## {work.title}\n",
            f"{files:,} file{'s' * (files != 1)}, {size / 1e6:,.1f} MB; load before: {busy:.2f}\n",
            table(
                ["tool", "wall s", "x cp", "files/s", "MB/s", "CPU s", "peak MB", "runs"],
                run_rows(runs, files, size),
            ),
        ]
    return "\n".join(parts)


# -- the command line ---------------------------------------------------------------------------


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--anonymizer",
        type=shlex.split,
        default=[sys.executable, str(peers.LOOPS / "ours.py")],
        metavar="COMMAND",
        help="the tool to measure (default: this checkout's, basic being benchmarks/basic.json)",
    )
    parser.add_argument("-c", "--config", default="basic", help="our configuration")
    parser.add_argument("--peers-venv", type=Path, metavar="DIR", help="where the peers are")
    parser.add_argument("--without", nargs="+", default=[], metavar="TOOL", help="leave these out")
    parser.add_argument("--only", nargs="+", choices=[work.name for work in WORKS])
    parser.add_argument(
        "--corpus", type=Path, metavar="DIR", help="what benchmarks.corpus wrote (default: made)"
    )
    parser.add_argument("--scratch", type=Path, metavar="DIR", help="where outputs go for a moment")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--slow-rounds", type=int, default=2, help="of tools that take long")
    parser.add_argument(
        "--quick", action="store_true", help="2 rounds over a hundredth: does everything run?"
    )
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="default: benchmarks/RESULTS.md, none if quick"
    )
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.slow_rounds = 2, 1
    elif options.results is None:
        options.results = RESULTS
    return options


@contextmanager
def scratch_folder(wanted: Path | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="benchmark-", dir=wanted or in_memory()) as folder:
        yield Path(folder)


def remark(options: argparse.Namespace) -> str:
    if options.quick:
        return "A quick run over a hundredth of the corpus: it shows that all runs, not how fast."
    return f"Our configuration is `{options.config}`; {options.rounds} rounds."


def made_corpus(out: Path, works: Sequence[Work], scale: float) -> Path:
    """In a process of its own, which has pydicom in it and so grows large."""
    folders = sorted({FOLDERS.get(work.name, work.name) for work in works})
    script = [sys.executable, "-m", "benchmarks.corpus", str(out), "--scale", str(scale)]
    subprocess.run([*script, "--only", *folders], check=True, cwd=ROOT)
    return out


def main() -> None:
    options = parsed()
    works = [work for work in WORKS if options.only is None or work.name in options.only]
    with scratch_folder(options.scratch) as scratch:
        corpus = options.corpus or made_corpus(
            scratch / "corpus", works, 0.01 if options.quick else 1
        )
        tools = [
            *peers.ours(options.anonymizer, options.config),
            *peers.theirs(options.peers_venv, scratch),
        ]
        chosen = tuple(tool for tool in tools if tool.name not in options.without)
        bench = Bench(chosen, corpus, scratch, options.rounds, options.slow_rounds)
        measured = []
        for work in works:
            print(f"{work.title} …", file=sys.stderr, flush=True)
            busy = load()
            measured.append((work, bench.compare(work), busy))
        text = report(bench, measured, remark(options))
    print(text)
    if options.results:
        options.results.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
