"""The configuration of a draft, with every rule as one that the compiler takes.

A rule that it does not take, or that treats nothing of what it selects, is one that empties.
"""

from __future__ import annotations

import os
import re

from anonymizer.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from anonymizer.config.convert.draft import Draft
    from anonymizer.errors import Mistake

ORDER = (
    *("name", "description", "extends", "edition", "options", "unlisted"),
    *("accept", "reject", "rules", "otherwise", "parameters"),
)
TREATS_NOTHING = " treats no "
_place = re.compile(r"rules\[(\d+)\]").match


def settled(draft: Draft) -> tuple[dict[str, Any], list[Mistake]]:
    wrong = _wrong_rules(draft)
    for number, (message, hint) in wrong.items():
        rule = draft.rules[number]
        draft.warn(draft.places[number], f"{message}: it is emptied instead", hint)
        kept = {key: rule[key] for key in ("dicomTagPath", "when") if key in rule}
        draft.rules[number] = kept | {"method": "redact"}
    if wrong and (still := _wrong_rules(draft)):
        number, (message, hint) = next(iter(still.items()))
        raise draft.broken(draft.places[number], message, hint)
    return _effective(draft), draft.warnings


def _effective(draft: Draft) -> dict[str, Any]:
    stem = os.path.splitext(os.path.basename(draft.source))[0]
    known = {"name": stem, "rules": draft.rules, **draft.members}
    return {key: known[key] for key in ORDER if key in known}


def _wrong_rules(draft: Draft) -> dict[int, tuple[str, str]]:
    """What is wrong with rules, by their numbers; raises for what is wrong beside them."""
    from anonymizer.config.compile import examine
    from anonymizer.config.load import configuration_of

    _, findings = examine(configuration_of(_effective(draft), source=draft.source), environ={})
    doubts = [warning for warning in findings.warnings if TREATS_NOTHING in warning.message]
    wrong: dict[int, tuple[str, str]] = {}
    for found in (*findings.mistakes, *doubts):
        place = _place(found.place)
        if place is None:
            raise ConfigurationError([found], draft.source)
        wrong.setdefault(int(place[1]), (found.message, found.hint))
    return wrong
