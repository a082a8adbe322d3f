"""What an image itself says of its private attributes."""

from __future__ import annotations

import struct

import pytest
from image import BIG_ENDIAN, EXPLICIT, IMPLICIT, Writer, element, item, sequence

from anonymizer.dicom.characteristics import (
    CHARACTERISTICS,
    CREATOR,
    GROUP,
    HARMLESS,
    NONE,
    STATUS,
    WHOLE,
    declared_safe,
    is_declared,
)
from anonymizer.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, Encoding


def block(
    status: str,
    *harmless: int,
    group: int = 0x0019,
    creator: str = "ACME",
    writer: Writer = EXPLICIT,
) -> bytes:
    return writer.item(
        writer.element(GROUP, "US", group),
        writer.element(CREATOR, "LO", creator),
        writer.element(STATUS, "CS", status),
        writer.element(HARMLESS, "US", list(harmless)) if harmless else b"",
    )


def safe(dataset: bytes, encoding: Encoding = EXPLICIT_LE) -> frozenset[tuple[int, str, int]]:
    return declared_safe(dataset, 0, len(dataset), encoding)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([block("SAFE")], {(0x19, "ACME", WHOLE)}),
        ([block("MIXED", 1, 0x10)], {(0x19, "ACME", 1), (0x19, "ACME", 0x10)}),
        ([block("MIXED", 0x1001)], set()),
        ([block("MIXED")], set()),
        ([block("UNSAFE", 1)], set()),
        ([block("")], set()),
        ([block("safe")], set()),
        ([block("SAFE", group=0x0018)], set()),
        ([block("SAFE", creator="")], set()),
        ([block("SAFE", creator="B ")], {(0x19, "B", WHOLE)}),
        ([item(), block("SAFE")], {(0x19, "ACME", WHOLE)}),
        ([block("UNSAFE"), block("SAFE", creator="B")], {(0x19, "B", WHOLE)}),
        ([], set()),
    ],
)
def test_what_is_safe(items: list[bytes], expected: set[tuple[int, str, int]]) -> None:
    rest = element("PatientName", "PN", "Nordmann^Gerda")
    assert safe(sequence(CHARACTERISTICS, *items) + rest) == expected


@pytest.mark.parametrize(
    ("writer", "encoding"),
    [(EXPLICIT, EXPLICIT_LE), (IMPLICIT, IMPLICIT_LE), (BIG_ENDIAN, EXPLICIT_BE)],
)
def test_in_every_encoding(writer: Writer, encoding: Encoding) -> None:
    dataset = writer.sequence(CHARACTERISTICS, block("MIXED", 7, writer=writer))
    assert safe(dataset, encoding) == {(0x19, "ACME", 7)}


def test_what_stands_in_another_sequence_is_said_of_that() -> None:
    inner = sequence(CHARACTERISTICS, block("SAFE"))
    assert safe(sequence("ReferencedStudySequence", item(inner))) == NONE
    deeper = item(element(GROUP, "US", 0x19), sequence(0x00080305, block("SAFE")))
    assert safe(sequence(CHARACTERISTICS, deeper)) == NONE


def test_an_image_that_says_nothing() -> None:
    assert safe(element("PatientName", "PN", "Nordmann^Gerda")) is NONE


def test_a_creator_in_the_character_set_of_the_image() -> None:
    charset = element("SpecificCharacterSet", "CS", "ISO_IR 192")
    named = item(
        element(GROUP, "US", 0x19),
        element(CREATOR, "LO", "Ärzte".encode()),
        element(STATUS, "CS", "SAFE"),
    )
    assert safe(charset + sequence(CHARACTERISTICS, named)) == {(0x19, "Ärzte", WHOLE)}


def test_a_group_of_two_values_is_none() -> None:
    two = item(
        element(GROUP, "US", struct.pack("<2H", 0x19, 0x21)),
        element(CREATOR, "LO", "ACME"),
        element(STATUS, "CS", "SAFE"),
    )
    assert safe(sequence(CHARACTERISTICS, two)) == NONE


@pytest.mark.parametrize(("low", "declared"), [(1, {(0x19, "A", 1)}), (9, {(0x19, "A", WHOLE)})])
def test_an_element_is_declared_by_itself_or_with_its_block(
    low: int, declared: set[tuple[int, str, int]]
) -> None:
    assert is_declared(0x19, "A", low, frozenset(declared))
    assert not is_declared(0x19, "A", 0x77, frozenset({(0x19, "A", 1)}))
