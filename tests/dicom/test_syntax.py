"""How a transfer syntax is written: (UID, encoding)."""

from __future__ import annotations

import pickle

import pytest

from anonymizer.dicom.syntax import (
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT_LE,
    Encoding,
    encoding_of,
)


@pytest.mark.parametrize(
    ("uid", "encoding"),
    [
        ("1.2.840.10008.1.2", IMPLICIT_LE),
        ("1.2.840.113619.5.2", IMPLICIT_LE),
        ("1.2.840.10008.1.2.1", EXPLICIT_LE),
        ("1.2.840.10008.1.2.1.99", EXPLICIT_LE),
        ("1.2.840.10008.1.2.2", EXPLICIT_BE),
        ("1.2.840.10008.1.2.4.50", EXPLICIT_LE),
        ("1.2.840.10008.1.2.5", EXPLICIT_LE),
        ("2.25.1234567890", EXPLICIT_LE),
    ],
)
def test_a_transfer_syntax_says_how_the_bytes_are_read(uid: str, encoding: Encoding) -> None:
    assert encoding_of(uid) is encoding


@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        (IMPLICIT_LE, b"\x10\x00\x20\x00"),
        (EXPLICIT_LE, b"\x10\x00\x20\x00"),
        (EXPLICIT_BE, b"\x00\x10\x00\x20"),
    ],
)
def test_a_tag_is_read_as_it_is_written(encoding: Encoding, raw: bytes) -> None:
    assert encoding.tag_bytes(0x00100020) == raw
    assert encoding.tag(raw + b"LO") == 0x00100020


@pytest.mark.parametrize("encoding", [IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE])
def test_an_encoding_is_the_same_object_in_another_process(encoding: Encoding) -> None:
    assert pickle.loads(pickle.dumps(encoding)) is encoding
    assert repr(encoding) == f"Encoding({encoding.name})"
