"""Every file is of exactly one shard, shards are alike in weight, and folders stay together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.errors import UsageError
from anonymizer.shards.manifest import Entry, Manifest
from anonymizer.shards.split import (
    WEIGHT_OF_A_FILE,
    entries_of,
    parse_shard,
    split,
    weight_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MB = 1 << 20


class Listed(Manifest):
    """A manifest in memory."""

    def __init__(self, entries: list[Entry]) -> None:
        last = {
            "files": len(entries),
            "bytes": sum(entry.size for entry in entries),
            "unlisted": 0,
            "seal": "",
        }
        super().__init__("", "", last)
        self.listed = entries

    def entries(self) -> Iterator[Entry]:
        return iter(self.listed)


def series(*sizes: list[int]) -> Listed:
    """A folder for each list of sizes of files."""
    return Listed(
        [
            Entry(f"s{number:04}/{file:04}", size)
            for number, files in enumerate(sizes)
            for file, size in enumerate(files)
        ]
    )


def folders(manifest: Manifest, shards: int) -> dict[str, set[int]]:
    """In which shards the files of each folder are."""
    found: dict[str, set[int]] = {}
    for shard, entry in split(manifest, shards):
        found.setdefault(entry.path.rpartition("/")[0], set()).add(shard)
    return found


SIZES = st.lists(st.lists(st.integers(0, 3 * MB), min_size=1, max_size=9), max_size=30)


@given(SIZES, st.integers(1, 40))
def test_every_file_is_of_exactly_one_shard(sizes: list[list[int]], shards: int) -> None:
    manifest = series(*sizes)
    each = [
        entry.path
        for number in range(1, shards + 1)
        for entry in entries_of(manifest, number, shards)
    ]
    assert each == [entry.path for entry in manifest.entries()]


@given(SIZES, st.integers(1, 40))
def test_no_shard_is_heavier_than_its_share_a_quarter_and_a_file(
    sizes: list[list[int]], shards: int
) -> None:
    manifest = series(*sizes)
    weights: Counter[int] = Counter()
    for shard, entry in split(manifest, shards):
        weights[shard] += weight_of(entry)
    whole = manifest.bytes + manifest.files * WEIGHT_OF_A_FILE
    heaviest = max(map(weight_of, manifest.listed), default=0)
    assert all(weight <= 1.25 * whole / shards + heaviest + 1 for weight in weights.values())


def test_series_stay_together_where_they_are_small_beside_a_shard() -> None:
    manifest = series(*[[MB // 2] * 40] * 100)
    for shards in (1, 2, 3, 7, 20):
        assert all(len(of) == 1 for of in folders(manifest, shards).values())
        counts = Counter(shard for shard, _ in split(manifest, shards))
        assert len(counts) == shards
        assert max(counts.values()) <= 4000 / shards + 40


def test_one_large_folder_is_shared_out() -> None:
    counts = Counter(shard for shard, _ in split(series([MB] * 1000), 4))
    assert [counts[shard] for shard in (1, 2, 3, 4)] == [250, 250, 250, 250]


def test_with_more_shards_than_files_some_have_none() -> None:
    manifest = series([1], [1], [1])
    assert [shard for shard, _ in split(manifest, 30)] == [1, 11, 21]
    assert list(entries_of(manifest, 2, 30)) == []
    assert list(entries_of(series(), 2, 3)) == []


def test_shards_are_told_apart_by_number_and_sum() -> None:
    assert parse_shard("1/1") == (1, 1)
    assert parse_shard("08/10") == (8, 10)
    for wrong in ("", "1", "0/8", "9/8", "1/0", "-1/8", "1/8/8", "a/8", " 1/8", "1/9999999", "²/8"):
        with pytest.raises(UsageError, match="--shard"):
            parse_shard(wrong)
