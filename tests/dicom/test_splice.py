"""Data sets before and after: (name, before, rules, after), written with the same builders.

The expected bytes are built anew, so lengths of what encloses a change are right or the row fails.
"""

from __future__ import annotations

from mmap import mmap

import pytest
from engine import after, rule
from image import (
    BIG_ENDIAN,
    DEFLATED_LE,
    EXPLICIT,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    JPEG_BASELINE,
    PIXEL_DATA,
    RLE,
    SEQUENCE_END,
    UNDEFINED,
    Writer,
    element,
    encapsulated,
    item,
    sequence,
    writer_of,
)

from anonymizer.dicom.splice import apply
from anonymizer.errors import ImageError

Rules = list[dict[str, object]]
Row = tuple[str, bytes, Rules, bytes]

NO_NAME = [rule("PatientName", "remove")]
EMPTY_NAME = [rule("PatientName", "redact")]
SHORTER = [rule("PatientName", "substitute", replaceWith="X")]
LONGER = [rule("PatientName", "substitute", replaceWith="SOMEBODY^ELSE^ALTOGETHER")]
NO_PRIVATE = [rule("private", "remove")]

ID = element("PatientID", "LO", "42")
DEEP, STUDIES, SERIES = "ContentSequence", "ReferencedStudySequence", "ReferencedSeriesSequence"
SYNTAXES = [IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE, DEFLATED_LE]


def nested(writer: Writer, *, outer: bool, inner: bool, items: bool, name: bytes) -> bytes:
    """A name two levels deep, beside other elements and other items at each level."""
    w = writer
    other = w.element("StudyID", "SH", "7")
    within = w.sequence(SERIES, w.item(other), w.item(other, name, other), undefined=inner)
    around = w.item(other, within, other, undefined=items)
    return other + w.sequence(STUDIES, around, w.item(other), undefined=outer) + other


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("outer", [True, False])
@pytest.mark.parametrize("inner", [True, False])
@pytest.mark.parametrize("items", [True, False])
@pytest.mark.parametrize(
    ("rules", "new"),
    [
        (NO_NAME, None),
        (EMPTY_NAME, ""),
        (SHORTER, "X"),
        (LONGER, "SOMEBODY^ELSE^ALTOGETHER"),
        ([rule("PatientName", "keep")], "Doe^Jane"),
    ],
)
def test_lengths_of_all_that_encloses_a_change_are_right(
    syntax: str, outer: bool, inner: bool, items: bool, rules: Rules, new: str | None
) -> None:
    w = writer_of(syntax)

    def dataset(value: str | None) -> bytes:
        name = b"" if value is None else w.element("PatientName", "PN", value)
        return nested(w, outer=outer, inner=inner, items=items, name=name)

    assert after(dataset("Doe^Jane"), *rules, syntax=syntax) == dataset(new)


def name_in(writer: Writer, value: str) -> bytes:
    return writer.element("PatientName", "PN", value)


def everything(w: Writer, name: bytes | None, other: bytes) -> bytes:
    """Every kind of length at once; ``name`` is written wherever a name may stand."""
    n = b"" if name is None else name
    return (
        w.sequence(STUDIES, w.item(other), w.item(n), w.item(n, undefined=True))
        + w.sequence(SERIES, w.item(n), w.item(undefined=True), undefined=True)
        + other
        + n
        + other
    )


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_many_changes_in_one_data_set(syntax: str) -> None:
    w = writer_of(syntax)
    other = w.element("PatientID", "LO", "42")
    before = everything(w, name_in(w, "Doe^Jane"), other)
    longer = name_in(w, "SOMEBODY^ELSE^ALTOGETHER")
    assert after(before, *NO_NAME, syntax=syntax) == everything(w, None, other)
    assert after(before, *LONGER, syntax=syntax) == everything(w, longer, other)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("undefined", [True, False])
def test_a_sequence_goes_with_all_that_it_holds(syntax: str, undefined: bool) -> None:
    w = writer_of(syntax)
    other, name = w.element("StudyID", "SH", "7"), name_in(w, "Doe^Jane")
    inner = w.sequence(SERIES, w.item(name), undefined=undefined)
    outer = w.sequence(STUDIES, w.item(inner, name), w.item(inner), undefined=undefined)
    gone = [rule(STUDIES, "remove"), *LONGER]
    assert after(other + outer + other, *gone, syntax=syntax) == other + other
    emptied = [rule(STUDIES, "redact"), *LONGER]
    assert after(outer + other, *emptied, syntax=syntax) == w.sequence(STUDIES) + other


def unknown(*items: bytes, undefined: bool = False, tag: str = STUDIES) -> bytes:
    return sequence(tag, *items, vr="UN", undefined=undefined)


def in_un(
    value: str | None, writer: Writer, *, undefined: bool = False, tag: str = STUDIES
) -> bytes:
    name = b"" if value is None else name_in(writer, value)
    other = writer.element("PatientID", "LO", "42")
    inner = writer.sequence(SERIES, writer.item(other, name))
    return unknown(writer.item(inner, name), undefined=undefined, tag=tag) + ID


UN_ROWS: list[Row] = [
    (
        f"{kind}, {'undefined' if undefined else 'known'} length, {tag}",
        in_un("Doe^Jane", writer, undefined=undefined, tag=tag),
        LONGER if undefined else NO_NAME,
        in_un(
            "SOMEBODY^ELSE^ALTOGETHER" if undefined else None, writer, undefined=undefined, tag=tag
        ),
    )
    for kind, writer in (("implicit in UN", IMPLICIT), ("explicit in UN", EXPLICIT))
    for undefined in (True, False)
    for tag in (STUDIES, "0019,1001")
    if not (undefined and writer is EXPLICIT)
]


@pytest.mark.parametrize(
    ("before", "rules", "expected"), [r[1:] for r in UN_ROWS], ids=[r[0] for r in UN_ROWS]
)
def test_a_sequence_written_as_un_is_entered(before: bytes, rules: Rules, expected: bytes) -> None:
    assert after(before, *rules) == expected


def test_explicit_vr_in_un_of_undefined_length_is_refused() -> None:
    """PS3.5 6.2.2 says it is implicit VR, and nothing else can tell."""
    with pytest.raises(ImageError):
        after(in_un("Doe^Jane", EXPLICIT, undefined=True), *NO_NAME)


def element_un(content: bytes, *, undefined: bool) -> bytes:
    """A sequence written UN in big endian: all of its value is little endian, delimiters too."""
    if undefined:
        content += IMPLICIT.tag(SEQUENCE_END) + bytes(4)
    return BIG_ENDIAN.element(STUDIES, "UN", content, length=UNDEFINED if undefined else None)


@pytest.mark.parametrize("undefined", [True, False])
def test_in_a_big_endian_file_un_hides_little_endian(undefined: bool) -> None:
    def dataset(value: str, rows: int) -> bytes:
        big, little = BIG_ENDIAN, IMPLICIT
        inner = little.sequence(SERIES, little.item(little.element("PatientName", "PN", value)))
        numbers = little.element("Rows", "US", rows)
        hidden = element_un(little.item(inner, numbers), undefined=undefined)
        around = big.sequence(DEEP, big.item(hidden, big.element("Rows", "US", rows)))
        return around + big.element("Rows", "US", rows) + big.element("PatientName", "PN", value)

    rows = rule("Rows", "substitute", replaceWith="258")
    changed = after(dataset("Doe^Jane", 1), rows, *LONGER, syntax=EXPLICIT_BE)
    expected = dataset("SOMEBODY^ELSE^ALTOGETHER", 258)
    assert changed == expected


BLOCKS: list[Row] = []


def row(name: str, before: bytes, rules: Rules, expected: bytes) -> None:
    BLOCKS.append((name, before, rules, expected))


A, B = element("0019,0010", "LO", "A"), element("0019,0011", "LO", "B")
A1, A2 = element("0019,1001", "LO", "a1"), element("0019,1002", "SH", "a2")
B1 = element("0019,1101", "LO", "b1")
KEEP_A1 = [rule('(0019,"A",01)', "keep"), rule("private", "remove")]

row("all private goes, creators too", A + B + A1 + B1 + ID, NO_PRIVATE, ID)
row("a creator stays while its block keeps something", A + A1 + A2, KEEP_A1, A + A1)
row("the other block goes", A + B + A1 + B1, KEEP_A1, A + A1)
row(
    "blocks are told by creator, not number",
    B[:2] + b"\x10\0" + B[4:] + element("0019,1001", "LO", "b1"),
    KEEP_A1,
    b"",
)
row(
    "in another block",
    element("0019,0042", "LO", "A") + element("0019,4201", "LO", "a1"),
    KEEP_A1,
    element("0019,0042", "LO", "A") + element("0019,4201", "LO", "a1"),
)
row("nothing of the block stays", A + A2, KEEP_A1, b"")
row(
    "an emptied element keeps its creator",
    A + A1,
    [rule("0019xx01", "redact"), *NO_PRIVATE],
    A + element("0019,1001", "LO"),
)
row(
    "a creator that is redacted stays as it was beside its elements",
    A + A1,
    [rule("(0019,0010)", "redact")],
    A + A1,
)
row("alone, it is emptied", A, [rule("(0019,0010)", "redact")], element("0019,0010", "LO"))
row(
    "a rule for one creator only", A + B + A1 + B1, [rule("(0019,0011)", "remove")], A + B + A1 + B1
)
row("whose elements are gone", A + B + A1, [rule("(0019,0011)", "remove")], A + A1)
row("a creator that is missing", A1 + B + B1, KEEP_A1, b"")
row("a creator that stands twice goes twice", A + A + A1, NO_PRIVATE, b"")
row("or stays twice", A + A + A1, KEEP_A1, A + A + A1)
row(
    "a creator that is no ASCII",
    element("0019,0010", "LO", b"\xc4\xd6") + A1,
    [rule('(0019,"ÄÖ",01)', "keep"), *NO_PRIVATE],
    element("0019,0010", "LO", b"\xc4\xd6") + A1,
)
row("a creator behind its block", A1 + A, [rule("(0019,0010)", "remove")], A1 + A)
row("an element below the blocks", element("0019,0001", "LO", "x") + ID, NO_PRIVATE, ID)
row("an element above the blocks", element("0019,0101", "LO", "x") + ID, NO_PRIVATE, ID)
row(
    "each item has its own blocks",
    A + sequence(STUDIES, item(A, A1), item(A, A2), item(A1)) + A1,
    KEEP_A1,
    A + sequence(STUDIES, item(A, A1), item(), item()) + A1,
)
row(
    "a private sequence whose content goes stays, and so its creator",
    A + sequence("0019,1001", item(name_in(EXPLICIT, "Doe^Jane"))),
    [*NO_NAME, *KEEP_A1],
    A + sequence("0019,1001", item()),
)
row(
    "a private sequence of unknown VR, entered by its items",
    A
    + sequence(
        "0019,1001",
        item(name_in(IMPLICIT, "Doe^Jane"), IMPLICIT.element("PatientID", "LO")),
        vr="UN",
    ),
    [*NO_NAME, *KEEP_A1],
    A + sequence("0019,1001", item(IMPLICIT.element("PatientID", "LO")), vr="UN"),
)


@pytest.mark.parametrize(
    ("before", "rules", "expected"), [r[1:] for r in BLOCKS], ids=[r[0] for r in BLOCKS]
)
def test_private_blocks(before: bytes, rules: Rules, expected: bytes) -> None:
    end = element("PixelData", "OW", b"ab")  # no data set is empty
    assert after(before + end, *rules) == expected + end


def length(group: int, value: int = 99) -> bytes:
    return element(group << 16, "UL", value)


GROUPS: list[Row] = [
    ("nothing changes", length(0x10) + ID, [], length(0x10) + ID),
    (
        "another group changes",
        length(0x10) + ID + element("Rows", "US", 1),
        [rule("Rows", "remove")],
        length(0x10) + ID,
    ),
    (
        "same length",
        length(0x10) + ID,
        [rule("PatientID", "substitute", replaceWith="43")],
        length(0x10) + element("PatientID", "LO", "43"),
    ),
    (
        "its group changes",
        length(0x08) + length(0x10) + ID,
        [rule("PatientID", "redact")],
        length(0x08) + element("PatientID", "LO"),
    ),
    (
        "it stands twice",
        length(0x10) + length(0x10) + ID,
        [rule("PatientID", "redact")],
        element("PatientID", "LO"),
    ),
    (
        "each item has its own",
        length(0x08) + sequence(STUDIES, item(length(0x10), ID)) + length(0x10) + ID,
        [rule(".PatientID", "remove")],
        length(0x08) + sequence(STUDIES, item(length(0x10), ID)),
    ),
    (
        "what encloses it changes its group",
        length(0x08) + sequence(STUDIES, item(length(0x10), ID)),
        [rule("PatientID", "remove")],
        sequence(STUDIES, item()),
    ),
    ("a rule owns it", length(0x10) + ID, [rule("(0010,0000)", "remove")], ID),
    (
        "a rule for private elements owns it",
        element(0x00190000, "LO", "Doe^Jane") + ID,
        NO_PRIVATE,
        ID,
    ),
    (
        "a rule for its VR owns it",
        element(0x00100000, "LO", "Doe^Jane"),
        [rule("LO", "redact")],
        b"",
    ),
    ("emptied, it would be wrong", length(0x10) + ID, [rule("UL", "redact")], ID),
    ("a rule keeps it", length(0x10) + ID, [rule("UL", "keep"), rule("*", "remove")], b""),
]


@pytest.mark.parametrize(
    ("before", "rules", "expected"), [r[1:] for r in GROUPS], ids=[r[0] for r in GROUPS]
)
def test_group_lengths_stay_only_where_they_are_right(
    before: bytes, rules: Rules, expected: bytes
) -> None:
    end = element("PixelData", "OW", b"ab") if rules and rules[-1]["dicomTagPath"] != "*" else b""
    if not end:
        rules = [rule("PixelData", "keep"), *rules]
        end = element("PixelData", "OW", b"ab")
    assert after(before + end, *rules) == expected + end


@pytest.mark.parametrize("vr", ["UL", "UN"])
@pytest.mark.parametrize("tag", [0x00100000, 0x18200000])
def test_a_group_length_that_has_room_for_a_name_is_refused(tag: int, vr: str) -> None:
    hiding = element(tag, vr, b"Doe^Jane")
    assert after(hiding + ID, rule(f"({tag >> 16:04X},0000)", "remove")) == ID
    with pytest.raises(ImageError) as refused:
        after(hiding + ID, *NO_NAME)
    assert refused.value.reason == "bad-length"


ORDER: list[Row] = [
    (
        "behind the pixels",
        element(PIXEL_DATA, "OW", bytes(4)) + name_in(EXPLICIT, "Doe"),
        NO_NAME,
        element(PIXEL_DATA, "OW", bytes(4)),
    ),
    ("twice", name_in(EXPLICIT, "Doe") + ID + name_in(EXPLICIT, "Roe"), NO_NAME, ID),
    (
        "twice, replaced",
        name_in(EXPLICIT, "Doe") + ID + name_in(EXPLICIT, "Roe"),
        SHORTER,
        name_in(EXPLICIT, "X") + ID + name_in(EXPLICIT, "X"),
    ),
    (
        "an odd length beside it stays",
        element("PatientID", "LO", "123", pad=False) + name_in(EXPLICIT, "Doe"),
        NO_NAME,
        element("PatientID", "LO", "123", pad=False),
    ),
    (
        "of an odd length itself",
        element("PatientName", "PN", "Doe", pad=False) + ID,
        SHORTER,
        name_in(EXPLICIT, "X") + ID,
    ),
    ("zeros behind stay", ID + name_in(EXPLICIT, "Doe") + bytes(30), NO_NAME, ID + bytes(30)),
    ("few zeros behind stay", ID + name_in(EXPLICIT, "Doe") + bytes(3), NO_NAME, ID + bytes(3)),
    (
        "padding element stays",
        ID + name_in(EXPLICIT, "Doe") + element(0xFFFCFFFC, "OB", bytes(6)),
        NO_NAME,
        ID + element(0xFFFCFFFC, "OB", bytes(6)),
    ),
    (
        "padding element may go",
        ID + element(0xFFFCFFFC, "OB", b"Doe^Jane"),
        [rule("DataSetTrailingPadding", "remove")],
        ID,
    ),
    (
        "written UN",
        element("PatientName", "UN", b"Doe^Jane") + ID,
        SHORTER,
        element("PatientName", "UN", b"X ") + ID,
    ),
    (
        "written OB",
        element("PatientName", "OB", b"Doe^Jane") + ID,
        [rule("PN", "redact")],
        element("PatientName", "OB") + ID,
    ),
    (
        "written as a sequence",
        sequence("PatientName", item(ID)) + ID,
        SHORTER,
        sequence("PatientName") + ID,
    ),
    (
        "a name that is a number",
        element("PatientName", "US", 17) + ID,
        SHORTER,
        element("PatientName", "US") + ID,
    ),
    (
        "a sequence goes whole",
        sequence(STUDIES, item(ID), undefined=True) + ID,
        [rule("SQ", "remove")],
        ID,
    ),
    (
        "a sequence is emptied",
        sequence(STUDIES, item(ID), undefined=True) + ID,
        [rule(STUDIES, "redact")],
        sequence(STUDIES) + ID,
    ),
    (
        "a sequence in UN is emptied",
        unknown(item(IMPLICIT.element("PatientID", "LO", "42")), undefined=True) + ID,
        [rule(STUDIES, "redact")],
        element(STUDIES, "UN") + ID,
    ),
    (
        "a kept sequence is asked about inside",
        sequence(STUDIES, item(ID)) + ID,
        [rule(STUDIES, "keep"), rule("PatientID", "remove")],
        sequence(STUDIES, item()),
    ),
]


@pytest.mark.parametrize(
    ("before", "rules", "expected"), [r[1:] for r in ORDER], ids=[r[0] for r in ORDER]
)
def test_wherever_and_however_it_is_written(before: bytes, rules: Rules, expected: bytes) -> None:
    assert after(before, *rules) == expected


NAMES = "OtherPatientNames"
PATHS: list[tuple[str, list[str]]] = [
    # selector of names, values that it takes
    ("PatientName", ["0", "1", "2", "3", "4"]),
    (".PatientName", ["0"]),
    (f"{DEEP}.PatientName", ["1", "2", "3"]),
    (f".{DEEP}.PatientName", ["1", "2"]),
    (f"{DEEP}[0].PatientName", ["1", "3"]),
    (f"{DEEP}[1].PatientName", ["2"]),
    (f"{DEEP}.{DEEP}.PatientName", ["3"]),
    (f".{DEEP}[1].{DEEP}[0].PatientName", ["3"]),
    (f"{DEEP}.**.PatientName", ["1", "2", "3", "4"]),
    (f"{DEEP}.{STUDIES}.PatientName", ["4"]),
    (f"{STUDIES}.PatientName", ["4"]),
    (f".{STUDIES}.PatientName", []),
    (f".{DEEP}.**", ["1", "2", "3", "4"]),
]


def tree(w: Writer, gone: list[str]) -> bytes:
    """Names 0 to 4 at four places, without those that are gone."""

    def name(value: str) -> bytes:
        return b"" if value in gone else w.element("PatientName", "PN", value)

    return name("0") + w.sequence(
        DEEP,
        w.item(name("1")),
        w.item(
            w.sequence(STUDIES, w.item(name("4")), undefined=True),
            name("2"),
            w.sequence(DEEP, w.item(name("3"))),
        ),
    )


@pytest.mark.parametrize("writer", [IMPLICIT, EXPLICIT], ids=["implicit", "explicit"])
@pytest.mark.parametrize(("path", "taken"), PATHS, ids=[path for path, _ in PATHS])
def test_a_path_takes_what_stands_there(writer: Writer, path: str, taken: list[str]) -> None:
    syntax = IMPLICIT_LE if writer.implicit else EXPLICIT_LE
    keep = [rule("SQ", "keep")] if path.endswith("**") else []
    assert after(tree(writer, []), *keep, rule(path, "remove"), syntax=syntax) == tree(
        writer, taken
    )


ALLOWED = [rule("PatientID", "keep"), rule("PixelData", "keep")]
NAME = name_in(EXPLICIT, "Doe^Jane")
HOLLOW: list[Row] = [
    ("what no rule keeps goes", NAME + ID + sequence(STUDIES, item(NAME)), ALLOWED, ID),
    (
        "whichever item it is in",
        sequence(STUDIES, item(NAME, ID), item(NAME)),
        ALLOWED,
        sequence(STUDIES, item(ID), item()),
    ),
    (
        "a sequence stays while something in it stays",
        sequence(STUDIES, item(NAME), item(NAME, ID)),
        ALLOWED,
        sequence(STUDIES, item(), item(ID)),
    ),
    (
        "at every depth",
        sequence(STUDIES, item(sequence(SERIES, item(sequence(DEEP, item(ID, NAME)))))),
        ALLOWED,
        sequence(STUDIES, item(sequence(SERIES, item(sequence(DEEP, item(ID)))))),
    ),
    (
        "of undefined length, too",
        sequence(
            STUDIES,
            item(sequence(SERIES, item(NAME, undefined=True), undefined=True), ID),
            undefined=True,
        ),
        ALLOWED,
        sequence(STUDIES, item(ID), undefined=True),
    ),
    (
        "a changed value stays, too",
        sequence(STUDIES, item(NAME)),
        [*SHORTER, *ALLOWED],
        sequence(STUDIES, item(name_in(EXPLICIT, "X"))),
    ),
    (
        "a removed one does not",
        sequence(STUDIES, item(ID)),
        [rule(f"{STUDIES}.PatientID", "remove"), *ALLOWED],
        b"",
    ),
    (
        "by path",
        ID + sequence(STUDIES, item(ID, NAME)),
        [rule(f"{STUDIES}.PatientName", "keep"), ALLOWED[1]],
        sequence(STUDIES, item(NAME)),
    ),
    (
        "private ones with their creator",
        A + A1 + A2 + B + B1,
        [rule('(0019,"A",01)', "keep"), *ALLOWED],
        A + A1,
    ),
    ("group lengths go", length(0x10) + ID, ALLOWED, ID),
    (
        "a character set alone keeps no sequence",
        sequence(STUDIES, item(element("SpecificCharacterSet", "CS", "ISO_IR 100"), NAME)),
        ALLOWED,
        b"",
    ),
    (
        "but it stays beside what stays",
        sequence(STUDIES, item(element("SpecificCharacterSet", "CS", "ISO_IR 100"), ID)),
        ALLOWED,
        sequence(STUDIES, item(element("SpecificCharacterSet", "CS", "ISO_IR 100"), ID)),
    ),
    (
        "in UN",
        unknown(item(name_in(IMPLICIT, "Doe"), IMPLICIT.element("PatientID", "LO", "42"))),
        ALLOWED,
        unknown(item(IMPLICIT.element("PatientID", "LO", "42"))),
    ),
    (
        "private creators in items",
        sequence(STUDIES, item(A, A1), item(ID)),
        ALLOWED,
        sequence(STUDIES, item(), item(ID)),
    ),
]


@pytest.mark.parametrize(
    ("before", "rules", "expected"), [r[1:] for r in HOLLOW], ids=[r[0] for r in HOLLOW]
)
def test_otherwise_remove_leaves_what_rules_keep(
    before: bytes, rules: Rules, expected: bytes
) -> None:
    end = element("PixelData", "OW", b"ab")
    assert after(before + end, *rules, otherwise="remove") == expected + end


@pytest.mark.parametrize("syntax", [JPEG_BASELINE, RLE, "2.25.99"])
def test_encapsulated_pixels_of_any_syntax_pass(syntax: str) -> None:
    pixels = encapsulated(b"\xff\xd8abc", b"def", offsets=True) + element(0xFFFCFFFC, "OB", b"ab")
    assert after(NAME + pixels, *NO_NAME, syntax=syntax) == pixels


def test_encapsulated_pixels_may_be_emptied_or_go() -> None:
    pixels = encapsulated(b"\xff\xd8abc", b"def")
    assert after(ID + pixels, rule("PixelData", "remove"), syntax=JPEG_BASELINE) == ID
    emptied = element(PIXEL_DATA, "OB", b"")
    assert after(ID + pixels, rule("PixelData", "redact"), syntax=JPEG_BASELINE) == ID + emptied


def test_delimiters_inside_fragments_and_values_end_nothing() -> None:
    end = EXPLICIT.tag(SEQUENCE_END) + bytes(4)
    pixels = element(PIXEL_DATA, "OB", item() + item(end + NAME) + end, length=UNDEFINED)
    text = element("ImageComments", "LT", end + NAME)
    assert after(text + pixels + NAME, *NO_NAME, syntax=JPEG_BASELINE) == text + pixels


AT_THE_LIMIT = "x" * 0xFFFE


@pytest.mark.parametrize(
    ("vr", "size", "fits"), [("LT", 10240, True), ("LT", 10241, False), ("UT", 0x10001, True)]
)
def test_a_new_value_is_as_long_as_its_vr_allows(vr: str, size: int, fits: bool) -> None:
    tag = "ImageComments" if vr == "LT" else "TextValue"
    replace = rule(tag, "regexReplace", find="old", replace="y" * size)
    expected = element(tag, vr, "y" * size if fits else "")  # what cannot be treated is redacted
    assert after(element(tag, vr, "old") + ID, replace) == expected + ID


def test_a_value_at_the_limit_is_replaced_and_removed() -> None:
    before = element("PatientName", "PN", AT_THE_LIMIT) + ID
    assert after(before, *SHORTER) == name_in(EXPLICIT, "X") + ID
    assert after(before, *NO_NAME) == ID
    inside = sequence(STUDIES, item(before))
    assert after(inside, *NO_NAME) == sequence(STUDIES, item(ID))


def test_pieces_are_new_bytes_and_ranges_of_the_source() -> None:
    source = b"0123456789"
    splices = [(2, 4, b"ab"), (4, 4, b"+"), (6, 8, b"")]
    assert apply(source, splices, 1, 10) == [b"1", b"ab", b"+", b"45", b"89"]
    assert apply(source, [], 3, 7) == [b"3456"]
    assert apply(source, [(0, 10, b"")], 0, 10) == []
    with mmap(-1, 10) as mapped:
        assert apply(mapped, splices, 1, 10) == [(1, 2), b"ab", b"+", (4, 6), (8, 10)]


@pytest.mark.parametrize(
    "splices", [[(4, 6, b""), (5, 7, b"")], [(4, 6, b""), (2, 3, b"")], [(8, 11, b"")]]
)
def test_splices_that_overlap_or_reach_outside_are_our_own_fault(
    splices: list[tuple[int, int, bytes]],
) -> None:
    with pytest.raises(AssertionError):
        apply(b"0123456789", splices, 0, 10)
