"""The profile of PS3.15 as rules: what each code, option and edition comes to."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from anonymizer.dicom.dictionary import representations_of, tags_by_keyword
from anonymizer.rules.selectors import parse_selector
from anonymizer.standard.profile import (
    CONFORMANCE,
    CONTENT,
    OF_CONTENT,
    UNLISTED,
    codes,
    profile_rules,
)
from anonymizer.standard.table import EDITIONS, OPTIONS, rows
from anonymizer.standard.unlisted import ALLOWED, DATES, IDENTIFIERS, NAMES, NEEDED, TEXT

ROWS = {row.keyword: row for row in rows() if row.keyword}
BY_TYPE, FULL, MODIFIED = "byType", OPTIONS[5], OPTIONS[6]


def rule(selector: str, *options: str, **given: str) -> dict[str, Any]:
    """The first rule of that selector."""
    return next(r for r in profile_rules(options=options, **given) if r["dicomTagPath"] == selector)


def treatment(selector: str, *options: str, **given: str) -> str:
    found = rule(selector, *options, **given)
    return f"{found['method']} {found.get('code', '')}".strip()


BASIC = [
    ("PatientBirthTime", "remove"),
    ("StudyDescription", "byType X"),
    ("TimezoneOffsetFromUTC", "byType X"),
    ("StudyDate", "redact"),
    ("RTAccessoryHolderSlotID", "byType Z"),
    ("SOPInstanceUID", "refreshUID"),
    ("MediaStorageSOPInstanceUID", "refreshUID"),
    ("AnnotationGroupUID", "dummy"),
    ("AffectedSOPInstanceUID", "remove"),
    ("ContentSequence", "dummy"),
    ("PatientID", "byType Z/D"),
    ("ReferencedImageSequence", "byType X/Z/U*"),
    ("ReferencedStudySequence", "byType X/Z"),
    ("InstanceCreationDate", "byType X/D"),
    ("InstanceCreationTime", "byType X/Z/D"),
    ("GenderIdentityComment", "remove"),
    ("private", "remove"),
    ("(60xx,xxxx)", "remove"),
    ("(50xx,xxxx)", "remove"),
    ("(0004,xxxx)", "remove"),
]


@pytest.mark.parametrize(("selector", "method"), BASIC)
def test_the_basic_profile(selector: str, method: str) -> None:
    assert treatment(selector) == method


OF_OPTIONS = [
    ("SOPInstanceUID", "retainUIDs", "keep"),
    ("ReferencedImageSequence", "retainUIDs", "keep"),
    ("AnnotationGroupUID", "retainUIDs", "keep"),
    ("DigitalSignatureUID", "retainUIDs", "refreshUID"),
    ("StudyDate", FULL, "keep"),
    ("StudyTime", FULL, "keep"),
    ("TimezoneOffsetFromUTC", FULL, "keep"),
    ("PatientBirthDate", FULL, "redact"),
    ("PatientBirthTime", FULL, "remove"),
    ("GPSTimeStamp", FULL, "remove"),
    ("StudyDate", MODIFIED, "dateShift"),
    ("AcquisitionDateTime", MODIFIED, "dateShift"),
    ("StudyTime", MODIFIED, "keep"),
    ("TimezoneOffsetFromUTC", MODIFIED, "keep"),
    ("CertifiedTimestamp", MODIFIED, "remove"),
    ("FrameOriginTimestamp", MODIFIED, "dummy"),
    ("FrameOriginTimestamp", FULL, "keep"),
    ("StationAETitle", "retainDeviceIdentity", "dummy"),
    ("DeviceSerialNumber", "retainDeviceIdentity", "keep"),
    ("InstitutionName", "retainInstitutionIdentity", "keep"),
    ("PatientAge", "retainPatientCharacteristics", "keep"),
    ("PreMedication", "retainPatientCharacteristics", "cleanText"),
    ("StudyDescription", "cleanDescriptors", "cleanText"),
    ("RequestAttributesSequence", "cleanDescriptors", "keep"),
    ("MakerNote", "cleanDescriptors", "remove"),
    ("ReasonForTheAttributeModification", "cleanDescriptors", "dummy"),
    ("ContentSequence", "cleanStructuredContent", "keep"),
    ("GraphicAnnotationSequence", "cleanGraphics", "keep"),
    ("(60xx,3000)", "cleanGraphics", "blank"),
    ("(60xx,4000)", "cleanGraphics", "cleanText"),
    ("UnformattedTextValue", "cleanGraphics", "dummy"),
    ("(60xx,0022)", "cleanGraphics", "cleanText"),
    ("(60xx,1500)", "cleanGraphics", "cleanText"),
    ("(50xx,xxxx)", "cleanGraphics", "remove"),
    ("/....,.*,../", "retainSafePrivate", "keepSafePrivate"),
    ("private", "retainSafePrivate", "remove"),
    ("UI", "cleanGraphics", "refreshUID"),
    ("DA", FULL, "keep"),
    ("DA", MODIFIED, "dateShift"),
    ("DT", MODIFIED, "dateShift"),
    ("TM", MODIFIED, "keep"),
    ("LO", "cleanDescriptors", "cleanText"),
    ("PN", "cleanDescriptors", "redact"),
]


@pytest.mark.parametrize(("selector", "option", "method"), OF_OPTIONS)
def test_an_option_overrides_the_basic_profile(selector: str, option: str, method: str) -> None:
    assert treatment(selector, option) == method


def test_uids_in_safe_private_attributes_stay_where_uids_stay() -> None:
    assert rule("/....,.*,../", "retainSafePrivate")["retainUIDs"] is False
    assert rule("/....,.*,../", "retainSafePrivate", "retainUIDs")["retainUIDs"] is True


def test_dates_of_devices_are_modified_where_both_options_are_chosen() -> None:
    both = ("retainDeviceIdentity", MODIFIED)
    conflicts = [r for r in ROWS.values() if all(option in r.options for option in both)]
    assert len(conflicts) == 11
    for row in conflicts:
        expected = "keep" if row.vr == "TM" else "dateShift"
        assert treatment(row.keyword, *both) == expected
        assert rule(row.keyword, *both)["why"] == f"{MODIFIED} C"
        assert treatment(row.keyword, "retainDeviceIdentity", FULL) == "keep"


def test_options_conflict_nowhere_else() -> None:
    for row in rows():
        if "K" in row.options.values() and "C" in row.options.values():
            cleaning = {option for option, code in row.options.items() if code == "C"}
            assert cleaning == {MODIFIED}


def test_strict_removes_what_has_the_code_x() -> None:
    rules = profile_rules(conformance="strict")
    assert not [r for r in rules if r["method"] == BY_TYPE and r["code"] == "X"]
    assert treatment("StudyDescription", conformance="strict") == "remove"
    assert treatment("PatientID", conformance="strict") == "byType Z/D"
    assert rule("PatientID", conformance="strict")["conformance"] == "strict"


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("conformance", CONFORMANCE)
def test_every_row_has_one_rule(edition: str, conformance: str) -> None:
    rules = profile_rules(edition, unlisted="keep", conformance=conformance)
    content = [r for r in rules if r["dicomTagPath"] in CONTENT_WITHOUT_ROWS]
    told = [r for r in rules if "unlisted" not in r["why"] and r not in content]
    assert len(content) == len(CONTENT_WITHOUT_ROWS)
    assert len(told) == len(rows(edition))
    assert told[0]["dicomTagPath"] == "(0004,xxxx)"  # for the row of group 0004, which it takes
    assert Counter(r["dicomTagPath"] for r in rules).most_common(1)[0][1] == 1


CONTENT_WITHOUT_ROWS = {*CONTENT} - {row.keyword for row in rows()}

EXPLICIT = {
    "byType": {"code", "conformance"},
    "keepSafePrivate": {"retainUIDs"},
    "cleanContent": {*OF_CONTENT},
}
OF_METHODS = {option for options in EXPLICIT.values() for option in options}
"""Options that a rule says itself, so that ``parameters`` do not say them for it."""


@pytest.mark.parametrize("unlisted", UNLISTED)
@pytest.mark.parametrize("options", [*combinations(OPTIONS, 1), OPTIONS, ()])
def test_every_rule_is_one_of_a_configuration(options: tuple[str, ...], unlisted: str) -> None:
    for told in profile_rules(options=options, unlisted=unlisted):
        assert told.keys() <= {"dicomTagPath", "method", "why", "emptied", *OF_METHODS}
        if told["method"] in EXPLICIT:
            assert EXPLICIT[told["method"]] <= told.keys()
        assert 3 < len(told["why"]) < 60
        assert parse_selector(told["dicomTagPath"]).text


@pytest.mark.parametrize("options", [(), ("retainUIDs",)])
def test_unlisted_attributes_are_kept_where_the_user_says_so(options: tuple[str, ...]) -> None:
    rules = profile_rules(options=options, unlisted="keep")
    left = [r["dicomTagPath"] for r in rules if r["why"].startswith("unlisted")]
    assert left == ([] if options else ["UI"])


def test_unlisted_text_goes_whole_where_the_user_says_so() -> None:
    for vr in (*NAMES, *TEXT, *DATES):
        assert treatment(vr, unlisted="remove") == "remove"
    assert treatment("unknown", unlisted="remove") == "remove"
    assert treatment("DA", FULL, unlisted="remove") == "keep"


@pytest.mark.parametrize("keyword", " ".join((*ALLOWED.values(), NEEDED, IDENTIFIERS)).split())
def test_what_is_named_has_no_row_and_is_text_or_a_date(keyword: str) -> None:
    tag = tags_by_keyword()[keyword]
    assert f"{tag:08X}" not in {row.tag for row in rows()}
    assert representations_of(tag)[0] in (*NAMES, *TEXT, *DATES)


@pytest.mark.parametrize(
    "keyword",
    [
        "PositionReferenceIndicator",  # holds the name of the procedure in real images
        "CodingSchemeName",  # a local scheme's is that of the hospital
        "CodingSchemeResponsibleOrganization",
    ],
)
def test_what_a_site_writes_is_not_allowed(keyword: str) -> None:
    assert keyword not in {r["dicomTagPath"] for r in profile_rules()}


def test_what_may_not_be_empty_gets_a_dummy() -> None:
    assert treatment("SegmentLabel") == "dummy"
    assert treatment("ContentLabel") == "dummy"  # a code string, but one that somebody types
    assert treatment("RetrieveURI") == "dummy"
    assert treatment("ST") == "redact"


def test_what_is_cleaned_needs_no_dummy() -> None:
    rules = profile_rules(options=("cleanDescriptors", FULL))
    dummies = {r["dicomTagPath"] for r in rules if r["method"] == "dummy"}
    assert "SegmentLabel" not in dummies
    assert "ItemInventoryDateTime" not in dummies
    assert "RetrieveURI" in dummies


def test_text_that_may_not_be_empty_is_not_emptied_by_cleaning() -> None:
    for keyword in ("SegmentLabel", "StructureSetLabel", "RTPlanLabel"):
        assert rule(keyword, "cleanDescriptors")["emptied"] == "dummy"
    assert "emptied" not in rule("StudyComments", "cleanDescriptors")


def test_what_points_at_something_is_not_cleaned() -> None:
    for keyword in IDENTIFIERS.split():
        assert treatment(keyword, "cleanDescriptors") == "dummy"


def test_uids_stay_where_the_option_says_so() -> None:
    assert "UI" not in {r["dicomTagPath"] for r in profile_rules(options=("retainUIDs",))}


def test_the_codes_of_the_profile_and_its_options() -> None:
    assert codes(()) == [("113100", "Basic Application Confidentiality Profile")]
    assert [value for value, _ in codes({"retainUIDs", "cleanGraphics"})] == [
        "113100",
        "113103",
        "113110",
    ]
    assert len(codes(OPTIONS)) == 11
