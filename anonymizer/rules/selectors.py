"""Reads ``dicomTagPath``: text in, the matcher it means out, or what is wrong with it.

The forms (``forms.SELECTOR_FORMS`` shows them to people) are tried from the narrowest to the
widest; keywords come first and cost one dict look-up, because most rules of a profile are such.
"""

from __future__ import annotations

import re

from anonymizer.dicom.attribute import LONG_VRS, TEXT_VRS
from anonymizer.dicom.dictionary import masks_by_keyword, representations_of, tags_by_keyword
from anonymizer.rules.matchers import (
    EVEN_GROUP,
    KeywordPattern,
    Mask,
    Private,
    PrivateBlock,
    PrivatePattern,
    Representation,
    Tags,
    Unknown,
)
from anonymizer.rules.places import Step, Within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.rules.matchers import Matcher
    from anonymizer.rules.rule import Selector

_WORDS: dict[str, type[Private | Unknown]] = {"private": Private, "unknown": Unknown}
VRS = LONG_VRS | TEXT_VRS | frozenset("AT FD FL SL SS UL US".split())

_TAG = r"\s*(?:0[xX])?([0-9A-Fa-fxX]{4})\s*,?\s*(?:0[xX])?([0-9A-Fa-fxX]{4})\s*"
_BLOCK = r"\(\s*([0-9A-Fa-fxX]{4})\s*,\s*(.+?)\s*,\s*([0-9A-Fa-fxX]{2})\s*\)"
_WILDCARD = r"[A-Za-z0-9]*\*[A-Za-z0-9*]*"
_STEP = rf"(?P<step>/.*|\({_TAG}\)|{_BLOCK}|[^.\[\](]+)(?:\[\s*(?P<item>\d+|\*)\s*\])?(?:\.|$)"


class SelectorFault(Exception):
    """A selector that means nothing; ``hint`` says what was probably meant, or is empty."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def parse_selector(text: str) -> Selector:
    """The matcher for a ``dicomTagPath``; raises SelectorFault where it selects nothing."""
    tag = tags_by_keyword().get(text)
    if tag is not None:
        return Tags(text, tag)
    text = text.strip()
    steps = split_path(text) if "." in text or "[" in text else []
    matcher = _path(text, steps) if steps else _simple(text)
    if matcher is None:
        from anonymizer.rules.near_misses import hint_for

        raise SelectorFault(f"{text!r} selects nothing", hint_for(text))
    return matcher


def _simple(text: str) -> Matcher | None:
    """A selector without a path, or None where no form accepts the text."""
    tag = tags_by_keyword().get(text)
    if tag is not None:
        return Tags(text, tag)
    if text in VRS:
        return Representation(text, text)
    if text in _WORDS:
        return _WORDS[text](text)
    return next((m for read in _READERS if (m := read(text)) is not None), None)


def _tag_or_mask(text: str) -> Matcher | None:
    match = re.fullmatch(rf"\({_TAG}\)|{_TAG}", text)
    if match is None:
        return None
    digits = "".join(part for part in match.groups() if part).lower()
    bits, value = _bits(digits)
    return Tags(text, value) if bits == 0xFFFFFFFF else Mask(text, bits, value)


def _bits(digits: str) -> tuple[int, int]:
    """The bits that count and their value, of hexadecimal digits with x for any."""
    bits = int("".join("0" if digit == "x" else "F" for digit in digits), 16)
    return bits, int(digits.replace("x", "0"), 16)


def _repeating(text: str) -> Matcher | None:
    """A keyword of a repeating group; odd groups of the mask are private and not meant."""
    mask = masks_by_keyword().get(text)
    if mask is None:
        return None
    bits, value = _bits(mask)
    return Mask(text, bits | EVEN_GROUP, value)


def _private_block(text: str) -> Matcher | None:
    match = re.fullmatch(_BLOCK, text, re.DOTALL)
    if match is None:
        return None
    group, creator, element = match.groups()
    if len(creator) > 1 and creator[0] == creator[-1] == '"':
        creator = creator[1:-1]
    bits, value = _bits(f"{group}00{element}".lower())
    if bits & EVEN_GROUP and not value & EVEN_GROUP:
        raise SelectorFault(
            f"{text!r} selects nothing: a private group is odd (PS3.5 7.8)",
            "write the tag alone for a public attribute",
        )
    return PrivateBlock(text, creator.strip(), bits & 0xFFFF00FF, value)


def _private_pattern(text: str) -> Matcher | None:
    if not text.startswith("/"):
        return None
    if len(text) < 3 or not text.endswith("/"):
        raise SelectorFault(
            f"{text!r} is not a regular expression",
            "it stands between slashes, as in /0019,SIEMENS.*,0[CDE]/",
        )
    try:
        return PrivatePattern(text, re.compile(text[1:-1]))
    except re.error as fault:
        raise SelectorFault(
            f"{text!r} is not a regular expression: {fault.msg}", _position(fault)
        ) from None


def _position(fault: re.error) -> str:
    return "" if fault.pos is None else f"look at character {fault.pos + 1} after the slash"


def _keyword_pattern(text: str) -> Matcher | None:
    if re.fullmatch(_WILDCARD, text) is None:
        return None
    if not text.strip("*"):
        return Mask(text, 0, 0)
    pattern = re.compile(re.sub(r"\*+", ".*", text))
    if not any(map(pattern.fullmatch, (*tags_by_keyword(), *masks_by_keyword()))):
        return None
    return KeywordPattern(text, pattern)


_READERS = (_tag_or_mask, _private_block, _private_pattern, _repeating, _keyword_pattern)


def split_path(text: str) -> list[tuple[str, str]]:
    """The steps of a path with the item each asks for (``""``: any); a leading dot is a step ""."""
    steps, at = [], 0
    if text.startswith("."):
        steps, at = [("", "")], 1
    while at < len(text):
        match = re.compile(_STEP, re.DOTALL).match(text, at)
        if match is None:
            raise SelectorFault(
                f"{text!r} cannot be read from character {at + 1} on",
                "a path is written A.B, A[0].B, .A or A.**.B",
            )
        steps.append((match["step"].strip(), match["item"] or ""))
        at = match.end()
    if text.endswith("."):
        raise SelectorFault(f"{text!r} ends with a dot", "name the attribute after the last dot")
    return steps


def _path(text: str, steps: list[tuple[str, str]]) -> Matcher | None:
    """The matcher of the last step, with the place that the steps before it describe."""
    *around, (last, item) = steps
    if item:
        raise SelectorFault(
            f"{text!r} selects items, not attributes",
            f"an item number stands before a dot, as in {last}[{item}].PatientName",
        )
    matcher = _simple("*" if last == "**" else last)
    if matcher is None:
        from anonymizer.rules.near_misses import hint_for

        raise SelectorFault(f"{last!r} in {text!r} selects nothing", hint_for(last))
    matcher.text = text
    matcher.place = _place(text, around, deep=last == "**")
    return matcher


def _place(text: str, around: list[tuple[str, str]], *, deep: bool) -> Within | None:
    if not around:
        return None
    anchored = around[0] == ("", "")
    compiled = [_compile_step(text, *step) for step in around[anchored:]]
    return Within((*(() if anchored else (None,)), *compiled, *((None,) if deep else ())))


def _compile_step(text: str, step: str, item: str) -> Step | None:
    if step == "**":
        return None
    matcher = _simple(step)
    if matcher is None:
        from anonymizer.rules.near_misses import hint_for

        raise SelectorFault(f"{step!r} in {text!r} selects nothing", hint_for(step))
    _refuse_creator(text, step, matcher)
    _refuse_what_has_no_items(text, step, matcher)
    return Step(matcher, int(item) if item.isdecimal() else None)


def _refuse_creator(text: str, step: str, matcher: Matcher) -> None:
    if matcher.asks_creator:
        raise SelectorFault(
            f"{step!r} in {text!r} asks for a creator, which only the last step can",
            "write the sequence as a tag or mask, as in (0019,xx0C).PatientName",
        )


def _refuse_what_has_no_items(text: str, step: str, matcher: Matcher) -> None:
    known = {vr for tag in matcher.tags or () for vr in representations_of(tag)}
    if isinstance(matcher, Representation):
        known = {matcher.vr}
    if known and "SQ" not in known:
        raise SelectorFault(f"{step!r} in {text!r} is not a sequence", "only sequences have items")
