"""The reference tool's rules: every vector of its configuration tests, in both of our modes.

``exact`` must give that tool's reading.  What the default mode reads otherwise on purpose is
listed by id with the reason; a listed one that starts to agree fails, too.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from corpus import SHARED

from anonymizer.config.compile import examine
from anonymizer.config.load import configuration_of
from anonymizer.config.microsoft import Sections
from anonymizer.config.microsoft_selectors import read_as_meant, read_exactly
from anonymizer.dicom.attribute import Element
from anonymizer.rules.matchers import Mask, PrivateTag, Representation, Tags
from anonymizer.rules.selectors import SelectorFault

if TYPE_CHECKING:
    from anonymizer.rules.rule import Selector

FILE = SHARED / "compat" / "microsoft" / "golden" / "config.json"
VECTORS: list[dict[str, Any]] = (
    json.loads(FILE.read_text(encoding="utf-8"))["vectors"] if FILE.exists() else []
)
pytestmark = pytest.mark.skipif(not VECTORS, reason="the reference tool's vectors are not here")

SETTINGS = {
    "defaultSettings": {
        "perturb": {"span": 1, "roundTo": 2, "rangeType": "Proportional"},
        "substitute": {"replaceWith": "ANONYMOUS"},
        "dateShift": {
            "dateShiftKey": "123",
            "dateShiftScope": "SeriesInstance",
            "dateShiftRange": 50,
        },
        "encrypt": {"encryptKey": "123456781234567812345678"},
        "cryptoHash": {"cryptoHashKey": "123"},
        "redact": {"enablePartialAgesForRedact": False, "enablePartialDatesForRedact": False},
    },
    "customSettings": {
        "redactCustomerSetting": {
            "enablePartialAgesForRedact": True,
            "enablePartialDatesForRedact": False,
        },
        "cryptoHashCustomerSetting": {"cryptoHashKey": "456"},
        "substituteCustomerSetting": {"replaceWith": "custom"},
    },
}
"""What those tests set beside the rule, rebuilt from their expectations (it is not published)."""

NO_SETTINGS = {"config-062"}
"""Vectors whose point is that there are no settings."""

CODES = {
    "MissingConfigurationFields": "is missing",
    "InvalidConfigurationValues": "selects nothing",
    "UnsupportedAnonymizationRule": "no method",
    "MissingRuleSettings": "no custom setting",
}

NOT_PUBLISHED = {
    "config-079": "a file of that tool's repository, not among the vectors",
    "config-080": "as config-079; the kind of error is tested by config-030",
    "config-081": "as config-079; rebuilt in test_a_rule_without_a_tag",
}

OTHERWISE_BY_DEFAULT = {
    "config-034": "the blank of (0010, 0010) is no digit",
    "config-035": "the blank of 0010, 0010 is no digit",
    "config-041": "60xx3000 loses no digit",
    "config-042": "0010xxxx loses no digit",
    "config-044": "OverlayData is every overlay",
    "config-045": "CurveData is every curve",
    "config-055": "(0010, xxxx), which that tool refuses, is the mask",
    "config-059": "*, which that tool refuses, is everything",
    "config-062": "a method without settings, at which that tool stops, takes its defaults",
    "config-074": "60xx3000 loses no digit",
    "config-076": "0010xxxx loses no digit",
    "config-077": "0010xxxx loses no digit",
}


def of_level(level: str, saying: str = "") -> pytest.MarkDecorator:
    """The vectors of a level, of which only those that say something of ``saying``."""
    rows = [v for v in VECTORS if v["level"] == level]
    if saying:
        rows = [v for v in rows if v["expect"].get(saying)]
    return pytest.mark.parametrize("vector", rows, ids=[row["id"] for row in rows])


def text_of(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def described(selector: Selector) -> dict[str, str]:
    match selector:
        case Tags():
            return {"kind": "tag", "tag": text_of(min(selector.tags or (0,)))}
        case PrivateTag():
            return {"kind": "tag", "tag": text_of(selector.tag)}
        case Mask():
            return {
                "kind": "mask",
                "card": f"{selector.value:08X}",
                "mask": f"{selector.bits:08X}",
            }
        case Representation():
            return {"kind": "vr", "vr": selector.vr}
        case _:
            return {"kind": type(selector).__name__}


def same(vector: dict[str, Any], *, exact: bool) -> bool:
    """Whether the rule of a vector compiles to what that tool makes of it."""
    rule = vector["rule"]
    settings = {"defaultSettings": {}} if vector["id"] in NO_SETTINGS else SETTINGS
    compiled, findings = examine(
        configuration_of({"rules": [rule], **settings}),
        environ={},
        entropy=bytes,
        today=date(2026, 1, 1),
        exact="microsoft" if exact else None,
    )
    expect = vector["expect"]
    if "error" in expect:
        wanted = CODES.get(expect.get("code", ""), "")
        return any(wanted in mistake.message for mistake in findings.mistakes)
    if findings.mistakes:
        return False
    return bool(described(compiled.rules[0].selector) == expect["selector"])


def plain(settings: dict[str, Any] | None) -> dict[str, object]:
    """Settings as that tool reads them: names in any case, the later one wins, but for two."""
    read: dict[str, object] = {}
    for name, value in (settings or {}).items():
        folded = name.casefold()
        if folded in {"replacewith", "dateshiftscope"} and folded in read:
            continue
        read[folded] = value.casefold() if isinstance(value, str) else value
    return read


@of_level("rule-parse")
def test_exact_mode_reads_a_rule_as_that_tool_does(vector: dict[str, Any]) -> None:
    assert same(vector, exact=True)


@of_level("rule-parse")
def test_the_default_mode_differs_only_where_it_says_so(vector: dict[str, Any]) -> None:
    assert same(vector, exact=False) is (vector["id"] not in OTHERWISE_BY_DEFAULT)


@of_level("rule-parse", saying="effective")
def test_settings_are_those_of_that_tool(vector: dict[str, Any]) -> None:
    effective = vector["expect"]["effective"]
    rule = vector["rule"]
    sections = Sections(SETTINGS["defaultSettings"], SETTINGS["customSettings"])
    names = {"dateshift": "dateShift", "cryptohash": "cryptoHash"}
    base = sections.base(rule.get("setting"), names.get(rule["method"], rule["method"]))
    settings = plain(sections.effective(base, rule.get("params"), "rules[0]"))
    expected = {
        name.casefold(): value.casefold() if isinstance(value, str) else value
        for name, value in effective.items()
    }
    assert settings.items() >= expected.items()


@of_level("rule-sequence")
def test_params_leak_into_the_rules_after_them(vector: dict[str, Any]) -> None:
    base = vector["base"]
    sections = Sections(base["defaultSettings"], base["customSettings"])
    names = {"dateshift": "dateShift"}
    for number, rule in enumerate(vector["rules"]):
        method = names.get(rule["method"], rule["method"])
        shared = sections.base(rule.get("setting"), method)
        settings = plain(sections.effective(shared, rule.get("params"), f"rules[{number}]"))
        for name, value in vector["expect"]["effective_per_rule"][number].items():
            expected = value.casefold() if isinstance(value, str) else value
            assert settings[name.casefold()] == expected


@of_level("mask-match")
def test_masks_match_as_in_that_tool(vector: dict[str, Any]) -> None:
    tag = int(vector["tag"].strip("()").replace(",", ""), 16)
    element = Element(tag, "UN", "UN")
    expected = vector["expect"]["match"]
    assert read_exactly(vector["mask"]).matches(element) is expected
    meant, _ = read_as_meant(vector["mask"], keeps=False)
    assert (meant.matches(element) is expected) is (vector["id"] not in OTHERWISE_BY_DEFAULT)


def test_a_rule_without_a_tag() -> None:
    _, findings = examine(
        configuration_of({"rules": [{"method": "remove"}], "defaultSettings": {}}),
        environ={},
        exact="microsoft",
    )
    assert [(m.place, m.message) for m in findings.mistakes] == [("rules[0].tag", "is missing")]


def test_every_vector_is_run_or_listed() -> None:
    levels = {"rule-parse", "rule-sequence", "mask-match"}
    assert {v["id"] for v in VECTORS if v["level"] not in levels} == set(NOT_PUBLISHED)
    assert {v["id"] for v in VECTORS} >= OTHERWISE_BY_DEFAULT.keys()


@pytest.mark.parametrize("text", ["(0040)", "DD", "", "PATIENTNAME", "(0010, xxxx)", "*"])
def test_exact_mode_refuses_what_that_tool_refuses(text: str) -> None:
    with pytest.raises(SelectorFault):
        read_exactly(text)
