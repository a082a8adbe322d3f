"""Adds noise to numbers: keyed, so that the same image gives the same noise in every run."""

from __future__ import annotations

from math import isnan

from anonymizer.dicom.attribute import KEEP, Replace
from anonymizer.dicom.dates import format_age, parse_age
from anonymizer.dicom.numbers import (
    CODES,
    FLOAT_VRS,
    format_decimal,
    pack,
    parse_decimal,
    parse_integer,
    range_of,
    unpack,
)
from anonymizer.dicom.text import encode_values, values_of
from anonymizer.errors import ValueFault
from anonymizer.methods.keyed import KeyedHash
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Method, Secrets

RANGE_TYPES = ("Fixed", "Proportional")
MOST_DECIMALS = 15
AT_ONCE = 1 << 18
"""So many bytes of numbers get noise at a time; a multiple of the size of each."""


class Perturb:
    """value + noise, noise from -s/2 to +s/2, s being span (Fixed) or |value * span|.

    Rounded half to even at ``roundTo`` decimals, whole where the VR is, and held within what the
    VR can store.  Empty values stay.
    """

    __slots__ = ("_decimals", "_keyed", "_proportional", "_span")

    name: ClassVar[str] = "perturb"
    summary: ClassVar[str] = (
        "adds noise to numbers and ages; the same image gets the same noise in every run"
    )
    vrs: ClassVar[frozenset[str]] = frozenset({"AS", "DS", "IS", *CODES})
    options: ClassVar[tuple[Option, ...]] = (
        Option("span", {"type": "number", "minimum": 0}, 1, "how wide the noise is"),
        Option(
            "rangeType",
            {"type": "string", "enum": [*RANGE_TYPES]},
            "Proportional",
            "whether span is a number of its own (Fixed) or times the value",
        ),
        Option(
            "roundTo",
            {"type": "integer", "minimum": 0, "maximum": MOST_DECIMALS},
            2,
            "how many decimals are left",
        ),
    )
    uses = frozenset({"sop"})
    repeatable = False
    constant: Decision | None = None

    def __init__(self, key: bytes, span: float, decimals: int, *, proportional: bool) -> None:
        self._keyed = KeyedHash(key, "perturb")
        self._span = span
        self._decimals = decimals
        self._proportional = proportional

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        span = given.number("span", 0, 1e308)
        proportional = given.choice("rangeType") == "Proportional"
        decimals = given.integer("roundTo", 0, MOST_DECIMALS)
        given.done()
        return cls(secrets.key("perturb"), span, decimals, proportional=proportional)

    @classmethod
    def compatible(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        from anonymizer.methods.microsoft import perturbation

        span, proportional, decimals = perturbation(settings)
        decimals = min(decimals, MOST_DECIMALS)
        return cls(secrets.key("perturb"), span, decimals, proportional=proportional)

    @classmethod
    def exact(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Method:
        from anonymizer.methods.exact.perturb import ExactPerturb

        return ExactPerturb.from_options(settings, secrets)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if attribute.encapsulated or vr not in self.vrs:
            raise unsupported(self.name, vr, encapsulated=attribute.encapsulated)
        if not attribute.value.rstrip(b" ") and vr not in CODES:
            return KEEP
        seed = self._keyed.digest(_place(attribute, context))
        if vr in CODES:
            field = b"".join(self._numbers(attribute, seed))
            return Replace(field) if field else KEEP
        values = values_of(attribute)
        noises = _noises(seed, len(values))
        texts = [v and self._text(v, n, vr) for v, n in zip(values, noises, strict=True)]
        return Replace(encode_values(texts, vr, attribute.charset))

    def _numbers(self, attribute: Attribute, seed: bytes) -> Iterator[bytes]:
        """The numbers of a value field with noise, some at a time: pixels may be millions."""
        vr, big_endian = attribute.vr, attribute.big_endian
        for start in range(0, len(attribute.value), AT_ONCE):
            old = unpack(attribute.value[start : start + AT_ONCE], vr, big_endian=big_endian)
            noises = _noises(seed + start.to_bytes(8, "big") if start else seed, len(old))
            new = [self._number(n, noise, vr) for n, noise in zip(old, noises, strict=True)]
            yield pack(new, vr, big_endian=big_endian)

    def _text(self, value: str, noise: float, vr: str) -> str:
        if vr == "AS":
            number, unit = parse_age(value)
            return format_age(max(0, int(self._number(number, noise, "IS"))), unit)
        if vr == "IS":
            return str(self._number(parse_integer(value), noise, vr))
        return format_decimal(self._number(parse_decimal(value), noise, vr))

    def _number(self, value: float, noise: float, vr: str) -> float:
        low, high = range_of(vr)
        noisy = self._noisy(value, noise)
        if isnan(noisy):
            raise ValueFault("not a number that noise could be added to")
        if vr in FLOAT_VRS or vr == "DS":
            return min(max(noisy, low), high)
        return int(min(max(_whole(noisy), low), high))

    def _noisy(self, value: float, noise: float) -> float:
        width = abs(value * self._span) if self._proportional else self._span
        return round_half_even(value + width * noise, self._decimals)


def _whole(number: float) -> float:
    return number if abs(number) == float("inf") else round(number)


def round_half_even(number: float, decimals: int) -> float:
    """The number at so many decimals: scaled, rounded half to even, scaled back."""
    if not abs(number) < 1e16:
        return number
    scale = 10.0**decimals
    scaled = number * scale
    return round(scaled) / scale if abs(scaled) < 1e300 else number


def _place(attribute: Attribute, context: Context) -> str:
    """Where a value stands, as the noise depends on it."""
    path = ".".join(f"{tag:08X}[{item}]" for tag, item in attribute.path)
    return f"{context.sop}\x1f{path}\x1f{attribute.tag:08X}\x1f{attribute.creator}"


def _noises(seed: bytes, count: int) -> Iterator[float]:
    """So many numbers from -1/2 up to 1/2, from the extensible output of SHAKE-256."""
    from hashlib import shake_256

    stream = shake_256(seed).digest(8 * count)
    for start in range(0, 8 * count, 8):
        yield (int.from_bytes(stream[start : start + 8], "big") >> 11) / 2**53 - 0.5
