"""pseudonym: readable, keyed, or from a map."""

from __future__ import annotations

import re

import pytest
from attributes import CONTEXT, attribute, method, text_after

from anonymizer.errors import ValueFault

KEYED = re.compile(r"ANON_[0-9A-HJKMNP-TV-Z]{11}")
MAP = {"4711": "P-001", "Doe^Jane^^": "P-002"}


@pytest.mark.parametrize("vr", ["LO", "PN", "SH", "CS", "AE", "LT"])
def test_a_keyed_pseudonym_is_the_same_in_every_vr(vr: str) -> None:
    text = text_after(method("pseudonym"), vr, "DOE")
    assert KEYED.fullmatch(text)
    assert text == text_after(method("pseudonym"), "LO", "DOE")


def test_many_values_do_not_meet() -> None:
    does = method("pseudonym")
    assert len({text_after(does, "LO", str(n)) for n in range(20000)}) == 20000


def test_equal_names_written_differently_meet() -> None:
    does = method("pseudonym")
    assert text_after(does, "PN", "Doe^Jane^^") == text_after(does, "PN", "Doe^Jane ")
    assert text_after(does, "PN", "Doe^Jane") != text_after(does, "PN", "Doe^John")


def test_the_prefix() -> None:
    assert text_after(method("pseudonym", {"prefix": "T17-"}), "LO", "1").startswith("T17-")
    with pytest.raises(ValueFault, match="does not fit"):
        method("pseudonym", {"prefix": "LONGER_"}).decide(attribute("SH", "1"), CONTEXT)
    with pytest.raises(ValueFault, match="does not fit"):
        method("pseudonym", {"prefix": "a-"}).decide(attribute("CS", "1"), CONTEXT)


@pytest.mark.parametrize(
    ("vr", "before", "after"),
    [("LO", "4711", "P-001"), ("LO", " 4711 ", "P-001"), ("PN", "Doe^Jane", "P-002"),
     ("LO", "4711\\\\4711", "P-001\\\\P-001"), ("LO", "", "")],
)  # fmt: skip
def test_a_map(vr: str, before: str, after: str) -> None:
    assert text_after(method("pseudonym", pseudonyms=MAP), vr, before) == after


def test_an_original_that_the_map_lacks_is_a_fault_without_the_value() -> None:
    with pytest.raises(ValueFault, match="no entry") as caught:
        method("pseudonym", pseudonyms=MAP).decide(attribute("LO", "ZQXCANARY"), CONTEXT)
    assert "ZQXCANARY" not in repr(caught.value)


def test_an_empty_map_knows_nobody() -> None:
    with pytest.raises(ValueFault):
        method("pseudonym", pseudonyms={}).decide(attribute("LO", "1"), CONTEXT)


def test_the_representation_shows_no_patient() -> None:
    assert "4711" not in repr(method("pseudonym", pseudonyms=MAP))
