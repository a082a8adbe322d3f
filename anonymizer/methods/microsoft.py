"""The reference tool's settings and arithmetic, and where our values differ from its own.

Its configuration files run with its keys, offsets and hashes.  DIFFERENCES is the whole list of
what is right instead of equal; ``--exact microsoft`` (see ``exact``) gives its values as they are.
"""

from __future__ import annotations

import struct

from anonymizer.errors import ValueFault
from anonymizer.methods.hash_forms import FIXED_FORMS, matching_digits
from anonymizer.methods.method import OptionFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from anonymizer.dicom.context import Context

DIFFERENCES: tuple[tuple[str, str], ...] = (
    ("dateShift sets the time of day of every DT to 00:00:00", "the time of day stays"),
    ("a DT without zone is printed with hour 12 for midnight", "hour 00"),
    ("DT of less than 14 digits, DA as YYYY.MM.DD stop the run", "shifted in their own form"),
    ("redact parses DA, DT, AS even with nothing partial on", "a garbage value goes like any"),
    (
        "a value that does not parse stops the run",
        "onError decides: the value goes and the report counts it",
    ),
    ("cryptoHash writes 64 to 128 characters into every VR", "cut or formed to fit the VR"),
    (
        "matchInputStringLength stops the run from 19 characters on, and at empty components",
        "as many digits as there are characters; empty stays empty",
    ),
    ("an empty LT, ST, UT or UR stops cryptoHash", "empty stays empty"),
    ("an empty OB or UN becomes a digest or 32 bytes of cipher text", "empty stays empty"),
    ("encrypt turns non-ASCII characters into ? before encrypting", "UTF-8 is encrypted"),
    ("encrypt drops empty components", "they stay, so the multiplicity does, too"),
    ("encrypt writes Base64 into VRs that cannot hold it", "a fault: onError decides"),
    ("an absent cryptoHashKey or encryptKey is random for each rule", "one key for the run"),
    ("substitute writes text that does not fit the VR", "a fault: onError decides"),
    ("substitute fails for every OV", "OV gets the number"),
    (
        "text that the character set lacks is written as ?",
        "a fault: onError decides; never a ?",
    ),
    ("perturb draws new noise in every run", "noise by the key: equal runs give equal bytes"),
    ("perturb wraps around where a number leaves its VR", "held at the end of the range"),
    ("perturb cuts whole numbers toward zero", "rounded to the nearest"),
    ("roundTo above 15 loads and then stops the run", "counts as 15"),
    ("refreshUID draws new UIDs in every process", "by the key: the same in every run"),
    ("refreshUID replaces SOP classes and other well-known UIDs", "they stay"),
    ("refreshUID makes one UID of a multi-valued attribute", "one for each value"),
    ("an empty UI stops refreshUID", "empty stays empty"),
)
"""(what that tool does, what ours does with its configuration files)."""

MODULUS = 2**32


class Settings:
    """One effective settings object, read as that tool reads it; faults collected.

    Key names ignore case, a later one wins; numbers and truth values may be text.
    """

    __slots__ = ("_faults", "_given", "_values")

    def __init__(self, given: Mapping[str, Any] | None, method: str) -> None:
        self._faults: list[tuple[str, str, str]] = []
        self._given = {} if given is None else dict(given)
        self._values = {name.lower(): value for name, value in self._given.items()}
        if given is None:
            hint = f'add "{method}": {{}} to defaultSettings'
            self._faults.append(("", f"{method} needs settings", hint))

    def done(self) -> None:
        if self._faults:
            raise OptionFault(*self._faults)

    def fault(self, name: str, message: str) -> None:
        self._faults.append((name, message, ""))

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._values.get(name.lower(), default)
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float):
            return bool(value)
        if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
            return value.strip().lower() == "true"
        self.fault(name, "must be true or false")
        return default

    def number(self, name: str, default: float) -> float:
        value = self._values.get(name.lower(), default)
        if isinstance(value, str):
            value = _number_in(value)
        if isinstance(value, int | float):
            return float(value)
        self.fault(name, "must be a number")
        return default

    def integer(self, name: str, default: int) -> int:
        """A whole number; one with decimals is rounded half to even, as text it is a fault."""
        if isinstance(self._values.get(name.lower()), str):
            number = _number_in(str(self._values[name.lower()]))
            if number is not None and number != int(number):
                self.fault(name, "must be a whole number")
                return default
        return round(self.number(name, default))

    def text(self, name: str) -> str | None:
        """The setting as text, None where it is absent or null."""
        value = self._values.get(name.lower())
        return None if value is None else scalar_text(value)

    def named(self, name: str) -> tuple[bool, object]:
        """Whether a setting is there and what it is: this very name, else the first alike."""
        if name in self._given:
            return True, self._given[name]
        for key, value in self._given.items():
            if key.lower() == name.lower():
                return True, value
        return False, None

    def one_of(self, name: str, value: object, names: Mapping[str, int]) -> str:
        """The name of an enumeration's member, given by name or number; "" for another number."""
        text = scalar_text(value).strip()
        for member, number in names.items():
            if text.lower() == member.lower() or text == str(number):
                return member
        if not text.lstrip("+-").isdigit():
            self.fault(name, f"must be one of {', '.join(names)}")
        return ""


def _number_in(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", ""))
    except ValueError:
        return None


def scalar_text(value: object) -> str:
    """A JSON scalar as that tool prints it: True and False with a capital, null as nothing."""
    if value is None:
        return ""
    return str(value)


SCOPES = {"StudyInstance": 0, "SeriesInstance": 1, "SopInstance": 2}
FIELDS = {"StudyInstance": "study", "SeriesInstance": "series", "SopInstance": "sop"}
RANGE_TYPES = {"Fixed": 0, "Proportional": 1}
HASH_TYPES = {"Sha256": 32780, "Sha384": 32781, "Sha512": 32782}


def days_by_bkdr(text: str, reach: int) -> int:
    """The offset of a text, from -reach to +reach days: BKDR hash with seed 131.

    32-bit arithmetic that wraps around; the remainder keeps the sign of what is divided.
    """
    modulus = (2 * reach + 1) % MODULUS
    value = 0
    for byte in text.encode("utf-8"):
        value = _signed(value * 131 + byte)
        value = -(-value % modulus) if value < 0 else value % modulus
    return _signed(value - reach)


def _signed(number: int) -> int:
    return (number + 2**31) % MODULUS - 2**31


class TheirOffset:
    """BKDR hash of the study's, series' or instance's UID and the key."""

    __slots__ = ("_field", "_key", "_range")

    def __init__(self, key: str, reach: int, field: str) -> None:
        self._key = key
        self._range = reach
        self._field = field

    def __repr__(self) -> str:
        return "TheirOffset(...)"

    @property
    def uses(self) -> frozenset[str]:
        return frozenset((self._field,)) if self._field else frozenset()

    def days(self, context: Context) -> int:
        prefix: str = getattr(context, self._field) if self._field else ""
        return days_by_bkdr(prefix + self._key, self._range)


def offset_from(settings: Mapping[str, Any] | None) -> TheirOffset:
    """dateShiftKey "", dateShiftRange 50 and scope SopInstance where nothing is set."""
    given = Settings(settings, "dateShift")
    reach = given.integer("dateShiftRange", 50)
    if not 0 <= reach < MODULUS or (2 * reach + 1) % MODULUS == 0:
        given.fault("dateShiftRange", "must be from 0 to 4294967295")
    there, value = given.named("DateShiftScope")
    scope = given.one_of("dateShiftScope", value, SCOPES) if there else "SopInstance"
    given.done()
    return TheirOffset(given.text("dateShiftKey") or "", reach, FIELDS.get(scope, ""))


def hash_settings(settings: Mapping[str, Any] | None) -> tuple[bytes | None, str, bool]:
    """(key or None, algorithm, matchInputStringLength)."""
    given = Settings(settings, "cryptoHash")
    key = given.text("cryptoHashKey")
    kind = given.text("cryptoHashType")
    algorithm = "Sha256" if kind is None else given.one_of("cryptoHashType", kind, HASH_TYPES)
    if not algorithm and _number_in(kind or "") is not None:
        given.fault("cryptoHashType", f"must be one of {', '.join(HASH_TYPES)}")
    match = given.flag("matchInputStringLength", default=False)
    given.done()
    return None if key is None else key.encode("utf-8"), algorithm.lower(), match


def encryption_key(settings: Mapping[str, Any] | None) -> bytes | None:
    """The AES key, None where none is set."""
    given = Settings(settings, "encrypt")
    text = given.text("encryptKey")
    key = None if text is None else text.encode("utf-8")
    if key is not None and len(key) not in (16, 24, 32):
        given.fault("encryptKey", f"is {8 * len(key)} bits long, must be 128, 192 or 256")
    given.done()
    return key


def replacement(settings: Mapping[str, Any] | None) -> str:
    given = Settings(settings, "substitute")
    there, value = given.named("replaceWith")
    given.done()
    return scalar_text(value) if there else "Anonymous"


def perturbation(settings: Mapping[str, Any] | None) -> tuple[float, bool, int]:
    """(span, whether it is proportional, decimals)."""
    given = Settings(settings, "perturb")
    span = given.number("span", 1)
    kind = given.text("rangeType")
    chosen = "Proportional" if kind is None else given.one_of("rangeType", kind, RANGE_TYPES)
    decimals = given.integer("roundTo", 2)
    if not 0 <= span < float("inf"):
        given.fault("span", "must not be negative")
    if not 0 <= decimals <= 28:
        given.fault("roundTo", "must be from 0 to 28")
    given.done()
    return span, chosen != "Fixed", decimals


def single(number: float) -> float:
    """The number in single precision, rounded half to even."""
    result: float = struct.unpack("<f", struct.pack("<f", number))[0]
    return result


def single_of_integer(number: int) -> float:
    """A non-negative whole number in single precision, rounded once and not twice."""
    excess = max(number.bit_length() - 24, 0)
    kept, rest = number >> excess, number & ((1 << excess) - 1)
    half = 1 << excess >> 1
    kept += bool(excess) and (rest > half or (rest == half and kept & 1))
    return float(kept << excess)


def digits_as_theirs(digest: bytes, value: str) -> str:
    """Decimal digits by the length in UTF-16 units.  ValueFault where that tool fails."""
    length = utf16_length(value)
    if not 1 <= length <= 18:
        raise ValueFault("matchInputStringLength treats 1 to 18 characters")
    low = 10 ** (length - 1) if length > 1 else 0
    part = single_of_integer(int.from_bytes(digest[:4], "little")) / 2.0**32
    return str(int(single(part * single_of_integer(10**length - 1 - low))) + low)


def matching_digits_as_theirs(digest: bytes, value: str, vr: str) -> str:
    """Their digits where there are any and they fit, else ours."""
    length = utf16_length(value)
    if vr not in FIXED_FORMS and 1 <= length <= 18:
        digits = digits_as_theirs(digest, value)
        if len(digits) == length and (vr != "IS" or int(digits) < 2**31):
            return digits
    return matching_digits(digest, value, vr)


def utf16_length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
