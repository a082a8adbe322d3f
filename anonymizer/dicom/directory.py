"""DICOMDIR: whom each directory record is about, and the byte offsets that link the records.

A directory record does not name its patient; the records above it do (PS3.3 F.4), wherever they
stand.  Records are linked by byte offsets (PS3.3 F.3.2.2), which are wrong as soon as a value
before them grows.
"""

from __future__ import annotations

from bisect import bisect_right

from anonymizer.dicom.context import Context, subject_of
from anonymizer.dicom.items import outer_spans
from anonymizer.dicom.scan import ITS_CHARSET, OPEN_ITEM, VALUE, scan
from anonymizer.dicom.table import ASKED, Tables
from anonymizer.dicom.text import character_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from struct import Struct

    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.scan import Source, Span
    from anonymizer.dicom.splice import Splice
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim, Entry
    from anonymizer.dicom.text import CharacterSet

DIRECTORY_RECORD_SEQUENCE = 0x00041220

FIRST_RECORD, NEXT_RECORD, LOWER_RECORD = 0x00041200, 0x00041400, 0x00041420
OFFSETS = frozenset({FIRST_RECORD, 0x00041202, NEXT_RECORD, LOWER_RECORD, 0x00041504})
"""Attributes that hold the byte offset of a directory record in the file, 0 for none."""

PATIENT_ID, ISSUER = 0x00100020, 0x00100021
STUDY, SERIES = 0x0020000D, 0x0020000E
INSTANCE = 0x00041511
_LEVELS = (PATIENT_ID, ISSUER, STUDY, SERIES, INSTANCE)
_NOBODY = dict.fromkeys(_LEVELS, "")


class _Wanted:
    """Claims the attributes that tell whom a record is about, and the offsets."""

    enters = peeks = True

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        return ASKED if element.tag in _LEVELS or element.tag in OFFSETS else None

    def takes_whole(self, claim: Claim) -> bool:
        return False


_TABLES = Tables(_Wanted())


class Directory:
    """What a DICOMDIR says beside its values: a context for each record, and its offsets."""

    __slots__ = ("_long", "contexts", "offsets")

    def __init__(self, source: Source, start: int, stop: int, encoding: Encoding) -> None:
        self._long = encoding.long
        spans = scan(source, start, stop, encoding, _TABLES).spans
        self.offsets = [
            span for span in spans if span[0] == VALUE and span[1] and span[1].tag in OFFSETS
        ]
        self.contexts = _contexts(source, spans, self._long)

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


class _Record:
    """What one record says itself: where it stands, whom it names, and where its links lead."""

    __slots__ = ("at", "links", "names")

    def __init__(self, at: int) -> None:
        self.at = at
        self.links: dict[int, int] = {}
        self.names: dict[int, str] = {}

    def hear(self, entry: Entry, raw: bytes, charset: CharacterSet, long: Struct) -> None:
        if entry.tag in _LEVELS:
            self.names[entry.tag] = charset.decode_loosely(raw, entry.vr).strip(" \0")
        elif len(raw) == 4:
            (self.links[entry.tag],) = long.unpack(raw)


def _contexts(source: Source, spans: list[Span], long: Struct) -> list[Context]:
    """One context a record; what a record does not say itself, it has from the one above it.

    A record that no link leads to has it from the one that stands before it.
    """
    first, records = _records(source, spans, long)
    number_at = {record.at: number for number, record in enumerate(records)}
    placed: list[dict[int, str] | None] = [None] * len(records)
    ways = [(first, _NOBODY)]
    while ways:
        offset, above = ways.pop()
        number = number_at.get(offset, -1)
        if number < 0 or placed[number] is not None:
            continue
        record = records[number]
        placed[number] = known = _known(above, record.names)
        ways.append((record.links.get(NEXT_RECORD, 0), above))
        ways.append((record.links.get(LOWER_RECORD, 0), known))
    before = _NOBODY
    contexts = []
    for record, known_here in zip(records, placed, strict=True):
        before = known_here or _known(before, record.names)
        contexts.append(_context(before))
    return contexts


def _records(source: Source, spans: list[Span], long: Struct) -> tuple[int, list[_Record]]:
    """Where the first record stands, and all of them in the order of the file."""
    directory = _Record(0)
    records: list[_Record] = []
    charset = outer = character_set(b"")
    for depth, (code, entry, start, value, stop) in outer_spans(spans, DIRECTORY_RECORD_SEQUENCE):
        if code == OPEN_ITEM:
            charset = outer
            records += [_Record(value - 8) for _ in range(start + 1 - len(records))]
        elif code == ITS_CHARSET:
            charset = character_set(source[value:stop])
            outer = outer if depth else charset
        elif code == VALUE and entry is not None:
            hearer = records[-1] if depth else directory
            hearer.hear(entry, source[value:stop], charset, long)
    return directory.links.get(FIRST_RECORD, 0), records


def _known(above: dict[int, str], names: dict[int, str]) -> dict[int, str]:
    """What is known of a record: each level it names stands for itself and empties those below."""
    known = dict(above)
    for level in _LEVELS:
        if level in names:
            for lower in _LEVELS[_LEVELS.index(level) :]:
                known[lower] = ""
            known[level] = names[level]
    return known


def _context(known: dict[int, str]) -> Context:
    patient, issuer, study, series, sop = (known[level] for level in _LEVELS)
    return Context(subject_of(patient, issuer, study, series, sop), study, series, sop)
