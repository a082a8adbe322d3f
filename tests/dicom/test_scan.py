"""Which bytes are read and which refused: (name, bytes, spans) and (name, bytes, reason, offset).

Every row that is read is also checked for coverage: all bytes lie in spans, end to end.
"""

from __future__ import annotations

import struct

import pytest
from coverage_of import covered
from engine import compiled, rule
from image import (
    BIG_ENDIAN,
    EXPLICIT,
    IMPLICIT,
    ITEM_END,
    PIXEL_DATA,
    SEQUENCE_END,
    Writer,
    element,
    encapsulated,
    item,
    part10,
    sequence,
)
from operations import lines_run

from anonymizer.dicom.scan import (
    ITS_CHARSET,
    ITS_CREATOR,
    ITS_GROUP_LENGTH,
    MOST_LEVELS,
    OPEN_SEQUENCE,
    THE_FENCE,
    UNDEFINED,
    VALUE,
    creator_text,
    scan,
)
from anonymizer.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, Encoding
from anonymizer.dicom.table import Tables
from anonymizer.errors import ImageError
from anonymizer.pipeline import Pipeline
from anonymizer.rules.plan import Plan

NAME = element("PatientName", "PN", "Doe^Jane")
ID = element("PatientID", "LO", "42")
IMPLICIT_NAME = IMPLICIT.element("PatientName", "PN", "Doe^Jane")
STUDIES = "ReferencedStudySequence"
END = EXPLICIT.tag(SEQUENCE_END) + bytes(4)
END_OF_ITEM = EXPLICIT.tag(ITEM_END) + bytes(4)

READ: list[tuple[str, bytes, Encoding, int]] = [
    # name, data set, encoding, how many values are owned
    ("one element", NAME, EXPLICIT_LE, 1),
    ("an empty value", element("PatientName", "PN"), EXPLICIT_LE, 1),
    ("an odd length", element("PatientName", "PN", "Doe", pad=False) + ID, EXPLICIT_LE, 2),
    ("the longest short value", element("PatientID", "LO", "x" * 0xFFFE), EXPLICIT_LE, 1),
    ("an odd longest value", element("PatientID", "LO", "x" * 0xFFFF, pad=False), EXPLICIT_LE, 1),
    ("a long header", element("PixelData", "OB", bytes(4)), EXPLICIT_LE, 1),
    ("implicit VR", IMPLICIT_NAME, IMPLICIT_LE, 1),
    ("big endian", BIG_ENDIAN.element("PatientName", "PN", "Doe"), EXPLICIT_BE, 1),
    ("out of order", element(PIXEL_DATA, "OW", bytes(8)) + NAME + ID, EXPLICIT_LE, 3),
    ("twice the same", NAME + NAME, EXPLICIT_LE, 2),
    ("data set trailing padding", NAME + element(0xFFFCFFFC, "OB", bytes(8)), EXPLICIT_LE, 2),
    ("an empty sequence", sequence(STUDIES) + NAME, EXPLICIT_LE, 1),
    ("an empty item", sequence(STUDIES, item()), EXPLICIT_LE, 0),
    ("known lengths", sequence(STUDIES, item(NAME), item(ID)) + NAME, EXPLICIT_LE, 3),
    ("delimiters", sequence(STUDIES, item(NAME, undefined=True), undefined=True), EXPLICIT_LE, 1),
    ("known in delimited", sequence(STUDIES, item(NAME), undefined=True) + ID, EXPLICIT_LE, 2),
    ("delimited in known", sequence(STUDIES, item(NAME, undefined=True)) + ID, EXPLICIT_LE, 2),
    ("UN around implicit VR", sequence(STUDIES, item(IMPLICIT_NAME), vr="UN"), EXPLICIT_LE, 1),
    (
        "UN of undefined length around implicit VR",
        sequence(STUDIES, IMPLICIT.item(IMPLICIT_NAME, undefined=True), vr="UN", undefined=True)
        + NAME,
        EXPLICIT_LE,
        2,
    ),
    ("UN around explicit VR", sequence(STUDIES, item(NAME), vr="UN"), EXPLICIT_LE, 1),
    ("OB around implicit VR", sequence(STUDIES, item(IMPLICIT_NAME), vr="OB"), EXPLICIT_LE, 1),
    ("a private UN with items", sequence("0019,1001", item(NAME), vr="UN"), EXPLICIT_LE, 1),
    ("a short private UN at the end", element("0019,1001", "UN", b"ab"), EXPLICIT_LE, 1),
    ("a private UN without", element("0019,1001", "UN", b"no items"), EXPLICIT_LE, 1),
    (
        "UN around little endian in big endian",
        BIG_ENDIAN.sequence(STUDIES, item(IMPLICIT_NAME), vr="UN"),
        EXPLICIT_BE,
        1,
    ),
    (
        "a private sequence in implicit VR",
        IMPLICIT.sequence("0019,1001", item(IMPLICIT_NAME)),
        IMPLICIT_LE,
        1,
    ),
    ("fragments", encapsulated(b"abc", b"de", offsets=True) + NAME, EXPLICIT_LE, 2),
    ("no fragments", element(PIXEL_DATA, "OB", END, length=UNDEFINED), EXPLICIT_LE, 1),
    ("zeros behind", NAME + bytes(128), EXPLICIT_LE, 1),
    *((f"{n} zeros behind", NAME + bytes(n), EXPLICIT_LE, 1) for n in range(1, 9)),
    ("3 zeros behind, implicit", IMPLICIT_NAME + bytes(3), IMPLICIT_LE, 1),
    ("zeros behind, implicit", IMPLICIT_NAME + bytes(64), IMPLICIT_LE, 1),
    ("zeros behind, big endian", BIG_ENDIAN.element("PatientID", "LO") + bytes(9), EXPLICIT_BE, 1),
]


@pytest.mark.parametrize(
    ("dataset", "encoding", "owned"), [row[1:] for row in READ], ids=[row[0] for row in READ]
)
def test_a_data_set_is_covered(dataset: bytes, encoding: Encoding, owned: int) -> None:
    found = covered(dataset, encoding)
    assert sum(span[0] == VALUE for span in found.spans) == owned


REFUSED: list[tuple[str, bytes, Encoding, str, int | None]] = [
    # name, data set, encoding, reason, offset
    ("cut in a header", NAME[:5], EXPLICIT_LE, "truncated", 5),
    ("cut in a long header", element("PixelData", "OB")[:10], EXPLICIT_LE, "truncated", 10),
    ("cut in a value", NAME[:-1], EXPLICIT_LE, "truncated", len(NAME) - 1),
    (
        "a length past the end",
        element("PatientID", "LO", "42", length=4),
        EXPLICIT_LE,
        "truncated",
        10,
    ),
    ("a huge length", element("PixelData", "OB", length=0xFFFFFFFE), EXPLICIT_LE, "truncated", 12),
    ("a sequence past the end", sequence(STUDIES, item(), length=9), EXPLICIT_LE, "truncated", 20),
    (
        "an item past its sequence",
        sequence(STUDIES, item(length=2)) + ID,
        EXPLICIT_LE,
        "overrun",
        12,
    ),
    (
        "a value past its item",
        sequence(STUDIES, item(element("PatientID", "LO", "42", length=4))) + ID,
        EXPLICIT_LE,
        "overrun",
        32,
    ),
    (
        "a sequence past its item",
        sequence(STUDIES, item(sequence(STUDIES, item(), length=9))) + ID,
        EXPLICIT_LE,
        "overrun",
        20,
    ),
    ("an unknown VR", element("PatientID", "XX", "42"), EXPLICIT_LE, "no-element", 0),
    ("VR in lower case", element("PatientID", "lo", "42"), EXPLICIT_LE, "no-element", 0),
    (
        "a character set that is a name",
        ID + element("SpecificCharacterSet", "PN", "Canary"),
        EXPLICIT_LE,
        "no-element",
        len(ID),
    ),
    ("implicit in explicit", NAME + IMPLICIT_NAME, EXPLICIT_LE, "no-element", len(NAME)),
    ("garbage behind", NAME + b"garbage!", EXPLICIT_LE, "no-element", len(NAME)),
    ("garbage behind zeros", NAME + bytes(20) + b"x", EXPLICIT_LE, "no-element", len(NAME)),
    ("zeros between", NAME + bytes(8) + ID, EXPLICIT_LE, "no-element", len(NAME)),
    (
        "zeros between, implicit",
        IMPLICIT_NAME + bytes(8) + IMPLICIT_NAME,
        IMPLICIT_LE,
        "no-element",
        16,
    ),
    ("a command", element(0x00000100, "US", 1) + NAME, EXPLICIT_LE, "misplaced", 0),
    ("a length of none", element(0x00000000, "UL", 4) + NAME, EXPLICIT_LE, "misplaced", 0),
    (
        "file meta information behind",
        NAME + element(0x00020016, "AE", "DOE"),
        EXPLICIT_LE,
        "misplaced",
        len(NAME),
    ),
    (
        "that in implicit VR",
        IMPLICIT_NAME + IMPLICIT.element(0x00020016, "AE", "DOE"),
        IMPLICIT_LE,
        "misplaced",
        len(IMPLICIT_NAME),
    ),
    ("zeros in an item", sequence(STUDIES, item(bytes(8))), EXPLICIT_LE, "no-element", 20),
    ("few zeros in an item", sequence(STUDIES, item(NAME, bytes(2))), EXPLICIT_LE, "truncated", 38),
    ("two bytes that are no zeros", NAME + b"\0\x01", EXPLICIT_LE, "truncated", len(NAME) + 2),
    ("a stray item delimiter", NAME + END_OF_ITEM + ID, EXPLICIT_LE, "stray-delimiter", 16),
    ("a stray sequence delimiter", NAME + END + ID, EXPLICIT_LE, "no-element", 16),
    ("a stray item", NAME + item(ID), EXPLICIT_LE, "no-element", 16),
    (
        "a stray sequence delimiter, implicit",
        IMPLICIT_NAME + END + IMPLICIT_NAME,
        IMPLICIT_LE,
        "no-element",
        16,
    ),
    (
        "an item delimiter in an item of known length",
        sequence(STUDIES, item(NAME, END_OF_ITEM)),
        EXPLICIT_LE,
        "stray-delimiter",
        36,
    ),
    (
        "a sequence delimiter in a sequence of known length",
        sequence(STUDIES, item(NAME), END),
        EXPLICIT_LE,
        "stray-delimiter",
        36,
    ),
    (
        "a sequence delimiter with a length",
        sequence(STUDIES, length=UNDEFINED) + END[:4] + b"\2\0\0\0",
        EXPLICIT_LE,
        "stray-delimiter",
        12,
    ),
    (
        "an item delimiter with a length",
        sequence(STUDIES, item(length=UNDEFINED), length=UNDEFINED)
        + END_OF_ITEM[:6]
        + b"\1\0"
        + END,
        EXPLICIT_LE,
        "stray-delimiter",
        20,
    ),
    (
        "an item delimiter with a length that spells a VR",
        sequence(STUDIES, item(length=UNDEFINED), length=UNDEFINED)
        + END_OF_ITEM[:4]
        + b"PN\0\0"
        + END,
        EXPLICIT_LE,
        "no-element",
        20,
    ),
    (
        "no delimiter of an item",
        sequence(STUDIES, item(NAME, length=UNDEFINED)),
        EXPLICIT_LE,
        "no-delimiter",
        36,
    ),
    (
        "no delimiter of a sequence",
        sequence(STUDIES, item(NAME), length=UNDEFINED),
        EXPLICIT_LE,
        "truncated",
        36,
    ),
    (
        "no delimiter of a sequence, then an element",
        sequence(STUDIES, item(), length=UNDEFINED) + ID,
        EXPLICIT_LE,
        "no-item",
        20,
    ),
    ("an element between items", sequence(STUDIES, NAME), EXPLICIT_LE, "no-item", 12),
    (
        "a known sequence of UN without items",
        element(STUDIES, "UN", b"not items"),
        EXPLICIT_LE,
        "no-item",
        12,
    ),
    (
        "UN that only begins like items",
        element("0019,1001", "UN", item(NAME)[:-2]),
        EXPLICIT_LE,
        "no-item",
        12,
    ),
    (
        "UN of items with something behind",
        sequence("0019,1001", item(IMPLICIT_NAME), b"ab", vr="UN"),
        EXPLICIT_LE,
        "no-item",
        12,
    ),
    (
        "UN of items with something behind in big endian",
        BIG_ENDIAN.sequence("0019,1001", BIG_ENDIAN.item(NAME), b"ab", vr="UN"),
        EXPLICIT_BE,
        "no-item",
        12,
    ),
    (
        "UN of items in the other byte order",
        sequence("0019,1001", BIG_ENDIAN.item(BIG_ENDIAN.element("PatientName", "PN")), vr="UN"),
        EXPLICIT_LE,
        "no-item",
        12,
    ),
    (
        "UN that only begins like items in UN",
        sequence(STUDIES, item(IMPLICIT.element("0019,1001", "UN", item(NAME)[:-2])), vr="UN"),
        EXPLICIT_LE,
        "no-item",
        28,
    ),
    (
        "undefined length of text",
        element("PatientComments", "UT", length=UNDEFINED),
        EXPLICIT_LE,
        "bad-length",
        12,
    ),
    (
        "undefined length of a name in UN",
        element("PatientName", "UN", length=UNDEFINED),
        EXPLICIT_LE,
        "bad-length",
        12,
    ),
    (
        "undefined length in implicit VR",
        IMPLICIT.element("PatientName", "PN", length=UNDEFINED),
        IMPLICIT_LE,
        "bad-length",
        8,
    ),
    ("no delimiter of fragments", encapsulated(b"ab")[:-8], EXPLICIT_LE, "truncated", 30),
    (
        "a fragment past the end",
        element(PIXEL_DATA, "OB", item(length=8), length=UNDEFINED),
        EXPLICIT_LE,
        "truncated",
        20,
    ),
    (
        "a fragment of undefined length",
        element(PIXEL_DATA, "OB", item(length=UNDEFINED) + END, length=UNDEFINED),
        EXPLICIT_LE,
        "no-item",
        12,
    ),
    (
        "an element among fragments",
        element(PIXEL_DATA, "OB", NAME, length=UNDEFINED),
        EXPLICIT_LE,
        "no-item",
        12,
    ),
    (
        "fragments past their item",
        sequence("IconImageSequence", item(encapsulated(b"abcd"), length=24)) + bytes(40),
        EXPLICIT_LE,
        "truncated",
        44,
    ),
    ("big as little", BIG_ENDIAN.element("PatientName", "PN", "Doe"), EXPLICIT_LE, "truncated", 12),
]


@pytest.mark.parametrize(
    ("dataset", "encoding", "reason", "offset"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_what_cannot_be_covered_is_refused_at_its_place(
    dataset: bytes, encoding: Encoding, reason: str, offset: int
) -> None:
    with pytest.raises(ImageError) as raised:
        covered(dataset, encoding)
    assert (raised.value.reason, raised.value.offset) == (reason, offset)


def nested(levels: int, writer: Writer = EXPLICIT, **more: bool | str) -> bytes:
    inner = writer.element("PatientName", "PN", "A ")
    for _ in range(levels):
        inner = writer.sequence(STUDIES, writer.item(inner), **more)  # type: ignore[arg-type]
    return inner


@pytest.mark.parametrize("undefined", [True, False])
def test_nesting_has_a_limit(undefined: bool) -> None:
    assert covered(nested(MOST_LEVELS, undefined=undefined), EXPLICIT_LE).spans
    for levels in (MOST_LEVELS + 1, 3000):
        with pytest.raises(ImageError) as raised:
            covered(nested(levels, undefined=undefined), EXPLICIT_LE)
        assert raised.value.reason == "too-deep"


@pytest.mark.parametrize("levels", [MOST_LEVELS, MOST_LEVELS + 1, 400])
def test_un_in_un_is_no_more_work_than_other_sequences(levels: int) -> None:
    """Each level may be implicit or explicit VR; trying both at each made it 2 ** levels."""

    def walked() -> None:
        try:
            assert covered(nested(levels, vr="UN"), EXPLICIT_LE).spans
            assert levels <= MOST_LEVELS
        except ImageError as refused:
            assert refused.reason in ("too-deep", "no-item")  # noqa: PT017
            assert levels > MOST_LEVELS

    assert lines_run(walked) < 10 * MOST_LEVELS * MOST_LEVELS


def test_many_elements_are_work_in_proportion() -> None:
    """Each unknown UN is looked into, each creator remembered: none may cost the square."""
    unit = element("0019,0010", "LO", "A") + element("0019,1001", "UN", item(NAME)) + NAME

    def work(times: int) -> int:
        return lines_run(lambda: covered(unit * times, EXPLICIT_LE))

    work(1)
    assert work(1000) < 11 * work(100)


def names_owned(dataset: bytes, encoding: Encoding, *paths: str) -> list[tuple[int, str]]:
    """(tag, value) of the spans that rules for these paths own."""
    plan = Plan(compiled(*(rule(path, "remove") for path in paths)).rules)
    found = scan(dataset, 0, len(dataset), encoding, Tables(plan))
    return [
        (entry.tag, dataset[value:stop].decode("latin-1"))
        for code, entry, _, value, stop in found.spans
        if code == VALUE and entry is not None
    ]


@pytest.mark.parametrize(
    ("path", "refused"),
    [("PN", True), ("(0019,1001)[0].PatientID", True), ("private", False), ("(0019,1001)", False)],
)
def test_what_only_begins_like_items_may_go(path: str, refused: bool) -> None:
    dataset = element("0019,1001", "UN", item(NAME)[:-2]) + ID
    if refused:
        with pytest.raises(ImageError):
            names_owned(dataset, EXPLICIT_LE, path)
    else:
        assert [tag for tag, _ in names_owned(dataset, EXPLICIT_LE, path)] == [0x00191001]


def test_items_that_can_be_read_in_two_ways_are_refused() -> None:
    """In implicit VR the first element has a length that spells AE, and covers the name."""
    hidden = element("StationAETitle", "AE") + NAME
    size = int.from_bytes(b"AE", "little")
    rest = element("PixelData", "OB", bytes(size - len(NAME) - 12), pad=False)
    for tag in (STUDIES, "0019,1001"):
        dataset = sequence(tag, item(hidden + rest), vr="UN")
        with pytest.raises(ImageError) as raised:
            names_owned(dataset, EXPLICIT_LE, "PN")
        assert (raised.value.reason, raised.value.offset) == ("no-item", 12)
    empty = sequence(STUDIES, item(), item(undefined=True), vr="UN")
    assert covered(empty, EXPLICIT_LE)


def test_an_element_that_nobody_owns_leaves_no_trace() -> None:
    dataset = ID + sequence(STUDIES, item(ID), item(sequence(STUDIES, item(ID)))) + ID
    plan = Plan(compiled(rule("PatientName", "remove")).rules)
    assert scan(dataset, 0, len(dataset), EXPLICIT_LE, Tables(plan)).spans == []


def test_items_in_which_nothing_is_owned_leave_no_trace_and_keep_their_numbers() -> None:
    dataset = sequence(STUDIES, item(ID), item(ID, NAME), item())
    plan = Plan(compiled(rule("PatientName", "remove")).rules)
    spans = scan(dataset, 0, len(dataset), EXPLICIT_LE, Tables(plan)).spans
    assert [(span[0], span[2]) for span in spans if span[0] in (3, OPEN_SEQUENCE)] == [
        (OPEN_SEQUENCE, 0),
        (3, 1),
    ]


@pytest.mark.parametrize(
    ("vr", "path"),
    [("UN", "PN"), ("OB", "PN"), ("OW", "PN"), ("LO", "PN"), ("PN", "PN"), ("UN", "PatientName")],
)
def test_a_name_is_a_name_however_it_is_written(vr: str, path: str) -> None:
    raw = element("PatientName", vr, b"Doe^Jane")
    assert names_owned(raw, EXPLICIT_LE, path) == [(0x00100010, "Doe^Jane")]
    around = sequence("0019,1001", item(raw), vr="UN")
    assert names_owned(around, EXPLICIT_LE, path) == [(0x00100010, "Doe^Jane")]


def test_private_elements_belong_to_the_creator_of_their_block_in_their_item() -> None:
    def block(group: str, creator: str, number: str, value: str) -> bytes:
        return element(f"{group},00{number}", "LO", creator) + element(
            f"{group},{number}01", "LO", value
        )

    dataset = (
        block("0019", "MINE", "10", "a1")
        + block("0019", "OTHER", "11", "b1")
        + element("0019,1201", "LO", "c1")  # no creator
        + block("0021", "MINE", "10", "d1")
        + sequence(
            STUDIES,
            item(element("0019,1001", "LO", "e1")),  # no creator in this item
            item(block("0019", "OTHER", "10", "f1")),
            item(block("0019", "MINE", "33", "g1")),
        )
    )
    owned = names_owned(dataset, EXPLICIT_LE, '(0019,"MINE",01)')
    assert [value for _, value in owned] == ["a1", "g1"]
    nobodys = names_owned(dataset, EXPLICIT_LE, "/0019,,01/")
    assert [value for _, value in nobodys] == ["c1", "e1"]


MINE = element("0019,0010", "LO", "MINE")
THEIRS = element("0019,0010", "LO", "OTHER")
BLOCKED = element("0019,1001", "LO", "a")

GUESSED_BLOCKS: list[tuple[str, bytes, int]] = [
    # name, data set, where it is refused
    ("a creator behind its block", BLOCKED + MINE, len(BLOCKED)),
    ("a creator behind it and more", BLOCKED + ID + MINE + BLOCKED, len(BLOCKED + ID)),
    ("another creator behind", MINE + BLOCKED + THEIRS, len(MINE + BLOCKED)),
    ("two creators before", MINE + THEIRS + BLOCKED, len(MINE + THEIRS)),
    (
        "two creators before, then the first",
        MINE + THEIRS + MINE + BLOCKED,
        len(MINE + THEIRS + MINE),
    ),
    ("in an item", sequence(STUDIES, item(BLOCKED + MINE)), 20 + len(BLOCKED)),
]


@pytest.mark.parametrize("row", GUESSED_BLOCKS, ids=[row[0] for row in GUESSED_BLOCKS])
@pytest.mark.parametrize("creator", ["MINE", "OTHER"])
def test_whose_a_private_element_is_is_not_guessed(
    row: tuple[str, bytes, int], creator: str
) -> None:
    _, dataset, offset = row
    with pytest.raises(ImageError) as raised:
        names_owned(dataset, EXPLICIT_LE, f'(0019,"{creator}",01)')
    assert (raised.value.reason, raised.value.offset) == ("ambiguous-block", offset)
    assert len(names_owned(dataset, EXPLICIT_LE, "private")) == dataset.count(BLOCKED)


@pytest.mark.parametrize(
    "dataset",
    [MINE + BLOCKED + MINE + BLOCKED, MINE + sequence(STUDIES, item(THEIRS, BLOCKED)) + BLOCKED],
    ids=["the same creator twice", "another in an item"],
)
def test_one_creator_of_a_block_is_enough(dataset: bytes) -> None:
    assert names_owned(dataset, EXPLICIT_LE, '(0019,"MINE",01)')


LATIN = element("SpecificCharacterSet", "CS", "ISO_IR 100")
UTF8 = element("SpecificCharacterSet", "CS", "ISO_IR 192")
UID = element("StudyInstanceUID", "UI", "1.2")

GUESSED_CHARSETS: list[tuple[str, bytes, int]] = [
    ("two in the main data set", LATIN + NAME + UTF8, len(LATIN + NAME)),
    ("two in an item", sequence(STUDIES, item(LATIN, UTF8)), 20 + len(LATIN)),
    ("behind the text of its item", sequence(STUDIES, item(NAME, UTF8)), 20 + len(NAME)),
    (
        "behind text further in",
        sequence(STUDIES, item(sequence(STUDIES, item(NAME)), UTF8)),
        20 + 20 + len(NAME),
    ),
]


@pytest.mark.parametrize("row", GUESSED_CHARSETS, ids=[row[0] for row in GUESSED_CHARSETS])
def test_what_character_set_text_is_in_is_not_guessed(row: tuple[str, bytes, int]) -> None:
    _, dataset, offset = row
    with pytest.raises(ImageError) as raised:
        names_owned(dataset, EXPLICIT_LE, "PN")
    assert (raised.value.reason, raised.value.offset) == ("ambiguous-charset", offset)


@pytest.mark.parametrize(
    "dataset",
    [
        NAME + UTF8,
        UTF8 + NAME + UTF8,
        sequence(STUDIES, item(NAME), item(UTF8, NAME)) + LATIN,
        sequence(STUDIES, item(ID, UID, UTF8, NAME)),
        sequence(STUDIES, item(ID, sequence(STUDIES, item(ID)), UTF8, NAME)),
    ],
    ids=["for the whole data set", "the same twice", "each its own", "no text", "no text within"],
)
def test_a_character_set_that_leaves_no_doubt_may_stand_anywhere(dataset: bytes) -> None:
    assert names_owned(dataset, EXPLICIT_LE, "PN", "UI")


def test_notes_are_of_the_first_of_each_in_the_main_data_set() -> None:
    dataset = sequence(STUDIES, item(ID)) + element("PatientID", "LO", "43") + ID
    notes = covered(dataset, EXPLICIT_LE).notes
    value, stop = notes[0x00100020]
    assert dataset[value:stop] == b"43"


def test_what_stands_for_itself_has_a_span_though_nobody_owns_it() -> None:
    charset = element("SpecificCharacterSet", "CS", "ISO_IR 100")
    creator = element("0019,0010", "LO", "A")
    length = element("0010,0000", "UL", 0)
    dataset = charset + creator + length + element("StudyID", "SH", "x")
    tables = Tables(Plan(()), marks=(0x00120062, 0x00120063))
    codes = [span[0] for span in scan(dataset, 0, len(dataset), EXPLICIT_LE, tables).spans]
    assert codes == [ITS_CHARSET, THE_FENCE, ITS_CREATOR, ITS_GROUP_LENGTH]


@pytest.mark.parametrize(
    ("raw", "text"),
    [(b"SIEMENS ", "SIEMENS"), (b" A\0", "A"), (b"", ""), (b"\xc4\xff", "\xc4\xff")],
)
def test_a_creator_is_compared_without_padding(raw: bytes, text: str) -> None:
    assert creator_text(raw) == text


def test_the_data_set_may_stand_anywhere_in_the_source() -> None:
    source = b"before" + NAME + struct.pack("<Q", 1)
    tables = Tables(Plan(()))
    assert scan(source, 6, 6 + len(NAME), EXPLICIT_LE, tables).end == 6 + len(NAME)


@pytest.mark.parametrize("tag", [0x00080005, 0x00100000, 0x00090010, 0x00120062, 0x00120063])
@pytest.mark.parametrize("undefined", [False, True])
def test_what_the_engine_reads_itself_holds_no_items(tag: int, undefined: bool) -> None:
    """Nobody would look into them, and a name would get through."""
    inside = item(element("PatientName", "PN", "Canary^Jane"))
    file = part10(element(0x00080000, "UL", 4) + sequence(tag, inside, undefined=undefined))
    for mark in (False, True):
        plan = compiled(rule("PN", "remove"), mark=mark)
        with pytest.raises(ImageError) as caught:
            Pipeline(plan).anonymize(file, len(file))
        assert caught.value.reason in ("no-element", "bad-length")
