"""What counts in a score and what does not, and that no reason holds a value."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pydicom
import pytest
from engine import anonymized, rule
from image import (
    PIXEL_DATA,
    SECONDARY_CAPTURE,
    element,
    file_meta,
    item,
    part10,
    sequence,
)
from study import SAMPLES, compiled

from anonymizer.errors import ImageError
from anonymizer.pipeline import Pipeline
from anonymizer.score.score import Score, level_of, score_dataset
from anonymizer.score.weights import built_in_weights
from anonymizer.standard.table import rows

if TYPE_CHECKING:
    from pathlib import Path

    from anonymizer.standard.table import Row

CANARY = "Kanari"
WEIGHTS = built_in_weights()
YES = element("PatientIdentityRemoved", "CS", "YES")
PROFILE = sequence(
    "DeidentificationMethodCodeSequence",
    item(element("CodeValue", "SH", "113100"), element("CodingSchemeDesignator", "SH", "DCM")),
)
CREATOR = element(0x00190010, "LO", "TESTS")
FILES = [path for path in sorted(SAMPLES.rglob("*0*")) if path.is_file()]


def scored(*elements: bytes, **around: Any) -> Score:  # noqa: ANN401  of part10
    around.setdefault("sop_instance", "2.25.1")
    return score_dataset(part10(b"".join(elements), **around))


def points(*elements: bytes, **around: Any) -> dict[tuple[str, str], float]:  # noqa: ANN401
    return {(r.kind, r.place): r.points for r in scored(*elements, **around).reasons}


FOUND = [
    ("a name", element("PatientName", "PN", "Doe"), {("names", "PatientName"): 40}),
    ("a number", element("PatientID", "LO", "47"), {("listed", "PatientID"): 30}),
    ("a date", element("StudyDate", "DA", "20200131"), {("dates", "StudyDate"): 3}),
    ("a UID", element("StudyInstanceUID", "UI", "1.2.3"), {("uids", "StudyInstanceUID"): 0.5}),
    ("bytes", element(0x00340002, "OB", b"\0\1"), {("listed", "FlowIdentifier"): 3}),
    (
        "inside an item",
        sequence("ReferencedSeriesSequence", item(element("PatientName", "PN", "Doe"))),
        {("names", "ReferencedSeriesSequence[0].PatientName"): 40},
    ),
    (
        "a sequence of the table",
        sequence("OtherPatientIDsSequence", item(element("TypeOfPatientID", "CS", "TEXT"))),
        {("listed", "OtherPatientIDsSequence"): 1},
    ),
    ("a repeating group", element(0x60023000, "OW", b"\1\1"), {("listed", "OverlayData"): 8}),
    ("private", CREATOR + element(0x00191001, "LO", "x"), {("private", "(0019,1001)"): 1}),
    (
        "unlisted text",
        element("CodingSchemeName", "ST", "x"),
        {("unlisted", "CodingSchemeName"): 1},
    ),
    (
        "a code of a site",
        sequence(
            "AnatomicRegionSequence",
            item(
                element("CodingSchemeDesignator", "SH", "99X"), element("CodeMeaning", "LO", "Head")
            ),
        ),
        {
            ("unlisted", "AnatomicRegionSequence[0].CodingSchemeDesignator"): 0.5,
            ("unlisted", "AnatomicRegionSequence[0].CodeMeaning"): 0.5,
        },
    ),
    ("unknown", element(0x00100FFE, "CS", "X"), {("unlisted", "(0010,0FFE)"): 2}),
]


@pytest.mark.parametrize(("data", "found"), [r[1:] for r in FOUND], ids=[r[0] for r in FOUND])
def test_what_identifies_counts(data: bytes, found: dict[tuple[str, str], float]) -> None:
    assert points(data) == found


NOTHING = [
    ("empty", element("PatientName", "PN", "")),
    ("blank", element("PatientName", "PN", "^^  ")),
    ("a word for nobody", element("PatientName", "PN", "ANONYMOUS")),
    ("a dummy", element("PatientName", "PN", "Anonymous^7F3K2M9Q4ZB")),
    ("a pseudonym", element("PatientID", "LO", "ANON_7F3K2M9Q4ZB")),
    (
        "a UID of a UUID",
        element("StudyInstanceUID", "UI", "2.25.20677547387213866073545"),
    ),
    ("a UID of the standard", element("SOPClassUID", "UI", SECONDARY_CAPTURE)),
    ("zeros", element(0x00340002, "OB", b"\0\0")),
    ("no age", element("PatientAge", "AS", "000Y")),
    ("not listed", element("Rows", "US", 512)),
    (
        "a code",
        sequence(
            "AnatomicRegionSequence",
            item(
                element("CodingSchemeDesignator", "SH", "SCT"), element("CodeMeaning", "LO", "Head")
            ),
        ),
    ),
    ("only a creator", CREATOR),
    ("no item", sequence("OtherPatientIDsSequence")),
]


@pytest.mark.parametrize("data", [r[1] for r in NOTHING], ids=[r[0] for r in NOTHING])
def test_what_says_nothing_counts_nothing(data: bytes) -> None:
    assert scored(data).reasons == ()


IN_DATA_SETS = [row for row in rows() if row.keyword and "X" not in row.tag and row.tag > "0008"]


@pytest.mark.parametrize("row", IN_DATA_SETS, ids=repr)
def test_every_row_of_the_table_counts(row: Row) -> None:
    tag, vr = int(row.tag, 16), row.vr.split("/")[0]
    one = element("Rows", "US", 1)
    binary = vr[0] == "O" or vr in ("UN", "US")
    value = b"\1\2" if binary else "1.2.3" if vr == "UI" else "20200131"
    data = sequence(tag, item(one)) if vr == "SQ" else element(tag, vr, value)
    assert f"E.1-1: {row.basic}" in {r.tag: r.why[6:] for r in scored(one, data).reasons}[tag]


FREE = [
    ("a telephone number", "call 555-123-4567"),
    ("a date", "seen on 31.01.2020"),
    ("an address of mail", "to jane@nowhere.org"),
    ("a title", "by Dr. Placeholder"),
    ("the patient's name", "thorax of kanari"),
]


@pytest.mark.parametrize("text", [r[1] for r in FREE], ids=[r[0] for r in FREE])
@pytest.mark.parametrize(
    "tag", ["StudyDescription", "CodingSchemeName", 0x00191001], ids=["listed", "not", "private"]
)
def test_texts_that_identify_count_more(tag: int | str, text: str) -> None:
    name = element("PatientName", "PN", CANARY)
    kinds = {r.kind for r in scored(CREATOR, element(tag, "LO", text), name).reasons}
    assert "freeText" in kinds
    plain = scored(CREATOR, element(tag, "LO", "thorax soft"), name)
    assert "freeText" not in {r.kind for r in plain.reasons}


def test_pixels_that_may_show_somebody_count() -> None:
    pixels = element(PIXEL_DATA, "OW", b"\0\0")
    us = element("Modality", "CS", "US")
    said = element("BurnedInAnnotation", "CS", "YES")
    assert points(us, pixels) == {("burnedIn", "pixels"): 8}
    assert {r.why for r in scored(us, said, pixels).reasons} == {"annotated", "ultrasound"}
    assert scored(us, said).reasons == ()
    face = element("RecognizableVisualFeatures", "CS", "YES")
    assert [r.why for r in scored(face, pixels).reasons] == ["features"]


def test_what_stands_around_the_data_set_counts() -> None:
    more = element(0x00020016, "AE", CANARY) + element(0x00020102, "OB", b"\1\1")
    rows = element("Rows", "US", 1)
    told = points(rows, meta=file_meta(more=more), preamble=b"x" * 128)
    assert told == {
        ("envelope", "preamble"): 3,
        ("envelope", "SourceApplicationEntityTitle"): 4,
        ("envelope", "PrivateInformation"): 5,
        ("uids", "MediaStorageSOPInstanceUID"): 0.5,
    }


def test_an_attribute_counts_once_however_often_it_stands() -> None:
    name = element("PatientName", "PN", "Doe")
    score = scored(name, sequence("ReferencedSeriesSequence", item(name), item(name)))
    (reason,) = [r for r in score.reasons if r.place.endswith("PatientName")]
    assert (reason.points, reason.times) == (40, 3)


def test_kinds_count_so_much_at_most() -> None:
    uids = b"".join(
        element(int(row.tag, 16), "UI", "1.2.3")
        for row in rows()
        if row.vr == "UI" and int(row.tag, 16) > 0x00080000
    )
    assert scored(uids).percent == WEIGHTS.most["uids"]


@pytest.mark.parametrize(
    ("percent", "level"),
    [(0, "LOW"), (24, "LOW"), (25, "MEDIUM"), (49, "MEDIUM"), (50, "HIGH"), (75, "CRITICAL")],
)
def test_levels_begin_at_quarters(percent: int, level: str) -> None:
    assert level_of(percent) == level


DATE, NAME = element("ContentDate", "DA", "19540723"), element("PatientName", "PN", "Doe")


@pytest.mark.parametrize(
    ("marks", "date", "name"),
    [
        (b"", 3, 40),
        (PROFILE, 3, 40),
        (YES, 1.5, 20),
        (YES + PROFILE, 0.06, 40),
    ],
    ids=["nothing said", "no mark", "a claim", "the profile"],
)
def test_what_an_image_says_of_itself_is_believed_where_a_dummy_may_stand(
    marks: bytes, date: float, name: float
) -> None:
    told = points(marks, DATE, NAME)
    assert told["dates", "ContentDate"] == pytest.approx(date)
    assert told["names", "PatientName"] == pytest.approx(name)


def test_what_an_option_retains_counts_in_full_and_what_it_modifies_little() -> None:
    def codes(*values: str) -> bytes:
        items = [item(element("CodeValue", "SH", value)) for value in ("113100", *values)]
        return YES + sequence("DeidentificationMethodCodeSequence", *items)

    assert points(codes("113106"), DATE)["dates", "ContentDate"] == 3
    assert points(codes("113107"), DATE)["dates", "ContentDate"] == pytest.approx(0.06)
    uid = element("StudyInstanceUID", "UI", "1.2.3")
    assert points(codes("113110"), uid)["uids", "StudyInstanceUID"] == 0.5
    assert points(codes(), uid)["uids", "StudyInstanceUID"] == pytest.approx(0.01)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("code", ["113100", ""])
def test_an_untouched_image_that_says_yes_is_still_at_risk(path: Path, code: str) -> None:
    dataset = pydicom.dcmread(path)
    dataset.PatientIdentityRemoved = "YES"
    if code:
        dataset.DeidentificationMethodCodeSequence = [pydicom.Dataset()]
        dataset.DeidentificationMethodCodeSequence[0].CodeValue = code
    assert score_dataset(dataset).percent >= 50


def test_years_and_hashes_of_an_image_that_is_marked_count_little() -> None:
    year = element("StudyDate", "DA", "20200101")
    hashed = element("PatientID", "LO", "0123456789abcdef" * 4)
    assert points(YES, year, hashed) == {("dates", "StudyDate"): pytest.approx(0.3)}
    assert points(year, hashed)["listed", "PatientID"] == 30


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_untouched_image_is_at_risk_and_one_of_the_profile_is_not(path: Path) -> None:
    data = path.read_bytes()
    assert score_dataset(data).percent >= 75
    profile = Pipeline(compiled(extends="ps3.15"))
    clean = anonymized(data, rule("BurnedInAnnotation", "remove"))
    after = score_dataset(bytes(profile.anonymize(clean, len(clean))))
    assert after.percent <= 8, [r for r in after.reasons if r.points > 0.1]
    assert after.level == "LOW"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_dataset_of_pydicom_scores_as_its_file(path: Path) -> None:
    data = path.read_bytes()
    assert score_dataset(pydicom.dcmread(io.BytesIO(data))) == score_dataset(data)


def test_no_reason_holds_a_value() -> None:
    private = CREATOR + element(0x00191001, "UN", CANARY)
    told = scored(
        private,
        element("PatientName", "PN", CANARY),
        element("StudyDescription", "LO", f"by Dr. {CANARY}"),
        sequence("ReferencedSeriesSequence", item(element("PatientID", "LO", CANARY), private)),
    )
    assert told.reasons
    assert CANARY not in repr(told)


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ImageError, match="neither a DICM marker"):
        score_dataset(b"no image")
