"""Checks a configuration against the published JSON Schema; all mistakes, each with its place.

Rules. The library's own messages quote the value, which may be a key: none of them is used.
"""

from __future__ import annotations

import json
import os

from anonymizer.config.resources import folder_of
from anonymizer.errors import Mistake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from jsonschema.exceptions import ValidationError

FILE_NAME = "configuration.schema.json"

_TYPES = {
    "array": "is not a list",
    "boolean": "is neither true nor false",
    "integer": "must be a whole number",
    "number": "must be a number",
    "object": "is not an object",
    "string": "is not text",
}
_LIMITS = {
    "minLength": "must have {} characters or more",
    "maxLength": "must have {} characters or fewer",
    "minimum": "must be {} or more",
    "maximum": "must be {} or less",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "const": "must be {}",
    "pattern": "must match {}",
}


def read_schema() -> dict[str, Any]:
    """The published schema, draft 2020-12."""
    with open(os.path.join(folder_of("schemas"), FILE_NAME), encoding="utf-8") as file:
        schema: dict[str, Any] = json.load(file)
    return schema


def schema_mistakes(effective: dict[str, Any]) -> list[Mistake]:
    """Everything the schema forbids; imports jsonschema, which takes as long as a small run."""
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(read_schema()).iter_errors(effective)
    return [mistake for error in errors for mistake in _mistakes(error)]


def _mistakes(error: ValidationError) -> list[Mistake]:
    """What one error means: one mistake, or one for each name that it is about."""
    place = place_of(error.absolute_path)
    names = [str(step) for step in error.relative_schema_path]
    if "propertyNames" in names:
        return [_unknown(place, str(error.instance), error.validator_value)]
    if "dependentSchemas" in names:
        option = names[names.index("dependentSchemas") + 1]
        rule = place.removesuffix(".method")
        return [Mistake(joined(rule, option), "unknown key", "the method has no such option")]
    if error.validator == "additionalProperties":
        schema: Any = error.schema
        return _unknown_names(place, error.instance, schema["properties"])
    if error.validator == "required":
        return _missing_names(place, error.instance, error.validator_value)
    return [Mistake(place, _message(error))]


def _unknown_names(place: str, instance: Any, known: Any) -> list[Mistake]:  # noqa: ANN401  JSON
    return [_unknown(place, name, known) for name in instance if name not in known]


def _missing_names(place: str, instance: Any, needed: Any) -> list[Mistake]:  # noqa: ANN401  JSON
    return [Mistake(joined(place, n), "is missing") for n in needed if n not in instance]


def _unknown(place: str, name: str, known: Any) -> Mistake:  # noqa: ANN401  JSON
    return Mistake(joined(place, name), "unknown key", _near(name, known))


def _message(error: ValidationError) -> str:
    keyword = str(error.validator)
    value: Any = error.validator_value
    if keyword == "type":
        return _TYPES.get(str(value), "has the wrong type")
    if keyword == "enum":
        return f"is none of {', '.join(map(str, value))}"
    if keyword in _LIMITS:
        return _LIMITS[keyword].format(value)
    title = error.schema.get("title", "") if isinstance(error.schema, dict) else ""
    return f"is not {title}" if title else "is not allowed"


def place_of(steps: Iterable[str | int]) -> str:
    """``rules[3].method`` of the steps to it."""
    place = ""
    for step in steps:
        place = f"{place}[{step}]" if isinstance(step, int) else joined(place, step)
    return place


def joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _near(name: str, allowed: Iterable[str]) -> str:
    from difflib import get_close_matches

    folded = {key.casefold(): key for key in allowed}
    near = get_close_matches(name.casefold(), folded, n=1)
    return f"did you mean {folded[near[0]]!r}?" if near else ""
