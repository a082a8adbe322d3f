"""The reference tool's configuration files: its values where they are right, ours elsewhere."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import pytest
from attributes import CONTEXT, after, attribute, secrets, text_after

from anonymizer.dicom.attribute import KEEP
from anonymizer.dicom.context import Context
from anonymizer.errors import ValueFault
from anonymizer.methods import METHODS
from anonymizer.methods.encrypt import reveal_text
from anonymizer.methods.method import OptionFault
from anonymizer.methods.microsoft import (
    DIFFERENCES,
    Settings,
    days_by_bkdr,
    digits_as_theirs,
    single_of_integer,
)

if TYPE_CHECKING:
    from anonymizer.methods.method import Method, Secrets


def form(
    kind: str, name: str, settings: dict[str, Any] | None, given: Secrets | None = None
) -> Method:
    made: Method = getattr(METHODS[name], kind)(settings, given or secrets())
    return made


SHIFT = {"dateShiftKey": "123", "dateShiftScope": "SeriesInstance"}
SERIES = Context(series="456")
"""Gives -27 days, as in that tool's unit tests."""
NAME = "MÜLLER^JÖRG"


@pytest.mark.parametrize(
    ("name", "settings", "vr", "before", "theirs", "ours"),
    [
        ("dateShift", SHIFT, "DA", "20000101", "19991205", "19991205"),
        ("dateShift", SHIFT, "DA", "19110101\\20200101", "20191205", "20191205"),
        ("dateShift", SHIFT, "DT", "20000101235959", "19991205120000.000000", "19991205235959"),
        (
            "dateShift",
            SHIFT,
            "DT",
            "20000101235959.5+0530",
            "19991205000000.000000+0530",
            "19991205235959.5+0530",
        ),
        ("dateShift", SHIFT, "DT", "20000128", None, "20000101"),
        ("dateShift", SHIFT, "DA", "2000.01.28", None, "2000.01.01"),
        ("redact", {}, "DA", "garbage", None, ""),
        (
            "redact",
            {"enablePartialDatesForRedact": "true"},
            "DT",
            "20240229235959",
            "20240101120000.000000",
            "20240101000000.000000",
        ),
        ("cryptoHash", {"cryptoHashKey": "123"}, "LT", "", None, ""),
        (
            "cryptoHash",
            {"cryptoHashKey": "123", "matchInputStringLength": True},
            "LO",
            "NOID",
            "5962",
            "5962",
        ),
        (
            "cryptoHash",
            {"cryptoHashKey": "123", "matchInputStringLength": True},
            "DA",
            "20200101",
            "87979760",
            None,
        ),
        ("substitute", {}, "PN", "Doe", "Anonymous", "Anonymous"),
        ("substitute", {"replaceWith": 20}, "LO", "Doe", "20", "20"),
        ("substitute", {"replaceWith": True}, "LO", "Doe", "True", "True"),
        ("substitute", {"replaceWith": "Anonymous"}, "CS", "A", "Anonymous", "fault"),
        ("substitute", {"replaceWith": "é"}, "AE", "A", "?", "fault"),
        ("refreshUID", {}, "UI", "", None, ""),
        ("refreshUID", {}, "UI", "1.2.840.10008.1.2", "new", "1.2.840.10008.1.2"),
    ],
)
def test_their_value_and_ours(
    name: str,
    settings: dict[str, Any],
    vr: str,
    before: str,
    theirs: str | None,
    ours: str | None,
) -> None:
    for kind, wanted in (("exact", theirs), ("compatible", ours)):
        does, given = form(kind, name, settings), attribute(vr, before)
        if (kind == "exact" and wanted is None) or wanted == "fault":
            with pytest.raises(ValueFault):
                does.decide(given, SERIES)
        elif wanted == "new":
            assert after(does, given, SERIES).decode() != before
        elif wanted is not None and not (kind == "exact" and vr == "DA" and name == "cryptoHash"):
            assert after(does, given, SERIES).decode() == wanted


@pytest.mark.parametrize(("vr", "length"), [("LO", 64), ("SH", 16), ("AE", 16), ("CS", 16)])
def test_hashes_are_theirs_as_far_as_the_vr_holds_them(vr: str, length: int) -> None:
    settings = {"cryptoHashKey": "123"}
    digest = hmac.digest(b"123", b"TEST", "sha256").hex()
    assert text_after(form("exact", "cryptoHash", settings), vr, "TEST") == digest
    ours = text_after(form("compatible", "cryptoHash", settings), vr, "TEST")
    assert ours.lower() == digest[:length]


def test_accents_survive_encryption_in_ours_only() -> None:
    key = "0" * 16
    for kind, plain in (("exact", "M?LLER^J?RG"), ("compatible", NAME)):
        text = text_after(form(kind, "encrypt", {"encryptKey": key}), "PN", NAME)
        assert reveal_text(text, key.encode()) == plain


def test_what_takes_two_utf_16_units_is_two_question_marks_in_theirs() -> None:
    text = text_after(form("exact", "encrypt", {"encryptKey": "0" * 16}), "LO", "A😀")
    assert reveal_text(text, b"0" * 16) == "A??"


def test_an_absent_key_is_one_for_the_run_in_ours_and_one_a_rule_in_theirs() -> None:
    run = secrets()
    ours = {text_after(form("compatible", "cryptoHash", {}, run), "LO", "A") for _ in range(2)}
    theirs = {text_after(form("exact", "cryptoHash", {}, run), "LO", "A") for _ in range(2)}
    assert (len(ours), len(theirs)) == (1, 2)


def test_text_that_the_first_set_lacks_is_a_question_mark_in_theirs() -> None:
    does = form("exact", "substitute", {"replaceWith": "A山é"})
    assert after(does, attribute("LO", "x", charset=("ISO_IR 100",))) == "A?é".encode("latin-1")
    assert after(does, attribute("LO", "x", charset=("", "ISO 2022 IR 87"))) == b"A??"
    assert after(does, attribute("LO", "x", charset=("ISO 2022 IR 87",))) == b"A??"


def test_perturb_wraps_in_theirs_and_is_held_in_ours() -> None:
    settings = {"span": 8, "rangeType": "Fixed", "roundTo": 0}
    full = attribute("US", b"\xff\xff" * 50)
    theirs = after(form("exact", "perturb", settings), full)
    ours = after(form("compatible", "perturb", settings), full)
    assert any(theirs[at + 1] == 0 for at in range(0, 100, 2))
    assert all(ours[at + 1] == 0xFF for at in range(0, 100, 2))


def test_a_single_uid_comes_of_a_multi_valued_one_in_theirs() -> None:
    theirs = text_after(form("exact", "refreshUID", {}), "UI", "1.2\\1.3")
    ours = text_after(form("compatible", "refreshUID", {}), "UI", "1.2\\1.3")
    assert (theirs.count("\\"), ours.count("\\")) == (0, 1)


@pytest.mark.parametrize("kind", ["exact", "compatible"])
@pytest.mark.parametrize(
    ("name", "settings", "option"),
    [
        ("dateShift", {"dateShiftRange": -1}, "dateShiftRange"),
        ("dateShift", {"dateShiftRange": "many"}, "dateShiftRange"),
        ("dateShift", {"dateShiftScope": "Patient"}, "dateShiftScope"),
        ("cryptoHash", {"cryptoHashType": "Md5"}, "cryptoHashType"),
        ("cryptoHash", {"matchInputStringLength": "maybe"}, "matchInputStringLength"),
        ("encrypt", {"encryptKey": "123"}, "encryptKey"),
        ("perturb", {"span": -1}, "span"),
        ("perturb", {"span": None}, "span"),
        ("perturb", {"roundTo": 29}, "roundTo"),
        ("perturb", {"rangeType": "Random"}, "rangeType"),
        ("redact", {"enablePartialAgesForRedact": None}, "enablePartialAgesForRedact"),
        ("redact", None, ""),
        ("substitute", None, ""),
    ],
)
def test_settings_that_it_cannot_read(
    kind: str, name: str, settings: dict[str, Any] | None, option: str
) -> None:
    with pytest.raises(OptionFault) as caught:
        form(kind, name, settings)
    assert [fault[0] for fault in caught.value.faults] == [option]
    assert "123" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        ({"DATESHIFTRANGE": "1,0", "dateShiftKey": 123}, 10),
        ({"dateShiftRange": 2.5}, 2),
        ({"dateShiftRange": 5, "DateShiftRange": 3}, 3),
    ],
)
def test_numbers_and_names_are_read_as_loosely_as_there(
    settings: dict[str, Any], days: int
) -> None:
    given = Settings(settings, "dateShift")
    assert given.integer("dateShiftRange", 50) == days
    given.done()


def test_replace_with_is_found_by_its_very_name_first() -> None:
    does = form("exact", "substitute", {"ReplaceWith": "A", "replaceWith": "B"})
    assert text_after(does, "LO", "x") == "B"


def test_the_offset_of_another_scope_number_has_no_prefix() -> None:
    does = form("compatible", "dateShift", {"dateShiftScope": 7, "dateShiftKey": "k"})
    assert does.uses == frozenset()
    wanted = days_by_bkdr("k", 50)
    assert after(does, attribute("DA", "20200615"), CONTEXT)
    assert -50 <= wanted <= 50


def test_numbers_in_single_precision_are_rounded_once() -> None:
    assert single_of_integer(2**24 + 1) == 2.0**24
    assert single_of_integer(2**24 + 3) == 2.0**24 + 4
    assert single_of_integer(2**54 + 2**30 + 1) == 2.0**54 + 2.0**31


def test_digits_of_a_digest_at_the_end_of_its_range() -> None:
    assert digits_as_theirs(b"\xff" * 32, "12345678") == "100000000"
    assert digits_as_theirs(b"\0" * 32, "7") == "0"


def test_an_empty_element_stays_untouched_in_ours() -> None:
    for name in ("cryptoHash", "encrypt", "dateShift", "perturb", "refreshUID"):
        vr = {"dateShift": "DA", "perturb": "DS", "refreshUID": "UI"}.get(name, "LO")
        assert form("compatible", name, {}).decide(attribute(vr, ""), CONTEXT) is KEEP


def test_the_differences_are_told_in_pairs() -> None:
    assert len({theirs for theirs, _ in DIFFERENCES}) == len(DIFFERENCES)
    assert all(theirs and ours for theirs, ours in DIFFERENCES)
