"""A configuration as its file says it, and what is found wrong with it."""

from __future__ import annotations

from anonymizer.errors import Mistake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Literal

    Dialect = Literal["native", "microsoft", "kitware"]

SECRET = frozenset(("dateShiftDays",))
"""Options of so few possible values that the SHA-256 would tell which it is."""

UNSAID = frozenset(("$schema", "comment", "description", "why"))
"""Keys that say something to people and change nothing."""


class Layer:
    """One file of a configuration as it says it, or the rules of the profile.

    ``source`` is its path or name, ``folder`` what its relative paths are relative to, ``label``
    what its mistakes are told under, empty for the file that was asked for.  ``trusted`` says that
    it came with the package, where the tests have checked it against the schema.  ``repeated`` are
    the keys that stand twice, ``doubts`` what was lost where it was another tool's file, ``places``
    the flags that its rules were typed as, if they were.
    """

    __slots__ = (
        "doubts",
        "folder",
        "is_profile",
        "label",
        "members",
        "path",
        "places",
        "repeated",
        "source",
        "spelled_out",
        "trusted",
    )

    def __init__(  # noqa: PLR0913  what is known of a file
        self,
        members: dict[str, Any],
        source: str,
        folder: str,
        *,
        path: str = "",
        label: str = "",
        trusted: bool = False,
        is_profile: bool = False,
        repeated: tuple[Mistake, ...] = (),
        doubts: tuple[Mistake, ...] = (),
        places: tuple[str, ...] = (),
    ) -> None:
        self.members = members
        self.source = source
        self.folder = folder
        self.path = path
        self.label = label
        self.trusted = trusted
        self.is_profile = is_profile
        self.spelled_out: frozenset[str] = frozenset()
        """Of the profile, its rules that stand word for word in a file, as ``words_of`` them."""
        self.repeated = repeated
        self.doubts = doubts
        self.places = places

    @property
    def prefix(self) -> str:
        """What stands before a place in this file."""
        return f"{self.label}: " if self.label else ""

    @property
    def shown(self) -> str:
        return self.label or self.source

    @property
    def rules(self) -> list[Any]:
        """What stands in its list of rules; nothing where that is no list."""
        rules = self.members.get("rules")
        return rules if isinstance(rules, list) else []

    def __repr__(self) -> str:
        return f"Layer({self.shown!r})"


def words_of(rule: dict[str, Any]) -> str:
    """Equal for rules that say the same."""
    return repr(sorted(rule.items()))


class Configuration:
    """A configuration as its file says it, not yet checked, with all that it extends.

    ``effective`` is what the ``layers`` say together, the file that was asked for first.
    ``source`` is the path of that one or the name it was asked for by, ``folder`` what its
    relative paths are relative to.  ``unresolved`` are mistakes about what it extends.
    """

    __slots__ = (
        "_digest",
        "dialect",
        "effective",
        "folder",
        "layers",
        "source",
        "unresolved",
    )

    def __init__(
        self,
        effective: dict[str, Any],
        source: str,
        folder: str,
        *,
        trusted: bool = False,
        layers: tuple[Layer, ...] = (),
        unresolved: tuple[Mistake, ...] = (),
    ) -> None:
        self.effective = effective
        self.source = source
        self.folder = folder
        self.layers = layers or (Layer(effective, source, folder, trusted=trusted),)
        self.unresolved = unresolved
        self.dialect: Dialect = dialect_of(effective)
        self._digest = ""

    @property
    def trusted(self) -> bool:
        """Whether every layer came with the package."""
        return all(layer.trusted for layer in self.layers)

    def trust_nothing(self) -> None:
        """Has what came with the package checked in full, too; not the rules of the profile."""
        for layer in self.layers:
            layer.trusted = layer.is_profile

    @property
    def apart(self) -> tuple[Layer, ...]:
        """Rules that were typed and are not in ``effective``, as that is not of our own shape."""
        return self.layers[:-1] if self.dialect == "microsoft" else ()

    @property
    def repeated(self) -> list[Mistake]:
        """The keys that stand twice, in any of the files."""
        return [mistake for layer in self.layers for mistake in layer.repeated]

    @property
    def doubts(self) -> list[Mistake]:
        """What could not be said of other tools' files, in any of the files."""
        return [doubt for layer in self.layers for doubt in layer.doubts]

    @property
    def extends_profile(self) -> bool:
        return self.layers[-1].is_profile

    def spells_out(self, number: int) -> bool:
        """Whether a rule of a file says, word for word, what the profile says."""
        said = self.layers[-1].spelled_out
        return bool(said) and words_of(self.effective["rules"][number]) in said

    def layer_saying(self, *names: str) -> Layer:
        """The layer whose word counts for a member: ``parameters``, ``key``; else the first."""
        for layer in self.layers:
            members: Any = layer.members
            for name in names:
                members = members.get(name) if isinstance(members, dict) else None
            if members is not None:
                return layer
        return self.layers[0]

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

            said = [self.effective, *(layer.members for layer in self.apart)]
            what = said if len(said) > 1 else said[0]
            text = json.dumps(_without_keys(what), sort_keys=True, separators=(",", ":"))
            self._digest = sha256(text.encode()).hexdigest()
        return self._digest

    @property
    def files(self) -> list[str]:
        """The files that it is read from: its own, those it extends, of keys and certificates."""
        import os

        keys = [
            os.path.join(layer.folder, path)
            for layer in self.layers
            for path in _of_keys(layer.members, "file")
        ]
        return [*self.sources, *keys, *self.certificates]

    @property
    def variables(self) -> list[str]:
        """The environment variables that hold its keys."""
        return [name for layer in self.layers for name in _of_keys(layer.members, "env")]

    @property
    def certificates(self) -> list[str]:
        """The files of those whom originals are encrypted for."""
        import os

        return [
            os.path.join(layer.folder, path)
            for layer in self.layers
            for path in _certificates(layer.members)
        ]

    @property
    def sources(self) -> list[str]:
        """Its own file and those it extends, as far as they did not come with the package."""
        import os

        paths = [self.source, *(layer.path for layer in self.layers[1:] if not layer.trusted)]
        return [path for path in dict.fromkeys(paths) if os.path.isfile(path)]

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
    """The reference tool's shape has its settings sections, or rules with ``tag`` alone;
    nothing of that shape extends another file.  Kitware's has tags as keys: ``(0x0010, 0x0010)``.
    """
    if any(_is_tuple(key) for key in effective):
        return "kitware"
    if {key.casefold() for key in effective} & {"defaultsettings", "customsettings"}:
        return "microsoft"
    rules = next((v for key, v in effective.items() if key.casefold() == "rules"), None)
    if "extends" in effective or not isinstance(rules, list):
        return "native"
    keys = {key for rule in rules[:50] if isinstance(rule, dict) for key in rule}
    return "microsoft" if "tag" in keys and "dicomTagPath" not in keys else "native"


def _is_tuple(key: str) -> bool:
    """Not ``(0010,0010)``, which dcmanon writes: to Python, which reads it, that is no number."""
    numbers = key.strip()[1:-1].split(",") if key.strip()[:1] == "(" else []
    return len(numbers) > 1 and not any(len(n.strip()) == 4 and n[0] == "0" for n in numbers)


def _without_keys(value: Any) -> Any:  # noqa: ANN401  a JSON value
    if isinstance(value, list):
        return [_without_keys(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _kind_of_source(member) if is_key(name) or name in SECRET else _without_keys(member)
        for name, member in value.items()
        if name not in UNSAID
    }


def _of_keys(value: object, kind: str) -> Iterator[str]:
    """The files, or the environment variables, that keys are in."""
    for name, member in value.items() if isinstance(value, dict) else ():
        if is_key(name) and isinstance(member, dict):
            source = member.get(kind)
            if isinstance(source, str) and "\0" not in source:
                yield source
        else:
            yield from _of_keys(member, kind)


def _certificates(effective: dict[str, Any]) -> list[str]:
    members = effective.get("encryptedAttributes")
    paths = members.get("recipients") if isinstance(members, dict) else None
    return [p for p in paths if isinstance(p, str)] if isinstance(paths, list) else []


def is_key(name: str) -> bool:
    """Whether a member of that name holds a key: ``key``, ``dateShiftKey``, in any case."""
    return name.casefold().endswith("key")


def _kind_of_source(value: object) -> str:
    if isinstance(value, dict):
        return "env" if "env" in value else "file"
    return "string" if value else "none"
