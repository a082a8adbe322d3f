"""What became of an attribute, in one word for people."""

from __future__ import annotations

from anonymizer.dicom.splice import ITEM_GOES, REMOVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.rules.judge import Ruling

GONE, EMPTIED, REPLACED, STAYED, ENTERED = "removed", "emptied", "replaced", "kept", "entered"


def fate_of(ruling: Ruling) -> str:
    """kept, removed, emptied, replaced; entered: a sequence that stays, its items were decided."""
    if ruling.new is None:
        return ENTERED if ruling.entry.vr == "SQ" else STAYED
    if ruling.new in (REMOVED, ITEM_GOES) or not ruling.entry.tag & 0xFFFF:
        return GONE  # a group length of which anything is decided goes
    return EMPTIED if len(ruling.new) == ruling.entry.width else REPLACED
