"""Damages data sets and files the way fuzzers do not by themselves: element by element.

    mutated(file, other, random)      one to four damages of a file; ``other`` gives parts

Strategy
    Headers are looked for loosely, at every depth, in the encoding that the file claims.  Then
    a length, VR, tag or value is changed, or elements are taken out, doubled, moved, wrapped, cut
    off, or taken from another file.  A deflated data set is damaged before it is deflated.
    One time in four bits are flipped anywhere.
"""

from __future__ import annotations

import zlib
from struct import Struct, error
from typing import TYPE_CHECKING, NamedTuple

from image import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, deflated

from anonymizer.dicom.attribute import LONG_VRS
from anonymizer.dicom.table import VRS

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

MOST_HEADERS = 400
UNDEFINED = 0xFFFFFFFF
ITEM_GROUP = 0xFFFE
ITEM, ITEM_END, SEQUENCE_END = 0xE000, 0xE00D, 0xE0DD

LENGTHS = (0, 1, 2, 4, 7, 8, 16, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, UNDEFINED - 1)
ALL_VRS = sorted(VRS)
TAGS = (
    0x00000000, 0x00020010, 0x00080000, 0x00080005, 0x00080016, 0x00080018, 0x00080020, 0x00080104,
    0x00080102, 0x00081110, 0x00100010, 0x00100020, 0x00100021, 0x00101002, 0x00120062, 0x00120063,
    0x00120064, 0x00189004, 0x0020000D, 0x0020000E, 0x00280303, 0x0040A040, 0x0040A043, 0x0040A730,
    0x00190010, 0x00191001, 0x00290010, 0x00291001, 0x00291003, 0x04000561, 0x60003000, 0x7FE00010,
    0xFFFAFFFA, 0xFFFCFFFC, 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD, 0xFFFFFFFF,
)  # fmt: skip
VALUES = (
    b"",
    b"\\",
    b"Canary^Jane=",
    b"ISO 2022 IR 87",
    b"\\ISO 2022 IR 13",
    b"ISO_IR 192",
    b"\x1b$B",
    b"\x1b$BDR\x1b(B^\x83\x5c",
    b"\xff\xfe\xfd",
    b"20240229",
    b"00000000",
    b"20200101-20201231",
    b"20200229235960.999999+1400",
    b"1.2.3.4.5",
    b"1.2.840.10008.1.2",
    b"-1e309",
    b"NaN",
    b"090Y",
    b"DCM ",
    b"99CANARY",
    b"A" * 70,
    b"\0" * 16,
    b"\xfe\xff\0\xe0\xff\xff\xff\xff",
    b"\xfe\xff\0\xe0\x08\0\0\0\x10\0\x10\0\0\0\0\0",
)
BYTES = (0, 1, 2, 0x20, 0x5C, 0x7F, 0x80, 0xFE, 0xFF)


class Header(NamedTuple):
    """Where an element, item or delimiter stands; ``length_at`` and ``width`` of its length."""

    start: int
    length_at: int
    width: int
    value: int
    stop: int


class Form(NamedTuple):
    """How a data set is written."""

    explicit: bool
    order: str


FORMS = {
    IMPLICIT_LE: Form(explicit=False, order="<"),
    EXPLICIT_LE: Form(explicit=True, order="<"),
    EXPLICIT_BE: Form(explicit=True, order=">"),
}
LITTLE = FORMS[EXPLICIT_LE]


def headers(source: bytes, start: int, form: Form) -> list[Header]:
    """What may be headers, at every depth; ends where nothing more makes sense."""
    found: list[Header] = []
    tag_form, short, long = (Struct(form.order + letters) for letters in ("HH", "H", "I"))
    at = start
    try:
        while at + 8 <= len(source) and len(found) < MOST_HEADERS:
            group, _ = tag_form.unpack_from(source, at)
            length_at, width = at + 4, 4
            vr = source[at + 4 : at + 6].decode("latin-1")
            if form.explicit and group != ITEM_GROUP:
                if vr not in VRS:
                    break
                length_at, width = (at + 8, 4) if vr in LONG_VRS else (at + 6, 2)
            (length,) = (long if width == 4 else short).unpack_from(source, length_at)
            value = length_at + width
            enters = group == ITEM_GROUP or vr == "SQ" or length == UNDEFINED
            stop = value if enters else value + length
            found.append(Header(at, length_at, width, value, min(stop, len(source))))
            at = stop
    except error:
        pass
    return found


class Parts(NamedTuple):
    """A file before its data set, its data set inflated, and how that is written."""

    head: bytes
    body: bytes
    syntax: str


def parts_of(file: bytes) -> Parts:
    start, syntax = (132 if file[128:132] == b"DICM" else 0), EXPLICIT_LE
    for header in headers(file, start, LITTLE):
        if file[header.start : header.start + 2] != b"\x02\0":
            break
        start = header.stop
        if file[header.start : header.start + 4] == b"\x02\0\x10\0":
            syntax = file[header.value : header.stop].rstrip(b"\0 ").decode("latin-1")
    body = file[start:]
    if syntax == DEFLATED_LE:
        try:
            body = zlib.decompressobj(wbits=-15).decompress(body, 1 << 16)
        except zlib.error:
            syntax = EXPLICIT_LE
    return Parts(file[:start], body, syntax)


def mutated(file: bytes, other: bytes, random: Random) -> bytes:
    """A file with one to four damages."""
    if not random.randrange(8):
        return bits_flipped(file, other, LITTLE, random)
    head, body, syntax = parts_of(file)
    form = FORMS.get(syntax, LITTLE)
    if not random.randrange(8):
        head = (bits_flipped if random.randrange(2) else damaged)(head, head, LITTLE, random)
    body = damaged(body, parts_of(other).body, form, random)
    return head + (deflated(body) if syntax == DEFLATED_LE else body)


def mutated_input(target: str, data: bytes, other: bytes, random: Random) -> bytes:
    """The input of a target, damaged; now and then another configuration or encoding."""
    first, rest, other = data[:1] or b"\0", data[1:], other[1:]
    if target == "whole":
        if not random.randrange(4):
            first = bytes((random.randrange(256),))
        return first + mutated(rest, other, random)
    form = (LITTLE, FORMS[IMPLICIT_LE], FORMS[EXPLICIT_BE])[first[0] % 3]
    if not random.randrange(32):
        first = bytes((random.randrange(3),))
    return first + damaged(rest, other, form, random)


def damaged(body: bytes, other: bytes, form: Form, random: Random) -> bytes:
    """A data set with one to four damages."""
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        damage = random.choice(DAMAGES)
        body = damage(body, other, form, random)
    return body


def bits_flipped(body: bytes, _: bytes, __: Form, random: Random) -> bytes:
    if not body:
        return b"\0"
    changed = bytearray(body)
    for ___ in range(random.choice((1, 1, 2, 4, 8))):
        at = random.randrange(len(changed))
        if random.randrange(2):
            changed[at] ^= 1 << random.randrange(8)
        else:
            changed[at] = random.choice(BYTES)
    return bytes(changed)


def length_changed(body: bytes, _: bytes, form: Form, random: Random) -> bytes:
    header = _one_of(body, form, random)
    if header is None:
        return body
    at, width = header.length_at, header.width
    order = "little" if form.order == "<" else "big"
    length = int.from_bytes(body[at : at + width], order)  # type: ignore[arg-type]  # one of two
    new = random.choice(
        (
            random.choice(LENGTHS),
            UNDEFINED,
            length + random.choice((-8, -2, -1, 1, 2, 8, 12)),
            len(body) - header.value + random.choice((-8, -1, 0, 1)),
            random.randrange(64),
        )
    )
    limit = (1 << 8 * width) - 1
    raw = (new & limit).to_bytes(width, order)  # type: ignore[arg-type]  # one of two
    return body[:at] + raw + body[at + width :]


def vr_changed(body: bytes, _: bytes, form: Form, random: Random) -> bytes:
    """Another VR, mostly with the length field that it calls for."""
    header = _one_of(body, form, random)
    if header is None or not form.explicit:
        return body
    vr = random.choice(ALL_VRS if random.randrange(4) else ["UN", "SQ", "OB"])
    at, value = header.start + 4, header.value
    if not random.randrange(4):
        return body[:at] + vr.encode() + body[at + 2 :]
    size = header.stop - value
    long = vr in LONG_VRS
    form_of_length = Struct(form.order + ("I" if long else "H"))
    length = form_of_length.pack(size if long else size & 0xFFFF)
    return body[:at] + vr.encode() + (b"\0\0" if long else b"") + length + body[value:]


def tag_changed(body: bytes, _: bytes, form: Form, random: Random) -> bytes:
    header = _one_of(body, form, random)
    if header is None:
        return body
    at = header.start
    return body[:at] + _tag(random.choice(TAGS), form) + body[at + 4 :]


def value_changed(body: bytes, _: bytes, form: Form, random: Random) -> bytes:
    """Another value with the length that it has."""
    header = _one_of(body, form, random)
    if header is None:
        return body
    new = random.choice(VALUES)
    new += b" " * (len(new) & 1 if random.randrange(8) else 0)
    length = Struct(form.order + ("I" if header.width == 4 else "H")).pack(len(new))
    return body[: header.length_at] + length + new + body[header.stop :]


def element_dropped(body: bytes, _: bytes, form: Form, random: Random) -> bytes:
    header = _one_of(body, form, random)
    return body if header is None else body[: header.start] + body[header.stop :]


def element_doubled(body: bytes, _: bytes, form: Form, random: Random) -> bytes:
    header, place = _one_of(body, form, random), _one_of(body, form, random)
    if header is None or place is None:
        return body
    raw = body[header.start : header.stop]
    return body[: place.start] + raw + body[place.start :]


def element_borrowed(body: bytes, other: bytes, form: Form, random: Random) -> bytes:
    """Elements of another file, to where an element begins."""
    place, taken = _one_of(body, form, random), headers(other, 0, form)
    if place is None or not taken:
        return body
    first = random.randrange(len(taken))
    last = min(len(taken) - 1, first + random.choice((0, 0, 1, 3, 8)))
    return body[: place.start] + other[taken[first].start : taken[last].stop] + body[place.start :]


def spliced(body: bytes, other: bytes, form: Form, random: Random) -> bytes:
    """The beginning of one and the end of another, mostly where an element begins."""
    place, taken = _one_of(body, form, random), _one_of(other, form, random)
    if place is None or taken is None:
        return body
    if random.randrange(4):
        return body[: place.start] + other[taken.start :]
    return body[: random.randrange(len(body) + 1)] + other[random.randrange(len(other) + 1) :]


def cut_off(body: bytes, _: bytes, form: Form, random: Random) -> bytes:
    header = _one_of(body, form, random)
    if header is None or random.randrange(2):
        return body[: random.randrange(len(body) + 1)]
    return body[: random.choice((header.start, header.length_at, header.value, header.stop))]


def wrapped(body: bytes, _: bytes, form: Form, random: Random) -> bytes:
    """Some elements become the item of a sequence, of known length or not, written SQ or UN."""
    found = headers(body, 0, form)
    if not found:
        return body
    first = random.randrange(len(found))
    last = min(len(found) - 1, first + random.choice((0, 1, 3, 8)))
    start, stop = found[first].start, found[last].stop
    inner = body[start:stop]
    long = Struct(form.order + "I")
    open_item, open_sequence = random.randrange(2), random.randrange(2)
    content = _tag(0xFFFEE000, form) + long.pack(UNDEFINED if open_item else len(inner)) + inner
    content += (_tag(0xFFFEE00D, form) + bytes(4)) * open_item
    vr = random.choice((b"SQ\0\0", b"UN\0\0")) if form.explicit else b""
    tag = random.choice((0x00081110, 0x0040A730, 0x00291001, 0x04000561))
    head = _tag(tag, form) + vr + long.pack(UNDEFINED if open_sequence else len(content))
    content += (_tag(0xFFFEE0DD, form) + bytes(4)) * open_sequence
    return body[:start] + head + content + body[stop:]


def delimiter_added(body: bytes, _: bytes, form: Form, random: Random) -> bytes:
    place = _one_of(body, form, random)
    at = random.randrange(len(body) + 1) if place is None else place.start
    tag = _tag(random.choice((0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD)), form)
    length = random.choice((bytes(4), b"\xff" * 4, Struct(form.order + "I").pack(8)))
    return body[:at] + tag + length + body[at:]


def zeros_added(body: bytes, _: bytes, __: Form, random: Random) -> bytes:
    return body + bytes(random.choice((1, 2, 4, 7, 8, 12, 64)))


DAMAGES: tuple[Callable[[bytes, bytes, Form, Random], bytes], ...] = (
    bits_flipped,
    bits_flipped,
    length_changed,
    length_changed,
    vr_changed,
    tag_changed,
    tag_changed,
    value_changed,
    value_changed,
    element_dropped,
    element_doubled,
    element_borrowed,
    spliced,
    cut_off,
    wrapped,
    delimiter_added,
    zeros_added,
)


def _one_of(body: bytes, form: Form, random: Random) -> Header | None:
    found = headers(body, 0, form)
    return random.choice(found) if found else None


def _tag(tag: int, form: Form) -> bytes:
    return Struct(form.order + "HH").pack(tag >> 16, tag & 0xFFFF)
