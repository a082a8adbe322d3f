"""Reads ``tag`` as the reference tool does, and as its users mean it.

``read_exactly`` follows that tool to the letter (SPEC section 4): exact tag, mask, VR, keyword,
in this order.  ``read_as_meant`` gives what people mean where that is not the same, and says so.
"""

from __future__ import annotations

import re

from anonymizer.dicom.attribute import is_private
from anonymizer.dicom.dictionary import is_retired, masks_by_keyword, tags_by_keyword
from anonymizer.rules.matchers import Mask, PrivateBlock, PrivateTag, Representation, Tags
from anonymizer.rules.overlap import ALL
from anonymizer.rules.selectors import VRS, SelectorFault, parse_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.rules.matchers import Matcher
    from anonymizer.rules.rule import Selector

UNKNOWN = 0xFFFFFFFF
"""What that tool's keyword ``Unknown`` stands for."""

_BLANKS = "\t\n\v\f\r "
_creator_form = re.compile(
    r"\(?([0-9A-Fa-f]{4}),?\s*([0-9A-Fa-f]{4}):(.*?)\)?", re.DOTALL
).fullmatch


def read_exactly(text: str) -> Selector:
    """What that tool selects by the text; raises SelectorFault where it refuses it."""
    selector = _read(text)
    if selector is None:
        raise SelectorFault(f"{text!r} selects nothing")
    return selector


def read_as_meant(text: str, *, keeps: bool) -> tuple[Selector, str]:
    """What its user means, and a warning where that tool reads it otherwise (``""``: it agrees).

    ``keeps`` says that the rule keeps what it selects: then a private tag or a repeating group
    is never read wider than that tool reads it, because that would keep more.
    """
    exact = _read(text)
    creator = _creator_form(text)
    if creator is not None:
        return _with_creator(text, *creator.groups()), ""
    try:
        meant = parse_selector(text)
    except SelectorFault:
        if exact is None:
            raise
        return _wide(exact), f"of {text!r} only {describe(exact)} is read"
    if exact is None:
        return meant, ""
    if meant.place is not None:
        return _wide(exact), f"of {text!r} only {describe(exact)} is read: that tool has no paths"
    if keeps and _is_name_or_tag(text, exact, meant):
        return exact, ""
    warning = "" if _agree(text, exact, meant) else f"that tool reads {text!r} as {describe(exact)}"
    return meant, warning


def describe(selector: Selector) -> str:
    """A tag or mask of that tool in our own writing."""
    bits, value = _bits_and_value(selector)
    digits = (
        f"{value >> 4 * at & 15:X}" if bits >> 4 * at & 15 == 15 else "x" for at in range(7, -1, -1)
    )
    text = "".join(digits)
    return f"({text[:4]},{text[4:]})"


def _is_name_or_tag(text: str, exact: Selector, meant: Selector) -> bool:
    return isinstance(exact, PrivateTag) or text in masks_by_keyword() or _agree(text, exact, meant)


def _agree(text: str, exact: Selector, meant: Selector) -> bool:
    if isinstance(exact, Representation) or text in masks_by_keyword():
        return True
    return _bits_and_value(exact) == _bits_and_value(meant)


def _bits_and_value(selector: Selector) -> tuple[int, int]:
    match selector:
        case Mask():
            return selector.bits, selector.value
        case PrivateTag():
            return ALL, selector.tag
        case _:
            return ALL, next(iter(selector.tags or ()), 0)


def _wide(selector: Selector) -> Selector:
    """A private tag without a creator, whatever creator its block has."""
    return Tags(selector.text, selector.tag) if isinstance(selector, PrivateTag) else selector


def _read(text: str) -> Matcher | None:
    readers = (_exact_tag, _mask, _representation, _keyword)
    return next((found for read in readers if (found := read(text)) is not None), None)


def _exact_tag(text: str) -> Matcher | None:
    """Four characters of group, four of element; a creator after a colon; the rest is ignored."""
    if len(text) < 8:
        return None
    at = 5 if text.startswith("(") else 4
    group = _number(text[at - 4 : at])
    at += text[at : at + 1] == ","
    element = _number(text[at : at + 4])
    if group is None or element is None:
        return None
    tag = group << 16 | element
    if text[at + 4 : at + 5] == ":":
        creator = text[at + 5 :].removesuffix(")")
        return _reserved(text, tag, creator)
    return PrivateTag(text, tag, "") if is_private(tag) else Tags(text, tag)


def _number(piece: str) -> int | None:
    digits = piece.strip(_BLANKS)
    if len(piece) != 4 or not re.fullmatch("[0-9A-Fa-f]+", digits):
        return None
    return int(digits, 16)


def _with_creator(text: str, group: str, element: str, creator: str) -> Matcher:
    return _reserved(text, int(group + element, 16), creator)


def _reserved(text: str, tag: int, creator: str) -> Matcher:
    """A block number of 00 is whatever block the creator has in the image."""
    if tag & 0xFF00 or not is_private(tag):
        return PrivateTag(text, tag, creator.strip())
    return PrivateBlock(text, creator.strip(), 0xFFFF00FF, tag)


def _mask(text: str) -> Matcher | None:
    """Without a comma the character after the group is lost, as in that tool."""
    if len(text) < 8:
        return None
    inner = text.removeprefix("(")
    group, comma, element = inner.partition(",")
    if comma:
        element = element.removesuffix(")")
    else:
        group, element = inner[:4], inner[5:].removesuffix(")")
    digits = (group + element).lower()
    if not group or not element or not re.fullmatch("[0-9a-fx]+", digits):
        return None
    bits = int("".join("0" if digit == "x" else "F" for digit in digits), 16)
    value = (int(group.lower().replace("x", "0"), 16) << 16) + int(
        element.lower().replace("x", "0"), 16
    )
    return Mask(text, bits, value) if bits <= ALL and value <= ALL else None


def _representation(text: str) -> Matcher | None:
    if text == "NONE":
        return Mask(text, 0, 1)
    return Representation(text, text) if text in VRS else None


def _keyword(text: str) -> Matcher | None:
    if text == "Unknown":
        return Tags(text, UNKNOWN)
    tag = tags_by_keyword().get(text)
    if tag is None and text.endswith("RETIRED"):
        tag = tags_by_keyword().get(text.removesuffix("RETIRED"))
        tag = tag if tag is not None and is_retired(tag) else None
    if tag is not None:
        return Tags(text, tag)
    mask = masks_by_keyword().get(text.removesuffix("RETIRED"))
    return Tags(text, int(mask.replace("x", "0"), 16)) if mask else None
