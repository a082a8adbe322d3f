"""Numbers by value representation: binary fields by byte order, DS and IS by their text form."""

from __future__ import annotations

import re
import struct

from anonymizer.errors import ValueFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

CODES = {
    "FD": "d",
    "FL": "f",
    "OD": "d",
    "OF": "f",
    "OL": "L",
    "OV": "Q",
    "OW": "H",
    "SL": "l",
    "SS": "h",
    "SV": "q",
    "UL": "L",
    "US": "H",
    "UV": "Q",
}
"""VR to the code of ``struct`` in its standard sizes (PS3.5 6.2)."""

FLOAT_VRS = frozenset("FD FL OD OF".split())
_BITS = {"h": 16, "H": 16, "l": 32, "L": 32, "q": 64, "Q": 64}
_LARGEST = {
    "f": 3.4028234663852886e38,
    "d": 1.7976931348623157e308,
}
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_INTEGER = r"[+-]?[0-9]+"
DS_LENGTH = 16
LARGEST_DECIMAL = 1.7976931e308
"""The largest number of 16 characters that is still one in double precision."""


def range_of(vr: str) -> tuple[float, float]:
    """The least and the greatest number that a VR holds; whole numbers for whole-number VRs."""
    if vr == "IS":
        return -(2**31), 2**31 - 1
    if vr == "DS":
        return -LARGEST_DECIMAL, LARGEST_DECIMAL
    code = CODES[vr]
    if code in _LARGEST:
        return -_LARGEST[code], _LARGEST[code]
    bits = _BITS[code]
    return (0, 2**bits - 1) if code.isupper() else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def unpack(value: bytes, vr: str, *, big_endian: bool = False) -> list[int] | list[float]:
    """The numbers of a value field.  ValueFault where its length is not a multiple of theirs."""
    code = CODES[vr]
    count, rest = divmod(len(value), struct.calcsize("=" + code))
    if rest:
        raise ValueFault(f"the value field has no whole number of {vr} values")
    return list(struct.unpack(f"{'>' if big_endian else '<'}{count}{code}", value))


def pack(numbers: Sequence[float], vr: str, *, big_endian: bool = False) -> bytes:
    """A value field of these numbers.  ValueFault where one is beyond the VR."""
    try:
        return struct.pack(f"{'>' if big_endian else '<'}{len(numbers)}{CODES[vr]}", *numbers)
    except (struct.error, OverflowError):
        raise ValueFault(f"a number does not fit {vr}") from None


def parse_decimal(text: str) -> float:
    """A DS value as a number."""
    if not re.fullmatch(_NUMBER, text):
        raise ValueFault("not a decimal number")
    number = float(text)
    if abs(number) > _LARGEST["d"]:
        raise ValueFault("not a decimal number within range")
    return number


def parse_integer(text: str) -> int:
    """An IS value as a number."""
    if not re.fullmatch(_INTEGER, text) or len(text) > 20:
        raise ValueFault("not a whole number")
    return int(text)


def format_decimal(number: float) -> str:
    """A DS value of at most 16 characters, as exact as they allow (PS3.5 6.2)."""
    if number == int(number) and abs(number) < 1e15:
        return str(int(number))
    text = repr(number)
    for digits in range(16, 7, -1):
        if len(text) <= DS_LENGTH:
            return text
        text = format(number, f".{digits}g")
    raise ValueFault("the number does not fit DS")


def fault_of_number(text: str, vr: str) -> str:
    """Why this text is not one number of a binary VR, ``""`` if it is."""
    if vr in FLOAT_VRS:
        if not re.fullmatch(_NUMBER, text):
            return "not a number"
        return "" if abs(float(text)) <= range_of(vr)[1] else f"beyond the range of {vr}"
    if not re.fullmatch(_INTEGER, text) or len(text) > 21:
        return "not a whole number"
    low, high = range_of(vr)
    return "" if low <= int(text) <= high else f"beyond the range of {vr}"


def number_of(text: str, vr: str) -> int | float:
    """One number of a binary VR from its text.  ValueFault where it is none."""
    if fault := fault_of_number(text, vr):
        raise ValueFault(fault)
    return float(text) if vr in FLOAT_VRS else int(text)
