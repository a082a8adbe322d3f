"""cryptoHash: HMAC of the text, in a form that the VR holds."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from attributes import UTF8, after, attribute, method, secrets, text_after
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.dicom.attribute import TEXT_VRS
from anonymizer.dicom.forms import fits
from anonymizer.dicom.fragments import join_items, split_items

KEY = b"k" * 32
KEYS = {"cryptoHash": KEY}


def digest(text: str | bytes, algorithm: str = "sha256") -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return hmac.new(KEY, data, getattr(hashlib, algorithm)).digest()


HEX = digest("Doe").hex()


@pytest.mark.parametrize(
    ("options", "vr", "before", "after"),
    [
        ({}, "LO", "Doe", HEX),
        ({}, "LO", " Doe ", HEX),
        ({}, "PN", "Doe", HEX),
        ({}, "LT", "Doe", HEX),
        ({}, "SH", "Doe", HEX[:16]),
        ({}, "AE", "Doe", HEX[:16]),
        ({}, "CS", "Doe", HEX[:16].upper()),
        ({}, "UI", "Doe", "2.25." + str(int(HEX[:32], 16))),
        ({}, "DS", "Doe", str(int(HEX[:32], 16) % 10**15)),
        ({}, "IS", "Doe", str(int(HEX[:32], 16) % 2**31)),
        ({}, "LO", "Doe\\\\Roe", f"{HEX}\\\\{digest('Roe').hex()}"),
        ({}, "LO", "Jérôme", digest("Jérôme").hex()),
        ({"cryptoHashType": "Sha512"}, "UT", "Doe", digest("Doe", "sha512").hex()),
        ({"cryptoHashType": "sha384"}, "LO", "Doe", digest("Doe", "sha384").hex()[:64]),
        ({"truncate": False}, "SH", "Doe", HEX),
        ({"truncate": False}, "UI", "1.2", digest("1.2").hex()),
        (
            {"truncate": False, "cryptoHashType": "Sha512"},
            "LO",
            "Doe",
            digest("Doe", "sha512").hex(),
        ),
    ],
)
def test_hashes(options: dict[str, object], vr: str, before: str, after: str) -> None:
    assert text_after(method("cryptoHash", options, keys=KEYS), vr, before) == after


@given(st.sampled_from(sorted(TEXT_VRS)), st.integers(0, 10**6), st.booleans())
def test_a_hash_fits_its_vr(vr: str, number: int, match: bool) -> None:
    does = method("cryptoHash", {"matchInputStringLength": match}, keys=KEYS)
    text = text_after(does, vr, str(number))
    assert text != str(number) or match
    assert fits(text, vr) == ""


@given(st.text("0123456789ABC", min_size=1, max_size=64))
def test_matching_digits_are_as_many_as_the_characters(value: str) -> None:
    does = method("cryptoHash", {"matchInputStringLength": True}, keys=KEYS)
    text = text_after(does, "LO", value)
    assert text.isdigit()
    assert len(text) == len(value)
    assert text == "0" or not text.startswith("0") or len(text) == 1


def test_matching_digits_seldom_meet() -> None:
    does = method("cryptoHash", {"matchInputStringLength": True}, keys=KEYS)
    values = [f"{n:012}" for n in range(20000)]
    assert len({text_after(does, "LO", value) for value in values}) == len(values)


def test_the_same_value_in_two_character_sets_has_one_hash() -> None:
    does = method("cryptoHash", keys=KEYS)
    assert text_after(does, "LO", "Jérôme", charset=("ISO_IR 100",)) == text_after(
        does, "LO", "Jérôme", charset=UTF8
    )


@pytest.mark.parametrize("vr", ["OB", "UN"])
def test_binary_values_become_the_digest(vr: str) -> None:
    does = method("cryptoHash", keys=KEYS)
    assert after(does, attribute(vr, b"\1\2\3\4")) == digest(b"\1\2\3\4")
    assert after(does, attribute(vr, b"")) == b""


def test_each_fragment_becomes_its_digest_and_the_offset_table_goes() -> None:
    does = method("cryptoHash", keys=KEYS)
    run = join_items([b"\0\0\0\0", b"ab", b"cd"])
    field = after(does, attribute("OB", run, encapsulated=True))
    assert split_items(field) == [b"", digest(b"ab"), digest(b"cd")]


def test_without_a_key_of_its_own_the_master_key_decides() -> None:
    assert secrets().key("cryptoHash") != secrets().key("refreshUID")
    assert text_after(method("cryptoHash"), "LO", "Doe") == text_after(
        method("cryptoHash"), "LO", "Doe"
    )


@pytest.mark.parametrize("length", [4300, 4301, 9000])
def test_a_long_text_gets_as_many_digits(length: int) -> None:
    does = method("cryptoHash", {"matchInputStringLength": True}, keys=KEYS)
    one, other = (text_after(does, "LT", letter * length) for letter in "ab")
    assert len(one) == length
    assert one.isdecimal()
    assert one[0] != "0"
    assert one[:40] != one[4300:4340]
    assert one != other
