"""Keeps codes that anybody may look up, and gives those of local coding schemes dummies.

A hospital that has codes of its own names itself in their meanings, and in the designator of the
scheme.  Equal codes get equal dummies in all files, so that what is grouped by them still is.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import KEEP, Replace
from anonymizer.dicom.coded import SCHEME
from anonymizer.dicom.context import Context
from anonymizer.dicom.forms import LENGTHS
from anonymizer.methods.dummy import Dummy
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import unsupported
from anonymizer.standard.coding_schemes import public_schemes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.methods.method import Option, Secrets

PREFIX = "99ANON"
"""Designators that begin with 99 are those of private schemes (PS3.16 8.1)."""


class KeepRegisteredCodes:
    """By the designator in the item of the attribute; an item without one is of a local scheme."""

    __slots__ = ("_dummy",)

    name: ClassVar[str] = "keepRegisteredCodes"
    summary: ClassVar[str] = (
        "keeps the parts of a code of PS3.16 Table 8-1; of local coding schemes each becomes a "
        "dummy, the same for equal texts"
    )
    vrs: ClassVar[frozenset[str]] = frozenset("LO LT SH ST UC UR UT".split())
    options: ClassVar[tuple[Option, ...]] = ()
    uses: frozenset[str] = frozenset({"scheme"})
    repeatable = True
    constant: Decision | None = None

    def __init__(self, dummy: Dummy) -> None:
        self._dummy = dummy

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        Options(options, cls.options).done()
        return cls(Dummy.from_options({}, secrets))

    @property
    def schemes(self) -> frozenset[str]:
        """Those of which everything stays."""
        return public_schemes()

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        if attribute.vr not in self.vrs:
            raise unsupported(self.name, attribute.vr)
        if context.scheme in self.schemes or not attribute.value.strip(b" \0"):
            return KEEP
        if attribute.tag != SCHEME:
            return self._dummy.decide(attribute, Context())
        text = attribute.charset.decode_loosely(attribute.value, attribute.vr).strip(" \0")
        designator = self._dummy.stand_in(text, text, PREFIX)
        return Replace(designator[: LENGTHS["SH"]].encode())
