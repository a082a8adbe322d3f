"""Leaves an attribute as it is."""

from __future__ import annotations

from anonymizer.dicom.attribute import KEEP
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import ALL_VRS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets


class KeepIt:
    """Leaves every byte of the attribute."""

    __slots__ = ()

    name: ClassVar[str] = "keep"
    summary: ClassVar[str] = (
        "leaves the attribute as it is; inside a sequence the rules are asked again"
    )
    vrs: ClassVar[frozenset[str]] = ALL_VRS
    options: ClassVar[tuple[Option, ...]] = ()
    uses: frozenset[str] = frozenset()
    repeatable = True
    constant: Decision | None = KEEP

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        Options(options, cls.options).done()
        return cls()

    @classmethod
    def compatible(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        return cls()

    exact = compatible

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        return KEEP
