"""Judges every element of an image by PS3.5 and PS3.6, at every depth; tells no value.

Walks the spans of a scan that claims everything, so the same bytes are looked at as the rules see.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import TEXT_VRS, is_creator
from anonymizer.dicom.part10 import inflate, split
from anonymizer.dicom.scan import (
    CLOSE_ITEM,
    CLOSE_SEQUENCE,
    ITS_CHARSET,
    OPEN_ITEM,
    OPEN_SEQUENCE,
    THE_FENCE,
    scan,
)
from anonymizer.dicom.table import ASK, ASK_CREATOR, Tables
from anonymizer.dicom.text import character_set
from anonymizer.dicom.validate import Finding, faults_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.scan import Source, Span
    from anonymizer.dicom.table import Claim, Entry


class _Asked:
    always = ASK


class _Everybody:
    """The interest that claims everything, so that the scan hands out every element."""

    enters = peeks = True
    _asked = _Asked()

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        unknown = element.vr == "UN" and element.tag & 0x10000 and not is_creator(element.tag)
        return ASK_CREATOR if unknown and not creator_known else self._asked

    def takes_whole(self, claim: Claim) -> bool:
        return False


_TABLES = Tables(_Everybody())


class Findings:
    """What is wrong with one image, each finding once, with how often it occurs."""

    __slots__ = ("counts",)

    def __init__(self, findings: Iterator[Finding] | list[Finding]) -> None:
        self.counts: dict[Finding, int] = {}
        for finding in findings:
            if not finding.informational:
                self.counts[finding] = self.counts.get(finding, 0) + 1

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __len__(self) -> int:
        return len(self.counts)

    def lines(self) -> list[str]:
        return [str(finding) for finding in self.counts]

    def summary(self) -> str:
        """The first three findings and how many more there are."""
        lines = self.lines()
        more = f"; and {len(lines) - 3} more" if len(lines) > 3 else ""
        return "; ".join(lines[:3]) + more

    def beyond(self, other: Findings) -> Findings:
        """The findings that the other has not, or not as often."""
        return Findings([f for f, n in self.counts.items() if n > other.counts.get(f, 0)])


def findings_in(source: Source, stop: int) -> Findings:
    """Every finding of an image; raises ImageError where it cannot be read whole."""
    envelope = split(source, stop)
    start = envelope.start
    if envelope.deflated:
        source = inflate(source, start, stop)
        start, stop = 0, len(source)
    spans = scan(source, start, stop, envelope.encoding, _TABLES).spans
    return Findings(_findings(source, spans))


def _findings(source: Source, spans: list[Span]) -> Iterator[Finding]:
    charset = character_set(b"")
    around = []
    path: list[tuple[int, int]] = []
    for code, entry, start, value, stop in spans:
        if code == OPEN_ITEM:
            around.append((charset, list(path)))
            path = [*path[:-1], (path[-1][0], start)]
        elif code == CLOSE_ITEM:
            charset, path = around.pop()
        elif code == CLOSE_SEQUENCE:
            path.pop()
        elif code != THE_FENCE and entry is not None:
            raw: bytes | range = b""
            if code == OPEN_SEQUENCE:
                path.append((entry.tag, 0))
            else:
                raw = _field(source, entry, value, stop)
            if code == ITS_CHARSET:
                charset = character_set(source[value:stop])
            place = tuple(path[:-1] if code == OPEN_SEQUENCE else path)
            yield from faults_of(
                entry.tag, entry.vr, raw, charset, written=entry.written, path=place
            )


def _field(source: Source, entry: Entry, value: int, stop: int) -> bytes | range:
    """The value field, ``b""`` for encapsulated pixel data; where it is, if it is no text."""
    if entry.vr in TEXT_VRS:
        return source[value:stop]
    if entry.long and source[value - 4 : value] == b"\xff\xff\xff\xff":
        return b""
    return range(value, stop)
