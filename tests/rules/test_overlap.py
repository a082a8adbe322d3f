"""Which selector owns all of another: (first, second, does it cover)."""

from __future__ import annotations

import pytest

from anonymizer.rules.matchers import PrivateTag
from anonymizer.rules.overlap import covers, identity, known_tags, representations
from anonymizer.rules.selectors import parse_selector

COVERS = [
    ("PatientName", "(0010,0010)", True),
    ("PatientName", "PatientID", False),
    ("PN", "PatientName", True),
    ("PN", "PatientID", False),
    ("LO", "PatientID", True),
    ("US", "SmallestImagePixelValue", False),
    ("(0010,xxxx)", "PatientName", True),
    ("(0010,xxxx)", "StudyDate", False),
    ("(0010,xxxx)", "(0010,00xx)", True),
    ("(0010,00xx)", "(0010,xxxx)", False),
    ("Patient*", "PatientName", True),
    ("Patient*", "PatientN*", True),
    ("PatientN*", "Patient*", False),
    ("*Date", "StudyDate", True),
    ("DA", "(0010,0099)", False),
    ("UN", "(0010,0099)", False),
    ("LO", "(0019,100C)", False),
    ("private", "(0019,100C)", True),
    ("private", '(0019,"X",0C)', True),
    ("private", "/0019,X,0C/", True),
    ("private", "xxx9,xxxx", True),
    ("private", "(xxxx,0010)", False),
    ("private", "LO", False),
    ("*", "unknown", True),
    ("unknown", "(0010,0099)", True),
    ("unknown", "(0010,0010)", False),
    ("unknown", "private", False),
    ("unknown", "unknown", True),
    ("UN", "unknown", False),
    ("(0019,xxxx)", '(0019,"X",0C)', True),
    ("(0019,xxxx)", '(0021,"X",0C)', False),
    ('(0019,"X",0C)', "(0019,100C)", False),
    ('(0019,"X",0C)', '(0019,"X",0C)', True),
    ('(0019,"X",0C)', '(0019,"Y",0C)', False),
    ("OverlayData", "(6000,3000)", True),
    ("(60xx,xxxx)", "OverlayData", True),
    ("OverlayData", "60xx3000", False),
    ("*", "private", True),
    ("*", "LO", True),
    ("*", "/0019,X,0C/", True),
    ("xxxx,xxxx", "PatientName", True),
    ("(60xx,xxxx)", "OW", False),
]


@pytest.mark.parametrize(("first", "second", "expected"), COVERS)
def test_a_selector_covers_another_only_where_that_is_sure(
    first: str, second: str, expected: bool
) -> None:
    assert covers(parse_selector(first), parse_selector(second)) is expected


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("PatientName", "00100010", True),
        ("PatientName", ".PatientName", False),
        (".PatientName", ".(0010,0010)", True),
        ("ReferencedStudySequence.PN", "(0008,1110).PN", True),
        ("ReferencedStudySequence[0].PN", "(0008,1110).PN", False),
        ("*Date", "*Date", True),
        ("/a/", "/a/", True),
        ("/a/", "/b/", False),
        ('(0019,"X",0C)', "(0019,X,0c)", True),
        ("private", "private", True),
        ("unknown", "unknown", True),
        ("unknown", "private", False),
        ("DA", "DT", False),
        ("60xx3000", "(60XX,3000)", True),
    ],
)
def test_two_writings_of_one_selector_are_the_same(first: str, second: str, same: bool) -> None:
    assert (identity(parse_selector(first)) == identity(parse_selector(second))) is same


@pytest.mark.parametrize(
    ("text", "vrs"),
    [
        ("PatientName", {"PN"}),
        ("DA", {"DA"}),
        ("PatientBirthD*", {"DA", "LO"}),
        ("OverlayData", {"OB", "OW"}),
        ("private", set()),
        ("(0010,xxxx)", set()),
        ("(0011,1001)", set()),
    ],
)
def test_the_dictionary_knows_the_representations(text: str, vrs: set[str]) -> None:
    assert representations(parse_selector(text)) <= vrs
    assert bool(vrs) == bool(representations(parse_selector(text)))


@pytest.mark.parametrize(
    ("first", "covered"), [("private", True), ("(0009,xxxx)", True), ("(0011,xxxx)", False)]
)
def test_a_private_tag_of_the_reference_tool_is_covered_like_any(first: str, covered: bool) -> None:
    tag = PrivateTag("x", 0x00091001, "ACME")
    assert covers(parse_selector(first), tag) is covered
    assert not covers(tag, parse_selector("(0009,1001)"))
    assert identity(tag) == identity(PrivateTag("y", 0x00091001, "ACME"))


def test_a_keyword_pattern_knows_repeating_groups_too() -> None:
    assert 0x60003000 in known_tags(parse_selector("Overlay*"))
