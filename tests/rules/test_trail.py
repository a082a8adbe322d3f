"""What is told of the attributes of an image: places and methods, no values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from engine import compiled, rule
from image import DEFLATED_LE, EXPLICIT_LE, IMPLICIT_LE, element, item, part10, sequence, writer_of
from test_canary import SYNTAXES, built_in, caged

from anonymizer.pipeline import Pipeline
from anonymizer.rules.trail import Trail


def trail_of(file: bytes, *rules: dict[str, object], **more: Any) -> Trail:  # noqa: ANN401
    pipeline = Pipeline(compiled(*rules, **more), trails=True)
    trail = pipeline.anonymize(file, len(file)).trail
    assert trail is not None
    return trail


def told(trail: Trail) -> list[str]:
    return [
        f"{e['count']} {e['tag']} {e['path']} {e['method']} {e['action']}" for e in trail.elements()
    ]


NAME = element("PatientName", "PN", "Doe^Jane")
ID = element("PatientID", "LO", "4711")
REFERENCES = sequence(
    "ReferencedImageSequence",
    *(item(element("ReferencedSOPInstanceUID", "UI", f"1.2.{n}")) for n in range(3)),
)


def test_what_changed_is_told_by_place_without_numbers_of_items() -> None:
    trail = trail_of(
        part10(REFERENCES + NAME + ID),
        rule("PatientName", "remove"),
        rule("PatientID", "redact"),
        rule("UI", "refreshUID"),
    )
    path = "ReferencedImageSequence.ReferencedSOPInstanceUID"
    assert told(trail) == [
        f"3 (0008,1155) {path} refreshUID replaced",
        "1 (0010,0010) PatientName remove removed",
        "1 (0010,0020) PatientID redact emptied",
    ]
    assert trail.statistics() == {
        "processed": 5,
        "changed": 4,
        "removed": 1,
        "privateRemoved": 0,
        "untreatable": 0,
        "pixelDataPreserved": None,
    }


def test_what_stays_is_counted_and_not_told() -> None:
    trail = trail_of(part10(NAME), rule("PatientName", "regexReplace", find="zz"))
    assert told(trail) == []
    assert trail.statistics()["processed"] == 1


def test_what_no_rule_names_goes_by_otherwise() -> None:
    trail = trail_of(part10(REFERENCES + NAME), rule("PatientName", "keep"), otherwise="remove")
    assert "1 (0008,1140) ReferencedImageSequence otherwise removed" in told(trail)


def test_a_value_that_no_method_can_treat_is_counted() -> None:
    trail = trail_of(part10(element("StudyDate", "DA", "nodate")), rule("DA", "dateShift"))
    assert trail.statistics()["untreatable"] == 1


PRIVATE = (
    element(0x00290010, "LO", "SIEMENS CSA HEADER")
    + element(0x00291008, "CS", "IMAGE NUM 4")
    + element(0x00291009, "LO", "19990101")
)


def test_private_elements_that_go_are_counted_with_their_creator() -> None:
    trail = trail_of(part10(NAME + PRIVATE), rule("private", "remove"))
    assert trail.statistics()["privateRemoved"] == 3
    assert told(trail)[0] == "1 (0029,0010) (0029,0010) remove removed"


def test_a_creator_that_comes_back_did_not_go() -> None:
    keep = rule('(0029,"SIEMENS CSA HEADER",08)', "keep")
    trail = trail_of(part10(NAME + PRIVATE), keep, rule("private", "remove"))
    assert told(trail) == ["1 (0029,1009) (0029,1009) remove removed"]
    assert trail.statistics()["privateRemoved"] == 1


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, DEFLATED_LE])
@pytest.mark.parametrize(
    ("method", "kept"), [("remove", False), ("redact", False), ("keep", True), ("", True)]
)
def test_pixel_data_is_preserved_or_not(method: str, kept: bool, syntax: str) -> None:
    w = writer_of(syntax)
    dataset = w.element("Rows", "US", 2) + w.element("PixelData", "OW", bytes(8))
    rules = [rule("PixelData", method)] if method else []
    trail = trail_of(part10(dataset, syntax), rule("PN", "remove"), *rules)
    assert trail.statistics()["pixelDataPreserved"] is kept


PSEUDONYMS: dict[str, dict[str, object]] = {
    "cryptoHash": {},
    "pseudonym": {},
    "substitute": {"replaceWith": "X-1"},
}


@pytest.mark.parametrize("method", PSEUDONYMS)
def test_the_pseudonym_is_told(method: str) -> None:
    file = part10(ID)
    pipeline = Pipeline(compiled(rule("PatientID", method, **PSEUDONYMS[method])), trails=True)
    output = pipeline.anonymize(file, len(file))
    assert output.trail is not None
    assert output.trail.patient == "4711"
    assert output.trail.pseudonym
    assert output.trail.pseudonym.encode() in bytes(output)


def test_of_two_patient_ids_the_first_must_be_a_pseudonym_to_be_told() -> None:
    trail = trail_of(
        part10(element("PatientID", "LO", "CANARY-1") + element("PatientID", "SH", "x")),
        rule("SH", "substitute"),
        rule("LO", "regexReplace", find="[0-9]", replace="0"),
    )
    assert trail.pseudonym == ""


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("keep", {}),
        ("redact", {}),
        ("remove", {}),
        ("regexReplace", {"find": "7", "replace": "8"}),
        ("substitute", {"replaceWith": "4711"}),
    ],
)
def test_what_may_hold_the_original_is_no_pseudonym(method: str, options: dict[str, Any]) -> None:
    file = part10(ID + element("Rows", "US", 2))
    assert trail_of(file, rule("PatientID", method, **options)).pseudonym == ""


@pytest.mark.parametrize("name", ["example", "basic", "ps3.15-basic"])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_no_canary_sings_in_a_trail_and_the_output_is_the_same(name: str, syntax: str) -> None:
    birds, file = caged(syntax)
    output = Pipeline(built_in(name), trails=True).anonymize(file, len(file))
    assert bytes(output) == bytes(Pipeline(built_in(name)).anonymize(file, len(file)))
    assert output.trail is not None
    shown = json.dumps([output.trail.elements(), output.trail.statistics()]).encode()
    assert birds.singing(shown + output.trail.pseudonym.encode()) == []
