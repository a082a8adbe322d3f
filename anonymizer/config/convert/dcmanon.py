"""dcmanon: JSON with an action for each tag, on top of its own table of PS3.15."""

from __future__ import annotations

import json
import re

from anonymizer.config.convert.draft import representations_for, selector_for
from anonymizer.config.jsonc import read_json
from anonymizer.dicom.attribute import is_private
from anonymizer.errors import without_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from anonymizer.config.convert.draft import Draft

EDITION = "2026d"
MOST_NAMED = 5

METHODS = {
    "hash": "cryptoHash",
    "hashdate": "dateShift",
    "hashuid": "refreshUID",
    "empty": "redact",
    "replace": "substitute",
    "remove": "remove",
    "keep": "keep",
    "none": "keep",
}

GROUPS = {
    "remove_private_tags": "private",
    "remove_curves": "(50xx,xxxx)",
    "remove_overlays": "(60xx,xxxx)",
}
_tag = re.compile(r"\(?([0-9A-Fa-f]{4}),?\s?([0-9A-Fa-f]{4})\)?").fullmatch


def read(data: bytes, draft: Draft) -> None:
    members, repeated = read_json(data, draft.source)
    for again in repeated:
        draft.warn(again.place, "this key stands twice", "the last one holds")
    if not isinstance(members, dict):
        raise draft.broken("", "is not an object")
    draft.follow_profile(EDITION)
    whole = {"tag_actions", "uid_root", *GROUPS} & members.keys()
    actions = members.get("tag_actions", {}) if whole else members
    if not isinstance(actions, dict):
        raise draft.broken("tag_actions", "is not an object")
    removed = _removed_groups(members, draft) if whole else []
    for key, said in actions.items():
        _read_action(key, said, draft, private_goes="private" in removed or not whole)
    for selector in removed:
        draft.rule("", selector, "remove")
    if whole:
        _read_rest(members, draft)


def _removed_groups(members: dict[str, Any], draft: Draft) -> list[str]:
    for name in GROUPS:
        if not isinstance(members.get(name, False), bool):
            raise draft.broken(name, "is neither true nor false")
    return [selector for name, selector in GROUPS.items() if members.get(name)]


def _read_action(key: str, said: object, draft: Draft, *, private_goes: bool) -> None:
    place = f"tag_actions.{key}"
    match = _tag(key)
    if match is None:
        raise draft.broken(place, "is not a tag", 'a tag is written as in "00100020"')
    name = said.get("action") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(name, str) or name not in METHODS:
        raise draft.broken(
            place, "its action is none of that tool's", f"they are {', '.join(METHODS)}"
        )
    tag = int(match[1] + match[2], 16)
    if name == "none" and private_goes and is_private(tag):
        return
    selector = selector_for(tag)
    options = _options(place, name, said, draft)
    method = METHODS[name]
    if method == "dateShift" and representations_for(selector) == ("TM",):
        draft.empty(place, selector, "a time of day cannot be moved by days")
        return
    draft.rule(place, selector, method, **options)


def _options(place: str, name: str, said: dict[str, Any], draft: Draft) -> dict[str, Any]:
    unknown = said.keys() - {"action", "comment", "length", "value"}
    if unknown:
        names = ", ".join(json.dumps(without_keys(name)) for name in sorted(unknown)[:MOST_NAMED])
        more = ", ..." if len(unknown) > MOST_NAMED else ""
        draft.warn(place, f"unknown keys are not read: {names}{more}")
    if name == "hash" and said.get("length") is not None:
        message = "a hash has as many characters as its VR holds, whatever length asks for"
        draft.warn_once(place, message, "pseudonym gives short ones")
    if name != "replace":
        return {}
    if not isinstance(said.get("value"), str):
        raise draft.broken(place, "replace takes value, a text")
    return {"replaceWith": said["value"]}


def _read_rest(members: dict[str, Any], draft: Draft) -> None:
    for name, selector in GROUPS.items():
        if members.get(name) is False:
            message = "does not spare them: the profile decides about them all the same"
            draft.warn(name, message, f'a rule that keeps "{selector}" does')
    if members.get("uid_root"):
        draft.warn("uid_root", "new UIDs begin with 2.25., not with a root of one's own")
    for name in members.keys() - {"tag_actions", "uid_root", *GROUPS}:
        draft.warn(name, "is not a key of that tool: it is not read")
