"""substitute: one fixed value, checked against VR and character set."""

from __future__ import annotations

import pytest
from attributes import CONTEXT, after, attribute, method, text_after

from anonymizer.errors import ValueFault


@pytest.mark.parametrize(
    ("text", "vr", "before", "after"),
    [
        ("X", "PN", "Doe^Jane", "X"),
        ("A\\B", "LO", "Doe", "A\\B"),
        ("A\\B", "LT", "Doe", "A\\B"),
        ("", "LO", "Doe", ""),
        ("20200101", "DA", "19700203", "20200101"),
        ("Jérôme", "PN", "Doe", "Jérôme"),
    ],
)
def test_texts(text: str, vr: str, before: str, after: str) -> None:
    assert text_after(method("substitute", {"replaceWith": text}), vr, before) == after


def test_the_default() -> None:
    assert text_after(method("substitute"), "LO", "Doe") == "ANONYMOUS"


@pytest.mark.parametrize(
    ("text", "vr", "big_endian", "field"),
    [
        ("7", "US", False, "0700"),
        ("7", "US", True, "0007"),
        ("1\\2", "US", False, "01000200"),
        ("", "US", False, ""),
        ("-1", "SS", False, "ffff"),
        ("1.5", "FL", False, "0000c03f"),
        ("2", "OV", False, "0200000000000000"),
        ("20", "OW", False, "1400"),
        ("(0008,0018)", "AT", False, "08001800"),
        ("00080018\\00080016", "AT", True, "0008001800080016"),
    ],
)
def test_numbers(text: str, vr: str, big_endian: bool, field: str) -> None:
    does = method("substitute", {"replaceWith": text})
    before = attribute(vr, b"\0" * 8, big_endian=big_endian)
    assert after(does, before).hex() == field


def test_byte_orders_are_not_mixed_up() -> None:
    does = method("substitute", {"replaceWith": "7"})
    for big_endian in (False, True, False):
        field = after(does, attribute("US", b"\0\0", big_endian=big_endian))
        assert field == (b"\0\7" if big_endian else b"\7\0")


@pytest.mark.parametrize(
    ("text", "vr"),
    [("ANONYMOUS", "DA"), ("Anonymous", "CS"), ("X" * 17, "SH"), ("x", "US"), ("70000", "US"),
     ("a=b=c=d", "PN"), ("X", "AT"), ("é", "CS"), ("-1", "UL")],
)  # fmt: skip
def test_what_does_not_fit_is_a_fault(text: str, vr: str) -> None:
    with pytest.raises(ValueFault, match="does not fit"):
        method("substitute", {"replaceWith": text}).decide(attribute(vr, b""), CONTEXT)


def test_what_the_character_set_lacks_is_a_fault_and_no_question_mark() -> None:
    does = method("substitute", {"replaceWith": "山田"})
    with pytest.raises(ValueFault):
        does.decide(attribute("PN", "Doe", charset=("ISO_IR 100",)), CONTEXT)
    japanese = ("", "ISO 2022 IR 87")
    assert text_after(does, "PN", "Doe", charset=japanese) == "山田"


def test_encapsulated_pixel_data_is_refused() -> None:
    with pytest.raises(ValueFault):
        method("substitute").decide(attribute("OW", b"", encapsulated=True), CONTEXT)
