"""dateShift with the reference tool's values: the time of day of a DT is lost."""

from __future__ import annotations

from anonymizer.dicom.attribute import EMPTY, KEEP
from anonymizer.methods.date_shift import DateShift
from anonymizer.methods.exact.dates import format_value, is_dropped, parse
from anonymizer.methods.exact.values import seen_values, written
from anonymizer.methods.microsoft import TheirOffset, offset_from
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets


class ExactDateShift:
    """Whole days only; what is 89 or more years ago goes."""

    __slots__ = ("_offset", "_today")

    name: ClassVar[str] = DateShift.name
    summary: ClassVar[str] = DateShift.summary
    vrs: ClassVar[frozenset[str]] = DateShift.vrs
    options: ClassVar[tuple[Option, ...]] = DateShift.options
    repeatable = True
    constant: Decision | None = None

    def __init__(self, offset: TheirOffset, today: int) -> None:
        self._offset = offset
        self._today = today

    @classmethod
    def from_options(cls, options: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        return cls(offset_from(options), secrets.today.toordinal())

    @property
    def uses(self) -> frozenset[str]:
        return self._offset.uses

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if vr not in self.vrs:
            raise unsupported(self.name, vr)
        values = seen_values(attribute)
        if not values:
            return KEEP
        days = self._offset.days(context)
        parsed = [parse(value, vr) for value in values]
        kept = [
            format_value(ordinal + days, zone, vr)
            for ordinal, zone in parsed
            if not is_dropped(ordinal, self._today)
        ]
        return written(kept, attribute) if kept else EMPTY
