"""The reference tool's own shape of a configuration in, rules out (SPEC sections 3 and 4).

Two modes. ``exact`` gives that tool's result: top level only, its reading of every selector, its
value forms, a file refused where it would stop.  Otherwise its settings are followed, and ours
are the reach (every depth, file meta) and the values where it leaks or is plainly wrong.
"""

from __future__ import annotations

from copy import deepcopy

from anonymizer.config.keys import SHORTEST
from anonymizer.config.known_methods import BrokenMethod, class_of, nearest_method
from anonymizer.config.microsoft_selectors import read_as_meant, read_exactly
from anonymizer.methods.date_shift import DateShift
from anonymizer.methods.method import OptionFault
from anonymizer.rules.rule import Rule
from anonymizer.rules.selectors import SelectorFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from anonymizer.config.configuration import Findings
    from anonymizer.methods.method import Method, Secrets
    from anonymizer.rules.compiled import Compiled
    from anonymizer.rules.rule import Selector

DIFFERENCES = (
    ("every depth", "rules reach into sequences and file meta; that tool sees the top level only"),
    ("(0010, 0010)", "a blank after the comma is no digit: (0010,0010), with a warning"),
    ("60xx3000", "a mask without a comma loses no digit: (60xx,3000), with a warning"),
    ("OverlayData", "the keyword of a repeating group is the whole group, unless it is kept"),
    ("(0009,1001)", "a private tag without a creator matches under any creator, unless it is kept"),
    ("(0009,0001:X)", "an image without that creator is no error"),
    ("settings", "a method without any settings takes its defaults"),
    ("no sections", "a file without defaultSettings runs; its unknown keys are mistakes then"),
    ("error 1101", "an attribute of a VR that the method does not treat is emptied; no stop"),
    ("our selectors", "what that tool refuses and dicomTagPath allows is allowed"),
    ("our methods", "pseudonym, regexReplace and users' own, with their options in params"),
    ("JSON", "single quotes and keys without quotes are refused; dates in strings stay strings"),
)
"""Where the default mode differs from that tool, on purpose.

Its settings leak is followed in both modes: ``params`` of a rule change the shared settings for
the rules after it.  That is what its users get today, and a warning says where it happens.
"""

IGNORED_IN_SILENCE = frozenset(("$schema", "comment", "_comment", "description", "name", "version"))
TOP_KEYS = frozenset(("rules", "defaultsettings", "customsettings"))
RULE_KEYS = frozenset(("tag", "method", "setting", "params"))
WITH_SETTINGS = frozenset(("redact", "perturb", "dateShift", "cryptoHash", "encrypt", "substitute"))
ITS_METHODS = WITH_SETTINGS | {"keep", "remove", "refreshUID"}


class Sections:
    """The shared settings, which every rule's ``params`` change for the rules after it."""

    __slots__ = ("changed", "custom", "default")

    def __init__(self, default: dict[str, Any] | None, custom: dict[str, Any] | None) -> None:
        self.default = {key.casefold(): value for key, value in deepcopy(default or {}).items()}
        self.custom = deepcopy(custom or {})
        self.changed: dict[int, str] = {}

    def base(self, setting: object, method: str) -> dict[str, Any] | None:
        """The settings that a rule's ``params`` are merged over; None where there are none."""
        found = None
        if isinstance(setting, str):
            found = self.custom.get(setting)
        elif method in WITH_SETTINGS:
            found = self.default.get(method.casefold())
        return found if isinstance(found, dict) else None

    def effective(
        self, base: dict[str, Any] | None, params: dict[str, Any] | None, place: str
    ) -> dict[str, Any] | None:
        """The settings of one rule; merges its ``params`` into the shared base for good."""
        if base is None or not params:
            return deepcopy(params if base is None else base)
        if any(base.get(key) != value for key, value in params.items() if value is not None):
            self.changed[id(base)] = place
        merge(base, params)
        return deepcopy(base)


def merge(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Merges in place: names by case, objects into objects, lists appended, null ignored."""
    for name, value in over.items():
        old = base.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            merge(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            base[name] = old + deepcopy(value)
        elif value is not None or name not in base:
            base[name] = deepcopy(value)


class MicrosoftReader:
    """Reads the rules of one configuration of that tool."""

    __slots__ = ("_days", "_first", "exact", "findings", "flat", "secrets", "sections")

    def __init__(self, secrets: Secrets, findings: Findings, *, exact: bool) -> None:
        self.secrets = secrets
        self.findings = findings
        self.exact = exact
        self.flat = False
        self.sections = Sections(None, None)
        self._first: tuple[Rule, ...] = ()
        self._days = 0

    def come_before(self, rules: tuple[Rule, ...], said: Mapping[str, Any]) -> None:
        """Rules of our own that go before those of the file, and what else was said with them.

        Days for all dates are those of its rules too: dates that moved by others would part.
        """
        self._first = rules
        self._days = said.get("parameters", {}).get("dateShiftDays", 0)

    def read(self, effective: Mapping[str, Any], compiled: Compiled) -> None:
        """Fills ``compiled`` with what the file says."""
        top = {name.casefold(): (name, value) for name, value in effective.items()}
        default = self._object(top, "defaultSettings")
        custom = self._object(top, "customSettings")
        self._warn_of_short_keys(top)
        self.sections = Sections(default, custom)
        self.flat = default is None and custom is None
        self._warn_of_unknown(effective, TOP_KEYS, "", fold=True)
        compiled.root_only = self.exact
        compiled.mark = not self.exact
        name, rules = top.get("rules", ("rules", None))
        if not isinstance(rules, list):
            self.findings.mistake(name, "is missing" if rules is None else "is not a list")
            return
        if self.exact and default is None and rules:
            self.findings.mistake("defaultSettings", "is missing", "{} is enough")
        compiled.rules = self._first + tuple(
            rule
            for number, members in enumerate(rules)
            if (rule := self._rule(number, members, f"{name}[{number}]"))
        )

    def _object(self, top: Mapping[str, tuple[str, Any]], wanted: str) -> dict[str, Any] | None:
        name, value = top.get(wanted.casefold(), (wanted, None))
        if isinstance(value, list) and not self.exact:
            return self._joined(name, value)
        if value is None or isinstance(value, dict):
            return value
        self.findings.mistake(name, "is not an object")
        return {}

    def _joined(self, name: str, sections: list[Any]) -> dict[str, Any]:
        """The manual shows sections as a list of objects with one key each; that tool refuses."""
        joined: dict[str, Any] = {}
        for number, section in enumerate(sections):
            if isinstance(section, dict):
                joined |= section
            else:
                self.findings.mistake(f"{name}[{number}]", "is not an object")
        return joined

    def _rule(self, number: int, rule: object, place: str) -> Rule | None:
        if not isinstance(rule, dict):
            self.findings.mistake(place, "is not an object")
            return None
        self._warn_of_unknown(rule, RULE_KEYS, f"{place}.", fold=False)
        kind = self._kind(rule, place)
        selector = self._selector(rule, place, keeps=kind is not None and kind.name == "keep")
        method = self._method(kind, rule, place) if kind else None
        if selector is None or method is None:
            return None
        made = Rule(number, selector, method, "refuse" if self.exact else "redact", place)
        if self._first:
            made.number += len(self._first)
            made.layer = 1
        return made

    def _kind(self, rule: Mapping[str, Any], place: str) -> type[Method] | None:
        name = rule.get("method")
        if not isinstance(name, str):
            self.findings.mistake(f"{place}.method", "is not text" if name else "is missing")
            return None
        try:
            kind = class_of(name)
        except BrokenMethod as why:
            self.findings.mistake(f"{place}.method", f"the entry point {name!r} {why}")
            return None
        if kind is None:
            self.findings.mistake(f"{place}.method", f"no method {name!r}", nearest_method(name))
        return kind

    def _selector(self, rule: Mapping[str, Any], place: str, *, keeps: bool) -> Selector | None:
        name = "tag"
        if not self.exact:
            name = next((key for key in ("tag", "dicomTagPath", "path") if key in rule), "tag")
        text = rule.get(name)
        if not isinstance(text, str):
            message = "is missing" if text is None else "is not text"
            self.findings.mistake(f"{place}.{name}", message)
            return None
        try:
            if self.exact:
                return read_exactly(text)
            selector, warning = read_as_meant(text, keeps=keeps)
        except SelectorFault as fault:
            self.findings.mistake(f"{place}.{name}", fault.message, fault.hint)
            return None
        if warning:
            self.findings.warn(f"{place}.{name}", warning)
        return selector

    def _method(self, kind: type[Method], rule: Mapping[str, Any], place: str) -> Method | None:
        params, setting = rule.get("params"), rule.get("setting")
        if params is not None and not isinstance(params, dict):
            self.findings.mistake(f"{place}.params", "is not an object")
            return None
        if setting is not None and setting not in self.sections.custom:
            self.findings.mistake(f"{place}.setting", f"no custom setting {setting!r}")
            return None
        self._warn_of_short_key(params, f"{place}.params")
        base = self.sections.base(setting, kind.name)
        if not params and base is not None:
            self._warn_of_leak(base, kind.name, place)
        settings = self.sections.effective(base, params, place)
        if self.exact and settings is None and kind.name in WITH_SETTINGS:
            self.findings.mistake(place, f"no settings for {kind.name}", "{} is enough")
            return None
        return self._make(kind, settings, f"{place}.params" if params else place)

    def _make(
        self, kind: type[Method], settings: dict[str, Any] | None, place: str
    ) -> Method | None:
        way = "exact" if self.exact else "compatible"
        make = getattr(kind, way, None) if kind.name in ITS_METHODS else None
        try:
            if make is None:
                return kind.from_options(settings or {}, self.secrets)
            made: Method = make(settings if self.exact else settings or {}, self.secrets)
        except OptionFault as faults:
            for name, message, hint in faults.faults:
                self.findings.mistake(f"{place}.{name}".rstrip("."), message, hint)
            return None
        return made.by(self._days) if self._days and isinstance(made, DateShift) else made

    def _warn_of_leak(self, base: dict[str, Any], method: str, place: str) -> None:
        changer = self.sections.changed.get(id(base))
        if changer is not None:
            self.findings.warn(
                place,
                f"its {method} settings were changed by params of {changer}, as in that tool",
                "give this rule params of its own",
            )

    def _warn_of_unknown(
        self, members: Mapping[str, Any], known: frozenset[str], place: str, *, fold: bool
    ) -> None:
        for name in members:
            if (name.casefold() if fold else name) in known or name in IGNORED_IN_SILENCE:
                continue
            if place and not self.exact and name in {"dicomTagPath", "path"}:
                continue
            if self.flat:
                self.findings.mistake(f"{place}{name}", "unknown key", "options stand in params")
            else:
                self.findings.warn(f"{place}{name}", "is ignored, as by the reference tool")

    def _warn_of_short_keys(self, top: Mapping[str, tuple[str, Any]]) -> None:
        for section in ("defaultsettings", "customsettings"):
            name, value = top.get(section, ("", None))
            for entry, settings in value.items() if isinstance(value, dict) else ():
                self._warn_of_short_key(settings, f"{name}.{entry}")

    def _warn_of_short_key(self, settings: object, place: str) -> None:
        for name, value in settings.items() if isinstance(settings, dict) else ():
            is_key = name.casefold() in {"dateshiftkey", "cryptohashkey"}
            if is_key and isinstance(value, str) and len(value) < SHORTEST:
                self.findings.warn(
                    f"{place}.{name}", f"is shorter than {SHORTEST} characters: it can be guessed"
                )
