"""deid: the %header section of a recipe, a line an action; %filter turns images away.

Rules
    * What names one attribute goes before what expands to many (``contains:Date``), that before
      ``ALL``; among equals what takes more goes first, as that tool's manual has it.  What spares
      many is nothing where ``ALL`` takes more.
    * Its expanders ignore case, our wildcards do not: a word is written in every way that
      keywords have it.
    * Which attributes are meant by what is in them, or by more than words, nobody can say: then
      whatever may hold such a value is emptied.
    * Private attributes, which a switch of that tool's call decides about, go.
"""

from __future__ import annotations

import re

from anonymizer.config.convert.deid_filters import Filters
from anonymizer.config.convert.draft import selector_for, stand_in_for
from anonymizer.dicom.dictionary import masks_by_keyword, tags_by_keyword
from anonymizer.rules.selectors import SelectorFault, parse_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anonymizer.config.convert.draft import Draft

ACTIONS = ("REMOVE", "BLANK", "REPLACE", "ADD", "JITTER", "KEEP")
"""From what takes most to what takes least."""

METHODS = {"REMOVE": "remove", "BLANK": "redact", "KEEP": "keep"}
PROTECTED = (
    *("PixelData", "VOILUTSequence", "RedPaletteColorLookupTableData"),
    *("GreenPaletteColorLookupTableData", "BluePaletteColorLookupTableData"),
)
"""What that tool leaves alone, whatever a recipe says."""

ANY_VALUE = tuple("PN LO SH ST LT UT UC AE AS DA DT UR".split())
"""VRs whose values may be a name, a number or a date of somebody."""

EXPANDERS = ("startswith", "endswith", "contains", "except", "allexcept", "fields", "values")
LONGEST_LINE = 2000
MOST_NAMES = 200
MOST_DAYS = 36500

ONE, MANY, ALL = range(3)


class Action:
    """A line of the header section."""

    __slots__ = ("field", "line", "name", "value")

    def __init__(self, name: str, field: str, value: str, line: int) -> None:
        self.name = name
        self.field = field
        self.value = value
        self.line = line

    @property
    def place(self) -> str:
        return f"line {self.line}"

    @property
    def expander(self) -> str:
        head, colon, _ = self.field.partition(":")
        return head.casefold() if colon and head.casefold() in EXPANDERS else ""

    @property
    def order(self) -> tuple[int, int]:
        reach = MANY if self.expander else ONE
        if self.field.casefold() in {"all", "allfields"} or "except" in self.expander:
            reach = ALL
        return reach, ACTIONS.index(self.name)


def read(data: bytes, draft: Draft) -> None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise draft.broken("", "not UTF-8 text", "save the file as UTF-8") from None
    sections = _Sections(draft)
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            raise draft.broken(f"line {number}", "is too long")
        said = line.partition("#")[0]
        if words := said.split(None, 2):
            sections.read(words, said, number)
    sections.filters.close()
    _make_rules(sections, draft)


def _make_rules(sections: _Sections, draft: Draft) -> None:
    actions = sorted(sections.actions, key=lambda action: action.order)
    of_all = [action for action in actions if action.order[0] == ALL and not action.value]
    if of_all:
        for keyword in PROTECTED:
            draft.rule("", keyword, "keep")
    for action in actions:
        if action.order[0] == MANY and any(action.order[1] > one.order[1] for one in of_all):
            message = f"{action.name} for many is lost to {of_all[0].name} for all, as in that tool"
            draft.warn(action.place, message, "name the attributes one by one")
        else:
            _read_action(action, sections.lists, draft)
    if not draft.has("private"):
        draft.rule("", "private", "remove", why="that tool's remove_private")


class _Sections:
    """The lines of a recipe by their sections."""

    __slots__ = ("actions", "draft", "filters", "list", "lists", "section")

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.actions: list[Action] = []
        self.lists: dict[str, list[str]] = {}
        self.filters = Filters(draft)
        self.section = self.list = ""

    def read(self, words: list[str], line: str, number: int) -> None:
        place = f"line {number}"
        if words[0].startswith("%"):
            self.section, self.list = words[0][1:].casefold(), (*words[1:], "")[0]
            _open_section(self.section, place, self.draft)
            self.filters.open(self.list)
        elif words[0].casefold() == "format":
            if (*words[1:], "")[0].casefold() != "dicom":
                raise self.draft.broken(place, "is not the format dicom")
        elif self.section == "header":
            self.actions.append(_action(words, number, self.draft))
        elif self.section == "fields":
            self.lists.setdefault(self.list, []).append(words[:2][-1])
        elif self.section == "filter":
            self.filters.read(line, number)
        elif self.section not in LEFT:
            raise self.draft.broken(place, "stands in no section", "%header comes before actions")


LEFT = {
    "labels": "is not converted",
    "values": "finds attributes by what is in them, which no selector does",
}


def _open_section(section: str, place: str, draft: Draft) -> None:
    if section in LEFT:
        draft.warn_once(place, f"the section %{section} {LEFT[section]}")
    elif section not in {"header", "fields", "filter"}:
        raise draft.broken(place, "is no section of a recipe", "%header is one")


def _action(words: list[str], line: int, draft: Draft) -> Action:
    name = words[0].upper()
    if name not in ACTIONS:
        raise draft.broken(f"line {line}", "is no action", f"they are {', '.join(ACTIONS)}")
    if len(words) < 2:
        raise draft.broken(f"line {line}", f"{name} names no attribute")
    value = words[2].strip() if len(words) > 2 else ""
    if not value and name in {"ADD", "REPLACE", "JITTER"}:
        raise draft.broken(f"line {line}", f"{name} takes a value")
    return Action(name, words[1], value, line)


def _read_action(action: Action, lists: dict[str, list[str]], draft: Draft) -> None:
    reach, _ = action.order
    if action.value and action.name in METHODS:
        if reach == ALL or action.expander == "values":
            message = f"{action.name} asks for the value of every attribute, which no rule does"
            _empty_any(action, message, draft)
            return
        message = f"{action.name} holds for every value, whatever it asks for"
        draft.warn_once(action.place, message)
    if action.field.casefold() in {"all", "allfields"} and action.name == "REMOVE":
        draft.members["otherwise"] = "remove"
        return
    for selector in _selectors(action, lists, draft):
        _write(action, selector, draft)


def _write(action: Action, selector: str, draft: Draft) -> None:
    if action.name in METHODS:
        draft.rule(action.place, selector, METHODS[action.name])
    elif action.name == "JITTER":
        _jitter(action, selector, draft)
    elif action.value.startswith(("var:", "func:", "deid_func:")):
        _stand_in(action, selector, draft)
    else:
        draft.rule(action.place, selector, "substitute", replaceWith=action.value)
    if action.name == "ADD" and selector not in {"PatientIdentityRemoved"}:
        draft.warn_once(action.place, "an attribute that is missing is not made")


def _jitter(action: Action, selector: str, draft: Draft) -> None:
    days = re.fullmatch(r"[+-]?\d{1,6}", action.value)
    if days and 0 < abs(int(days[0])) <= MOST_DAYS:
        draft.rule(action.place, selector, "dateShift", dateShiftDays=int(days[0]))
        return
    message = "days that a variable or a function gives, or none, are by the key and the patient"
    draft.warn_once(action.place, message, "dateShiftRange says how many they may be")
    draft.rule(action.place, selector, "dateShift")


def _stand_in(action: Action, selector: str, draft: Draft) -> None:
    """A value that a variable or a function gives is not here."""
    method = stand_in_for(selector)
    kind, _, _ = action.value.partition(":")
    message = f"{kind}: is not run or known: {method} gives the value"
    hint = "--map gives pseudonyms of your own" if method == "pseudonym" else ""
    draft.warn_once(action.place, message, hint)
    draft.rule(action.place, selector, method)


def _selectors(
    action: Action, lists: dict[str, list[str]], draft: Draft, deep: int = 0
) -> Iterator[str]:
    """What the field of an action selects."""
    expander = action.expander
    _, _, word = action.field.partition(":")
    if expander == "fields":
        yield from _of_list(action, word, lists, draft, deep)
    elif expander == "values":
        _empty_any(action, "values: finds attributes by what is in them", draft)
    elif "except" in expander:
        for name in word.split("|"):
            draft.rule(action.place, _one(name), "keep")
        yield "*"
    elif expander:
        yield from _expanded(action, EXPAND[expander], word, draft)
    elif action.field.casefold() in {"all", "allfields"}:
        yield "*"
    else:
        yield _one(action.field)


def _empty_any(action: Action, message: str, draft: Draft) -> None:
    """Has emptied whatever the action may mean; what it would keep is not kept."""
    if action.name == "KEEP":
        draft.warn(action.place, f"{message}: no rule is made of it", "name the attributes")
        return
    told = f"{message}: texts, names and dates that no line names are emptied instead"
    draft.warn(action.place, told, "name the attributes; cleanText takes names out of texts")
    for vr in ANY_VALUE:
        if not draft.has(vr):
            draft.rule(action.place, vr, "redact", why=message)


def _of_list(
    action: Action, name: str, lists: dict[str, list[str]], draft: Draft, deep: int
) -> Iterator[str]:
    if name not in lists or deep > 3:
        raise draft.broken(action.place, "names a list of fields that the recipe does not have")
    for field in lists[name]:
        member = Action(action.name, field, action.value, action.line)
        yield from _selectors(member, lists, draft, deep + 1)


def _one(name: str) -> str:
    """A keyword, or a tag in one of that tool's ways."""
    if name in tags_by_keyword():
        return name
    match = re.fullmatch(r"\(?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\)?", name)
    return selector_for(int(match[1] + match[2], 16)) if match else name


EXPAND: dict[str, Callable[[str], str]] = {
    "startswith": "{}*".format,
    "endswith": "*{}".format,
    "contains": "*{}*".format,
}
_is_word = re.compile("[A-Za-z0-9]+").fullmatch


def _expanded(
    action: Action, form: Callable[[str], str], expression: str, draft: Draft
) -> Iterator[str]:
    for word in expression.split("|"):
        if _is_word(word) is None:
            _empty_any(action, "its regular expression is more than words", draft)
            continue
        if re.fullmatch("[0-9A-Fa-f]{4}", word) and any(c.isdigit() for c in word):
            yield f"({word},xxxx)"
            continue
        found = [*_spellings(word, form)]
        if not found:
            _empty_any(action, "is in no keyword", draft)
        yield from found


def _spellings(word: str, form: Callable[[str], str]) -> Iterator[str]:
    """Wildcards for a word as keywords spell it, in small letters or with capitals."""
    spelled = {
        match[0]
        for keyword in (*tags_by_keyword(), *masks_by_keyword())
        for match in re.finditer(word, keyword, re.IGNORECASE)
    }
    for spelling in sorted(spelled)[:MOST_NAMES]:
        selector = form(spelling)
        try:
            parse_selector(selector)
        except SelectorFault:
            continue
        yield selector
