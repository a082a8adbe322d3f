"""Files of ``n`` things each, as somebody makes them who wants to fill a memory or an afternoon."""

from __future__ import annotations

import random
import zlib
from typing import TYPE_CHECKING

from hostile import END_OF_ITEM, END_OF_SEQUENCE, GROUPS, body
from image import (
    DEFLATED_LE,
    IMPLICIT,
    IMPLICIT_LE,
    JPEG_BASELINE,
    UNDEFINED,
    element,
    file_meta,
    item,
    part10,
    sequence,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = element("PatientName", "PN", "D ")
DIRECTORY = "1.2.840.10008.1.3.10"


def file(*more: bytes) -> bytes:
    return part10(body() + b"".join(more))


def private_tags(n: int) -> Iterator[int]:
    """Different ones, of blocks 10 to FF of one odd group after the other."""
    for number in range(n):
        group, rest = divmod(number, 0xF0 << 8)
        yield (0x1001 + 2 * group) << 16 | 0x1000 + rest


def creators(n: int) -> bytes:
    return b"".join(
        element((0x1001 + 2 * (number // 240)) << 16 | 0x10 + number % 240, "LO", f"A{number}")
        for number in range(n)
    )


def nested(n: int) -> bytes:
    """A thousandth as many sequences, each of them 60 levels deep, the rest in the innermost."""
    start = element(GROUPS, "SQ", length=UNDEFINED) + item(length=UNDEFINED)
    return (start * 60 + NAME * 900 + (END_OF_ITEM + END_OF_SEQUENCE) * 60) * (n // 1000)


def directory(n: int) -> bytes:
    """A DICOMDIR of ``n`` elements, eight a record; each record leads to the next."""
    records = []
    at = len(part10(b"", meta=file_meta(sop_class=DIRECTORY)))
    first = element(0x00041200, "UL", 0) + element(0x00041202, "UL", 0)
    at += len(first) + 12
    for number in range(n // 8):
        record = item(
            element(0x00041400, "UL", 0),
            element(0x00041410, "US", 0xFFFF),
            element(0x00041420, "UL", 0),
            element(0x00041430, "CS", "IMAGE"),
            element(0x00041511, "UI", f"1.2.3.{number:07}"),
            element("PatientID", "LO", f"{number:08}"),
            element("StudyInstanceUID", "UI", f"1.2.4.{number:07}"),
            element("ContentDate", "DA", "20200101"),
        )
        at += len(record)
        records.append(record[:16] + at.to_bytes(4, "little") + record[20:])
    dataset = first + sequence(0x00041220, *records)
    return part10(dataset, meta=file_meta(sop_class=DIRECTORY))


def half_noise(size: int) -> bytes:
    """Bytes that deflate to a thirtieth or so."""
    noise = random.Random(7).randbytes(1 << 15)
    return b"".join(noise + bytes((1 << 20) - len(noise)) for _ in range(size >> 20))


def deflated(n: int) -> bytes:
    """A deflated file of about a hundred bytes for each of ``n``."""
    packer = zlib.compressobj(1, wbits=-15)
    pixels = half_noise(n * 100)
    parts = [packer.compress(body() + element("PixelData", "OB", length=len(pixels)))]
    return part10(b"", meta=file_meta(DEFLATED_LE)) + b"".join(
        (*parts, packer.compress(pixels), packer.flush())
    )


WRITTEN, TOO_MANY = "written", "too-many"

SHAPES: dict[str, tuple[Callable[[int], bytes], str]] = {
    "elements that nobody owns": (lambda n: file(element("Rows", "US", 1) * n), WRITTEN),
    "names": (lambda n: file(NAME * n), TOO_MANY),
    "different UIDs": (
        lambda n: file(*(element("StudyInstanceUID", "UI", f"1.2.{i}") for i in range(n))),
        TOO_MANY,
    ),
    "dates that are none": (lambda n: file(element("ContentDate", "DA", "Mayday99") * n), TOO_MANY),
    "empty items": (lambda n: file(sequence(GROUPS, item() * n)), WRITTEN),
    "items of a name": (lambda n: file(sequence(GROUPS, item(NAME) * n)), TOO_MANY),
    "empty sequences": (lambda n: file(sequence(GROUPS) * n), WRITTEN),
    "sequences of a name": (lambda n: file(sequence(GROUPS, item(NAME)) * n), TOO_MANY),
    "names deep in sequences": (lambda n: file(nested(n)), TOO_MANY),
    "different private tags": (
        lambda n: file(*(element(tag, "LO", "ab") for tag in private_tags(n))),
        TOO_MANY,
    ),
    "private elements of one block": (
        lambda n: file(element("0019,0010", "LO", "A"), element("0019,1001", "LO", "Ab") * n),
        TOO_MANY,
    ),
    "private blocks": (lambda n: file(creators(n)), TOO_MANY),
    "one creator again and again": (
        lambda n: file(element("0019,0010", "LO", "A") * n),
        TOO_MANY,
    ),
    "sequences in UN": (
        lambda n: file(
            element("0019,0010", "LO", "A"),
            element("0019,1001", "UN", item(IMPLICIT.element("PatientName", "PN", "D ")))
            * (n // 10),
        ),
        WRITTEN,
    ),
    "group lengths": (lambda n: file(element("0008,0000", "UL", b"abcd") * n), TOO_MANY),
    "character sets": (
        lambda n: file(element("SpecificCharacterSet", "CS", "ISO_IR 100") * n),
        TOO_MANY,
    ),
    "fragments": (
        lambda n: part10(
            body()
            + element("PixelData", "OB", item(b"ab") * n + END_OF_SEQUENCE, length=UNDEFINED),
            JPEG_BASELINE,
        ),
        WRITTEN,
    ),
    "values of one element": (
        lambda n: part10(
            body(IMPLICIT) + IMPLICIT.element("OtherPatientNames", "PN", "a\\" * n), IMPLICIT_LE
        ),
        WRITTEN,
    ),
    "records of a DICOMDIR": (directory, TOO_MANY),
    "a deflated file": (deflated, WRITTEN),
}
