"""Cleans the items of a content tree by what each is about (PS3.15 E.3.4, Table E.3.4-1).

Rules
    * An item of which the table says X goes whole, with what it holds.  Where items are referred to
      by their position (PS3.3 C.17.3.2.5), and without the option, positions stay: an item that has
      to go keeps its place, and its value becomes a dummy or is taken away.
    * X/D is D: whether a template needs an item is not known here, and a dummy fits in any case.
    * An item that the table has no row for is treated by its value type.  One whose value is of
      another type than it says is of the type of its value.
    * References are entered, where every rule is asked about the UIDs.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import EMPTY, KEEP, RemoveItem
from anonymizer.methods.clean_text import CleanText
from anonymizer.methods.date_shift import DateShift
from anonymizer.methods.dummy import Dummy
from anonymizer.methods.keep_safe_private import KeepSafePrivate
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options
from anonymizer.methods.refresh_uid import RefreshUID
from anonymizer.methods.refusal import unsupported
from anonymizer.standard.concepts import code_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Method, Secrets

VALUE_TYPE = 0x0040A040

KINDS = {
    0x00081199: ("IMAGE", "COMPOSITE", "WAVEFORM"),  # Referenced SOP Sequence
    0x0040A120: ("DATETIME",),
    0x0040A121: ("DATE",),
    0x0040A122: ("TIME",),
    0x0040A123: ("PNAME",),
    0x0040A124: ("UIDREF",),
    0x0040A13A: ("TCOORD",),  # Referenced DateTime
    0x0040A160: ("TEXT",),
    0x0040A168: ("CODE",),
    0x0040A300: ("NUM",),
    0x0040A30A: ("NUM",),
}
"""The value types whose value an attribute holds (PS3.3 C.18)."""

BY_VR = {"DA": "DATE", "DT": "DATETIME", "PN": "PNAME", "SQ": "", "TM": "TIME", "UI": "UIDREF"}
BY_VR |= dict.fromkeys(("LO", "LT", "SH", "ST", "UC", "UT"), "TEXT")
BY_VR |= dict.fromkeys(("CS", "DS"), "NUM")
"""The value type of any other attribute."""

FULL, MODIFIED = "retainLongitudinalFullDates", "retainLongitudinalModifiedDates"
UIDS = "retainUIDs"
OPTION = "cleanStructuredContent"
CHOSEN = {
    "retainDeviceIdentity": "what names a device stays",
    "retainInstitutionIdentity": "what names an institution stays",
    "retainPatientCharacteristics": "age and sex stay",
    FULL: "dates and times stay",
    MODIFIED: "dates move as by dateShift, times stay",
    "cleanDescriptors": "texts of concepts that the option names are cleaned",
}
"""The options of the profile that the table has a column for, beside that for UIDs."""

DATES = frozenset(("DATE", "DATETIME", "TCOORD", "TIME"))

NEVER_EMPTY = {"emptied": "dummy"}
"""The text of an item is Type 1C (PS3.3 C.18)."""

REMOVE_ITEM = RemoveItem()


class CleanContent:
    """Removes, replaces, cleans or keeps the value of a content item, or the whole item."""

    __slots__ = ("_dates", "_dummy", "_texts", "_uids", "_whole", "chosen")

    name: ClassVar[str] = "cleanContent"
    summary: ClassVar[str] = (
        "treats a value in a content tree as PS3.15 Table E.3.4-1 says of its concept, else by its "
        "value type; may remove the item"
    )
    vrs: ClassVar[frozenset[str]] = frozenset(BY_VR)
    options: ClassVar[tuple[Option, ...]] = (
        *KeepSafePrivate.options,  # UIDs stay
        *(Option(name, {"type": "boolean"}, False, does) for name, does in CHOSEN.items()),
        Option(
            OPTION,
            {"type": "boolean"},
            True,
            "items that the table removes go, and other texts are cleaned; false: items keep "
            "their places, and texts become dummies",
        ),
        *DateShift.options,
        *(option for option in CleanText.options if option.name not in NEVER_EMPTY),
    )
    repeatable = True
    constant: Decision | None = None

    def __init__(self, chosen: frozenset[str], methods: Mapping[str, Method]) -> None:
        """``methods`` are by their names; that for texts or dates only where they are changed."""
        self.chosen = chosen
        self._whole = OPTION in chosen
        self._dummy = methods["dummy"]
        self._uids = methods["refreshUID"]
        self._dates = methods.get("dateShift")
        self._texts = methods.get("cleanText", self._dummy)

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        chosen = frozenset(name for name in (UIDS, *CHOSEN, OPTION) if given.flag(name))
        if {FULL, MODIFIED} <= chosen:
            given.fault(MODIFIED, f"{FULL} excludes it", "choose one")
        given.done()
        return cls(chosen, _methods(chosen, options, secrets))

    @property
    def uses(self) -> frozenset[str]:
        parts = [self._dummy, self._uids, self._texts, *([self._dates] if self._dates else [])]
        return frozenset({"concept", "numbered"}).union(*(part.uses for part in parts))

    def leaves_part_of(self, vr: str) -> bool:
        """Whether of some item's value of this VR something stays; no sequence is of such a row."""
        kind = BY_VR.get(vr, "")
        if kind in DATES:
            return not self.chosen.isdisjoint((FULL, MODIFIED))
        stays = {"PNAME": False, "TEXT": self._texts is not self._dummy}
        return stays.get(kind, True)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        if attribute.vr not in self.vrs:
            raise unsupported(self.name, attribute.vr)
        code, scheme, said = context.concept
        is_type = attribute.tag == VALUE_TYPE and attribute.vr == "CS"
        kind = said if is_type else _kind(attribute, said)
        action = code_of((code, scheme, kind), self.chosen) or self._unlisted(kind)
        if action == "X" and attribute.path and self._goes(kind, context):
            return REMOVE_ITEM
        if is_type or action == "K":
            return KEEP
        if kind in ("CODE", "NUM"):
            return EMPTY if action == "X" else KEEP
        method = self._method(kind, cleaned=action == "C")
        return KEEP if method is None else method.decide(attribute, context)

    def _unlisted(self, kind: str) -> str:
        """The code for a concept that the table has no row for."""
        if kind in DATES:
            return "K" if FULL in self.chosen else "C" if MODIFIED in self.chosen else "D"
        if kind == "TEXT":
            return "C"
        return "D" if kind in ("PNAME", "UIDREF") else "K"

    def _goes(self, kind: str, context: Context) -> bool:
        """Whether the item of an X goes; a code has no dummy, so it goes where it can."""
        return not context.numbered and (self._whole or kind == "CODE")

    def _method(self, kind: str, *, cleaned: bool) -> Method | None:
        """What changes a value; None where it is of items that are entered."""
        if kind == "UIDREF":
            return self._uids
        if kind == "TEXT":
            return self._texts if cleaned else self._dummy
        if cleaned and kind in DATES:
            return None if kind == "TIME" else self._dates
        return self._dummy if kind in DATES or kind == "PNAME" else None


def _kind(attribute: Attribute, said: str) -> str:
    """The value type: the one the item says, where it is one of this attribute's."""
    kinds = KINDS.get(attribute.tag) or (BY_VR[attribute.vr],)
    return said if said in kinds else kinds[0]


def _methods(
    chosen: frozenset[str], options: Mapping[str, Any], secrets: Secrets
) -> dict[str, Method]:
    methods: dict[str, Method] = {
        "dummy": Dummy.from_options({}, secrets),
        "refreshUID": RefreshUID.from_options({}, secrets),
    }
    if MODIFIED in chosen:
        methods["dateShift"] = DateShift.from_options(_own(DateShift, options), secrets)
    if chosen & {OPTION, "cleanDescriptors"}:
        given = {**_own(CleanText, options), **NEVER_EMPTY}
        methods["cleanText"] = CleanText.from_options(given, secrets)
    return methods


def _own(kind: type[Method], options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the options that are a method's own."""
    return {option.name: options[option.name] for option in kind.options if option.name in options}
