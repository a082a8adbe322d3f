"""The replacement scripts of RSNA's CTP as their parts: text, and calls with what they are given.

Strategy. One pass over the characters.  A call is ``@name(argument,...)`` with any ``{clause}``
behind it; a backslash takes the next character as it is; quotes in arguments hide commas.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 10_000
_call = re.compile(r"@([A-Za-z]+)\(").match


class Call:
    """``@if(PatientName,isblank){...}{...}``."""

    __slots__ = ("arguments", "clauses", "name")

    def __init__(self, name: str, arguments: tuple[str, ...], clauses: tuple[str, ...]) -> None:
        self.name = name
        self.arguments = arguments
        self.clauses = clauses

    def __repr__(self) -> str:
        return f"Call({self.name!r}, {len(self.arguments)} arguments, {len(self.clauses)} clauses)"


class ScriptFault(Exception):
    """A script that is no script; the message has nothing of it."""


def parts_of(script: str) -> list[str | Call]:
    """Texts and calls in order; raises ScriptFault."""
    if len(script) > LONGEST:
        raise ScriptFault("its script is too long")
    return list(_parts(script.strip()))


def _parts(script: str) -> Iterator[str | Call]:
    text, at = "", 0
    while at < len(script):
        match = _call(script, at)
        if match is None:
            at += script[at] == "\\"
            text += script[at : at + 1]
            at += 1
            continue
        if text:
            yield text
        arguments, at = _enclosed(script, match.end(), "()")
        clauses = []
        while script[at : at + 1] == "{":
            clause, at = _enclosed(script, at + 1, "{}")
            clauses.append(clause)
        yield Call(match[1].casefold(), tuple(_split(arguments)), tuple(clauses))
        text = ""
    if text:
        yield text


def _enclosed(script: str, start: int, pair: str) -> tuple[str, int]:
    """What stands up to the closing one of the pair, and where it goes on."""
    depth, quoted, at = 1, False, start
    while at < len(script):
        character = script[at]
        if character == "\\":
            at += 1
        elif character == '"':
            quoted = not quoted
        elif not quoted:
            depth += (character == pair[0]) - (character == pair[1])
            if not depth:
                return script[start:at], at + 1
        at += 1
    raise ScriptFault(f"its script lacks a closing {pair[1]}")


def _split(arguments: str) -> Iterator[str]:
    """The arguments without the blanks and quotes around them."""
    if not arguments.strip():
        return
    piece, quoted, at = "", False, 0
    while at < len(arguments):
        character = arguments[at]
        if character == "\\":
            at += 1
            piece += arguments[at : at + 1]
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            yield piece.strip()
            piece = ""
        else:
            piece += character
        at += 1
    yield piece.strip()
