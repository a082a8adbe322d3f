"""A digest in the form that a value representation allows (PS3.5 6.2), one rule a VR."""

from __future__ import annotations

from anonymizer.methods.keyed import uid_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_DAY = 693596
"""1 January 1900; invented dates lie in the hundred years from there."""
DAYS = 36525

MOST_DIGITS = 4300
"""More digits of one number Python does not write, for that takes long."""


def _hexadecimal(length: int) -> Callable[[bytes], str]:
    return lambda digest: digest.hex()[:length]


def _number(digest: bytes, below: int) -> int:
    return int.from_bytes(digest[:16], "big") % below


def _age(digest: bytes) -> str:
    return f"{_number(digest, 90):03}Y"


def _date(digest: bytes) -> str:
    from anonymizer.dicom.dates import day_of

    year, month, day = day_of(FIRST_DAY + _number(digest, DAYS))
    return f"{year:04}{month:02}{day:02}"


def _time(digest: bytes) -> str:
    seconds = int.from_bytes(digest[16:32], "big") % 86400
    return f"{seconds // 3600:02}{seconds // 60 % 60:02}{seconds % 60:02}"


FORMS: dict[str, Callable[[bytes], str]] = {
    "AE": _hexadecimal(16),
    "AS": _age,
    "CS": lambda digest: digest.hex()[:16].upper(),
    "DA": _date,
    "DS": lambda digest: str(_number(digest, 10**15)),
    "DT": lambda digest: _date(digest) + _time(digest),
    "IS": lambda digest: str(_number(digest, 2**31)),
    "LO": _hexadecimal(64),
    "PN": _hexadecimal(64),
    "SH": _hexadecimal(16),
    "TM": _time,
    "UI": uid_of,
    "UR": _hexadecimal(64),
}
"""What is not here holds every digit of every hash."""

FIXED_FORMS = frozenset({"AS", "DA", "DT", "TM", "UI"})
"""Value representations whose form says more than digits can match."""


def formed(digest: bytes, vr: str) -> str:
    """The digest as one value of this VR."""
    form = FORMS.get(vr)
    return form(digest) if form else digest.hex()


def matching_digits(digest: bytes, value: str, vr: str) -> str:
    """As many decimal digits as the value has characters, the first not 0 where there are more.

    A date, time, age or UID gets its own form instead, and IS stays within 32 bits.
    """
    if vr in FIXED_FORMS:
        return formed(digest, vr)
    length = len(value)
    if length > MOST_DIGITS and vr != "IS":
        return _many_digits(digest, length)
    low = 10 ** (length - 1) if length > 1 else 0
    below = 10**length
    if vr == "IS":
        low, below = min(low, 10**9), min(below, 2**31)
    return str(low + int.from_bytes(_stretched(digest, length), "big") % (below - low))


def _many_digits(digest: bytes, length: int) -> str:
    """As many numbers as that takes, each by a digest of its own."""
    from hashlib import sha256

    numbers = []
    while length > 0:
        numbers.append(matching_digits(digest, " " * min(length, MOST_DIGITS), "LT"))
        digest, length = sha256(digest).digest(), length - MOST_DIGITS
    return "".join(numbers)


def _stretched(digest: bytes, digits: int) -> bytes:
    """Enough bytes for that many digits: the digest, or what SHAKE-256 makes of it."""
    if digits <= 38:
        return digest
    from hashlib import shake_256

    return shake_256(digest).digest(digits // 2 + 16)
