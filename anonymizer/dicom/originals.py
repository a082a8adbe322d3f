"""What the splices change, kept in the image for who has the key (PS3.15 E.1, PS3.3 C.12.1.1.4.1).

Strategy
    The attributes of the main data set that a splice touches become the one item of a Modified
    Attributes Sequence, in explicit VR little endian; sealed, that is the last item of the
    Encrypted Attributes Sequence, which is one splice more.

Rules
    * Of a sequence in which anything changed, all is kept.  So is every attribute of the same
      tag, the creator of a private one, and what the image said of its own de-identification.
    * Group lengths are not kept: they mean nothing but their group.
    * A DICOMDIR keeps nothing: its records are of several subjects.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import CHARACTER_SET_VRS, is_creator, is_private, padded
from anonymizer.dicom.dictionary import real_vr
from anonymizer.dicom.enveloped import Recipients, seal
from anonymizer.dicom.part10 import (
    MEDIA_STORAGE_DIRECTORY,
    MEDIA_STORAGE_SOP_CLASS_UID,
    uid_text,
)
from anonymizer.dicom.recode import header, recoded
from anonymizer.dicom.scan import check
from anonymizer.dicom.splice import REMOVED, apply, joined
from anonymizer.dicom.syntax import EXPLICIT_LE, EXPLICIT_VR_LITTLE_ENDIAN, Encoding
from anonymizer.dicom.table import (
    CONTRIBUTING_EQUIPMENT,
    DEIDENTIFICATION_CODES,
    DEIDENTIFICATION_METHOD,
    PATIENT_IDENTITY_REMOVED,
    SPECIFIC_CHARACTER_SET,
    TEMPORAL_INFORMATION,
)
from anonymizer.dicom.walk import DELIMITER_SIZE, UNDEFINED, Place, content_of, elements
from anonymizer.errors import ImageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from anonymizer.dicom.part10 import Envelope
    from anonymizer.dicom.scan import Source
    from anonymizer.dicom.splice import Splice

GROUP_LENGTH = 0x04000000
ENCRYPTED_ATTRIBUTES = 0x04000500
ENCRYPTED_CONTENT_TRANSFER_SYNTAX = 0x04000510
ENCRYPTED_CONTENT = 0x04000520
MODIFIED_ATTRIBUTES = 0x04000550
SAID = (PATIENT_IDENTITY_REMOVED, DEIDENTIFICATION_METHOD, DEIDENTIFICATION_CODES)
"""What an image says of its own de-identification."""

ALSO_SAID = (CONTRIBUTING_EQUIPMENT, TEMPORAL_INFORMATION)
"""What our own outputs may say beside that."""

LARGEST = 0xFFFFFF00 - 0x10000
"""Bytes of content that an element can hold once it is sealed."""


class SealOriginals:
    """The last step of a pipeline that encrypts attributes: keeps what the splices change."""

    __slots__ = ("_entropy", "_recipients")

    def __init__(self, recipients: Recipients, entropy: Callable[[int], bytes]) -> None:
        self._recipients = recipients
        self._entropy = entropy

    def splices(
        self, source: Source, start: int, stop: int, envelope: Envelope, splices: list[Splice]
    ) -> list[Splice]:
        """The splices, and the one that writes the Encrypted Attributes Sequence."""
        if uid_text(envelope.meta.get(MEDIA_STORAGE_SOP_CLASS_UID, b"")) == MEDIA_STORAGE_DIRECTORY:
            return splices
        places = list(elements(source, start, stop, envelope.encoding))
        wanted = _wanted(source, places, splices)
        if not wanted:
            return splices
        kept = [place for place in places if place.tag in wanted]
        plain = _content(source, kept, envelope.encoding)
        syntax = envelope.syntax if any(map(_is_encapsulated, kept)) else ""
        sealed = seal(plain, self._recipients, self._entropy)
        item = (syntax or EXPLICIT_VR_LITTLE_ENDIAN).encode("ascii"), sealed
        return _with_item(source, places, envelope.encoding, splices, item)


def _wanted(source: Source, places: list[Place], splices: list[Splice]) -> set[int]:
    """The tags of what is to be kept, none where nothing changed."""
    touched = {place.tag for place in _touched(source, places, splices) if place.tag & 0xFFFF}
    if not touched:
        return touched
    blocks = {tag & 0xFFFFFF00 for tag in touched if is_private(tag) and not is_creator(tag)}
    touched |= {(block & 0xFFFF0000) | ((block >> 8) & 0xFF) for block in blocks}
    touched.update(SAID, ALSO_SAID)
    if any(_has_text(place) for place in places if place.tag in touched):
        touched.add(SPECIFIC_CHARACTER_SET)
    return touched


def _touched(source: Source, places: list[Place], splices: list[Splice]) -> Iterable[Place]:
    """The elements that a splice gives other bytes; what is put between two is in neither."""
    remaining = iter(splices)
    splice = next(remaining, None)
    for place in places:
        found = False
        while splice is not None and splice[0] < place.stop:
            begin, end, new = splice
            found = found or (_is_inside(splice, place) and source[begin:end] != new)
            splice = next(remaining, None)
        if found:
            yield place


def _is_inside(splice: Splice, place: Place) -> bool:
    begin, end, _ = splice
    return begin < place.stop and end > place.start and (begin < end or begin > place.start)


def _has_text(place: Place) -> bool:
    vr = place.vr or real_vr(place.tag, "")
    return vr in CHARACTER_SET_VRS or vr in ("SQ", "UN")


def _is_encapsulated(place: Place) -> bool:
    return place.delimited and place.vr in ("OB", "OW")


def _content(source: Source, places: list[Place], encoding: Encoding) -> bytes:
    """The data set that is sealed."""
    if sum(place.stop - place.start for place in places) > LARGEST:
        raise ImageError("too-large", "what the rules change is too large to be kept in the image")
    for place in places:
        try:
            check(source, place.start, place.stop, encoding)
        except ImageError as error:
            message = "an attribute that goes is damaged, so it cannot be kept"
            raise ImageError(error.reason, message, place.start) from None
    parts = sorted(recoded(source, places, encoding, EXPLICIT_LE), key=lambda part: part[0])
    held = b"".join(new for _, new in parts)
    item = EXPLICIT_LE.item.pack(0xFFFE, 0xE000, len(held)) + held
    return header(EXPLICIT_LE, MODIFIED_ATTRIBUTES, "SQ", len(item)) + item


def _with_item(
    source: Source,
    places: list[Place],
    encoding: Encoding,
    splices: list[Splice],
    item: tuple[bytes, bytes],
) -> list[Splice]:
    """The splices with one that adds an item to the Encrypted Attributes Sequence, or makes it."""
    there = next((place for place in places if place.tag == ENCRYPTED_ATTRIBUTES), None)
    if there is None:
        at = next((p.start for p in places if p.tag > ENCRYPTED_ATTRIBUTES), places[-1].stop)
        new = _encrypted_item(*item, encoding)
        new = header(encoding, ENCRYPTED_ATTRIBUTES, "SQ", len(new)) + new
        return in_order([*splices, (at, at, new)], places)
    inside = [splice for splice in splices if _is_inside(splice, there)]
    outside = [splice for splice in splices if not _is_inside(splice, there)]
    new = joined(source, apply(source, inside, there.start, there.stop))
    new = items_in(new, there, encoding)
    new += _encrypted_item(*item, content_of(source, there, encoding))
    new = header(encoding, ENCRYPTED_ATTRIBUTES, there.vr, len(new)) + new
    return in_order([*outside, (there.start, there.stop, new)], places)


def items_in(element: bytes, there: Place, encoding: Encoding) -> bytes:
    """The items of a sequence without its delimiter, empty where it went."""
    if there.vr not in ("", "SQ", "UN"):
        raise ImageError("no-item", "Encrypted Attributes Sequence is no sequence", there.start)
    size = there.value - there.start
    (length,) = encoding.long.unpack(element[size - 4 : size] or bytes(4))
    return element[size : -DELIMITER_SIZE if length == UNDEFINED else None]


def _encrypted_item(syntax: bytes, sealed: bytes, encoding: Encoding) -> bytes:
    held = b""
    for tag, vr, value in (
        (ENCRYPTED_CONTENT_TRANSFER_SYNTAX, "UI", padded(syntax, "UI")),
        (ENCRYPTED_CONTENT, "OB", padded(sealed, "OB")),
    ):
        held += header(encoding, tag, vr, len(value)) + value
    return encoding.item.pack(0xFFFE, 0xE000, len(held)) + held


def in_order(splices: list[Splice], places: list[Place]) -> list[Splice]:
    """Splices in file order, what is put in goes behind what was put in there before; the group
    length of Encrypted Attributes goes."""
    taken = {splice[0] for splice in splices}
    stale = [p for p in places if p.tag == GROUP_LENGTH and p.start not in taken]
    splices += [(place.start, place.stop, REMOVED) for place in stale]
    return sorted(splices, key=lambda splice: splice[:2])
