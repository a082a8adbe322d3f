"""What attributes say of pixel data: its length, and whether it may show who it is."""

from __future__ import annotations

import struct

import pytest
from engine import compiled, rule
from image import element, part10

from anonymizer.dicom.pixels import burned_in_suspicions, native_length
from anonymizer.dicom.syntax import EXPLICIT_LE
from anonymizer.errors import ImageError
from anonymizer.pipeline import Output, Pipeline

US = struct.Struct("<H").pack
ROWS, COLUMNS, SAMPLES, BITS, FRAMES, PHOTOMETRIC = (
    0x00280010,
    0x00280011,
    0x00280002,
    0x00280100,
    0x00280008,
    0x00280004,
)


@pytest.mark.parametrize(
    ("notes", "length"),
    [
        ({ROWS: US(3), COLUMNS: US(5), BITS: US(8)}, 15),
        ({ROWS: US(3), COLUMNS: US(5), BITS: US(16), SAMPLES: US(1)}, 30),
        ({ROWS: US(3), COLUMNS: US(5), BITS: US(8), SAMPLES: US(3), FRAMES: b"2 "}, 90),
        ({ROWS: US(3), COLUMNS: US(5), BITS: US(1)}, 2),
        (
            {
                ROWS: US(2),
                COLUMNS: US(4),
                BITS: US(8),
                SAMPLES: US(3),
                PHOTOMETRIC: b"YBR_FULL_422",
            },
            16,
        ),
        ({ROWS: US(3), COLUMNS: US(5)}, None),
        ({ROWS: US(0), COLUMNS: US(5), BITS: US(8)}, None),
        ({ROWS: b"3 ", COLUMNS: b"", BITS: US(8)}, None),
        ({ROWS: US(3), COLUMNS: US(5), BITS: US(8), FRAMES: b"many"}, None),
        ({ROWS: US(3), COLUMNS: US(5), BITS: US(8), FRAMES: b"0"}, None),
        ({ROWS: US(3), COLUMNS: US(5), BITS: US(8), FRAMES: b" +2"}, 30),
        ({ROWS: US(3), COLUMNS: US(5), BITS: US(8), FRAMES: b"9" * 5000}, None),
    ],
)
def test_how_long_native_pixels_are(notes: dict[int, bytes], length: int | None) -> None:
    assert native_length(notes, EXPLICIT_LE) == length


@pytest.mark.parametrize(
    ("notes", "words"),
    [
        ({}, []),
        ({0x00080060: b"CT"}, []),
        ({0x00080060: b"US"}, ["ultrasound"]),
        ({0x00080060: b"US", 0x00280301: b"NO"}, []),
        ({0x00280301: b"YES "}, ["annotated"]),
        ({0x60000102: US(0)}, []),
        ({0x601E0102: US(12), 0x00280301: b"NO"}, ["overlay"]),
        ({0x60000102: b"\x00\x0c", 0x00080060: b"US"}, ["overlay", "ultrasound"]),
        ({0x00080008: b"DERIVED\\SECONDARY\\SCREEN SAVE"}, ["screen", "secondary"]),
        ({0x00080016: b"1.2.840.10008.5.1.4.1.1.7\0"}, ["captured"]),
        ({0x00080016: b"1.2.840.10008.5.1.4.1.1.104.1", 0x00280301: b"NO"}, ["document"]),
    ],
)
def test_what_hints_at_names_in_the_pixels(notes: dict[int, bytes], words: list[str]) -> None:
    assert burned_in_suspicions(notes) == words


def image(
    pixels: bytes, *, number: int = 1, modality: str = "CT", more: bytes = b"", vr: str = "OW"
) -> bytes:
    dataset = (
        element("SOPClassUID", "UI", "1.2.840.10008.5.1.4.1.1.2")
        + element("SOPInstanceUID", "UI", f"1.2.{number}")
        + element("Modality", "CS", modality)
        + element("PatientID", "LO", "42")
        + element("StudyInstanceUID", "UI", "1.3")
        + element("SeriesInstanceUID", "UI", "1.4")
        + element("Rows", "US", 2)
        + element("Columns", "US", 3)
        + element("BitsAllocated", "US", 8)
    )
    return part10(dataset + more + element("PixelData", vr, pixels))


def pipeline(*, burned_in: str = "ignore", trim: bool = True, series: bool = True) -> Pipeline:
    plan = compiled(rule("PatientID", "remove"))
    plan.trim = trim
    plan.burned_in = burned_in  # type: ignore[assignment]
    return Pipeline(plan, series=series)


def done(pipe: Pipeline, file: bytes) -> Output:
    return pipe.anonymize(file, len(file))


def test_bytes_behind_the_pixels_go() -> None:
    clean = done(pipeline(), image(b"abcdef"))
    assert not clean.warnings
    found = done(pipeline(), image(b"abcdefCANARY"))
    assert bytes(found) == bytes(clean)
    assert found.warnings == ["pixel-excess"]
    kept = done(pipeline(trim=False), image(b"abcdefCANARY"))
    assert b"CANARY" in bytes(kept)


@pytest.mark.parametrize("vr", ["OB", "UN", "CS", "US"])
def test_bytes_behind_the_pixels_go_whatever_vr_they_are_written_in(vr: str) -> None:
    clean = done(pipeline(), image(b"abcdef", vr=vr))
    assert bytes(done(pipeline(), image(b"abcdefCANARY", vr=vr))) == bytes(clean)


def test_bytes_behind_the_pixels_go_in_a_series_too() -> None:
    pipe = pipeline(burned_in="warn")
    files = [image(b"abcdef", number=n, modality="US") for n in range(6)]
    files.insert(4, image(b"abcdefCANARY", number=9, modality="US"))
    files.append(image(b"abcdef", number=10))
    for file in files:
        output = done(pipe, file)
        alone = done(pipeline(burned_in="warn", series=False), file)
        assert (bytes(output), output.warnings) == (bytes(alone), alone.warnings)
        assert b"CANARY" not in bytes(output)


def test_an_image_that_may_show_names_can_be_refused() -> None:
    assert done(pipeline(burned_in="refuse"), image(b"abcdef"))
    with pytest.raises(ImageError) as fault:
        done(pipeline(burned_in="refuse"), image(b"abcdef", modality="US"))
    assert fault.value.reason == "burned-in"
    warned = done(pipeline(burned_in="warn"), image(b"abcdef", modality="US"))
    assert warned.warnings == ["burned-in-ultrasound"]


def test_an_overlay_in_the_pixel_cells_is_told_of_one_file_of_a_series() -> None:
    pipe = pipeline(burned_in="warn")
    embedded = element(0x60000102, "US", 12)
    files = [image(b"abcdef", number=n) for n in range(6)]
    files.insert(4, image(b"abcdef", number=9, more=embedded))
    warnings = [done(pipe, file).warnings for file in files]
    assert warnings == [[]] * 4 + [["burned-in-overlay"]] + [[]] * 2
