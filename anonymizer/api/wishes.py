"""What a caller asks for beside the configuration itself: keys, a map, what is checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from anonymizer.errors import UsageError

if TYPE_CHECKING:
    from typing import Any, Literal, Self

    Pseudonyms = Mapping[str, str] | str | os.PathLike[str]
    """A dict, or the path of a map, which may grow."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """The arguments of an Anonymizer that are no part of a configuration."""

    key: str | bytes | None = None
    key_file: str | os.PathLike[str] | None = None
    pseudonyms: Pseudonyms | None = None
    strict: bool = False
    validate_input: Literal["warn", "refuse"] | None = None
    validate_output: bool = False

    def __post_init__(self) -> None:
        if self.key is not None and self.key_file is not None:
            raise UsageError("key and key_file are a key each", "give one of them")
        if self.validate_input not in {None, "warn", "refuse"}:
            raise UsageError('validate_input is none of "warn", "refuse", None')

    @classmethod
    def taken_from(cls, given: dict[str, Any]) -> Self:
        """Those among other arguments, which are left."""
        names = [field.name for field in fields(cls) if field.name in given]
        return cls(**{name: given.pop(name) for name in names})

    @property
    def map_path(self) -> str:
        """Where the map lies, "" without one or where it is a dict."""
        if self.pseudonyms is None or isinstance(self.pseudonyms, Mapping):
            return ""
        return os.fspath(self.pseudonyms)

    def known(self) -> Mapping[str, str] | None:
        """The pseudonyms by now; raises ConfigurationError where the map is none, or a bad one."""
        from anonymizer.config.maps import map_of, read_map

        if isinstance(self.pseudonyms, Mapping):
            return map_of(self.pseudonyms)
        path = self.map_path
        if not path:
            return None
        return read_map(path) if os.path.lexists(path) else {}

    def check_map(self, *, grows: bool) -> None:
        """Raises ConfigurationError where there is no map: only one that grows may begin so."""
        if self.map_path and not grows:
            from anonymizer.config.maps import read_map

            read_map(self.map_path)
