"""What the functions of RSNA's CTP mean as methods of ours.

A script means a method with options, and notes on what of it is lost.  What cannot be said
raises Unsayable.
"""

from __future__ import annotations

import re
from copy import copy

from anonymizer.config.convert.asked import ANY, both
from anonymizer.config.convert.ctp_conditions import answers_of
from anonymizer.config.convert.ctp_script import Call, ScriptFault, parts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from anonymizer.config.convert.asked import When, Whens

    Branch = tuple[Whens | None, "Meaning"]

MOST_DAYS = 36500
DEEPEST = 8


class Unsayable(Exception):
    """What a script asks for and no method does; ``hint`` is the way there."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Meaning:
    """A method with its options; ``notes`` are (message, hint) of what is not the same.

    ``cases`` come before it where their conditions hold, at the root only where it is ``shallow``.
    Images that fit one of ``rejects``, or none of ``accepts`` where there are any, are turned
    away; with ``gone`` every image is.
    """

    __slots__ = ("accepts", "cases", "gone", "method", "notes", "options", "rejects", "shallow")

    def __init__(
        self,
        method: str,
        notes: tuple[tuple[str, str], ...] = (),
        **options: Any,  # noqa: ANN401  what a method takes
    ) -> None:
        self.method = method
        self.options = options
        self.notes = notes
        self.cases: tuple[tuple[When, Meaning], ...] = ()
        self.rejects: Whens = ()
        self.accepts: Whens = ()
        self.gone = False
        self.shallow = False

    @property
    def strength(self) -> int:
        return {"keep": 0, "redact": 2, "remove": 3}.get(self.method, 1)

    @property
    def strongest(self) -> Meaning:
        """What takes most of all that may happen."""
        return max((self, *(case for _, case in self.cases)), key=lambda one: one.strength)

    def with_notes(self, *notes: tuple[str, str]) -> Meaning:
        made = copy(self)
        made.notes = (*self.notes, *notes)
        return made

    def alone(self, *notes: tuple[str, str]) -> Meaning:
        """What takes most, whatever holds; a warning where an image was to be turned away."""
        away = self.rejects or self.accepts
        whole = self.strongest.with_notes(*notes, *((TURNED_AWAY,) if away else ()))
        whole.cases, whole.rejects, whole.accepts = (), (), ()
        return whole


class Scope:
    """The attribute that a script is about, by all its names, and the parameters of the file."""

    __slots__ = ("always", "depth", "names", "parameters", "selector", "vrs")

    def __init__(
        self,
        names: frozenset[str],
        vrs: tuple[str, ...],
        parameters: Mapping[str, str],
        selector: str,
    ) -> None:
        self.names = names
        self.vrs = vrs
        self.parameters = parameters
        self.selector = selector
        self.always = False
        self.depth = 0

    def is_this(self, call: Call, at: int = 0) -> bool:
        argument = call.arguments[at] if len(call.arguments) > at else ""
        return argument.casefold() in self.names

    def value(self, argument: str) -> str:
        """A literal argument, or the parameter that ``@NAME`` stands for."""
        if not argument.startswith("@"):
            return argument
        if argument[1:] not in self.parameters:
            raise Unsayable("names a parameter that the script does not have")
        return self.parameters[argument[1:]]

    def number(self, call: Call, at: int) -> int:
        text = self.value(call.arguments[at]) if len(call.arguments) > at else ""
        if re.fullmatch(r"[+-]?\d{1,6}", text.strip()) is None:
            raise Unsayable(f"@{call.name} is given no whole number")
        return int(text)


def meaning_of(script: str, scope: Scope) -> Meaning:
    """The method of a script; raises Unsayable or ScriptFault."""
    if scope.depth > DEEPEST:
        raise ScriptFault("its script is nested too deeply")
    scope.depth += 1
    try:
        return _meaning(parts_of(script), scope)
    finally:
        scope.depth -= 1


def _meaning(parts: list[str | Call], scope: Scope) -> Meaning:
    if parts and isinstance(parts[0], Call) and parts[0].name == "always":
        scope.always = True
        return _meaning(parts[1:], scope).with_notes(NOT_ENTERED)
    texts = [_text(part, scope) for part in parts]
    calls = [
        part
        for part, text in zip(parts, texts, strict=True)
        if text is None and isinstance(part, Call)
    ]
    fixed = "".join(text for text in texts if text is not None)
    if not calls:
        return Meaning("substitute", replaceWith=fixed) if fixed.strip() else Meaning("redact")
    if len(calls) > 1:
        raise Unsayable("several functions make one value")
    call = calls[0]
    if not fixed.strip():
        return _of_call(call, scope)
    if call.name in STAND_INS and texts[-1] is None and scope.is_this(call, STAND_INS[call.name]):
        return Meaning("pseudonym", prefix=fixed)
    raise Unsayable(f"text beside @{call.name}")


def _text(part: str | Call, scope: Scope) -> str | None:
    """A part that is the same for every image; None for one that is not."""
    if isinstance(part, str):
        return part
    if part.name == "param" and part.arguments:
        return scope.value(part.arguments[0])
    return None


STAND_INS = {"hash": 0, "hashname": 0, "hashptid": 1, "integer": 0}
"""Functions whose values need not be theirs, with the argument that names the attribute."""

NOT_ENTERED = ("an attribute that is missing is not made", "")
NO_LENGTH = (
    "a hash has as many characters as its VR holds, whatever length is asked for",
    "pseudonym gives short ones",
)
NO_ROOT = ("new UIDs begin with 2.25., not with a root of one's own", "")


def _of_call(call: Call, scope: Scope) -> Meaning:
    if call.name not in FUNCTIONS:
        raise Unsayable(f"@{call.name[:20]} has no equal", HINTS.get(call.name, ""))
    about = ABOUT.get(call.name)
    if about is not None and not scope.is_this(call, about):
        raise Unsayable(f"@{call.name} reads another attribute", "a method sees its own only")
    return FUNCTIONS[call.name](call, scope)


ABOUT = {
    "hash": 0,
    "hashname": 0,
    "hashptid": 1,
    "hashuid": 1,
    "hashdate": 0,
    "incrementdate": 0,
    "modifydate": 0,
    "integer": 0,
    "contents": 0,
    "value": 0,
    "truncate": 0,
}
"""The argument that must name the attribute itself."""

HINTS = {
    "lookup": "pseudonym with --map takes values from a table",
    "initials": "pseudonym gives a stand-in by the key",
    "round": "redact with enablePartialAgesForRedact keeps ages up to 89",
    "encrypt": "encrypt is a method, where the VR holds 44 characters",
    "dateinterval": "dateShift keeps intervals",
}


def _hash(call: Call, scope: Scope) -> Meaning:
    long = len(call.arguments) < 2 or "SH" in scope.vrs
    return Meaning("cryptoHash", () if long else (NO_LENGTH,))


def _hash_uid(call: Call, scope: Scope) -> Meaning:
    if len(call.arguments) > 2:
        raise Unsayable("@hashuid reads another attribute", "a method sees its own only")
    if scope.vrs and "UI" not in scope.vrs:
        raise Unsayable("@hashuid on what is no UID")
    return Meaning("refreshUID", (NO_ROOT,))


def _hash_date(_: Call, scope: Scope) -> Meaning:
    _need_date(scope)
    note = ("days are by the key and the patient, at most 50", "dateShiftRange widens that")
    return Meaning("dateShift", (note,))


def _increment_date(call: Call, scope: Scope) -> Meaning:
    _need_date(scope)
    days = scope.number(call, 1)
    if not days:
        note = ("moves dates by 0 days, which leaves them: here the key decides", "")
        return Meaning("dateShift", (note,))
    if abs(days) > MOST_DAYS:
        raise Unsayable(f"more than {MOST_DAYS} days")
    return Meaning("dateShift", dateShiftDays=days)


def _need_date(scope: Scope) -> None:
    if scope.vrs and not {"DA", "DT"} & {*scope.vrs}:
        raise Unsayable("a date's function on what is no date")


def _modify_date(call: Call, scope: Scope) -> Meaning:
    wanted = [scope.value(argument).lstrip("0") for argument in call.arguments[1:]]
    if wanted != ["*", "1", "1"]:
        raise Unsayable("@modifydate for more than the first of January")
    return Meaning("redact", enablePartialDatesForRedact=True)


def _contents(call: Call, _: Scope) -> Meaning:
    if len(call.arguments) == 1:
        return Meaning("keep")
    find, replace = call.arguments[1], (*call.arguments[2:], "")[0]
    try:
        re.compile(find)
    except (re.error, OverflowError):
        raise Unsayable("a regular expression that Python has not") from None
    return Meaning("regexReplace", find=find, replace=re.sub(r"\$(\d)", r"\\\1", replace))


def _truncate(call: Call, scope: Scope) -> Meaning:
    length = scope.number(call, 1)
    kept = rf"(.{{{abs(length)}}})"
    find = f"(?s)^{kept}.*$" if length >= 0 else f"(?s)^.*{kept}$"
    return Meaning("regexReplace", find=find, replace=r"\1")


def _require(call: Call, _: Scope) -> Meaning:
    return Meaning("keep", (NOT_ENTERED,))


def _turn_away(call: Call, _: Scope) -> Meaning:
    meaning = Meaning("redact", (SKIPPED,) if call.name == "skip" else ())
    meaning.gone = True
    return meaning


def _if(call: Call, scope: Scope) -> Meaning:
    """A rule for each clause, with its condition; else what takes most of both."""
    if len(call.arguments) < 2 or len(call.clauses) != 2:
        raise ScriptFault("its @if has not two clauses")
    yes, no = answers_of(call, scope)
    holds, fails = (meaning_of(clause, scope) for clause in call.clauses)
    if holds.gone or fails.gone:
        return _turned_away(((yes, holds), (no, fails)))
    about_this, kind = scope.is_this(call), call.arguments[1].casefold()
    if about_this and kind in {"isblank", "exists"}:
        blank, valued = (holds, fails) if kind == "isblank" else (fails, holds)
        return valued.with_notes(TURNED_AWAY) if blank.rejects or blank.accepts else valued
    branches = sorted(((yes, holds), (no, fails)), key=lambda branch: len(branch[0] or NEVER))
    return _in_turn(branches, shallow=about_this)


NEVER: Whens = ({}, {}, {})
"""Stands behind whatever can be asked."""


def _turned_away(branches: Sequence[Branch]) -> Meaning:
    """One of the clauses turns the image away: what is left is the other."""
    (whens, away), (others, stays) = sorted(branches, key=lambda branch: not branch[1].gone)
    left = stays.with_notes(*away.notes)
    if stays.gone:
        return left
    if whens is not None:
        left.rejects = (*left.rejects, *whens)
    elif others is not None and not left.accepts:
        left.accepts = others
    else:
        return left.with_notes(TURNED_AWAY)
    return left


def _in_turn(branches: Sequence[Branch], *, shallow: bool) -> Meaning:
    """The cases of the first clause, each with its condition, then the second."""
    (whens, first), (_, second) = branches
    made = second.with_notes(*first.notes)
    cases = [*first.cases, (ANY, first)]
    added = [(both(when, inner), case) for when in whens or () for inner, case in cases]
    rejects = [both(when, inner) for when in whens or () for inner in first.rejects]
    if whens is None or None in rejects or any(when is None for when, _ in added):
        made.cases = ((ANY, first.strongest), *made.cases)
        made.rejects = (*made.rejects, *first.rejects, *first.accepts)
        return made.alone(UNCONDITIONAL)
    if first.accepts or second.accepts or second.rejects:
        made = made.with_notes(TURNED_AWAY)
        made.accepts, made.rejects = (), ()
    made.cases = (*((when, case) for when, case in added if when is not None), *second.cases)
    made.rejects = (*made.rejects, *filter(None, rejects))
    made.shallow = shallow or first.shallow or second.shallow
    return made


TURNED_AWAY = ("no image is turned away by it", "")
SKIPPED = ("@skip() leaves an image as it is: here it is not written", "")
UNCONDITIONAL = ("its @if is not asked: what takes more holds for every image", "")


def _select(call: Call, scope: Scope) -> Meaning:
    if len(call.clauses) != 2:
        raise ScriptFault("its @select has not two clauses")
    root, inside = (meaning_of(clause, scope) for clause in call.clauses)
    strongest = max(root.alone(), inside.alone(), key=lambda meaning: meaning.strength)
    note = ("@select is not asked: what takes more holds at every depth", '".A" is A at the root')
    return strongest.with_notes(note)


FUNCTIONS: dict[str, Callable[[Call, Scope], Meaning]] = {
    "keep": lambda _, __: Meaning("keep"),
    "process": lambda _, __: Meaning("keep"),
    "remove": lambda _, __: Meaning("remove"),
    "empty": lambda _, __: Meaning("redact"),
    "blank": lambda _, __: Meaning("redact"),
    "require": _require,
    "hash": _hash,
    "hashname": lambda _, __: Meaning("pseudonym"),
    "hashptid": lambda _, __: Meaning("pseudonym"),
    "integer": lambda _, __: Meaning("pseudonym"),
    "hashuid": _hash_uid,
    "hashdate": _hash_date,
    "incrementdate": _increment_date,
    "modifydate": _modify_date,
    "contents": _contents,
    "value": _contents,
    "truncate": _truncate,
    "if": _if,
    "quarantine": _turn_away,
    "skip": _turn_away,
    "select": _select,
}
