"""Finds what may identify somebody in an image: each reason with its points, never a value.

Strategy
    Every element, at every depth: by its row of Table E.1-1, else as a private one, one that the
    standard does not know, or by its VR.  Then what has the form of an identifier in texts that
    are no identifiers themselves, what the pixels may show, and what stands around the data set.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from anonymizer.dicom.attribute import ONE_VALUE_VRS, TEXT_VRS, is_creator, is_private
from anonymizer.dicom.coded import SCHEME, scheme_text
from anonymizer.dicom.dictionary import keyword_of, name_of, representations_of
from anonymizer.dicom.fold import flat
from anonymizer.dicom.identity import Identity, identity_of
from anonymizer.dicom.pixels import PIXEL_DATA, TELL_BURNED_IN, burned_in_suspicions
from anonymizer.methods.forms_of_identifiers import identifiers
from anonymizer.rules.judge import path_text
from anonymizer.score.claims import Claims
from anonymizer.standard.coding_schemes import public_schemes
from anonymizer.standard.safe_private import is_safe
from anonymizer.standard.table import PRIVATE, rows
from anonymizer.standard.unlisted import ALLOWED, CODES, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from anonymizer.dicom.attribute import Path
    from anonymizer.dicom.elements import Image, Placed
    from anonymizer.score.weights import Weights
    from anonymizer.standard.table import Row

KINDS = {"PN": "names", "DA": "dates", "DT": "dates", "TM": "dates", "UI": "uids"}
"""Kinds of attributes of the table by VR; the others are ``listed``."""

TITLES = (0x00020016, 0x00020017, 0x00020018, 0x00020026, 0x00020027, 0x00020028)
"""Application entity titles and addresses of who sent and received the file."""

PRIVATE_INFORMATION = 0x00020102
INSTANCE = 0x00020003
RECOGNIZABLE_FEATURES = 0x00280302
STANDARD_UIDS = "1.2.840.10008."
AT_ONCE = 1 << 20

FIRST_DAY = frozenset(("", "0101"))
"""Month and day of dates of which the year alone was left."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One attribute, or what stands around it. ``place`` is where it stands first."""

    kind: str
    place: str
    tag: int
    why: str
    points: float
    times: int = 1


@cache
def _by_tag() -> dict[int, Row]:
    return {int(row.tag, 16): row for row in rows() if "X" not in row.tag and row.tag != PRIVATE}


@cache
def _by_mask() -> list[tuple[int, int, Row]]:
    """(bits that count, their value, row) of repeating groups."""
    masked = [row for row in rows() if "X" in row.tag]
    return [
        (
            int("".join("0" if digit == "X" else "F" for digit in row.tag), 16),
            int(row.tag.replace("X", "0"), 16),
            row,
        )
        for row in masked
    ]


def row_of(tag: int) -> Row | None:
    """The row of Table E.1-1 that an attribute has."""
    if row := _by_tag().get(tag):
        return row
    return next((row for bits, value, row in _by_mask() if tag & bits == value), None)


@cache
def _allowed() -> frozenset[str]:
    return frozenset(keyword for text in ALLOWED.values() for keyword in text.split())


class Finder:
    """The reasons of one image."""

    def __init__(self, image: Image, weights: Weights) -> None:
        self._image = image
        self._weights = weights
        self._claims = Claims(image)
        self._identity: Identity | None = None
        self._coded: set[Path] | None = None
        self.telling: list[Placed] = []
        """Elements of the table that have a value, whose words may stand in a file's name."""

    def reasons(self) -> Iterator[Reason]:
        for element in self._image.elements:
            if element.tag & 0xFFFF and not is_creator(element.tag) and self._says(element):
                yield from self._of_element(element)
        yield from self._of_pixels()
        yield from self._around()

    def _of_element(self, element: Placed) -> Iterator[Reason]:
        place = path_text(element.path, element.tag)
        kind, why, points = self._judged(element)
        if points:
            yield Reason(kind, place, element.tag, why, points)
        if self._is_free_text(element) and self._identifies(element):
            why = "holds what identifies, by its form or as another attribute says it"
            yield Reason("freeText", place, element.tag, why, self._weights.freeText)

    def _judged(self, element: Placed) -> tuple[str, str, float]:
        """Kind, why, and points."""
        weights, tag, vr = self._weights, element.tag, element.vr
        if is_private(tag):
            safe = is_safe(tag >> 16, element.creator, tag & 0xFF)
            points = 0 if safe or vr == "SQ" else _of_vr(weights.private, vr)
            return "private", "private", points
        own = weights.attributes.get(keyword_of(tag))
        if row := row_of(tag):
            self.telling.append(element)
            points = _of_vr(weights.listed, vr) if own is None else own
            factor = self._factor(row, element)
            why = f"Table E.1-1: {row.basic}" + (", said to be de-identified" * (factor < 1))
            return KINDS.get(vr, "listed"), why, points * factor
        if own is not None:
            return KINDS.get(vr, "listed"), "weighted", own
        if not representations_of(tag):
            return "unlisted", "not in the standard", weights.unlisted["unknown"]
        if self._is_allowed(element):
            return "unlisted", "", 0
        return "unlisted", f"{vr} that the table does not list", _of_vr(weights.unlisted, vr)

    def _factor(self, row: Row, element: Placed) -> float:
        factor = self._claims.factor(row, element.vr, self._weights.marked)
        if self._claims.removed and element.vr in ("DA", "DT"):
            days = {text.strip(" \0")[4:8] for text in self._texts(element)}
            return min(factor, self._weights.marked["year"]) if days <= FIRST_DAY else factor
        return factor

    def _says(self, element: Placed) -> bool:
        """Whether there is a value, and it is none that means nothing."""
        if element.vr == "SQ":
            return bool(element.items)
        if element.vr not in TEXT_VRS:
            return element.encapsulated or self._has_a_bit(element)
        return any(map(self._says_something, self._texts(element)))

    def _has_a_bit(self, element: Placed) -> bool:
        source = self._image.source
        return any(
            source[at : min(at + AT_ONCE, element.stop)].strip(b"\0")
            for at in range(element.start, element.stop, AT_ONCE)
        )

    def _texts(self, element: Placed) -> list[str]:
        text = element.charset.decode_loosely(self._image.field(element), element.vr)
        return [text] if element.vr in ONE_VALUE_VRS else text.split("\\")

    def _says_something(self, text: str) -> bool:
        bare = text.strip(" \0^=")
        if not bare or bare.startswith(STANDARD_UIDS):
            return False
        return not self._weights.says_nothing(bare, marked=self._claims.removed)

    def _is_free_text(self, element: Placed) -> bool:
        if element.vr not in TEXT:
            return False
        if is_private(element.tag):
            return not is_safe(element.tag >> 16, element.creator, element.tag & 0xFF)
        row = row_of(element.tag)
        if row is not None:
            return row.options.get("cleanDescriptors") == "C"
        return not self._is_allowed(element)

    def _is_allowed(self, element: Placed) -> bool:
        """Whether text stays; a code does where anybody may look it up."""
        keyword = keyword_of(element.tag)
        if keyword in CODES.split():
            return element.path in self._public()
        return keyword in _allowed()

    def _public(self) -> set[Path]:
        """The items that are codes of schemes which are no site's own."""
        if self._coded is None:
            elements = (e for e in self._image.elements if e.tag == SCHEME and e.path)
            field, public = self._image.field, public_schemes()
            self._coded = {e.path for e in elements if scheme_text(field(e)) in public}
        return self._coded

    def _identifies(self, element: Placed) -> bool:
        identity = self._known()
        for text in self._texts(element):
            whole = unicodedata.normalize("NFC", text.strip(" \0"))
            plain = flat(whole)
            if identity.find(whole, plain) or any(identifiers(whole, plain, identity.days)):
                return True
        return False

    def _known(self) -> Identity:
        if self._identity is None:
            image = self._image
            self._identity = identity_of(image.source, image.start, image.stop, image.encoding)
        return self._identity

    def _of_pixels(self) -> Iterator[Reason]:
        image = self._image
        roots = {e.tag: e for e in image.elements if not e.path}
        notes = {tag: image.field(roots[tag]) for tag in TELL_BURNED_IN & roots.keys()}
        words = burned_in_suspicions(notes)
        if PIXEL_DATA not in roots:
            words = [word for word in words if word == "document"]
        features = roots.get(RECOGNIZABLE_FEATURES)
        if features is not None and image.field(features).strip(b" \0") == b"YES":
            words.append("features")
        for word in words:
            points = self._weights.burnedIn[word]
            yield Reason("burnedIn", "pixels", PIXEL_DATA, word, points)

    def _around(self) -> Iterator[Reason]:
        weights, meta = self._weights.envelope, self._image.meta
        if any(self._image.preamble):
            yield Reason("envelope", "preamble", 0, "is not empty", weights["preamble"])
        for tag in TITLES:
            if meta.get(tag, b"").strip(b" \0"):
                why = "who sent or received the file"
                yield Reason("envelope", name_of(tag), tag, why, weights["titles"])
        if any(meta.get(PRIVATE_INFORMATION, b"")):
            place = name_of(PRIVATE_INFORMATION)
            yield Reason("envelope", place, PRIVATE_INFORMATION, "private", weights["private"])
        row, instance = row_of(INSTANCE), meta.get(INSTANCE, b"").decode("latin-1")
        if row is not None and self._says_something(instance):
            points = self._claims.factor(row, "UI", self._weights.marked)
            points *= self._weights.listed["UI"]
            yield Reason("uids", name_of(INSTANCE), INSTANCE, f"Table E.1-1: {row.basic}", points)


def _of_vr(points: Mapping[str, float], vr: str) -> float:
    return points.get(vr, points["other"])
