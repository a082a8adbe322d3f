"""dateShift: by the key and the subject, never by 0, the same for all of a subject's dates."""

from __future__ import annotations

from datetime import date

import pytest
from attributes import CONTEXT, attribute, method, text_after
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.dicom.context import Context
from anonymizer.errors import ValueFault
from anonymizer.methods.date_shift import KeyedOffset

FIXED = {"dateShiftDays": -10}


def days_between(before: str, after: str) -> int:
    return (date.fromisoformat(after[:8]) - date.fromisoformat(before[:8])).days


@pytest.mark.parametrize(
    ("vr", "before", "after"),
    [
        ("DA", "20200101", "20191222"),
        ("DA", " 20200101 ", "20191222"),
        ("DA", "2020.01.11", "2020.01.01"),
        ("DA", "20200111\\20200112", "20200101\\20200102"),
        ("DA", "\\20200112", "\\20200102"),
        ("DA", "", ""),
        ("DT", "20200111142233.123456+0530", "20200101142233.123456+0530"),
        ("DT", "2020011114", "2020010114"),
        ("DT", "2020", "2020"),
    ],
)
def test_a_fixed_shift(vr: str, before: str, after: str) -> None:
    assert text_after(method("dateShift", FIXED), vr, before) == after


@pytest.mark.parametrize("vr", ["TM", "AS", "LO", "SQ", "US"])
def test_nothing_else_is_shifted(vr: str) -> None:
    with pytest.raises(ValueFault):
        method("dateShift").decide(attribute(vr, b"20200101"), CONTEXT)


@pytest.mark.parametrize("value", ["20201301", "20200101-20200201", "yesterday", "00010101"])
def test_what_is_no_date_or_leaves_the_calendar_is_a_fault(value: str) -> None:
    with pytest.raises(ValueFault):
        method("dateShift", FIXED).decide(attribute("DA", value), CONTEXT)


@given(st.text(min_size=1), st.integers(1, 1000), st.binary(min_size=1, max_size=40))
def test_a_keyed_shift_is_within_the_range_and_never_none(
    subject: str, reach: int, key: bytes
) -> None:
    days = KeyedOffset(key, reach).days(Context(subject=subject))
    assert days != 0
    assert abs(days) <= reach


def test_every_shift_of_the_range_occurs() -> None:
    offset = KeyedOffset(b"k" * 32, 3)
    assert {offset.days(Context(subject=str(n))) for n in range(200)} == {-3, -2, -1, 1, 2, 3}


def test_the_key_and_the_subject_decide() -> None:
    def days(key: bytes, subject: str) -> int:
        return KeyedOffset(key, 36500).days(Context(subject=subject))

    assert days(b"a", "x") == days(b"a", "x")
    assert days(b"a", "x") != days(b"b", "x")
    assert days(b"a", "x") != days(b"a", "y")


@pytest.mark.parametrize(
    ("scope", "field"),
    [
        ("Patient", "subject"),
        ("StudyInstance", "study"),
        ("SeriesInstance", "series"),
        ("SopInstance", "sop"),
    ],
)
def test_the_scope_says_which_dates_move_together(scope: str, field: str) -> None:
    shift = method("dateShift", {"dateShiftScope": scope, "dateShiftRange": 36500})
    fields = {"subject": "s", "study": "1", "series": "2", "sop": "3"}

    def days(**changed: str) -> int:
        decision = shift.decide(attribute("DA", "20000101"), Context(**{**fields, **changed}))
        return days_between("20000101", decision.value.decode())  # type: ignore[union-attr]

    assert len({days(**{other: "other"}) for other in fields if other != field}) == 1
    assert days(**{field: "other"}) != days()


def test_all_dates_of_a_subject_move_by_the_same() -> None:
    shift = method("dateShift")
    moved = {
        days_between(day, text_after(shift, "DA", day))
        for day in ("19991231", "20000229", "20240301")
    }
    assert len(moved) == 1
    moved.add(days_between("20200101", text_after(shift, "DT", "202001011200+0100")))
    assert len(moved) == 1


def test_an_image_without_a_study_follows_its_subject() -> None:
    study = method("dateShift", {"dateShiftScope": "StudyInstance"})
    study.decide(attribute("DA", "20200101"), Context(subject="patient"))
    with pytest.raises(ValueFault, match="no identifier"):
        study.decide(attribute("DA", "20200101"), Context())
