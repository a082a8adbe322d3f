"""The elements of the main data set as they stand in the bytes, sequences whole."""

from __future__ import annotations

from anonymizer.dicom.scan import CLOSE_SEQUENCE, ITS_GROUP_LENGTH, OPEN_SEQUENCE, scan
from anonymizer.dicom.table import ASKED, Tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.scan import Source
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim


class _Roots:
    """The interest that claims every element of the main data set and nothing in sequences."""

    enters = peeks = False

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        return ASKED if root else None

    def takes_whole(self, claim: Claim) -> bool:
        return True


_ROOTS = Tables(_Roots())


def root_elements(
    source: Source, start: int, stop: int, encoding: Encoding
) -> Iterator[tuple[int, int, int]]:
    """(tag, start, stop) of each; group lengths have tag 0.  Raises ImageError as ``scan``."""
    opened = (0, 0)
    depth = 0
    for code, entry, begin, _, end in scan(source, start, stop, encoding, _ROOTS).spans:
        depth -= code == CLOSE_SEQUENCE
        if code == CLOSE_SEQUENCE and not depth:
            yield (*opened, begin)
        elif not depth and entry is not None:
            if code == OPEN_SEQUENCE:
                opened = entry.tag, begin
            else:
                yield (0 if code == ITS_GROUP_LENGTH else entry.tag), begin, end
        depth += code == OPEN_SEQUENCE
