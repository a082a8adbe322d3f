"""Compares selectors: which attributes one owns that another could have owned.

Rules. ``covers`` says yes only where it is sure for every image; it is asked when a
configuration is checked, never in a run.
"""

from __future__ import annotations

from functools import cache

from anonymizer.dicom.attribute import Element, is_private
from anonymizer.dicom.dictionary import masks_by_keyword, representations_of, tags_by_keyword
from anonymizer.rules.matchers import (
    EVEN_GROUP,
    KeywordPattern,
    Mask,
    Private,
    PrivateBlock,
    PrivatePattern,
    PrivateTag,
    Representation,
    Tags,
    Unknown,
)
from anonymizer.rules.places import Within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator
    from re import Pattern

    from anonymizer.rules.rule import Rule, Selector

    Owners = tuple[dict[int, int], list[tuple[Selector, int]]]
    """Of one place: who owns a tag, and the selectors that own more than tags."""

ALL = 0xFFFFFFFF


def identity(selector: Selector) -> Hashable:
    """Equal for two selectors that mean the same, however they are written."""
    return (*_meaning(selector), _around(selector))


def _around(selector: Selector) -> Hashable:
    place = selector.place
    if not isinstance(place, Within):
        return None
    return tuple(step and (identity(step.matcher), step.item) for step in place.steps)


_FIELDS: dict[type, tuple[str, ...]] = {
    Mask: ("bits", "value"),
    KeywordPattern: ("pattern",),
    Representation: ("vr",),
    PrivateBlock: ("creator", "bits", "value"),
    PrivatePattern: ("pattern",),
    PrivateTag: ("tag", "creator"),
    Private: (),
    Unknown: (),
}


def _meaning(selector: Selector) -> tuple[Hashable, ...]:
    if selector.tags is not None:
        return ("Mask", ALL, *selector.tags)
    kind = type(selector)
    return (kind.__name__, *(getattr(selector, field) for field in _FIELDS[kind]))


def representations(selector: Selector) -> frozenset[str]:
    """The VRs the dictionary gives to what it selects; empty where anything may come."""
    if isinstance(selector, Representation):
        return frozenset((selector.vr,))
    if isinstance(selector, Mask) and selector.text in masks_by_keyword():
        return frozenset(representations_of(selector.value))
    return frozenset(vr for tag in known_tags(selector) for vr in representations_of(tag))


def known_tags(selector: Selector) -> tuple[int, ...]:
    """The tags of the dictionary that a keyword, tag or keyword pattern selects.

    A repeating group is there with its first tag only.
    """
    if not isinstance(selector, KeywordPattern):
        return tuple(selector.tags or ())
    return _tags_like(selector.pattern)


@cache
def _tags_like(pattern: Pattern[str]) -> tuple[int, ...]:
    found = pattern.fullmatch
    masks = (mask for keyword, mask in masks_by_keyword().items() if found(keyword))
    return (
        *(tag for keyword, tag in tags_by_keyword().items() if found(keyword)),
        *(int(mask.replace("x", "0"), 16) for mask in masks),
    )


def covers_tag(earlier: Selector, tag: int) -> bool:
    """Whether a selector owns every element of a tag, whatever VR and creator it has."""
    if earlier.tags is not None:
        return tag in earlier.tags
    if earlier.asks_creator:
        return False
    if not isinstance(earlier, Representation):
        return earlier.matches(Element(tag, "", ""))
    # An unknown tag may have any VR: no single one stands for two.
    expected = () if is_private(tag) else representations_of(tag)
    return all(earlier.matches(Element(tag, vr, vr)) for vr in expected or ("UN", "LO"))


def covers(earlier: Selector, later: Selector) -> bool:
    """Whether a selector owns all that another one selects, places left aside."""
    if isinstance(later, Tags | KeywordPattern):
        return all(covers_tag(earlier, tag) for tag in known_tags(later))
    if isinstance(earlier, Private):
        return _is_private_only(later)
    if isinstance(earlier, Mask):
        return _mask_covers(earlier, later)
    return _meaning(earlier) == _meaning(later)


def owners(rules: Iterable[Rule], element: Element, *, root: bool = False) -> Iterator[Rule]:
    """Who may own an element somewhere, or with ``root`` in the main data set.

    Where one owns it in any case it is the last; those before it have a condition or a place.
    """
    for rule in rules:
        place = rule.selector.place
        if rule.selector.matches(element) and (place is None or not root or place.fits(())):
            yield rule
            if (root or place is None) and not rule.when:
                return


class Owned:
    """What is owned already, by whom, while selectors come one after the other.

    An owner is a number, which only the caller knows the meaning of.
    """

    __slots__ = ("_places",)

    def __init__(self) -> None:
        self._places: dict[Hashable, Owners] = {}

    def add(self, selector: Selector, owner: int) -> None:
        """``owner`` has all that the selector selects and nobody before it has."""
        owners, broad = self._places.setdefault(_around(selector), ({}, []))
        if selector.tags is None:
            broad.append((selector, owner))
        for tag in selector.tags or ():
            owners.setdefault(tag, owner)

    def in_front_of(self, selector: Selector) -> list[int]:
        """Those that together own all of it already; none where something is left."""
        around = dict.fromkeys((None, _around(selector)))
        places = [self._places[place] for place in around if place in self._places]
        if not (tags := known_tags(selector)):
            broad = [one for _, several in places for one in several]
            return [owner for earlier, owner in broad if covers(earlier, selector)][:1]
        found = []
        for tag in tags:
            if (owner := _owner(tag, places)) is None:
                return []
            found.append(owner)
        return sorted(set(found))


def _owner(tag: int, places: list[Owners]) -> int | None:
    for owners, broad in places:
        if tag in owners:
            return owners[tag]
        for selector, owner in broad:
            if covers_tag(selector, tag):
                return owner
    return None


def _mask_covers(earlier: Mask, later: Selector) -> bool:
    if isinstance(later, Mask | PrivateBlock):
        narrower = earlier.bits & later.bits == earlier.bits
        return narrower and later.value & earlier.bits == earlier.value
    if isinstance(later, PrivateTag):
        return later.tag & earlier.bits == earlier.value
    if isinstance(later, Private | PrivatePattern):
        return earlier.bits in {0, EVEN_GROUP} and earlier.value == earlier.bits
    return not earlier.bits


def _is_private_only(selector: Selector) -> bool:
    if isinstance(selector, Mask):
        return bool(selector.bits & selector.value & EVEN_GROUP)
    return isinstance(selector, Private | PrivateBlock | PrivatePattern | PrivateTag)
