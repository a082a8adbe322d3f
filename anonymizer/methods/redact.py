"""Empties an attribute; of dates and ages it may leave the part that tells little."""

from __future__ import annotations

from anonymizer.dicom.attribute import EMPTY, Replace
from anonymizer.dicom.dates import (
    parse_age,
    parse_date,
    parse_date_time,
    years_later,
    years_of,
)
from anonymizer.dicom.text import encode_values, values_of
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import ALL_VRS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Method, Secrets

OLDEST = 89
"""Ages up to this one may be told (45 CFR 164.514(b)(2)(i)(C))."""


class Redact:
    """Empties the value; with partial dates the year stays, with partial ages those up to 89.

    Of a multi-valued date or age, the values that may not be told go and the others stay.
    """

    __slots__ = ("_ages", "_dates", "_today")

    name: ClassVar[str] = "redact"
    summary: ClassVar[str] = "empties the attribute; may leave the year of dates and ages up to 89"
    vrs: ClassVar[frozenset[str]] = ALL_VRS
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "enablePartialDatesForRedact",
            {"type": "boolean"},
            False,
            "DA and DT keep their year as 1 January, unless it is 89 or more years ago",
        ),
        Option(
            "enablePartialAgesForRedact",
            {"type": "boolean"},
            False,
            "AS keeps ages up to 89 years",
        ),
    )
    uses: frozenset[str] = frozenset()
    repeatable = True

    def __init__(self, today: date | None, *, dates: bool = False, ages: bool = False) -> None:
        """``today`` is needed for dates alone."""
        self._today = today.toordinal() if today else 0
        self._dates = dates
        self._ages = ages

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        dates = given.flag("enablePartialDatesForRedact")
        ages = given.flag("enablePartialAgesForRedact")
        given.done()
        return cls(secrets.today if dates else None, dates=dates, ages=ages)

    @classmethod
    def compatible(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        from anonymizer.methods.microsoft import Settings

        given = Settings(settings, cls.name)
        dates = given.flag("enablePartialDatesForRedact", default=False)
        ages = given.flag("enablePartialAgesForRedact", default=False)
        given.done()
        return cls(secrets.today if dates else None, dates=dates, ages=ages)

    @classmethod
    def exact(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Method:
        from anonymizer.methods.exact.redact import ExactRedact

        return ExactRedact.from_options(settings, secrets)

    @property
    def constant(self) -> Decision | None:
        return None if self._dates or self._ages else EMPTY

    def leaves_part_of(self, vr: str) -> bool:
        return (vr == "AS" and self._ages) or (vr in ("DA", "DT") and self._dates)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if self.leaves_part_of(vr):
            told = (self._told(value, vr) for value in values_of(attribute) if value)
            kept = [value for value in told if value]
            return Replace(encode_values(kept, vr, attribute.charset)) if kept else EMPTY
        return EMPTY

    def _told(self, value: str, vr: str) -> str:
        """What may be told of a value, ``""`` for nothing.  ValueFault where it is none."""
        if vr == "AS":
            return value if years_of(*parse_age(value)) <= OLDEST else ""
        moment = parse_date(value) if vr == "DA" else parse_date_time(value)
        if is_too_old(moment.ordinal, self._today):
            return ""
        year = f"{moment.year:04}"
        if vr == "DA":
            return f"{year}0101"
        return f"{year}0101000000.000000{moment.zone}"


def is_too_old(ordinal: int, today: int) -> bool:
    """Whether a day is so long ago that who was born then is over 89 today."""
    return years_later(ordinal, OLDEST) <= today
