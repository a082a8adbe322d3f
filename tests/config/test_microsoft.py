"""The reference tool's shape: what it compiles to, in both modes, and what is said of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from anonymizer.config.compile import compile_configuration, examine
from anonymizer.config.load import configuration_of
from anonymizer.config.microsoft import DIFFERENCES, merge
from anonymizer.config.microsoft_selectors import describe, read_as_meant, read_exactly
from anonymizer.dicom.attribute import Element
from anonymizer.errors import ConfigurationError
from anonymizer.methods.substitute import Substitute

SECTIONS: dict[str, Any] = {
    "defaultSettings": {
        "substitute": {"replaceWith": "ANONYMOUS"},
        "dateShift": {"dateShiftKey": "k" * 32},
        "cryptoHash": {"cryptoHashKey": "k" * 32},
        "redact": {},
    },
    "customSettings": {"c": {"replaceWith": "C"}},
}
GIVEN: dict[str, Any] = {"environ": {}, "entropy": bytes, "today": date(2026, 1, 1)}


def texts(rules: list[dict[str, Any]]) -> list[str]:
    compiled = compile_configuration(configuration_of({"rules": rules} | SECTIONS), **GIVEN)
    methods = [rule.method for rule in compiled.rules]
    return [method.text for method in methods if isinstance(method, Substitute)]


def element(tag: int, vr: str = "LO", creator: str = "") -> Element:
    return Element(tag, vr, vr, creator)


def test_a_configuration_of_its_shape_runs_unmodified() -> None:
    rules = [
        {"tag": "(0010,0010)", "method": "redact"},
        {"tag": "DA", "method": "dateshift", "comment": "x"},
        {"tag": "(0040,xxxx)", "method": "REMOVE"},
        {"tag": "StudyInstanceUID", "method": "refreshUID"},
        {"tag": "PatientID", "method": "cryptoHash"},
    ]
    compiled = compile_configuration(configuration_of({"rules": rules} | SECTIONS), **GIVEN)
    assert [(rule.method.name, rule.on_error) for rule in compiled.rules] == [
        ("redact", "redact"),
        ("dateShift", "redact"),
        ("remove", "redact"),
        ("refreshUID", "redact"),
        ("cryptoHash", "redact"),
    ]
    assert (compiled.otherwise, compiled.mark, compiled.root_only) == ("keep", True, False)


def test_exact_mode_sees_the_top_level_refuses_and_does_not_mark() -> None:
    rules = [{"tag": "PN", "method": "remove"}, {"tag": "SH", "method": "substitute"}]
    configuration = configuration_of({"rules": rules} | SECTIONS)
    compiled = compile_configuration(configuration, exact="microsoft", **GIVEN)
    assert (compiled.mark, compiled.root_only) == (False, True)
    assert {rule.on_error for rule in compiled.rules} == {"refuse"}
    assert type(compiled.rules[1].method).__name__ == "ExactSubstitute"


def test_a_custom_setting_replaces_the_default_and_params_come_over_both() -> None:
    rules: list[dict[str, Any]] = [
        {"tag": "LO", "method": "substitute"},
        {"tag": "SH", "method": "substitute", "setting": "c"},
        {"tag": "PN", "method": "substitute", "setting": "c", "params": {"replaceWith": "P"}},
        {"tag": "ST", "method": "substitute", "setting": "c"},
        {"tag": "LT", "method": "substitute"},
    ]
    assert texts(rules) == ["ANONYMOUS", "C", "P", "P", "ANONYMOUS"]


def test_where_params_leak_a_warning_says_so() -> None:
    rules = [
        {"tag": "LO", "method": "substitute", "params": {"replaceWith": "X"}},
        {"tag": "SH", "method": "substitute"},
    ]
    _, findings = examine(configuration_of({"rules": rules} | SECTIONS), **GIVEN)
    (warning,) = findings.warnings
    assert warning.place == "rules[1]"
    assert "substitute settings were changed by params of rules[0]" in warning.message


def test_params_that_say_what_is_set_already_are_no_leak() -> None:
    rules = [
        {"tag": "LO", "method": "substitute", "params": {"replaceWith": "ANONYMOUS"}},
        {"tag": "SH", "method": "substitute"},
    ]
    _, findings = examine(configuration_of({"rules": rules} | SECTIONS), **GIVEN)
    assert not findings.warnings


def test_compiling_changes_nothing_of_the_configuration() -> None:
    rules = [{"tag": "LO", "method": "substitute", "params": {"replaceWith": "X"}}]
    configuration = configuration_of({"rules": rules} | SECTIONS)
    before = configuration.digest
    compile_configuration(configuration, **GIVEN)
    assert SECTIONS["defaultSettings"]["substitute"] == {"replaceWith": "ANONYMOUS"}
    assert configuration_of(configuration.effective).digest == before


@pytest.mark.parametrize(
    ("base", "over", "merged"),
    [
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"A": 2}, {"a": 1, "A": 2}),
        ({"a": 1}, {"a": None}, {"a": 1}),
        ({}, {"a": None}, {"a": None}),
        ({"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
        ({"a": [1]}, {"a": [2]}, {"a": [1, 2]}),
        ({"a": [1]}, {"a": 2}, {"a": 2}),
    ],
)
def test_settings_merge_as_in_that_tool(
    base: dict[str, Any], over: dict[str, Any], merged: dict[str, Any]
) -> None:
    merge(base, over)
    assert base == merged


MEANT = [
    ("(0010,0010)", "(0010,0010)", ""),
    ("(0010, 0010)", "(0010,0010)", "that tool reads '(0010, 0010)' as (0010,0001)"),
    ("60xx3000", "(60xx,3000)", "that tool reads '60xx3000' as (x00x,x000)"),
    ("(0010, xxxx)", "(0010,xxxx)", ""),
    ("PatientName", "(0010,0010)", ""),
    ("OverlayData", "(60xx,3000)", ""),
    ("(0010,0010) and more", "(0010,0010)", "of '(0010,0010) and more' only (0010,0010) is read"),
    (
        "(0008,1140)[0].(0008,1155)",
        "(0008,1140)",
        "of '(0008,1140)[0].(0008,1155)' only (0008,1140) is read: that tool has no paths",
    ),
    ("0010-0010", "(0010,0010)", "of '0010-0010' only (0010,0010) is read"),
    ("StudyIDIssuerRETIRED", "(0032,0012)", "of 'StudyIDIssuerRETIRED' only (0032,0012) is read"),
    ("Unknown", "(FFFF,FFFF)", "of 'Unknown' only (FFFF,FFFF) is read"),
]


@pytest.mark.parametrize(("text", "tag", "warning"), MEANT)
def test_a_selector_is_read_as_its_user_means_it(text: str, tag: str, warning: str) -> None:
    effective = {"rules": [{"tag": text, "method": "remove"}]} | SECTIONS
    compiled, findings = examine(configuration_of(effective), **GIVEN)
    assert describe(compiled.rules[0].selector) == tag
    assert [found.message for found in findings.warnings] == ([warning] if warning else [])


PRIVATE = [
    # text, tag, creator, exact matches, default removes, default keeps
    ("(0009,1001)", 0x00091001, "ACME", False, True, False),
    ("(0009,1001)", 0x00091001, "", True, True, True),
    ("(0009,0010)", 0x00090010, "", True, True, True),
    ("(0009,1001:ACME)", 0x00091001, "ACME", True, True, True),
    ("(0009,1001:ACME)", 0x00091101, "ACME", False, False, False),
    ("(0009,1001:ACME)", 0x00091001, "OTHER", False, False, False),
    ("(0009,0001:ACME)", 0x00091001, "ACME", True, True, True),
    ("(0009,0001:ACME)", 0x00091101, "ACME", True, True, True),
    ("(0009,0001:ACME)", 0x00091101, "OTHER", False, False, False),
    ("xxx9,xxxx", 0x00091001, "ACME", True, True, True),
    ("OverlayData", 0x60003000, "", True, True, True),
    ("OverlayData", 0x60023000, "", False, True, False),
    ("NONE", 0x00100010, "", False, False, False),
]


@pytest.mark.parametrize(("text", "tag", "creator", "exact", "removes", "keeps"), PRIVATE)
def test_keep_is_never_read_wider_than_that_tool_reads_it(
    text: str, tag: int, creator: str, exact: bool, removes: bool, keeps: bool
) -> None:
    owned = element(tag, creator=creator)
    assert read_exactly(text).matches(owned) is exact
    assert read_as_meant(text, keeps=False)[0].matches(owned) is removes
    assert read_as_meant(text, keeps=True)[0].matches(owned) is keeps


MISTAKES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"rules": None}, "", "rules", "is missing"),
    ({"rules": {}}, "", "rules", "is not a list"),
    ({"rules": [], "defaultSettings": 3}, "", "defaultSettings", "is not an object"),
    ({"rules": [], "defaultSettings": [3]}, "default", "defaultSettings[0]", "is not an object"),
    ({"rules": [], "customSettings": []}, "exact", "customSettings", "is not an object"),
    (
        {"rules": [{"tag": "PN", "method": "keep"}], "defaultSettings": None},
        "exact",
        "defaultSettings",
        "is missing",
    ),
    ({"rules": ["PN"]}, "", "rules[0]", "is not an object"),
    ({"rules": [{"tag": "PN"}]}, "", "rules[0].method", "is missing"),
    ({"rules": [{"tag": "PN", "method": 3}]}, "", "rules[0].method", "is not text"),
    ({"rules": [{"tag": "PN", "method": "zap"}]}, "", "rules[0].method", "no method 'zap'"),
    ({"rules": [{"method": "keep"}]}, "", "rules[0].tag", "is missing"),
    ({"rules": [{"tag": 3, "method": "keep"}]}, "", "rules[0].tag", "is not text"),
    ({"rules": [{"tag": "pn", "method": "keep"}]}, "", "rules[0].tag", "'pn' selects nothing"),
    (
        {"rules": [{"tag": "PatientNameRETIRED", "method": "keep"}]},
        "",
        "rules[0].tag",
        "'PatientNameRETIRED' selects nothing",
    ),
    (
        {"rules": [{"tag": "PN", "method": "redact", "params": 3}]},
        "",
        "rules[0].params",
        "is not an object",
    ),
    (
        {"rules": [{"tag": "PN", "method": "redact", "setting": "zap"}]},
        "",
        "rules[0].setting",
        "no custom setting 'zap'",
    ),
    (
        {"rules": [{"tag": "DA", "method": "redact"}], "defaultSettings": {}},
        "exact",
        "rules[0]",
        "no settings for redact",
    ),
    (
        {"rules": [{"tag": "DA", "method": "dateShift", "params": {"dateShiftRange": "x"}}]},
        "",
        "rules[0].params.dateShiftRange",
        "must be a number",
    ),
]


@pytest.mark.parametrize("exact", [None, "microsoft"])
@pytest.mark.parametrize(
    ("effective", "mode", "place", "message"), MISTAKES, ids=[f"{r[2]} {r[3]}" for r in MISTAKES]
)
def test_a_mistake_has_its_place(
    effective: dict[str, Any], mode: str, place: str, message: str, exact: str | None
) -> None:
    if mode and (mode == "exact") is not bool(exact):
        return
    with pytest.raises(ConfigurationError) as error:
        compile_configuration(configuration_of(SECTIONS | effective), exact=exact, **GIVEN)
    assert (error.value.mistakes[0].place, error.value.mistakes[0].message) == (place, message)
    assert len(error.value.mistakes) == 1


WARNINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"rules": [], "parameters": {"key": 3}}, "parameters", "is ignored"),
    ({"rules": [], "profile": 3}, "profile", "is ignored"),
    (
        {"rules": [{"tag": "CS", "method": "keep", "replaceWith": 3}]},
        "rules[0].replaceWith",
        "is ignored, as by the reference tool",
    ),
    (
        {"rules": [], "defaultSettings": {"dateShift": {"dateShiftKey": "123"}}},
        "defaultSettings.dateShift.dateShiftKey",
        "is shorter than 32 characters: it can be guessed",
    ),
    (
        {"rules": [{"tag": "LO", "method": "cryptoHash", "params": {"CryptoHashKey": "1"}}]},
        "rules[0].params.CryptoHashKey",
        "is shorter than 32 characters",
    ),
    ({"rules": [{"tag": "UI", "method": "refreshUID"}]}, "parameters.key", "no key: refreshUID"),
]


@pytest.mark.parametrize(("effective", "place", "message"), WARNINGS, ids=[r[1] for r in WARNINGS])
def test_what_that_tool_ignores_is_a_warning(
    effective: dict[str, Any], place: str, message: str
) -> None:
    _, findings = examine(configuration_of(SECTIONS | effective), **GIVEN)
    assert not findings.mistakes
    (warning,) = findings.warnings
    assert warning.place == place
    assert warning.message.startswith(message)


def test_without_sections_an_unknown_key_is_a_mistake_because_options_would_be_lost() -> None:
    rules = [{"tag": "PN", "method": "substitute", "replaceWith": "X"}]
    with pytest.raises(ConfigurationError, match=r"rules\[0\].replaceWith: unknown key"):
        compile_configuration(configuration_of({"rules": rules}), **GIVEN)


def test_what_that_tool_refuses_is_free_for_ours() -> None:
    rules = [
        {"dicomTagPath": "private", "method": "remove"},
        {"tag": "*Date", "method": "redact"},
        {"path": "PN", "method": "pseudonym", "params": {"prefix": "P_"}},
    ]
    sections = {"defaultSettings": [{"substitute": {"replaceWith": "X"}}], "customSettings": {}}
    compiled = compile_configuration(
        configuration_of({"rules": rules} | sections), key_file=None, **GIVEN
    )
    assert [rule.text for rule in compiled.rules] == ["private", "*Date", "PN"]


def test_a_key_that_stands_twice_is_a_warning_because_that_tool_takes_the_last(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    from anonymizer.config.load import load_configuration

    path = tmp_path_factory.mktemp("c") / "c.json"
    text = '{"rules": [{"tag": "PN", "method": "keep", "method": "remove"}], "defaultSettings": {}}'
    path.write_text(text, encoding="utf-8")
    compiled, findings = examine(load_configuration(str(path)), **GIVEN)
    assert compiled.rules[0].method.name == "remove"
    assert [warning.message for warning in findings.warnings] == ["key 'method' stands twice"]


def test_every_difference_is_told_to_people() -> None:
    assert all(name and text for name, text in DIFFERENCES)
