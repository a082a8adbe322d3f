"""What a caller may give for a configuration: a name, a path, a dict, or a list of rules.

In a rule a Python callable may stand for the name of a method; it gets a name of its own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from types import NoneType
from typing import TYPE_CHECKING

from anonymizer.config.known_methods import BrokenMethod, method_from
from anonymizer.config.load import configuration_of, load_configuration
from anonymizer.errors import ConfigurationError, Mistake, UsageError
from anonymizer.methods import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from anonymizer.config.configuration import Configuration
    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Method

    Function = Callable[[Attribute, Context], Decision]
    Rule = Mapping[str, Any]
    Given = str | os.PathLike[str] | Mapping[str, Any] | Sequence[Rule]


class Source:
    """A configuration as it was given, with the rules that a caller adds to its own, and the
    methods that are callables.
    """

    def __init__(
        self, given: Given, methods: Mapping[str, object] | None = None, *, folder: str = "."
    ) -> None:
        """``folder`` is what paths are relative to where the configuration is no file."""
        self._folder = folder
        self.methods: dict[str, type[Method]] = {}
        self._mistakes: list[Mistake] = []
        self._names: dict[int, str] = {}
        self._before: list[dict[str, Any]] = []
        self._delete_private: bool | None = None
        self._given = given
        for name, method in (methods or {}).items():
            self._add(name, method)

    def add_before(self, rules: Sequence[Rule]) -> None:
        """Adds rules that come before all others."""
        self._before += map(dict, rules)

    def decide_private(self, *, delete: bool) -> None:
        """Keeps the private elements that no rule of its own owns; or removes all but those that
        a rule names, or that a rule before that one owns."""
        self._delete_private = delete

    def configuration(self) -> Configuration:
        """Raises UsageError and ConfigurationError as ``load_configuration`` does."""
        if unsayable := list(_unsayable(self._given, "")):
            raise ConfigurationError(unsayable)
        configuration = self._configuration()
        if self._mistakes:
            raise ConfigurationError(self._mistakes)
        if configuration.dialect != "native" and self.methods:
            raise UsageError("methods of one's own need a configuration of our own shape")
        return configuration

    def _configuration(self) -> Configuration:
        read = self._read()
        if read.dialect != "native":
            if self._adds:
                raise UsageError("only a configuration of our own shape takes rules of one's own")
            return read
        own = read.layers[0]
        members = self._with_rules(own.members)
        if members == own.members:
            return read
        return configuration_of(members, source=own.source, folder=own.folder, doubts=own.doubts)

    def _read(self) -> Configuration:
        given = self._given
        if isinstance(given, (str, os.PathLike)):
            return load_configuration(os.fspath(given))
        if isinstance(given, Mapping):
            return configuration_of(dict(given), folder=self._folder)
        if isinstance(given, (list, tuple)):
            return configuration_of({"rules": list(given)}, folder=self._folder)
        raise UsageError(
            f"a configuration cannot be a {type(given).__name__}",
            "give a name, a path, a dict, or a list of rules",
        )

    def _with_rules(self, members: Mapping[str, Any]) -> dict[str, Any]:
        rules = members.get("rules", [] if self._adds else None)
        if not isinstance(rules, (list, tuple)):
            return dict(members)  # where that is a mistake, it is told later
        if self._adds and "when" in members:
            raise UsageError(
                "rules cannot be added to a configuration whose rules are all conditional",
                "add them to one that extends it",
            )
        together = [*self._before, *rules]
        if self._delete_private is not None:
            naming = [at for at, rule in enumerate(together) if _names_private(rule)]
            at = max(naming, default=-1) + 1 if self._delete_private else len(together)
            method = "remove" if self._delete_private else "keep"
            together.insert(at, {"dicomTagPath": "private", "method": method})
        return {**members, "rules": [self._named(rule) for rule in together]}

    @property
    def _adds(self) -> bool:
        return bool(self._before) or self._delete_private is not None

    def _named(self, rule: object) -> object:
        """A rule whose method is a name."""
        if not isinstance(rule, dict) or not callable(rule.get("method")):
            return rule
        function = rule["method"]
        name = self._names.get(id(function))
        if name is None:
            name = self._names[id(function)] = self._free_name(function)
            self._add(name, function)
        return {**rule, "method": name}

    def _free_name(self, function: object) -> str:
        stem = str(getattr(function, "__name__", type(function).__name__)).strip("<>")
        name, number = stem, 1
        while name in NAMES or name in self.methods:
            number += 1
            name = f"{stem}-{number}"
        return name

    def _add(self, name: str, method: object) -> None:
        if name in NAMES:
            message = "a method that comes with the tool has this name"
            self._mistakes.append(Mistake(f"methods.{name}", message, "give it another"))
            return
        try:
            self.methods[name] = method_from(name, method)
        except BrokenMethod as why:
            self._mistakes.append(Mistake(f"methods.{name}", str(why)))


def _unsayable(value: object, place: str) -> Iterator[Mistake]:
    """What no file could say, methods apart."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if not isinstance(name, str):
                yield Mistake(place, "has a key that is no text")
            elif not (name == "method" and callable(member)):
                yield from _unsayable(member, f"{place}.{name}" if place else name)
    elif isinstance(value, (list, tuple)):
        for number, member in enumerate(value):
            yield from _unsayable(member, f"{place or 'rules'}[{number}]")
    elif place and not isinstance(value, (str, int, float, NoneType)):
        yield Mistake(place, f"is of the type {type(value).__name__}, which no file can hold")


_ODD_GROUP = re.compile(
    r"(?:^|\.)\s*[(/]?(?:0x)?[\dA-Fx]{3}[13579BDF](?:\s*,|[\dA-Fx]{4})", re.IGNORECASE
).search


def _names_private(rule: object) -> bool:
    """Whether a selector is about private elements: a tag, a mask, a creator; ``private``."""
    text = rule.get("dicomTagPath") if isinstance(rule, Mapping) else None
    return isinstance(text, str) and (text == "private" or bool(_ODD_GROUP(text)))
