"""Writes zeros over bytes and numbers, as many as there were."""

from __future__ import annotations

from anonymizer.dicom.attribute import Replace
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets


class Blank:
    """Zeros of the same length: an overlay without a bit set is still one of its rows and columns.

    Compressed pixels are refused, for zeros are no stream of a codec.
    """

    __slots__ = ()

    name: ClassVar[str] = "blank"
    summary: ClassVar[str] = "zeros of the same length, over bytes and binary numbers"
    vrs: ClassVar[frozenset[str]] = frozenset(
        "FD FL OB OD OF OL OV OW SL SS SV UL UN US UV".split()
    )
    options: ClassVar[tuple[Option, ...]] = ()
    uses: frozenset[str] = frozenset()
    repeatable = True
    constant: Decision | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        Options(options, cls.options).done()
        return cls()

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        if attribute.encapsulated or attribute.vr not in self.vrs:
            raise unsupported(self.name, attribute.vr, encapsulated=attribute.encapsulated)
        return Replace(bytes(len(attribute.value)))
