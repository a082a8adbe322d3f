"""What the items of a content tree are about: concept name and value type of each, by its path.

Content items stand in Content Sequence of a report, and likewise in an acquisition context, a
specimen's preparation and a waveform's annotation (PS3.3 C.17.3, C.7.6.14, C.7.6.22, C.10.10).
"""

from __future__ import annotations

from anonymizer.dicom.scan import (
    CLOSE_ITEM,
    CLOSE_SEQUENCE,
    OPEN_ITEM,
    OPEN_SEQUENCE,
    VALUE,
    scan,
)
from anonymizer.dicom.table import ASKED, Tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.dicom.attribute import Element, Path
    from anonymizer.dicom.scan import Source
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim

    Concept = tuple[str, str, str]
    """Code value, coding scheme designator, value type; ``""`` for what an item does not say."""

VALUE_TYPE, CONCEPT_NAME = 0x0040A040, 0x0040A043
CODE_VALUES = frozenset({0x00080100, 0x00080119, 0x00080120})
"""Code Value, Long Code Value, URN Code Value."""
SCHEME = 0x00080102
POSITION = 0x0040DB73
"""Referenced Content Item Identifier: the numbers of items on the way to another one."""

NO_CONCEPT: Concept = ("", "", "")


class _Told:
    """Claims what tells the concept of an item."""

    enters = peeks = True
    _tags = CODE_VALUES | {VALUE_TYPE, SCHEME, POSITION}

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        return ASKED if element.tag in self._tags else None

    def takes_whole(self, claim: Claim) -> bool:
        return False


_TABLES = Tables(_Told())


def concepts_of(
    source: Source, start: int, stop: int, encoding: Encoding
) -> tuple[dict[Path, Concept], bool]:
    """The concept of every item that has a concept name or a value type, and whether some item is
    referred to by its position.

    Of several items in a concept name, which may have one, the first counts.
    """
    numbered = False
    found: dict[Path, list[str]] = {}
    path: list[tuple[int, int]] = []
    sequences: list[int] = []
    for code, entry, at, value, end in scan(source, start, stop, encoding, _TABLES).spans:
        if code == OPEN_SEQUENCE:
            assert entry is not None, "a sequence has an entry"
            sequences.append(entry.tag)
        elif code == CLOSE_SEQUENCE:
            sequences.pop()
        elif code == OPEN_ITEM:
            path.append((sequences[-1], at))
        elif code == CLOSE_ITEM:
            path.pop()
        elif code == VALUE and entry is not None and path:
            numbered |= entry.tag == POSITION
            _hear(found, tuple(path), entry.tag, source[value:end])
    return {where: (told[0], told[1], told[2]) for where, told in found.items()}, numbered


def _hear(found: dict[Path, list[str]], path: Path, tag: int, raw: bytes) -> None:
    text = raw.decode("latin-1").strip(" \0")
    if tag == VALUE_TYPE:
        found.setdefault(path, ["", "", ""])[2] = text
    elif path[-1] == (CONCEPT_NAME, 0) and tag != POSITION:
        told = found.setdefault(path[:-1], ["", "", ""])
        place = 1 if tag == SCHEME else 0
        told[place] = told[place] or text
