"""The profile of PS3.15 Annex E as rules in the shape of a configuration's own.

Strategy
    A rule a row of Table E.1-1: the cell of a chosen option decides, else the code of the Basic
    Profile.  Then what the table says of whole groups, then what it does not list.

Rules
    * Where one option keeps and another cleans, it is cleaned (PS3.15 E.3.6: dates "shall be
      modified").
    * What an option cleans and no method of ours can clean gets the code of the Basic Profile.
    * K and C on a sequence go inside it, where every rule is asked again.
    * A rule says every option of its method: what a file says for all rules does not change it.
"""

from __future__ import annotations

from anonymizer.dicom.dictionary import tags_by_keyword
from anonymizer.standard.facts import facts
from anonymizer.standard.table import EDITIONS, OPTIONS, PRIVATE, rows
from anonymizer.standard.unlisted import FULL, MODIFIED, NEVER_EMPTY, TEXT, unlisted_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from anonymizer.standard.table import Row

UNLISTED = ("clean", "keep", "remove")
CONFORMANCE = ("keepValid", "strict")
EXCLUSIVE = ((FULL, MODIFIED),)
"""Options that contradict each other."""

GROUPS = {
    "60XX4000": ("(60xx,4000)", "(60xx,4000)"),
    "60XX3000": ("(60xx,xxxx)", "(60xx,3000)"),
    "50XXXXXX": ("(50xx,xxxx)", "(50xx,xxxx)"),
}
"""Selectors of the rows of repeating groups, without and with cleanGraphics.

Overlay Data is Type 1 in its module, so the whole overlay goes with it.
"""

GRAPHICS_TEXTS = ("(60xx,0022)", "(60xx,1500)")
"""Overlay Description and Overlay Label; Unformatted Text Value has a row of its own."""

OF_CONTENT = (
    "retainUIDs",
    "retainDeviceIdentity",
    "retainInstitutionIdentity",
    "retainPatientCharacteristics",
    FULL,
    MODIFIED,
    "cleanDescriptors",
    "cleanStructuredContent",
)
"""The options that Table E.3.4-1 has a column for, and the one that asks for it."""

CONTENT = (
    "ValueType",
    "ConceptCodeSequence",
    "Date",
    "DateTime",
    "MeasuredValueSequence",
    "NumericValue",
    "PersonName",
    "ReferencedDateTime",
    "ReferencedSOPSequence",
    "TextValue",
    "Time",
    "UID",
)
"""The values of content items: what they tell depends on what the item is about.

D of Content Sequence goes for what it holds, so they are treated without the option, too.
"""

DIRECTORY = "00041511"
"""The one row in group 0004, which goes whole: outside a DICOMDIR it may not be (PS3.15 E.1.1)."""

EVERY_BLOCK = "/....,.*,../"
"""Private data elements with their creators, which a selector has to ask for."""

IN_PLAIN = {"D": "dummy", "U": "refreshUID", "X": "remove", "Z": "redact"}


def profile_rules(
    edition: str = EDITIONS[0],
    options: Collection[str] = frozenset(),
    unlisted: str = "clean",
    conformance: str = "keepValid",
) -> list[dict[str, Any]]:
    """The rules of an edition with these options, in order."""
    chosen = frozenset(options)
    assert chosen <= {*OPTIONS}, "options are checked before"
    by_tag = {row.tag: row for row in rows(edition)}
    private = by_tag.pop(PRIVATE)
    groups = [by_tag.pop(mask) for mask in GROUPS]
    by_tag.pop(DIRECTORY)
    return [
        {"dicomTagPath": "(0004,xxxx)", "method": "remove", "why": "E.1.1: only in a DICOMDIR"},
        *_inside_graphics(chosen),
        *_of_content(chosen),
        *(
            _rule(_selector(row), row, chosen, conformance)
            for row in by_tag.values()
            if row.keyword not in CONTENT
        ),
        *_of_private(private, chosen),
        *(_rule(_group(row, chosen), row, chosen, "strict") for row in groups),
        *unlisted_rules(unlisted, chosen),
    ]


def codes(options: Collection[str]) -> list[tuple[str, str]]:
    """(code value, code meaning) of CID 7050 for the profile and each option."""
    return [
        (value, meaning)
        for option, value, meaning in facts("deidentification_methods")
        if option == "basic" or option in options
    ]


def _selector(row: Row) -> str:
    known = tags_by_keyword().get(row.keyword) == int(row.tag, 16)
    return row.keyword if known else f"({row.tag[:4]},{row.tag[4:]})"


def _inside_graphics(options: frozenset[str]) -> list[dict[str, Any]]:
    """The texts beside what is drawn, where only an option keeps what they stand in."""
    texts = GRAPHICS_TEXTS if "cleanGraphics" in options else ()
    return [{"dicomTagPath": t, "method": "cleanText", "why": "cleanGraphics C"} for t in texts]


def _of_content(options: frozenset[str]) -> list[dict[str, Any]]:
    flags = {name: name in options for name in OF_CONTENT}
    why = "E.3.4-1" if "cleanStructuredContent" in options else "E.1-1 D of what it stands in"
    return [
        {"dicomTagPath": path, "method": "cleanContent", **flags, "why": why} for path in CONTENT
    ]


def _group(row: Row, options: frozenset[str]) -> str:
    return GROUPS[row.tag]["cleanGraphics" in options]


def _rule(selector: str, row: Row, options: frozenset[str], conformance: str) -> dict[str, Any]:
    treatment = (options and _of_options(row, options)) or _of_basic(row, conformance)
    return {"dicomTagPath": selector, **treatment}


def _of_private(row: Row, options: frozenset[str]) -> list[dict[str, Any]]:
    """The rules of all odd groups; creators go, and the engine keeps those that are needed."""
    rest = {"dicomTagPath": "private", "method": "remove", "why": f"E.1-1 {row.basic}"}
    if "retainSafePrivate" not in options:
        return [rest]
    safe = {"dicomTagPath": EVERY_BLOCK, "method": "keepSafePrivate", "why": "retainSafePrivate C"}
    return [safe | {"retainUIDs": "retainUIDs" in options}, rest]


def _of_options(row: Row, options: frozenset[str]) -> dict[str, Any]:
    """What the chosen options say, nothing where none has a cell, or none can be met."""
    chosen = [option for option in OPTIONS if option in options and option in row.options]
    cleaning = [option for option in chosen if row.options[option] == "C"]
    if not chosen:
        return {}
    option = (cleaning or chosen)[0]
    method = _cleaning(row, option) if cleaning else "keep"
    owed = method == "cleanText" and row.strictest == "1"
    treatment = {"method": method, **(NEVER_EMPTY if owed else {})}
    return {**treatment, "why": f"{option} {row.options[option]}"} if method else {}


def _cleaning(row: Row, option: str) -> str:
    """The method that does what C means for the option, ``""`` where none can."""
    if option in _FIXED:
        return _FIXED[option]
    if row.vr == "SQ":
        return "keep"
    if row.tag == "60XX3000":
        return "blank"
    by_vr = _SHIFTED if option == MODIFIED else _CLEANED
    return by_vr.get(row.vr, "")


_FIXED = {"retainDeviceIdentity": "dummy"}
"""C of device identity: application entity titles."""

_SHIFTED = {"DA": "dateShift", "DT": "dateShift", "TM": "keep", "SH": "keep"}
"""Whole days leave times and Timezone Offset as they are; dates inside OB cannot be shifted."""

_CLEANED = dict.fromkeys(TEXT, "cleanText")


def _of_basic(row: Row, conformance: str) -> dict[str, Any]:
    code = row.basic
    why = f"E.1-1 {code}"
    if _depends(row, conformance):
        return {"method": "byType", "code": code, "conformance": conformance, "why": why}
    return {"method": IN_PLAIN[code.partition("/")[0]], "why": why}


def _depends(row: Row, conformance: str) -> bool:
    """Whether some IOD gives the attribute a Type for which another action than the first holds."""
    if row.basic in "DU" or (row.basic == "X" and conformance == "strict"):
        return False
    return row.strictest in (("1",) if row.basic.startswith("Z") else ("1", "2"))
