"""A configuration as its file says it, and what is found wrong with it."""

from __future__ import annotations

from anonymizer.errors import Mistake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal

    Dialect = Literal["native", "microsoft"]

UNSAID = frozenset(("$schema", "comment", "description", "why"))
"""Keys that say something to people and change nothing."""


class Configuration:
    """A configuration as its file says it, not yet checked.

    ``source`` is its path or the name it was asked for by, ``folder`` what its relative paths
    are relative to.  ``trusted`` says that it came with the package, where the tests have
    checked it against the schema.  ``repeated`` are the keys that stand twice.
    """

    __slots__ = ("_digest", "dialect", "effective", "folder", "repeated", "source", "trusted")

    def __init__(
        self,
        effective: dict[str, Any],
        source: str,
        folder: str,
        *,
        trusted: bool = False,
        repeated: tuple[Mistake, ...] = (),
    ) -> None:
        self.effective = effective
        self.source = source
        self.folder = folder
        self.trusted = trusted
        self.repeated = repeated
        self.dialect: Dialect = dialect_of(effective)
        self._digest = ""

    @property
    def name(self) -> str:
        """The name the file gives itself, else that of the file."""
        name = self.effective.get("name")
        stem = self.source.replace("\\", "/").rpartition("/")[2].removesuffix(".json")
        return name if isinstance(name, str) and name else stem

    @property
    def version(self) -> str:
        version = self.effective.get("version")
        return version if isinstance(version, str) else ""

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of what the configuration does.

        Of a key only the kind of its source counts, so that nobody can try keys against it.
        """
        if not self._digest:
            import json
            from hashlib import sha256

            text = json.dumps(_without_keys(self.effective), sort_keys=True, separators=(",", ":"))
            self._digest = sha256(text.encode()).hexdigest()
        return self._digest

    @property
    def files(self) -> list[str]:
        """The files that it is read from: its own, and those of its keys."""
        import os

        named = [os.path.join(self.folder, path) for path in _key_files(self.effective)]
        return [self.source, *named] if os.path.isfile(self.source) else named

    def __repr__(self) -> str:
        return f"Configuration({self.source!r}, {self.dialect})"


class Findings:
    """What is wrong (mistakes) and what is doubtful (warnings), while both are collected."""

    __slots__ = ("mistakes", "warnings")

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []

    def mistake(self, place: str, message: str, hint: str = "") -> None:
        self.mistakes.append(Mistake(place, message, hint))

    def warn(self, place: str, message: str, hint: str = "") -> None:
        self.warnings.append(Mistake(place, message, hint))


def dialect_of(effective: dict[str, Any]) -> Dialect:
    """The reference tool's shape has its settings sections, or rules with ``tag`` alone."""
    if {key.casefold() for key in effective} & {"defaultsettings", "customsettings"}:
        return "microsoft"
    rules = next((v for key, v in effective.items() if key.casefold() == "rules"), None)
    if not isinstance(rules, list):
        return "native"
    keys = {key for rule in rules[:50] if isinstance(rule, dict) for key in rule}
    return "microsoft" if "tag" in keys and "dicomTagPath" not in keys else "native"


def _without_keys(value: Any) -> Any:  # noqa: ANN401  a JSON value
    if isinstance(value, list):
        return [_without_keys(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _kind_of_source(member) if is_key(name) else _without_keys(member)
        for name, member in value.items()
        if name not in UNSAID
    }


def _key_files(value: object) -> Iterator[str]:
    for name, member in value.items() if isinstance(value, dict) else ():
        if is_key(name) and isinstance(member, dict):
            path = member.get("file")
            if isinstance(path, str) and "\0" not in path:
                yield path
        else:
            yield from _key_files(member)


def is_key(name: str) -> bool:
    """Whether a member of that name holds a key: ``key``, ``dateShiftKey``, in any case."""
    return name.casefold().endswith("key")


def _kind_of_source(value: object) -> str:
    if isinstance(value, dict):
        return "env" if "env" in value else "file"
    return "string" if value else "none"
