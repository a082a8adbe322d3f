"""A DICOMDIR after the change: its offsets lead to its records, and these move by their patient."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from engine import anonymized, rule
from image import element, file_meta, item, part10, sequence

from anonymizer.dicom.directory import Directory
from anonymizer.dicom.part10 import MEDIA_STORAGE_DIRECTORY
from anonymizer.dicom.syntax import EXPLICIT_LE

FIRST, LAST, NEXT, LOWER = 0x00041200, 0x00041202, 0x00041400, 0x00041420
RECORDS = "DirectoryRecordSequence"

PATIENT, STUDY, IMAGE = "PATIENT", "STUDY", "IMAGE"


class Record:
    """One record: what it says, and its links by the names of records."""

    def __init__(
        self, name: str, kind: str, *elements: bytes, after: str = "", lower: str = ""
    ) -> None:
        self.name = name
        self.kind = kind
        self.elements = elements
        self.after = after
        self.lower = lower

    def item(self, places: dict[str, int]) -> bytes:
        return item(
            element(NEXT, "UL", places.get(self.after, 0)),
            element(0x00041410, "US", 0xFFFF),
            element(LOWER, "UL", places.get(self.lower, 0)),
            element(0x00041430, "CS", self.kind),
            *self.elements,
        )


def directory_of(*records: Record, first: str) -> bytes:
    """A DICOMDIR of these records in this order, its offsets worked out."""
    places: dict[str, int] = {}
    for _ in range(2):
        items = [record.item(places) for record in records]
        head = element(0x00041130, "CS", "DISC") + element(FIRST, "UL", places.get(first, 0))
        head += element(LAST, "UL", places.get(first, 0)) + element(0x00041212, "US", 0)
        file = part10(head + sequence(RECORDS, *items), sop_class=MEDIA_STORAGE_DIRECTORY)
        at = len(file) - sum(map(len, items))
        for record, raw in zip(records, items, strict=True):
            places[record.name] = at
            at += len(raw)
    return file


def patient(name: str, patient_id: str, *, charset: str = "", **links: str) -> Record:
    encoding = {"ISO_IR 144": "iso8859-5", "ISO_IR 192": "utf-8"}.get(charset, "latin-1")
    head = [element("SpecificCharacterSet", "CS", charset)] if charset else []
    return Record(
        name,
        PATIENT,
        *head,
        element("PatientName", "PN", f"Name^Of^{name}"),
        element("PatientID", "LO", patient_id, encoding=encoding),
        **links,
    )


def study(name: str, **links: str) -> Record:
    day = element("StudyDate", "DA", "20200115")
    return Record(name, STUDY, day, element("StudyInstanceUID", "UI", "1.2." + name), **links)


def depth_first() -> tuple[Record, ...]:
    return (
        patient("p1", "ID1", after="p2", lower="1"),
        study("1", after="2"),
        study("2", lower="i"),
        Record("i", IMAGE, element("ContentDate", "DA", "20200115")),
        patient("p2", "ID2", lower="3"),
        study("3"),
    )


def by_level() -> tuple[Record, ...]:
    one, two, three, image, other, four = depth_first()
    return one, other, two, three, four, image


def backwards() -> tuple[Record, ...]:
    return tuple(reversed(depth_first()))


Order = Callable[[], tuple[Record, ...]]
ORDERS: list[Order] = [depth_first, by_level, backwards]
SHIFT = rule("DA", "dateShift")
LONGER = rule("PatientName", "substitute", replaceWith="SOMEBODY^ELSE^ALTOGETHER")
ROWS: list[tuple[str, list[dict[str, object]]]] = [
    ("nothing", []),
    ("a name grows", [LONGER]),
    ("names go", [rule("PatientName", "remove")]),
    ("the file set id goes", [rule("FileSetID", "remove"), LONGER, SHIFT]),
    ("UIDs and dates", [SHIFT, rule("UI", "refreshUID"), rule("PatientID", "cryptoHash")]),
]


def tree_of(file: bytes) -> list[str]:
    """The types of the records that links lead to, each after those above it."""
    start = 132 + 12 + struct.unpack_from("<I", file, 140)[0]
    at = file.index(element(FIRST, "UL", 0)[:8], start) + 8
    (offset,) = struct.unpack_from("<I", file, at)
    return _chain(file, offset)


def _chain(file: bytes, offset: int) -> list[str]:
    found = []
    while offset:
        tag, size = struct.unpack_from("<II", file, offset)
        assert tag == 0xE000FFFE, "an offset leads to an item"
        record = file[offset + 8 : offset + 8 + size]
        (following,) = struct.unpack_from("<I", record, 8)
        lower = record.index(element(LOWER, "UL", 0)[:8])
        (below,) = struct.unpack_from("<I", record, lower + 8)
        kind = record.index(element(0x00041430, "CS")[:6])
        length = struct.unpack_from("<H", record, kind + 6)[0]
        found.append(record[kind + 8 : kind + 8 + length].decode().strip())
        found += [f"{found[-1]}/{name}" for name in _chain(file, below)]
        offset = following
    return found


TREE = [
    "PATIENT",
    "PATIENT/STUDY",
    "PATIENT/STUDY",
    "PATIENT/STUDY/IMAGE",
    "PATIENT",
    "PATIENT/STUDY",
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("rules", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
def test_offsets_lead_to_their_records(order: Order, rules: list[dict[str, object]]) -> None:
    file = directory_of(*order(), first="p1")
    assert tree_of(file) == TREE
    output = anonymized(file, *rules)
    assert tree_of(output) == TREE
    assert b"IDENTITY" not in output  # no mark: a DICOMDIR is no image


def dates_by_study(file: bytes) -> dict[str, str]:
    """The dates that stand before the study's UID (or alone: the image's)."""
    dates = {}
    for part in file.split(element("StudyDate", "DA")[:6])[1:]:
        uid = part.index(element("StudyInstanceUID", "UI")[:6])
        name = part[uid + 12 : uid + 13].decode()  # the 1 of 1.2.1
        dates[name] = part[2:10].decode()
    at = file.index(element("ContentDate", "DA")[:6])
    dates["i"] = file[at + 8 : at + 16].decode()
    return dates


def image_date(patient_id: str, *, charset: str = "", encoding: str = "latin-1") -> str:
    """What becomes of the study date in an image of that patient."""
    head = element("SpecificCharacterSet", "CS", charset) if charset else b""
    dataset = (
        head
        + element("StudyDate", "DA", "20200115")
        + element("PatientID", "LO", patient_id, encoding=encoding)
        + element("StudyInstanceUID", "UI", "1.2.9")
    )
    output = anonymized(part10(dataset), SHIFT)
    at = output.index(element("StudyDate", "DA")[:6])
    return output[at + 8 : at + 16].decode()


@pytest.mark.parametrize("order", ORDERS)
def test_dates_move_by_the_patient_above_them_as_in_the_images(order: Order) -> None:
    moved = dates_by_study(anonymized(directory_of(*order(), first="p1"), SHIFT))
    assert moved["1"] == moved["2"] == moved["i"] == image_date("ID1")
    assert moved["3"] == image_date("ID2") != image_date("ID1")


@pytest.mark.parametrize(
    ("charset", "encoding", "patient_id"),
    [("ISO_IR 144", "iso8859-5", "Пациент"), ("ISO_IR 192", "utf-8", "Müller"), ("", "ascii", "A")],
)
def test_a_patient_is_the_same_in_a_record_and_an_image(
    charset: str, encoding: str, patient_id: str
) -> None:
    record = patient("p", patient_id, charset=charset, lower="1")
    image = Record("i", IMAGE, element("ContentDate", "DA", "20200115"))
    file = directory_of(record, study("1", lower="i"), image, first="p")
    expected = image_date(patient_id, charset=charset, encoding=encoding)
    assert dates_by_study(anonymized(file, SHIFT)) == {"1": expected, "i": expected}


def test_a_record_without_a_character_set_has_that_of_the_directory() -> None:
    other = patient("q", "Пациент", charset="ISO_IR 144", after="p")
    record = patient("p", "Müller", lower="1")
    image = Record("i", IMAGE, element("ContentDate", "DA", "20200115"))
    file = directory_of(other, record, study("1", lower="i"), image, first="q")
    expected = image_date("Müller", charset="ISO_IR 100")
    assert dates_by_study(anonymized(file, SHIFT)) == {"1": expected, "i": expected}


def test_links_in_a_circle_end() -> None:
    records = (
        patient("p1", "ID1", after="p1", lower="1"),
        study("1", after="p1", lower="1"),
        Record("i", IMAGE, element("ContentDate", "DA", "20200115")),
    )
    moved = dates_by_study(anonymized(directory_of(*records, first="p1"), SHIFT))
    assert moved["1"] == image_date("ID1")


def test_a_record_that_no_link_leads_to_is_about_the_one_before_it() -> None:
    one, *others = depth_first()
    issued = Record("p1", PATIENT, *one.elements, element("IssuerOfPatientID", "LO", "H"))
    unlinked = directory_of(
        issued, study("1"), patient("p2", "ID2"), study("3"), others[2], first=""
    )
    assert dates_by_study(anonymized(unlinked, SHIFT))["3"] == image_date("ID2")
    file = directory_of(*depth_first(), first="")
    moved = dates_by_study(anonymized(file, SHIFT))
    assert moved["1"] == moved["2"] == image_date("ID1")
    assert moved["3"] == image_date("ID2")


def test_an_offset_that_a_rule_takes_is_not_written() -> None:
    file = directory_of(*depth_first(), first="p1")
    output = anonymized(file, LONGER, rule("(0004,1400)", "remove"), rule("(0004,1420)", "redact"))
    assert element(NEXT, "UL", 0)[:6] not in output
    assert output.count(element(LOWER, "UL")) == 6


def test_offsets_of_another_length_are_left_alone() -> None:
    odd = item(element(NEXT, "UL", b"\1\0"), element("PatientName", "PN", "Doe^Jane"))
    dataset = element(FIRST, "UL", b"") + sequence(RECORDS, odd)
    file = part10(dataset, sop_class=MEDIA_STORAGE_DIRECTORY)
    output = anonymized(file, LONGER)
    assert element(NEXT, "UL", b"\1\0") in output


def test_items_of_other_sequences_are_no_records() -> None:
    other = sequence("0003,1001", item(element("PatientID", "LO", "not me")), item())
    dataset = other + sequence(RECORDS, item(element("PatientID", "LO", "me")))
    contexts = Directory(dataset, 0, len(dataset), EXPLICIT_LE).contexts
    assert [context.subject for context in contexts] == ["patient\x1fme\x1f"]


def test_a_directory_is_one_by_its_file_meta() -> None:
    """Without it, it is a data set like any other, and its offsets are values like any other."""
    dataset = element(FIRST, "UL", 400)
    image = anonymized(part10(dataset, meta=file_meta(sop_class="1.2")), LONGER)
    assert image.endswith(dataset)
