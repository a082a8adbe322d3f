"""Puts back what Encrypted Attributes keep, for who has the key (PS3.15 E.1.2).

Rules
    * An item that the key does not open stays as it is; the others go.
    * Where two items keep the same attribute, the first counts: it is the older one.
    * Patient Identity Removed becomes NO, and what says how it was removed goes, unless the
      oldest item that opens tells what the image said before.  Where this tool wrote it, so
      does what it may have said elsewhere.
    * Group lengths of changed groups go.
"""

from __future__ import annotations

from anonymizer.dicom.enveloped import opened
from anonymizer.dicom.originals import (
    ALSO_SAID,
    ENCRYPTED_ATTRIBUTES,
    ENCRYPTED_CONTENT,
    ENCRYPTED_CONTENT_TRANSFER_SYNTAX,
    MODIFIED_ATTRIBUTES,
    SAID,
)
from anonymizer.dicom.part10 import MEDIA_STORAGE_SOP_INSTANCE_UID, inflate, uid_text
from anonymizer.dicom.recode import header, recoded
from anonymizer.dicom.scan import check
from anonymizer.dicom.splice import REMOVED
from anonymizer.dicom.syntax import DEFLATED, EXPLICIT_VR_LITTLE_ENDIAN, Encoding, encoding_of
from anonymizer.dicom.table import DEIDENTIFICATION_METHOD, PATIENT_IDENTITY_REMOVED
from anonymizer.dicom.walk import Place, content_of, elements, items
from anonymizer.errors import ImageError, ValueFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from anonymizer.dicom.part10 import Envelope
    from anonymizer.dicom.scan import Source
    from anonymizer.dicom.splice import Splice

TOOL = b"anonymizer "
SOP_INSTANCE_UID = 0x00080018
NO_IMAGE = (0x0000, 0x0002)
"""Groups of commands and of file meta information."""

Kept = dict[int, bytes]
"""Attributes of one item by tag, written as the image is."""


class RestoreOriginals:
    """The last step of a pipeline that restores. ``restored`` counts attributes."""

    __slots__ = ("_certificate", "_private", "restored")

    def __init__(self, private: RSAPrivateKey, certificate: bytes = b"") -> None:
        self._private = private
        self._certificate = certificate
        self.restored = 0

    def splices(
        self, source: Source, start: int, stop: int, envelope: Envelope, splices: list[Splice]
    ) -> list[Splice]:
        """The splices that restore; raises ImageError where there is nothing that opens."""
        assert not splices, "nothing else is changed here"
        encoding = envelope.encoding
        places = list(elements(source, start, stop, encoding))
        there = next((place for place in places if place.tag == ENCRYPTED_ATTRIBUTES), None)
        if there is None or there.vr not in ("", "SQ", "UN"):
            raise ImageError("nothing-encrypted", "it has no Encrypted Attributes Sequence")
        check(source, there.start, there.stop, encoding)
        left, kept = self._opened(source, there, encoding)
        if not kept:
            raise ImageError("wrong-key", "no Encrypted Attributes open with this key")
        after: dict[int, bytes] = {ENCRYPTED_ATTRIBUTES: left}
        for older in reversed(kept):
            after |= {tag: new for tag, new in older.items() if tag not in SAID}
        self.restored += len({tag for each in kept for tag in each})
        no = header(encoding, PATIENT_IDENTITY_REMOVED, "CS", 2) + b"NO"
        said = (*SAID, *ALSO_SAID) if _is_ours(source, places) else SAID
        after |= {tag: kept[0].get(tag, REMOVED) for tag in said}
        after[PATIENT_IDENTITY_REMOVED] = kept[0].get(PATIENT_IDENTITY_REMOVED, no)
        if instance := after.get(SOP_INSTANCE_UID):
            envelope.meta[MEDIA_STORAGE_SOP_INSTANCE_UID] = instance[8:]
        return _replaced(source, places, after, stop)

    def _opened(self, source: Source, there: Place, encoding: Encoding) -> tuple[bytes, list[Kept]]:
        """The sequence without the items that open, and what those hold, in order."""
        inner = content_of(source, there, encoding)
        left = []
        found = []
        for start, stop, delimited in items(source, there, encoding):
            kept = self._kept(source, list(elements(source, start, stop, inner)), encoding)
            if kept is None:
                left.append(source[start - 8 : stop + 8 * delimited])
            else:
                found.append(kept)
        if not left:
            return REMOVED, found
        remaining = b"".join(left)
        head = header(encoding, ENCRYPTED_ATTRIBUTES, there.vr or "SQ", len(remaining))
        return head + remaining, found

    def _kept(self, source: Source, held: list[Place], target: Encoding) -> Kept | None:
        """What one item keeps, None where the key does not open it."""
        values = {place.tag: source[place.value : place.stop] for place in held}
        syntax = uid_text(values.get(ENCRYPTED_CONTENT_TRANSFER_SYNTAX, b""))
        sealed = values.get(ENCRYPTED_CONTENT, b"")
        try:
            plains = list(opened(sealed, self._private, self._certificate))
        except ValueFault:
            return None
        for plain in plains:
            kept = _attributes(plain, syntax or EXPLICIT_VR_LITTLE_ENDIAN, target)
            if kept is not None:
                return kept
        return None


def _is_ours(source: Source, places: list[Place]) -> bool:
    """Whether this tool is named where an image tells its De-identification Method."""
    said = (source[p.value : p.stop] for p in places if p.tag == DEIDENTIFICATION_METHOD)
    return any(text.startswith(TOOL) for value in said for text in value.split(b"\\"))


def _attributes(plain: bytes, syntax: str, target: Encoding) -> Kept | None:
    """The modified attributes of the content, None where it is none: another key made it."""
    encoding = encoding_of(syntax)
    try:
        if syntax in DEFLATED:
            plain = inflate(plain, 0, len(plain))
        check(plain, 0, len(plain), encoding)
    except ImageError:
        return None
    for place in elements(plain, 0, len(plain), encoding):
        if place.tag == MODIFIED_ATTRIBUTES and place.vr in ("", "SQ"):
            start, stop, _ = next(items(plain, place, encoding), (0, 0, False))
            kept: Kept = {}
            level = elements(plain, start, stop, encoding)
            for tag, new in recoded(plain, level, encoding, target):
                if tag >> 16 not in NO_IMAGE and tag & 0xFFFF:
                    kept[tag] = kept.get(tag, b"") + new
            return kept
    return None


def _replaced(
    source: Source, places: list[Place], after: dict[int, bytes], stop: int
) -> list[Splice]:
    """What makes the attributes those of ``after``, in file order."""
    changes = list(_changes(source, places, after, stop))
    groups = {tag >> 16 for tag, _ in changes}
    stale = [p for p in places if not p.tag & 0xFFFF and p.tag >> 16 in groups]
    splices = [splice for _, splice in changes]
    splices += [(place.start, place.stop, REMOVED) for place in stale]
    return sorted(splices, key=lambda splice: splice[:2])


def _changes(
    source: Source, places: list[Place], after: dict[int, bytes], stop: int
) -> Iterator[tuple[int, Splice]]:
    """Each change with its tag: the first attribute of a tag is replaced, others of it go."""
    there = {place.tag for place in places}
    missing = sorted(tag for tag, new in after.items() if new and tag not in there)
    for place in places:
        while missing and missing[0] < place.tag:
            tag = missing.pop(0)
            yield tag, (place.start, place.start, after[tag])
        if place.tag in after:
            new = after[place.tag] if place.tag in there else REMOVED
            there.discard(place.tag)
            if source[place.start : place.stop] != new:
                yield place.tag, (place.start, place.stop, new)
    for tag in missing:
        yield tag, (stop, stop, after[tag])
