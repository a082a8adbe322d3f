"""The outer form of files: (name, file, encoding, where its data set begins) or the reason."""

from __future__ import annotations

import random
import zlib
from itertools import product
from typing import TYPE_CHECKING

import pytest
from image import (
    BIG_ENDIAN,
    DEFLATED_LE,
    EXPLICIT,
    IMPLICIT,
    JPEG_BASELINE,
    deflated,
    element,
    file_meta,
    part10,
    writer_of,
)
from image import EXPLICIT_BE as BIG
from image import EXPLICIT_LE as PLAIN
from image import IMPLICIT_LE as NO_VR

from anonymizer.dicom import part10 as part10_module
from anonymizer.dicom.part10 import (
    Splitter,
    Stamp,
    deflate,
    inflate,
    is_uid,
    may_begin_dicom,
    meta_element,
    split,
    uid_text,
)
from anonymizer.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, Encoding
from anonymizer.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.dicom.part10 import Envelope

CLASS = "SOPClassUID"
DATASET = element(CLASS, "UI", "1.2.840.10008.5.1.4.1.1.7")
NO_VR_DATASET = IMPLICIT.element(CLASS, "UI", "1.2.840.10008.5.1.4.1.1.7")
BIG_DATASET = BIG_ENDIAN.element(CLASS, "UI", "1.2.840.10008.5.1.4.1.1.7")
META = file_meta()
NO_VR_META = IMPLICIT.element(0x00020010, "UI", PLAIN)
ENDLESS_META = element(0x00020102, "OB", length=0xFFFFFFFF)

READ: list[tuple[str, bytes, Encoding, int]] = [
    ("explicit VR", part10(DATASET), EXPLICIT_LE, 132 + len(META)),
    ("implicit VR", part10(NO_VR_DATASET, NO_VR), IMPLICIT_LE, -len(NO_VR_DATASET)),
    ("big endian", part10(BIG_DATASET, BIG), EXPLICIT_BE, -len(BIG_DATASET)),
    ("deflated", part10(DATASET, DEFLATED_LE), EXPLICIT_LE, -len(deflated(DATASET))),
    ("an encapsulated syntax", part10(DATASET, JPEG_BASELINE), EXPLICIT_LE, -len(DATASET)),
    ("a private syntax", part10(DATASET, "2.25.99"), EXPLICIT_LE, -len(DATASET)),
    ("no preamble", part10(DATASET, preamble=None), EXPLICIT_LE, len(META)),
    ("a preamble and no meta", part10(DATASET, meta=b""), EXPLICIT_LE, 132),
    ("no meta, implicit", part10(NO_VR_DATASET, meta=b""), IMPLICIT_LE, 132),
    ("no meta, big endian", part10(BIG_DATASET, meta=b""), EXPLICIT_BE, 132),
    ("bare explicit VR", DATASET, EXPLICIT_LE, 0),
    ("bare implicit VR", NO_VR_DATASET, IMPLICIT_LE, 0),
    ("bare big endian", BIG_DATASET, EXPLICIT_BE, 0),
    ("an ACR-NEMA group length", IMPLICIT.element(0x00080000, "UL", 4), IMPLICIT_LE, 0),
    (
        "a wrong group length",
        part10(DATASET, meta=file_meta(group_length=7)),
        EXPLICIT_LE,
        132 + len(META),
    ),
    (
        "meta without a transfer syntax",
        part10(NO_VR_DATASET, meta=element(0x00020001, "OB", b"\0\1")),
        IMPLICIT_LE,
        -len(NO_VR_DATASET),
    ),
    ("meta without its group length", part10(DATASET, meta=META[12:]), EXPLICIT_LE, -len(DATASET)),
]


@pytest.mark.parametrize(
    ("file", "encoding", "start"), [row[1:] for row in READ], ids=[row[0] for row in READ]
)
def test_where_a_data_set_begins_and_how_it_is_written(
    file: bytes, encoding: Encoding, start: int
) -> None:
    envelope = split(file, len(file))
    assert envelope.encoding is encoding
    assert envelope.start == (len(file) + start if start < 0 else start)
    assert envelope.bare is not envelope.start


REFUSED: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "not-dicom"),
    ("four bytes", b"DICM", "not-dicom"),
    ("text", b"This is a text about the DICM marker, of more than 132 bytes." * 4, "not-dicom"),
    ("zeros", bytes(1000), "not-dicom"),
    ("a marker alone", bytes(128) + b"DICM", "empty"),
    ("meta and no data set", part10(b""), "empty"),
    ("meta that is cut off", part10(b"")[:180], "truncated"),
    ("meta in implicit VR", part10(DATASET, meta=NO_VR_META), "bad-meta"),
    (
        "meta with a long length that is cut off",
        bytes(128) + b"DICM\x02\0\x02\x01OB\0\0",
        "truncated",
    ),
    ("meta of undefined length", part10(DATASET, meta=ENDLESS_META), "truncated"),
    ("a syntax that is no UID", part10(DATASET, meta=file_meta("Doe^Jane")), "bad-meta"),
    ("a syntax that is too long", part10(DATASET, meta=file_meta("1." * 33)), "bad-meta"),
    ("explicit declared implicit", part10(DATASET, NO_VR), "wrong-syntax"),
    ("implicit declared explicit", part10(NO_VR_DATASET), "wrong-syntax"),
    ("implicit declared big endian", part10(NO_VR_DATASET, BIG), "wrong-syntax"),
    ("big endian declared little", part10(BIG_DATASET), "wrong-syntax"),
    ("little declared big endian", part10(DATASET, BIG), "wrong-syntax"),
    ("no meta and no data set", bytes(128) + b"DICM" + b"garbage, not a data set", "wrong-syntax"),
    ("bare, but beginning with a name", element("PatientName", "PN", "Doe"), "not-dicom"),
    ("a bare group length that is cut off", b"\x08\0\0\0UL", "not-dicom"),
]


@pytest.mark.parametrize(
    ("file", "is_dicom"),
    [(row[1], True) for row in READ] + [(file, why != "not-dicom") for _, file, why in REFUSED],
    ids=[str(row[0]) for row in (*READ, *REFUSED)],
)
def test_the_beginning_tells_what_is_taken_for_dicom(file: bytes, is_dicom: bool) -> None:
    """Who has only read the beginning must not leave out what would be taken for an image."""
    assert may_begin_dicom(file[:140], len(file)) is is_dicom


@pytest.mark.parametrize(
    ("file", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_is_no_dicom_or_says_it_wrongly_is_refused(file: bytes, reason: str) -> None:
    with pytest.raises(ImageError) as raised:
        split(file, len(file))
    assert raised.value.reason == reason
    assert "Doe" not in f"{raised.value} {raised.value!r} {raised.value.args}"


def test_the_first_of_two_values_of_the_meta_counts() -> None:
    meta = file_meta() + element(0x00020010, "UI", NO_VR)
    assert split(part10(DATASET, meta=meta), 10_000).syntax == PLAIN


@pytest.mark.parametrize("mark", [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"])
def test_a_preamble_may_be_that_of_a_tiff(mark: bytes) -> None:
    file = part10(DATASET, preamble=mark + bytes(124))
    assert split(file, len(file)).dual == "TIFF"
    assert split(part10(DATASET), len(file)).dual == ""


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("1.2.3", True),
        ("", False),
        ("1" * 64, True),
        ("1" * 65, False),
        ("1.2 ", False),
        ("1.2\\1.3", False),
        ("Doe", False),
        ("\u0661.\u0662", False),
    ],
)
def test_what_can_be_a_uid(text: str, is_one: bool) -> None:
    assert is_uid(text) is is_one


@pytest.mark.parametrize(("raw", "text"), [(b"1.2\0", "1.2"), (b"1.2 ", "1.2"), (b"\xe4", "ä")])
def test_a_uid_is_read_without_padding(raw: bytes, text: str) -> None:
    assert uid_text(raw) == text


# One file after another


SPOOF = element(0x00020102, "OB", element(0x00020003, "UI", "Doe^Jane"))
LONG_INSTANCE = META[:12] + element(0x00020003, "OB", b"1.2^Doe^Jane^1.2")
ROWS_OF_FILES: list[tuple[str, list[bytes]]] = [
    (
        "one instance after another",
        [file_meta(sop_instance=uid) for uid in ("1.2", "1.3", "1.2.3")],
    ),
    ("another class", [file_meta(), file_meta(sop_class="1.2.3"), file_meta()]),
    ("another syntax", [file_meta(), file_meta(JPEG_BASELINE), file_meta("2.25.99")]),
    ("a wrong group length", [file_meta(), file_meta(group_length=7), file_meta(sop_instance="1")]),
    ("no group length", [META[12:], META[12:].replace(b"1.2.3.4", b"1.2.3.5"), META]),
    ("private information that looks like an instance", [META[:12] + SPOOF, META[:12] + SPOOF]),
    ("before the instance", [META[:26] + SPOOF + META[26:], META[:26] + SPOOF + META[26:]]),
    ("behind it", [META + SPOOF, META + SPOOF.replace(b"Jane", b"Jack"), META]),
    ("twice", [META + META[12:], META + META[12:].replace(b"1.2.3.4", b"1.2.3.5")]),
    ("an instance of another VR", [META.replace(b"\3\0UI", b"\3\0LO")] * 2),
    ("an instance with a long header", [LONG_INSTANCE, LONG_INSTANCE.replace(b"Jane", b"Jack")]),
    ("nothing", [b"", META, b""]),
]


@pytest.mark.parametrize("preamble", [bytes(128), None], ids=["preamble", "none"])
@pytest.mark.parametrize(
    "metas", [row[1] for row in ROWS_OF_FILES], ids=[row[0] for row in ROWS_OF_FILES]
)
def test_files_split_one_after_another_are_split_as_each_alone(
    metas: list[bytes], preamble: bytes | None
) -> None:
    splitter = Splitter()
    for meta in [*metas, *metas]:
        file = part10(DATASET, meta=meta, preamble=preamble)
        seen, alone = splitter.split(file, len(file)), split(file, len(file))
        for envelope in (seen, alone):
            envelope.meta.pop(0x00020000, None)  # nobody reads the group length
        for part in ("start", "syntax", "encoding", "meta", "bare", "dual"):
            assert getattr(seen, part) == getattr(alone, part), part
    with pytest.raises(ImageError):
        splitter.split(b"no DICOM", 8)


@pytest.mark.parametrize("syntax", [PLAIN, NO_VR, BIG, DEFLATED_LE])
def test_a_file_cut_off_near_its_beginning_is_split_as_alone(syntax: str) -> None:
    """Behind one like it, and before: what was seen tells nothing of bytes that are not there."""
    whole = part10({NO_VR: NO_VR_DATASET, BIG: BIG_DATASET}.get(syntax, DATASET), syntax)
    empty = part10(b"", syntax)
    start = split(whole, len(whole)).start
    cut = [whole[:stop] for stop in range(start, start + 24)]
    for before, file in [*product([whole, empty], cut), *product(cut, [whole, empty])]:
        splitter = Splitter()
        told(splitter.split, before)
        assert told(splitter.split, file) == told(split, file)


def told(by: Callable[[bytes, int], Envelope], file: bytes) -> tuple[object, ...]:
    try:
        found = by(file, len(file))
    except ImageError as refused:
        return refused.reason, refused.offset
    return found.start, found.syntax, found.encoding


# Deflate


def stream(raw: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(raw) + deflater.flush()


def test_deflate_and_inflate_undo_each_other() -> None:
    for raw in (DATASET, DATASET + b"x", b""):
        packed = deflate(raw)
        assert not len(packed) & 1
        assert inflate(packed, 0, len(packed)) == raw


def test_a_stream_whose_end_comes_out_last_is_whole() -> None:
    """The inflater may take in all bytes before it has given all out, at each 4 MiB."""
    start = random.Random(1).randbytes(1 << 18)
    for over in range(270, 300):
        raw = start + bytes((4 << 20) - (1 << 18) + over)
        packed = stream(raw)
        assert inflate(packed, 0, len(packed)) == raw


def trailer(raw: bytes) -> bytes:
    return zlib.crc32(raw).to_bytes(4, "little") + len(raw).to_bytes(4, "little")


@pytest.mark.parametrize(
    "behind", [b"", b"\0", bytes(100), trailer(DATASET)], ids=["nothing", "NUL", "zeros", "gzip"]
)
def test_padding_may_follow_a_stream(behind: bytes) -> None:
    packed = stream(DATASET) + behind
    assert inflate(packed, 0, len(packed)) == DATASET


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (stream(DATASET)[:-2], "truncated"),
        (b"\x02\x00", "truncated"),
        (b"\xff" * 20, "bad-deflate"),
        (stream(DATASET) + b"Doe^Jane", "trailing"),
        (stream(DATASET) + trailer(b"other"), "trailing"),
        (stream(bytes(64 << 20)), "bomb"),
    ],
    ids=["cut off", "not begun", "damaged", "a name behind", "another check sum", "a bomb"],
)
def test_a_stream_that_is_not_whole_or_without_measure_is_refused(
    packed: bytes, reason: str
) -> None:
    with pytest.raises(ImageError) as raised:
        inflate(packed, 0, len(packed))
    assert raised.value.reason == reason


def test_a_small_stream_may_grow_a_thousandfold() -> None:
    raw = bytes(1 << 20)
    assert inflate(stream(raw), 0, 10_000) == raw


def test_no_stream_grows_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part10_module, "MOST_INFLATED", 1000)
    raw = random.Random(2).randbytes(1001)
    with pytest.raises(ImageError) as raised:
        inflate(stream(raw), 0, 10_000)
    assert raised.value.reason == "bomb"


# What is written


def test_the_envelope_of_the_output_is_ours_alone() -> None:
    stamp = Stamp("1.2.3")
    head = stamp.envelope(b"1.2.840.10008.5.1.4.1.1.7", b"1.2.3.4", b"1.2.840.10008.1.2.1")
    rest = (
        element(0x00020001, "OB", b"\0\1")
        + element(0x00020002, "UI", "1.2.840.10008.5.1.4.1.1.7")
        + element(0x00020003, "UI", "1.2.3.4")
        + element(0x00020010, "UI", "1.2.840.10008.1.2.1")
        + element(0x00020012, "UI", part10_module.IMPLEMENTATION_CLASS_UID)
        + element(0x00020013, "SH", "ANONYMIZER_1.2.3")
    )
    assert head == bytes(128) + b"DICM" + element(0x00020000, "UL", len(rest)) + rest
    again = stamp.envelope(b"1.2.840.10008.5.1.4.1.1.7", b"1.2.3.44", b"1.2.840.10008.1.2.1")
    assert again == head.replace(b"\x08\x001.2.3.4\0", b"\x08\x001.2.3.44")


def test_what_is_not_known_is_not_written() -> None:
    head = Stamp("1").envelope(b"", b"", b"1.2")
    assert element(0x00020002, "UI")[:6] not in head
    assert element(0x00020003, "UI")[:6] not in head
    assert int.from_bytes(head[140:144], "little") == len(head) - 144


def test_a_version_that_is_too_long_is_cut() -> None:
    assert element(0x00020013, "SH", "ANONYMIZER_1.234") in Stamp("1.2345678").envelope(
        b"", b"", b"1"
    )


@pytest.mark.parametrize(("vr", "pad"), [(b"UI", b"\0"), (b"SH", b" ")])
def test_an_odd_value_is_padded_by_its_vr(vr: bytes, pad: bytes) -> None:
    assert meta_element(0x00020013, vr, b"abc")[-4:] == b"abc" + pad
    assert writer_of(PLAIN) is EXPLICIT
