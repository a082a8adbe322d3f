"""What Table E.1-1 and the Types of PS3.3 ask for, read from the tables by other code than ours.

    outcome("CT's SOP class", (tag, ...), column, conformance)      one of the words below

Only the words of the codes are here; whether an output does what they say, ``happened`` tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from oracle.pydicom_edits import Node

from anonymizer.standard.facts import facts

GONE, EMPTY, DUMMY, UID, KEPT, SHIFTED, CLEANED, ENTERED, BLANK = (
    "gone empty dummy uid kept shifted cleaned entered blank".split()
)

BY_TYPE = {
    #        Type   1       2      3     not in the IOD
    "X": (DUMMY, EMPTY, GONE, GONE),
    "Z": (DUMMY, EMPTY, EMPTY, EMPTY),
    "D": (DUMMY, DUMMY, DUMMY, DUMMY),
    "U": (UID, UID, UID, UID),
    "X/Z": (DUMMY, EMPTY, GONE, GONE),
    "X/D": (DUMMY, DUMMY, GONE, GONE),
    "Z/D": (DUMMY, EMPTY, EMPTY, EMPTY),
    "X/Z/D": (DUMMY, EMPTY, GONE, GONE),
    "X/Z/U*": (ENTERED, ENTERED, GONE, GONE),
}
"""With keepValid."""

STRICTLY = BY_TYPE | {
    "X": (GONE, GONE, GONE, GONE),
    "X/Z/U*": (ENTERED, EMPTY, GONE, GONE),
}

TEXTS = frozenset("LO LT SH ST UC UT".split())
CLEANABLE = {
    "retainLongitudinalModifiedDates": dict.fromkeys("DA DT".split(), SHIFTED)
    | dict.fromkeys("TM SH".split(), KEPT),
    "retainDeviceIdentity": {"AE": DUMMY},
    "cleanDescriptors": dict.fromkeys(TEXTS, CLEANED),
    "retainPatientCharacteristics": dict.fromkeys(TEXTS, CLEANED),
    "cleanStructuredContent": {},
    "cleanGraphics": {"OB/OW": BLANK, "LT": CLEANED, "ST": CLEANED},
}
"""What C of an option comes to by VR; a sequence is entered, anything else has the basic code."""


@cache
def table() -> dict[str, tuple[str, str, dict[str, str]]]:
    """Tag to VR, basic code and the cells of the options."""
    newest = facts("2026d")
    return {
        tag: (vr, basic, dict(zip(newest["options"], cells, strict=True)))
        for tag, _, vr, basic, cells, _ in newest["rows"]
    }


@cache
def types(sop_class: str) -> dict[str, str]:
    """Path to Type in an IOD, the strictest where modules differ."""
    known, found = facts("iod_types"), dict[str, str]()
    for module in known["iods"][known["sop_classes"][sop_class]]:
        for kind, text in known["modules"].get(module, {}).items():
            for path in text.split():
                found[path] = min(kind, found.get(path, kind))
    return found


def outcome(
    sop_class: str, path: tuple[str, ...], column: str = "", conformance: str = "keepValid"
) -> str:
    """What happens to the attribute at the end of the path of tags, if nothing around it goes."""
    tag = path[-1]
    vr, basic, cells = table()[tag]
    cell = cells.get(column, "-")
    said = KEPT if cell == "K" else cleaned_as(column, vr) if cell == "C" else ""
    if not said:
        codes = BY_TYPE if conformance == "keepValid" else STRICTLY
        said = codes[basic][_column_of(sop_class, path)]
    return ENTERED if vr == "SQ" and said in (DUMMY, KEPT) else said


def cleaned_as(column: str, vr: str) -> str:
    return ENTERED if vr == "SQ" else CLEANABLE.get(column, {}).get(vr, "")


def _column_of(sop_class: str, path: tuple[str, ...]) -> int:
    runs = [tag for tag, inner in zip(path, (*path[1:], ""), strict=True) if tag != inner]
    kind = "1" if path[-1] in ("00080106", "00080107") else types(sop_class).get("/".join(runs), "")
    return {"1": 0, "2": 1, "3": 2}.get(kind[:1], 3)


# What an output has

FORMS = {
    "AE": r"[\x21-\x7E]{1,16}",
    "AS": r"\d{3}[DWMY]",
    "CS": r"[A-Z0-9_ ]{1,16}",
    "DA": r"\d{8}",
    "DS": r"[-+0-9.e]{1,16}",
    "DT": r"\d{14}(\.\d{1,6})?",
    "IS": r"[-+0-9]{1,12}",
    "LO": r".{1,64}",
    "PN": r"[^\\]{1,64}",
    "SH": r".{1,16}",
    "TM": r"\d{6}",
    "UI": r"[0-9.]{1,64}",
    "UR": r"[a-z]+:\S+",
}


def happened(vr: str, before: bytes, node: Node | None) -> set[str]:
    """All the words that fit what became of an attribute."""
    if node is None:
        return {GONE}
    if isinstance(node.value, tuple):
        return {ENTERED} if any(node.value) else {EMPTY}
    value = node.value.strip(b" \0")
    if vr == "SQ" or not node.value:
        return {EMPTY} if cleaned(before) else {EMPTY, CLEANED}
    if value == before.strip(b" \0"):
        return {KEPT}
    return set(_changes(vr, before.strip(b" \0"), value, zeros=not any(node.value)))


def _changes(vr: str, before: bytes, value: bytes, *, zeros: bool) -> Iterator[str]:
    if zeros:
        yield from (DUMMY, BLANK)
        return
    text = value.decode("ascii")
    if vr == "UI" and text.startswith("2.25."):
        yield from (UID, DUMMY)
        return
    if vr in ("DA", "DT") and abs(_days_between(before, value)) < 100:
        yield from [SHIFTED] if before[8:] == value[8:] else []
        return
    if value == cleaned(before):
        yield CLEANED
    elif re.fullmatch(FORMS.get(vr, "(?s).+"), text) and not set(before.split()) & set(
        value.split()
    ):
        yield DUMMY


def cleaned(text: bytes) -> bytes:
    """The text without the patient's name."""
    return b" ".join(word for word in text.split() if word != b"Quinn")


def _days_between(before: bytes, after: bytes) -> int:
    days = [date.fromisoformat(text[:8].decode()) for text in (before, after)]
    return (days[1] - days[0]).days
