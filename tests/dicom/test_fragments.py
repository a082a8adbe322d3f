"""Encapsulated pixel data in items."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.dicom.fragments import DELIMITER, join_items, split_items
from anonymizer.errors import ValueFault


@given(st.lists(st.binary(max_size=9).map(lambda item: item + b"\0" * (len(item) % 2))))
def test_items_go_both_ways(items: list[bytes]) -> None:
    assert split_items(join_items(items)) == items


def test_an_odd_item_is_padded() -> None:
    assert split_items(join_items([b"", b"abc"])) == [b"", b"abc\0"]


@given(st.integers(0, 40))
def test_a_run_cut_short_is_a_fault(stop: int) -> None:
    run = join_items([b"", b"abcdef", b"gh"])
    with pytest.raises(ValueFault):
        split_items(run[: min(stop, len(run) - 1)])


def test_nothing_stands_behind_the_delimiter() -> None:
    assert split_items(DELIMITER) == []
    with pytest.raises(ValueFault):
        split_items(DELIMITER + b"\0\0")
