"""substitute with the reference tool's values: text is written whether it fits or not."""

from __future__ import annotations

from anonymizer.dicom.attribute import EMPTY, TEXT_VRS, Replace
from anonymizer.dicom.dictionary import multiplicity_of
from anonymizer.dicom.numbers import FLOAT_VRS, number_of, pack
from anonymizer.errors import ValueFault
from anonymizer.methods.exact.values import written
from anonymizer.methods.microsoft import replacement
from anonymizer.methods.refusal import unsupported
from anonymizer.methods.substitute import Substitute, encode_binary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets

WHOLE_FIELD_VRS = frozenset({"OD", "OF", "OL", "OW"})


class ExactSubstitute:
    """No look at form, length or character repertoire of text."""

    __slots__ = ("text",)

    name: ClassVar[str] = Substitute.name
    summary: ClassVar[str] = Substitute.summary
    vrs: ClassVar[frozenset[str]] = Substitute.vrs
    options: ClassVar[tuple[Option, ...]] = Substitute.options
    uses: frozenset[str] = frozenset()
    repeatable = True
    constant: Decision | None = None

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def from_options(cls, options: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        return cls(replacement(options))

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if attribute.encapsulated or vr not in self.vrs:
            raise unsupported(self.name, vr, encapsulated=attribute.encapsulated)
        if vr in TEXT_VRS:
            return written([self.text], attribute)
        if vr == "OV":
            raise ValueFault("replaceWith is never valid for OV")
        if not self.text and vr not in WHOLE_FIELD_VRS:
            return EMPTY
        return Replace(self._binary(attribute))

    def _binary(self, attribute: Attribute) -> bytes:
        vr = attribute.vr
        if vr == "AT":
            return self._tag(big_endian=attribute.big_endian)
        several = vr not in WHOLE_FIELD_VRS and multiplicity_of(attribute.tag) not in ("1", "")
        texts = self.text.split("\\") if several else [self.text]
        plain = (t.strip().replace(",", "") if vr in FLOAT_VRS else t.strip() for t in texts)
        numbers = [number_of(text, vr) for text in plain]
        return pack(numbers, vr, big_endian=attribute.big_endian)

    def _tag(self, *, big_endian: bool) -> bytes:
        try:
            return encode_binary(self.text, "AT", big_endian=big_endian)
        except ValueError:
            raise ValueFault("replaceWith is no tag") from None
