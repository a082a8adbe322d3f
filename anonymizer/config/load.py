"""Finds a configuration and reads it: a path, a built-in name, or what lies next to the study."""

from __future__ import annotations

import os

from anonymizer.config.configuration import Configuration
from anonymizer.config.jsonc import read_json
from anonymizer.config.resources import built_in_names, built_in_path
from anonymizer.errors import ConfigurationError, Mistake, UsageError, without_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE_NAME = "configuration.json"
"""What is looked for where no configuration is named."""


def load_configuration(
    name: str | None, *, cwd: str = ".", input_folder: str | None = None
) -> Configuration:
    """The configuration at a path or of a built-in name; without one, that of the study.

    Without a name ``configuration.json`` in ``cwd`` is taken, else the one in ``input_folder``.
    Raises UsageError where there is none and ConfigurationError where it is not JSON.
    """
    path = _beside_the_study(cwd, input_folder) if name is None else os.path.join(cwd, name)
    if os.path.isfile(path):
        return _read(path, path if name is None else name, trusted=False)
    if name is not None and (built_in := built_in_path(name)):
        return _read(built_in, name.removesuffix(".json"), trusted=True)
    raise _not_found(name, path)


def configuration_of(
    effective: dict[str, Any], *, source: str = "configuration", folder: str = "."
) -> Configuration:
    """A configuration that is a Python dict already."""
    return Configuration(effective, source, folder)


def _beside_the_study(cwd: str, input_folder: str | None) -> str:
    own = os.path.join(cwd, FILE_NAME)
    if input_folder is None or os.path.isfile(own):
        return own
    return os.path.join(input_folder, FILE_NAME)


def _read(path: str, source: str, *, trusted: bool) -> Configuration:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as fault:
        raise UsageError(f"{source}: cannot be read: {fault.strerror}") from None
    value, repeated = read_json(data, source)
    if not isinstance(value, dict):
        raise ConfigurationError([Mistake("", "is not an object", _EXAMPLE)], source)
    folder = os.path.dirname(os.path.abspath(path))
    return Configuration(value, source, folder, trusted=trusted, repeated=tuple(repeated))


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
