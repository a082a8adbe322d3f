"""Whether text has the form of its value representation (PS3.5 6.2, Table 6.2-1).

A reason never quotes the text; ``""`` means that it fits.
"""

from __future__ import annotations

import re

from anonymizer.dicom.attribute import ONE_VALUE_VRS
from anonymizer.dicom.dates import is_date, is_date_time, is_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LENGTHS = {
    "AE": 16,
    "AS": 4,
    "CS": 16,
    "DA": 8,
    "DS": 16,
    "DT": 26,
    "IS": 12,
    "LO": 64,
    "LT": 10240,
    "SH": 16,
    "ST": 1024,
    "TM": 14,
    "UI": 64,
}
"""The most characters of one value; PN counts per component group, the others know no limit."""

PN_LENGTH = 64
NUMBER_VRS = frozenset("FD FL OD OF OL OV OW SL SS SV UL US UV".split())

_FORMS = {  # compiled when first asked for: most runs never ask
    "AE": (r"(?! *$)[ -\[\]-~]*", "an AE title is printable text, not only blanks"),
    "AS": (r"[0-9]{3}[DWMY]", "an age is three digits and one of D, W, M, Y"),
    "CS": (r"[A-Z0-9_ ]*", "a code string has A to Z, 0 to 9, blank, underscore"),
    "DS": (
        r" *[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)? *",
        "not a decimal number",
    ),
    "IS": (r" *[+-]?[0-9]+ *", "not a whole number"),
    "UI": (
        r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*",
        "a UID is numbers without leading zeros between dots",
    ),
    "UR": (r"[!-\[\]-~]*", "a URI has no blanks and no backslash"),
    "AT": (
        r"\(?[0-9A-Fa-f]{4},?[0-9A-Fa-f]{4}\)?",
        "a tag is written (gggg,eeee)",
    ),
}
_CLOCKS: dict[str, tuple[Callable[[str], bool], str]] = {
    "DA": (is_date, "a date is YYYYMMDD"),
    "DT": (is_date_time, "a date time is YYYYMMDDHHMMSS.FFFFFF&ZZXX, cut at any place"),
    "TM": (is_time, "a time is HHMMSS.FFFFFF, cut at any place"),
}
_ONE_LINE = r"[^\x00-\x1a\x1c-\x1f\x7f\\]*"
_LINES = r"[^\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]*"


def fits(text: str, vr: str) -> str:
    """Why this text cannot be the whole value of an attribute of this VR, ``""`` if it can."""
    if not text:
        return ""
    if vr in ONE_VALUE_VRS:
        return fault_of_value(text, vr)
    faults = (fault_of_value(value, vr) for value in text.split("\\") if value)
    return next(filter(None, faults), "")


def fault_of_value(value: str, vr: str) -> str:
    """Why this cannot be one value of this VR, ``""`` if it can."""
    if len(value) > LENGTHS.get(vr, len(value)):
        return f"longer than {LENGTHS[vr]} characters"
    if vr in _FORMS:
        form, reason = _FORMS[vr]
        return _fault_of_range(value, vr) if re.fullmatch(form, value) else reason
    if vr in _CLOCKS:
        is_valid, reason = _CLOCKS[vr]
        return "" if is_valid(value) else reason
    if vr in NUMBER_VRS:
        from anonymizer.dicom.numbers import fault_of_number

        return fault_of_number(value, vr)
    return _fault_of_free_text(value, vr)


def _fault_of_range(value: str, vr: str) -> str:
    if vr == "IS" and not -(2**31) <= int(value) < 2**31:
        return "beyond 32 bits"
    return ""


def _fault_of_free_text(value: str, vr: str) -> str:
    form = _LINES if vr in ONE_VALUE_VRS else _ONE_LINE
    if not re.fullmatch(form, value):
        return "control characters or a backslash"
    return _fault_of_name(value) if vr == "PN" else ""


def _fault_of_name(value: str) -> str:
    groups = value.split("=")
    if len(groups) > 3:
        return "more than three component groups"
    if any(len(group) > PN_LENGTH for group in groups):
        return f"a component group longer than {PN_LENGTH} characters"
    return "more than five components" if any(g.count("^") > 4 for g in groups) else ""
