"""Compares two images, element by element: what was added, removed, changed; the pixels.

Rules
    * Elements are paired by their place: the sequences and items around them, and the tag.
    * Below a sequence that only one image has nothing more is listed.
    * Values are compared as they are written, padding included; numbers in one byte order.
    * Nothing is told of values but what ``values`` asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from anonymizer.dicom.attribute import Element
from anonymizer.dicom.dictionary import name_of, real_vr
from anonymizer.dicom.elements import by_place
from anonymizer.dicom.pixels import PIXELS
from anonymizer.diff.values import WAYS, pieces, teller
from anonymizer.errors import UsageError
from anonymizer.from_pydicom import image_of
from anonymizer.rules.judge import path_text
from anonymizer.rules.plan import is_watched
from anonymizer.rules.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

    from anonymizer.dicom.elements import Image, Place, Placed
    from anonymizer.diff.values import Tell
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SAME, DIFFERENT, NONE = "same", "different", "none"

META_LENGTH = 0x00020000
"""Follows from the other elements of its group."""


@dataclass(frozen=True, slots=True)
class Side:
    """One image's element: ``size`` in bytes, of a sequence the number of its items.

    ``told`` is what was asked to be told of the value, "" by default.
    """

    vr: str
    size: int
    told: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``place`` is the path as in ``RequestAttributesSequence[0].CodeMeaning``."""

    kind: str
    place: str
    tag: int
    before: Side | None
    after: Side | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences in the order of tags; ``pixels`` is "same", "different" or "none"."""

    changes: tuple[Change, ...]
    pixels: str
    same_preamble: bool = True

    @property
    def same(self) -> bool:
        return not self.changes and self.same_preamble

    def count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.changes)


def compare_datasets(a: bytes | Dataset, b: bytes | Dataset, *, values: str = "hide") -> Comparison:
    """Compares two images, each the bytes of a file or a pydicom Dataset.

    ``values`` is "hide", "hash" (short, by a key drawn for this call) or "show".  Raises
    ImageError where an image cannot be read whole.
    """
    if values not in WAYS:
        raise UsageError(f"values: is none of {', '.join(WAYS)}")
    return compare_images(image_of(a), image_of(b), teller(values))


def compare_images(a: Image, b: Image, tell: Tell, watch: Watch | None = None) -> Comparison:
    """``watch`` is shown the values that one image has and the other has not."""
    comparing = _Comparing(a, b, tell, watch)
    changes = [*_changes_of_meta(a, b), *comparing.changes()]
    return Comparison(tuple(changes), comparing.pixels(), a.preamble == b.preamble)


def _changes_of_meta(a: Image, b: Image) -> Iterator[Change]:
    """Values in the file meta information are UIDs and names of systems; none is ever told."""
    for tag in sorted((a.meta.keys() | b.meta.keys()) - {META_LENGTH}):
        sides = [
            Side(real_vr(tag, ""), len(image.meta[tag])) if tag in image.meta else None
            for image in (a, b)
        ]
        if a.meta.get(tag) != b.meta.get(tag):
            yield _change(name_of(tag), tag, *sides)


def _change(place: str, tag: int, before: Side | None, after: Side | None) -> Change:
    kind = ADDED if before is None else REMOVED if after is None else CHANGED
    return Change(kind, place, tag, before, after)


class _Comparing:
    """Two images with their elements by place."""

    def __init__(self, a: Image, b: Image, tell: Tell, watch: Watch | None) -> None:
        self._a, self._b = a, b
        self._tell = tell
        self._watch = watch
        self._in_a, self._in_b = by_place(a), by_place(b)

    def changes(self) -> Iterator[Change]:
        for place in sorted(self._in_a.keys() | self._in_b.keys(), key=_order):
            before, after = self._in_a.get(place), self._in_b.get(place)
            if (before is None or after is None) and self._is_below_a_change(place):
                self._show(self._a, before)
                self._show(self._b, after)
            elif not self._are_same(before, after):
                yield self._told(before, after)

    def pixels(self) -> str:
        places: list[Place] = [((), tag, 0) for tag in PIXELS]
        pairs = [(self._in_a.get(place), self._in_b.get(place)) for place in places]
        if not any(a or b for a, b in pairs):
            return NONE
        return SAME if all(self._are_same(a, b) for a, b in pairs) else DIFFERENT

    def _is_below_a_change(self, place: Place) -> bool:
        """Whether a sequence around is in one image only."""
        path = place[0]
        around: list[Place] = [(path[:n], path[n][0], 0) for n in range(len(path))]
        return any((each in self._in_a) != (each in self._in_b) for each in around)

    def _are_same(self, a: Placed | None, b: Placed | None) -> bool:
        if a is None or b is None:
            return a is b
        if a.vr != b.vr or a.encapsulated != b.encapsulated:
            return False
        if a.vr == "SQ":
            return a.items == b.items
        if a.stop - a.start != b.stop - b.start:
            return False
        both = zip_longest(pieces(self._a, a), pieces(self._b, b))
        return all(one == other for one, other in both)

    def _told(self, before: Placed | None, after: Placed | None) -> Change:
        either = before or after
        assert either is not None, "a place has an element"
        self._show(self._a, before)
        self._show(self._b, after)
        place = path_text(either.path, either.tag)
        return _change(place, either.tag, self._side(self._a, before), self._side(self._b, after))

    def _side(self, image: Image, element: Placed | None) -> Side | None:
        if element is None:
            return None
        if element.vr == "SQ":
            return Side("SQ", element.items)
        return Side(element.vr, element.stop - element.start, self._tell(image, element))

    def _show(self, image: Image, element: Placed | None) -> None:
        if self._watch is None or element is None:
            return
        known = Element(element.tag, element.vr, element.written, element.creator)
        if is_watched(known, not element.path):
            self._watch.show(element.vr, image.text(element))


def _order(place: Place) -> tuple[tuple[int, int], ...]:
    """A sequence before what is in it, all in the order of tags."""
    path, tag, number = place
    return (*path, (tag, number - MOST_TWICE))


MOST_TWICE = 1 << 32
"""More than items and repeated elements can be, so that both are told apart in the order."""
