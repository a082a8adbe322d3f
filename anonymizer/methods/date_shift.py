"""Moves dates by a number of days that only the key and the subject decide."""

from __future__ import annotations

from anonymizer.dicom.attribute import KEEP, Replace
from anonymizer.dicom.dates import shift_value
from anonymizer.dicom.text import encode_text, values_of
from anonymizer.errors import ValueFault
from anonymizer.methods.keyed import KeyedHash
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Protocol, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Method, Secrets

    class Offset(Protocol):
        """By how many days the dates of an image move."""

        @property
        def uses(self) -> frozenset[str]: ...

        def days(self, context: Context) -> int: ...


SCOPES = {
    "Patient": "subject",
    "StudyInstance": "study",
    "SeriesInstance": "series",
    "SopInstance": "sop",
}
"""Whose dates move together, and the field of Context that names it."""

LONGEST = 36500


class KeyedOffset:
    """HMAC of the subject: from -range to +range days, never 0, the same in every run."""

    __slots__ = ("_field", "_keyed", "_range")

    def __init__(self, key: bytes, reach: int, scope: str = "Patient") -> None:
        self._keyed = KeyedHash(key, "dateShift")
        self._range = reach
        self._field = SCOPES[scope]

    @property
    def uses(self) -> frozenset[str]:
        return frozenset((self._field, "subject"))

    def days(self, context: Context) -> int:
        """ValueFault where the image has no identifier at all to tell subjects apart."""
        whose: str = getattr(context, self._field) or context.subject
        if not whose:
            raise ValueFault("the image has no identifier that a date shift could follow")
        days = self._keyed.number(whose, 2 * self._range) - self._range
        return days if days < 0 else days + 1


class FixedOffset:
    """The same number of days for every image."""

    __slots__ = ("_days",)

    uses: frozenset[str] = frozenset()

    def __init__(self, days: int) -> None:
        self._days = days

    def __repr__(self) -> str:
        return "FixedOffset(...)"

    def days(self, context: Context) -> int:
        return self._days


class DateShift:
    """Moves DA and DT; time of day, zone, form and precision stay.

    ``today`` is given where dates of 89 or more years ago go instead of moving.
    """

    __slots__ = ("_offset", "_today")

    name: ClassVar[str] = "dateShift"
    summary: ClassVar[str] = (
        "moves dates by days that the key and the patient decide, never by 0; TM stays"
    )
    vrs: ClassVar[frozenset[str]] = frozenset({"DA", "DT"})
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "dateShiftScope",
            {"type": "string", "enum": [*SCOPES]},
            "Patient",
            "whose dates move together: the patient's, a study's, a series', an instance's",
        ),
        Option(
            "dateShiftRange",
            {"type": "integer", "minimum": 1, "maximum": LONGEST},
            50,
            "the most days, forward or back",
        ),
        Option(
            "dateShiftDays",
            {"type": "integer", "minimum": -LONGEST, "maximum": LONGEST, "not": {"const": 0}},
            None,
            "a fixed number of days instead, the same for everybody",
        ),
    )
    repeatable = True
    constant: Decision | None = None

    def __init__(self, offset: Offset, today: int | None = None) -> None:
        self._offset = offset
        self._today = today

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        scope = given.choice("dateShiftScope")
        reach = given.integer("dateShiftRange", 1, LONGEST)
        days = None
        if given.has("dateShiftDays"):
            days = given.integer("dateShiftDays", -LONGEST, LONGEST)
            if days == 0:
                given.fault("dateShiftDays", "must not be 0", "use the method keep")
        given.done()
        if days is not None:
            return cls(FixedOffset(days))
        return cls(KeyedOffset(secrets.key("dateShift"), reach, scope))

    @classmethod
    def compatible(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Self:
        from anonymizer.methods.microsoft import offset_from

        return cls(offset_from(settings), secrets.today.toordinal())

    @classmethod
    def exact(cls, settings: Mapping[str, Any] | None, secrets: Secrets) -> Method:
        from anonymizer.methods.exact.date_shift import ExactDateShift

        return ExactDateShift.from_options(settings, secrets)

    def by(self, days: int) -> Self:
        """The same with so many days for every image."""
        return type(self)(FixedOffset(days), self._today)

    @property
    def uses(self) -> frozenset[str]:
        return self._offset.uses

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if vr not in self.vrs:
            raise unsupported(self.name, vr)
        values = values_of(attribute)
        if not any(values):
            return KEEP
        if self._today is not None:
            values = [value for value in values if not self._is_too_old(value, vr)]
        days = self._offset.days(context)
        shifted = (value and shift_value(value, vr, days) for value in values)
        return Replace(encode_text("\\".join(shifted), vr, attribute.charset))

    def _is_too_old(self, value: str, vr: str) -> bool:
        from anonymizer.dicom.dates import parse_date, parse_date_time
        from anonymizer.methods.redact import is_too_old

        if not value or self._today is None:
            return False
        moment = parse_date(value) if vr == "DA" else parse_date_time(value)
        return is_too_old(moment.ordinal, self._today)
