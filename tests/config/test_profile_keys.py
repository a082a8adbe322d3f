"""The keys that choose a profile of PS3.15: what they may say, and what the engine is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from anonymizer.config import profile_keys
from anonymizer.config.compile import compile_configuration, examine
from anonymizer.config.load import configuration_of
from anonymizer.standard import profile, table

if TYPE_CHECKING:
    from pathlib import Path

    from anonymizer.config.configuration import Configuration
    from anonymizer.rules.compiled import Compiled

MASTER = {"ANONYMIZER_KEY": "k" * 32}
FULL, MODIFIED = "retainLongitudinalFullDates", "retainLongitudinalModifiedDates"


def extended(**keys: object) -> Configuration:
    return configuration_of({"extends": "ps3.15", **keys})


def compiled(**keys: object) -> Compiled:
    return compile_configuration(extended(**keys), environ=MASTER)


def mistakes(effective: dict[str, Any]) -> list[tuple[str, str, str]]:
    _, findings = examine(configuration_of(effective), environ=MASTER)
    return [(m.place, m.message, m.hint) for m in findings.mistakes]


def test_the_choices_are_those_of_the_standard() -> None:
    assert profile_keys.EDITIONS == table.EDITIONS
    assert tuple(profile_keys.OPTIONS) == table.OPTIONS
    assert profile_keys.UNLISTED == profile.UNLISTED
    assert profile_keys.CONFORMANCE == profile.CONFORMANCE


def test_the_rules_of_the_profile_come_last_with_their_own_places() -> None:
    result = compiled(rules=[{"dicomTagPath": "StudyDescription", "method": "keep"}])
    rules = profile.profile_rules()
    assert len(result.rules) == 1 + len(rules)
    assert result.rules_of_files == 1
    assert result.rules[0].shown == "rules[0] StudyDescription"
    study_date = next(rule for rule in result.rules if rule.text == "StudyDate")
    assert study_date.place == study_date.shown == "ps3.15 2026d: StudyDate"
    assert [rule.number for rule in result.rules] == list(range(len(result.rules)))


@pytest.mark.parametrize("edition", table.EDITIONS)
def test_the_edition_chooses_the_rules(edition: str) -> None:
    result = compiled(edition=edition)
    assert len(result.rules) == len(profile.profile_rules(edition))
    assert result.rules[0].place.startswith(f"ps3.15 {edition}: ")


def test_every_choice_is_handed_on() -> None:
    kept = {"unlisted": "keep", "conformance": "strict", "options": ["retainUIDs"]}
    expected = profile.profile_rules("2024b", frozenset({"retainUIDs"}), "keep", "strict")
    assert extended(edition="2024b", **kept).effective["rules"] == expected


def test_the_effective_configuration_says_every_choice() -> None:
    effective = extended(options=[MODIFIED, "retainUIDs"]).effective
    assert {key: effective[key] for key in effective if key != "rules"} == {
        "extends": "ps3.15",
        "edition": "2026d",
        "options": ["retainUIDs", MODIFIED],
        "unlisted": "clean",
        "conformance": "keepValid",
        "burnedIn": "warn",
    }


def test_the_digest_is_of_what_is_chosen_not_of_how_it_is_said() -> None:
    digest = extended().digest
    assert extended(edition="2026d", options=[], burnedIn="warn").digest == digest
    for other in ({"edition": "2024b"}, {"options": ["retainUIDs"]}, {"burnedIn": "refuse"}):
        assert extended(**other).digest != digest


TOLD = [
    ({}, "REMOVED", True, "warn"),
    ({"options": [MODIFIED]}, "MODIFIED", True, "warn"),
    ({"options": [FULL], "burnedIn": "refuse"}, "UNMODIFIED", True, "refuse"),
    ({"unlisted": "keep", "burnedIn": "ignore"}, "REMOVED", False, "ignore"),
]


@pytest.mark.parametrize(("keys", "temporal", "trim", "burned_in"), TOLD)
def test_the_engine_is_told(
    keys: dict[str, Any], temporal: str, trim: bool, burned_in: str
) -> None:
    result = compiled(**keys)
    assert (result.temporal, result.trim, result.burned_in) == (temporal, trim, burned_in)
    assert result.codes == tuple(profile.codes(frozenset(keys.get("options", ()))))


def test_without_the_profile_it_is_told_nothing() -> None:
    given = {"rules": [], "burnedIn": "refuse", "contributingEquipment": True}
    result = compile_configuration(configuration_of(given), environ=MASTER)
    assert (result.codes, result.temporal, result.trim) == ((), "", False)
    assert (result.burned_in, result.contributing) == ("refuse", True)
    plain = compile_configuration(configuration_of({"rules": []}), environ=MASTER)
    assert (plain.burned_in, plain.contributing) == ("ignore", False)


CLAIMS = [
    ([], {"dicomTagPath": "StudyDate", "method": "keep"}, "MODIFIED"),
    ([], {"dicomTagPath": "DA", "method": "redact"}, "REMOVED"),
    (
        [],
        {"dicomTagPath": "DA", "method": "redact", "enablePartialDatesForRedact": True},
        "MODIFIED",
    ),
    ([], {"dicomTagPath": "PatientBirthDate", "method": "keep"}, "REMOVED"),
    ([], {"dicomTagPath": "StudyDescription", "method": "keep"}, "REMOVED"),
    ([], {"dicomTagPath": "*Date", "method": "dateShift"}, "MODIFIED"),
    ([], {"dicomTagPath": "*StartDate", "method": "keep"}, "MODIFIED"),
    ([], {"dicomTagPath": "(0040,xxxx)", "method": "keep"}, "MODIFIED"),
    ([], {"dicomTagPath": "Exposure*", "method": "keep"}, "REMOVED"),
    ([], {"dicomTagPath": "(7FE0,xxxx)", "method": "keep"}, "REMOVED"),
    ([FULL], {"dicomTagPath": "*StartDate", "method": "remove"}, "MODIFIED"),
    ([FULL], {"dicomTagPath": "StudyDate", "method": "keep"}, "UNMODIFIED"),
    ([FULL], {"dicomTagPath": "StudyDate", "method": "remove"}, "MODIFIED"),
    ([MODIFIED], {"dicomTagPath": "StudyDate", "method": "remove"}, "MODIFIED"),
]


@pytest.mark.parametrize(("options", "rule", "temporal"), CLAIMS)
def test_what_is_claimed_of_dates_is_true_of_own_rules_too(
    options: list[str], rule: dict[str, Any], temporal: str
) -> None:
    assert compiled(options=options, rules=[rule]).temporal == temporal


def test_parameters_count_for_the_profile_but_leave_nothing_of_what_it_empties() -> None:
    wanted = {"enablePartialDatesForRedact": True, "dateShiftRange": 7, "key": "k" * 32}
    own = [{"dicomTagPath": "StudyDate", "method": "redact"}]
    result = compiled(parameters=wanted, options=[MODIFIED], rules=own)
    emptied = [rule for rule in result.rules[1:] if rule.method.name == "redact"]
    assert {rule.method.constant is None for rule in emptied} == {False}
    assert result.rules[0].method.constant is None


WRONG: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "an option": ({"options": ["retainUID"]}, "options[0]", "no such option", "'retainUIDs'?"),
    "no text": ({"options": [3]}, "options[0]", "no such option", "one of retainSafePrivate"),
    "no list": ({"options": "retainUIDs"}, "options", "is not a list", "retainSafePrivate"),
    "twice": ({"options": ["retainUIDs"] * 2}, "options", "retainUIDs stands twice", ""),
    "exclusive": ({"options": [FULL, MODIFIED]}, "options", f"{FULL} and {MODIFIED} exclude", ""),
    "edition": ({"edition": "2020a"}, "edition", "is none of 2026d, 2024b, 2023e", ""),
    "unlisted": ({"unlisted": []}, "unlisted", "is none of clean, keep, remove", ""),
    "conformance": ({"conformance": "x"}, "conformance", "is none of keepValid, strict", ""),
    "burnedIn": ({"burnedIn": True}, "burnedIn", "is none of warn, refuse, ignore", ""),
    "contributing": ({"contributingEquipment": 1}, "contributingEquipment", "neither true", ""),
}


@pytest.mark.parametrize(("keys", "place", "message", "hint"), WRONG.values(), ids=WRONG)
def test_what_a_key_may_not_say(keys: dict[str, Any], place: str, message: str, hint: str) -> None:
    found = mistakes({"extends": "ps3.15", **keys})
    assert place in [where for where, _, _ in found]
    assert message in found[0][1]
    assert hint in found[0][2]


@pytest.mark.parametrize(
    ("key", "value"),
    [("edition", "2026d"), ("options", []), ("unlisted", "keep"), ("conformance", "strict")],
)
def test_keys_of_the_profile_mean_nothing_without_it(key: str, value: object) -> None:
    message = "means nothing where the profile is not extended"
    assert mistakes({"rules": [], key: value}) == [(key, message, 'add "extends": "ps3.15"')]


def test_a_layer_may_extend_the_profile_and_another_choose_its_options(tmp_path: Path) -> None:
    base = {"extends": "ps3.15", "edition": "2024b", "options": ["retainUIDs"]}
    (tmp_path / "base.json").write_text(json.dumps(base))
    own = {"extends": "base.json", "options": [FULL]}
    configuration = configuration_of(own, folder=str(tmp_path))
    assert configuration.effective["edition"] == "2024b"
    assert configuration.effective["options"] == [FULL]
    assert [layer.shown for layer in configuration.layers] == [
        "configuration",
        "base.json",
        "ps3.15 2024b",
    ]


def test_a_rule_of_the_profile_that_a_file_spells_out_stands_once() -> None:
    configuration = extended(rules=profile.profile_rules()[3:9], parameters={"key": "k" * 32})
    assert len(configuration.effective["rules"]) == len(profile.profile_rules())
    _, findings = examine(configuration, environ=MASTER)
    assert findings.warnings == []
