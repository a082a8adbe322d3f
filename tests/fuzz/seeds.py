"""Small images to begin with: whole files, by what is in them.  Of the real ones the small only.

Everything that names somebody in the invented ones holds the word of ``CANARY``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpus import CORPUS
from fuzz.mutator import parts_of
from image import (
    DEFLATED_LE,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    JPEG_BASELINE,
    Writer,
    element,
    file_meta,
    part10,
    writer_of,
)
from study import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

CANARY = b"Canary"
NAME = "Canary^Jane"
SMALL = 3000
SYNTAXES = (EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE, DEFLATED_LE)


def seeds() -> list[bytes]:
    """Whole files: invented, of the samples, of the public corpus where it is."""
    return [*invented(), *real(SAMPLES), *real(CORPUS)]


def inputs(target: str) -> list[bytes]:
    """What the target begins with, the byte in front that chooses."""
    if target == "whole":
        return [bytes((0x80 | number % 10,)) + file for number, file in enumerate(seeds())]
    bodies = ((parts_of(file).body, parts_of(file).syntax) for file in seeds())
    numbers = {EXPLICIT_LE: 0, IMPLICIT_LE: 1, EXPLICIT_BE: 2}
    return [bytes((numbers.get(syntax, 0),)) + body for body, syntax in bodies]


def real(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.stat().st_size <= SMALL:
            yield path.read_bytes()


def invented() -> Iterator[bytes]:
    for syntax in SYNTAXES:
        w = writer_of(syntax)
        for body in (plain(w), nested(w), private(w), marked(w), report(w), charsets(w)):
            yield part10(body, syntax)
            if syntax != DEFLATED_LE:
                yield body
    yield part10(plain(writer_of(JPEG_BASELINE), w_pixels=False) + encapsulated(), JPEG_BASELINE)
    yield part10(directory(), sop_class="1.2.840.10008.1.3.10")
    yield part10(plain(IMPLICIT), IMPLICIT_LE, preamble=b"II*\0" + bytes(124))
    yield file_meta() + plain(writer_of(EXPLICIT_LE))


def plain(w: Writer, *, w_pixels: bool = True) -> bytes:
    pixels = w.element("PixelData", "OW", bytes(range(8)))
    return (
        w.element("SpecificCharacterSet", "CS", "ISO_IR 100")
        + w.element("SOPClassUID", "UI", "1.2.840.10008.5.1.4.1.1.2")
        + w.element("SOPInstanceUID", "UI", "1.2.3.1")
        + w.element("StudyDate", "DA", "20200229")
        + w.element("AccessionNumber", "SH", "Canary1")
        + w.element("Modality", "CS", "CT")
        + w.element("PatientName", "PN", NAME)
        + w.element("PatientID", "LO", "Canary 42")
        + w.element("PatientBirthDate", "DA", "19600229")
        + w.element("PatientAge", "AS", "060Y")
        + w.element("StudyInstanceUID", "UI", "1.2.4")
        + w.element("SeriesInstanceUID", "UI", "1.2.5")
        + w.element("Rows", "US", 2)
        + w.element("Columns", "US", 2)
        + w.element("BitsAllocated", "US", 16)
        + (pixels if w_pixels else b"")
    )


def nested(w: Writer) -> bytes:
    person = w.element("PatientName", "PN", NAME)
    inner = w.sequence("OtherPatientIDsSequence", w.item(person, undefined=True), undefined=True)
    hidden = IMPLICIT.item(IMPLICIT.element("PatientName", "PN", NAME))
    return (
        w.element("SOPInstanceUID", "UI", "1.2.3.2")
        + w.sequence("ReferencedStudySequence", w.item(inner), w.item(person), w.item())
        + w.sequence("ReferencedSeriesSequence", vr="UN" if not w.implicit else "SQ")
        + person
        + w.element("PatientComments", "UN", b"Canary")
        + w.sequence("RequestAttributesSequence", w.item(w.element("StudyID", "SH", "Canary")))
        + w.element(0x00400260, "UN", hidden)
        + w.element("PixelData", "OW", b"ab")
    )


def private(w: Writer) -> bytes:
    hidden = IMPLICIT.item(IMPLICIT.element("PatientName", "PN", NAME))
    return (
        w.element(0x00080000, "UL", 18)
        + w.element("SOPInstanceUID", "UI", "1.2.3.3")
        + w.element("PatientName", "PN", NAME)
        + w.element(0x00190010, "LO", "SIEMENS MR HEADER")
        + w.element(0x0019100C, "IS", "1000")
        + w.element(0x00191008, "CS", "Canary")
        + w.element(0x00290010, "LO", "ACME 1")
        + w.element(0x00290011, "LO", "ACME 2")
        + w.element(0x00291001, "UN", hidden)
        + w.element(0x00291101, "LO", "Canary")
        + w.element("Rows", "US", 2)
        + w.element(0x60003000, "OW", b"abcd")
        + w.element(0xFFFCFFFC, "OB", b"Canary")
    )


def marked(w: Writer) -> bytes:
    code = w.element("CodeValue", "SH", "113100") + w.element("CodingSchemeDesignator", "SH", "DCM")
    return (
        w.element("SOPInstanceUID", "UI", "1.2.3.4")
        + w.element("PatientName", "PN", NAME)
        + w.element("PatientIdentityRemoved", "CS", "NO")
        + w.element("DeidentificationMethod", "LO", "by hand")
        + w.sequence("DeidentificationMethodCodeSequence", w.item(code))
        + w.element("LongitudinalTemporalInformationModified", "CS", "MODIFIED")
        + w.element("PixelData", "OW", b"ab")
        + bytes(6)
    )


def report(w: Writer) -> bytes:
    def code(meaning: str, scheme: str = "DCM") -> bytes:
        return w.item(
            w.element("CodeValue", "SH", "121008")
            + w.element("CodingSchemeDesignator", "SH", scheme)
            + w.element("CodeMeaning", "LO", meaning)
        )

    def content(kind: str, value: bytes, scheme: str = "DCM") -> bytes:
        concept = w.sequence("ConceptNameCodeSequence", code("Person Observer Name", scheme))
        return w.item(w.element("ValueType", "CS", kind) + concept + value)

    return (
        w.element("SOPClassUID", "UI", "1.2.840.10008.5.1.4.1.1.88.11")
        + w.element("SOPInstanceUID", "UI", "1.2.3.5")
        + w.element("PatientName", "PN", NAME)
        + w.element("SeriesDescription", "LO", "seen by Canary, 2020-02-29")
        + w.element("ValueType", "CS", "CONTAINER")
        + w.sequence(
            "ContentSequence",
            content("PNAME", w.element(0x0040A123, "PN", NAME)),
            content("TEXT", w.element(0x0040A160, "UT", "Canary was seen"), "99CANARY"),
        )
    )


def charsets(w: Writer) -> bytes:
    return (
        w.element("SpecificCharacterSet", "CS", "\\ISO 2022 IR 87")
        + w.element("SOPInstanceUID", "UI", "1.2.3.6")
        + w.element("PatientName", "PN", b"Canary^Jane=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B")
        + w.element("PatientComments", "LT", b"Canary \x1b$B")
        + w.sequence(
            "RequestAttributesSequence",
            w.item(
                w.element("SpecificCharacterSet", "CS", "ISO_IR 192")
                + w.element("PatientName", "PN", "Canary^Zoë", encoding="utf-8")
            ),
        )
    )


def encapsulated() -> bytes:
    return writer_of(EXPLICIT_LE).encapsulated(b"\xff\xd8ab", b"cd", offsets=True)


def directory() -> bytes:
    def record(kind: str, more: bytes) -> bytes:
        return writer_of(EXPLICIT_LE).item(
            element(0x00041400, "UL", 0)
            + element(0x00041410, "US", 0xFFFF)
            + element(0x00041420, "UL", 0)
            + element(0x00041430, "CS", kind)
            + more
        )

    return (
        element(0x00041200, "UL", 0)
        + element(0x00041202, "UL", 0)
        + element(0x00041212, "US", 0)
        + writer_of(EXPLICIT_LE).sequence(
            "DirectoryRecordSequence",
            record("PATIENT", element("PatientName", "PN", NAME)),
            record("IMAGE", element(0x00041500, "CS", "CANARY")),
        )
    )
