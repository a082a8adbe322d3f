"""Microsoft's tool: the same methods under other keys, its settings written out on each rule.

``-c`` takes its files as they are, with its keys and offsets; this is for who leaves it for good.
Keys are secrets: they are not copied into the new file.
"""

from __future__ import annotations

from anonymizer.config.convert.draft import selector_for
from anonymizer.config.jsonc import read_json
from anonymizer.config.known_methods import class_of
from anonymizer.config.microsoft import ITS_METHODS, Sections
from anonymizer.config.microsoft_selectors import describe, read_as_meant
from anonymizer.errors import ConfigurationError
from anonymizer.methods.microsoft import (
    SCOPES,
    Settings,
    hash_settings,
    perturbation,
    replacement,
)
from anonymizer.rules.matchers import Mask, PrivateBlock, PrivateTag, Representation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from anonymizer.config.convert.draft import Draft
    from anonymizer.rules.rule import Selector

    Translate = Callable[[Mapping[str, Any]], dict[str, Any]]

MOST_DAYS = 36500
MOST_DECIMALS = 15


def read(data: bytes, draft: Draft) -> None:
    from anonymizer.config.compile import examine
    from anonymizer.config.load import configuration_of

    members, _ = read_json(data, draft.source)
    if not isinstance(members, dict):
        raise draft.broken("", "is not an object")
    configuration = configuration_of(members, source=draft.source)
    if configuration.dialect != "microsoft":
        hint = 'its rules have "tag" and "method"'
        raise draft.broken("", "has not the shape of that tool", hint)
    _, findings = examine(configuration, environ={})
    if findings.mistakes:
        raise ConfigurationError(findings.mistakes, draft.source)
    for found in findings.warnings:
        if found.place != "parameters.key":
            draft.warn(found.place, found.message, found.hint)
    read_members(members, draft)


def read_members(members: dict[str, Any], draft: Draft) -> None:
    top = {name.casefold(): value for name, value in members.items()}
    sections = Sections(*(_joined(top.get(f"{which}settings")) for which in ("default", "custom")))
    for number, rule in enumerate(top["rules"]):
        _read_rule(rule, f"rules[{number}]", sections, draft)


def _joined(section: object) -> dict[str, Any]:
    """Its manual shows sections as lists of objects."""
    if isinstance(section, dict):
        return section
    joined: dict[str, Any] = {}
    for part in section if isinstance(section, list) else ():
        joined |= part
    return joined


def _read_rule(rule: dict[str, Any], place: str, sections: Sections, draft: Draft) -> None:
    kind = class_of(rule["method"])
    assert kind is not None, "the reader of that shape has found it"
    method = kind.name
    text = next(rule[key] for key in ("tag", "dicomTagPath", "path") if key in rule)
    selector, _ = read_as_meant(text, keeps=method == "keep")
    base = sections.base(rule.get("setting"), method)
    settings = sections.effective(base, rule.get("params"), place) or {}
    options = settings
    if method in ITS_METHODS:
        options = OPTIONS[method](settings) if method in OPTIONS else {}
        _warn_of_keys(settings, place, draft)
    if not options.pop("moves", True):
        draft.warn(place, "moves dates by 0 days, which leaves them: here the key decides")
    draft.rule(place, _text(selector), method, **options)


def _warn_of_keys(settings: Mapping[str, Any], place: str, draft: Draft) -> None:
    for name in settings:
        if name.casefold().endswith("key"):
            message = f"{name} is not copied, so that it stays in one file: values will differ"
            draft.warn_once(place, message, f'name it: "parameters": {{"{name}": {{"env": ...}}}}')


def _redact(settings: Mapping[str, Any]) -> dict[str, Any]:
    given = Settings(settings, "redact")
    names = ("enablePartialDatesForRedact", "enablePartialAgesForRedact")
    return {name: True for name in names if given.flag(name, default=False)}


def _perturb(settings: Mapping[str, Any]) -> dict[str, Any]:
    span, proportional, decimals = perturbation(settings)
    kind = "Proportional" if proportional else "Fixed"
    return {"span": span, "rangeType": kind, "roundTo": min(decimals, MOST_DECIMALS)}


def _date_shift(settings: Mapping[str, Any]) -> dict[str, Any]:
    given = Settings(settings, "dateShift")
    reach = given.integer("dateShiftRange", 50)
    there, value = given.named("dateShiftScope")
    scope = given.one_of("dateShiftScope", value, SCOPES) if there else ""
    options: dict[str, Any] = {"dateShiftScope": scope or "SopInstance"}
    if not reach:
        return options | {"moves": False}
    return options | {"dateShiftRange": min(reach, MOST_DAYS)}


def _crypto_hash(settings: Mapping[str, Any]) -> dict[str, Any]:
    _, algorithm, match = hash_settings(settings)
    options: dict[str, Any] = {"cryptoHashType": algorithm.capitalize()}
    return options | ({"matchInputStringLength": True} if match else {})


OPTIONS: dict[str, Translate] = {
    "redact": _redact,
    "perturb": _perturb,
    "dateShift": _date_shift,
    "cryptoHash": _crypto_hash,
    "substitute": lambda settings: {"replaceWith": replacement(settings)},
}


def _text(selector: Selector) -> str:
    """What our reader of selectors takes for the same attributes."""
    if "." in selector.text:
        return selector.text
    match selector:
        case PrivateTag():
            return _private(selector.tag, selector.creator)
        case PrivateBlock():
            return _private(selector.value, selector.creator)
        case Mask():
            return describe(selector)
        case Representation():
            return selector.vr
    tags = [*(selector.tags or ())]
    return selector_for(tags[0]) if len(tags) == 1 else selector.text


def _private(tag: int, creator: str) -> str:
    if not creator:
        return selector_for(tag)
    return f'({tag >> 16:04X},"{creator}",{tag & 0xFF:02X})'
