"""regexReplace: Python's re on each value."""

from __future__ import annotations

import pytest
from attributes import CONTEXT, attribute, method, text_after

from anonymizer.dicom.attribute import KEEP
from anonymizer.errors import ValueFault


@pytest.mark.parametrize(
    ("find", "replace", "vr", "before", "after"),
    [
        (r"\d{4}$", "0000", "LO", "Room 1234", "Room 0000"),
        (r"\d+", "", "LO", "A1\\B2", "A\\B"),
        (r"^(.).*\^.*", r"\1", "PN", "Doe^Jane", "D"),
        (r"(?P<year>\d{4})\d{4}", r"\g<year>0101", "DA", "19700203", "19700101"),
        ("é", "e", "PN", "Jérôme", "Jerôme"),
    ],
)
def test_replacing(find: str, replace: str, vr: str, before: str, after: str) -> None:
    does = method("regexReplace", {"find": find, "replace": replace})
    assert text_after(does, vr, before) == after


def test_where_nothing_is_found_no_byte_changes() -> None:
    does = method("regexReplace", {"find": "x"})
    assert does.decide(attribute("LO", " Doe "), CONTEXT) is KEEP


@pytest.mark.parametrize(
    ("find", "replace", "vr", "value"),
    [(r"^\d{4}", "", "DA", "20200101"), ("D", r"\\", "LO", "Doe"), ("D", "x" * 17, "SH", "Doe")],
)
def test_a_result_that_does_not_fit_is_a_fault(
    find: str, replace: str, vr: str, value: str
) -> None:
    does = method("regexReplace", {"find": find, "replace": replace})
    with pytest.raises(ValueFault):
        does.decide(attribute(vr, value), CONTEXT)
