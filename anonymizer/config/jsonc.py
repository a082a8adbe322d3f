"""JSON text in, value out; with the comments, trailing commas and BOM that people's files have.

Rules. Strict JSON is read at once.  Only what is not goes through ``_plain``, which blanks out
comments and trailing commas and keeps every other character at its place, so that a syntax
error still names the right line and column.  Nothing else is forgiven.
"""

from __future__ import annotations

import json
import re

from anonymizer.errors import ConfigurationError, Mistake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, NoReturn

_TOKEN = (
    r'"(?:[^"\\\n]|\\.)*"?'  # a string, closed or not: what is wrong with it json says
    r"|//[^\n]*|/\*.*?(?:\*/|\Z)|[{}\[\]:,]|[^\s\"{}\[\]:,/]+|\s+|/"
)


def read_json(data: bytes, source: str) -> tuple[Any, list[Mistake]]:
    """The value, and a mistake for each repeated key (the last one wins).

    Raises ConfigurationError where the text is not JSON.
    """
    text = _text(data, source)
    try:
        return _load(text)
    except (ValueError, RecursionError):
        plain = _plain(text)
    try:
        value, repeated = _load(plain)
    except json.JSONDecodeError as fault:
        hint = _hint(plain, fault)
        _refuse(source, _place(fault.lineno, fault.colno), fault.msg, hint)
    except _NotANumber as fault:
        line, column = _position(plain, str(fault))
        _refuse(source, _place(line, column), f"{fault} is not a number in JSON")
    except ValueError:
        _refuse(source, "", "a number is too long")
    except RecursionError:
        _refuse(source, "", "nested too deeply")
    return value, repeated


class _NotANumber(ValueError):
    """NaN or Infinity, which Python's reader would take."""


def _load(text: str) -> tuple[Any, list[Mistake]]:
    repeated = False

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        members = dict(pairs)
        repeated |= len(members) != len(pairs)
        return members

    value = json.loads(text, object_pairs_hook=collect, parse_constant=_refuse_constant)
    return value, _repeated_keys(_plain(text)) if repeated else []


def _refuse_constant(name: str) -> NoReturn:
    raise _NotANumber(name)


def _text(data: bytes, source: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        _refuse(source, f"line {line}", "not UTF-8 text", "save the file as UTF-8")


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return re.finditer(_TOKEN, text, re.DOTALL)


def _plain(text: str) -> str:
    """The text with comments and trailing commas as blanks, everything else where it was."""
    pieces: list[str] = []
    comma = -1
    for match in _tokens(text):
        token = match[0]
        if token.startswith(("//", "/*")):
            token = re.sub(r"[^\n]", " ", token)
        elif token in {"}", "]"} and comma >= 0:
            pieces[comma] = " "
        if not token.isspace():
            comma = len(pieces) if token == "," and _ends_a_value(pieces) else -1
        pieces.append(token)
    return "".join(pieces)


def _ends_a_value(pieces: list[str]) -> bool:
    """Whether a comma may follow: a comma after a comma or a bracket stays an error."""
    before = next((piece for piece in reversed(pieces) if not piece.isspace()), "")
    return before not in {"", ",", ":", "{", "["}


def _repeated_keys(plain: str) -> list[Mistake]:
    """A mistake with line and column for each key that its object has already."""
    mistakes = []
    objects: list[set[str]] = []
    tokens = [match for match in _tokens(plain) if not match[0].isspace()]
    for match, following in zip(tokens, [*tokens[1:], None], strict=True):
        token = match[0]
        if token in {"{", "["}:
            objects.append(set())
        elif token in {"}", "]"}:
            objects.pop()
        elif token[0] == '"' and following and following[0] == ":":
            key = json.loads(token)
            if key in objects[-1]:
                place = _place(*_line_and_column(plain, match.start()))
                mistakes.append(Mistake(place, f"key {key!r} stands twice", "keep one of them"))
            objects[-1].add(key)
    return mistakes


def _hint(plain: str, fault: json.JSONDecodeError) -> str:
    at = plain[fault.pos : fault.pos + 1]
    if at == "'":
        return "strings stand in double quotes"
    if fault.msg.startswith("Expecting ',' delimiter"):
        return "is a comma missing on the line before?"
    if fault.msg.startswith("Expecting property name"):
        return "keys stand in double quotes"
    if fault.msg.startswith("Extra data"):
        return "one JSON value is a file; is a brace closed too early?"
    return ""


def _position(plain: str, word: str) -> tuple[int, int]:
    found = (match.start() for match in _tokens(plain) if match[0] == word)
    return _line_and_column(plain, next(found))


def _line_and_column(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _place(line: int, column: int) -> str:
    return f"line {line} column {column}"


def _refuse(source: str, place: str, message: str, hint: str = "") -> NoReturn:
    message = message[:1].lower() + message[1:] if message[1:2].islower() else message
    raise ConfigurationError([Mistake(place, message, hint)], source) from None
