"""Every element of an image with its place, at every depth; for who looks and changes nothing.

Walks the spans of a scan that claims everything, so the same bytes are looked at as the rules see.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import is_creator
from anonymizer.dicom.part10 import inflate, split
from anonymizer.dicom.scan import (
    CLOSE_ITEM,
    CLOSE_SEQUENCE,
    ITEM_TAGS,
    ITS_CHARSET,
    ITS_CREATOR,
    OPEN_ITEM,
    OPEN_SEQUENCE,
    THE_FENCE,
    creator_text,
    scan,
)
from anonymizer.dicom.table import ASK_CREATOR, ASKED, Tables
from anonymizer.dicom.text import character_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.dicom.attribute import Element, Path
    from anonymizer.dicom.scan import Source, Span
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim, Entry
    from anonymizer.dicom.text import CharacterSet

    Place = tuple[Path, int, int]
    """The sequences and items around, the tag, and how many of it stand there before."""


class _Everybody:
    """The interest that claims everything, so that the scan hands out every element."""

    enters = peeks = True

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        unknown = element.vr == "UN" and element.tag & 0x10000 and not is_creator(element.tag)
        return ASK_CREATOR if unknown and not creator_known else ASKED

    def takes_whole(self, claim: Claim) -> bool:
        return False


_TABLES = Tables(_Everybody())


class Placed:
    """An element in its place: ``source[start:stop]`` is its value field.

    ``vr`` is the real one, ``written`` the one in the file; ``items`` counts those of a sequence.
    """

    __slots__ = (
        "charset",
        "creator",
        "encapsulated",
        "items",
        "path",
        "start",
        "stop",
        "tag",
        "vr",
        "written",
    )

    def __init__(  # noqa: PLR0913  an element in its place is this many things
        self,
        entry: Entry,
        path: Path,
        start: int,
        stop: int,
        charset: CharacterSet,
        *,
        creator: str = "",
        encapsulated: bool = False,
    ) -> None:
        self.tag = entry.tag
        self.vr = entry.vr
        self.written = entry.written
        self.path = path
        self.start = start
        self.stop = stop
        self.charset = charset
        self.creator = creator
        self.encapsulated = encapsulated
        self.items = 0

    def __repr__(self) -> str:
        return f"Placed({self.tag:08X} {self.vr}, {self.stop - self.start} bytes)"


class Image:
    """What a file holds: every element of its data set, and what stands around it.

    ``source`` is the file, or of a deflated one the inflated data set, which begins at ``start``
    and ends at ``stop``; ``meta`` maps the tags of group 0002 to their value fields.
    """

    __slots__ = (
        "elements",
        "encoding",
        "meta",
        "preamble",
        "source",
        "start",
        "stop",
        "syntax",
    )

    def __init__(  # noqa: PLR0913  an image is this many things
        self,
        source: Source,
        start: int,
        stop: int,
        encoding: Encoding,
        *,
        syntax: str = "",
        meta: dict[int, bytes] | None = None,
        preamble: bytes = b"",
    ) -> None:
        self.source = source
        self.start = start
        self.stop = stop
        self.elements = elements_in(source, start, stop, encoding)
        self.encoding = encoding
        self.syntax = syntax
        self.meta = meta or {}
        self.preamble = preamble

    def field(self, element: Placed) -> bytes:
        """The value field of an element, padding included."""
        return self.source[element.start : element.stop]

    def text(self, element: Placed) -> str:
        """The value field as text, as far as it can be read, without padding."""
        return element.charset.decode_loosely(self.field(element), element.vr).strip(" \0")


def read_image(source: Source, stop: int, *, force: bool = False) -> Image:
    """Raises ImageError where the image cannot be read whole; ``force`` is that of ``split``."""
    envelope = split(source, stop, force=force)
    start = envelope.start
    preamble = source[:128] if source[128:132] == b"DICM" else b""
    if envelope.deflated:
        source = inflate(source, start, stop)
        start, stop = 0, len(source)
    return Image(
        source,
        start,
        stop,
        envelope.encoding,
        syntax=envelope.syntax,
        meta=envelope.meta,
        preamble=preamble,
    )


def elements_in(source: Source, start: int, stop: int, encoding: Encoding) -> list[Placed]:
    """The elements of a data set, a sequence before what is in it."""
    walk = _Walk(source)
    for span in scan(source, start, stop, encoding, _TABLES).spans:
        walk.step(span)
    return walk.found


def by_place(image: Image) -> dict[Place, Placed]:
    """The elements by their place; of what stands twice each has its own."""
    found: dict[Place, Placed] = {}
    times: dict[tuple[Path, int], int] = {}
    for element in image.elements:
        number = times.get((element.path, element.tag), 0)
        times[element.path, element.tag] = number + 1
        found[element.path, element.tag, number] = element
    return found


class _Walk:
    """Where the spans have led: the sequences and items around, their character set, creators."""

    __slots__ = ("_around", "_charset", "_creators", "_end", "_open", "_path", "_source", "found")

    def __init__(self, source: Source) -> None:
        self.found: list[Placed] = []
        self._source = source
        self._charset = character_set(b"")
        self._creators: dict[int, str] = {}
        self._path: Path = ()
        self._open: list[Placed] = []
        self._around: list[tuple[CharacterSet, dict[int, str], Path]] = []
        self._end = 0

    def step(self, span: Span) -> None:
        code, entry, start, value, stop = span
        if code == OPEN_ITEM:
            self._enter(start)
        elif code == CLOSE_ITEM:
            self._charset, self._creators, self._path = self._around.pop()
            self._end = start
        elif code == CLOSE_SEQUENCE:
            self._close(start)
        elif code != THE_FENCE and entry is not None:
            if code == OPEN_SEQUENCE:
                self._open.append(self._add(entry, value, value))
                self._end = value
            else:
                self._value(code, entry, value, stop)

    def _enter(self, number: int) -> None:
        sequence = self._open[-1]
        sequence.items = number + 1
        self._around.append((self._charset, self._creators, self._path))
        self._creators = {}
        self._path = (*sequence.path, (sequence.tag, number))

    def _close(self, at: int) -> None:
        """Empty items leave no span: behind the last that is not, their headers are counted."""
        sequence = self._open.pop()
        sequence.stop = at
        rest = range(self._end, at, 8)
        sequence.items += sum(self._source[each : each + 4] in ITEM_TAGS for each in rest)
        self._end = at

    def _value(self, code: int, entry: Entry, value: int, stop: int) -> None:
        if code == ITS_CHARSET:
            self._charset = character_set(self._source[value:stop])
        elif code == ITS_CREATOR:
            block = entry.tag & 0xFFFF0000 | (entry.tag & 0xFF) << 8
            self._creators[block] = creator_text(self._source[value:stop])
        self._add(entry, value, stop)

    def _add(self, entry: Entry, value: int, stop: int) -> Placed:
        undefined = entry.long and self._source[value - 4 : value] == b"\xff\xff\xff\xff"
        placed = Placed(
            entry,
            self._path,
            value,
            stop,
            self._charset,
            creator=self._creators.get(entry.tag & 0xFFFFFF00, ""),
            encapsulated=undefined and entry.vr != "SQ",
        )
        self.found.append(placed)
        return placed
