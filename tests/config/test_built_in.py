"""The configurations that come with the package: right, without doubts, and quick to read."""

from __future__ import annotations

import pytest

from anonymizer.config.compile import compile_configuration, examine
from anonymizer.config.load import load_configuration
from anonymizer.config.resources import built_in_names
from anonymizer.dicom.attribute import Element
from anonymizer.dicom.dictionary import real_vr

MASTER = {"ANONYMIZER_KEY": "k" * 32}


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


BASIC = [
    (0x00100010, "PN", "", "substitute"),
    (0x00100020, "LO", "", "cryptoHash"),
    (0x00100030, "DA", "", "byType"),
    (0x00101040, "LO", "", "remove"),
    (0x00102154, "SH", "", "remove"),
    (0x00080090, "PN", "", "byType"),
    (0x00080080, "LO", "", "byType"),
    (0x00181000, "LO", "", "byType"),
    (0x00191001, "LO", "ACME", "remove"),
    (0x00081155, "UI", "", "refreshUID"),
    (0x00280304, "UI", "", "refreshUID"),
    (0x00080070, "LO", "", "keep"),
    (0x00280010, "US", "", ""),
    (0x7FE00010, "OW", "", ""),
]
TRIAL = [(0x00080020, "DA", "", "dateShift"), (0x00080022, "DA", "", "dateShift")]
TRIAL += [(0x00080030, "TM", "", "byType"), (0x0008002A, "DT", "", "byType")]
RESEARCH = [(0x00100010, "PN", "", "substitute"), (0x00100030, "DA", "", "byType")]
RESEARCH += [(0x00080020, "DA", "", "keep"), (0x00081030, "LO", "", "cleanText")]
RESEARCH += [(0x0020000D, "UI", "", "refreshUID"), (0x00191001, "LO", "ACME", "keepSafePrivate")]
ROWS = [
    *(("basic", *row) for row in BASIC),
    *(("clinical-trial", *row) for row in (*BASIC, *TRIAL)),
    *(("research", *row) for row in RESEARCH),
]


@pytest.mark.parametrize(("name", "tag", "written", "creator", "method"), ROWS)
def test_profiles_do_what_they_are_for(
    name: str, tag: int, written: str, creator: str, method: str
) -> None:
    assert owner(name, tag, written, creator) == method


@pytest.mark.parametrize("name", ["basic", "clinical-trial", "research"])
def test_outputs_of_the_profiles_claim_that_of_the_standard(name: str) -> None:
    compiled = compile_configuration(load_configuration(name), environ=MASTER)
    assert compiled.codes[0][0] == "113100"
    temporal = {"basic": "REMOVED", "clinical-trial": "MODIFIED", "research": "UNMODIFIED"}
    assert compiled.temporal == temporal[name]


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
