"""Removes, empties or replaces an attribute as its Type in the image's IOD allows (PS3.15 E.2).

Rules
    * The first action of the code that the Type allows: an attribute of Type 1 has a value, one of
      Type 2 is there.  1C and 2C count as 1 and 2, because the conditions are not known here.
    * Where no action of the code is allowed, the next that is: the decision says so in its note.
      That is our reading; ``strict`` has the code alone where it says something.
    * Where the SOP class is not known, nothing is owed to an IOD: the first action holds.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import EMPTY, REMOVE, Keep, Replace
from anonymizer.methods.dummy import Dummy
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import ALL_VRS
from anonymizer.standard.iod import type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Secrets

NOTE = "keepValid"

ACTIONS = {
    "X": ("D!", "Z!", "X"),
    "Z": ("D", "Z", "Z"),
    "X/Z": ("D!", "Z", "X"),
    "X/D": ("D", "D", "X"),
    "Z/D": ("D", "Z", "Z"),
    "X/Z/D": ("D", "Z", "X"),
    "X/Z/U*": ("D", "D!", "X"),
}
"""For each code what an attribute gets of Type 1, of Type 2, and of any other or none.

``!`` marks what the code does not ask for.  The dummy of a sequence is its items with all that the
rules make of them, so U* needs no action of its own.  Without the references inside, what lists
them all (PS3.3 C.12.2) may not be there either: so they stay where their sequence does.
"""

STRICT = ACTIONS | {"X": ("X", "X", "X"), "X/Z/U*": ("D", "Z", "X")}

OWED = {"1": 0, "1C": 0, "2": 1, "2C": 1}
"""The column of a Type; the last one is for all others."""


class ByType:
    """One code of Table E.1-1, resolved for each attribute by its SOP class and place."""

    __slots__ = ("_actions", "_dummy")

    name: ClassVar[str] = "byType"
    summary: ClassVar[str] = (
        "removes, empties or replaces by a dummy: the first of the code that the attribute's Type "
        "in the image's SOP class allows"
    )
    vrs: ClassVar[frozenset[str]] = ALL_VRS
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "code",
            {"type": "string", "enum": [*ACTIONS]},
            "X/Z/D",
            "what may happen, as in PS3.15 Table E.1-1: X removes, Z empties, D is a dummy, U* "
            "enters the sequence",
        ),
        Option(
            "conformance",
            {"type": "string", "enum": ["keepValid", "strict"]},
            "keepValid",
            "whether the IOD decides where the code alone would make the image invalid",
        ),
    )
    uses: frozenset[str] = frozenset({"path", "sop_class", "subject"})
    repeatable = True
    constant: Decision | None = None

    def __init__(self, actions: tuple[str, str, str], dummy: Dummy) -> None:
        self._actions = actions
        self._dummy = dummy

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        table = STRICT if given.choice("conformance") == "strict" else ACTIONS
        actions = table[given.choice("code")]
        given.done()
        return cls(actions, Dummy.from_options({}, secrets))

    @property
    def named(self) -> list[str]:
        """The actions that the code asks for."""
        return [action for action in self._actions if not action.endswith("!")]

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        path = (*[tag for tag, _ in attribute.path], attribute.tag)
        kind = type_of(context.sop_class, path) or ""
        action = self._actions[OWED.get(kind, -1)]
        if action == "D":
            return self._dummy.decide(attribute, context)
        if action == "D!":
            return _noted(self._dummy.decide(attribute, context))
        return _OTHERS[action]


_OTHERS: dict[str, Decision] = {"X": REMOVE, "Z": EMPTY, "Z!": Replace(b"", note=NOTE)}
_ENTERED = Keep(note=NOTE)


def _noted(decision: Decision) -> Decision:
    """The same decision with the note."""
    return Replace(decision.value, note=NOTE) if isinstance(decision, Replace) else _ENTERED
