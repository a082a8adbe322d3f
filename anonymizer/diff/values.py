"""What is told of values: nothing, a short hash by a key that nobody keeps, or the text.

Rule. Values as they are written, without padding and in one byte order, so that equal values have
equal hashes wherever they stand.
"""

from __future__ import annotations

import hashlib
import secrets
from array import array

from anonymizer.dicom.attribute import TEXT_VRS
from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anonymizer.dicom.elements import Image, Placed

    Tell = Callable[[Image, Placed], str]

WAYS = ("hash", "hide", "show")
LONGEST_SHOWN = 60
AT_ONCE = 1 << 20

WORDS = {
    "AT": "H",
    "FD": "Q",
    "FL": "I",
    "OD": "Q",
    "OF": "I",
    "OL": "I",
    "OV": "Q",
    "OW": "H",
    "SL": "I",
    "SS": "H",
    "SV": "Q",
    "UL": "I",
    "US": "H",
    "UV": "Q",
}
"""Type codes of unsigned numbers, in each of which the bytes of a VR are in one order."""


def teller(way: str) -> Tell:
    """What ``way`` of WAYS tells of a value; each has a key of its own, drawn here."""
    if way == "hash":
        key = secrets.token_bytes(32)
        return lambda image, element: _hashed(key, image, element)
    return _shown if way == "show" else lambda _image, _element: ""


def pieces(image: Image, element: Placed) -> Iterator[bytes]:
    """A value field in little endian order, large ones piece by piece."""
    for at in range(element.start, element.stop, AT_ONCE):
        yield _piece(image, element, at, min(at + AT_ONCE, element.stop))


def _piece(image: Image, element: Placed, start: int, stop: int) -> bytes:
    raw = image.source[start:stop]
    kind = WORDS.get(element.vr, "") if image.encoding.big_endian else ""
    if not kind or element.encapsulated:
        return raw
    numbers = array(kind)
    if len(raw) % numbers.itemsize:
        return raw
    numbers.frombytes(raw)
    numbers.byteswap()
    return numbers.tobytes()


def _hashed(key: bytes, image: Image, element: Placed) -> str:
    digest = hashlib.blake2b(key=key, digest_size=6)
    if element.vr in TEXT_VRS:
        digest.update(image.field(element).strip(b" \0"))
    else:
        for piece in pieces(image, element):
            digest.update(piece)
    return digest.hexdigest()


def _shown(image: Image, element: Placed) -> str:
    """A text safe for a terminal; of what is no text the beginning as hexadecimal digits."""
    raw = next(pieces(image, element), b"")
    if element.vr in TEXT_VRS:
        text = element.charset.decode_loosely(raw, element.vr).strip(" \0")
    else:
        text = raw[: LONGEST_SHOWN // 2 + 1].hex()
    return printable(text[:LONGEST_SHOWN]) + "…" * (len(text) > LONGEST_SHOWN)
