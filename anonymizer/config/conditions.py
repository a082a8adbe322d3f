"""Reads conditions: ``{"Modality": "US", "Manufacturer": "/^GE/"}``; every mistake is found."""

from __future__ import annotations

import re

from anonymizer.dicom.dictionary import representations_of
from anonymizer.dicom.table import ELSEWHERE
from anonymizer.rules.conditions import COMPARED, Ask, Condition
from anonymizer.rules.selectors import SelectorFault, parse_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.config.configuration import Findings, Layer

HINT = 'as in {"Modality": "US", "Manufacturer": "/^GE/"}'
ASKED = 'a text, a regular expression as in "/^GE/", a list of these, true or false'


def read_condition(said: object, place: str, findings: Findings) -> Condition | None:
    """One condition; None where it has a mistake, which is told."""
    if not isinstance(said, dict) or not said:
        message = "asks for nothing" if isinstance(said, dict) else "is not an object"
        findings.mistake(place, message, HINT)
        return None
    asks: dict[int, Ask] = {}
    for name, wanted in said.items():
        at = f"{place}.{name}"
        tag, ask = _tag(name, at, findings), _ask(wanted, at, findings)
        if tag is None or ask is None:
            continue
        if tag in asks:
            findings.mistake(at, "is asked for twice", "a list holds where one of it does")
        elif ask.there is None and not _has_values(tag):
            findings.mistake(at, "has no text to compare", "only true and false can be asked")
        else:
            asks[tag] = ask
    return Condition(place, asks) if len(asks) == len(said) else None


def read_conditions(layer: Layer, name: str, findings: Findings) -> tuple[Condition, ...]:
    """The list ``accept`` or ``reject`` of a file."""
    said = layer.members.get(name, ())
    place = f"{layer.prefix}{name}"
    if name in layer.members and not (isinstance(said, list) and said):
        message = "is empty" if isinstance(said, list) else "is not a list"
        findings.mistake(place, message, f'as in "{name}": [{HINT.removeprefix("as in ")}]')
        return ()
    read = (read_condition(one, f"{place}[{n}]", findings) for n, one in enumerate(said))
    return tuple(one for one in read if one is not None)


def _tag(name: str, place: str, findings: Findings) -> int | None:
    try:
        selector = parse_selector(name)
    except SelectorFault as fault:
        findings.mistake(place, fault.message, fault.hint)
        return None
    tags = selector.tags or ()
    if len(tags) != 1 or selector.place is not None:
        message = "is not one attribute of the main data set"
        findings.mistake(place, message, "a condition names keywords and tags")
        return None
    (tag,) = tags
    if tag >> 16 in ELSEWHERE or not tag & 0xFFFF:
        findings.mistake(place, "does not stand in the data set", "ask for another attribute")
        return None
    return tag


def _has_values(tag: int) -> bool:
    known = representations_of(tag)
    return not known or not COMPARED.isdisjoint(known)


def _ask(wanted: object, place: str, findings: Findings) -> Ask | None:
    if isinstance(wanted, bool):
        return Ask(there=wanted)
    given = wanted if isinstance(wanted, list) else [wanted]
    several = [one for one in given if isinstance(one, str)]
    if not several or len(several) < len(given):
        findings.mistake(place, "is nothing that can be asked", ASKED)
        return None
    patterns = [one for one in several if one.startswith("/")]
    compiled = [_pattern(one, place, findings) for one in patterns]
    if None in compiled:
        return None
    return Ask(
        texts=(one.strip(" \0") for one in several if not one.startswith("/")),
        patterns=(one for one in compiled if one is not None),
    )


def _pattern(text: str, place: str, findings: Findings) -> re.Pattern[str] | None:
    if len(text) < 3 or not text.endswith("/"):
        hint = r'it stands between slashes, as in "/^GE/"; a text with a slash is "/^\/tmp$/"'
        findings.mistake(place, "is not a regular expression", hint)
        return None
    try:
        return re.compile(text[1:-1])
    except (re.error, RecursionError, OverflowError) as fault:
        why = f": {fault.msg}" if isinstance(fault, re.error) else ""
        at = getattr(fault, "pos", None)
        hint = "" if at is None else f"look at character {at + 1} after the slash"
        findings.mistake(place, f"is not a regular expression{why}", hint)
        return None
