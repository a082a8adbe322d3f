"""Kitware's dicom-anonymizer: a JSON object of tags, each with an action.

Its actions come before those of the 2023e table, which is our profile.  It deletes private
attributes but those that the file names; it has an action's name in two spellings, and took the
names of its functions, too.
"""

from __future__ import annotations

import re
from itertools import product
from math import prod

from anonymizer.config.convert.draft import representations_for, selector_for
from anonymizer.config.jsonc import read_json
from anonymizer.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from anonymizer.config.convert.draft import Draft
    from anonymizer.errors import Mistake

EDITION = "2023e"

ACTIONS: dict[str, dict[str, Any]] = {
    "replace": {"method": "dummy"},
    "empty": {"method": "redact"},
    "delete": {"method": "remove"},
    "keep": {"method": "keep"},
    "replaceuid": {"method": "refreshUID"},
    "emptyorreplace": {"method": "byType", "code": "Z/D"},
    "deleteorempty": {"method": "byType", "code": "X/Z"},
    "deleteorreplace": {"method": "byType", "code": "X/D"},
    "deleteoremptyorreplace": {"method": "byType", "code": "X/Z/D"},
    "deleteoremptyorreplaceuid": {"method": "byType", "code": "X/Z/U*"},
    "replacewithvalue": {"method": "substitute", "replaceWith": "value"},
    "regexp": {"method": "regexReplace", "find": "find", "replace": "replace"},
    "replaceelement": {"method": "dummy"},
    "replaceelementdate": {"method": "dummy"},
    "replaceelementdatetime": {"method": "dummy"},
    "replaceelementuid": {"method": "refreshUID"},
    "emptyelement": {"method": "redact"},
    "deleteelement": {"method": "remove"},
}
"""By the name without underscores, in small letters.  An option names the key it is read from."""

_tuple = re.compile(r"\(\s*[^()]*,[^()]*\)").fullmatch


def read(data: bytes, draft: Draft) -> None:
    members, repeated = read_json(data, draft.source)
    for again in repeated:
        draft.warn(again.place, "this key stands twice", "the last one holds")
    if not isinstance(members, dict):
        raise draft.broken("", "is not an object", '{"(0x0010, 0x0010)": "replace"} is one')
    read_members(members, draft)


def read_members(members: dict[str, Any], draft: Draft) -> None:
    draft.follow_profile(EDITION)
    mistakes: list[Mistake] = []
    for key, said in members.items():
        try:
            _read_entry(key, _numbers(key, draft), said, draft)
        except ConfigurationError as fault:
            mistakes += fault.mistakes
    if mistakes:
        raise ConfigurationError(mistakes, draft.source)


def _numbers(key: str, draft: Draft) -> list[int]:
    """The numbers of ``(0x0010, 0x0010)``; that tool reads it as Python does."""
    if _tuple(key):
        pieces = key.strip()[1:-1].split(",")
        try:
            numbers = [int(piece.strip(), 0) for piece in pieces if piece.strip()]
        except ValueError:
            numbers = []
        if len(numbers) in {2, 4} and all(0 <= number <= 0xFFFF for number in numbers):
            return numbers
    raise draft.broken(key, "is not a tag", 'a tag is written as in "(0x0010, 0x0020)"')


def _read_entry(key: str, numbers: list[int], said: object, draft: Draft) -> None:
    action, given = _action(key, said, draft)
    selectors = _selectors(numbers)
    for selector in selectors:
        _write(key, selector, action, given, draft)
    if selectors:
        return
    message = "its mask has too many parts of digits"
    if action == "keep":
        draft.warn(key, f"{message}: no rule is made of it", "name the tags one by one")
    else:
        draft.empty(key, _widened(numbers), message, "name the tags one by one")


def _write(key: str, selector: str, action: str, given: dict[str, str], draft: Draft) -> None:
    rule = ACTIONS[action]
    if action == "deleteoremptyorreplaceuid" and representations_for(selector) == ("UI",):
        rule = ACTIONS["replaceuid"]
    options = {
        name: given[source] if name in {"replaceWith", "find", "replace"} else source
        for name, source in rule.items()
        if name != "method"
    }
    draft.rule(key, selector, rule["method"], **options)


def _action(key: str, said: object, draft: Draft) -> tuple[str, dict[str, str]]:
    """The action and its arguments."""
    given = dict(said) if isinstance(said, dict) else {"action": said}
    name = given.pop("action", None)
    if not isinstance(name, str):
        raise draft.broken(key, "says no action", f"the actions are {', '.join(SHOWN)}")
    action = name.replace("_", "").casefold()
    if action not in ACTIONS:
        raise draft.broken(key, "its action is none of that tool's", f"they are {', '.join(SHOWN)}")
    wanted = [s for o, s in ACTIONS[action].items() if o in {"replaceWith", "find", "replace"}]
    if sorted(given) != sorted(wanted):
        raise draft.broken(key, f"{name} takes {' and '.join(wanted) or 'no more keys'}")
    return action, {option: _text(key, value, draft) for option, value in given.items()}


def _text(key: str, value: object, draft: Draft) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise draft.broken(key, "its argument is neither a text nor a number")


SHOWN = (
    *("replace", "empty", "delete", "keep", "replace_UID", "empty_or_replace"),
    *("delete_or_empty", "delete_or_replace", "delete_or_empty_or_replace"),
    *("delete_or_empty_or_replace_UID", "replace_with_value", "regexp"),
)


def _selectors(numbers: list[int]) -> list[str]:
    """A tag, or all of a mask of (group, element, bits of the group, bits of the element), where
    these are not too many.
    """
    if len(numbers) == 2:
        return [selector_for(numbers[0] << 16 | numbers[1])]
    digits = _digits(numbers)
    if prod(map(len, digits)) > MOST_SELECTORS:
        return []
    return [_mask(text) for text in product(*digits)]


def _widened(numbers: list[int]) -> str:
    """The mask in which each digit that is not given as a whole is any."""
    return _mask(digit if len(digit) == 1 else "x" for digit in _digits(numbers))


def _mask(digits: Iterable[str]) -> str:
    text = "".join(digits)
    return f"({text[:4]},{text[4:]})"


def _digits(numbers: list[int]) -> list[str]:
    """What each hexadecimal digit may be; x where none of its bits counts."""
    group, element, *bits = numbers
    number, mask = group << 16 | element, bits[0] << 16 | bits[1]
    return [_digit(number >> at & 15, mask >> at & 15) for at in range(28, -1, -4)]


def _digit(number: int, bits: int) -> str:
    if not bits:
        return "x"
    return "".join(digit for digit in HEX if int(digit, 16) & bits == number & bits)


HEX = "0123456789ABCDEF"
MOST_SELECTORS = 256
