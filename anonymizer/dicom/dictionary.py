"""Facts about attributes: keyword, value representation and multiplicity of every tag.

The tables are generated from pydicom's dictionaries (see tools/build_dictionary.py), so that a
run does not pay for importing pydicom.
"""

from __future__ import annotations

from functools import cache
from struct import unpack

from anonymizer.dicom._elements import (
    KEYWORDS,
    MULTIPLICITIES,
    REPEATING,
    REPRESENTATIONS,
    RETIRED,
    TAGS,
)
from anonymizer.dicom.attribute import is_creator, is_private

BINARY_VRS = frozenset("OB OD OF OL OV OW UN".split())


@cache
def _masks() -> tuple[tuple[int, int, tuple[str, str, str]], ...]:
    """(bits that count, their value, facts) of each repeating group, e.g. (60xx,3000)."""
    return tuple(
        (
            int("".join("0" if c == "x" else "F" for c in mask), 16),
            int(mask.replace("x", "0"), 16),
            row,
        )
        for mask, row in REPEATING.items()
    )


@cache
def tags() -> tuple[int, ...]:
    """Every tag in order, those of repeating groups apart."""
    return _numbers(TAGS)


def _numbers(tags: bytes) -> tuple[int, ...]:
    return unpack(f">{len(tags) // 4}I", tags)


@cache
def _columns() -> tuple[dict[int, int], list[str], list[str]]:
    """Where each tag stands, and the representations and multiplicities in that order."""
    places = dict(zip(tags(), range(len(KEYWORDS)), strict=True))
    return places, REPRESENTATIONS.split(), MULTIPLICITIES.split()


def _facts(tag: int) -> tuple[str, str, str] | None:
    places, representations, multiplicities = _columns()
    if (at := places.get(tag)) is not None:
        return representations[at], multiplicities[at], KEYWORDS[at]
    if is_private(tag):
        return None
    return next((row for bits, value, row in _masks() if tag & bits == value), None)


def keyword_of(tag: int) -> str:
    """The keyword of PS3.6, ``""`` where the tag is private or unknown."""
    return row[2] if (row := _facts(tag)) else ""


def name_of(tag: int) -> str:
    """The keyword, or the tag as (gggg,eeee) where there is none."""
    return keyword_of(tag) or f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def multiplicity_of(tag: int) -> str:
    """The value multiplicity as PS3.6 writes it ("1", "1-n", "2-2n"), ``""`` where unknown."""
    return row[1] if (row := _facts(tag)) else ""


def representations_of(tag: int, creator: str = "") -> tuple[str, ...]:
    """The value representations the dictionary allows, ``()`` where it does not know the tag."""
    if is_private(tag):
        return _private_representations(tag, creator)
    row = _facts(tag)
    if row is None:
        return ("UL",) if not tag & 0xFFFF else ()
    return tuple(row[0].split("/"))


def _private_representations(tag: int, creator: str) -> tuple[str, ...]:
    if is_creator(tag):
        return ("LO",)
    if not creator:
        return ()
    from anonymizer.dicom._private_elements import PRIVATE

    known = PRIVATE.get(creator, {})
    exact = f"{tag:08X}"
    group, low = exact[:4], exact[6:]
    masks = exact, f"{group}xx{low}", f"{group[:2]}xxxx{low}"  # (70xx,xx04)
    vr = next((known[mask] for mask in masks if mask in known), "")
    return tuple(vr.split(" or ")) if vr else ()


def real_vr(tag: int, written: str, creator: str = "") -> str:
    """The VR an element really has: the dictionary's where the file says UN or nothing.

    A known text attribute or sequence that is written with a binary VR is what the dictionary
    says, too: otherwise a name written as OB would pass by every rule for names.
    """
    if written and written not in BINARY_VRS:
        return written
    known = representations_of(tag, creator)
    if not known or (written and written != "UN" and known[0] in BINARY_VRS):
        return written or "UN"
    if written and written != "UN" and known[0] not in BINARY_VRS:
        return known[0]
    if tag == 0x7FE00010 or "OW" in known:
        return "OW"  # PS3.5 A.1: implicit VR encodes these as OW
    return known[0]


def is_retired(tag: int) -> bool:
    return tag in _retired()


@cache
def _retired() -> frozenset[int]:
    return frozenset(_numbers(RETIRED))


@cache
def tags_by_keyword() -> dict[str, int]:
    """Every keyword with its tag; those of repeating groups are in ``masks_by_keyword``."""
    return dict(zip(KEYWORDS, tags(), strict=True))


@cache
def masks_by_keyword() -> dict[str, str]:
    """Keywords of repeating groups (OverlayData) with their mask (60xx3000)."""
    return {row[2]: mask for mask, row in REPEATING.items()}
