"""Whom a data set is about: every depth, character set and kind of attribute is heard."""

from __future__ import annotations

import pickle
from functools import partial

import pytest
from image import BIG_ENDIAN, IMPLICIT, element, item, sequence
from image import element as private

from anonymizer.dicom.fold import flat, key, places, squeezed
from anonymizer.dicom.identity import CODED, KINDS, NOBODY, Identity, identity_of
from anonymizer.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE

utf8 = partial(element, encoding="utf-8")


def identity(*elements: bytes) -> Identity:
    source = b"".join(elements)
    return identity_of(source, 0, len(source), EXPLICIT_LE)


def found(who: Identity, text: str) -> bool:
    return bool(who.find(text, flat(text)))


@pytest.mark.parametrize(
    ("elements", "text"),
    [
        (element("PatientName", "PN", "Roe^Jane"), "knee of jane"),
        (element("PatientName", "PN", "Roe^Jane\\Major^Tom"), "MAJOR"),
        (element("PatientName", "PN", "Jane Roe"), "j.roe"),
        (element("PatientName", "PN", "van der Berg^Jan"), "Berg"),
        (element("PatientName", "PN", "O'Brien^Pat"), "OBrien"),
        (element("PatientName", "PN", "Li^Na"), "Li, knee"),
        (element("OtherPatientNames", "PN", "Roe^Jane"), "Roe"),
        (element("NameToUse", "LT", "Jinny"), "jinny"),
        (element("PatientID", "LO", "0004711"), "4711"),
        (element("StationName", "SH", "MR7"), "on MR7"),
        (element("StationAETitle", "AE", "STORE_7"), "store 7"),
        (element("InstitutionAddress", "ST", "12 Elm Street, Springfield"), "springfield"),
        (element("PatientTelephoneNumbers", "SH", "+1 555 123 4567"), "1234567"),
        (element("PatientAge", "AS", "045Y"), "45 years"),
        (private("0009,0010", "LO", "ACME") + private("0009,1001", "PN", "Roe^Jane"), "Roe"),
        (element("0009,1001", "PN", "Roe^Jane"), "Roe"),
        (
            sequence(
                "RequestAttributesSequence",
                item(element("RequestedProcedureID", "SH", "RP-77")),
                undefined=True,
            ),
            "rp77",
        ),
        (
            sequence(
                "OtherPatientIDsSequence",
                item(IMPLICIT.element("PatientID", "LO", "X-77")),
                vr="UN",
            ),
            "X77",
        ),
        (
            sequence(
                "OperatorIdentificationSequence",
                item(
                    sequence(
                        "PersonIdentificationCodeSequence",
                        item(
                            element("CodeValue", "SH", "P4711"),
                            element("CodeMeaning", "LO", "Roe, Jane"),
                        ),
                    )
                ),
            ),
            "Roe",
        ),
    ],
)
def test_it_is_heard(elements: bytes, text: str) -> None:
    assert found(identity(elements), text)


@pytest.mark.parametrize(
    ("elements", "text"),
    [
        (element("PatientName", "PN", "Roe^J"), "J 5"),
        (element("PatientName", "PN", "van^of"), "of van"),
        (element("PatientName", "PN", "Doe^Jane"), "Doering Janette"),
        (element("InstitutionName", "LO", "University Hospital"), "hospital"),
        (element("InstitutionalDepartmentName", "LO", "Radiology"), "radiology"),
        (element("StudyID", "SH", "1"), "1 of 1"),
        (element("StudyID", "SH", "500"), "500 ms"),
        (element("StudyID", "SH", "500"), "0.500"),
        (element("StudyDescription", "LO", "knee"), "knee"),
        (
            sequence("AnatomicRegionSequence", item(element("CodeMeaning", "LO", "Knee"))),
            "knee",
        ),
        (element("StudyDate", "DA", "garbage"), "garbage"),
    ],
)
def test_it_is_not_searched(elements: bytes, text: str) -> None:
    assert not found(identity(elements), text)


def test_each_item_has_its_own_character_set() -> None:
    greek = item(
        element("SpecificCharacterSet", "CS", "ISO_IR 126"),
        element("PatientName", "PN", "Δημητρίου", encoding="iso8859-7"),
    )
    data = (
        element("SpecificCharacterSet", "CS", "ISO_IR 144")
        + element("PatientName", "PN", "Смирнов", encoding="iso8859-5")
        + sequence("ReferencedPatientSequence", greek)
        + element("RequestingPhysician", "PN", "Кузнецов", encoding="iso8859-5")
    )
    who = identity(data)
    assert [found(who, name) for name in ("смирнов", "ΔΗΜΗΤΡΙΟΥ", "КУЗНЕЦОВ")] == [True] * 3


def test_every_encoding_is_read() -> None:
    for writer, encoding in ((IMPLICIT, IMPLICIT_LE), (BIG_ENDIAN, EXPLICIT_BE)):
        source = writer.element("PatientName", "PN", "Roe^Jane")
        assert found(identity_of(source, 0, len(source), encoding), "roe")


def test_images_of_a_series_have_one_identity() -> None:
    name = element("PatientName", "PN", "Roe^Jane")
    one, other = (
        identity(
            element("SOPInstanceUID", "UI", f"1.2.{n}"),
            element("StudyDate", "DA", "20260131"),
            element("ContentTime", "TM", f"12000{n}"),
            name,
        )
        for n in (1, 2)
    )
    assert one is other
    assert one == Identity(one._words, {"jane"}, one.days)
    assert hash(one) == hash(pickle.loads(pickle.dumps(one)))
    assert one != NOBODY
    assert one != "Roe"
    assert one
    assert not NOBODY


def test_it_tells_nothing_of_itself() -> None:
    who = identity(element("PatientName", "PN", "ZQXCANARY^Jane"))
    assert "zqxcanary" not in repr(who).lower()
    assert who.days == frozenset()


def test_days_come_from_every_date() -> None:
    who = identity(
        element("StudyDate", "DA", "20260131\\1999.12.24"),
        element("AcquisitionDateTime", "DT", "20260201120000"),
    )
    assert who.days == {(1, 31), (12, 24), (2, 1)}


def test_the_tables_name_attributes_of_the_standard() -> None:
    assert len(KINDS) > 80
    assert not KINDS.keys() & CODED.keys()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Müller", "muller"),
        ("STRAUß", "strauss"),
        ("Łódź", "lodz"),
        ("Mu\u0308ller", "muller"),
        ("Ｄｏｅ １２", "doe12"),
        ("ﾔﾏﾀﾞ", "やまた"),
        ("أَحْمَد", "احمد"),
        ("Ελένης", "ελενησ"),
        ("D_o-e\u200b.", "doe"),
        ("홍길동", "홍길동"),
    ],
)
def test_what_two_writings_have_in_common(text: str, expected: str) -> None:
    assert key(text) == expected
    assert len(flat(text)) == len(text)


def test_places_are_those_of_what_is_squeezed() -> None:
    text = flat("Dr. Strauß-Æ_12")
    assert len(places(text)) == len(squeezed(text))
    assert [text[at] for at in places(text)][-2:] == ["1", "2"]
