"""Gives originals the next free number, for those who keep a map of them.

Rules
    * An original has one pseudonym, whatever rule asks for it and whatever prefix that has.
    * A number that a pseudonym of the map has is never given again.
    * Numbers are given only while the map ``grows``; afterwards it is what it is.
    * Blanks before a pseudonym are none of it: a map that says it loses them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

DIGITS = 4
"""A number has so many digits at least."""


class Allocation:
    """The pseudonyms of a map; ``new`` are those that it has not on disk, in their order."""

    __slots__ = ("_known", "_last", "_taken", "grows", "new")

    def __init__(self, known: Mapping[str, str]) -> None:
        self.grows = False
        self.new: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self._last: dict[str, int] = {}
        self._taken: set[str] = set()
        self.learn(known)

    def __repr__(self) -> str:
        return f"Allocation({len(self._known)} originals)"

    def learn(self, known: Mapping[str, str]) -> None:
        """Takes over what the map says by now."""
        for original, pseudonym in known.items():
            self._known[canonical(original)] = pseudonym
            self._taken.add(pseudonym)
        self._last.clear()

    def take_back(self) -> None:
        """Has given nothing that is not in the map, as that could not be written."""
        for original, pseudonym in self.new.items():
            del self._known[original]
            self._taken.remove(pseudonym)
        self.new = {}
        self._last.clear()

    def of(self, original: str, prefix: str | None = None) -> str | None:
        """The pseudonym of an original; with a prefix the next, where it has none."""
        known = self._known.get(original)
        if known is None and prefix is not None and self.grows:
            known = self._known[original] = self.new[original] = self._next(prefix.lstrip())
        return known

    def _next(self, prefix: str) -> str:
        number = self._last.get(prefix)
        if number is None:
            ends = [p[len(prefix) :] for p in self._taken if p.startswith(prefix)]
            number = max((int(e) for e in ends if e.isascii() and e.isdigit()), default=0)
        self._last[prefix] = number + 1
        pseudonym = f"{prefix}{number + 1:0{DIGITS}}"
        self._taken.add(pseudonym)
        return pseudonym


def canonical(value: str) -> str:
    """One writing for all that mean the same: blanks around, and empty components at the end of a
    name, left out.  A map that says it reads the same again."""
    stop = len(value)
    while stop and (value[stop - 1] in "^=" or value[stop - 1].isspace()):
        stop -= 1
    return value[:stop].lstrip() or value.strip()
