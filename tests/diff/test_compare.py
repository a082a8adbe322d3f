"""Two images are compared by place, and nothing of a value is told unless it was asked for."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pydicom
import pytest
from image import (
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT_LE,
    PIXEL_DATA,
    Writer,
    element,
    encapsulated,
    file_meta,
    item,
    part10,
    sequence,
    writer_of,
)
from study import SAMPLES

from anonymizer.diff.compare import Change, compare_datasets
from anonymizer.errors import ImageError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "Kanari^Karl"
NAME = element("PatientName", "PN", CANARY)
OTHER = element("PatientName", "PN", "Other^Name")
SEQUENCE = "RequestAttributesSequence"
PIXELS = element(PIXEL_DATA, "OW", b"\1\2\3\4")


def told(a: bytes, b: bytes, values: str = "hide") -> list[str]:
    """A line a change: kind, place, and each side."""
    compared = compare_datasets(part10(a), part10(b), values=values)
    return [_told(change) for change in compared.changes]


def _told(change: Change) -> str:
    sides = [
        f"{side.vr} {side.size}{side.told and ' ' + side.told}"
        for side in (change.before, change.after)
        if side
    ]
    return f"{change.kind} {change.place} {' -> '.join(sides)}"


ROWS = [
    ("equal", NAME, NAME, []),
    ("changed", NAME, OTHER, ["changed PatientName PN 12 -> PN 10"]),
    ("removed", NAME + PIXELS, PIXELS, ["removed PatientName PN 12"]),
    ("added", PIXELS, NAME + PIXELS, ["added PatientName PN 12"]),
    (
        "another VR",
        element("PatientID", "LO", "1"),
        element("PatientID", "SH", "1"),
        ["changed PatientID LO 2 -> SH 2"],
    ),
    (
        "inside an item",
        sequence(SEQUENCE, item(PIXELS), item(NAME)),
        sequence(SEQUENCE, item(PIXELS), item(OTHER)),
        ["changed RequestAttributesSequence[1].PatientName PN 12 -> PN 10"],
    ),
    (
        "below a removed sequence nothing more is listed",
        sequence(SEQUENCE, item(NAME, sequence(SEQUENCE, item(NAME)))) + PIXELS,
        PIXELS,
        ["removed RequestAttributesSequence SQ 1"],
    ),
    (
        "an item less",
        sequence(SEQUENCE, item(NAME), item(NAME)),
        sequence(SEQUENCE, item(NAME)),
        [
            "changed RequestAttributesSequence SQ 2 -> SQ 1",
            "removed RequestAttributesSequence[1].PatientName PN 12",
        ],
    ),
    (
        "an empty item less",
        sequence(SEQUENCE, item(NAME), item()),
        sequence(SEQUENCE, item(NAME)),
        ["changed RequestAttributesSequence SQ 2 -> SQ 1"],
    ),
    (
        "only lengths of sequences",
        sequence(SEQUENCE, item(NAME)),
        sequence(SEQUENCE, item(NAME, undefined=True), undefined=True),
        [],
    ),
    (
        "twice the same attribute",
        NAME + NAME,
        NAME + OTHER,
        ["changed PatientName PN 12 -> PN 10"],
    ),
    (
        "private",
        element(0x00190010, "LO", "TEST") + element(0x00191001, "LO", "a"),
        element(0x00190010, "LO", "TEST") + element(0x00191001, "LO", "b"),
        ["changed (0019,1001) LO 2 -> LO 2"],
    ),
]


@pytest.mark.parametrize(("a", "b", "lines"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_differences_are_told_by_place_vr_and_size(a: bytes, b: bytes, lines: list[str]) -> None:
    assert told(a, b) == lines


def test_changes_come_in_the_order_of_tags_a_sequence_before_its_items() -> None:
    first = sequence(0x00080051, item(NAME), item(NAME, PIXELS))
    second = sequence(0x00080051, item(OTHER))
    assert [line.split()[1] for line in told(first + NAME, second + PIXELS)] == [
        "IssuerOfAccessionNumberSequence",
        "IssuerOfAccessionNumberSequence[0].PatientName",
        "IssuerOfAccessionNumberSequence[1].PatientName",
        "IssuerOfAccessionNumberSequence[1].PixelData",
        "PatientName",
        "PixelData",
    ]


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (PIXELS, PIXELS, "same"),
        (PIXELS, element(PIXEL_DATA, "OW", b"\1\2\3\5"), "different"),
        (PIXELS, b"", "different"),
        (NAME, NAME, "none"),
        (encapsulated(b"ab"), encapsulated(b"ab"), "same"),
        (encapsulated(b"ab"), encapsulated(b"ac"), "different"),
        (sequence(0x00880200, item(PIXELS)), NAME, "none"),
        (
            element(0x7FE00008, "OF", b"\0\0\0\0"),
            element(0x7FE00008, "OF", b"\0\0\0\1"),
            "different",
        ),
    ],
)
def test_pixel_data_is_the_same_or_not(a: bytes, b: bytes, said: str) -> None:
    assert compare_datasets(part10(NAME + a), part10(NAME + b)).pixels == said


@pytest.mark.parametrize("syntax", [IMPLICIT_LE, EXPLICIT_BE])
def test_numbers_are_compared_whatever_their_byte_order(syntax: str) -> None:
    def data(write: Writer) -> bytes:
        return (
            write.element("Rows", "US", 513)
            + write.element("FrameTimeVector", "DS", "1")
            + write.element("RecommendedDisplayFrameRateInFloat", "FL", 1.5)
            + write.element(PIXEL_DATA, "OW", [1, 2])
        )

    a, b = (
        part10(data(writer_of(each)), each, meta=file_meta(each)) for each in (EXPLICIT_LE, syntax)
    )
    compared = compare_datasets(a, b)
    assert [change.place for change in compared.changes] == ["TransferSyntaxUID"]
    assert compared.pixels == "same"


def test_what_stands_around_the_data_set_is_compared() -> None:
    title = element(0x00020016, "AE", "KANARI")
    a = part10(NAME, meta=file_meta(more=title), preamble=b"x" * 128)
    compared = compare_datasets(a, part10(NAME), values="show")
    assert [_told(change) for change in compared.changes] == [
        "removed SourceApplicationEntityTitle AE 6"
    ]
    assert (compared.same, compared.same_preamble) == (False, False)
    assert not compare_datasets(part10(NAME, preamble=b"x" * 128), part10(NAME)).same


@pytest.mark.parametrize("values", ["hide", "hash"])
def test_no_value_is_told_unasked(values: str) -> None:
    private = element(0x00190010, "LO", CANARY) + element(0x00191001, "UN", CANARY)
    data = NAME + sequence(SEQUENCE, item(NAME, private)) + private
    a, b = part10(data), part10(element("PatientID", "LO", CANARY))
    said = repr(compare_datasets(a, b, values=values))
    assert "Kanari" not in said
    assert CANARY.encode().hex() not in said


def test_a_hash_tells_equal_values_in_one_comparison_only() -> None:
    a = part10(NAME + element("PatientID", "LO", CANARY + "  ") + element("StudyID", "SH", "x"))
    empty = part10(element("Modality", "CS", "CT"))
    hashes = [
        {
            c.place: c.before.told
            for c in compare_datasets(a, empty, values="hash").changes
            if c.before
        }
        for _ in range(2)
    ]
    assert hashes[0]["PatientName"] == hashes[0]["PatientID"] != hashes[0]["StudyID"]
    assert hashes[0]["PatientName"] != hashes[1]["PatientName"]
    assert len(hashes[0]["PatientName"]) == 12


def test_values_are_shown_safe_for_a_terminal() -> None:
    rows: list[tuple[int | str, str, bytes | str]] = [
        ("PatientComments", "LT", b"a\x1b[31m\nb"),
        ("PatientName", "PN", "Jörg"),
        ("ImageComments", "LT", b"x" * 99),
        (0x00281201, "OW", b"\1\2"),
    ]
    latin = element("SpecificCharacterSet", "CS", "ISO_IR 100")
    before = latin + b"".join(element(*row) for row in rows)
    assert told(before, latin, "show") == [
        "removed PatientName PN 4 Jörg",
        "removed PatientComments LT 8 a\\x1b[31m\\nb",
        f"removed ImageComments LT 100 {'x' * 60}…",
        "removed RedPaletteColorLookupTableData OW 2 0102",
    ]


@pytest.mark.parametrize(
    "path", [path for path in sorted(SAMPLES.rglob("*0*")) if path.is_file()], ids=lambda p: p.name
)
def test_a_dataset_of_pydicom_is_its_file(path: Path) -> None:
    data = path.read_bytes()
    dataset = pydicom.dcmread(io.BytesIO(data))
    compared = compare_datasets(data, dataset)
    assert (compared.changes, compared.same) == ((), True)
    del dataset.PatientName
    assert [c.place for c in compare_datasets(data, dataset).changes] == ["PatientName"]


def test_a_dataset_that_was_never_in_a_file_is_compared() -> None:
    dataset = pydicom.Dataset()
    dataset.PatientID = "4711"
    compared = compare_datasets(dataset, dataset)
    assert compared.same
    assert compare_datasets(dataset, pydicom.Dataset()).count("removed") == 1


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ImageError, match="neither a DICM marker"):
        compare_datasets(b"no image", part10(NAME))
    with pytest.raises(UsageError, match="none of hash, hide, show"):
        compare_datasets(part10(NAME), part10(NAME), values="all")
