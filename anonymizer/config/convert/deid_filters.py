"""deid: the %filter sections of a recipe, as images that are not written.

Rules
    * An image that a label of a filter fits is flagged there.  Here it is turned away: nothing
      draws over its pixels.  What a whitelist flags is let through, as without it.
    * Lines of a label stand for themselves unless ``+`` (and) or ``||`` (or) joins them to what
      stands before.
    * Words are found within a value, in capitals and small letters alike; they may be regular
      expressions.
"""

from __future__ import annotations

import re

from anonymizer.config.convert.asked import both, can_be_asked, equal, found, lacking, literal
from anonymizer.config.convert.draft import selector_for
from anonymizer.dicom.dictionary import tags_by_keyword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anonymizer.config.convert.asked import Whens
    from anonymizer.config.convert.draft import Draft

HINT = '"reject" and "burnedIn" turn away images that may show text'

PREDICATES: dict[str, Callable[[str, str], Whens]] = {
    "contains": lambda name, value: ({name: found(value)},),
    "notcontains": lambda name, value: ({name: lacking(value)}, {name: False}),
    "equals": lambda name, value: ({name: equal(value)},),
    "notequals": lambda name, value: (
        {name: lacking(f"^{literal(value)}$")},
        {name: False},
    ),
    "missing": lambda name, _: ({name: False},),
    "present": lambda name, _: ({name: True},),
    "empty": lambda name, _: ({name: ""},),
}
VALUED = frozenset(("contains", "notcontains", "equals", "notequals"))

_join = re.compile(r"\s*(\+|\|\|)\s*")
_tag = re.compile(r"\(?(?:0x)?([0-9A-Fa-f]{4}),?\s?(?:0x)?([0-9A-Fa-f]{4})\)?").fullmatch

MOST = 200


class Filters:
    """The labels of the filters, as they are read line by line."""

    __slots__ = ("_draft", "_draws", "_groups", "_line", "_name")

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._name = ""
        self._line = 0
        self._draws = False
        self._groups: list[Whens] = []
        """What joined lines ask for; each for itself flags the image."""

    def open(self, name: str) -> None:
        self.close()
        self._name = name.casefold()

    def read(self, line: str, number: int) -> None:
        word = line.split(None, 1)[0].casefold()
        if word == "label":
            self.close()
            self._line = number
        elif "coordinates" in word:
            self._draws = True
        else:
            self._line = self._line or number
            self._read_criteria(line, f"line {number}")

    def _read_criteria(self, line: str, place: str) -> None:
        first, *joined = _join.split(f" {line.strip()}" if line[0].isspace() else line)
        if first.strip():
            self._groups.append(self._asked(first, place))
        for operator, text in zip(joined[::2], joined[1::2], strict=True):
            whens = self._asked(text, place)
            before = self._groups.pop() if self._groups else ()
            joins = (*before, *whens)
            if operator == "+" and before and whens:
                joins = tuple(self._both(before, whens, place))
            self._groups.append(joins)

    def _both(self, before: Whens, whens: Whens, place: str) -> Iterator[dict[str, object]]:
        for one in before:
            for other in whens:
                together = both(one, other)
                if together is None:
                    message = "asks twice of one attribute: the first is asked, which flags more"
                    self._draft.warn_once(place, message)
                yield one if together is None else together

    def _asked(self, text: str, place: str) -> Whens:
        """Alternatives; none, with a warning, where no condition says it."""
        action, name, value = (*text.split(None, 2), "", "")[:3]
        ask = PREDICATES.get(action.casefold())
        match = None if name in tags_by_keyword() else _tag(name)
        if match is not None:
            name = selector_for(int(match[1] + match[2], 16))
        if ask is not None and (value or action.casefold() not in VALUED):
            whens = ask(name, value.strip())
            if all(map(can_be_asked, whens)):
                return whens
        self._draft.warn(place, "asks what no condition does: no image is turned away by it", HINT)
        return ()

    def close(self) -> None:
        """Has turned away what the label that ends here flags."""
        place, whens = f"line {self._line}", [when for group in self._groups for when in group]
        if self._name == "whitelist":
            if whens:
                self._draft.warn_once(place, "what a whitelist flags is let through, as without it")
        elif self._draws and not whens:
            message = "draws over the pixels of every image, which is not converted"
            self._draft.warn_once(place, message, HINT)
        elif self._draws:
            message = "draws over the pixels of what it flags: here these images are not written"
            self._draft.warn_once(place, message, "take its condition out of reject to have them")
        for when in whens[:MOST] if self._name != "whitelist" else ():
            self._draft.reject(when)
        self._groups, self._draws, self._line = [], False, 0
