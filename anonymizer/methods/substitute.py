"""Puts one fixed text, or the number that it names, in the place of every value."""

from __future__ import annotations

from anonymizer.dicom.attribute import TEXT_VRS, Replace
from anonymizer.dicom.forms import fits
from anonymizer.dicom.text import encode_text
from anonymizer.errors import ValueFault
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import ALL_VRS, unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Method, Secrets


class Substitute:
    """The text as the whole value; a backslash in it separates values where the VR has several.

    Where the text does not fit the VR or the character set, the value is a fault.
    """

    __slots__ = ("_fields", "text")

    name: ClassVar[str] = "substitute"
    summary: ClassVar[str] = (
        "a fixed text in place of the value; binary numbers and AT are read from it"
    )
    vrs: ClassVar[frozenset[str]] = ALL_VRS - {"OB", "UN", "SQ"}
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "replaceWith",
            {"type": "string"},
            "ANONYMOUS",
            "the new value; it must fit the VR of what the rule selects",
        ),
    )
    uses: frozenset[str] = frozenset()
    repeatable = True
    reads_value = False
    constant: Decision | None = None

    def __init__(self, text: str) -> None:
        self.text = text
        self._fields: dict[tuple[str, bool], Replace] = {}

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.text,)

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        text = given.text("replaceWith")
        given.done()
        return cls(text)

    @classmethod
    def compatible(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        from anonymizer.methods.microsoft import replacement

        return cls(replacement(settings))

    @classmethod
    def exact(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Method:
        from anonymizer.methods.exact.substitute import ExactSubstitute

        return ExactSubstitute.from_options(settings, secrets)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if attribute.encapsulated or vr not in self.vrs:
            raise unsupported(self.name, vr, encapsulated=attribute.encapsulated)
        if vr in TEXT_VRS and not self.text.isascii():
            self._check(vr)
            return Replace(encode_text(self.text, vr, attribute.charset))
        known = self._fields.get((vr, attribute.big_endian))
        return known or self._remember(attribute)

    def _remember(self, attribute: Attribute) -> Replace:
        vr, big_endian = attribute.vr, attribute.big_endian
        self._check(vr)
        field = Replace(
            encode_text(self.text, vr, attribute.charset)
            if vr in TEXT_VRS
            else encode_binary(self.text, vr, big_endian=big_endian)
        )
        self._fields[vr, big_endian] = field
        return field

    def _check(self, vr: str) -> None:
        if fault := fits(self.text, vr):
            raise ValueFault(f"replaceWith does not fit {vr}: {fault}")


def encode_binary(text: str, vr: str, *, big_endian: bool = False) -> bytes:
    """The value field of AT or binary numbers that the text names, values between backslashes."""
    from anonymizer.dicom.numbers import number_of, pack

    values = text.split("\\") if text else []
    if vr != "AT":
        return pack([number_of(value, vr) for value in values], vr, big_endian=big_endian)
    words: list[int] = []
    for value in values:
        digits = value.strip("()").replace(",", "")
        words += (int(digits[:4], 16), int(digits[4:8], 16))
    return pack(words, "US", big_endian=big_endian)
