"""Dates: form first, then days."""

# ruff: noqa: RUF001 (letters and digits of other scripts are the point)
from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.dicom.dates import (
    day_of,
    format_age,
    is_date,
    is_time,
    ordinal_of,
    parse_age,
    parse_date,
    parse_date_time,
    shift_value,
    years_later,
    years_of,
)
from anonymizer.errors import ValueFault

SHIFTS = [
    ("DA", "20200101", -1, "20191231"),
    ("DA", "20200228", 1, "20200229"),
    ("DA", "1950.12.31", 1, "1951.01.01"),
    ("DA", "00991231", 1, "01000101"),
    ("DT", "20200101", 31, "20200201"),
    ("DT", "202001011530", 1, "202001021530"),
    ("DT", "20200101153059.123456", 1, "20200102153059.123456"),
    ("DT", "20200101153059.1+0530", 1, "20200102153059.1+0530"),
    ("DT", "20200101-1200", 1, "20200102-1200"),
    ("DT", "20200101235960", 1, "20200102235960"),
    ("DT", "202001", 20, "202002"),
    ("DT", "202001", 10, "202001"),
    ("DT", "2020", 200, "2021"),
    ("DT", "2020+0100", -200, "2019+0100"),
    ("DT", "2020010100", 1, "2020010200"),
]


@pytest.mark.parametrize(("vr", "before", "days", "after"), SHIFTS)
def test_a_shifted_value_keeps_its_form(vr: str, before: str, days: int, after: str) -> None:
    assert shift_value(before, vr, days) == after


NO_DATES = [
    *("2020111", "20200230", "20210229", "20201301", "00000101", "20200100", "2020"),
    *("2020.1.1", "2020.01-01", "20200101-20200201", "20200101 ", "-20200101", "２０２００１０１"),
]
NO_DATE_TIMES = [
    *("20200", "20201301", "2020010124", "202001011260", "20200101126061", "20200101.5"),
    *("20200101120000.", "20200101120000.1234567", "20200101+1500", "20200101-1300"),
    *("20200101+0060", "20200101-20200201", "2020.01.01", "20200101120000+01", ""),
]


@pytest.mark.parametrize(
    ("vr", "value"),
    [*(("DA", value) for value in NO_DATES), *(("DT", value) for value in NO_DATE_TIMES)],
)
def test_everything_else_is_a_fault_without_the_value(vr: str, value: str) -> None:
    with pytest.raises(ValueFault) as caught:
        shift_value(value, vr, 1)
    assert not value or value not in repr(caught.value)


@pytest.mark.parametrize(("value", "days"), [("00010101", -1), ("99991231", 1)])
def test_a_date_that_leaves_the_calendar_is_a_fault(value: str, days: int) -> None:
    with pytest.raises(ValueFault):
        shift_value(value, "DA", days)


DATES = st.dates(date(1, 1, 1), date(9999, 12, 31))


@given(DATES)
def test_ordinals_are_those_of_the_calendar(day: date) -> None:
    ordinal = ordinal_of(day.year, day.month, day.day)
    assert ordinal == day.toordinal()
    assert day_of(ordinal) == (day.year, day.month, day.day)


@given(st.dates(date(1800, 1, 1), date(2100, 1, 1)), st.integers(-36500, 36500))
def test_a_shift_is_exact_and_goes_back(day: date, days: int) -> None:
    text = f"{day:%Y%m%d}"
    shifted = shift_value(text, "DA", days)
    assert shifted == f"{day + timedelta(days):%Y%m%d}"
    assert shift_value(shifted, "DA", -days) == text


@given(
    st.lists(st.dates(date(1800, 1, 1), date(2100, 1, 1)), min_size=2, max_size=2),
    st.sampled_from([4, 6, 8]),
    st.integers(-36500, 36500),
)
def test_values_of_one_precision_keep_their_order(
    days: list[date], digits: int, shift: int
) -> None:
    low, high = sorted(f"{day:%Y%m%d}"[:digits] for day in days)
    assert shift_value(low, "DT", shift) <= shift_value(high, "DT", shift)


@pytest.mark.parametrize(
    ("value", "years"), [("089Y", 89), ("011M", 0), ("999M", 83), ("051W", 0), ("730D", 2)]
)
def test_the_years_of_an_age(value: str, years: int) -> None:
    assert years_of(*parse_age(value)) == years


@pytest.mark.parametrize("value", ["", "45Y", "045y", "0045Y", "045", "045Y ", "X45Y"])
def test_what_is_no_age_is_a_fault(value: str) -> None:
    with pytest.raises(ValueFault):
        parse_age(value)


def test_an_age_of_four_digits_is_told_in_years() -> None:
    assert format_age(1200, "M") == "100Y"
    assert format_age(7, "D") == "007D"
    with pytest.raises(ValueFault):
        format_age(1000, "Y")


def test_years_later_knows_leap_days_and_the_end() -> None:
    assert day_of(years_later(ordinal_of(2024, 2, 29), 1)) == (2025, 2, 28)
    assert years_later(ordinal_of(9950, 1, 1), 89) > ordinal_of(9999, 12, 31)


@pytest.mark.parametrize("value", ["12", "1200", "120000", "235960.123456"])
def test_times(value: str) -> None:
    assert is_time(value)


@pytest.mark.parametrize("value", ["", "1", "24", "1260", "12:00", "120000.", "120061"])
def test_no_times(value: str) -> None:
    assert not is_time(value)


def test_the_old_form_of_a_date_is_read_but_not_valid_today() -> None:
    assert not is_date("1950.12.31")
    assert parse_date("1950.12.31").year == 1950
    assert parse_date_time("1950").digits == 4
