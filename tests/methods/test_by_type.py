"""byType: a code of PS3.15 Table E.1-1, resolved by the Type in the image's IOD."""

from __future__ import annotations

import pytest
from attributes import CONTEXT, attribute, method
from engine import after, compiled, output_of, rule
from image import element, item, part10, sequence

from anonymizer.dicom.attribute import Attribute, Keep, Remove, Replace
from anonymizer.dicom.context import Context
from anonymizer.dicom.dictionary import tags_by_keyword
from anonymizer.methods import by_type
from anonymizer.methods.by_type import ACTIONS, NOTE
from anonymizer.pipeline import Pipeline
from anonymizer.standard.profile import profile_rules
from anonymizer.standard.table import rows

CT, SC = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.7"
RT_PLAN, GSPS = "1.2.840.10008.5.1.4.1.1.481.5", "1.2.840.10008.5.1.4.1.1.11.1"
RT_TREATMENT, RT_IMAGE = "1.2.840.10008.5.1.4.1.1.481.4", "1.2.840.10008.5.1.4.1.1.481.1"

INTENT, INVENTORY = "1.2.840.10008.5.1.4.1.1.481.10", "1.2.840.10008.5.1.4.1.1.201.1"
PREDECESSORS = "RTPhysicianIntentSequence RTPhysicianIntentInputInstanceSequence"

X, Z, D = "removed", "emptied", "dummy"
BY_TYPE = {
    # code: Type 1 or 1C, 2 or 2C, 3, not in the IOD, unknown SOP class
    "X": (f"{D} {NOTE}", f"{Z} {NOTE}", X, X, X),
    "Z": (D, Z, Z, Z, Z),
    "X/Z": (f"{D} {NOTE}", Z, X, X, X),
    "X/D": (D, D, X, X, X),
    "Z/D": (D, Z, Z, Z, Z),
    "X/Z/D": (D, Z, X, X, X),
    "X/Z/U*": (D, f"{D} {NOTE}", X, X, X),
}
STRICTLY = BY_TYPE | {"X": (X, X, X, X, X), "X/Z/U*": (D, Z, X, X, X)}
COLUMN = {"1": 0, "1C": 0, "2": 1, "2C": 1, "3": 2, "": 3, None: 4}


def outcome(before: Attribute, code: str, sop_class: str = CT, **options: str) -> str:
    """What becomes of it, with the note; a sequence that is entered counts as a dummy."""
    decision = method("byType", {"code": code, **options}).decide(
        before, Context(sop_class=sop_class)
    )
    if not isinstance(decision, Keep | Replace):
        return X
    kind = D if isinstance(decision, Keep) or decision.value else Z
    return f"{kind} {decision.note}".strip()


def test_only_sequences_are_entered() -> None:
    for code in ACTIONS:
        for keyword in ("PatientID", "StudyInstanceUID", "StudyDate"):
            before = attribute("LO", "A", keyword)
            decision = method("byType", {"code": code}).decide(before, Context(sop_class=CT))
            assert not isinstance(decision, Keep)


@pytest.mark.parametrize("vr", ["LO", "DA", "SQ", "OB"])
@pytest.mark.parametrize("kind", COLUMN)
@pytest.mark.parametrize("code", ACTIONS)
def test_the_action_of_a_code_for_a_type(
    code: str, kind: str | None, vr: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_type, "type_of", lambda _sop_class, _path: kind)
    before = attribute(vr, b"20200101")
    assert outcome(before, code) == BY_TYPE[code][COLUMN[kind]]
    assert outcome(before, code, conformance="strict") == STRICTLY[code][COLUMN[kind]]


def test_every_code_of_the_table_has_its_row() -> None:
    codes = {row.basic for row in rows()} - {"D", "U"}
    assert codes == set(ACTIONS) == set(BY_TYPE)


REAL = [
    (CT, "", "PatientID", "Z/D", Z),
    (CT, "", "StudyDescription", "X", X),
    (RT_PLAN, "", "RTPlanDate", "X/D", D),
    (RT_PLAN, "", "RTPlanTime", "X/D", D),
    (RT_TREATMENT, "", "TreatmentDate", "X/D", D),
    (GSPS, "", "PresentationCreationDate", "X", f"{D} {NOTE}"),
    (GSPS, "", "PresentationCreationTime", "X", f"{D} {NOTE}"),
    (CT, "", "PresentationCreationDate", "X", X),
    (CT, "", "ReferencedStudySequence", "X/Z", X),
    (INTENT, PREDECESSORS, "ReferencedStudySequence", "X/Z", f"{D} {NOTE}"),
    (INTENT, "", "ReferencedStudySequence", "X/Z", X),
    (INVENTORY, "", "StudyDescription", "X", X),
    (INVENTORY, "InventoriedStudiesSequence", "StudyDescription", "X", f"{Z} {NOTE}"),
    ("1.2.3", "", "PatientID", "Z/D", Z),
    ("1.2.3", "", "RTPlanDate", "X/D", X),
    ("", "", "StudyDescription", "X", X),
]


@pytest.mark.parametrize(("sop_class", "around", "keyword", "code", "expected"), REAL)
def test_the_samples_of_the_standard(
    sop_class: str, around: str, keyword: str, code: str, expected: str
) -> None:
    (row,) = (row for row in rows() if row.keyword == keyword)
    assert row.basic == code
    path = tuple((tags_by_keyword()[sequence], 0) for sequence in around.split())
    before = attribute(row.vr, b"20200101", keyword, path=path)
    assert outcome(before, code, sop_class) == expected


def test_in_a_run_the_profile_is_valid_and_tells_what_it_did() -> None:
    file = part10(
        element("SOPClassUID", "UI", GSPS)
        + element("PatientID", "LO", "0012")
        + element("PresentationCreationDate", "DA", "20200101"),
        sop_class=GSPS,
    )
    output = output_of(file, *profile_rules())
    out = bytes(output)
    assert b"0012" not in out
    assert b"20200101" not in out
    assert element("PatientID", "LO", "") in out
    assert b"\x70\x00\x82\x00DA\x08\x00" in out


def test_values_seen_before_are_asked_anew_in_another_sequence() -> None:
    date = element("PresentationCreationDate", "DA", "20200101")
    inside = sequence("RequestAttributesSequence", item(date))
    head = element("SOPClassUID", "UI", GSPS)
    plan = rule("PresentationCreationDate", "byType", code="X")
    out = after(head + inside + date, plan)
    assert b"20200101" not in out
    assert out.count(b"\x70\x00\x82\x00DA") == 1


def test_it_is_resolved_for_each_sop_class() -> None:
    pipeline = Pipeline(compiled(rule("PresentationCreationDate", "byType", code="X")))
    date = element("PresentationCreationDate", "DA", "20200101")
    found = []
    for sop_class in (GSPS, CT, GSPS):
        file = part10(element("SOPClassUID", "UI", sop_class) + date, sop_class=sop_class)
        found.append(b"\x70\x00\x82\x00DA" in bytes(pipeline.anonymize(file, len(file))))
    assert found == [True, False, True]


def test_a_private_element_is_in_no_iod() -> None:
    before = attribute("LO", "A")
    decision = method("byType", {"code": "X"}).decide(before, CONTEXT)
    assert isinstance(decision, Remove)
