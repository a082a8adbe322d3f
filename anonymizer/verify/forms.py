"""What is searched for: a value taken from an input, in the forms it may be written in.

Rules
    * Text is searched value by value, names by component, too; dates in common writings.
    * Every form in ASCII or the character set of its data set, UTF-8, Latin-1 and UTF-16; without
      case, and without accents.
    * What is too short or too common to mean anything is not searched, and counted by the rule
      that says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from anonymizer.dicom.attribute import ONE_VALUE_VRS, TEXT_VRS, is_private
from anonymizer.dicom.dates import parse_date, parse_date_time
from anonymizer.dicom.fold import flat, squeezed
from anonymizer.dicom.terms import IN_EVERY_ADDRESS, spellings, without_spaces
from anonymizer.errors import ValueFault
from anonymizer.methods.refresh_uid import is_registered
from anonymizer.standard.vocabulary import standard_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.text import CharacterSet

SHORTEST = 4
SHORTEST_UID = 8
SHORTEST_NUMBER = 6
SHORTEST_BINARY = 8
PROBE = 48
"""So many bytes of a binary value are searched for, from where they begin to differ."""

LONGEST = 64
"""Of a longer text its first characters, and its lines, are searched."""

NOT_SEARCHED = {
    "short": f"shorter than {SHORTEST} characters",
    "words": "made of words of the standard's own terms, or of every address",
    "coded": "coded strings (CS) of the standard's attributes, codes of concepts, and ages (AS)",
    "number": f"numbers of fewer than {SHORTEST_NUMBER} digits",
    "time": "times of day without a second, or full hours",
    "numeric": "binary numbers",
    "uniform": f"binary values of fewer than {SHORTEST_BINARY} bytes, or of few different ones",
    "registered": "UIDs that the standard registers, or shorter than 8 characters",
    "pixels": "pixel data",
}
"""Rules by which a value is not searched for."""

PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
NUMERIC_VRS = frozenset("AT FD FL OD OF OL OV OW SL SS SV UL US UV".split())

Form = tuple[str, bool]
"""A text, and whether it is a date: those may come again when dates move."""

_words = re.compile(r"[^\W_]+").findall
_parts = re.compile(r"[\\^=]").split


class Unsearched(Exception):
    """Raised with the rule by which a value is not searched for."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def forms_of(tag: int, vr: str, raw: bytes, charset: CharacterSet) -> set[Form]:
    """The texts to search for; raises Unsearched where there is none."""
    if tag in PIXELS:
        raise Unsearched("pixels")
    if vr == "CS" and not is_private(tag):
        raise Unsearched("coded")
    text = charset.decode_loosely(raw, vr).strip(" \0\r\n\t")
    found = {form for value in _values(text, vr) for form in _of_value(value, vr)}
    if not found:
        raise Unsearched(_why_not(text, vr))
    return found


def _values(text: str, vr: str) -> list[str]:
    if vr in ONE_VALUE_VRS:
        return [text]
    return [value.strip(" \0") for value in text.split("\\")]


def _of_value(value: str, vr: str) -> Iterator[Form]:
    if vr in ("DA", "DT"):
        yield from ((form, True) for form in _dates(value, vr))
    elif vr == "UI":
        if len(value) >= SHORTEST_UID and not is_registered(value):
            yield value, False
    elif vr == "TM":
        yield from ((form, False) for form in _times(value))
    elif vr in ("IS", "DS"):
        if sum(map(str.isdigit, value)) >= SHORTEST_NUMBER:
            yield value, False
    elif vr != "AS":
        yield from ((form, False) for form in _texts(value, vr))


def _dates(value: str, vr: str) -> Iterator[str]:
    try:
        moment = parse_date(value) if vr == "DA" else parse_date_time(value)
        digits = value.replace(".", "")[:8] if vr == "DA" else value[:8]
    except ValueFault:
        yield from _texts(value, "LO")
        return
    if moment.digits < 8:
        return
    year, month, day = digits[:4], digits[4:6], digits[6:8]
    yield digits
    for mark in "-./":
        yield mark.join((year, month, day))
        yield mark.join((day, month, year))
        yield mark.join((month, day, year))


def _times(value: str) -> Iterator[str]:
    if len(value) < 6 or value[2:6] == "0000":
        return
    yield value
    if value[:6].isdigit():
        yield f"{value[:2]}:{value[2:4]}:{value[4:6]}"


def _texts(value: str, vr: str) -> Iterator[str]:
    parts = [value] if vr != "PN" else [value, *_parts(value)]
    for part in parts:
        for line in {part[:LONGEST], *(line.strip()[:LONGEST] for line in part.splitlines())}:
            if _tells(line):
                yield line
    joined = squeezed(flat(value))
    if (
        vr in ("SH", "LO", "UC")
        and len(joined) >= SHORTEST_NUMBER
        and any(map(str.isdigit, joined))
    ):
        yield joined


OF_DUMMIES = frozenset(("anon", "anonymous"))
"""What invented values begin with stands in every output."""


def _tells(text: str) -> bool:
    """Whether a text is long enough, and not only of words that stand everywhere."""
    plain = flat(text)
    row = squeezed(plain)
    if len(row) < (2 if without_spaces(row) else SHORTEST) or len(set(row)) < 2:
        return False
    common = IN_EVERY_ADDRESS | OF_DUMMIES | standard_words()
    if row.isdigit():
        return not row.endswith("000")
    return not all(word in common or len(word) < 3 for word in _words(plain))


def _why_not(text: str, vr: str) -> str:
    known = {"CS": "coded", "AS": "coded", "IS": "number", "DS": "number", "TM": "time"}
    if vr == "UI":
        return "registered"
    if vr in known:
        return known[vr]
    return "short" if len(squeezed(flat(text))) < SHORTEST else "words"


def spelled(text: str, charset: CharacterSet) -> Iterator[tuple[bytes, int]]:
    """The bytes that a text is written in, and how many a character of ASCII takes."""
    folded = {text, text.lower(), text.upper(), flat(text), *spellings(text)}
    for form in folded:
        for codec, width in (("utf-8", 1), ("latin-1", 1), ("utf-16-le", 2), ("utf-16-be", 2)):
            try:
                yield form.encode(codec), width
            except UnicodeEncodeError:
                continue
        if not form.isascii():
            try:
                yield charset.encode(form, "LO"), 1
            except ValueFault:
                continue


def probes_of(tag: int, vr: str, raw: bytes) -> bytes:
    """What of a binary value is searched for; raises Unsearched where nothing is."""
    if tag in PIXELS:
        raise Unsearched("pixels")
    if vr in NUMERIC_VRS and len(raw) <= 2 * PROBE:
        raise Unsearched("numeric")
    probe = raw.strip(b"\0 ")[:PROBE]
    if len(probe) < SHORTEST_BINARY or len(set(probe)) < SHORTEST_BINARY:
        raise Unsearched("uniform")
    return probe


def is_text(vr: str) -> bool:
    return vr in TEXT_VRS
