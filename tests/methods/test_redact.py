"""redact: empty, or the part of a date or age that tells little."""

from __future__ import annotations

from datetime import date

import pytest
from attributes import CONTEXT, attribute, method, text_after

from anonymizer.dicom.attribute import EMPTY
from anonymizer.errors import ValueFault
from anonymizer.methods.method import Secrets
from anonymizer.methods.redact import Redact

DATES = {"enablePartialDatesForRedact": True}
AGES = {"enablePartialAgesForRedact": True}


@pytest.mark.parametrize(
    ("options", "vr", "before", "after"),
    [
        ({}, "PN", "Doe^Jane", ""),
        ({}, "DA", "garbage", ""),
        (DATES, "PN", "Doe^Jane", ""),
        (DATES, "AS", "045Y", ""),
        (AGES, "DA", "20200203", ""),
        (DATES, "DA", "20200203", "20200101"),
        (DATES, "DA", "1980.02.03", "19800101"),
        (DATES, "DA", "20200203\\19000101\\20210304", "20200101\\20210101"),
        (DATES, "DA", "19360915", ""),
        (DATES, "DA", "19360916", "19360101"),
        (DATES, "DT", "20200203142233", "20200101000000.000000"),
        (DATES, "DT", "20200203142233.5+0530", "20200101000000.000000+0530"),
        (DATES, "DT", "2020", "20200101000000.000000"),
        (AGES, "AS", "089Y", "089Y"),
        (AGES, "AS", "090Y", ""),
        (AGES, "AS", "999M\\091Y", "999M"),
    ],
)
def test_what_is_left(options: dict[str, bool], vr: str, before: str, after: str) -> None:
    assert text_after(method("redact", options), vr, before) == after


@pytest.mark.parametrize(
    ("options", "vr", "value"), [(DATES, "DA", "2020ABCD"), (DATES, "DT", "x"), (AGES, "AS", "45")]
)
def test_what_does_not_parse_is_a_fault(options: dict[str, bool], vr: str, value: str) -> None:
    with pytest.raises(ValueFault):
        method("redact", options).decide(attribute(vr, value), CONTEXT)


def test_without_partial_values_nothing_needs_to_be_looked_at() -> None:
    assert method("redact").constant is EMPTY
    assert method("redact", DATES).constant is None


def test_the_day_is_looked_up_where_dates_are_told_and_only_there() -> None:
    asked: list[date] = []

    def today() -> date:
        asked.append(date(2025, 9, 15))
        return asked[-1]

    given = Secrets({}, b"m" * 32, bytes, today)
    Redact.from_options({"enablePartialAgesForRedact": True}, given)
    assert asked == []
    Redact.from_options({"enablePartialDatesForRedact": True}, given)
    Redact.from_options({"enablePartialDatesForRedact": True}, given)
    assert asked == [date(2025, 9, 15)]
