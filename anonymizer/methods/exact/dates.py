"""DA and DT as the reference tool reads and prints them (whole days; 12 for midnight)."""

from __future__ import annotations

import re

from anonymizer.dicom.dates import day_of, is_leap, ordinal_of
from anonymizer.errors import ValueFault

_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_DATE_TIME = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})"
    r"(?:\.([0-9]{1,6}))?([+-][0-9]{4})?\s*"
)
SPAN = 89
LAST_YEAR = 9999 - SPAN


def parse_date(value: str) -> int:
    """The ordinal of eight digits that are a day."""
    match = _DATE.fullmatch(value)
    if match is None:
        raise ValueFault("not a date of eight digits")
    return ordinal_of(*map(int, match.groups()))


def parse_date_time(value: str) -> tuple[int, tuple[int, int, int, int], str]:
    """(ordinal, (hour, minute, second, millisecond), zone or "").

    The digits of the fraction count as one number of microseconds, however many they are.
    """
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        raise ValueFault("not a date time of fourteen digits")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    clock = (int(hour), int(minute), int(second), int(fraction or 0) // 1000)
    if clock[0] > 23 or clock[1] > 59 or clock[2] > 59 or not _is_zone(zone or ""):
        raise ValueFault("not a time of day")
    return ordinal_of(int(year), int(month), int(day)), clock, zone or ""


def _is_zone(zone: str) -> bool:
    if not zone:
        return True
    hours, minutes = int(zone[1:3]), int(zone[3:])
    return minutes < 60 and hours * 60 + minutes <= 14 * 60


def parse(value: str, vr: str) -> tuple[int, str]:
    """(ordinal, zone or "") of a DA or DT value."""
    if vr == "DA":
        return parse_date(value), ""
    ordinal, _, zone = parse_date_time(value)
    return ordinal, zone


def format_value(ordinal: int, zone: str, vr: str) -> str:
    """A day as DA, or as DT at midnight: 00 with a zone, 12 without."""
    year, month, day = day_of(ordinal)
    text = f"{year:04}{month:02}{day:02}"
    if vr == "DA":
        return text
    return f"{text}000000.000000{_offset(zone)}" if zone else f"{text}120000.000000"


def _offset(zone: str) -> str:
    return "+0000" if zone == "-0000" else zone


def is_dropped(ordinal: int, today: int) -> bool:
    """Whether 89 calendar years have passed since.  ValueFault where no calendar has them."""
    year, month, day = day_of(ordinal)
    if year > LAST_YEAR:
        raise ValueFault("the date leaves the years 1 to 9999")
    if (month, day) == (2, 29) and not is_leap(year + SPAN):
        day = 28
    return ordinal_of(year + SPAN, month, day) <= today
