"""Reads a method's options: types, ranges and names checked, every fault collected."""

from __future__ import annotations

from anonymizer.methods.method import OptionFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from anonymizer.methods.method import Option


class Options:
    """The options given to one method; ``done`` raises what was wrong with them, all at once."""

    __slots__ = ("_faults", "_given", "_known")

    def __init__(self, given: Mapping[str, Any], known: tuple[Option, ...]) -> None:
        self._given = given
        self._known = {option.name: option for option in known}
        self._faults: list[tuple[str, str, str]] = []
        for name in given:
            if name not in self._known:
                self.fault(name, "no such option", self._near(name))

    def fault(self, name: str, message: str, hint: str = "") -> None:
        self._faults.append((name, message, hint))

    def done(self) -> None:
        if self._faults:
            raise OptionFault(*self._faults)

    def text(self, name: str) -> str:
        value = self._value(name)
        if not isinstance(value, str):
            self.fault(name, "must be a text")
            return ""
        return value

    def flag(self, name: str) -> bool:
        value = self._value(name)
        if not isinstance(value, bool):
            self.fault(name, "must be true or false", "without quotes")
            return False
        return value

    def number(self, name: str, low: float, high: float) -> float:
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(name, "must be a number", "without quotes")
            return low
        if not low <= value <= high:
            self.fault(name, f"must be from {low:g} to {high:g}")
            return low
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(name, "must be a whole number", "without quotes or decimals")
            return low
        if not low <= value <= high:
            self.fault(name, f"must be from {low} to {high}")
            return low
        return value

    def choice(self, name: str) -> str:
        """One of the option's ``enum``; upper and lower case are the same."""
        value, allowed = self._value(name), self._known[name].schema["enum"]
        for word in allowed:
            if isinstance(value, str) and value.lower() == word.lower():
                return str(word)
        self.fault(name, f"must be one of {', '.join(allowed)}")
        return str(allowed[0])

    def texts(self, name: str) -> list[str]:
        value = self._value(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.fault(name, "must be a list of texts")
            return []
        return value

    def has(self, name: str) -> bool:
        return self._given.get(name) is not None

    def _value(self, name: str) -> object:
        value = self._given.get(name)
        return self._known[name].default if value is None else value

    def _near(self, name: str) -> str:
        if not self._known:
            return "this method has no options"
        from difflib import get_close_matches

        folded = {known.lower(): known for known in self._known}
        near = get_close_matches(name.lower(), folded, 1)
        if near:
            return f"did you mean '{folded[near[0]]}'?"
        return f"it has {', '.join(self._known)}"
