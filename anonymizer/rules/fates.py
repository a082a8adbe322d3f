"""What became of an attribute, in one word for people."""

from __future__ import annotations

from anonymizer.dicom.attribute import is_creator, is_private
from anonymizer.dicom.splice import ITEM_GOES, REMOVED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.rules.judge import Ruling

GONE, EMPTIED, REPLACED, STAYED, ENTERED = "removed", "emptied", "replaced", "kept", "entered"


def settled(rulings: list[Ruling]) -> list[Ruling]:
    """The rulings as the output has them: whatever a rule does to a private creator, it stays as
    it is while an element of its block does (PS3.5 7.8.1)."""
    held = {
        (ruling.path, ruling.entry.tag >> 8)
        for ruling in rulings
        if is_private(ruling.entry.tag)
        and not is_creator(ruling.entry.tag)
        and fate_of(ruling) != GONE
    }
    for ruling in rulings:
        tag = ruling.entry.tag
        if is_creator(tag) and (ruling.path, tag >> 16 << 8 | tag & 0xFF) in held:
            ruling.new = None
    return rulings


def fate_of(ruling: Ruling) -> str:
    """kept, removed, emptied, replaced; entered: a sequence that stays, its items were decided."""
    if ruling.new is None:
        return ENTERED if ruling.entry.vr == "SQ" else STAYED
    if ruling.new in (REMOVED, ITEM_GOES) or not ruling.entry.tag & 0xFFFF:
        return GONE  # a group length of which anything is decided goes
    return EMPTIED if len(ruling.new) == ruling.entry.width else REPLACED
