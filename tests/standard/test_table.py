"""Table E.1-1 is here whole, in three editions, and nobody has changed it unseen."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections import Counter
from pathlib import Path

import pytest
from corpus import SHARED

from anonymizer.dicom.dictionary import multiplicity_of, representations_of, tags_by_keyword
from anonymizer.standard.facts import facts
from anonymizer.standard.table import EDITIONS, OPTIONS, PRIVATE, Row, rows

ROOT = Path(__file__).resolve().parents[2]

DIGESTS = {
    "2026d": "6f09dbbb048778e52eb4b2e2bdbd114c6cfc379adf55117051cda713cc4c5cd1",
    "2024b": "eb53096a47c0c86f1909bc40290f06903300e7e30a5f60404570201832df955e",
    "2023e": "27a8c47b520c9ed3401da1a4634df5f92e00700b947bcf6be20020a525bb1a12",
}


def digest(edition: str) -> str:
    """The facts alone, in a form that no change of our file's form changes."""
    told = [[r.tag, r.keyword, r.vr, r.basic, sorted(r.options.items())] for r in rows(edition)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_rows_are_pinned(edition: str) -> None:
    assert digest(edition) == DIGESTS[edition]


@pytest.mark.parametrize(("edition", "count"), [("2026d", 657), ("2024b", 621), ("2023e", 610)])
def test_every_row_is_there_once(edition: str, count: int) -> None:
    assert len({row.tag for row in rows(edition)}) == len(rows(edition)) == count


BASIC = {"X": 417, "D": 93, "U": 55, "Z": 42}
BASIC |= {"X/D": 23, "X/Z": 11, "X/Z/D": 8, "Z/D": 6, "X/Z/U*": 2}


def test_the_codes_of_the_basic_profile() -> None:
    assert Counter(row.basic for row in rows()) == BASIC


COLUMNS = {
    "retainSafePrivate": {"C": 1},
    "retainUIDs": {"K": 60},
    "retainDeviceIdentity": {"K": 48, "C": 11},
    "retainInstitutionIdentity": {"K": 10},
    "retainPatientCharacteristics": {"K": 14, "C": 5},
    "retainLongitudinalFullDates": {"K": 169},
    "retainLongitudinalModifiedDates": {"C": 169},
    "cleanDescriptors": {"C": 141},
    "cleanStructuredContent": {"C": 4},
    "cleanGraphics": {"C": 4},
}


@pytest.mark.parametrize("option", OPTIONS)
def test_the_codes_of_an_option(option: str) -> None:
    assert (
        Counter(row.options[option] for row in rows() if option in row.options) == COLUMNS[option]
    )


def test_the_date_options_have_the_same_rows() -> None:
    for row in rows():
        full = "retainLongitudinalFullDates" in row.options
        assert full == ("retainLongitudinalModifiedDates" in row.options)


ROW = {row.tag: row for row in rows()}


@pytest.mark.parametrize("tag", ["00100030", "00100032", "00160077"])
def test_dates_that_go_even_where_dates_stay(tag: str) -> None:
    assert not [option for option in ROW[tag].options if "Dates" in option]


@pytest.mark.parametrize(
    ("tag", "vr", "basic"),
    [
        ("00001000", "UI", "X"),
        ("006A0003", "UI", "D"),
        ("0040A730", "SQ", "D"),
        ("00400513", "SQ", "Z"),
        ("00081110", "SQ", "X/Z"),
        ("00081111", "SQ", "X/Z/D"),
        ("0040B020", "SQ", "X/D"),
        ("00081140", "SQ", "X/Z/U*"),
        ("00082112", "SQ", "X/Z/U*"),
        ("04000115", "OB", "D"),
        ("0072006D", "UN", "D"),
        ("00720071", "UR", "D"),
        ("0072005F", "AS", "D"),
        ("04000565", "CS", "D"),
        ("60XX3000", "OB/OW", "X"),
        ("60XX4000", "LT", "X"),
        ("50XXXXXX", "", "X"),
        (PRIVATE, "", "X"),
    ],
)
def test_rows_that_an_engine_must_survive(tag: str, vr: str, basic: str) -> None:
    assert (ROW[tag].vr, ROW[tag].basic) == (vr, basic)


def test_what_an_older_edition_has_otherwise() -> None:
    def row(edition: str, tag: str) -> Row | None:
        return next((row for row in rows(edition) if row.tag == tag), None)

    assert row("2024b", "3004007F") is None
    older, newer = row("2024b", "00321033"), row("2026d", "00321033")
    assert older is not None
    assert newer is not None
    assert "cleanDescriptors" in newer.options
    assert "cleanDescriptors" not in older.options
    patient_id = row("2023e", "00100020")
    assert patient_id is not None
    assert patient_id.basic == "Z"
    assert ROW["00100020"].basic == "Z/D"


@pytest.mark.parametrize(
    "row", [row for row in rows() if row.vr and "X" not in row.tag], ids=lambda row: row.keyword
)
def test_the_dictionary_knows_every_row(row: Row) -> None:
    tag = int(row.tag, 16)
    assert tags_by_keyword()[row.keyword] == tag
    assert row.vr in (*representations_of(tag), "/".join(representations_of(tag)))
    assert multiplicity_of(tag)


@pytest.mark.parametrize(
    ("keyword", "kind"),
    [
        ("StudyDate", "2"),
        ("PatientID", "1"),
        ("StudyInstanceUID", "1"),
        ("StudyDescription", "2"),
        ("PatientBirthTime", "3"),
        ("GenderIdentityComment", ""),
    ],
)
def test_the_strictest_type_of_a_row(keyword: str, kind: str) -> None:
    (row,) = (row for row in rows() if row.keyword == keyword)
    assert row.strictest == kind


@pytest.mark.skipif(not (SHARED / "standard").is_dir(), reason="../shared is not here")
def test_the_files_are_what_the_script_writes() -> None:
    spec = importlib.util.spec_from_file_location(
        "build_standard", ROOT / "tools" / "build_standard.py"
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.stale() == []


def test_the_methods_of_deidentification() -> None:
    told = facts("deidentification_methods")
    assert [code for _, code, _ in told] == [str(code) for code in range(113100, 113113)]
    assert {option for option, _, _ in told} >= {"basic", *OPTIONS}


def test_the_concepts_of_structured_content() -> None:
    table = facts("structured_content")
    assert tuple(table["options"]) == OPTIONS
    assert Counter(row[3] for row in table["rows"]) == {"X": 135, "D": 60, "X/D": 19}
    assert all(len(row[4]) == len(OPTIONS) for row in table["rows"])
