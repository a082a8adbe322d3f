"""Our own shape of a configuration in, rules out; every mistake is found, none stops the search.

Precedence of a method's options: on the rule, else in ``parameters``, else the method's default.
"""

from __future__ import annotations

from anonymizer.config.conditions import read_condition, read_conditions
from anonymizer.config.keys import PURPOSES
from anonymizer.config.known_methods import (
    BrokenMethod,
    class_of,
    known_classes,
    nearest_method,
)
from anonymizer.config.profile_keys import OF_PROFILE, choice_of, key_mistakes, tell_engine
from anonymizer.methods import NAMES
from anonymizer.methods.method import OptionFault
from anonymizer.rules.rule import Rule
from anonymizer.rules.selectors import SelectorFault, parse_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from anonymizer.config.configuration import Configuration, Findings, Layer
    from anonymizer.methods.method import Method, Secrets
    from anonymizer.rules.compiled import Compiled
    from anonymizer.rules.conditions import Condition
    from anonymizer.rules.rule import Selector

TOP = ("$schema", "version", "name", "description", "rules", "parameters", "otherwise", "onError")
MORE = ("mark", "extends", "burnedIn", "contributingEquipment", "encryptedAttributes")
ASKING = ("when", "accept", "reject")
TOP_KEYS = (*TOP, *MORE, *ASKING, *OF_PROFILE)
RULE_KEYS = ("dicomTagPath", "method", "onError", "when", "comment", "why")
TEXTS = ("$schema", "version", "name", "description")
SWITCHES = ("mark", "contributingEquipment")
ON_ERROR = ("redact", "remove", "refuse")
OTHERWISE = ("keep", "remove")


class NativeReader:
    """Reads the rules of one configuration; methods with the same options are shared."""

    __slots__ = (
        "_by_default",
        "_made",
        "configuration",
        "findings",
        "methods",
        "on_error",
        "parameters",
        "secrets",
    )

    def __init__(
        self,
        configuration: Configuration,
        parameters: Mapping[str, Any],
        secrets: Secrets,
        findings: Findings,
        methods: Mapping[str, type[Method]] | None = None,
    ) -> None:
        """``methods`` are a caller's own, by the names that rules call them."""
        self.configuration = configuration
        self.methods = methods or {}
        self.parameters = parameters
        self.secrets = secrets
        self.findings = findings
        self.on_error = "redact"
        self._made: dict[str, Method] = {}
        self._by_default: dict[str, Method] = {}
        """The methods of rules that name no option, as most do."""

    def read(self, compiled: Compiled) -> None:
        """Fills ``compiled`` with what the configuration says beside its keys."""
        layers = [layer for layer in self.configuration.layers if not layer.is_profile]
        for layer in layers:
            self._check_layer(layer)
        effective = self.configuration.effective
        self.on_error = _said(effective, "onError", ON_ERROR)
        compiled.otherwise = "remove" if effective.get("otherwise") == "remove" else "keep"
        compiled.mark = effective.get("mark") is not False
        compiled.contributing = effective.get("contributingEquipment") is True
        self._tell_profile(effective, compiled)
        compiled.rules = tuple(self._rules())
        self._tell_conditions(layers, compiled)
        self._correct_claims(compiled)

    def _tell_conditions(self, layers: list[Layer], compiled: Compiled) -> None:
        accepted = [read_conditions(layer, "accept", self.findings) for layer in layers]
        rejected = [read_conditions(layer, "reject", self.findings) for layer in layers]
        compiled.accept = tuple(filter(None, accepted))
        compiled.reject = tuple(condition for group in rejected for condition in group)

    def _when(self, members: Mapping[str, Any], place: str) -> tuple[Condition, ...]:
        """The condition of a rule or of a file, where it has one."""
        if "when" not in members:
            return ()
        condition = read_condition(members["when"], f"{place}when", self.findings)
        return () if condition is None else (condition,)

    def _correct_claims(self, compiled: Compiled) -> None:
        if compiled.rules_of_files:
            from anonymizer.config.claims import temporal_with

            files = compiled.rules[: compiled.rules_of_files]
            own = [rule for rule in files if not self.configuration.spells_out(rule.number)]
            compiled.temporal = temporal_with(own, compiled.temporal)
            self._withhold_codes(own, compiled)

    def _withhold_codes(self, own: list[Rule], compiled: Compiled) -> None:
        """Outputs do not claim a profile of which rules of files leave out a part."""
        from anonymizer.config.claims import telling_rule

        choice = choice_of(self.configuration.effective)
        told = telling_rule(own, choice.edition, choice.options)
        if told is not None:
            attribute, rule = told
            compiled.codes = ()
            leaves = "leaves" if rule.method.name in NAMES else "may leave"
            compiled.unclaimed = (
                f"{rule.method.name} {leaves} more of {attribute} than the profile ({rule.place})"
            )

    def _tell_profile(self, effective: Mapping[str, Any], compiled: Compiled) -> None:
        if self.configuration.extends_profile:
            tell_engine(effective, compiled)
            compiled.rules_of_files = sum(
                len(layer.rules) for layer in self.configuration.layers if not layer.is_profile
            )
        burned_in = effective.get("burnedIn")
        if burned_in == "warn":
            compiled.burned_in = "warn"
        elif burned_in == "refuse":
            compiled.burned_in = "refuse"

    def _check_layer(self, layer: Layer) -> None:
        """Everything in one file beside its rules and the sources of keys."""
        members, prefix = layer.members, layer.prefix
        self._check_names(members, TOP_KEYS, prefix)
        for name in TEXTS:
            if not isinstance(members.get(name, ""), str):
                self.findings.mistake(f"{prefix}{name}", "is not text")
        self._choice(members, "onError", ON_ERROR, f"{prefix}onError")
        self._choice(members, "otherwise", OTHERWISE, f"{prefix}otherwise")
        for name in SWITCHES:
            if not isinstance(members.get(name, True), bool):
                self.findings.mistake(f"{prefix}{name}", "is neither true nor false")
        profiled = self.configuration.extends_profile
        self.findings.mistakes += key_mistakes(members, prefix, profiled=profiled)
        self._check_parameters(members.get("parameters"), f"{prefix}parameters.")

    def _check_parameters(self, parameters: object, place: str) -> None:
        if not isinstance(parameters, dict) or not parameters.keys() - {"key", *PURPOSES}:
            return  # only keys: the methods and their options need not be loaded
        options = {option.name for method in known_classes() for option in method.options}
        self._check_names(parameters, ("key", *PURPOSES, *options), place)

    def _rules(self) -> Iterable[Rule]:
        number = 0
        for at, layer in enumerate(self.configuration.layers):
            if not isinstance(layer.members.get("rules"), list):
                self._miss_rules(layer)
            shared = self._when(layer.members, layer.prefix)
            for index, members in enumerate(layer.rules):
                rule = self._rule(members, number, _place(layer, index, members))
                number += 1
                if rule is not None:
                    rule.layer = at
                    rule.when = shared + rule.when
                    yield rule

    def _miss_rules(self, layer: Layer) -> None:
        if "rules" not in layer.members and "extends" in layer.members:
            return
        message = "is not a list" if "rules" in layer.members else "is missing"
        hint = 'as in {"rules": [{"dicomTagPath": "PatientName", "method": "remove"}]}'
        self.findings.mistake(f"{layer.prefix}rules", message, hint)

    def _rule(self, rule: object, number: int, place: str) -> Rule | None:
        if not isinstance(rule, dict):
            self.findings.mistake(place, "is not an object")
            return None
        selector = self._selector(rule, place)
        method = self._method(rule, place)
        on_error = self.on_error
        if "onError" in rule:
            on_error = self._choice(rule, "onError", ON_ERROR, f"{place}.onError")
        when = self._when(rule, f"{place}.")
        if selector is None or method is None:
            return None
        made = Rule(number, selector, method, on_error, place)
        made.when = when
        return made

    def _selector(self, rule: Mapping[str, Any], place: str) -> Selector | None:
        text = rule.get("dicomTagPath")
        if not isinstance(text, str):
            message = "is not text" if "dicomTagPath" in rule else "is missing"
            self.findings.mistake(f"{place}.dicomTagPath", message, "name a keyword or a tag")
            return None
        try:
            return parse_selector(text)
        except SelectorFault as fault:
            self.findings.mistake(f"{place}.dicomTagPath", fault.message, fault.hint)
            return None

    def _method(self, rule: Mapping[str, Any], place: str) -> Method | None:
        name = rule.get("method")
        if not isinstance(name, str):
            message = "is not text" if "method" in rule else "is missing"
            self.findings.mistake(f"{place}.method", message, "anonymizer methods lists them")
            return None
        try:
            kind = self.methods.get(name) or class_of(name)
        except BrokenMethod as why:
            hint = "mend the package that registers it"
            self.findings.mistake(f"{place}.method", f"the entry point {name!r} {why}", hint)
            return None
        if kind is None:
            self.findings.mistake(
                f"{place}.method", f"no method {name!r}", nearest_method(name, self.methods)
            )
            return None
        own = [key for key in rule if key not in RULE_KEYS]
        if not own and kind.name in self._by_default:
            return self._by_default[kind.name]
        names = {option.name for option in kind.options}
        if not names.issuperset(own):
            self._check_names(rule, (*RULE_KEYS, *names), f"{place}.", kind)
        method = self._make(kind, {key: rule[key] for key in own if key in names}, place)
        if not own and method is not None:
            self._by_default[kind.name] = method
        return method

    def _make(self, kind: type[Method], own: dict[str, Any], place: str) -> Method | None:
        options = own
        if self.parameters:
            shared = (option.name for option in kind.options if option.name in self.parameters)
            options = {name: self.parameters[name] for name in shared} | own
        remembered = kind.name if not options else f"{kind.name} {sorted(options.items())!r}"
        if remembered not in self._made:
            try:
                self._made[remembered] = kind.from_options(options, self.secrets)
            except OptionFault as faults:
                for name, message, hint in faults.faults:
                    said_here = name in own or name not in self.parameters
                    where = place if said_here else self._parameters_saying(name)
                    self.findings.mistake(f"{where}.{name}", message, hint)
                return None
            except Exception as error:  # noqa: BLE001  a user's class may do anything
                message = f"{kind.name} cannot be made ({type(error).__name__})"
                self.findings.mistake(f"{place}.method", message)
                return None
        return self._made[remembered]

    def _parameters_saying(self, name: str) -> str:
        return f"{self.configuration.layer_saying('parameters', name).prefix}parameters"

    def _choice(
        self, members: Mapping[str, Any], name: str, choices: tuple[str, ...], place: str
    ) -> str:
        chosen = members.get(name, choices[0])
        if chosen in choices:
            return str(chosen)
        self.findings.mistake(place, f"is none of {', '.join(choices)}")
        return choices[0]

    def _check_names(
        self,
        members: Mapping[str, Any],
        known: Iterable[str],
        place: str,
        kind: type[Method] | None = None,
    ) -> None:
        known = frozenset(known)
        for name in members:
            if name not in known:
                hint = _hint(name, known, kind)
                self.findings.mistake(f"{place}{name}", "unknown key", hint)


def _said(members: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    """What is chosen; the first choice where nothing, or nothing right, is said."""
    said = members.get(name)
    return said if isinstance(said, str) and said in choices else choices[0]


def _place(layer: Layer, index: int, rule: object) -> str:
    if layer.is_profile and isinstance(rule, dict):
        return f"{layer.prefix}{rule['dicomTagPath']}"
    if layer.places:
        return layer.places[index]
    return f"{layer.prefix}rules[{index}]"


def _hint(name: str, known: frozenset[str], kind: type[Method] | None) -> str:
    from difflib import get_close_matches

    folded = {key.casefold(): key for key in known}
    near = get_close_matches(name.casefold(), folded, n=1)
    if near:
        return f"did you mean {folded[near[0]]!r}?"
    owners = [m.name for m in known_classes() if any(o.name == name for o in m.options)]
    if kind and owners:
        return f"it is an option of {', '.join(owners)}, not of {kind.name}"
    if name in {"tag", "path", "selector"}:
        return "did you mean 'dicomTagPath'?"
    return ""
