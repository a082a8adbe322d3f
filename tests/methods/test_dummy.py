"""dummy: a value that fits wherever one has to be, and that tells nothing of the one before."""

from __future__ import annotations

from typing import Any

import pytest
from attributes import CONTEXT, MASTER, UTF8, after, attribute, method, text_after
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.dicom.attribute import KEEP, TEXT_VRS
from anonymizer.dicom.context import Context
from anonymizer.dicom.dictionary import multiplicity_of, representations_of, tags_by_keyword
from anonymizer.dicom.validate import faults_of
from anonymizer.errors import ValueFault
from anonymizer.methods.dummy import Dummy
from anonymizer.methods.refresh_uid import RefreshUID
from anonymizer.methods.refusal import ALL_VRS
from anonymizer.standard.blank_documents import BLANK, CLASSES
from anonymizer.standard.table import rows

CHARSETS: list[tuple[str, ...]] = [(), UTF8, ("", "ISO 2022 IR 87"), ("ISO_IR 13",), ("GB18030",)]
ROWS = [row for row in rows() if row.keyword and "X" not in row.tag and row.vr != "SQ"]


def dummy(**given: Any) -> Dummy:  # noqa: ANN401
    made = method("dummy", **given)
    assert isinstance(made, Dummy)
    return made


@pytest.mark.parametrize("charset", CHARSETS, ids="+".join)
@pytest.mark.parametrize("field", [b"", b"A^B\\C^D", b"1\\2\\3", b"x" * 64, b"\xff\xfe\\\xff"])
@pytest.mark.parametrize("vr", sorted(ALL_VRS - {"SQ"}))
def test_it_is_valid_for_every_vr_and_character_set(
    vr: str, field: bytes, charset: tuple[str, ...]
) -> None:
    before = attribute(vr, field, charset=charset)
    value = after(dummy(), before)
    assert value
    assert value != field
    even = value + bytes(len(value) & 1) if vr not in TEXT_VRS or vr == "UI" else value
    even += b" " * (len(even) & 1)
    assert faults_of(0x00091001, vr, even, before.charset) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.keyword)
def test_it_is_valid_for_every_row_of_the_table(row: Any) -> None:  # noqa: ANN401
    before = attribute(row.vr, b"", row.keyword)
    value = after(dummy(), before)
    value += (b"\0" if row.vr == "UI" else b" ") * (len(value) & 1)
    assert value
    assert faults_of(int(row.tag, 16), row.vr, value, before.charset) == []


@pytest.mark.parametrize(
    "keyword",
    [k for k, tag in tags_by_keyword().items() if multiplicity_of(tag)[:1] in "23456789"][::7],
)
def test_it_has_as_many_values_as_there_have_to_be(keyword: str) -> None:
    tag = tags_by_keyword()[keyword]
    vr = representations_of(tag)[0]
    value = after(dummy(), attribute(vr, b"", keyword))
    value += (b"\0" if vr == "UI" else b" ") * (len(value) & 1)
    charset = attribute(vr, b"").charset
    assert [f for f in faults_of(tag, vr, value, charset) if f.code == "multiplicity"] == []


PINNED = [
    ("LO", "", "Gerda", "ANON_"),
    ("PN", "", "Gerda^Nordmann", "Anonymous^"),
    ("AS", "", "044Y", "000Y"),
    ("IS", "", "7", "0"),
    ("DS", "", "7\\8", "0\\0"),
    ("TM", "", "111213", "000000"),
    ("UR", "", "http://here", "urn:uuid:"),
    ("CS", "ReasonForTheAttributeModification", "CORRECT", "COERCE"),
    ("SH", "TimezoneOffsetFromUTC", "+0530", "+0000"),
]


@pytest.mark.parametrize(("vr", "keyword", "before", "begin"), PINNED)
def test_what_it_looks_like(vr: str, keyword: str, before: str, begin: str) -> None:
    assert text_after(dummy(), vr, before, keyword=keyword).startswith(begin)


def test_this_very_value_in_every_version_of_this_tool() -> None:
    made = Dummy(b"k" * 32, b"u" * 32)
    told = [text_after(made, vr, "1.2.3") for vr in ("LO", "PN", "UR", "UI", "DA", "DT")]
    assert told == THESE


THESE = [
    "ANON_9MM2AQF8QGT",
    "Anonymous^V8HQTW4A5KR",
    "urn:uuid:03a3e706-0f0e-8aa9-a9c5-8665f2ec2535",
    "2.25.90963168186521400977387244176504060802",
    "19320213",
    "19320213000000",
]


@pytest.mark.parametrize(
    ("vr", "one", "other"),
    [
        ("LO", "0012", " 0012 "),
        ("PN", "Nordmann^Gerda", "Nordmann^Gerda^^ "),
        ("UI", b"1.2.3\0", b"1.2.3"),
        ("LT", "a", "a  "),
    ],
)
def test_padding_does_not_matter(vr: str, one: str | bytes, other: str | bytes) -> None:
    assert text_after(dummy(), vr, one) == text_after(dummy(), vr, other)


def test_the_same_text_has_the_same_dummy_wherever_it_stands() -> None:
    one = text_after(dummy(), "LO", "0012", keyword="PatientID")
    for vr in ("SH", "UT", "LT", "CS", "AE"):
        assert text_after(dummy(), vr, "0012", keyword="AccessionNumber") == one


def test_the_character_set_does_not_matter() -> None:
    one = text_after(dummy(), "PN", "山田^太郎")
    assert one == text_after(dummy(), "PN", "山田^太郎", charset=("", "ISO 2022 IR 87"))


def test_other_texts_and_keys_give_other_dummies() -> None:
    one = text_after(dummy(), "LO", "0012")
    assert text_after(dummy(), "LO", "0013") != one
    assert text_after(dummy(keys={"dummy": b"x" * 32}), "LO", "0012") != one


def test_each_value_is_on_its_own() -> None:
    one, empty, other = text_after(dummy(), "LO", "A\\\\B").split("\\")
    assert one == text_after(dummy(), "LO", "A")
    assert other == text_after(dummy(), "LO", "B")
    assert empty.startswith("ANON_")


def test_a_uid_is_that_of_refresh_uid() -> None:
    refresh = method("refreshUID")
    assert isinstance(refresh, RefreshUID)
    assert text_after(dummy(), "UI", "1.2.3") == refresh.refreshed("1.2.3")
    assert text_after(dummy(), "UI", "1.2.840.10008.1.2") != "1.2.840.10008.1.2"


def test_dates_are_one_day_a_subject() -> None:
    days = {text_after(dummy(), "DA", date) for date in ("20200101", "20211231", "", "x")}
    assert len(days) == 1
    (day,) = days
    assert "19000101" <= day <= "19991231"
    assert text_after(dummy(), "DT", "2020") == f"{day}000000"
    other = Context(subject="patient\x1f2\x1f")
    assert after(dummy(), attribute("DA", "20200101"), other) != day.encode()


@given(st.sampled_from(sorted(TEXT_VRS - {"AS", "DS", "IS", "TM", "CS"})), st.integers(0, 99))
def test_it_is_never_the_value_before(vr: str, subject: int) -> None:
    context = Context(subject=f"patient\x1f{subject}\x1f")
    first = after(dummy(), attribute(vr, "19500101"), context)
    second = after(dummy(), attribute(vr, first), context)
    assert second != first


def test_empty_values_of_two_subjects_stay_apart() -> None:
    other = Context(subject="patient\x1f2\x1f")
    empty = attribute("LO", b"")
    assert after(dummy(), empty) != after(dummy(), empty, other)


def test_many_values_fit_a_short_length() -> None:
    value = after(dummy(), attribute("SH", b"\\".join([b"A"] * 20000)))
    assert 60000 < len(value) <= 65534


@pytest.mark.parametrize(
    ("vr", "before", "length"),
    [("OB", 3, 4), ("OW", 8, 8), ("UN", 0, 2), ("FD", 0, 8), ("US", 6, 6), ("OL", 5, 8)],
)
def test_bytes_and_numbers_are_zeros(vr: str, before: int, length: int) -> None:
    assert after(dummy(), attribute(vr, b"\x01" * before)) == bytes(length)


def test_fragments_are_no_value() -> None:
    with pytest.raises(ValueFault):
        dummy().decide(attribute("OB", b"", encapsulated=True), CONTEXT)


def test_a_sequence_is_entered() -> None:
    assert dummy().decide(attribute("SQ", b""), CONTEXT) is KEEP


@pytest.mark.parametrize("kind", BLANK)
def test_an_encapsulated_document_is_a_blank_one_of_its_kind(kind: str) -> None:
    before = attribute("OB", b"%PDF secret", "EncapsulatedDocument")
    assert after(dummy(), before, Context(sop_class=CLASSES + kind)) == BLANK[kind]
    assert after(dummy(), before, Context(sop_class="1.2.3")) == b"\0\0"


def test_the_blank_pdf_tells_where_its_objects_stand() -> None:
    pdf = BLANK["1"]
    start = int(pdf.split(b"startxref\n")[1].split()[0])
    assert pdf[start:].startswith(b"xref\n0 4\n")
    entries = pdf[start:].split(b"\n")[2:6]
    for number, entry in enumerate(entries[1:], 1):
        assert len(entry) == 19
        assert pdf[int(entry[:10]) :].startswith(b"%d 0 obj" % number)


def test_the_key_is_shown_nowhere() -> None:
    assert MASTER.decode() not in repr(dummy())
