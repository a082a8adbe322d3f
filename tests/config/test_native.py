"""Our own shape: what compiles to what, and every mistake with its place and hint."""

from __future__ import annotations

import json
from datetime import date
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest

from anonymizer.config import known_methods
from anonymizer.config.compile import compile_configuration, examine
from anonymizer.config.configuration import Configuration
from anonymizer.config.load import configuration_of, load_configuration
from anonymizer.errors import ConfigurationError
from anonymizer.methods.substitute import Substitute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anonymizer.rules.compiled import Compiled

KEY = {"key": "k" * 32}
PN = {"dicomTagPath": "PN", "method": "remove"}
DA = {"dicomTagPath": "DA", "method": "dateShift"}


def compiled_from(effective: dict[str, Any], **given: Any) -> Compiled:  # noqa: ANN401
    given.setdefault("environ", {})
    given.setdefault("entropy", bytes)
    given.setdefault("today", date(2026, 1, 1))
    return compile_configuration(configuration_of(effective), **given)


def mistakes_of(effective: dict[str, Any], **given: Any) -> list[tuple[str, str, str]]:  # noqa: ANN401
    with pytest.raises(ConfigurationError) as error:
        compiled_from(effective, **given)
    return [(m.place, m.message, m.hint) for m in error.value.mistakes]


def test_the_rules_come_in_order_with_their_number_text_and_place() -> None:
    compiled = compiled_from({"rules": [PN, DA], "parameters": KEY})
    assert [(r.number, r.text, r.method.name, r.place) for r in compiled.rules] == [
        (0, "PN", "remove", "rules[0]"),
        (1, "DA", "dateShift", "rules[1]"),
    ]


def test_what_is_not_said_is_safe() -> None:
    compiled = compiled_from({"rules": [PN]})
    assert (compiled.otherwise, compiled.mark, compiled.root_only) == ("keep", True, False)
    assert compiled.rules[0].on_error == "redact"
    assert (compiled.name, compiled.version) == ("configuration", "")


def test_what_is_said_is_done() -> None:
    effective = {
        "$schema": "x",
        "version": "2",
        "name": "trial",
        "description": "x",
        "rules": [PN | {"comment": "x", "why": "y"}, DA | {"onError": "refuse"}],
        "parameters": KEY,
        "otherwise": "remove",
        "onError": "remove",
        "mark": False,
    }
    compiled = compiled_from(effective)
    assert (compiled.otherwise, compiled.mark) == ("remove", False)
    assert [rule.on_error for rule in compiled.rules] == ["remove", "refuse"]
    assert (compiled.name, compiled.version) == ("trial", "2")
    assert compiled.digest == configuration_of(effective).digest


def test_an_option_of_the_rule_comes_before_the_parameters_and_these_before_the_default() -> None:
    rules = [
        {"dicomTagPath": "PN", "method": "substitute", "replaceWith": "OWN"},
        {"dicomTagPath": "LO", "method": "substitute"},
    ]

    def texts(parameters: dict[str, Any]) -> list[str]:
        methods = [
            r.method for r in compiled_from({"rules": rules, "parameters": parameters}).rules
        ]
        return [method.text for method in methods if isinstance(method, Substitute)]

    assert texts({"replaceWith": "SHARED"}) == ["OWN", "SHARED"]
    assert texts({}) == ["OWN", "ANONYMOUS"]


def test_rules_with_the_same_options_share_a_method_and_others_do_not() -> None:
    rules: list[dict[str, Any]] = [PN, PN | {"dicomTagPath": "LO"}, DA, DA | {"dateShiftRange": 9}]
    one, two, three, four = compiled_from({"rules": rules, "parameters": KEY}).rules
    assert one.method is two.method
    assert three.method is not four.method


@pytest.mark.parametrize("name", ["DATESHIFT", "dateshift", "DateShift"])
def test_the_name_of_a_method_may_be_written_in_any_case(name: str) -> None:
    compiled = compiled_from({"rules": [DA | {"method": name}], "parameters": KEY})
    assert compiled.rules[0].method.name == "dateShift"


def test_pseudonyms_reach_the_methods() -> None:
    compiled = compiled_from({"rules": [PN]}, pseudonyms={"a": "b"})
    assert compiled.secrets.pseudonyms == {"a": "b"}


MISTAKES: list[tuple[dict[str, Any], str, str, str]] = [
    ({}, "rules", "is missing", "as in"),
    ({"rules": {}}, "rules", "is not a list", "as in"),
    ({"rules": ["PN"]}, "rules[0]", "is not an object", ""),
    ({"rules": [{"method": "keep"}]}, "rules[0].dicomTagPath", "is missing", "name a keyword"),
    ({"rules": [PN | {"dicomTagPath": 3}]}, "rules[0].dicomTagPath", "is not text", "name"),
    (
        {"rules": [PN | {"dicomTagPath": "PatentName"}]},
        "rules[0].dicomTagPath",
        "'PatentName' selects nothing",
        "did you mean 'PatientName'?",
    ),
    ({"rules": [{"dicomTagPath": "PN"}]}, "rules[0].method", "is missing", "anonymizer methods"),
    ({"rules": [PN | {"method": 3}]}, "rules[0].method", "is not text", "anonymizer methods"),
    (
        {"rules": [PN | {"method": "dateshfit"}]},
        "rules[0].method",
        "no method 'dateshfit'",
        "did you mean 'dateShift'?",
    ),
    ({"rules": [PN | {"method": "zzz"}]}, "rules[0].method", "no method 'zzz'", "one of keep, "),
    ({"rules": [PN | {"onErr": "x"}]}, "rules[0].onErr", "unknown key", "did you mean 'onError'?"),
    (
        {"rules": [PN | {"onError": "stop"}]},
        "rules[0].onError",
        "is none of redact, remove, refuse",
        "",
    ),
    (
        {"rules": [PN | {"tag": "(0010,0010)"}]},
        "rules[0].tag",
        "unknown key",
        "did you mean 'dicomTagPath'?",
    ),
    (
        {"rules": [PN | {"replaceWith": "x"}]},
        "rules[0].replaceWith",
        "unknown key",
        "it is an option of substitute, not of remove",
    ),
    (
        {"rules": [PN | {"whenn": {"Modality": "US"}}]},
        "rules[0].whenn",
        "unknown key",
        "did you mean 'when'?",
    ),
    (
        {"rules": [DA | {"dateShiftRange": "9"}]},
        "rules[0].dateShiftRange",
        "must be a whole number",
        "without quotes or decimals",
    ),
    (
        {"rules": [DA], "parameters": {"dateShiftRange": 0}},
        "parameters.dateShiftRange",
        "must be from 1 to 36500",
        "",
    ),
    (
        {"rules": [PN], "parameters": {"dateShiftRange": 0}},
        "parameters.dateShiftRange",
        "must be 1 or more",
        "",
    ),
    ({"rules": [], "parameters": []}, "parameters", "is not an object", ""),
    ({"rules": [], "parameters": {"keey": 1}}, "parameters.keey", "unknown key", "'key'?"),
    (
        {"rules": [], "parameters": {"key": "short"}},
        "parameters.key",
        "the key is shorter than 32 characters",
        "anonymizer keygen",
    ),
    ({"rules": [], "rulez": []}, "rulez", "unknown key", "did you mean 'rules'?"),
    ({"rules": [], "otherwise": "drop"}, "otherwise", "is none of keep, remove", ""),
    ({"rules": [], "otherwise": []}, "otherwise", "is none of keep, remove", ""),
    ({"rules": [], "onError": "keep"}, "onError", "is none of redact, remove, refuse", ""),
    ({"rules": [], "mark": "no"}, "mark", "is neither true nor false", ""),
    ({"rules": [], "version": 1.0}, "version", "is not text", ""),
    ({"rules": [PN | {"comment": 3}]}, "rules[0].comment", "is not text", ""),
    (
        {"rules": [{"dicomTagPath": "StudyDate", "method": "substitute"}]},
        "rules[0].replaceWith",
        "does not fit DA: ",
        "",
    ),
]


@pytest.mark.parametrize(
    ("effective", "place", "message", "hint"),
    MISTAKES,
    ids=[f"{row[1]} {row[2]}"[:50] for row in MISTAKES],
)
def test_a_mistake_has_its_place_and_hint(
    effective: dict[str, Any], place: str, message: str, hint: str
) -> None:
    ((found_place, found_message, found_hint),) = mistakes_of(effective)
    assert found_place == place
    assert found_message.startswith(message)
    assert hint in found_hint
    assert bool(hint) == bool(found_hint)


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    effective = {
        "otherwise": "x",
        "rules": [
            {"dicomTagPath": "PatentName", "method": "substitute", "replaceWith": 3},
            {"method": "kep", "dicomTagPath": "QQ"},
            PN,
            {"dicomTagPath": "DA", "method": "dateShift", "x": 1, "onError": "y"},
        ],
        "parameters": {"key": "short", "z": 1},
        "what": 1,
    }
    assert [place for place, _, _ in mistakes_of(effective)] == [
        "otherwise",
        "rules[0].dicomTagPath",
        "rules[0].replaceWith",
        "rules[1].method",
        "rules[1].dicomTagPath",
        "rules[3].x",
        "rules[3].onError",
        "parameters.key",
        "parameters.z",
        "what",
    ]


def test_a_shared_option_that_is_wrong_is_one_mistake_however_many_rules_use_it() -> None:
    effective = {
        "rules": [DA, DA | {"dicomTagPath": "DT"}, DA | {"dateShiftScope": "Patient"}],
        "parameters": {"dateShiftRange": 0},
    }
    assert [place for place, _, _ in mistakes_of(effective)] == ["parameters.dateShiftRange"]


def test_keys_that_stand_twice_are_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text('{"rules": [],\n "name": "a", "name": "b"}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 2 column 15: key 'name' stands twice"):
        compile_configuration(load_configuration(str(path)), environ={})


def test_exact_is_for_the_other_dialect() -> None:
    ((place, message, _),) = mistakes_of({"rules": [PN]}, exact="microsoft")
    assert (place, message) == ("", "--exact microsoft is for files of that tool's own shape")


def test_what_comes_with_the_package_is_not_checked_by_schema_or_for_doubts() -> None:
    effective = {"rules": [PN, PN], "$schema": "x"}
    _, findings = examine(Configuration(effective, "x", ".", trusted=True), environ={})
    assert not findings.warnings
    _, findings = examine(Configuration(effective, "x", "."), environ={})
    assert findings.warnings


@pytest.fixture
def shout(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A user's own method ``shout``, and the names that entry points were asked for."""
    asked: list[str] = []

    def entry_points(*, group: str, name: str) -> list[EntryPoint]:
        asked.append(f"{group} {name}")
        found = EntryPoint(name, f"{Shout.__module__}:Shout", group)
        monkeypatch.setattr(EntryPoint, "load", lambda _: Shout)
        return [found] if name == "shout" else []

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    known_methods.class_of.cache_clear()
    yield asked
    known_methods.class_of.cache_clear()


class Shout(Substitute):
    """Only its name differs."""

    name = "shout"


def test_a_users_own_method_is_found_by_its_entry_point(shout: list[str]) -> None:
    rule = {"dicomTagPath": "PN", "method": "shout", "replaceWith": "HEY"}
    compiled = compiled_from({"rules": [rule, PN]})
    assert isinstance(compiled.rules[0].method, Shout)
    assert compiled.rules[0].method.text == "HEY"
    assert shout == ["anonymizer.methods shout"]


def test_entry_points_are_not_read_for_our_own_methods(shout: list[str]) -> None:
    compiled_from({"rules": [PN, DA], "parameters": KEY})
    assert shout == []


def test_an_unknown_option_of_a_users_own_method_is_a_mistake(shout: list[str]) -> None:
    rule = {"dicomTagPath": "PN", "method": "shout", "replacWith": "HEY"}
    ((place, message, hint),) = mistakes_of({"rules": [rule]})
    assert (place, message) == ("rules[0].replacWith", "unknown key")
    assert hint == "did you mean 'replaceWith'?"
    assert shout


def test_a_mistake_never_quotes_a_value_that_is_not_a_selector_or_method() -> None:
    effective = {
        "rules": [DA | {"dateShiftRange": "CANARY", "onError": "CANARY"}],
        "otherwise": "CANARY",
        "mark": "CANARY",
        "version": ["CANARY"],
        "parameters": {"dateShiftScope": "CANARY", "dateShiftKey": "CANARY"},
    }
    assert "CANARY" not in json.dumps(mistakes_of(effective))
