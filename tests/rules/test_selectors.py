"""Every form of dicomTagPath: what it owns, what it does not, and what is said when it is wrong."""

from __future__ import annotations

import pickle

import pytest

from anonymizer.dicom.attribute import Element
from anonymizer.dicom.dictionary import keyword_of, real_vr, tags
from anonymizer.rules.forms import SELECTOR_FORMS
from anonymizer.rules.selectors import SelectorFault, parse_selector

SIEMENS = "SIEMENS MR HEADER"


def element(tag: int, written: str = "", creator: str = "") -> Element:
    return Element(tag, real_vr(tag, written, creator), written, creator)


NAME = element(0x00100010, "PN")
BIRTH_DATE = element(0x00100030, "DA")
SIEMENS_0C = element(0x0019100C, "IS", SIEMENS)
CREATOR = element(0x00190010, "LO")
ORPHAN = element(0x0019200C, "LO")

OWNS = [
    ("PatientName", NAME),
    (" PatientName ", NAME),
    ("(0010,0010)", NAME),
    ("0010,0010", NAME),
    ("00100010", NAME),
    ("(00100010)", NAME),
    ("(0x0010, 0x0010)", NAME),
    ("0x00100010", NAME),
    ("( 0010 , 0010 )", NAME),
    ("(7fe0,0010)", element(0x7FE00010, "OW")),
    ("(0019,100C)", SIEMENS_0C),
    ("(50xx,xxxx)", element(0x50123000, "OW")),
    ("60xx3000", element(0x60023000, "OW")),
    ("60XX,3000", element(0x60FE3000, "OW")),
    ("xxx9,xxxx", SIEMENS_0C),
    ("OverlayData", element(0x60023000, "OW")),
    ("OverlayData", element(0x60003000, "OW")),
    ("*Date", BIRTH_DATE),
    ("Patient*", NAME),
    ("*atient*ame", NAME),
    ("Overlay*", element(0x60023000, "OW")),
    ("*", NAME),
    ("*", CREATOR),
    ("*", element(0x00090099, "UN")),
    ("PN", NAME),
    ("PN", element(0x00100010, "UN")),
    ("PN", element(0x00100010)),
    ("PN", element(0x00100010, "OB")),
    ("PN", element(0x00100010, "LO")),
    ("LO", element(0x00100010, "LO")),
    ("UN", element(0x00091001, "UN", "ACME")),
    ("US", element(0x00280106, "US")),
    ("SQ", element(0x00081110, "UN")),
    ("PN", element(0x00091001, "PN", "ACME")),
    ('(0019,"SIEMENS MR HEADER",0C)', SIEMENS_0C),
    ("(0019,SIEMENS MR HEADER,0c)", SIEMENS_0C),
    ("( 0019 , SIEMENS MR HEADER , 0C )", SIEMENS_0C),
    ('(0019,"SIEMENS MR HEADER",0C)', element(0x0019FF0C, "IS", SIEMENS)),
    ('(0019,"SIEMENS MR HEADER",0C)', element(0x0019110C, "IS", f"{SIEMENS}  ")),
    ("(0019,SIEMENS MR HEADER,xx)", SIEMENS_0C),
    ("(xxxx,SIEMENS MR HEADER,xx)", SIEMENS_0C),
    ('(0009,"A.B, (1) "x"",01)', element(0x00091001, "LO", 'A.B, (1) "x"')),
    ("/0019,SIEMENS.*,0[CDE]/", SIEMENS_0C),
    ("/....,.*,../", ORPHAN),
    ("/0019,,0C/", ORPHAN),
    ("/0019,A/B,0C/", element(0x0019100C, "IS", "A/B")),
    ("private", SIEMENS_0C),
    ("private", CREATOR),
    ("private", ORPHAN),
    ("unknown", element(0x00100099, "LO")),
    ("unknown", element(0x00100099, "SQ")),
    ("unknown", element(0x60205001, "UN")),
    (".PatientName", NAME),
    ("ReferencedStudySequence.PN", NAME),
]

OWNS_NOT = [
    ("PatientName", BIRTH_DATE),
    ("(0019,100C)", element(0x0019110C, "IS", SIEMENS)),
    ("60xx3000", element(0x60023001, "OW")),
    ("xxx9,xxxx", NAME),
    ("OverlayData", element(0x60013000, "OW")),
    ("*Date", NAME),
    ("Patient*", element(0x00091001, "LO", "ACME")),
    ("PatientN*", BIRTH_DATE),
    ("Patient*Date", element(0x00100033, "LO")),
    ("PN", BIRTH_DATE),
    ("UN", element(0x00100010, "UN")),
    ("OB", element(0x00100010, "OB")),
    ("SS", element(0x00280106, "US")),
    ("DA", element(0x00100010, "PN")),
    ('(0019,"SIEMENS MR HEADER",0C)', CREATOR),
    ('(0019,"SIEMENS MR HEADER",0C)', ORPHAN),
    ('(0019,"SIEMENS MR HEADER",0C)', element(0x0019100D, "IS", SIEMENS)),
    ('(0019,"SIEMENS MR HEADER",0C)', element(0x0019100C, "IS", SIEMENS.lower())),
    ("(0019,SIEMENS MR HEADER,xx)", element(0x0021100C, "IS", SIEMENS)),
    ("(0019,SIEMENS MR HEADER,xx)", CREATOR),
    ('(0019,"SIEMENS MR",0C)', SIEMENS_0C),
    ("/0019,SIEMENS,0C/", SIEMENS_0C),
    ("/0019,SIEMENS MR HEADER,0/", SIEMENS_0C),
    ("/0019,SIEMENS.*,0[CDE]/", element(0x0019100F, "IS", SIEMENS)),
    ("/....,.*,../", CREATOR),
    ("/....,.*,../", NAME),
    ("private", NAME),
    ("unknown", NAME),
    ("unknown", element(0x00100010, "UN")),
    ("unknown", element(0x00100000, "UL")),
    ("unknown", element(0x60023000, "OW")),
    ("unknown", SIEMENS_0C),
    ("unknown", ORPHAN),
    ("unknown", CREATOR),
]


def row_id(row: object) -> str | None:
    return f"{row.tag:08X} {row.written} {row.creator}" if isinstance(row, Element) else None


@pytest.mark.parametrize(("text", "owned"), OWNS, ids=row_id)
def test_a_selector_owns(text: str, owned: Element) -> None:
    assert parse_selector(text).matches(owned)


@pytest.mark.parametrize(("text", "other"), OWNS_NOT, ids=row_id)
def test_a_selector_does_not_own(text: str, other: Element) -> None:
    assert not parse_selector(text).matches(other)


@pytest.mark.parametrize(("text", "owned"), OWNS, ids=row_id)
def test_a_selector_survives_the_way_to_a_worker(text: str, owned: Element) -> None:
    selector = pickle.loads(pickle.dumps(parse_selector(text)))
    assert selector.text == text.strip()
    assert selector.matches(owned)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("PatientName", {0x00100010}),
        ("(0010,0010)", {0x00100010}),
        (".PatientName", {0x00100010}),
        ("ReferencedStudySequence.PatientName", {0x00100010}),
        ("PN", None),
        ("private", None),
        ("unknown", None),
        ("60xx3000", None),
        ("OverlayData", None),
        ("*Date", None),
    ],
)
def test_only_keywords_and_tags_have_a_closed_list(text: str, tags: set[int] | None) -> None:
    assert parse_selector(text).tags == tags


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ('(0019,"X",0C)', True),
        ("/0019,X,0C/", True),
        ("private", False),
        ("(0019,100C)", False),
        ("LO", False),
    ],
)
def test_only_creator_aware_forms_ask_for_the_creator(text: str, asks: bool) -> None:
    assert parse_selector(text).asks_creator is asks


FAULTS = [
    ("PatentName", "'PatentName' selects nothing", "did you mean 'PatientName'?"),
    ("patientname", "'patientname' selects nothing", "did you mean 'PatientName'?"),
    ("Patient's Name", '"Patient\'s Name" selects nothing', "did you mean 'PatientName'?"),
    ("", "'' selects nothing", ""),
    ("da", "'da' selects nothing", "did you mean 'DA'?"),
    ("QQ", "'QQ' selects nothing", "value representations are AE AS AT"),
    ("Private", "'Private' selects nothing", "did you mean 'private'?"),
    ("UNKNOWN", "'UNKNOWN' selects nothing", "did you mean 'unknown'?"),
    ("*Nonsense", "'*Nonsense' selects nothing", ""),
    ("(0010,001)", "'(0010,001)' selects nothing", "a tag has four and four"),
    ("(0040)", "'(0040)' selects nothing", "a tag has four and four"),
    ("(0010,0010", "'(0010,0010' selects nothing", "a tag has four and four"),
    ("(0009,0010:ACME)", "'(0009,0010:ACME)' selects nothing", "a private creator is written"),
    ('(0018,"ACME",10)', "a private group is odd", "write the tag alone"),
    ("/0019,X,0C", "is not a regular expression", "stands between slashes"),
    ("//", "is not a regular expression", "stands between slashes"),
    ("/0019,[,0C/", "is not a regular expression: unterminated", "look at character 6"),
    ("PatientName.", "ends with a dot", "name the attribute"),
    ("..PatientName", "cannot be read from character 2", "a path is written"),
    ("A b[x].PatientName", "cannot be read from character 1", "a path is written"),
    ("PatientName.PN", "'PatientName' in 'PatientName.PN' is not a sequence", "only sequences"),
    ("PN.DA", "'PN' in 'PN.DA' is not a sequence", "only sequences"),
    ("ReferencedStudySequence[0]", "selects items, not attributes", "before a dot"),
    (
        "ReferencedStudySequenc.PN",
        "'ReferencedStudySequenc' in 'ReferencedStudySequenc.PN' selects nothing",
        "did you mean 'ReferencedStudySequence'?",
    ),
    (
        "ReferencedStudySequence.PatentName",
        "'PatentName' in 'ReferencedStudySequence.PatentName' selects nothing",
        "did you mean 'PatientName'?",
    ),
    ('(0019,"X",0C).PN', "asks for a creator, which only the last step can", "tag or mask"),
]


@pytest.mark.parametrize(("text", "message", "hint"), FAULTS)
def test_a_fault_says_what_is_wrong_and_what_was_meant(text: str, message: str, hint: str) -> None:
    with pytest.raises(SelectorFault) as fault:
        parse_selector(text)
    assert message in fault.value.message
    assert hint in fault.value.hint
    assert bool(hint) == bool(fault.value.hint)


@pytest.mark.parametrize("form", [form for form, _ in SELECTOR_FORMS])
def test_every_form_that_is_shown_to_people_is_accepted(form: str) -> None:
    if form in {"A.B", "A[0].B", ".A", "A.**.B"}:
        form = form.replace("A", "ReferencedStudySequence").replace("B", "PatientName")
    assert parse_selector(form).text == form


def test_every_keyword_and_every_tag_is_a_selector() -> None:
    for tag in tags():
        keyword = keyword_of(tag)
        assert parse_selector(f"({tag >> 16:04X},{tag & 0xFFFF:04X})").tags == frozenset((tag,))
        if keyword:
            assert parse_selector(keyword).tags == frozenset((tag,))
