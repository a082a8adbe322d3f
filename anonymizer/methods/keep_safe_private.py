"""Keeps the private attributes that are known to identify nobody (PS3.15 E.3.10), removes the rest.

Known are those of Table E.3.10-1, and those that the image itself declares: the device that wrote
them says so (PS3.3 C.12.1.1.7).  A creator stays while an element of its block does.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import KEEP, REMOVE, is_creator, is_private
from anonymizer.dicom.characteristics import is_declared
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options
from anonymizer.methods.refresh_uid import RefreshUID
from anonymizer.methods.refusal import ALL_VRS
from anonymizer.standard.safe_private import is_safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Secrets

NEVER = frozenset("DA DT PN".split())
"""What is so written is a name or a date, whoever calls it safe; the table has none of them."""


class KeepSafePrivate:
    """By group, creator and low byte. UIDs get new ones; in sequences every rule is asked again."""

    __slots__ = ("_uids",)

    name: ClassVar[str] = "keepSafePrivate"
    summary: ClassVar[str] = (
        "keeps private attributes that PS3.15 Table E.3.10-1 or the image itself calls safe, with "
        "new UIDs; removes the others"
    )
    vrs: ClassVar[frozenset[str]] = ALL_VRS
    options: ClassVar[tuple[Option, ...]] = (
        Option("retainUIDs", {"type": "boolean"}, False, "UIDs stay as they are"),
    )
    uses: frozenset[str] = frozenset({"safe"})
    repeatable = True
    constant: Decision | None = None

    def __init__(self, uids: RefreshUID | None) -> None:
        self._uids = uids

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        retain = given.flag("retainUIDs")
        given.done()
        return cls(None if retain else RefreshUID.from_options({}, secrets))

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        if not _is_safe(attribute, context) or attribute.vr in NEVER:
            return REMOVE
        if attribute.vr == "UI" and self._uids is not None:
            return self._uids.decide(attribute, context)
        return KEEP


def _is_safe(attribute: Attribute, context: Context) -> bool:
    tag, creator = attribute.tag, attribute.creator.strip(" ")
    if not creator or not is_private(tag) or is_creator(tag):
        return False
    group, low = tag >> 16, tag & 0xFF
    return is_safe(group, creator, low) or is_declared(group, creator, low, context.safe)
