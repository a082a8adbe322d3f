"""One shard of a manifest while it is run: which files it has, and which are accounted for.

Rules
    * Each file of the shard counts once when it is found and once when it is told what became of
      it; both sums must be the same in the end.
    * What a killed run of the same shard has left goes before the first file of its folder is
      begun.  Nobody else runs the shard meanwhile: its ledger is locked.
"""

from __future__ import annotations

import os

from anonymizer import files
from anonymizer.hold import ELSEWHERE
from anonymizer.shards.manifest import Seal
from anonymizer.shards.split import entries_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.folder import Found
    from anonymizer.shards.manifest import Manifest
    from anonymizer.worker import Frozen


class Shard:
    """``number`` of ``shards``, from 1 on; ``has_all`` says whether all its files were found.

    ``cleared`` is how many unfinished files of a killed run went from ``left_in``, the output
    folder where there was one; by ``renames`` they may lie anywhere below.
    """

    __slots__ = (
        "_states",
        "accounted",
        "cleared",
        "expected",
        "has_all",
        "left_in",
        "manifest",
        "number",
        "renames",
        "shards",
    )

    def __init__(self, manifest: Manifest, number: int, shards: int) -> None:
        self.manifest = manifest
        self.number = number
        self.shards = shards
        self.expected = Seal()
        self.accounted = Seal()
        self.has_all = False
        self.cleared = 0
        self.left_in = ""
        self.renames = False
        self._states: dict[str, Frozen] = {}

    @property
    def name(self) -> str:
        return name_of(self.number, self.shards)

    @property
    def owner(self) -> str:
        """What tells its unfinished files from those of others."""
        return f"{ELSEWHERE}{self.number}of{self.shards}"

    @property
    def is_whole(self) -> bool:
        """Whether each of its files is accounted for exactly once."""
        return self.has_all and str(self.expected) == str(self.accounted)

    def found(self) -> Iterator[Found]:
        """Its files, as a walk of the folder would find them."""
        before = None
        self._clear_everywhere()
        for entry in entries_of(self.manifest, self.number, self.shards):
            self.expected.add(entry.path)
            inside = entry.path.rpartition("/")[0]
            if inside != before and self.left_in and not self.renames:
                self.cleared += files.sweep_parts(os.path.join(self.left_in, inside))
            before = inside
            if not entry.why:
                self._states[entry.path] = entry.size, entry.mtime_ns
            yield entry.path, entry.size, entry.why
        self.has_all = True

    def states_of(self, paths: list[str]) -> list[Frozen]:
        """How the manifest has listed files that are to be done next."""
        return [self._states.pop(path) for path in paths]

    def account(self, path: str) -> None:
        self.accounted.add(path)
        self._states.pop(path, None)

    def _clear_everywhere(self) -> None:
        if self.left_in and self.renames:
            for folder, _, _ in os.walk(self.left_in):
                self.cleared += files.sweep_parts(folder)


def name_of(number: int, shards: int) -> str:
    """``3-of-8``, as it stands in names of files."""
    return f"{number}-of-{shards}"
