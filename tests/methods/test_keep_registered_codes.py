"""keepRegisteredCodes: codes that anybody may look up stay, those of a site become dummies."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attributes import attribute, method, text_after
from engine import after, compiled, rule
from image import (
    BIG_ENDIAN,
    EXPLICIT,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    Writer,
    element,
    item,
    part10,
    sequence,
)
from pydicom import dcmread
from pydicom.data import get_testdata_file

from anonymizer.dicom.attribute import KEEP
from anonymizer.dicom.context import Context
from anonymizer.dicom.dictionary import representations_of, tags_by_keyword
from anonymizer.pipeline import Pipeline
from anonymizer.standard.coding_schemes import public_schemes
from anonymizer.standard.facts import facts
from anonymizer.standard.profile import profile_rules
from anonymizer.standard.unlisted import CODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom import Dataset

NAME = "keepRegisteredCodes"
DESIGNATOR = "CodingSchemeDesignator"
PROFILE = profile_rules()
SITE = "Nordheim Clinic"
WRITERS = {EXPLICIT_LE: EXPLICIT, IMPLICIT_LE: IMPLICIT, EXPLICIT_BE: BIG_ENDIAN}
REGION = "AnatomicRegionSequence"


class Of(Context):
    """The context of an attribute in an item of a coding scheme."""

    def __init__(self, scheme: str) -> None:
        super().__init__()
        self.scheme = scheme


def code(scheme: str | None, value: str = "M1", meaning: str = SITE, w: Writer = EXPLICIT) -> bytes:
    """A coded entry; without a designator where the scheme is None."""
    designator = b"" if scheme is None else w.element("CodingSchemeDesignator", "SH", scheme)
    return w.item(
        w.element("CodeValue", "SH", value), designator, w.element("CodeMeaning", "LO", meaning)
    )


SCHEMES = [
    ("DCM", True),
    ("SCT ", True),
    ("99SDM", True),
    ("99IPCMR", True),
    ("UCUM\0", True),
    ("dcm", False),
    ("DCM 2", False),
    ("99NCH", False),
    ("L", False),
    ("NPI", False),
    ("99_OFFIS_DCMTK", False),
    ("", False),
    (None, False),
]


@pytest.mark.parametrize("keyword", [part for part in CODES.split() if part != DESIGNATOR])
@pytest.mark.parametrize(("scheme", "stays"), SCHEMES)
def test_the_scheme_decides(scheme: str | None, stays: bool, keyword: str) -> None:
    vr = representations_of(tags_by_keyword()[keyword])[0]
    value = "urn:nch:1" if vr == "UR" else "NCH-1"
    parts = {
        0x00080102: b"" if scheme is None else element(DESIGNATOR, "SH", scheme),
        tags_by_keyword()[keyword]: element(keyword, vr, value),
    }
    entry = item(b"".join(parts[tag] for tag in sorted(parts)))
    dataset = sequence(REGION, entry)
    new = after(dataset, *PROFILE)
    assert (new == dataset) is stays
    assert (value.encode() in new) is stays
    own = (scheme or "").strip(" \0").encode()
    assert len(own) < 2 or (own in new) is stays


@pytest.mark.parametrize("syntax", WRITERS)
@pytest.mark.parametrize("undefined", [False, True])
def test_every_encoding_and_depth(syntax: str, undefined: bool) -> None:
    w = WRITERS[syntax]

    def nested(scheme: str) -> bytes:
        inner = w.item(
            w.sequence("AnatomicRegionModifierSequence", code(scheme, w=w), undefined=undefined),
            undefined=undefined,
        )
        return w.sequence(REGION, inner, undefined=undefined)

    public, local = nested("DCM"), nested("99NCH")
    assert after(public, *PROFILE, syntax=syntax) == public
    new = after(local, *PROFILE, syntax=syntax)
    assert not re.search(rb"Nordheim|NCH|M1", new)
    assert len(re.findall(rb"99ANON[0-9A-Z]{10}|ANON_[0-9A-Z]{11}", new)) == 3


def test_items_of_one_sequence_are_each_of_their_own_scheme() -> None:
    entries = [code("DCM", "1", "Head"), code("99NCH"), code("SCT", "2", "Neck"), code(None)]
    new = after(sequence(REGION, *entries), *PROFILE)
    assert new.count(b"Nordheim") == 0
    assert entries[0] in new
    assert entries[2] in new


def test_a_scheme_is_none_of_what_is_around_or_inside() -> None:
    def entry(outer: str, inner: str) -> bytes:
        return sequence(
            REGION,
            item(
                element("CodeValue", "SH", "M1"),
                element("CodingSchemeDesignator", "SH", outer),
                element("CodeMeaning", "LO", f"{outer} meaning"),
                sequence("EquivalentCodeSequence", code(inner, meaning=f"{inner} meaning")),
                element("LongCodeValue", "UC", f"{outer} long"),
            ),
        )

    for outer, inner in (("DCM", "99NCH"), ("99NCH", "DCM")):
        new = after(entry(outer, inner), *PROFILE)
        assert b"99NCH" not in new
        assert b"DCM meaning" in new
    assert b"DCM long" in after(entry("DCM", "99NCH"), *PROFILE)


PUBLIC, LOCAL = "CodingSchemeDesignator=DCM", "CodingSchemeDesignator=99NCH"
HOSTILE = [
    ("two designators", [PUBLIC, LOCAL, "CodeMeaning"]),
    ("two in the other order", [LOCAL, PUBLIC, "CodeMeaning"]),
    ("two around the value", [PUBLIC, "CodeValue=1", LOCAL, "CodeMeaning"]),
    ("the designator behind", ["CodeMeaning", PUBLIC]),
    ("far behind the value", ["CodeValue", "MappingResource=DCMR", PUBLIC]),
]


@pytest.mark.parametrize("parts", [row[1] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_an_item_in_doubt_is_of_no_scheme(parts: list[str]) -> None:
    named = [part.partition("=") for part in parts]
    vrs = {"CodeMeaning": "LO", "MappingResource": "CS"}
    entry = item(*(element(k, vrs.get(k, "SH"), value or SITE) for k, _, value in named))
    assert b"Nordheim" not in after(sequence(REGION, entry), *PROFILE)


def test_the_main_data_set_is_no_coded_entry() -> None:
    loose = element("CodingSchemeDesignator", "SH", "DCM") + element("CodeMeaning", "LO", SITE)
    assert b"Nordheim" not in after(loose, *PROFILE)


def test_an_empty_part_stays_empty() -> None:
    dataset = sequence(REGION, code("99NCH", "", ""))
    assert b"ANON_" not in after(dataset, *PROFILE)


def test_equal_codes_stay_equal_in_all_files_and_others_differ() -> None:
    def parts(scheme: str, value: str, patient: str) -> list[bytes]:
        dataset = sequence(REGION, code(scheme, value)) + element("PatientID", "LO", patient)
        return re.findall(rb"(?:99)?ANON_?[0-9A-Z]{10,11}", after(dataset, *PROFILE))[:3]

    assert parts("99NCH", "M1", "1") == parts("99NCH", "M1", "2")
    assert parts("99NCH", "M1", "1")[0] != parts("99NCH", "M2", "1")[0]
    assert parts("99NCH", "M1", "1")[1] != parts("99NCI", "M1", "1")[1]


def test_the_list_of_schemes_has_the_same_dummy_as_the_codes() -> None:
    def listed(scheme: str) -> bytes:
        return item(
            element("CodingSchemeDesignator", "SH", scheme),
            element("CodingSchemeVersion", "SH", "NCH 7"),
            element("CodingSchemeRegistry", "LO", "HL7"),
        )

    dataset = sequence("CodingSchemeIdentificationSequence", listed("99NCH"), listed("DCM"))
    new = after(dataset + sequence(REGION, code("99NCH")), *PROFILE)
    (dummy,) = {*re.findall(rb"99ANON[0-9A-Z]{10}", new)}
    assert new.count(dummy) == 2
    assert new.count(b"NCH 7") == new.count(b"HL7") == 1  # of DCM


def test_rules_before_it_do_not_hide_the_designator() -> None:
    dataset = sequence(REGION, code("DCM", meaning="Head"))
    mine = rule("CodingSchemeDesignator", "keep")
    assert after(dataset, mine, *PROFILE) == dataset
    gone = after(dataset, rule("CodingSchemeDesignator", "remove"), *PROFILE)
    assert b"Head" in gone
    assert b"DCM" not in gone
    placed = rule("ReferencedImageSequence.CodingSchemeDesignator", "redact")
    assert after(dataset, placed, *PROFILE) == dataset


def test_an_allow_list_keeps_the_sequences_of_what_it_keeps() -> None:
    named = [rule(keyword, NAME) for keyword in CODES.split()]
    public, local = sequence(REGION, code("DCM")), sequence(REGION, code("99NCH"))
    assert after(public, *named, otherwise="remove") == public
    assert b"ANON_" in after(local, *named, otherwise="remove")


def test_explain_hears_of_codes_that_stay_and_that_do_not() -> None:
    file = part10(sequence(REGION, code("DCM", meaning="Head"), code("99NCH")))
    rulings = Pipeline(compiled(*PROFILE), show=True).rulings(file, len(file))
    said = [r.new is None for r in rulings if r.case.rule and r.case.rule.method.name == NAME]
    assert said == [True] * 3 + [False] * 3


def test_files_of_a_series_come_out_as_if_alone() -> None:
    def file(number: int) -> bytes:
        return part10(
            element("SOPClassUID", "UI", "1.2.840.10008.5.1.4.1.1.2")
            + element("SOPInstanceUID", "UI", f"1.2.3.{number}")
            + element("Modality", "CS", "CT")
            + sequence("ProcedureCodeSequence", code("99NCH"), code("SCT", meaning="CT of head"))
            + sequence(REGION, code("SCT" if number % 2 else "99NCH"))
            + element("StudyInstanceUID", "UI", "1.2.3")
            + element("SeriesInstanceUID", "UI", "1.2.4")
            + element("InstanceNumber", "IS", str(number)),
            sop_instance=f"1.2.3.{number}",
        )

    rules = [r for r in PROFILE if r["dicomTagPath"] != "ProcedureCodeSequence"]
    together = Pipeline(compiled(*rules))
    for number in range(1, 9):
        one = file(number)
        new = together.anonymize(one, len(one))
        alone = Pipeline(compiled(*rules), series=False).anonymize(one, len(one))
        assert bytes(new) == bytes(alone)
        assert new.tally.counts() == alone.tally.counts()
        assert bytes(new).count(SITE.encode()) == number % 2
        assert b"CT of head" in bytes(new)


def test_a_report_names_no_site() -> None:
    found = get_testdata_file("test-SR.dcm")
    assert isinstance(found, str)
    file = Path(found).read_bytes()
    new = bytes(Pipeline(compiled(*PROFILE)).anonymize(file, len(file)))
    assert [*local_codes(dcmread(found))]
    assert not [*local_codes(read(new))]


def read(file: bytes) -> Dataset:
    from io import BytesIO

    return dcmread(BytesIO(file))


def local_codes(dataset: Dataset) -> Iterator[str]:
    """Meanings of codes of local schemes that are no dummies."""
    for entry in dataset.iterall():
        if entry.VR == "SQ":
            for each in entry.value:
                scheme = each.get("CodingSchemeDesignator", "")
                meaning = each.get("CodeMeaning") or "ANON_"
                if scheme not in public_schemes() and not meaning.startswith("ANON_"):
                    yield meaning


@pytest.mark.parametrize("vr", ["LO", "SH", "UC", "UR"])
def test_the_method_alone(vr: str) -> None:
    local = attribute(vr, "urn:x:1", "CodeValue")
    assert method(NAME).decide(local, Of("DCM")) is KEEP
    dummy = text_after(method(NAME), vr, "urn:x:1")
    assert dummy.startswith("urn:uuid:" if vr == "UR" else "ANON_")


def test_the_list_has_what_the_standard_uses_and_nobody_s_identifiers() -> None:
    table = facts("coding_schemes")
    assert {"DCM", "SCT", "SRT", "SNM3", "99SDM", "UCUM", "LN", "RADLEX", "FMA", "NEU", "BI"} <= (
        public_schemes()
    )
    assert public_schemes().isdisjoint(table["left out"])
    private = {scheme for scheme in public_schemes() if scheme.startswith("99")}
    assert private == {"99SDM", *table["private"]}
    assert all(len(scheme) <= 16 for scheme in public_schemes())
