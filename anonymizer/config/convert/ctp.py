"""RSNA's CTP: the script of its DicomAnonymizer, XML of parameters, elements and global rules.

Rules. Elements come first, then groups that stay, then what goes; overlays go before all else.
"""

from __future__ import annotations

import re

from anonymizer.config.convert.asked import ANY, can_be_asked
from anonymizer.config.convert.ctp_conditions import selector_of
from anonymizer.config.convert.ctp_functions import TURNED_AWAY, Scope, Unsayable, meaning_of
from anonymizer.config.convert.ctp_script import ScriptFault
from anonymizer.config.convert.ctp_xml import entries_of
from anonymizer.config.convert.draft import MARKS, representations_for, tag_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.config.convert.asked import When
    from anonymizer.config.convert.ctp_functions import Meaning
    from anonymizer.config.convert.ctp_xml import Entry
    from anonymizer.config.convert.draft import Draft

_private = re.compile(r"([0-9A-Fa-f]{4})(?:00)?\[(.+)\]([0-9A-Fa-f]{2})?").fullmatch
_group = re.compile(r"(?:0x)?([0-9A-Fa-f]{2,4})").fullmatch


def read(data: bytes, draft: Draft) -> None:
    entries = entries_of(data, draft)
    parameters = {entry.what: entry.text.strip() for entry in entries if entry.kind == "p"}
    on = [entry for entry in entries if entry.on]
    globals_ = {entry.what.casefold(): entry for entry in on if entry.kind == "r"}
    for entry in (e for e in on if e.kind == "r" and e.what.casefold() not in REMOVED):
        draft.warn(entry.place, "is no global rule of that tool: no rule is made of it")
    _remove(globals_, "overlays", draft)
    for entry in (e for e in on if e.kind == "e"):
        _read_element(entry, parameters, draft)
    for entry in (e for e in on if e.kind == "k"):
        _keep_group(entry, draft)
    _remove(globals_, "privategroups", draft)
    _remove(globals_, "curves", draft)
    if "unspecifiedelements" in globals_:
        _keep_only(globals_["unspecifiedelements"], draft)


def _read_element(entry: Entry, parameters: dict[str, str], draft: Draft) -> None:
    selector = _selector(entry.what)
    if not selector:
        draft.warn(entry.place, "names no attribute: no rule is made of it")
        return
    vrs = representations_for(selector)
    names = {"this", entry.name.casefold(), entry.what.casefold(), selector.casefold()} - {""}
    if tag_of(selector) in MARKS:
        _read_mark(entry, selector, draft)
        return
    try:
        scope = Scope(frozenset(names), vrs, parameters, selector)
        meaning = meaning_of(entry.text, scope)
    except Unsayable as fault:
        draft.empty(entry.place, selector, f"{entry.name or selector}: {fault.message}", fault.hint)
        return
    except ScriptFault as fault:
        raise draft.broken(entry.place, str(fault)) from None
    for message, hint in meaning.notes:
        draft.warn_once(entry.place, message, hint)
    _write(entry, meaning, scope, draft)


def _write(entry: Entry, meaning: Meaning, scope: Scope, draft: Draft) -> None:
    """What turns images away, the cases, and what holds where none does."""
    there: When = {} if scope.always else {scope.selector: True}
    _turn_away(entry, meaning, there, draft)
    root = f".{scope.selector}" if meaning.shallow else scope.selector
    for when, case in meaning.cases:
        draft.rule(entry.place, root, case.method, **case.options, when=when)
    if meaning.shallow:
        draft.rule(entry.place, root, meaning.method, **meaning.options)
        meaning = meaning.strongest
    if not meaning.gone:
        draft.rule(entry.place, scope.selector, meaning.method, **meaning.options)


def _turn_away(entry: Entry, meaning: Meaning, there: When, draft: Draft) -> None:
    rejects = (ANY,) if meaning.gone else meaning.rejects
    for when in rejects:
        asked = there | when  # what is asked of it says more than that it is there
        if not can_be_asked(asked) or not draft.reject(asked):
            draft.warn_once(entry.place, *TURNED_AWAY)
    if not meaning.accepts:
        return
    missing = tuple({name: False} for name in there)
    accepts = tuple(when for when in (*meaning.accepts, *missing) if when)
    if not all(map(can_be_asked, accepts)) or not draft.accept(accepts):
        draft.warn_once(entry.place, *TURNED_AWAY)


def _read_mark(entry: Entry, selector: str, draft: Draft) -> None:
    if entry.text.replace("@always()", "").strip().upper() != "YES":
        draft.rule(entry.place, selector, "substitute")


def _selector(what: str) -> str:
    """``00100010``, ``(0010,0010)``, ``0019[CREATOR]0C``."""
    if selector := selector_of(what):
        return selector
    if match := _private(what):
        return f'({match[1]},"{match[2]}",{match[3] or "xx"})'
    return ""


def _keep_group(entry: Entry, draft: Draft) -> None:
    if entry.what.casefold() == "safeprivateelements":
        draft.rule(entry.place, "private", "keepSafePrivate")
    elif match := _group(entry.what):
        draft.rule(entry.place, f"({match[1].zfill(4)},xxxx)", "keep")
    else:
        draft.warn(entry.place, "names no group: no rule is made of it")


REMOVED = {
    "privategroups": "private",
    "overlays": "(60xx,xxxx)",
    "curves": "(50xx,xxxx)",
    "unspecifiedelements": "",
}


def _remove(globals_: dict[str, Entry], what: str, draft: Draft) -> None:
    if what in globals_ and not draft.has(REMOVED[what]):
        draft.rule(globals_[what].place, REMOVED[what], "remove")


def _keep_only(entry: Entry, draft: Draft) -> None:
    """What no element names goes, but for what that tool always spares."""
    draft.members["otherwise"] = "remove"
    for selector in SPARED:
        if not draft.has(selector):
            draft.rule(entry.place, selector, "keep")


SPARED = (
    *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID"),
    *("(0028,xxxx)", "(7FE0,xxxx)", "(60xx,xxxx)", "(50xx,xxxx)"),
)
