"""Resolves what a configuration extends: its own file first, then what it names, the profile last.

Rules. A file that is reached twice has its last place, so no file stands before one that extends
it.  The first layer that says a key wins; parameters are merged by name.
"""

from __future__ import annotations

from anonymizer.config.configuration import Layer, words_of
from anonymizer.config.profile_keys import PROFILE, Choice, choice_of
from anonymizer.errors import ConfigurationError, Mistake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    Read = Callable[[Layer, str], Layer]
    """What a layer extends, by the name it says: raises ConfigurationError."""

OWN = frozenset(("$schema", "version", "name", "description"))
"""Keys that say something of one file only."""

ASKING = ("accept", "reject")
"""Keys that add up: a file must pass what each layer says."""

NESTED = 32
"""So deep may files extend each other."""


def resolve(own: Layer, read: Read) -> tuple[tuple[Layer, ...], dict[str, Any], list[Mistake]]:
    """The layers in order, the one configuration they make, and what could not be resolved."""
    if "extends" not in own.members:
        return (own,), own.members, []
    walk = _Walk(read)
    walk.enter(own, ())
    layers = [layer for at, layer in enumerate(walk.layers) if layer not in walk.layers[at + 1 :]]
    effective = _merged(layers)
    if walk.asks_for_profile:
        choice = choice_of(effective)
        layers.append(_profile_layer(choice, effective))
        effective |= choice.as_keys()
        effective["rules"] += layers[-1].rules
    return tuple(layers), effective, walk.mistakes


class _Walk:
    """Goes through what extends what, depth first; a file is read once."""

    __slots__ = ("asks_for_profile", "known", "layers", "mistakes", "read")

    def __init__(self, read: Read) -> None:
        self.read = read
        self.layers: list[Layer] = []
        self.mistakes: list[Mistake] = []
        self.asks_for_profile = False
        self.known: dict[str, Layer] = {}

    def enter(self, layer: Layer, around: tuple[Layer, ...]) -> None:
        layer = self.known.setdefault(layer.path, layer)
        self.layers.append(layer)
        for place, name in self._extended(layer):
            if name == PROFILE:
                self.asks_for_profile = True
            elif (extended := self._read(layer, name, place)) is not None:
                self._follow(extended, (*around, layer), place)

    def _follow(self, extended: Layer, around: tuple[Layer, ...], place: str) -> None:
        inner = [layer.path for layer in around]
        if extended.path in inner:
            chain = " extends ".join(
                [layer.shown for layer in around[inner.index(extended.path) :]] + [extended.shown]
            )
            self._mistake(place, f"goes round: {chain}", "leave one of them out")
        elif len(around) > NESTED:
            self._mistake(place, f"more than {NESTED} files extend each other")
        else:
            self.enter(extended, around)

    def _extended(self, layer: Layer) -> Iterator[tuple[str, str]]:
        """What a layer names, each with the place where it says so."""
        said = layer.members.get("extends", [])
        place = f"{layer.prefix}extends"
        named = [(place, said)] if isinstance(said, str) else []
        if isinstance(said, list):
            named = [(f"{place}[{number}]", name) for number, name in enumerate(said)]
        elif not named:
            self._mistake(place, "is neither text nor a list of texts", HINT)
        for where, name in named:
            if isinstance(name, str) and name:
                yield where, name
            else:
                self._mistake(where, "is not the name of a configuration", HINT)

    def _read(self, layer: Layer, name: str, place: str) -> Layer | None:
        try:
            return self.read(layer, name)
        except ConfigurationError as fault:
            for found in fault.mistakes:
                where = ": ".join(filter(None, (fault.source, found.place)))
                self._mistake(where or place, found.message, found.hint)
            return None

    def _mistake(self, place: str, message: str, hint: str = "") -> None:
        mistake = Mistake(place, message, hint)
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)


HINT = 'as in "extends": "ps3.15", or ["base.json", "ps3.15"]'


def _merged(layers: Sequence[Layer]) -> dict[str, Any]:
    """What the layers say together; the first that says a key wins."""
    effective: dict[str, Any] = {}
    parameters: dict[str, Any] = {}
    for layer in reversed(layers):
        effective |= {key: value for key, value in layer.members.items() if key not in KEPT_APART}
        if isinstance(said := layer.members.get("parameters"), dict):
            parameters |= said
    effective |= {key: value for key, value in layers[0].members.items() if key in OWN}
    effective.pop("extends", None)
    if parameters:
        effective["parameters"] = parameters
    for key in ASKING:
        if said_by := [layer.members[key] for layer in layers if key in layer.members]:
            effective[key] = said_by
    effective["rules"] = [rule for layer in layers for rule in _conditional(layer)]
    return effective


KEPT_APART = OWN.union(ASKING, ("when",))


def _conditional(layer: Layer) -> list[Any]:
    """The rules of a layer, each with the condition that is for all of them."""
    if "when" not in layer.members:
        return layer.rules
    whole = layer.members["when"]
    return [
        rule | {"when": [whole, rule.get("when")]} if isinstance(rule, dict) else rule
        for rule in layer.rules
    ]


def _profile_layer(choice: Choice, effective: Mapping[str, Any]) -> Layer:
    """The rules of the profile that do not stand, word for word, in a layer before it."""
    from anonymizer.standard.profile import profile_rules

    rules = profile_rules(choice.edition, choice.options, choice.unlisted, choice.conformance)
    said = SHIELDED.intersection(effective.get("parameters", ()))
    if said:
        off = dict.fromkeys(sorted(said), False)
        rules = [rule | off if rule["method"] == "redact" else rule for rule in rules]
    spelled_out = _spelled_out(rules, effective["rules"])
    if spelled_out:
        rules = [rule for rule in rules if words_of(rule) not in spelled_out]
    name = f"{PROFILE} {choice.edition}"
    layer = Layer({"rules": rules}, name, "", label=name, trusted=True, is_profile=True)
    layer.spelled_out = spelled_out
    return layer


def _spelled_out(rules: list[dict[str, Any]], before: list[Any]) -> frozenset[str]:
    """The words of the profile's rules that a file says, too."""
    said = frozenset(words_of(rule) for rule in before if isinstance(rule, dict))
    owned = {repr(rule.get("dicomTagPath")) for rule in before if isinstance(rule, dict)}
    alike = [rule for rule in rules if repr(rule["dicomTagPath"]) in owned]
    return said.intersection(map(words_of, alike))


SHIELDED = frozenset(("enablePartialDatesForRedact", "enablePartialAgesForRedact"))
"""Options that weaken a method: in ``parameters`` they are not for the rules of the profile."""
