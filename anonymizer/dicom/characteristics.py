"""Which private attributes an image itself calls safe (PS3.3 C.12.1.1.7, sequence (0008,0300)).

Only what identifies nobody is told: a whole block, or elements of one.  What the items say of the
treatment of the others is not asked, because the others go.
"""

from __future__ import annotations

from anonymizer.dicom.items import outer_spans
from anonymizer.dicom.scan import ITS_CHARSET, OPEN_ITEM, VALUE, scan
from anonymizer.dicom.table import ASKED, Tables
from anonymizer.dicom.text import character_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.scan import Source, Span
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim, Entry
    from anonymizer.dicom.text import CharacterSet

    Safe = frozenset[tuple[int, str, int]]
    """(group, creator, low byte) of each, ``WHOLE`` for every element of the block."""

CHARACTERISTICS = 0x00080300
GROUP, CREATOR, STATUS, HARMLESS = 0x00080301, 0x00080302, 0x00080303, 0x00080304
_TOLD = (GROUP, CREATOR, STATUS, HARMLESS)

WHOLE = -1
NONE: Safe = frozenset()


class _Wanted:
    """Claims what an item says of a block."""

    enters = True
    peeks = True

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        return ASKED if element.tag in _TOLD else None

    def takes_whole(self, claim: Claim) -> bool:
        return False


_TABLES = Tables(_Wanted())


def is_declared(group: int, creator: str, low: int, safe: Safe) -> bool:
    """Whether an image has called that private attribute safe."""
    return (group, creator, low) in safe or (group, creator, WHOLE) in safe


def declared_safe(source: Source, start: int, stop: int, encoding: Encoding) -> Safe:
    """What the data set calls safe at its top level.  ImageError where it cannot be read."""
    tag = encoding.tag_bytes(CHARACTERISTICS)
    if isinstance(source, bytes) and source.find(tag, start, stop) < 0:
        return NONE  # a mapped file is walked: to search it is to read all its pixels
    spans = scan(source, start, stop, encoding, _TABLES).spans
    safe: set[tuple[int, str, int]] = set()
    for block in _blocks(source, spans, encoding):
        safe.update(block.safe())
    return frozenset(safe)


class _Block:
    """One item: a block of private attributes and what is said of it."""

    __slots__ = ("creator", "group", "harmless", "status")

    def __init__(self) -> None:
        self.group = 0
        self.creator = ""
        self.status = ""
        self.harmless: tuple[int, ...] = ()

    def hear(self, entry: Entry, raw: bytes, charset: CharacterSet, encoding: Encoding) -> None:
        if entry.tag == CREATOR:
            self.creator = charset.decode_loosely(raw, "LO").strip(" \0")
        elif entry.tag == STATUS:
            self.status = raw.decode("latin-1").strip(" \0")
        elif not len(raw) & 1:
            numbers = tuple(number for (number,) in encoding.short.iter_unpack(raw))
            if entry.tag == HARMLESS:
                self.harmless = numbers
            elif len(numbers) == 1:
                self.group = numbers[0]

    def safe(self) -> Iterator[tuple[int, str, int]]:
        """Nothing where the block is unsafe, or not named as a block must be."""
        if not self.creator or not self.group & 1:
            return
        if self.status == "SAFE":
            yield self.group, self.creator, WHOLE
        elif self.status == "MIXED":
            yield from ((self.group, self.creator, low) for low in self.harmless if low < 0x100)


def _blocks(source: Source, spans: list[Span], encoding: Encoding) -> list[_Block]:
    blocks: list[_Block] = []
    charset = outer = character_set(b"")
    for depth, (code, entry, _, value, stop) in outer_spans(spans, CHARACTERISTICS):
        if code == OPEN_ITEM:
            charset = outer
            blocks.append(_Block())
        elif code == ITS_CHARSET:
            charset = character_set(source[value:stop])
            outer = outer if depth else charset
        elif code == VALUE and entry is not None and depth:
            blocks[-1].hear(entry, source[value:stop], charset, encoding)
    return blocks
