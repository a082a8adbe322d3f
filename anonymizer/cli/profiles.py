"""``anonymizer profiles``: what comes with the tool, and the rules in force in a configuration."""

from __future__ import annotations

import json
import os
import sys
from textwrap import fill

from anonymizer.cli.check import FINE, WRONG
from anonymizer.config.configuration import is_key
from anonymizer.config.load import load_configuration
from anonymizer.config.native import RULE_KEYS
from anonymizer.config.resources import built_in_names
from anonymizer.errors import AnonymizerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from anonymizer.config.configuration import Configuration, Layer


WIDTH = 88
INDENTED: dict[str, Any] = {"initial_indent": "  ", "subsequent_indent": "  "}


def render_profiles() -> str:
    """Each configuration with what it is for, its edition and its options."""
    lines = []
    for name in built_in_names():
        configuration = load_configuration(name, cwd=os.devnull)
        lines += [name, fill(configuration.effective["description"], WIDTH, **INDENTED)]
        if configuration.extends_profile:
            options = ", ".join(configuration.effective["options"]) or "none"
            edition = configuration.effective["edition"]
            lines.append(fill(f"edition {edition}; options: {options}", WIDTH, **INDENTED))
        lines.append("")
    return "\n".join(lines)


def show(name: str, *, as_json: bool) -> int:
    """Prints what is in force in a configuration; answers the exit code."""
    try:
        configuration = load_configuration(name, cwd=os.curdir)
        unresolved = configuration.unresolved
    except AnonymizerError as error:
        print(error, file=sys.stderr)
        return WRONG
    if unresolved:
        print(*unresolved, sep="\n", file=sys.stderr)
        return WRONG
    if configuration.dialect != "native":
        print(f"{name}: has the shape of Microsoft's tool, which extends nothing", file=sys.stderr)
        return WRONG
    print(as_one_file(configuration) if as_json else render_rules(configuration), end="")
    return FINE


def render_rules(configuration: Configuration) -> str:
    """The rules in force, in order: place, selector, method with its options, reason."""
    rows = [row for layer in configuration.layers for row in _rows(layer)]
    widths = [min(max(map(len, column)), 44) for column in [*zip(*rows, strict=True)][:3]]
    return "".join(
        "  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[3]]).rstrip()
        + "\n"
        for row in rows
    )


def _rows(layer: Layer) -> Iterator[tuple[str, str, str, str]]:
    for index, rule in enumerate(layer.rules):
        place = layer.label if layer.is_profile else f"{layer.prefix}rules[{index}]"
        options = (f"{k}={json.dumps(v)}" for k, v in rule.items() if k not in RULE_KEYS)
        method = " ".join([str(rule.get("method")), *options])
        yield place, str(rule.get("dicomTagPath")), method, str(rule.get("why", ""))


def as_one_file(configuration: Configuration) -> str:
    """The configuration with every rule in force, as one file that does the same.

    Files of keys and certificates are named by their whole paths.
    """
    told: dict[str, Any] = {"name": configuration.name} | configuration.effective
    parameters = told.get("parameters")
    if isinstance(parameters, dict):
        told["parameters"] = {
            name: _wholly(value, configuration.layer_saying("parameters", name).folder)
            if is_key(name)
            else value
            for name, value in parameters.items()
        }
    if isinstance(originals := told.get("encryptedAttributes"), dict):
        folder = configuration.layer_saying("encryptedAttributes").folder
        paths = [_whole_path(folder, path) for path in originals.get("recipients", ())]
        told["encryptedAttributes"] = originals | {"recipients": paths}
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def _wholly(key: object, folder: str) -> object:
    if isinstance(key, dict) and "file" in key:
        return {"file": _whole_path(folder, key["file"])}
    return key


def _whole_path(folder: str, path: object) -> object:
    return os.path.abspath(os.path.join(folder, path)) if isinstance(path, str) else path
