"""The folder beside the outputs where shards keep what they know of: a ledger, counters, a report.

``shards.json`` says what all shards have in common; the first writes it, and one that differs is
not run.

Rules. For its owner alone.  No value of an image, no key: a ``recipe`` is a keyed hash.
"""

from __future__ import annotations

import json
import os

from anonymizer.errors import ImageError, UsageError
from anonymizer.files import reason, write_private
from anonymizer.report import printable
from anonymizer.shards.shard import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Common = Mapping[str, Any]

SUFFIX = ".shards"
"""What the folder has behind the name of the output folder."""

COMMON = "shards.json"
FORMAT, VERSION = "anonymizer-shards", 1

DIFFERENCES = {
    "shards": "another number of shards",
    "manifest": "another manifest",
    "configuration": "another configuration",
    "recipe": "another key, map, flags or version of the tool",
    "day": "another day, as they begin just now",
}
"""What must be the same in all shards, and how it is told where it is not."""


class Place:
    """Where the files of shards are."""

    __slots__ = ("folder",)

    def __init__(self, folder: str) -> None:
        self.folder = folder

    @classmethod
    def beside(cls, output_folder: str) -> Place:
        return cls(os.path.realpath(output_folder) + SUFFIX)

    @classmethod
    def given(cls, folder: str) -> Place:
        """The one that was typed, as itself or as its output folder."""
        place = cls(folder)
        if not os.path.exists(place.common) and os.path.isdir(cls.beside(folder).folder):
            return cls.beside(folder)
        return place

    @property
    def common(self) -> str:
        return os.path.join(self.folder, COMMON)

    def ledger(self, number: int, shards: int) -> str:
        return os.path.join(self.folder, f"shard-{name_of(number, shards)}.ledger")

    def counters(self, number: int, shards: int) -> str:
        return os.path.join(self.folder, f"counters-{name_of(number, shards)}.json")

    def report(self, number: int, shards: int) -> str:
        return os.path.join(self.folder, f"report-{name_of(number, shards)}.json")

    def settle(self, common: Common) -> None:
        """Notes what all shards have in common; raises UsageError where others differ."""
        shown = printable(self.folder)
        try:
            os.makedirs(self.folder, 0o700, exist_ok=True)
            write_json(self.common, common, replace=False)
        except ImageError:
            self._compare(common)
        except OSError as error:
            raise UsageError(
                f"{shown}: what shards know of cannot be kept there ({reason(error)})"
            ) from None

    def _compare(self, common: Common) -> None:
        known = self.read_common()
        for name, told in DIFFERENCES.items():
            if known.get(name) != common[name]:
                raise UsageError(
                    f"--shard: the shards that are there were made with {told}",
                    f"give the same, or another output folder; {printable(self.common)} says what",
                )

    def read_common(self) -> dict[str, Any]:
        """What all shards have in common; raises UsageError where there is nothing of that kind."""
        shown = printable(self.common)
        try:
            common = read_json(self.common)
        except OSError as error:
            raise UsageError(
                f"{shown}: cannot be read ({reason(error)})",
                "give the output folder of a run with --shard, or the folder beside it",
            ) from None
        if common.get("format") != FORMAT or common.get("version") != VERSION:
            raise UsageError(f"{shown}: is not of shards, or of another version of the tool")
        if not _is_whole(common):
            raise UsageError(f"{shown}: is damaged", "run the shards into another output folder")
        return common


def _is_whole(common: Common) -> bool:
    """Whether it says how many shards there are, and of what."""
    manifest, configuration = common.get("manifest"), common.get("configuration")
    return (
        isinstance(common.get("shards"), int)
        and isinstance(configuration, dict)
        and isinstance(manifest, dict)
        and isinstance(manifest.get("files"), int)
        and isinstance(manifest.get("sha256"), str)
    )


def write_json(path: str, content: Common, *, replace: bool = True) -> None:
    """Writes a file whole or not at all; raises OSError, or ImageError where one is there."""
    write_private(path, [json.dumps(content, indent=1).encode(), b"\n"], replace=replace)


def read_json(path: str) -> dict[str, Any]:
    """An object; empty where the file holds none.  Raises OSError."""
    with open(path, "rb") as file:
        try:
            content = json.load(file)
        except (ValueError, RecursionError):
            return {}
    return content if isinstance(content, dict) else {}
