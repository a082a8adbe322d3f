"""Conditions of another tool's file, while rules are made of it: what is asked of which attribute.

A condition is a dict as after ``when``; several are alternatives, of which one must hold.
"""

from __future__ import annotations

import re

from anonymizer.config.conditions import read_condition
from anonymizer.config.configuration import Findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    When = dict[str, Any]
    Whens = tuple[When, ...]

ANY: When = {}
"""What every image fits."""

NOT_BLANK = r"/\S/"

_special = re.compile(r"[.^$*+?{}\[\]\\|()]")


def literal(text: str) -> str:
    """A text as a part of a regular expression."""
    return _special.sub(r"\\\g<0>", text)


def found(pattern: str, *, whole: bool = False) -> str:
    """What is asked where a pattern is found in a value, in capitals or small letters."""
    folds = "(?i)" if pattern.upper() != pattern.lower() else ""
    return f"/{folds}^(?:{pattern})$/" if whole else f"/{folds}{pattern}/"


def equal(text: str) -> str:
    """What is asked where a value is this text, in capitals or small letters."""
    if text.upper() == text.lower() and not text.startswith("/"):
        return text
    return f"/(?i)^{literal(text)}$/"


def lacking(pattern: str) -> str:
    """What is asked where a pattern is not found in a value."""
    return f"/(?is)^(?!.*(?:{pattern}))/"


def can_be_asked(when: When) -> bool:
    return read_condition(when, "", Findings()) is not None


def both(one: When, other: When) -> When | None:
    """Where both hold; None where they ask different things of one attribute."""
    if any(one[name] != asked for name, asked in other.items() if name in one):
        return None
    return one | other
