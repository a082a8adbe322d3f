"""RSNA's CTP: the script of its DicomAnonymizer, XML of parameters, elements and global rules.

Rules. Elements come first, then groups that stay, then what goes; overlays go before all else.
"""

from __future__ import annotations

import re

from anonymizer.config.convert.ctp_functions import Scope, Unsayable, meaning_of
from anonymizer.config.convert.ctp_script import ScriptFault
from anonymizer.config.convert.ctp_xml import entries_of
from anonymizer.config.convert.draft import MARKS, representations_for, selector_for, tag_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.config.convert.ctp_xml import Entry
    from anonymizer.config.convert.draft import Draft

_tag = re.compile(r"[\[(]?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})[\])]?").fullmatch
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
        meaning = meaning_of(entry.text, Scope(frozenset(names), vrs, parameters))
    except Unsayable as fault:
        draft.empty(entry.place, selector, f"{entry.name or selector}: {fault.message}", fault.hint)
        return
    except ScriptFault as fault:
        raise draft.broken(entry.place, str(fault)) from None
    for message, hint in meaning.notes:
        draft.warn_once(entry.place, message, hint)
    draft.rule(entry.place, selector, meaning.method, **meaning.options)


def _read_mark(entry: Entry, selector: str, draft: Draft) -> None:
    if entry.text.replace("@always()", "").strip().upper() != "YES":
        draft.rule(entry.place, selector, "substitute")


def _selector(what: str) -> str:
    """``00100010``, ``(0010,0010)``, ``0019[CREATOR]0C``."""
    if match := _tag(what):
        return selector_for(int(match[1] + match[2], 16))
    if (match := _private(what)) and match[3]:
        return f'({match[1]},"{match[2]}",{match[3]})'
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
