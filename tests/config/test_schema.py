"""The published schema: up to date, legal itself, and one mind with the compiler."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from anonymizer.config.load import load_configuration
from anonymizer.config.native import RULE_KEYS, TOP_KEYS
from anonymizer.config.resources import built_in_names
from anonymizer.config.schema import place_of, read_schema, schema_mistakes
from anonymizer.methods import METHODS

TOOLS = Path(__file__).resolve().parents[2] / "tools"
PN = {"dicomTagPath": "PN", "method": "remove"}


def test_the_file_is_what_the_tool_writes() -> None:
    tool = runpy.run_path(str(TOOLS / "build_schema.py"))
    assert tool["PATH"].read_text(encoding="utf-8") == tool["as_text"](), (
        "run tools/build_schema.py"
    )


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(read_schema())


def test_it_knows_the_methods_and_keys_that_the_code_knows() -> None:
    schema = read_schema()
    assert schema["$defs"]["method"]["anyOf"][0]["enum"] == list(METHODS)
    assert set(schema["properties"]) == set(TOP_KEYS)
    options = {option.name for kind in METHODS.values() for option in kind.options}
    assert set(schema["$defs"]["rule"]["properties"]) == {*RULE_KEYS, *options}


def described(schema: object, place: str = "") -> list[str]:
    """The places of properties without a title or a description."""
    if not isinstance(schema, dict):
        return []
    bare = []
    for name, member in schema.get("properties", {}).items():
        here = f"{place}.{name}"
        if "$ref" not in member and not {"title", "description"} <= set(member):
            bare.append(here)
        bare += described(member, here)
    for definition, member in schema.get("$defs", {}).items():
        bare += described(member, definition)
    return bare


def test_an_editor_can_explain_everything() -> None:
    assert described(read_schema()) == []


@pytest.mark.parametrize("name", built_in_names())
def test_what_comes_with_the_package_is_legal(name: str) -> None:
    layers = load_configuration(name).layers
    assert not any(schema_mistakes(layer.members) for layer in layers if not layer.is_profile)


MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({}, "rules", "is missing"),
    ({"rules": {}}, "rules", "is not a list"),
    ({"rules": [3]}, "rules[0]", "is not an object"),
    ({"rules": [{"method": "keep"}]}, "rules[0].dicomTagPath", "is missing"),
    ({"rules": [PN | {"onError": "x"}]}, "rules[0].onError", "is none of redact, remove, refuse"),
    ({"rules": [PN | {"onErr": "x"}]}, "rules[0].onErr", "unknown key"),
    ({"rules": [PN | {"replaceWith": "x"}]}, "rules[0].replaceWith", "unknown key"),
    ({"rules": [], "x": 1}, "x", "unknown key"),
    ({"rules": [], "mark": 1}, "mark", "is neither true nor false"),
    ({"rules": [], "parameters": {"keey": 1}}, "parameters.keey", "unknown key"),
    ({"rules": [], "parameters": {"key": "short"}}, "parameters.key", "is not a key"),
    ({"rules": [], "parameters": {"key": {"env": 3}}}, "parameters.key", "is not a key"),
    ({"rules": [], "parameters": {"dateShiftRange": 0}}, "parameters.dateShiftRange", "must be 1"),
    (
        {"rules": [], "parameters": {"dateShiftRange": 1.5}},
        "parameters.dateShiftRange",
        "must be a",
    ),
    ({"rules": [], "parameters": {"dateShiftDays": 0}}, "parameters.dateShiftDays", "is not"),
    ({"rules": [], "parameters": {"prefix": "^"}}, "parameters.prefix", "must match"),
    ({"rules": [], "parameters": {"prefix": "x" * 99}}, "parameters.prefix", "must have 53"),
    ({"rules": [PN | {"method": ""}]}, "rules[0].method", "is not Method"),
]


@pytest.mark.parametrize(
    ("effective", "place", "message"), MISTAKES, ids=[f"{r[1]} {r[2]}"[:40] for r in MISTAKES]
)
def test_a_mistake_has_its_place(effective: dict[str, Any], place: str, message: str) -> None:
    (mistake,) = schema_mistakes(effective)
    assert mistake.place == place
    assert mistake.message.startswith(message)


def test_a_users_own_method_and_its_options_are_legal() -> None:
    assert schema_mistakes({"rules": [{**PN, "method": "shout", "volume": 11}]}) == []


def test_no_mistake_quotes_a_value() -> None:
    effective: dict[str, Any] = {
        "rules": [{"dicomTagPath": ["CANARY"], "method": ["CANARY"], "onError": "CANARY"}],
        "parameters": {"key": ["CANARY"], "dateShiftRange": "CANARY", "prefix": "CANARY^"},
        "version": ["CANARY"],
    }
    mistakes = schema_mistakes(effective)
    assert len(mistakes) > 5
    assert "CANARY" not in json.dumps([str(mistake) for mistake in mistakes])


@pytest.mark.parametrize(
    ("steps", "place"),
    [(["rules", 3, "method"], "rules[3].method"), ([], ""), (["a", "b"], "a.b")],
)
def test_a_place_reads_like_the_file(steps: list[str | int], place: str) -> None:
    assert place_of(steps) == place
