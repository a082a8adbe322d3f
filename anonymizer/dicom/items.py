"""What of the spans of a data set lies at its top level and in the items of one sequence there."""

from __future__ import annotations

from anonymizer.dicom.scan import CLOSE_ITEM, OPEN_ITEM, OPEN_SEQUENCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.scan import Span


def outer_spans(spans: list[Span], sequence: int) -> Iterator[tuple[int, Span]]:
    """The spans of the main data set, with 0, and those directly in an item, with 1."""
    depth = 0
    within = False
    for span in spans:
        code, entry = span[:2]
        depth += (code == OPEN_ITEM) - (code == CLOSE_ITEM)
        if code == OPEN_SEQUENCE and not depth:
            within = entry is not None and entry.tag == sequence
        if not depth or (within and depth == 1):
            yield depth, span
