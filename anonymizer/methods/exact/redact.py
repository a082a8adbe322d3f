"""redact with the reference tool's values: dates and ages are parsed whatever is on."""

from __future__ import annotations

from anonymizer.dicom.attribute import EMPTY
from anonymizer.dicom.dates import day_of, ordinal_of, parse_age, years_of
from anonymizer.methods.exact.dates import format_value, is_dropped, parse
from anonymizer.methods.exact.values import seen_values, written
from anonymizer.methods.microsoft import Settings
from anonymizer.methods.redact import OLDEST, Redact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets


class ExactRedact:
    """What does not parse is a fault even where the value would go anyway."""

    __slots__ = ("_ages", "_dates", "_today")

    name: ClassVar[str] = Redact.name
    summary: ClassVar[str] = Redact.summary
    vrs: ClassVar[frozenset[str]] = Redact.vrs
    options: ClassVar[tuple[Option, ...]] = Redact.options
    uses: frozenset[str] = frozenset()
    repeatable = True
    constant: Decision | None = None

    def __init__(self, today: int, *, dates: bool, ages: bool) -> None:
        self._today = today
        self._dates = dates
        self._ages = ages

    @classmethod
    def from_options(cls, options: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        given = Settings(options, cls.name)
        dates = given.flag("enablePartialDatesForRedact", default=False)
        ages = given.flag("enablePartialAgesForRedact", default=False)
        given.done()
        return cls(secrets.today.toordinal(), dates=dates, ages=ages)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        if attribute.vr not in ("AS", "DA", "DT"):
            return EMPTY
        told = [self._told(value, attribute.vr) for value in seen_values(attribute)]
        kept = [value for value in told if value]
        return written(kept, attribute) if kept else EMPTY

    def _told(self, value: str, vr: str) -> str:
        if vr == "AS":
            years = years_of(*parse_age(value))
            return value if self._ages and years <= OLDEST else ""
        ordinal, zone = parse(value, vr)
        if not self._dates or is_dropped(ordinal, self._today):
            return ""
        return format_value(ordinal_of(day_of(ordinal)[0], 1, 1), zone, vr)
