"""Runs commands and tells their time and memory; describes the machine they ran on.

This process stays small on purpose: what Linux reports as a child's peak memory is never less than
what its parent had when it started the child.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

RAM_DISK = "/dev/shm"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a whole process and its children."""

    seconds: float
    cpu_seconds: float
    peak_mb: float  # of the largest process


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some measurements, and how far they lie apart."""

    middle: float
    least: float
    most: float

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Spread:
        ordered = sorted(numbers)
        return cls(median(ordered), ordered[0], ordered[-1])

    def shown(self, digits: int) -> str:
        return f"{self.middle:.{digits}f} ({self.least:.{digits}f} to {self.most:.{digits}f})"


class ToolFailed(Exception):
    """A tool did not do its work, so its time means nothing."""


def run(command: list[str], log: Path, ends: tuple[int, ...] = (0,)) -> Run:
    """Raises ToolFailed with the end of what the command said, if it ``ends`` otherwise."""
    with log.open("wb") as file:
        quiet = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, file.fileno(), 1),
            (os.POSIX_SPAWN_DUP2, file.fileno(), 2),
        ]
        start = time.perf_counter()
        child = os.posix_spawnp(command[0], command, os.environ, file_actions=quiet)
        _, status, used = os.wait4(child, 0)
        seconds = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in ends:
        said = log.read_text(errors="replace")[-2000:]
        raise ToolFailed(f"exit {os.waitstatus_to_exitcode(status)}: {' '.join(command)}\n{said}")
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / (1 << 10))


def in_memory() -> str | None:
    """The folder for what comes and goes: a disk would be measured instead of the tools."""
    return RAM_DISK if os.access(RAM_DISK, os.W_OK) else None


def files_and_bytes(path: Path) -> tuple[int, int]:
    sizes = [file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file()]
    return len(sizes), sum(sizes)


def file_system(path: Path) -> str:
    """The type of the file system that holds a path, e.g. tmpfs."""
    types = {}
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, mount, kind, *_ = line.split()
        types[mount] = kind
    holders = [parent for parent in [path, *path.parents] if str(parent) in types]
    return types[str(holders[0])] if holders else "unknown"


def load() -> float:
    return os.getloadavg()[0]


def machine() -> list[tuple[str, str]]:
    """What the figures depend on, without the machine's name."""
    return [
        ("processor", _named_in("/proc/cpuinfo", "model name")),
        ("cores", str(len(os.sched_getaffinity(0)))),
        ("memory", _gigabytes(_named_in("/proc/meminfo", "MemTotal"))),
        ("system", _system()),
        ("kernel", f"{platform.system()} {platform.release()}"),
        ("Python", f"{platform.python_implementation()} {platform.python_version()}"),
    ]


def _named_in(path: str, name: str) -> str:
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        key, _, rest = line.partition(":")
        if key.strip() == name:
            return rest.strip()
    return "unknown"


def _gigabytes(kilobytes: str) -> str:
    return f"{int(kilobytes.removesuffix('kB')) / (1 << 20):.1f} GiB"


def _system() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", sys.platform)
