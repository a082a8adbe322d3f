"""The configurations that come with the package: right, without doubts, and quick to read."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from anonymizer.config.compile import compile_configuration, examine
from anonymizer.config.load import load_configuration
from anonymizer.config.resources import built_in_names
from anonymizer.dicom.attribute import Element
from anonymizer.dicom.dictionary import real_vr

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT.parent / "shared" / "standard" / "table_e1_1.json"
MASTER = {"ANONYMIZER_KEY": "k" * 32}

needs_table = pytest.mark.skipif(not TABLE.exists(), reason="the standard's tables are not here")


@pytest.mark.parametrize("name", built_in_names())
def test_it_has_no_mistakes_and_no_doubts(name: str) -> None:
    configuration = load_configuration(name)
    configuration.trust_nothing()
    _, findings = examine(configuration, environ=MASTER)
    assert [str(finding) for finding in (*findings.mistakes, *findings.warnings)] == []


def owner(name: str, tag: int, written: str = "", creator: str = "") -> str:
    """The method of the rule that owns an element at the root; "" where none does."""
    compiled = compile_configuration(load_configuration(name), environ=MASTER)
    element = Element(tag, real_vr(tag, written, creator), written, creator)
    found = (rule for rule in compiled.rules if rule.selector.matches(element))
    return next((rule.method.name for rule in found), "")


@needs_table
def test_basic_is_what_the_tool_writes() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "build_basic.py"))
    text = tool["PATH"].read_text(encoding="utf-8")
    assert text == tool["as_text"](), "run tools/build_basic.py"


@needs_table
def test_basic_does_what_each_row_of_the_table_says() -> None:
    compiled = compile_configuration(load_configuration("basic"), environ=MASTER)
    rows: list[dict[str, Any]] = json.loads(TABLE.read_text(encoding="utf-8"))["rows"]
    dummies = {"substitute", "cryptoHash", "redact", "refreshUID"}
    allowed = {
        "X": {"remove"},
        "Z": {"redact"},
        "D": dummies,
        "U": {"refreshUID"},
        "X/Z": {"redact"},
        "X/D": dummies,
        "Z/D": dummies,
        "X/Z/D": dummies,
        "X/Z/U*": {"keep"},
    }
    for row in rows:
        if row["match"] != "tag":
            continue
        vr = (row["vr"] or "UN").split("/")[0]
        element = Element(int(row["tag"], 16), vr, vr)
        rule = next(rule for rule in compiled.rules if rule.selector.matches(element))
        assert rule.method.name in allowed[row["basic"]], row["keyword"]
        assert vr in rule.method.vrs, row["keyword"]
        if "D" in row["basic"] and vr != "SQ":
            assert rule.method.name != "redact", row["keyword"]


BASIC = [
    (0x60003000, "OW", "", "remove"),
    (0x60020010, "US", "", "remove"),
    (0x50043000, "OW", "", "remove"),
    (0x00190010, "LO", "", "remove"),
    (0x00191001, "LO", "ACME", "remove"),
    (0x00081155, "UI", "", "refreshUID"),
    (0x00280304, "UI", "", "refreshUID"),
    (0x00020003, "UI", "", "refreshUID"),
    (0x00100033, "LO", "", "remove"),
    (0x40081234, "UN", "", "remove"),
    (0x00080070, "LO", "", ""),
    (0x00280010, "US", "", ""),
    (0x7FE00010, "OW", "", ""),
]


@pytest.mark.parametrize(("tag", "written", "creator", "method"), BASIC)
def test_basic_is_safe_where_the_table_is_silent(
    tag: int, written: str, creator: str, method: str
) -> None:
    assert owner("basic", tag, written, creator) == method


EXAMPLE = [
    (0x00100010, "PN", "", "substitute"),
    (0x00100010, "UN", "", "substitute"),
    (0x00100020, "LO", "", "cryptoHash"),
    (0x00100030, "DA", "", "redact"),
    (0x00101000, "LO", "", "remove"),
    (0x00101040, "LO", "", "remove"),
    (0x00080020, "DA", "", "dateShift"),
    (0x00080018, "UI", "", "refreshUID"),
    (0x00081030, "LO", "", "redact"),
    (0x00080070, "LO", "", "keep"),
    (0x00191001, "LO", "ACME", "remove"),
    (0x60003000, "OW", "", "remove"),
    (0x00401101, "SQ", "", "redact"),
    (0x0040A088, "SQ", "", "redact"),
    (0x00081072, "SQ", "", "redact"),
    (0x00081049, "SQ", "", "redact"),
    (0x0062000A, "SQ", "", ""),
    (0x00081111, "SQ", "", ""),
    (0x7FE00010, "OB", "", ""),
]


@pytest.mark.parametrize(("tag", "written", "creator", "method"), EXAMPLE)
def test_the_example_stands_on_safe_ground(
    tag: int, written: str, creator: str, method: str
) -> None:
    assert owner("example", tag, written, creator) == method
