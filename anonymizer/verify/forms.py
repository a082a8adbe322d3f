"""What is searched for: a value taken from an input, in the forms it may be written in.

Rules
    * Text is searched value by value, names by component, too; dates in common writings.
    * Every form in ASCII or any character set that a file of the patient declares, UTF-8, Latin-1
      and UTF-16; without case, and without accents, or with these apart from their letters.
    * Bytes of unknown VR that are text, as a whole, are searched as text.
    * What is too short or too common to mean anything is not searched, and counted by the rule
      that says so.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from unicodedata import normalize

from anonymizer.dicom.attribute import ONE_VALUE_VRS, TEXT_VRS, is_private
from anonymizer.dicom.dates import parse_date, parse_date_time
from anonymizer.dicom.fold import flat, squeezed
from anonymizer.dicom.identity import ID, KINDS, TELEPHONE
from anonymizer.dicom.pixels import PIXELS
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
    "number": f"numbers of fewer than {SHORTEST_NUMBER} digits, zeros at both ends not counted",
    "time": "times of day without a second, or full hours",
    "numeric": "binary numbers",
    "uniform": f"binary values of fewer than {SHORTEST_BINARY} bytes, or of few different ones",
    "registered": "UIDs that the standard registers, or shorter than 8 characters",
    "pixels": "pixel data",
}
"""Rules by which a value is not searched for."""

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


MOST_REMEMBERED = 1 << 13
"""So many values, and so many texts, are remembered: most come again in the next file."""


def forms_of(tag: int, vr: str, raw: bytes, charset: CharacterSet) -> frozenset[Form]:
    """The texts to search for; raises Unsearched where there is none."""
    if tag in PIXELS:
        raise Unsearched("pixels")
    if vr == "CS" and not is_private(tag):
        raise Unsearched("coded")
    found = _forms(vr, raw, charset, KINDS.get(tag) in (ID, TELEPHONE))
    if not found:
        raise Unsearched(_why_not(_stripped(vr, raw, charset), vr))
    return found


@lru_cache(MOST_REMEMBERED)
def _forms(vr: str, raw: bytes, charset: CharacterSet, numbers: bool) -> frozenset[Form]:
    """``numbers`` says that it identifies as a number does, of which short parts tell as well."""
    values = _values(_stripped(vr, raw, charset), vr)
    found = {form for value in values for form in _of_value(value, vr)}
    found.update((value, False) for value in values if numbers and _is_number(value))
    return frozenset(found)


def _is_number(value: str) -> bool:
    row = squeezed(flat(value))
    digits = sum(map(str.isdigit, row))
    return SHORTEST < len(row) <= LONGEST and digits > 0 and len(set(row)) > 2


def _stripped(vr: str, raw: bytes, charset: CharacterSet) -> str:
    return charset.decode_loosely(raw, vr).strip(" \0\r\n\t")


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
        if len("".join(filter(str.isdigit, value)).strip("0")) >= SHORTEST_NUMBER:
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
    yield from _spoken(year, int(month), int(day))


MONTHS = (
    "January February March April May June July August September October November December".split()
)


def _spoken(year: str, month: int, day: int) -> Iterator[str]:
    """Without zeros, and with the month by its name."""
    if month < 10 or day < 10:
        for mark in "-./":
            yield f"{day}{mark}{month}{mark}{year}"
            yield f"{month}{mark}{day}{mark}{year}"
            yield f"{year}{mark}{month}{mark}{day}"
    for name in {MONTHS[month - 1], MONTHS[month - 1][:3]}:
        for mark in " -":
            yield f"{day}{mark}{name}{mark}{year}"
            yield f"{day:02}{mark}{name}{mark}{year}"
        yield f"{name} {day}, {year}"
        yield f"{name} {day} {year}"


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
    if row.isdigit():
        return not row.endswith("000")
    common = _common()
    return not all(word in common or _is_short(word) for word in _words(plain))


@cache
def _common() -> frozenset[str]:
    return IN_EVERY_ADDRESS | OF_DUMMIES | standard_words()


def _is_short(word: str) -> bool:
    return len(word) < 3 and not without_spaces(word)


def _why_not(text: str, vr: str) -> str:
    known = {"CS": "coded", "AS": "coded", "IS": "number", "DS": "number", "TM": "time"}
    if vr == "UI":
        return "registered"
    if vr in known:
        return known[vr]
    return "short" if len(squeezed(flat(text))) < SHORTEST else "words"


CODECS = ("utf-8", 1), ("latin-1", 1), ("utf-16-le", 2), ("utf-16-be", 2)


def folded(text: str) -> set[str]:
    """A text in small letters and capitals, and as who has no accents writes it."""
    cased = {text, text.lower(), text.upper()}
    found = {*cased, flat(text), *spellings(text)}
    if not text.isascii():
        found.update(normalize("NFD", form) for form in cased)
        found.update(form.encode().decode("latin-1") for form in cased)  # read as what it is not
    return found


@lru_cache(MOST_REMEMBERED)
def spelled(text: str) -> tuple[tuple[bytes, int], ...]:
    """The bytes that a text is written in, and how many a character of ASCII takes."""
    return tuple(dict.fromkeys((written.lower(), width) for written, width in _spelled(text)))


def _spelled(text: str) -> Iterator[tuple[bytes, int]]:
    for form in folded(text):
        for codec, width in CODECS if not form.isascii() else CODECS[1:]:
            try:
                yield form.encode(codec), width
            except UnicodeEncodeError:
                continue


_escapes = re.compile(rb"\x1b[\x20-\x2f]+[\x30-\x7e]").sub
SHORTEST_UNESCAPED = 6


def declared(text: str, charset: CharacterSet) -> Iterator[bytes]:
    """A text as a character set of DICOM writes it, and as it stands within other such text."""
    for form in folded(text):
        if form.isascii():
            continue
        try:
            written = charset.encode(form, "LO")
        except ValueFault:
            continue
        yield written
        inner = _escapes(b"", written)
        if inner != written and len(inner) >= SHORTEST_UNESCAPED:
            yield inner


MOST_WRITTEN = 1024
_between_texts = re.compile(rb"[\0\r\n\t\f]+").split


def written_in(vr: str, raw: bytes) -> list[tuple[str, bytes]]:
    """The texts that bytes of no known meaning are, each with the VR that fits it; often none."""
    if vr not in ("UN", "OB") or len(raw) > MOST_WRITTEN:
        return []
    texts = [text.strip() for text in _between_texts(raw) if text.strip()]
    whole = b"".join(texts)
    plain = sum(byte < 128 and chr(byte).isalnum() for byte in whole)
    if not whole or plain * 2 < len(whole) or any(byte < 32 or byte == 127 for byte in whole):
        return []
    return [(_fitting(text), text) for text in texts]


def _fitting(text: bytes) -> str:
    if b"^" in text:
        return "PN"
    return "DA" if len(text) == 8 and text.isdigit() and b"1900" <= text[:4] < b"2100" else "LO"


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
