"""What the attributes of an image say of its pixel data: how long it must be, and what it may show.

Nothing here looks at a pixel.  Whether text is burned in cannot be known from attributes; what
makes it likely can (PS3.15 E.3.1, PS3.3 C.7.6.1.1.2 and C.7.6.1.1.7).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from anonymizer.dicom.syntax import Encoding

SOP_CLASS_UID = 0x00080016
IMAGE_TYPE, MODALITY = 0x00080008, 0x00080060
SAMPLES_PER_PIXEL, PHOTOMETRIC_INTERPRETATION = 0x00280002, 0x00280004
NUMBER_OF_FRAMES, ROWS, COLUMNS, BITS_ALLOCATED = 0x00280008, 0x00280010, 0x00280011, 0x00280100
BURNED_IN_ANNOTATION = 0x00280301
LONGEST_IS = 12
PIXEL_DATA = 0x7FE00010
PIXELS = frozenset((0x7FE00008, 0x7FE00009, PIXEL_DATA))
"""Pixel data of whole numbers and of floating-point ones of two lengths."""

TELL_LENGTH = frozenset(
    {
        SAMPLES_PER_PIXEL,
        PHOTOMETRIC_INTERPRETATION,
        NUMBER_OF_FRAMES,
        ROWS,
        COLUMNS,
        BITS_ALLOCATED,
    }
)
"""The attributes that say how long native pixel data is (PS3.5 8.1.1, 8.2)."""

OVERLAY_BIT_POSITIONS = frozenset(0x60000102 + (number << 17) for number in range(16))
"""Where a bit of an overlay stands in the pixel cells: not 0 where it stands there at all, in bits
that the pixels leave unused (retired; PS3.3-2004 C.9.2).
"""

TELL_BURNED_IN = OVERLAY_BIT_POSITIONS | {SOP_CLASS_UID, IMAGE_TYPE, MODALITY, BURNED_IN_ANNOTATION}

SHOWING_MODALITIES = {
    b"US": "ultrasound",
    b"IVUS": "ultrasound",
    b"ES": "endoscopy",
    b"XC": "photograph",
    b"GM": "photograph",
    b"OT": "other",
    b"SC": "captured",
}
"""Modalities whose devices write names into the picture as a matter of course."""

SHOWING_TYPES = {b"SECONDARY": "secondary", b"SCREEN SAVE": "screen", b"SCREEN": "screen"}
"""Values of Image Type of pictures taken from a screen."""

SHOWING_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.7": "captured",  # Secondary Capture and its multi-frame kinds
    "1.2.840.10008.5.1.4.1.1.104.": "document",  # Encapsulated PDF, CDA, STL, OBJ, MTL
}
"""SOP classes, or how their UIDs begin, of what was made from a picture or a document."""


def native_length(notes: Mapping[int, bytes], encoding: Encoding) -> int | None:
    """The bytes of native pixel data without padding, None where the attributes do not say it.

    ``notes`` has the value fields of ``TELL_LENGTH`` that the image has.
    """
    numbers = [_number(notes, tag, encoding) for tag in (ROWS, COLUMNS, BITS_ALLOCATED)]
    samples = _number(notes, SAMPLES_PER_PIXEL, encoding) or 1
    frames = notes.get(NUMBER_OF_FRAMES, b"").strip(b" \0").removeprefix(b"+") or b"1"
    if not all(numbers) or not frames.isdigit() or len(frames) > LONGEST_IS or not int(frames):
        return None
    rows, columns, allocated = numbers
    if b"422" in notes.get(PHOTOMETRIC_INTERPRETATION, b""):
        samples = 2  # two luminances share their chrominances (PS3.3 C.7.6.3.1.2)
    return (rows * columns * samples * allocated * int(frames) + 7) // 8


def _number(notes: Mapping[int, bytes], tag: int, encoding: Encoding) -> int:
    raw = notes.get(tag, b"")
    return int(encoding.short.unpack(raw)[0]) if len(raw) == 2 else 0


def burned_in_suspicions(notes: Mapping[int, bytes]) -> list[str]:
    """Why pixels may show who it is, in words of ours; empty where nothing hints at it.

    ``notes`` has the value fields of ``TELL_BURNED_IN`` that the image has.  An image that says
    NO of itself is believed, unless its SOP class is that of a document; an overlay in the pixel
    cells is no part of what it speaks of.
    """
    said = _term(notes, BURNED_IN_ANNOTATION)
    sop_class = _term(notes, SOP_CLASS_UID).decode("latin-1")
    found = [
        word
        for begin, word in SHOWING_CLASSES.items()
        if sop_class.startswith(begin) and (word == "document" or said != b"NO")
    ]
    if any(any(notes[tag]) for tag in OVERLAY_BIT_POSITIONS & notes.keys()):
        found.append("overlay")
    if said == b"NO":
        return sorted(found)
    found += ["annotated"] * (said == b"YES")
    found += [SHOWING_MODALITIES.get(_term(notes, MODALITY), "")]
    for value in notes.get(IMAGE_TYPE, b"").split(b"\\"):
        found.append(SHOWING_TYPES.get(value.strip(b" \0").upper(), ""))
    return sorted({word for word in found if word})


def _term(notes: Mapping[int, bytes], tag: int) -> bytes:
    return notes.get(tag, b"").strip(b" \0").upper()
