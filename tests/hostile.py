"""Files that are made to break, or to smuggle a name past, whoever reads them.

Each has the name in it wherever it can; the answers stand in docs/hostile-input.md, by the same
words.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from image import (
    BIG_ENDIAN,
    DEFLATED_LE,
    EXPLICIT,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    JPEG_BASELINE,
    SECONDARY_CAPTURE,
    UNDEFINED,
    Writer,
    element,
    encapsulated,
    file_meta,
    item,
    part10,
    sequence,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "Kanari^Hansi"

PIXELS = element("PixelData", "OW", bytes(64))
NAME = element("PatientName", "PN", CANARY)
END_OF_ITEM, END_OF_SEQUENCE = b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"
GROUPS = "SharedFunctionalGroupsSequence"
"""A sequence that the profile keeps and looks into."""


def head(writer: Writer = EXPLICIT) -> bytes:
    """What an image begins with."""
    return writer.element("SOPClassUID", "UI", SECONDARY_CAPTURE) + writer.element(
        "SOPInstanceUID", "UI", "1.2.3.4"
    )


def body(writer: Writer = EXPLICIT, charset: str = "ISO_IR 100") -> bytes:
    """A small data set with the name in it."""
    return (
        writer.element("SpecificCharacterSet", "CS", charset)
        + head(writer)
        + writer.element("PatientName", "PN", CANARY)
        + writer.element("PatientID", "LO", "Kanari-4711")
    )


def file(*more: bytes, syntax: str = EXPLICIT_LE) -> bytes:
    return part10(body() + b"".join(more), syntax)


def with_charset(charset: str, name: bytes) -> bytes:
    start = element("SpecificCharacterSet", "CS", charset) + head()
    return part10(start + element("PatientName", "PN", name) + element("PatientID", "LO", "4711"))


def meta_without_length() -> bytes:
    return file_meta()[12:]


def nested(levels: int, *, undefined: bool) -> bytes:
    """Sequences in each other, the name in the innermost; made from the inside in one piece."""
    inner = NAME
    if undefined:
        start = element(GROUPS, "SQ", length=UNDEFINED) + item(length=UNDEFINED)
        return start * levels + inner + (END_OF_ITEM + END_OF_SEQUENCE) * levels
    for _ in range(levels):
        inner = sequence(GROUPS, item(inner))
    return inner


def deflate_bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    parts = [packer.compress(body() + element("PixelData", "OB", length=size))]
    parts += [packer.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return part10(b"", meta=file_meta(DEFLATED_LE)) + b"".join(parts) + packer.flush()


def private(*creators: bytes, block: int = 0x10) -> bytes:
    return b"".join(element(0x00190000 | block, "LO", raw) for raw in creators) + element(
        0x00190000 | block << 8 | 1, "LO", CANARY
    )


def wrong(declared: str, writer: Writer) -> bytes:
    return part10(body(writer), declared)


WRITTEN = "written"

Row = tuple["Callable[[], bytes]", str]

HOSTILE: dict[str, Row] = {
    # Bombs
    "a deflate bomb, by ratio": (lambda: deflate_bomb(64 << 20), "bomb"),
    "sequences in each other, 3,000 deep": (
        lambda: file(nested(3000, undefined=False)),
        "too-deep",
    ),
    "sequences of undefined length in each other, 200,000 deep": (
        lambda: file(nested(200_000, undefined=True)),
        "too-deep",
    ),
    "sequences that are opened 100,000 times and never closed": (
        lambda: file(nested(100_000, undefined=True)[: 20 * 100_000]),
        "too-deep",
    ),
    "100,000 elements of one tag": (lambda: file(NAME * 100_000), WRITTEN),
    "100,000 empty items": (lambda: file(sequence(GROUPS, item() * 100_000)), WRITTEN),
    # Lengths
    "a length past the end": (
        lambda: file(element("PatientComments", "LT", "x", length=60_000)),
        "truncated",
    ),
    "a length that overflows 32 bits with its offset": (
        lambda: file(element("PixelData", "OB", b"x", length=0xFFFFFFFE)),
        "truncated",
    ),
    "a length that looks negative": (
        lambda: file(element("PixelData", "OB", b"x", length=0x80000000)),
        "truncated",
    ),
    "an item's length past its sequence": (
        lambda: file(sequence(GROUPS, item(NAME, length=0x7FFFFFFF))),
        "overrun",
    ),
    "a sequence's length that looks negative": (
        lambda: file(sequence(GROUPS, item(NAME), length=0xFFFFFFF0)),
        "truncated",
    ),
    "an odd length": (
        lambda: file(element("PatientComments", "LT", "odd", pad=False), PIXELS),
        WRITTEN,
    ),
    "an undefined length where none can be": (
        lambda: file(element("PatientComments", "UT", CANARY, length=UNDEFINED)),
        "bad-length",
    ),
    # Order and delimiters
    "a tag twice": (lambda: file(NAME, NAME), WRITTEN),
    "tags out of order": (lambda: part10(PIXELS + NAME + body()), WRITTEN),
    "an item without its delimiter": (
        lambda: file(sequence(GROUPS, item(NAME, length=UNDEFINED))),
        "no-delimiter",
    ),
    "a sequence without its delimiter": (
        lambda: file(sequence(GROUPS, item(NAME), length=UNDEFINED)),
        "truncated",
    ),
    "a sequence delimiter too many": (lambda: file(END_OF_SEQUENCE, NAME), "no-element"),
    "an item delimiter too many": (lambda: file(END_OF_ITEM, NAME), "stray-delimiter"),
    "a sequence delimiter in a sequence of known length": (
        lambda: file(sequence(GROUPS, item(NAME), END_OF_SEQUENCE)),
        "stray-delimiter",
    ),
    "an item delimiter in an item of known length": (
        lambda: file(sequence(GROUPS, item(NAME, END_OF_ITEM, NAME))),
        "stray-delimiter",
    ),
    "delimiters in a value": (
        lambda: file(element("PatientComments", "LT", END_OF_ITEM + END_OF_SEQUENCE), NAME),
        WRITTEN,
    ),
    # What follows
    "elements after the pixel data": (lambda: file(PIXELS, NAME), WRITTEN),
    "bytes after the data set": (lambda: file(PIXELS, CANARY.encode()), "no-element"),
    "bytes behind the pixels, in their element": (
        lambda: file(
            element("Rows", "US", 2),
            element("Columns", "US", 2),
            element("BitsAllocated", "US", 8),
            element("PixelData", "OB", b"pxls" + CANARY.encode()),
        ),
        WRITTEN,
    ),
    "zeros after the data set": (lambda: file(PIXELS, bytes(512)), WRITTEN),
    "bytes after a deflated data set": (
        lambda: file(syntax=DEFLATED_LE) + CANARY.encode(),
        "trailing",
    ),
    "another whole file after the data set": (lambda: file(PIXELS) + file(PIXELS), "no-element"),
    "another whole file in the pixel data": (
        lambda: file(element("PixelData", "OB", file())),
        WRITTEN,
    ),
    # What a file begins with
    "an empty file": (lambda: b"", "not-dicom"),
    "a file of 4 bytes": (lambda: b"DICM", "not-dicom"),
    "a marker and nothing else": (lambda: bytes(128) + b"DICM", "empty"),
    "explicit VR declared implicit": (lambda: wrong(IMPLICIT_LE, EXPLICIT), "wrong-syntax"),
    "implicit VR declared explicit": (lambda: wrong(EXPLICIT_LE, IMPLICIT), "wrong-syntax"),
    "big endian declared little": (lambda: wrong(EXPLICIT_LE, BIG_ENDIAN), "wrong-syntax"),
    "big endian declared implicit": (lambda: wrong(IMPLICIT_LE, BIG_ENDIAN), "wrong-syntax"),
    "little endian declared big": (lambda: wrong(EXPLICIT_BE, EXPLICIT), "wrong-syntax"),
    "explicit VR that becomes implicit on the way": (
        lambda: part10(head() + IMPLICIT.element("PatientName", "PN", CANARY)),
        "no-element",
    ),
    "plain declared deflated": (
        lambda: part10(body(), meta=file_meta(DEFLATED_LE)),
        "bad-deflate",
    ),
    "the file meta information twice": (lambda: part10(file_meta() + body()), WRITTEN),
    "file meta information in the data set": (
        lambda: file(element(0x00020016, "AE", CANARY)),
        "misplaced",
    ),
    "file meta information without a group length": (
        lambda: part10(body(), meta=meta_without_length()),
        WRITTEN,
    ),
    "a group length of the file meta information that lies": (
        lambda: part10(body(), meta=file_meta(group_length=4)),
        WRITTEN,
    ),
    "a group length of the file meta information past the end": (
        lambda: part10(body(), meta=file_meta(group_length=0xFFFFFFFF)),
        WRITTEN,
    ),
    "a preamble with a name in it": (
        lambda: part10(body(), preamble=CANARY.encode().ljust(128, b"\0")),
        WRITTEN,
    ),
    # Private creators
    "a private element without its creator": (lambda: file(private()), WRITTEN),
    "a private block with two creators": (lambda: file(private(b"ACME 1", b"ACME 2")), WRITTEN),
    "a private creator twice": (lambda: file(private(b"ACME 1", b"ACME 1")), WRITTEN),
    "a private creator in other than ASCII": (
        lambda: file(private("ÅCMÉ\0\x9b".encode())),
        WRITTEN,
    ),
    "a private creator with a name in it": (lambda: file(private(CANARY.encode())), WRITTEN),
    # Character sets
    "UTF-8 declared ASCII": (lambda: with_charset("", "Kanari^Zoë".encode()), WRITTEN),
    "Latin-1 declared UTF-8": (
        lambda: with_charset("ISO_IR 192", "Kanari^Zoë".encode("latin-1")),
        WRITTEN,
    ),
    "Shift JIS declared GB18030": (
        lambda: with_charset("GB18030", "Kanari^山田".encode("shift_jis")),
        WRITTEN,
    ),
    "a character set that is none": (
        lambda: with_charset("KLINGON", CANARY.encode()),
        "bad-charset",
    ),
    "a character set of 64 KB": (
        lambda: with_charset("\\".join(["ISO 2022 IR 87"] * 4000), CANARY.encode()),
        WRITTEN,
    ),
    "an escape sequence without end": (
        lambda: with_charset("\\ISO 2022 IR 87", b"Kanari^\x1b$B"),
        WRITTEN,
    ),
    "half an escape sequence": (
        lambda: with_charset("\\ISO 2022 IR 87", b"Kanari^\x1b$"),
        WRITTEN,
    ),
    "an escape sequence of a set that is not declared": (
        lambda: with_charset("\\ISO 2022 IR 87", b"Kanari^\x1b$)CK"),
        WRITTEN,
    ),
    # Values for those who look
    "terminal escape codes in values": (
        lambda: file(
            element("PatientComments", "LT", "\x1b]0;Kanari\x07\x1b[31m"), private(b"\x1b[2J")
        ),
        WRITTEN,
    ),
    "terminal escape codes in the file meta information": (
        lambda: part10(body(), meta=file_meta("\x1b[31mKanari")),
        "bad-meta",
    ),
    "a formula for a spreadsheet": (
        lambda: file(element("StudyID", "SH", '=cmd|"/C x"!A0')),
        WRITTEN,
    ),
    # Fragments
    "fragments without an end": (
        lambda: part10(body() + encapsulated(b"ab")[:-8], JPEG_BASELINE),
        "truncated",
    ),
    "a fragment longer than the file": (
        lambda: part10(
            body() + element("PixelData", "OB", item(length=0x7FFFFFFE), length=UNDEFINED),
            JPEG_BASELINE,
        ),
        "truncated",
    ),
    "100,000 empty fragments": (
        lambda: part10(
            body()
            + element("PixelData", "OB", item() * 100_000 + END_OF_SEQUENCE, length=UNDEFINED),
            JPEG_BASELINE,
        ),
        WRITTEN,
    ),
    "an offset table that lies": (
        lambda: part10(
            body()
            + element(
                "PixelData",
                "OB",
                item(struct.pack("<2I", 0, 0xFFFFFFF0)) + item(b"ab") + END_OF_SEQUENCE,
                length=UNDEFINED,
            ),
            JPEG_BASELINE,
        ),
        WRITTEN,
    ),
}
