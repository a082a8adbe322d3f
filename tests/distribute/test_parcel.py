"""What goes through a scheduler is sealed: nobody reads or makes it without the key."""

from __future__ import annotations

import pytest
from study import KEY

from anonymizer.distribute.parcel import ParcelFault, Seal

CONTENT = (["Canary/im\udcff"], b"\0\1", 17, {1: 2, ("a", 3): 4}, None, True)


@pytest.mark.parametrize("key", [KEY.encode(), None])
def test_what_is_packed_comes_out(key: bytes | None) -> None:
    assert Seal(key, "run").unpack(Seal(key, "run").pack(CONTENT)) == CONTENT


def test_two_parcels_of_the_same_differ_and_hold_nothing_to_read() -> None:
    seal = Seal(KEY.encode(), "run")
    one, other = seal.pack(["Canary"]), seal.pack(["Canary"])
    assert one != other
    assert b"Canary" not in one


@pytest.mark.parametrize(("key", "run"), [(KEY[::-1], "run"), (KEY, "another")])
def test_another_key_and_another_run_open_nothing(key: str, run: str) -> None:
    parcel = Seal(KEY.encode(), "run").pack(CONTENT)
    with pytest.raises(ParcelFault):
        Seal(key.encode(), run).unpack(parcel)


def test_a_parcel_that_was_changed_or_cut_is_none() -> None:
    seal = Seal(KEY.encode(), "run")
    parcel = seal.pack(CONTENT)
    for wrong in (b"", parcel[:-1], parcel[:5], bytes([parcel[0] ^ 1]) + parcel[1:]):
        with pytest.raises(ParcelFault):
            seal.unpack(wrong)
    with pytest.raises(ParcelFault):
        Seal(None, "run").unpack(b"no parcel")
