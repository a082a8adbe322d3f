"""DICOMDIR: whom each directory record is about, and the byte offsets that link the records.

A directory record does not name its patient; the records above it do (PS3.3 F.4).  Records are
linked by byte offsets (PS3.3 F.3.2.2), which are wrong as soon as a value before them grows.
"""

from __future__ import annotations

from bisect import bisect_right

from anonymizer.dicom.context import Context, subject_of
from anonymizer.dicom.scan import CLOSE_ITEM, OPEN_ITEM, VALUE, scan
from anonymizer.dicom.table import ASK, Tables
from anonymizer.dicom.text import character_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.scan import Source, Span
    from anonymizer.dicom.splice import Splice
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
DIRECTORY_RECORD_SEQUENCE = 0x00041220

OFFSETS = frozenset({0x00041200, 0x00041202, 0x00041400, 0x00041420, 0x00041504})
"""Attributes that hold the byte offset of a directory record in the file, 0 for none."""

PATIENT_ID, ISSUER = 0x00100020, 0x00100021
STUDY, SERIES = 0x0020000D, 0x0020000E
INSTANCE = 0x00041511
_LEVELS = (PATIENT_ID, ISSUER, STUDY, SERIES, INSTANCE)


class _Asked:
    always = ASK


class _Wanted:
    """Claims the attributes that tell whom a record is about, and the offsets."""

    enters = peeks = True
    _asked = _Asked()

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        return self._asked if element.tag in _LEVELS or element.tag in OFFSETS else None

    def takes_whole(self, claim: Claim) -> bool:
        return False


_TABLES = Tables(_Wanted(), mark=False)


class Directory:
    """What a DICOMDIR says beside its values: a context for each record, and its offsets."""

    __slots__ = ("_long", "contexts", "offsets")

    def __init__(self, source: Source, start: int, stop: int, encoding: Encoding) -> None:
        self._long = encoding.long
        spans = scan(source, start, stop, encoding, _TABLES).spans
        self.offsets = [
            span for span in spans if span[0] == VALUE and span[1] and span[1].tag in OFFSETS
        ]
        self.contexts = _contexts(source, spans)

    def moved(self, source: Source, splices: list[Splice], growth_before: int) -> list[Splice]:
        """The splices with those added that let every offset point to where its record went.

        ``growth_before`` is by how much what stands before the data set has grown.
        """
        if not splices and not growth_before:
            return splices
        moved = _Moved(splices, growth_before)
        added = [
            (value, stop, self._long.pack(moved.where(offset)))
            for _, _, _, value, stop in self.offsets
            if stop - value == 4 and not moved.touches(value, stop)
            for (offset,) in (self._long.unpack_from(source, value),)
            if offset
        ]
        return sorted([*splices, *added])


class _Moved:
    """Where a byte of the input stands in the output."""

    __slots__ = ("_ends", "_growth", "_splices")

    def __init__(self, splices: list[Splice], growth_before: int) -> None:
        self._splices = splices
        self._ends = [end for _, end, _ in splices]
        self._growth = [growth_before]
        for begin, end, new in splices:
            self._growth.append(self._growth[-1] + len(new) - (end - begin))

    def where(self, offset: int) -> int:
        return offset + self._growth[bisect_right(self._ends, offset)]

    def touches(self, start: int, stop: int) -> bool:
        """Whether a splice changes any of these bytes already."""
        index = bisect_right(self._ends, start)
        return index < len(self._splices) and self._splices[index][0] < stop


def _contexts(source: Source, spans: list[Span]) -> list[Context]:
    """One context a record; what a record does not say itself, it has from the one before."""
    contexts: list[Context] = []
    known = dict.fromkeys(_LEVELS, "")
    depth = 0
    for code, entry, start, value, stop in spans:
        depth += (code == OPEN_ITEM) - (code == CLOSE_ITEM)
        if code == OPEN_ITEM and depth == 1:
            contexts += [_context(known)] * (start + 1 - len(contexts))
        if code == VALUE and entry is not None and entry.tag in _LEVELS and depth == 1:
            for lower in _LEVELS[_LEVELS.index(entry.tag) :]:
                known[lower] = ""
            raw = source[value:stop]
            known[entry.tag] = character_set(b"").decode_loosely(raw, entry.vr).strip(" \0")
            contexts[-1] = _context(known)
    return contexts


def _context(known: dict[int, str]) -> Context:
    patient, issuer, study, series, sop = (known[level] for level in _LEVELS)
    return Context(subject_of(patient, issuer, study, series, sop), study, series, sop)
