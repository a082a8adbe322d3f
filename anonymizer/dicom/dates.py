"""Dates, times and ages as PS3.5 6.2 writes them: form by regular expression, then arithmetic.

``strptime`` takes ``2020111`` for a date and quotes what it refuses, ``strftime`` does not pad
years; neither is used.  Days count as ordinals, 1 being 1 January of year 1.
"""

from __future__ import annotations

import re

from anonymizer.errors import ValueFault

_DATE = r"([0-9]{4})(\.?)([0-9]{2})\2([0-9]{2})"
_DATE_TIME = (
    r"([0-9]{4})(?:([0-9]{2})(?:([0-9]{2})"
    r"((?:[0-9]{2}(?:[0-9]{2}(?:[0-9]{2}(?:\.[0-9]{1,6})?)?)?)?))?)?"
    r"([+-][0-9]{4})?"
)
_TIME = r"([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:\.[0-9]{1,6})?)?)? *"
_AGE = r"([0-9]{3})([DWMY])"

_DAYS_BEFORE = (0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
_DAYS_IN = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LAST_ORDINAL = 3652059
"""31 December 9999."""


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def ordinal_of(year: int, month: int, day: int) -> int:
    """Days since 31 December of year 0.  ValueFault where the calendar has no such day."""
    if not (year and 1 <= month <= 12):
        raise ValueFault("not a day of the calendar")
    leap = is_leap(year)
    if not 1 <= day <= _DAYS_IN[month] + (month == 2 and leap):
        raise ValueFault("not a day of the calendar")
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    return days + _DAYS_BEFORE[month] + (month > 2 and leap) + day


def day_of(ordinal: int) -> tuple[int, int, int]:
    """(year, month, day).  ValueFault beyond the years 1 to 9999."""
    if not 1 <= ordinal <= LAST_ORDINAL:
        raise ValueFault("the date leaves the years 1 to 9999")
    from datetime import date

    day = date.fromordinal(ordinal)
    return day.year, day.month, day.day


class Moment:
    """A DA or DT value in parts: a day, how much of it was given, and what follows it.

    ``digits`` is 4, 6 or 8: the year, with the month, with the day.  ``dot`` is what stands
    between the parts of a date, ``clock`` the time of day, ``zone`` the offset from UTC.
    """

    __slots__ = ("clock", "digits", "dot", "ordinal", "year", "zone")

    def __init__(
        self,
        day: tuple[int, int, int],
        digits: int = 8,
        dot: str = "",
        clock: str = "",
        zone: str = "",
    ) -> None:
        self.year = day[0]
        self.ordinal = ordinal_of(*day)
        self.digits = digits
        self.dot = dot
        self.clock = clock
        self.zone = zone

    def shifted(self, days: int) -> str:
        """The value that many days later, in the same form and precision."""
        year, month, day = day_of(self.ordinal + days)
        parts = (f"{year:04}", f"{month:02}", f"{day:02}")[: self.digits // 2 - 1]
        return self.dot.join(parts) + self.clock + self.zone


def parse_date(value: str) -> Moment:
    """A DA value: YYYYMMDD, or YYYY.MM.DD as ACR-NEMA wrote it (PS3.5 6.2, note to DA).

    ValueFault for everything else, ranges of queries included.
    """
    match = re.fullmatch(_DATE, value)
    if match is None:
        raise ValueFault("not a date")
    year, dot, month, day = match.groups()
    return Moment((int(year), int(month), int(day)), dot=dot)


def parse_date_time(value: str) -> Moment:
    """A DT value of any precision.  A year or month alone counts as its middle.

    A shift by days is exact for whole days only.  What has no day is shifted from the middle of
    what it says and cut again: it is off by half of its own precision at most, and values of the
    same precision keep their order.
    """
    match = re.fullmatch(_DATE_TIME, value)
    if match is None:
        raise ValueFault("not a date time")
    year, month, day, clock, zone = match.groups()
    if not (_is_clock(clock or "") and _is_zone(zone or "")):
        raise ValueFault("not a date time")
    digits = 8 if day else 6 if month else 4
    whole = (int(year), int(month or 7), int(day or (15 if month else 2)))
    return Moment(whole, digits, "", clock or "", zone or "")


def shift_value(value: str, vr: str, days: int) -> str:
    """A DA or DT value moved by days; time of day, zone, form and precision stay."""
    return (parse_date(value) if vr == "DA" else parse_date_time(value)).shifted(days)


def _is_clock(text: str) -> bool:
    hour, minute, second = text[:2], text[2:4], text[4:6]
    return (hour or "0") < "24" and (minute or "0") < "60" and (second or "0") < "61"


def _is_zone(text: str) -> bool:
    """PS3.5 6.2: -1200 to +1400."""
    if not text:
        return True
    minutes = int(text[1:3]) * 60 + int(text[3:])
    return int(text[3:]) < 60 and minutes <= (12 * 60 if text[0] == "-" else 14 * 60)


def is_date(value: str) -> bool:
    """Whether this is a DA value of today's form."""
    return len(value) == 8 and _is_moment(value, "DA")


def is_date_time(value: str) -> bool:
    return _is_moment(value, "DT")


def _is_moment(value: str, vr: str) -> bool:
    try:
        parse_date(value) if vr == "DA" else parse_date_time(value)
    except ValueFault:
        return False
    return True


def is_time(value: str) -> bool:
    """Whether this is a TM value: HH, HHMM, HHMMSS with up to six decimals."""
    return bool(re.fullmatch(_TIME, value)) and _is_clock(value.strip())


def parse_age(value: str) -> tuple[int, str]:
    """An AS value: (number, one of D W M Y)."""
    match = re.fullmatch(_AGE, value)
    if match is None:
        raise ValueFault("not an age")
    return int(match[1]), match[2]


PER_YEAR = {"Y": 1, "M": 12, "W": 52, "D": 365}


def years_of(number: int, unit: str) -> int:
    """The whole years of an age."""
    return number // PER_YEAR[unit]


def format_age(number: int, unit: str) -> str:
    """Three digits and a unit; what needs more digits is told in years where that fits."""
    if number > 999:
        number, unit = years_of(number, unit), "Y"
    if not 0 <= number <= 999:
        raise ValueFault("the age does not fit three digits")
    return f"{number:03}{unit}"


def years_later(ordinal: int, years: int) -> int:
    """The same day that many years later; 28 February where 29 is not a day."""
    year, month, day = day_of(ordinal)
    year += years
    if year > 9999:
        return LAST_ORDINAL + 1
    if (month, day) == (2, 29) and not is_leap(year):
        day = 28
    return ordinal_of(year, month, day)
