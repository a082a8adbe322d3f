"""Finds a configuration and reads it: a path, a built-in name, or what lies next to the study."""

from __future__ import annotations

import os

from anonymizer.config.configuration import Configuration, Layer, dialect_of
from anonymizer.config.jsonc import read_json
from anonymizer.config.layers import resolve
from anonymizer.config.profile_keys import PROFILE
from anonymizer.config.resources import built_in_names, built_in_path
from anonymizer.errors import AnonymizerError, ConfigurationError, Mistake, UsageError, without_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from anonymizer.config.typed import Typed

FILE_NAME = "configuration.json"
"""What is looked for where no configuration is named."""


def load_configuration(
    name: str | None,
    *,
    cwd: str = ".",
    input_folder: str | None = None,
    typed: Typed | None = None,
) -> Configuration:
    """The configuration at a path or of a built-in name; without one, that of the study.

    Without a name ``configuration.json`` in ``cwd`` is taken, else the one in ``input_folder``.
    ``typed`` are rules that come before its own.
    Raises UsageError where there is none and ConfigurationError where it is not JSON.
    """
    return _with_layers(_found(name, cwd, input_folder), typed)


def load_profile(name: str, typed: Typed | None = None) -> Configuration:
    """What ``--profile`` names: a built-in configuration, or ``custom``, what is typed alone."""
    if name == CUSTOM:
        if not typed:
            raise UsageError(
                f"--profile {CUSTOM} does what flags say, and none does",
                "add --remove, --replace, --shift-dates or another, or choose another profile",
            )
        own = Layer({"name": CUSTOM, "rules": [], "mark": False}, CUSTOM, os.curdir, trusted=True)
        return _with_layers(own, typed)
    path = built_in_path(name)
    assert path is not None, "profiles come with the package"
    return _with_layers(_read(path, name, trusted=True), typed)


CUSTOM = "custom"
"""The profile without a rule of its own, so outputs do not say that they are de-identified."""


def _found(name: str | None, cwd: str, input_folder: str | None) -> Layer:
    path = _beside_the_study(cwd, input_folder) if name is None else os.path.join(cwd, name)
    if os.path.isfile(path):
        return _read(path, path if name is None else name)
    if name is not None and (built_in := built_in_path(name)):
        return _read(built_in, name.removesuffix(".json"), trusted=True)
    raise _not_found(name, path)


def configuration_of(
    effective: dict[str, Any],
    *,
    source: str = "configuration",
    folder: str = ".",
    doubts: tuple[Mistake, ...] = (),
) -> Configuration:
    """A configuration that is a Python dict already; ``doubts`` are known of it."""
    effective, found = _ours(effective, source)
    return _with_layers(Layer(effective, source, folder, doubts=(*doubts, *found)))


def _ours(members: dict[str, Any], source: str) -> tuple[dict[str, Any], list[Mistake]]:
    """A configuration in our own shape, as far as Kitware's is, and what was lost of it."""
    if dialect_of(members) != "kitware":
        return members, []
    from anonymizer.config.convert import convert_members

    return convert_members(members, source, "kitware")


def check_ready_made(name: str) -> None:
    """Raises UsageError where nothing that comes with the package has that name."""
    if name != PROFILE and not built_in_path(name):
        raise _not_found(name, "")


def _with_layers(own: Layer, typed: Typed | None = None) -> Configuration:
    layers, effective, unresolved = resolve(own, _extended)
    if typed and dialect_of(own.members) == "microsoft":
        layers = (typed.layer_before(own), own)
    elif typed:
        options = effective["options"] if layers[-1].is_profile else None
        first = typed.layer_over(own, options)
        layers, effective, unresolved = resolve(
            first, lambda layer, name: own if layer is first else _extended(layer, name)
        )
    return Configuration(
        effective, own.source, own.folder, layers=layers, unresolved=tuple(unresolved)
    )


def _extended(layer: Layer, name: str) -> Layer:
    """What a layer extends: a file beside it, else a built-in configuration."""
    path = os.path.join(layer.folder, name)
    try:
        if os.path.isfile(path):
            label = os.path.normpath(os.path.join(os.path.dirname(layer.label), name))
            found = _read(path, label, label=label)
        elif built_in := built_in_path(name):
            stem = name.removesuffix(".json")
            found = _read(built_in, stem, label=stem, trusted=True)
        else:
            raise _not_found(name, path)
    except UsageError as fault:
        raise ConfigurationError([Mistake("", fault.message, fault.hint)], "") from None
    if dialect_of(found.members) != "native":
        message = f"{name}: has the shape of Microsoft's tool"
        raise ConfigurationError([Mistake("", message, "only our own shape can be extended")], "")
    return found


def is_from_here(configuration: Configuration) -> bool:
    """Whether a configuration that nobody named is that of the current folder."""
    return configuration.source == os.path.join(os.curdir, FILE_NAME)


def _beside_the_study(cwd: str, input_folder: str | None) -> str:
    own = os.path.join(cwd, FILE_NAME)
    if input_folder is None or os.path.isfile(own):
        return own
    return os.path.join(input_folder, FILE_NAME)


def _read(path: str, source: str, *, label: str = "", trusted: bool = False) -> Layer:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as fault:
        raise UsageError(f"{source}: cannot be read: {fault.strerror}") from None
    try:
        value, repeated = read_json(data, source)
    except ConfigurationError:
        _refuse_foreign(data, source)
        raise
    if isinstance(value, dict) and not {"rules", "extends"} & value.keys():
        _refuse_foreign(data, source)
    if not isinstance(value, dict):
        raise ConfigurationError([Mistake("", "is not an object", _EXAMPLE)], source)
    folder = os.path.dirname(os.path.abspath(path))
    prefix = f"{label}: " if label else ""
    value, doubts = _ours(value, source)
    return Layer(
        value,
        source,
        folder,
        path=os.path.realpath(path),
        label=label,
        trusted=trusted,
        repeated=tuple(Mistake(prefix + at.place, at.message, at.hint) for at in repeated),
        doubts=tuple(Mistake(prefix + at.place, at.message, at.hint) for at in doubts),
    )


def _refuse_foreign(data: bytes, source: str) -> None:
    """Raises where it is another tool's, and none that runs as it is."""
    from anonymizer.config.convert import FORMATS
    from anonymizer.config.convert.recognise import kind_of

    try:
        kind = kind_of(data, source)
    except AnonymizerError:
        return
    if kind in {"ctp", "deid", "dcmanon", "orthanc"}:
        hint = f"anonymizer convert {source} -o configuration.json makes one of ours of it"
        raise ConfigurationError([Mistake("", f"seems to be {FORMATS[kind]}", hint)], source)


_EXAMPLE = 'it begins as in {"version": "1.0.0", "rules": [{"dicomTagPath": "PatientName", ...'


def _not_found(name: str | None, path: str) -> UsageError:
    known = ", ".join(built_in_names()) or "none"
    if name is None:
        return UsageError(
            f"no configuration: no -c, and no {FILE_NAME} here or in the input folder",
            f"-c takes a file or one of the built-in names: {known}",
        )
    name = without_keys(name)
    if os.path.isdir(path):
        return UsageError(f"{name}: is a folder, not a configuration")
    from difflib import get_close_matches

    near = get_close_matches(name.removesuffix(".json"), built_in_names(), n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return UsageError(f"{name}: no such configuration", f"{guess}built-in names: {known}")
