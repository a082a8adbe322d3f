"""Kitware's dicom-anonymizer: a JSON object of tags, each with an action.

Its actions come before those of the 2023e table, which is our profile.  It deletes private
attributes but those that the file names; it has an action's name in two spellings, and took the
names of its functions, too.
"""

from __future__ import annotations

import re

from anonymizer.config.convert.draft import representations_for, selector_for
from anonymizer.config.jsonc import read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from anonymizer.config.convert.draft import Draft

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
    for key, said in members.items():
        _read_entry(key, _numbers(key, draft), said, draft)


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
    selector = _selector(numbers)
    if not selector:
        message = "has a mask of parts of digits, which no selector can say"
        draft.warn(key, f"{message}: no rule is made of it", "name the tags one by one")
        return
    action, given = _action(key, said, draft)
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


def _selector(numbers: list[int]) -> str:
    """A tag, or a mask of (group, element, bits of the group, bits of the element)."""
    if len(numbers) == 2:
        return selector_for(numbers[0] << 16 | numbers[1])
    group, element, of_group, of_element = numbers
    digits = [
        *(_digit(group, of_group, at) for at in (12, 8, 4, 0)),
        *(_digit(element, of_element, at) for at in (12, 8, 4, 0)),
    ]
    if "" in digits:
        return ""
    text = "".join(digits)
    return f"({text[:4]},{text[4:]})"


def _digit(number: int, bits: int, at: int) -> str:
    """A hexadecimal digit, x where none of its bits counts, nothing where only some do."""
    return {0: "x", 15: f"{number >> at & 15:X}"}.get(bits >> at & 15, "")
