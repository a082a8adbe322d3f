"""Content items by Table E.3.4-1 of PS3.15: what goes, what is replaced, cleaned or kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attributes import attribute, method
from engine import after, anonymized, rule
from image import element, item, part10, sequence

from anonymizer.dicom.attribute import Keep, RemoveItem, Replace
from anonymizer.dicom.context import Context
from anonymizer.methods.clean_content import CHOSEN, KINDS, OPTION, UIDS
from anonymizer.standard.concepts import code_of

if TYPE_CHECKING:
    from anonymizer.dicom.attribute import Decision
    from anonymizer.dicom.content import Concept

AT = ((0x0040A730, 0),)
FULL, MODIFIED = "retainLongitudinalFullDates", "retainLongitudinalModifiedDates"
VALUES = {
    "PNAME": ("PN", "Roe^Richard", "PersonName"),
    "TEXT": ("UT", "Roe fell on 20200101", "TextValue"),
    "DATE": ("DA", "20200101", "Date"),
    "TIME": ("TM", "1200", "Time"),
    "DATETIME": ("DT", "202001011200", "DateTime"),
    "TCOORD": ("DT", "202001011200", "ReferencedDateTime"),
    "UIDREF": ("UI", "1.2.3", "UID"),
    "NUM": ("SQ", "", "MeasuredValueSequence"),
    "CODE": ("SQ", "", "ConceptCodeSequence"),
    "IMAGE": ("SQ", "", "ReferencedSOPSequence"),
    "COMPOSITE": ("SQ", "", "ReferencedSOPSequence"),
    "WAVEFORM": ("SQ", "", "ReferencedSOPSequence"),
    "CONTAINER": ("CS", "CONTAINER", "ValueType"),
}


def decided(concept: Concept, *options: str, numbered: bool = False, of: str = "") -> Decision:
    """What becomes of the value of an item, or of one that has the value of another type."""
    context = Context("patient\x1f1\x1f", "1", "2", "3", "4").about(concept)
    context.numbered = numbered
    vr, value, keyword = VALUES[of or concept[2]]
    chosen = dict.fromkeys(options, True)
    does = method("cleanContent", {OPTION: False, **chosen})
    return does.decide(attribute(vr, value, keyword, path=AT), context)


def told(decision: Decision, value: str) -> str:
    """The decision in one word."""
    if isinstance(decision, Replace):
        new = decision.value.decode()
        if not new:
            return "emptied"
        if new.startswith(("ANON_", "Anonymous^", "2.25.", "19", "000000")):
            return "dummy" if not new.startswith("2.25.") else "new"
        return "the same" if new == value else "changed"
    return {Keep: "kept", RemoveItem: "item goes"}[type(decision)]


@pytest.mark.parametrize(
    ("vr", "value", "outcome"),
    [
        ("CS", "PNAME", "kept"),
        ("LO", "Roe fell", "dummy"),
        ("PN", "Roe^Richard", "dummy"),
        ("UI", "1.2.3", "new"),
    ],
)
def test_a_value_type_of_another_representation_is_none(vr: str, value: str, outcome: str) -> None:
    does, context = method("cleanContent", {OPTION: False}), Context("p", "1", "2", "3", "4")
    assert told(does.decide(attribute(vr, value, "ValueType"), context), value) == outcome


def treated(code: str, scheme: str, kind: str, *options: str, numbered: bool = False) -> str:
    value = VALUES[kind][1]
    return told(decided((code, scheme, kind), *options, numbered=numbered), value)


@pytest.mark.parametrize(
    ("concept", "options", "outcome"),
    [
        # X
        ("121022 DCM TEXT", [OPTION], "item goes"),  # Accession Number
        ("121022 DCM TEXT", [], "dummy"),
        ("121036 DCM PNAME", [OPTION], "item goes"),
        ("121033 DCM NUM", [OPTION], "item goes"),  # Subject Age
        ("121033 DCM NUM", [], "emptied"),
        ("121033 DCM NUM", [OPTION, "retainPatientCharacteristics"], "kept"),
        ("121032 DCM CODE", [], "item goes"),  # Subject Sex
        ("121000 DCM CONTAINER", [OPTION], "item goes"),
        ("121000 DCM CONTAINER", [], "kept"),
        # D
        ("121008 DCM PNAME", [OPTION], "dummy"),
        ("113795 DCM IMAGE", [OPTION], "kept"),
        ("113769 DCM UIDREF", [OPTION], "new"),
        ("113769 DCM UIDREF", [OPTION, "retainUIDs"], "kept"),
        ("113809 DCM DATETIME", [OPTION], "dummy"),
        ("113809 DCM DATETIME", [OPTION, FULL], "kept"),
        ("113809 DCM DATETIME", [OPTION, MODIFIED], "changed"),
        ("127858 DCM TIME", [OPTION, MODIFIED], "kept"),
        ("363698007 SCT TEXT", [OPTION], "dummy"),
        # X/D
        ("111018 DCM DATE", [OPTION], "dummy"),
        ("113880 DCM TEXT", [OPTION], "dummy"),  # Device Serial Number
        ("113880 DCM TEXT", [OPTION, "retainDeviceIdentity"], "kept"),
        # no row
        ("1 99X PNAME", [OPTION], "dummy"),
        ("1 99X DATE", [OPTION], "dummy"),
        ("1 99X TIME", [OPTION, FULL], "kept"),
        ("1 99X DATETIME", [OPTION, MODIFIED], "changed"),
        ("1 99X TCOORD", [OPTION, MODIFIED], "changed"),
        ("1 99X TCOORD", [OPTION], "dummy"),
        ("1 99X UIDREF", [OPTION, "retainUIDs"], "new"),
        ("1 99X TEXT", [], "dummy"),
        ("1 99X NUM", [OPTION], "kept"),
        ("1 99X CODE", [OPTION], "kept"),
        ("1 99X COMPOSITE", [OPTION], "kept"),
        ("1 99X WAVEFORM", [], "kept"),
        ("1 99X CONTAINER", [OPTION], "kept"),
    ],
)
def test_a_concept_decides(concept: str, options: list[str], outcome: str) -> None:
    code, scheme, kind = concept.split()
    assert treated(code, scheme, kind, *options) == outcome


def test_texts_are_cleaned_where_an_option_cleans_them() -> None:
    for concept, option in (
        (("1", "99X", "TEXT"), OPTION),
        (("371524004", "SCT", "TEXT"), "cleanDescriptors"),
    ):
        assert b"20200101" not in _new(decided(concept, option))
        assert b"fell" in _new(decided(concept, option))


def _new(decision: Decision) -> bytes:
    assert isinstance(decision, Replace)
    return decision.value


def test_where_items_are_referred_to_by_their_places_they_keep_them() -> None:
    assert treated("121022", "DCM", "TEXT", OPTION, numbered=True) == "dummy"
    assert treated("121033", "DCM", "NUM", OPTION, numbered=True) == "emptied"
    assert treated("121032", "DCM", "CODE", OPTION, numbered=True) == "emptied"
    assert treated("121000", "DCM", "CONTAINER", OPTION, numbered=True) == "kept"


@pytest.mark.parametrize("scheme", ["SRT", "SNM3", "99SDM"])
def test_retired_codes_of_snomed_are_those_of_today(scheme: str) -> None:
    assert code_of(("R-42B89", scheme, "TEXT"), frozenset()) == "X"
    assert code_of(("371524004", scheme, "TEXT"), frozenset()) == "X"
    assert code_of(("R-42B89", "SCT", "TEXT"), frozenset()) == ""
    assert code_of(("53", "NCDR [2.0b]", "TEXT"), frozenset()) == "X"


def test_a_value_of_another_type_than_the_item_says_is_of_its_own() -> None:
    for said in ("NUM", "CONTAINER", "", "CODE"):
        assert told(decided(("1", "99X", said), OPTION, of="PNAME"), "") == "dummy"
        assert told(decided(("121022", "DCM", said), OPTION, of="TEXT"), "") == "item goes"


def test_what_stands_in_no_item_does_not_go() -> None:
    does = method("cleanContent")
    context = Context("1").about(("121022", "DCM", "TEXT"))
    decision = does.decide(attribute("UT", "Roe", "TextValue"), context)
    assert told(decision, "Roe") == "dummy"


def test_dates_are_kept_or_moved_not_both() -> None:
    from anonymizer.methods.method import OptionFault

    with pytest.raises(OptionFault):
        method("cleanContent", {FULL: True, MODIFIED: True})


def test_it_knows_the_options_of_the_profile() -> None:
    from anonymizer.standard.profile import OF_CONTENT

    assert set(OF_CONTENT) == {UIDS, *CHOSEN, OPTION}
    assert 0x0040A160 in KINDS


# In an image

RULES = [
    rule(path, "cleanContent", cleanStructuredContent=True)
    for path in ("ValueType", "UT", "PN", "ConceptCodeSequence")
]
RULES.append(rule("PatientID", "remove"))


def concept(code: str, scheme: str = "DCM") -> bytes:
    code_item = item(
        element("CodeValue", "SH", code) + element("CodingSchemeDesignator", "SH", scheme)
    )
    return sequence("ConceptNameCodeSequence", code_item)


def content(code: str, kind: str, *value: bytes, scheme: str = "DCM") -> bytes:
    kind_of = element("ValueType", "CS", kind)
    return item(kind_of + concept(code, scheme) + b"".join(value))


def test_items_go_from_a_report() -> None:
    name = content("121008", "PNAME", element("PersonName", "PN", "Roe^Richard"))
    number = content("121022", "TEXT", element("TextValue", "UT", "ZQX4711"))
    sex = content(
        "121032", "CODE", sequence("ConceptCodeSequence", item(element("CodeValue", "SH", "MALE")))
    )
    finding = content(
        "121071", "CODE", sequence("ConceptCodeSequence", item(element("CodeValue", "SH", "F")))
    )
    inner = content("1", "CONTAINER", sequence("ContentSequence", number, finding, undefined=True))
    root = element("ValueType", "CS", "CONTAINER") + concept("126000")
    new = after(root + sequence("ContentSequence", name, number, sex, inner), *RULES)
    left = content("1", "CONTAINER", sequence("ContentSequence", finding, undefined=True))
    assert new.startswith(root)
    assert new.endswith(left)
    assert b"Anonymous^" in new
    assert b"Roe" not in new
    assert b"ZQX4711" not in new
    assert b"MALE" not in new


@pytest.mark.parametrize("undefined", [True, False])
def test_a_container_that_loses_all_its_items_has_no_content(undefined: bool) -> None:
    number = content("121022", "TEXT", element("TextValue", "UT", "ZQX4711"))
    inner = content(
        "1", "CONTAINER", sequence("ContentSequence", number, number, undefined=undefined)
    )
    new = after(sequence("ContentSequence", inner), *RULES)
    assert new == sequence("ContentSequence", content("1", "CONTAINER"))


def test_reports_of_a_series_are_each_about_their_own_items() -> None:
    from engine import compiled

    from anonymizer.pipeline import Pipeline

    def report(number: int, *items: bytes) -> bytes:
        return part10(
            element("SOPInstanceUID", "UI", f"1.2.{number}")
            + element("PatientID", "LO", "42")
            + element("StudyInstanceUID", "UI", "1.3")
            + element("SeriesInstanceUID", "UI", "1.4")
            + sequence("ContentSequence", *items)
        )

    text = element("TextValue", "UT", "no patient's word")
    files = [report(n) for n in range(6)]
    files += [report(n, content("121022", "TEXT", text)) for n in range(6, 9)]
    files += [report(n, content("1", "TEXT", text, scheme="99X")) for n in range(9, 12)]
    files.append(report(13, content("121022", "TEXT", text)))
    pipeline = Pipeline(compiled(*RULES))
    for file in files:
        assert bytes(pipeline.anonymize(file, len(file))) == anonymized(file, *RULES)
