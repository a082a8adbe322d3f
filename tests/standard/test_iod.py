"""The Type of an attribute, by SOP class and place."""

from __future__ import annotations

from itertools import pairwise

import pytest

from anonymizer.dicom.dictionary import tags_by_keyword
from anonymizer.standard.facts import facts
from anonymizer.standard.iod import TYPES, type_of
from anonymizer.standard.safe_private import is_safe

CT, PDF = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.104.1"
ENHANCED_CT, GSPS = "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.11.1"
RT_PLAN, SR = "1.2.840.10008.5.1.4.1.1.481.5", "1.2.840.10008.5.1.4.1.1.88.11"
US = "1.2.840.10008.5.1.4.1.1.6.1"


def path(text: str) -> tuple[int, ...]:
    return tuple(tags_by_keyword()[keyword] for keyword in text.split("."))


@pytest.mark.parametrize(
    ("sop_class", "place", "kind"),
    [
        (CT, "PatientID", "2"),
        (CT, "StudyInstanceUID", "1"),
        (CT, "StudyDescription", "3"),
        (CT, "ReferencedStudySequence", "3"),
        (CT, "RTPlanDate", ""),
        (RT_PLAN, "RTPlanDate", "2"),
        (GSPS, "PresentationCreationDate", "1"),
        (PDF, "EncapsulatedDocument", "1"),
        (SR, "ContentSequence.PersonName", "1C"),
        (SR, "ContentSequence.ContentSequence.ContentSequence.PersonName", "1C"),
        (SR, "PersonName.ContentSequence", ""),
        (US, "ReferencedStudySequence.StudyDate", ""),
        ("1.2.3", "PatientID", None),
        ("", "PatientID", None),
    ],
)
def test_the_type_of_an_attribute(sop_class: str, place: str, kind: str | None) -> None:
    assert type_of(sop_class, path(place)) == kind


def test_a_run_of_one_sequence_stands_in_the_table_once() -> None:
    for paths in facts("iod_types")["modules"].values():
        for place in " ".join(paths.values()).split():
            tags = place.split("/")
            assert not [tag for tag, inner in pairwise(tags) if tag == inner]


@pytest.mark.parametrize("group", ["shared", "per frame"])
def test_functional_groups_are_expanded(group: str) -> None:
    around = 0x52009229 if group == "shared" else 0x52009230
    macro, sequence = path("DerivationImageSequence.SourceImageSequence")
    assert type_of(ENHANCED_CT, (around, macro, sequence)) == "2"
    assert type_of(CT, (around, macro, sequence)) == ""


@pytest.mark.parametrize("place", [(0x00080106,), (0x00400275, 0x00400008, 0x00080107)])
def test_what_is_of_every_code_has_its_type_everywhere(place: tuple[int, ...]) -> None:
    assert type_of(CT, place) == "1C"


def test_a_private_sequence_is_in_no_iod() -> None:
    assert type_of(CT, (0x00091001, 0x00100020)) == ""


def test_every_iod_of_the_table_is_there_and_has_a_known_type() -> None:
    table = facts("iod_types")
    assert len(table["sop_classes"]) == 183
    assert set(table["sop_classes"].values()) == set(table["iods"])
    assert {kind for paths in table["modules"].values() for kind in paths} == set(TYPES)


SAFE = [
    (0x00E1, "ELSCINT1", 0x21, True),
    (0x00E1, "ELSCINT1", 0x22, False),
    (0x00E3, "ELSCINT1", 0x21, False),
    (0x00E1, "ELSCINT", 0x21, False),
    (0x00E1, "elscint1", 0x21, False),
    (0x7053, "Philips PET Private Group", 0x00, True),
    (0x7E01, "HOLOGIC, Inc.", 0x12, True),
]


@pytest.mark.parametrize(("group", "creator", "low", "safe"), SAFE)
def test_a_private_attribute_is_safe_by_group_creator_and_low_byte(
    group: int, creator: str, low: int, safe: bool
) -> None:
    assert is_safe(group, creator, low) is safe


def test_all_safe_private_attributes_are_there() -> None:
    table = facts("safe_private")
    assert len(table) == 20
    assert sum(len(low.split()) for groups in table.values() for low in groups.values()) == 479
