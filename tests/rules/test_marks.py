"""What an output says of its own de-identification."""

from __future__ import annotations

import pytest
from engine import compiled, rule
from image import EXPLICIT_LE, IMPLICIT, Writer, dataset_of, element, item, part10, sequence

from anonymizer.dicom.syntax import IMPLICIT_VR_LITTLE_ENDIAN as IMPLICIT_LE
from anonymizer.pipeline import Pipeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.rules.compiled import Compiled

CODES = (("113100", "Basic Application Confidentiality Profile"),)
NO_NAME = rule("PatientName", "remove")
ID, ROWS = element("PatientID", "LO", "42"), element("Rows", "US", 1)
METHOD_CODES, EQUIPMENT, TEMPORAL = 0x00120064, 0x0018A001, 0x00280303


def code_item(code: str, meaning: str, w: Writer | None = None) -> bytes:
    w = w or Writer()
    return w.item(
        w.element("CodeValue", "SH", code)
        + w.element("CodingSchemeDesignator", "SH", "DCM")
        + w.element("CodeMeaning", "LO", meaning)
    )


OURS = code_item(*CODES[0])


def profile(*rules: dict[str, object], temporal: str = "", equipment: bool = False) -> Compiled:
    plan = compiled(NO_NAME, *rules, mark=True)
    plan.codes = CODES
    plan.temporal = temporal  # type: ignore[assignment]
    plan.contributing = equipment
    return plan


def after(dataset: bytes, plan: Compiled, syntax: str = EXPLICIT_LE) -> bytes:
    file = part10(dataset, syntax)
    return dataset_of(bytes(Pipeline(plan).anonymize(file, len(file))))[0]


def test_the_codes_stand_behind_the_method() -> None:
    output = after(ID + ROWS, profile())
    codes = sequence(METHOD_CODES, OURS)
    assert output.endswith(codes + ROWS)
    assert output.index(b"\x12\0\x63\0LO") < output.index(codes)


def test_what_others_did_is_told_before_what_we_did() -> None:
    theirs = element("PatientIdentityRemoved", "CS", "NO")
    theirs += element("DeidentificationMethod", "LO", "other tool 2")
    output = after(ID + theirs + ROWS, profile())
    assert element("PatientIdentityRemoved", "CS", "YES") in output
    assert b"other tool 2\\anonymizer" in output
    assert after(output, profile()) == output


def test_codes_in_implicit_vr_are_written_so() -> None:
    w = IMPLICIT
    before = w.element("PatientID", "LO", "42")
    output = after(before, profile(), IMPLICIT_LE)
    assert output.endswith(w.sequence(METHOD_CODES, code_item(*CODES[0], w)))


@pytest.mark.parametrize("undefined", [False, True])
def test_codes_are_appended_to_those_that_stand_there(undefined: bool) -> None:
    theirs = code_item("113107", "Retain")
    before = sequence(METHOD_CODES, theirs, undefined=undefined)
    output = after(ID + before + ROWS, profile())
    assert output.endswith(sequence(METHOD_CODES, theirs, OURS, undefined=undefined) + ROWS)
    assert output.count(b"\x12\0\x62\0CS") == output.count(b"\x12\0\x64\0SQ") == 1
    assert after(output, profile()) == output  # a second run says nothing twice


def test_rules_apply_to_the_codes_of_others() -> None:
    theirs = item(element("CodeMeaning", "LO", "by Doe^Jane ") + element("PatientName", "PN", "D"))
    output = after(ID + sequence(METHOD_CODES, theirs), profile(rule("CodeMeaning", "remove")))
    assert b"Doe" not in output
    assert output.endswith(sequence(METHOD_CODES, item(b""), OURS))


@pytest.mark.parametrize("method", ["remove", "redact"])
def test_a_rule_may_take_the_codes_of_others_but_not_ours(method: str) -> None:
    theirs = sequence(METHOD_CODES, code_item("1", "Doe^Jane"))
    output = after(ID + theirs + ROWS, profile(rule(".DeidentificationMethodCodeSequence", method)))
    assert b"Doe" not in output
    assert OURS in output


def test_codes_of_unknown_vr_are_written_anew() -> None:
    w = IMPLICIT
    theirs = element(METHOD_CODES, "UN", code_item("113107", "Retain", w))
    output = after(ID + theirs + ROWS, profile())
    assert output.endswith(sequence(METHOD_CODES, OURS) + ROWS)


@pytest.mark.parametrize(
    ("there", "ours", "expected"),
    [
        (None, "REMOVED", "REMOVED"),
        ("UNMODIFIED", "MODIFIED", "MODIFIED"),
        ("UNMODIFIED", "UNMODIFIED", "UNMODIFIED"),
        ("MODIFIED", "UNMODIFIED", "MODIFIED"),
        ("MODIFIED", "REMOVED", "REMOVED"),
        ("REMOVED", "MODIFIED", "REMOVED"),
        ("", "MODIFIED", "MODIFIED"),
        ("WHATEVER", "UNMODIFIED", "UNMODIFIED"),
    ],
)
def test_no_claim_about_dates_is_made_weaker(there: str | None, ours: str, expected: str) -> None:
    before = b"" if there is None else element(TEMPORAL, "CS", there)
    behind = element(0x00281050, "DS", "40")
    output = after(ID + ROWS + before + behind, profile(temporal=ours))
    assert output.endswith(ROWS + element(TEMPORAL, "CS", expected) + behind)


def test_the_tool_names_itself_as_equipment_where_asked() -> None:
    output = after(ID + ROWS, profile(equipment=True))
    assert b"De-identifying Equipment" in output
    assert output.index(b"\x18\0\x01\xa0SQ") < output.index(ROWS)
    assert b"De-identifying" not in after(ID + ROWS, profile())
