"""A rule: which attributes (a selector) and what happens to them (a method)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from anonymizer.dicom.attribute import Element, Path
    from anonymizer.methods.method import Method
    from anonymizer.rules.conditions import Condition

    class Place(Protocol):
        """Where an attribute must stand: the compiled form of the sequences in a path."""

        def fits(self, path: Path) -> bool: ...

    class Selector(Protocol):
        """Which attributes a rule owns.

        ``matches`` looks at the element alone; ``place``, where it is not None, must fit too.
        ``tags`` is the closed list of tags it can match, or None where only ``matches`` knows.
        ``asks_creator`` says that ``matches`` reads the private creator of data elements.
        """

        text: str
        place: Place | None
        tags: frozenset[int] | None
        asks_creator: bool

        def matches(self, element: Element) -> bool: ...


class Rule:
    """One rule of a plan. ``on_error`` is what becomes of a value that the method cannot treat.

    ``layer`` counts the files of the configuration, the one that was asked for being 0.  It owns
    nothing of a file for which a condition of ``when`` does not hold.
    """

    __slots__ = ("layer", "method", "number", "on_error", "place", "selector", "text", "when")

    def __init__(
        self, number: int, selector: Selector, method: Method, on_error: str, place: str = ""
    ) -> None:
        self.number = number
        self.selector = selector
        self.method = method
        self.on_error = on_error
        self.text = selector.text
        self.place = place or f"rules[{number}]"
        self.layer = 0
        self.when: tuple[Condition, ...] = ()

    @property
    def shown(self) -> str:
        """Its place and its selector; one of the profile, or typed, ends with its selector."""
        return self.place if self.place.endswith(f" {self.text}") else f"{self.place} {self.text}"

    def __repr__(self) -> str:
        return f"Rule({self.place}: {self.text} {self.method.name})"
