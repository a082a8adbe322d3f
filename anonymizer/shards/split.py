"""Splits a manifest into shards: which file is of which, the same wherever that is asked.

Strategy
    Shards are runs of neighbours in the manifest, so that folders, and with them series and
    studies, stay together.  They are balanced by weight: the bytes of a file, and as many as take
    as long as the rest of the work on it.  Where a shard has its weight the next one begins, as
    soon as a folder ends; within the folder, where that fills a shard of its own, and after a
    quarter of a shard more.

Rules
    * Every file is of exactly one shard, whatever their number; some may have none.
    * Only the manifest and the number of shards decide.
"""

from __future__ import annotations

from anonymizer.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.shards.manifest import Entry, Manifest

WEIGHT_OF_A_FILE = 256 << 10
"""What a file weighs beside its bytes."""

LATE = 4
"""A shard may grow by one part of so many until a folder ends."""

MOST_SHARDS = 1_000_000


def weight_of(entry: Entry) -> int:
    return entry.size + WEIGHT_OF_A_FILE


def split(manifest: Manifest, shards: int) -> Iterator[tuple[int, Entry]]:
    """Each file with the number of its shard, from 1 on; the numbers never fall."""
    whole = max(manifest.bytes + manifest.files * WEIGHT_OF_A_FILE, 1)
    shard = before = begun = 0
    folder = ""
    for entry in manifest.entries():
        inside = entry.path.rpartition("/")[0]
        if inside != folder:
            folder, begun = inside, before
        due = min(shards * before // whole, shards - 1)
        if due > shard:
            late = shards * before - (shard + 1) * whole
            filled = shards * (before - begun)
            if begun == before or filled >= whole or late * LATE >= whole:
                shard = due
        yield shard + 1, entry
        before += weight_of(entry)


def entries_of(manifest: Manifest, number: int, shards: int) -> Iterator[Entry]:
    """The files of one shard."""
    for shard, entry in split(manifest, shards):
        if shard > number:
            return
        if shard == number:
            yield entry


def parse_shard(text: str) -> tuple[int, int]:
    """``3/8``: the third of eight. Raises UsageError."""
    number, _, shards = text.partition("/")
    if all(part.isascii() and part.isdigit() and len(part) < 8 for part in (number, shards)):
        which, of = int(number), int(shards)
        if 1 <= which <= of <= MOST_SHARDS:
            return which, of
    raise UsageError(
        "--shard: not a number of a shard, a slash, and how many there are",
        "--shard 1/8 is the first of eight, --shard 8/8 the last",
    )
