"""A configuration held against Table E.1-1: what is untouched, weaker and stronger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from anonymizer.config.compile import compile_configuration
from anonymizer.config.coverage import EQUAL, STRONGER, UNTOUCHED, WEAKER, coverage
from anonymizer.config.load import configuration_of, load_configuration
from anonymizer.standard.table import EDITIONS, OPTIONS, rows

if TYPE_CHECKING:
    from anonymizer.config.configuration import Configuration
    from anonymizer.config.coverage import RowCoverage

MASTER = {"ANONYMIZER_KEY": "k" * 32}


def covered(configuration: Configuration, **given: Any) -> dict[str, RowCoverage]:  # noqa: ANN401
    compiled = compile_configuration(configuration, environ=MASTER, **given)
    _, found = coverage(configuration, compiled)
    return {row.name: row for row in found}


@pytest.mark.parametrize("conformance", ["keepValid", "strict"])
@pytest.mark.parametrize("edition", EDITIONS)
def test_the_profile_covers_every_row_of_itself(edition: str, conformance: str) -> None:
    keys = {"extends": "ps3.15", "edition": edition, "conformance": conformance}
    found = covered(configuration_of(keys))
    assert len(found) == len(rows(edition))
    assert {row.verdict for row in found.values()} == {EQUAL}


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_what_the_table_says_of_it(option: str) -> None:
    found = covered(configuration_of({"extends": "ps3.15", "options": [option]}))
    assert {row.verdict for row in found.values()} == {EQUAL}


def test_without_rules_every_row_is_untouched() -> None:
    found = covered(configuration_of({"rules": []}))
    verdicts = {row.verdict for row in found.values() if row.row.vr != "SQ"}
    assert verdicts == {UNTOUCHED}


VERDICTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a date that is kept": ({"method": "keep"}, "StudyDate", UNTOUCHED),
    "a date that is moved": ({"method": "dateShift"}, "StudyDate", WEAKER),
    "a date whose year stays": (
        {"method": "redact", "enablePartialDatesForRedact": True},
        "StudyDate",
        WEAKER,
    ),
    "a date that goes": ({"method": "remove"}, "StudyDate", STRONGER),
    "a name that is emptied": ({"method": "redact"}, "PatientName", EQUAL),
    "a name that is fixed": ({"method": "substitute"}, "PatientName", EQUAL),
    "a name that is hashed": ({"method": "cryptoHash"}, "PatientName", WEAKER),
    "what goes, emptied": ({"method": "redact"}, "PatientComments", WEAKER),
    "what goes": ({"method": "remove"}, "PatientComments", EQUAL),
    "a new UID": ({"method": "refreshUID"}, "StudyInstanceUID", EQUAL),
    "a hashed UID": ({"method": "cryptoHash"}, "StudyInstanceUID", EQUAL),
    "a UID that is emptied": ({"method": "redact"}, "StudyInstanceUID", EQUAL),
    "a UID that goes": ({"method": "remove"}, "StudyInstanceUID", STRONGER),
    "what the method cannot treat is emptied": ({"method": "dateShift"}, "PatientName", EQUAL),
    "what it cannot treat and refuses": (
        {"method": "dateShift", "onError": "refuse"},
        "PatientName",
        STRONGER,
    ),
    "a sequence with rows of its own": ({"method": "keep"}, "ContentSequence", EQUAL),
    "a sequence that should go": ({"method": "keep"}, "RequestAttributesSequence", UNTOUCHED),
}


@pytest.mark.parametrize(("rule", "name", "verdict"), VERDICTS.values(), ids=VERDICTS)
def test_what_a_rule_is_held_to_be(rule: dict[str, Any], name: str, verdict: str) -> None:
    rules = [{"dicomTagPath": name, **rule}]
    for effective in ({"rules": rules}, {"extends": "ps3.15", "rules": rules}):
        found = covered(configuration_of(effective))[name]
        assert found.verdict == verdict
        assert found.rule is not None
        assert found.rule.place == "rules[0]"


def test_a_rule_for_some_places_counts_too() -> None:
    for path in (".StudyDate", "ReferencedStudySequence.StudyDate", "ContentSequence.**.StudyDate"):
        effective = {"extends": "ps3.15", "rules": [{"dicomTagPath": path, "method": "keep"}]}
        assert covered(configuration_of(effective))["StudyDate"].verdict == UNTOUCHED


@pytest.mark.parametrize(
    ("selector", "name"),
    [
        ('(0019,"ACME MR",0C)', "ODD_GROUP"),
        ("(6004,3000)", "OverlayData"),
        ("(5002,xxxx)", "Curve"),
    ],
)
def test_one_of_what_a_row_means_is_enough(selector: str, name: str) -> None:
    effective = {"extends": "ps3.15", "rules": [{"dicomTagPath": selector, "method": "keep"}]}
    untouched = [
        n for n, row in covered(configuration_of(effective)).items() if row.verdict != EQUAL
    ]
    assert len(untouched) == 1
    assert name[:5].upper() in untouched[0].upper() or untouched[0].startswith("50")


def test_what_nobody_names_goes_where_the_rest_goes() -> None:
    found = covered(configuration_of({"rules": [], "otherwise": "remove"}))
    assert found["StudyDate"].verdict == STRONGER
    assert found["StudyDate"].method == "otherwise remove"
    assert found["RequestAttributesSequence"].verdict == WEAKER


def test_the_other_dialect_is_held_against_the_basic_profile() -> None:
    rules = [{"tag": "StudyDate", "method": "redact"}]
    configuration = configuration_of({"rules": rules, "defaultSettings": {"redact": {}}})
    assert covered(configuration)["StudyDate"].verdict == EQUAL
    found = covered(configuration, exact="microsoft")["StudyDate"]
    assert found.verdict == UNTOUCHED  # in items, which it never looks into


def test_basic_leaves_nothing_untouched() -> None:
    found = covered(load_configuration("basic"))
    assert {row.method for row in found.values() if row.verdict == WEAKER} == {"cryptoHash"}
    assert UNTOUCHED not in {row.verdict for row in found.values()}
