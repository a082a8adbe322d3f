"""Numbers in binary and text, each within what its VR holds."""

# ruff: noqa: RUF001 (letters and digits of other scripts are the point)
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.dicom.forms import fits
from anonymizer.dicom.numbers import (
    CODES,
    FLOAT_VRS,
    format_decimal,
    number_of,
    pack,
    parse_decimal,
    parse_integer,
    range_of,
    unpack,
)
from anonymizer.errors import ValueFault


@pytest.mark.parametrize(
    ("vr", "numbers", "little", "big"),
    [
        ("US", [1, 65535], "0100ffff", "0001ffff"),
        ("SS", [-2], "feff", "fffe"),
        ("UL", [1], "01000000", "00000001"),
        ("SV", [-1], "ff" * 8, "ff" * 8),
        ("FL", [20.0], "0000a041", "41a00000"),
        ("FD", [20.0], "0000000000003440", "4034000000000000"),
        ("OW", [258], "0201", "0102"),
    ],
)
def test_numbers_by_byte_order(vr: str, numbers: list[float], little: str, big: str) -> None:
    assert pack(numbers, vr).hex() == little
    assert pack(numbers, vr, big_endian=True).hex() == big
    assert unpack(bytes.fromhex(little), vr) == numbers
    assert unpack(bytes.fromhex(big), vr, big_endian=True) == numbers


@pytest.mark.parametrize("vr", sorted(set(CODES) - FLOAT_VRS))
def test_the_ends_of_the_range_fit_and_what_is_beyond_does_not(vr: str) -> None:
    low, high = range_of(vr)
    assert unpack(pack([low, high], vr), vr) == [low, high]
    for beyond in (low - 1, high + 1):
        with pytest.raises(ValueFault):
            pack([beyond], vr)
        with pytest.raises(ValueFault):
            number_of(str(beyond), vr)


def test_half_a_number_is_a_fault() -> None:
    with pytest.raises(ValueFault):
        unpack(b"abc", "US")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1"),
        (-0.5, "-0.5"),
        (1e3, "1000"),
        (1 / 3, "0.33333333333333"),
        (-1 / 3, "-0.3333333333333"),
        (1.23456789012e-7, "1.23456789012e-7"),
        (-1.2345678901234e-300, "-1.23456789e-300"),
        (1e200, "1e+200"),
    ],
)
def test_decimals_fit_sixteen_characters(number: float, text: str) -> None:
    assert len(format_decimal(number)) <= 16
    assert abs(float(format_decimal(number)) - float(text)) <= abs(float(text)) * 1e-9


@given(st.floats(*range_of("DS")))
def test_every_decimal_is_valid_and_near(number: float) -> None:
    text = format_decimal(number)
    assert fits(text, "DS") == ""
    assert abs(parse_decimal(text) - number) <= abs(number) * 1e-7


@pytest.mark.parametrize("text", ["", "abc", "1,5", "nan", "inf", "1e999", "0x10", "1_0", "１"])
def test_what_is_no_number_is_a_fault_without_the_value(text: str) -> None:
    for parse in (parse_decimal, parse_integer, lambda value: number_of(value, "FL")):
        with pytest.raises(ValueFault) as caught:
            parse(text)
        assert not text or text not in str(caught.value)


def test_a_whole_number_has_no_decimals() -> None:
    assert parse_integer("-7") == -7
    with pytest.raises(ValueFault):
        parse_integer("1.5")
