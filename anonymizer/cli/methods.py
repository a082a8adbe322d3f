"""``anonymizer methods``: every method with its options, and every form of a selector."""

from __future__ import annotations

import json
from textwrap import fill

from anonymizer.config.known_methods import BrokenMethod, users_methods
from anonymizer.methods import METHODS
from anonymizer.methods.refusal import ALL_VRS
from anonymizer.rules.forms import SELECTOR_FORMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.methods.method import Method, Option

WIDTH = 88


def render_methods() -> str:
    """The text of the command: plain lines, nothing that depends on a terminal."""
    lines = ["Methods", ""]
    for method in METHODS.values():
        lines += [*_method(method), ""]
    if own := users_methods():
        lines += ["Methods of your own (entry points)", ""]
        for name, users in own.items():
            told = [f"{name} {users}"] if isinstance(users, BrokenMethod) else _method(users)
            lines += [*told, ""]
    lines += ["Selectors (dicomTagPath)", ""]
    longest = max(len(form) for form, _ in SELECTOR_FORMS)
    lines += [_wrapped(f"{form:<{longest}}  ", text) for form, text in SELECTOR_FORMS]
    return "\n".join(lines) + "\n"


def _method(method: type[Method]) -> Iterator[str]:
    yield method.name
    yield _wrapped("  ", method.summary)
    yield _wrapped("  VRs: ", describe_vrs(method.vrs))
    for option in method.options:
        yield _wrapped(f"  {option.name}: ", f"{option.summary} ({_values(option)})")


def describe_vrs(vrs: frozenset[str]) -> str:
    """The supported VRs in a few words."""
    missing = sorted(ALL_VRS - vrs)
    if not missing:
        return "all"
    if len(missing) < 6:
        return f"all but {', '.join(missing)}"
    return ", ".join(sorted(vrs))


def _values(option: Option) -> str:
    kind = "one of " + ", ".join(option.schema["enum"]) if "enum" in option.schema else ""
    default = "none" if option.default is None else json.dumps(option.default)
    return f"{kind or option.schema['type']}; default {default}"


def _wrapped(label: str, text: str) -> str:
    """The text after its label, later lines indented as deep."""
    indent = " " * min(len(label), 34) if label.strip() else label
    return fill(text, WIDTH, initial_indent=label, subsequent_indent=indent)
