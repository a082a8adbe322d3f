"""perturb with the reference tool's arithmetic: fresh noise, cut toward zero, wrap-around."""

from __future__ import annotations

from decimal import Decimal

from anonymizer.dicom.attribute import KEEP, Replace
from anonymizer.dicom.dates import format_age, parse_age
from anonymizer.dicom.numbers import CODES, FLOAT_VRS, pack, parse_decimal, range_of, unpack
from anonymizer.errors import ValueFault
from anonymizer.methods.exact.values import seen_values, written
from anonymizer.methods.microsoft import perturbation
from anonymizer.methods.perturb import Perturb, round_half_even
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets

MOST_DECIMALS = 15
DS_LENGTH = 16


class ExactPerturb:
    """Each value on its own; what does not parse is a fault."""

    __slots__ = ("_decimals", "_entropy", "_proportional", "_span")

    name: ClassVar[str] = Perturb.name
    summary: ClassVar[str] = Perturb.summary
    vrs: ClassVar[frozenset[str]] = Perturb.vrs
    options: ClassVar[tuple[Option, ...]] = Perturb.options
    uses: frozenset[str] = frozenset()
    repeatable = False
    constant: Decision | None = None

    def __init__(
        self, entropy: Callable[[int], bytes], span: float, decimals: int, *, proportional: bool
    ) -> None:
        self._entropy = entropy
        self._span = span
        self._decimals = decimals
        self._proportional = proportional

    @classmethod
    def from_options(cls, options: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        span, proportional, decimals = perturbation(options)
        return cls(secrets.entropy, span, decimals, proportional=proportional)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if attribute.encapsulated or vr not in self.vrs:
            raise unsupported(self.name, vr, encapsulated=attribute.encapsulated)
        if vr in CODES:
            return self._binary(attribute)
        values = seen_values(attribute)
        if not values:
            return KEEP
        return written([self._text(value.strip(" "), vr) for value in values], attribute)

    def _binary(self, attribute: Attribute) -> Decision:
        vr, big_endian = attribute.vr, attribute.big_endian
        numbers = unpack(attribute.value, vr, big_endian=big_endian)
        if not numbers:
            return KEEP
        noisy = [self._noisy(number) for number in numbers]
        cast = noisy if vr in FLOAT_VRS else [wrapped(number, vr) for number in noisy]
        return Replace(pack(cast, vr, big_endian=big_endian))

    def _text(self, value: str, vr: str) -> str:
        if vr == "AS":
            number, unit = parse_age(value)
            return format_age(max(0, int(self._noisy(number))), unit)
        number_ = parse_decimal(value)
        if vr == "DS":
            return format_as_theirs(self._noisy(number_))
        if number_ != int(number_):
            raise ValueFault("not a whole number")
        return str(wrapped(self._noisy(number_), "IS"))

    def _noisy(self, value: float) -> float:
        if self._decimals > MOST_DECIMALS:
            raise ValueFault("roundTo above 15 cannot be used")
        width = abs(value * self._span) if self._proportional else self._span
        part = (int.from_bytes(self._entropy(8), "big") >> 11) / 2**53 - 0.5
        return round_half_even(value + width * part, self._decimals)


def wrapped(number: float, vr: str) -> int:
    """The number cut toward zero; unsigned not below 0, then modulo what the VR holds."""
    if not abs(number) < float("inf"):
        raise ValueFault("not a finite number")
    low, high = (int(end) for end in range_of(vr))
    whole = int(number) if low else max(int(number), 0)
    return (whole - low) % (high - low + 1) + low


def format_as_theirs(number: float) -> str:
    """15 significant digits without zeros at the end, 10 where 16 characters are too few."""
    text = format(Decimal(format(number, ".15g")), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if len(text) <= DS_LENGTH:
        return "0" if text == "-0" else text
    return format(number, ".10G")
