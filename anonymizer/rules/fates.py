"""What became of an attribute, in one word for people."""

from __future__ import annotations

from anonymizer.dicom.splice import ITEM_GOES, REMOVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.rules.judge import Ruling


def fate_of(ruling: Ruling) -> str:
    """kept, removed, emptied, replaced; entered: a sequence that stays, its items were decided."""
    if ruling.new is None:
        return "entered" if ruling.entry.vr == "SQ" else "kept"
    if ruling.new in (REMOVED, ITEM_GOES):
        return "removed"
    return "emptied" if len(ruling.new) == ruling.entry.width else "replaced"
