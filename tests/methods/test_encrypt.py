"""encrypt, and reveal to undo it."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest
from attributes import CONTEXT, after, attribute, method, secrets, text_after
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.dicom.attribute import TEXT_VRS
from anonymizer.dicom.forms import fits
from anonymizer.dicom.fragments import join_items, split_items
from anonymizer.errors import ValueFault
from anonymizer.methods.encrypt import Reveal, aes_key, encrypt_bytes, reveal_bytes, reveal_text

KEYS = {"encrypt": b"a key of any length of 32 or more characters"}
HOLDING = sorted({"LO", "LT", "PN", "ST", "UC", "UR", "UT"})


def revealed(vr: str, field: bytes, **given: bool) -> bytes:
    reveal = Reveal.from_options({}, secrets(keys=KEYS))
    return after(reveal, attribute(vr, field, **given))  # type: ignore[arg-type]


@pytest.mark.parametrize("vr", HOLDING)
@pytest.mark.parametrize("value", ["Doe", "Jérôme", "山田^太郎", "0" * 31])
def test_a_value_comes_back(vr: str, value: str) -> None:
    if vr == "UR" and not value.isascii():
        pytest.skip("UR holds ASCII only")
    field = after(method("encrypt", keys=KEYS), attribute(vr, value))
    assert value.encode() not in field
    assert fits(field.decode(), vr) == ""
    assert revealed(vr, field) == value.encode()
    assert revealed(vr, field + b" ") == value.encode()


def test_values_stay_apart_and_empty_ones_empty() -> None:
    text = text_after(method("encrypt", keys=KEYS), "LO", "A\\\\A")
    first, empty, second = text.split("\\")
    assert empty == ""
    assert first != second
    assert revealed("LO", text.encode()) == b"A\\\\A"


@pytest.mark.parametrize("vr", sorted(TEXT_VRS - {*HOLDING}))
def test_what_cannot_hold_the_result_is_a_fault(vr: str) -> None:
    with pytest.raises(ValueFault, match="does not fit"):
        method("encrypt").decide(attribute(vr, "12"), CONTEXT)


def test_a_value_of_32_bytes_is_too_long_for_lo() -> None:
    with pytest.raises(ValueFault, match="does not fit"):
        method("encrypt").decide(attribute("LO", "0" * 32), CONTEXT)


def test_binary_values_and_fragments_are_raw() -> None:
    does = method("encrypt", keys=KEYS)
    field = after(does, attribute("OB", b"\0\1\2\0"))
    assert len(field) == 32
    assert revealed("OB", field) == b"\0\1\2\0"
    run = join_items([b"\0\0\0\0", b"ab", b"cd"])
    field = after(does, attribute("OB", run, encapsulated=True))
    assert split_items(revealed("OB", field, encapsulated=True)) == [b"", b"ab", b"cd"]


def test_the_vector_is_drawn_anew_for_every_value() -> None:
    drawn = []

    def entropy(count: int) -> bytes:
        drawn.append(os.urandom(count))
        return drawn[-1]

    text_after(method("encrypt", entropy=entropy), "LO", "A\\B")
    assert [len(vector) for vector in drawn] == [16, 16]
    assert not method("encrypt").repeatable


@pytest.mark.parametrize("length", [16, 24, 32])
def test_keys_of_aes_lengths_are_used_as_they_are(length: int) -> None:
    assert aes_key(b"k" * length) == b"k" * length


@pytest.mark.parametrize("length", [1, 33, 64])
def test_other_keys_are_hashed(length: int) -> None:
    assert len(aes_key(b"k" * length)) == 32
    assert aes_key(b"k" * length) != b"k" * length


@given(st.binary(max_size=100), st.binary(min_size=16, max_size=16))
def test_bytes_come_back_and_another_key_is_noticed(plain: bytes, vector: bytes) -> None:
    blob = encrypt_bytes(plain, b"k" * 32, vector)
    assert reveal_bytes(blob, b"k" * 32) == plain
    with suppress(ValueFault):
        assert reveal_bytes(blob, b"K" * 32) != plain


@pytest.mark.parametrize("text", ["", "Doe", "AAAA", "é", "A" * 44, "AAECAwQF!BgcICQ"])
def test_what_was_not_encrypted_is_a_fault_without_the_value(text: str) -> None:
    with pytest.raises(ValueFault) as caught:
        reveal_text(text, b"k" * 32)
    assert not text or text not in str(caught.value)
