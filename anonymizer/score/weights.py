"""How much each finding counts: a JSON file that comes with the package, or one of a user's own.

Rules
    * What a file of one's own leaves out is as in the one that comes with the package.
    * All mistakes are told at once, each with its place and a hint where one is near.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from anonymizer.config.jsonc import read_json
from anonymizer.config.resources import folder_of
from anonymizer.dicom.dictionary import masks_by_keyword, tags_by_keyword
from anonymizer.dicom.table import VRS
from anonymizer.errors import ConfigurationError, Mistake, UsageError, without_keys
from anonymizer.files import reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FILE_NAME = "risk.json"

MOST_POINTS = 100
OF_VRS = ("listed", "unlisted", "private")
OF_NAMES = ("burnedIn", "envelope", "most", "marked")
PATTERNS = ("meansNothing", "pseudonyms")
SECTIONS = ("attributes", *OF_VRS, "freeText", *OF_NAMES, *PATTERNS)

LONGEST_PATTERN_VALUE = 256
"""Longer values are never without meaning, and no pattern is tried on them."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Points by section, as in the file; patterns as two expressions."""

    attributes: Mapping[str, float]
    listed: Mapping[str, float]
    unlisted: Mapping[str, float]
    private: Mapping[str, float]
    freeText: float  # noqa: N815  as in the file
    burnedIn: Mapping[str, float]  # noqa: N815
    envelope: Mapping[str, float]
    most: Mapping[str, float]
    marked: Mapping[str, float]
    meansNothing: re.Pattern[str]  # noqa: N815
    pseudonyms: re.Pattern[str]

    def says_nothing(self, text: str, *, marked: bool) -> bool:
        """Whether a value is none of the image's: a dummy, a word for nothing, a pseudonym."""
        if len(text) > LONGEST_PATTERN_VALUE:
            return False
        found = self.meansNothing.fullmatch(text)
        return bool(found or (marked and self.pseudonyms.fullmatch(text)))


@cache
def built_in_weights() -> Weights:
    return _weights(_shipped())


def read_weights(path: str) -> Weights:
    """The weights of a file; raises UsageError or ConfigurationError with every mistake."""
    shown = without_keys(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {reason(error)}") from None
    given, repeated = read_json(data, shown)
    if not isinstance(given, dict):
        fault = Mistake("", "is not an object", 'it begins as in {"attributes": {"PatientName": 40')
        raise ConfigurationError([fault], shown)
    shipped = _shipped()
    mistakes = [*repeated, *_mistakes(given, shipped)]
    if mistakes:
        raise ConfigurationError(mistakes, shown)
    return _weights(_merged(shipped, given))


@cache
def _shipped() -> dict[str, Any]:
    with open(os.path.join(folder_of("weights"), FILE_NAME), "rb") as file:
        value, _ = read_json(file.read(), FILE_NAME)
    return dict(value)


def _merged(shipped: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    merged = dict(shipped)
    for section, value in given.items():
        merged[section] = shipped[section] | value if isinstance(value, dict) else value
    return merged


def _weights(content: dict[str, Any]) -> Weights:
    patterns: dict[str, Any] = {section: _pattern(content[section]) for section in PATTERNS}
    return Weights(**(content | patterns))


def _pattern(texts: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{text})" for text in texts) or "(?!)", re.IGNORECASE)


def _mistakes(given: dict[str, Any], shipped: dict[str, Any]) -> Iterator[Mistake]:
    for section, value in given.items():
        if section not in SECTIONS:
            yield _unknown(section, section, SECTIONS)
        elif section in PATTERNS:
            yield from _of_patterns(section, value)
        elif section == "freeText":
            yield from _of_points(section, value, MOST_POINTS)
        elif not isinstance(value, dict):
            yield Mistake(section, "is not an object")
        else:
            yield from _of_section(section, value, _names_of(section, shipped))


def _names_of(section: str, shipped: dict[str, Any]) -> Iterable[str]:
    if section == "attributes":
        return [*tags_by_keyword(), *masks_by_keyword()]
    if section in OF_VRS:
        return [*sorted(VRS), "unknown", "other"]
    return list(shipped[section])


def _of_section(section: str, value: dict[str, Any], names: Iterable[str]) -> Iterator[Mistake]:
    known = frozenset(names)
    most = 1 if section == "marked" else MOST_POINTS
    for name, points in value.items():
        place = f"{section}.{name}"
        if name not in known:
            yield _unknown(place, name, known)
        yield from _of_points(place, points, most)


def _of_points(place: str, points: object, most: int) -> Iterator[Mistake]:
    is_number = isinstance(points, int | float) and not isinstance(points, bool)
    if not is_number or not 0 <= float(str(points)) <= most:
        yield Mistake(place, f"is not a number from 0 to {most}")


def _of_patterns(section: str, value: object) -> Iterator[Mistake]:
    if not isinstance(value, list):
        yield Mistake(section, "is not an array of regular expressions")
        return
    for number, text in enumerate(value):
        try:
            re.compile(text)
        except (re.error, TypeError, RecursionError, OverflowError):
            yield Mistake(f"{section}[{number}]", "is not a regular expression")


def _unknown(place: str, name: str, known: Iterable[str]) -> Mistake:
    folded = {key.casefold(): key for key in known}
    near = get_close_matches(name.casefold(), folded, n=1)
    return Mistake(place, "unknown key", f"did you mean {folded[near[0]]!r}?" if near else "")
