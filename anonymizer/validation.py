"""Judges every element of an image by PS3.5 and PS3.6, at every depth; tells no value."""

from __future__ import annotations

from anonymizer.dicom.attribute import TEXT_VRS
from anonymizer.dicom.elements import read_image
from anonymizer.dicom.validate import Finding, faults_of
from anonymizer.errors import ImageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.elements import Image, Placed
    from anonymizer.dicom.scan import Source


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


def findings_in(source: Source, stop: int, *, force: bool = False) -> Findings:
    """Every finding of an image; raises ImageError where it cannot be read whole."""
    return findings_of(read_image(source, stop, force=force))


def findings_of(image: Image) -> Findings:
    """Every finding of an image that is read already."""
    return Findings(_findings(image))


def validated(
    source: Source, stop: int, *, asked: str, of_output: bool, force: bool = False
) -> tuple[list[str], Findings | None]:
    """Warnings of an input where ``asked`` is "warn", and what its output may have, if looked at.

    Raises ImageError where ``asked`` is "refuse" and there is something to find.
    """
    if not (asked or of_output):
        return [], None
    before = findings_in(source, stop, force=force)
    if before and asked == "refuse":
        raise ImageError("invalid-input", before.summary())
    told = [f"invalid-input: {finding}" for finding in before.lines()] if asked else []
    return told, before if of_output else None


def refuse_beyond(before: Findings, source: Source, stop: int) -> None:
    """Raises ImageError where an output has findings that its input had not."""
    ours = findings_in(source, stop, force=True).beyond(before)
    if ours:
        raise ImageError("invalid-output", ours.summary())


def _findings(image: Image) -> Iterator[Finding]:
    for each in image.elements:
        raw = _field(image, each)
        yield from faults_of(
            each.tag, each.vr, raw, each.charset, written=each.written, path=each.path
        )


def _field(image: Image, element: Placed) -> bytes | range:
    """The value field, ``b""`` where there is none of its own; where it is, if it is no text."""
    if element.vr in TEXT_VRS:
        return image.field(element)
    if element.encapsulated or element.vr == "SQ":
        return b""
    return range(element.start, element.stop)
