"""Cuts the files of a run into batches, each the work of one process for a minute or so.

Rules
    * What lies in one folder stays together as far as it can: a series there is read once, by one
      process.  A batch that has enough ends where the folder above changes, one that has plenty
      where the folder does; one that is full ends anywhere.
    * Batches are made one by one, while others are done.
"""

from __future__ import annotations

import os

from anonymizer.files import is_unfinished

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anonymizer.worker import Frozen

MOST_FILES = 2_000
MOST_BYTES = 2 << 30


class Batch:
    """Files for one process; ``ours`` has a 1 for each output that may be replaced.

    ``frozen`` is how each must be found, nothing where that is not known; ``was_alone`` says that
    it has been tried with nothing beside it.
    """

    __slots__ = ("frozen", "number", "ours", "paths", "was_alone")

    def __init__(
        self, number: int, paths: list[str], ours: bytes, frozen: list[Frozen] | None = None
    ) -> None:
        self.number = number
        self.paths = paths
        self.ours = ours
        self.frozen = frozen or []
        self.was_alone = False

    def halves(self, numbers: Iterator[int]) -> list[Batch]:
        """The files again, in two batches."""
        middle = len(self.paths) // 2
        cuts = slice(None, middle), slice(middle, None)
        return [
            Batch(next(numbers), self.paths[cut], self.ours[cut], self.frozen[cut]) for cut in cuts
        ]


def batches(
    files: Iterable[tuple[str, int]], numbers: Iterator[int], *, most: int = MOST_FILES
) -> Iterator[Batch]:
    """Batches of files (path and size), in their order."""
    paths: list[str] = []
    size = 0
    folder = ""
    for path, bytes_in_file in files:
        inside = path.rpartition("/")[0]
        if paths and (
            len(paths) >= most
            or size + bytes_in_file > MOST_BYTES
            or _may_end(len(paths) / most, folder, inside)
        ):
            yield Batch(next(numbers), paths, bytes(len(paths)))
            paths, size = [], 0
        paths.append(path)
        size += bytes_in_file
        folder = inside
    if paths:
        yield Batch(next(numbers), paths, bytes(len(paths)))


ENOUGH, PLENTY = 0.25, 0.5


def _may_end(full: float, before: str, after: str) -> bool:
    """Whether a batch that is so full may end between files of these folders."""
    if full < ENOUGH or before == after:
        return False
    return full >= PLENTY or before.rpartition("/")[0] != after.rpartition("/")[0]


def left_of_before(
    paths: list[str], ours: bytes, output_folder: str, began: int
) -> tuple[bytes, list[str]]:
    """What a try of this batch that was cut short has left: which outputs may be replaced, for
    they are newer than the run (``began``, nanoseconds); and unfinished files of the run."""
    found: dict[str, dict[str, os.DirEntry[str]]] = {}
    mine = bytearray(ours)
    for number, path in enumerate(paths):
        folder, _, name = path.rpartition("/")
        if folder not in found:
            found[folder] = _listed(f"{output_folder}/{folder}")
        entry = found[folder].get(name)
        if entry is not None and _changed(entry) > began:
            mine[number] = 1
    strays = [
        f"{folder}/{name}" if folder else name
        for folder, entries in found.items()
        for name in entries
        if is_unfinished(name)
    ]
    return bytes(mine), strays


def _listed(folder: str) -> dict[str, os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry for entry in entries}
    except OSError:
        return {}


def _changed(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_mtime_ns
    except OSError:
        return 0
