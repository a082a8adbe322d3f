"""Tells of which tool a configuration is, by its shape alone."""

from __future__ import annotations

import re

from anonymizer.config.configuration import dialect_of
from anonymizer.config.jsonc import read_json
from anonymizer.errors import ConfigurationError, Mistake, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ORTHANC = frozenset(("Keep", "Replace", "Remove", "KeepPrivateTags", "DicomVersion", "Clear"))
_is_recipe = re.compile(rb"^\s*(FORMAT\s+\w+|%header)\s*$", re.MULTILINE | re.IGNORECASE).search
_is_tag = re.compile(r"\(?[0-9A-Fa-f]{4},?\s?[0-9A-Fa-f]{4}\)?").fullmatch


def kind_of(data: bytes, source: str) -> str:
    """One of FORMATS; raises where it is none of them."""
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        return "ctp"
    if start.startswith((b"{", b"//", b"/*")):
        members, _ = read_json(data, source)
        return _kind_of_object(members, source)
    if _is_recipe(data):
        return "deid"
    raise _unknown(source)


def _kind_of_object(members: dict[str, Any], source: str) -> str:
    dialect = dialect_of(members)
    if dialect != "native":
        return dialect
    if "rules" in members or "extends" in members:
        message = "is a configuration of our own already"
        raise ConfigurationError([Mistake("", message, "-c takes it as it is")], source)
    if "tag_actions" in members or _are_actions(members):
        return "dcmanon"
    if ORTHANC & members.keys():
        return "orthanc"
    raise _unknown(source)


def _are_actions(members: dict[str, Any]) -> bool:
    return bool(members) and all(
        _is_tag(name) and isinstance(value, dict) for name, value in members.items()
    )


def _unknown(source: str) -> UsageError:
    from anonymizer.config.convert import FORMATS

    return UsageError(
        f"{source}: cannot be recognised as another tool's configuration",
        f"--from says of which tool it is: {', '.join(FORMATS)}",
    )
