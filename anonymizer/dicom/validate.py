"""Judges one element by PS3.5 and PS3.6: its VR, multiplicity, length, characters and form.

Rules. Two judges look at every text value, our own forms and pydicom's validators; what either of
them refuses is a finding.  A finding says which element and what kind of fault and holds nothing
of the value: pydicom's messages quote it, so they are dropped.  An empty value has no fault, since
whether it may be empty is not told by the VR.  Binary values are judged by their length alone.

This module is imported only where validation is asked for, because pydicom is not cheap.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from pydicom import config
from pydicom.valuerep import validate_value

from anonymizer.dicom.attribute import (
    CHARACTER_SET_VRS,
    LONG_VRS,
    ONE_VALUE_VRS,
    TEXT_VRS,
    is_private,
)
from anonymizer.dicom.dictionary import multiplicity_of, name_of, representations_of
from anonymizer.dicom.forms import LENGTHS, PN_LENGTH, fault_of_value
from anonymizer.errors import ValueFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.attribute import Path
    from anonymizer.dicom.text import CharacterSet

FAULTS = {
    "vr": "a value representation that PS3.5 or the dictionary does not allow here",
    "multiplicity": "a number of values that PS3.6 does not allow",
    "length": "a value or value field of a length that the VR does not allow",
    "repertoire": "characters that the VR does not allow",
    "charset": "bytes that are not of the declared character set, or a set that is not defined",
    "form": "text that has not the form of the VR",
    "range": "a number beyond the range of the VR",
    "padding": "a value field that is padded with the wrong character",
    "unknown": "an attribute of the standard's groups that the dictionary does not know",
}
"""The closed list of fault codes."""

INFORMATIONAL = frozenset({"unknown"})
"""Codes that refuse no file: a newer edition may know the attribute."""

UNITS = {
    "AT": 4, "FD": 8, "FL": 4, "OB": 2, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "SL": 4,
    "SS": 2, "SV": 8, "UL": 4, "UN": 2, "US": 2, "UV": 8,
}  # fmt: skip
"""Bytes that the value field of a binary VR must be a multiple of."""

COUNTED_VRS = frozenset("AT FD FL SL SS SV UL US UV".split())
"""Binary VRs whose unit is one value; those that begin with O and UN are one value each."""

CHARACTER_SET = 0x00080005
DEFINED_TERMS = frozenset(
    {"ISO_IR 192", "GB18030", "GBK"}
    | {f"ISO_IR {n}" for n in "13 100 101 109 110 126 127 138 144 148 166 203".split()}
    | {
        f"ISO 2022 IR {n}"
        for n in "6 13 58 87 100 101 109 110 126 127 138 144 148 149 159 166 203".split()
    }
)
"""PS3.3 C.12.1.1.2, Tables C.12-2 to C.12-5."""

_LEADING_BLANKS_MEAN_NOTHING = frozenset("AE CS DS IS LO SH".split())
_WHOLE_NUMBER = re.compile(r" *[+-]?[0-9]{1,12} *")
_FORMAL_VRS = frozenset("AS DA DS DT IS TM UI".split())
"""Text whose form is more than a choice of characters."""


class Finding:
    """One fault of one element: ``code`` is of FAULTS, ``text`` says more; no value in either."""

    __slots__ = ("code", "path", "tag", "text", "vr")

    def __init__(self, tag: int, vr: str, code: str, text: str, path: Path = ()) -> None:
        assert code in FAULTS, "fault codes are a closed list"
        self.tag = tag
        self.vr = vr
        self.code = code
        self.text = text
        self.path = path

    @property
    def informational(self) -> bool:
        return self.code in INFORMATIONAL

    @property
    def place(self) -> str:
        """Keywords from the root, e.g. ``RequestAttributesSequence[0].StudyInstanceUID``."""
        around = (f"{name_of(tag)}[{number}]." for tag, number in self.path)
        return "".join(around) + name_of(self.tag)

    def _key(self) -> tuple[object, ...]:
        return self.path, self.tag, self.vr, self.code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __str__(self) -> str:
        return f"{self.place} ({self.vr}): {self.code}: {self.text}"

    def __repr__(self) -> str:
        return f"Finding({self})"


def faults_of(
    tag: int,
    vr: str,
    value: bytes | memoryview | range,
    charset: CharacterSet,
    *,
    written: str = "",
    path: Path = (),
) -> list[Finding]:
    """What is wrong with one element.

    ``vr`` is the VR it really has, ``written`` the one in the file (``""`` for implicit VR);
    ``value`` is the value field, padding included, ``b""`` for a sequence or encapsulated pixel
    data.  Of what is no text only the length counts: a range of positions in the file will do.
    Of two equal ``Finding``s, one in the input and one in the output, the output is not to blame.
    """
    faults = _faults_of_element(tag, vr, written)
    if vr not in TEXT_VRS or isinstance(value, range):
        faults += _faults_of_length(tag, vr, len(value))
    elif len(value) <= 64:
        faults += _faults_of_short_text(tag, vr, bytes(value), charset)
    else:
        faults += tuple(_faults_of_text(tag, vr, bytes(value), charset))
    return [Finding(tag, vr, code, text, path) for code, text in faults]


@cache
def _known_vrs() -> frozenset[str]:
    return LONG_VRS | TEXT_VRS | UNITS.keys()


@lru_cache(maxsize=16384)
def _faults_of_element(tag: int, vr: str, written: str) -> tuple[tuple[str, str], ...]:
    """Faults that are told by tag and VR, without a look at the value."""
    if vr not in _known_vrs() or (written and written not in _known_vrs()):
        return (("vr", "not a value representation"),)
    if is_private(tag):
        return ()
    allowed = representations_of(tag)
    if not allowed:
        return (("unknown", "not in the dictionary"),)
    for used in (written or vr, vr):
        if used != "UN" and used not in allowed:  # PS3.5 6.2.2 allows UN for what is unknown
            return (("vr", f"{used} instead of {' or '.join(allowed)}"),)
    return ()


@lru_cache(maxsize=4096)
def _faults_of_length(tag: int, vr: str, length: int) -> tuple[tuple[str, str], ...]:
    unit = UNITS.get(vr, 1)
    if length % unit:
        whole = "odd" if unit == 2 else f"not a multiple of {unit} bytes"
        return (("length", f"the length of the value field is {whole}"),)
    if vr in COUNTED_VRS and length:
        return tuple(_faults_of_count(tag, length // unit))
    return ()


@lru_cache(maxsize=65536)
def _faults_of_short_text(
    tag: int, vr: str, field: bytes, charset: CharacterSet
) -> tuple[tuple[str, str], ...]:
    return tuple(_faults_of_text(tag, vr, field, charset))


def _faults_of_text(
    tag: int, vr: str, field: bytes, charset: CharacterSet
) -> Iterator[tuple[str, str]]:
    if len(field) & 1:
        yield "length", "the length of the value field is odd"
    field, is_padded_wrongly = _unpadded(field, vr)
    if is_padded_wrongly:
        yield "padding", "UI is padded with NUL, other text with a blank"
    if not field:
        return
    try:
        text = charset.decode(field, vr)
    except ValueFault as fault:
        yield ("charset" if vr in CHARACTER_SET_VRS else "repertoire"), fault.message
        return
    values = [text] if vr in ONE_VALUE_VRS else text.split("\\")
    yield from _faults_of_count(tag, len(values))
    yield from dict.fromkeys(fault for v in values for fault in _faults_of_value(tag, vr, v))


def _unpadded(field: bytes, vr: str) -> tuple[bytes, bool]:
    """The value field without its padding, and whether that is of the wrong kind (PS3.5 6.2)."""
    if vr == "UI":
        plain = field.rstrip(b"\0 ")
        return plain, field[len(plain) :] not in (b"", b"\0")
    plain = field.rstrip(b"\0")
    return plain, plain != field


def _faults_of_count(tag: int, count: int) -> Iterator[tuple[str, str]]:
    allowed = "1" if not tag & 0xFFFF else multiplicity_of(tag)
    if allowed and not is_private(tag):
        least, most, step = _multiplicity(allowed)
        if count < least or (most and count > most) or count % step:
            yield "multiplicity", f"{count} values instead of {allowed}"


@cache
def _multiplicity(text: str) -> tuple[int, int, int]:
    """(least, most or 0, step) of a value multiplicity: "1", "1-3", "1-n", "2-2n"."""
    least, _, most = text.partition("-")
    if not most.endswith("n"):
        return int(least), int(most or least), 1
    return int(least), 0, int(most[:-1] or 1)


def _faults_of_value(tag: int, vr: str, value: str) -> Iterator[tuple[str, str]]:
    value = _stripped(value, vr)
    if not value:
        return
    if tag == CHARACTER_SET and value not in DEFINED_TERMS:
        yield "charset", "a term that PS3.3 C.12.1.1.2 does not define"
    elif fault := _fault_of_extent(vr, value):
        yield fault
    elif reason := fault_of_value(value, vr):
        yield ("form" if vr in _FORMAL_VRS else "repertoire"), reason
    elif not _pydicom_agrees(vr, value):
        yield "form", "not of the form of the VR"


def _stripped(value: str, vr: str) -> str:
    """A value without blanks that mean nothing (PS3.5 Table 6.2-1)."""
    return value.strip(" ") if vr in _LEADING_BLANKS_MEAN_NOTHING else value.rstrip(" ")


def _fault_of_extent(vr: str, value: str) -> tuple[str, str] | None:
    """Too long, too many parts, or too large."""
    if vr == "PN":
        return _fault_of_groups(value.split("="))
    if vr == "IS" and _WHOLE_NUMBER.fullmatch(value) and not -(2**31) <= int(value) < 2**31:
        return "range", "beyond 32 bits"
    if vr == "DS" and fault_of_value(value, vr) == "" and abs(float(value)) == float("inf"):
        return "range", "beyond the range of a double"
    if vr in LENGTHS and len(value) > LENGTHS[vr] and vr not in {"AS", "DA"}:
        return "length", f"longer than {LENGTHS[vr]} characters"
    return None


def _fault_of_groups(groups: list[str]) -> tuple[str, str] | None:
    """PS3.5 6.2.1: three component groups of five components and 64 characters."""
    if len(groups) > 3:
        return "form", "more than three component groups"
    if any(group.count("^") > 4 for group in groups):
        return "form", "more than five components"
    if any(len(group) > PN_LENGTH for group in groups):
        return "length", f"a component group longer than {PN_LENGTH} characters"
    return None


def _pydicom_agrees(vr: str, value: str) -> bool:
    try:
        validate_value(vr, value, config.RAISE)
    except ValueError:  # its message quotes the value
        return False
    return True
