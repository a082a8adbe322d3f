"""The conditions of RSNA's CTP as ours: ``@if(Modality,equals,"US")`` is ``{"Modality": "US"}``.

Rules
    * Its comparisons ask the whole value, in capitals and small letters alike; ours each of
      several values.
    * A script runs where its element is there, but for ``@always()``.
"""

from __future__ import annotations

import re

from anonymizer.config.convert.asked import ANY, NOT_BLANK, can_be_asked, equal, found, literal
from anonymizer.config.convert.draft import selector_for
from anonymizer.dicom.dictionary import tags_by_keyword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.config.convert.asked import Whens
    from anonymizer.config.convert.ctp_functions import Scope
    from anonymizer.config.convert.ctp_script import Call

    Answers = tuple[Whens | None, Whens | None]
    """Where it holds and where not; None where that cannot be said."""

NOTHING: Answers = (None, None)

_tag = re.compile(r"[\[(]?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})[\])]?").fullmatch


def answers_of(call: Call, scope: Scope) -> Answers:
    """When an ``@if`` holds and when not."""
    name = _asked_name(call, scope)
    if not name:
        return NOTHING
    kind = call.arguments[1].casefold()
    if kind in {"exists", "isblank"}:
        is_there = scope.is_this(call) and not scope.always
        answers = _of_presence(kind, name, is_there=is_there)
    else:
        answers = _of_value(kind, name, call, scope)
    holds, fails = answers
    return _sound(holds), _sound(fails)


def _sound(whens: Whens | None) -> Whens | None:
    if whens is None or not all(can_be_asked(when) for when in whens if when):
        return None
    return whens


def _asked_name(call: Call, scope: Scope) -> str:
    """The attribute that is asked, as conditions name it; nothing where that is not known."""
    if scope.is_this(call):
        return scope.selector
    name = call.arguments[0].strip()
    return name if name in tags_by_keyword() else selector_of(name)


def selector_of(text: str) -> str:
    """``00100010``, ``(0010,0010)`` or ``[0010,0010]`` as ours; nothing of anything else."""
    match = _tag(text)
    return selector_for(int(match[1] + match[2], 16)) if match else ""


def _of_presence(kind: str, name: str, *, is_there: bool) -> Answers:
    missing: Whens = () if is_there else ({name: False},)
    if kind == "isblank":
        return ({name: ""}, *missing), ({name: NOT_BLANK},)
    return ((ANY,) if is_there else ({name: True},)), missing


def _of_value(kind: str, name: str, call: Call, scope: Scope) -> Answers:
    argument = scope.value(call.arguments[2]) if len(call.arguments) > 2 else ""
    if kind == "matches":
        return ({name: found(argument.strip(), whole=True).replace("(?i)", "")},), None
    if "\\" in argument or not argument:
        return NOTHING  # of several values in one
    if kind == "equals":
        return ({name: equal(argument)},), None
    return (({name: found(literal(argument))},), None) if kind == "contains" else NOTHING
