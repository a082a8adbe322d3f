"""Where keys come from: a string, the environment or a private file; and one master key for all.

Rules. No message holds a key or a part of one, not even of a key that stands where the name of a
variable or of a file belongs; a file that others can read is refused, a key shorter than
``SHORTEST`` too.
"""

from __future__ import annotations

import os
import re
import stat

from anonymizer.errors import NOT_SHOWN, Mistake, without_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from anonymizer.config.configuration import Configuration, Findings

SHORTEST = 32
"""Characters a key has at least."""

LARGEST_FILE = 65_536

MASTER_VARIABLE = "ANONYMIZER_KEY"

PURPOSES = {
    "dateShiftKey": "dateShift",
    "cryptoHashKey": "cryptoHash",
    "encryptKey": "encrypt",
    "refreshUIDKey": "refreshUID",
    "pseudonymKey": "pseudonym",
    "perturbKey": "perturb",
    "dummyKey": "dummy",
}
"""The keys of ``parameters`` and the purpose that ``Secrets.key`` knows each by."""


class KeyFault(Exception):
    """A key that cannot be had or is too weak."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_keys(
    parameters: Mapping[str, Any],
    configuration: Configuration,
    environ: Mapping[str, str],
    findings: Findings,
) -> dict[str, bytes]:
    """Every key that ``parameters`` names, by purpose; the master key by ``"key"``.

    The path of a key file is relative to the file that says it.
    """
    keys = {}
    for name in ("key", *PURPOSES):
        if name in parameters:
            layer = configuration.layer_saying("parameters", name)
            try:
                keys[PURPOSES.get(name, name)] = key_from(parameters[name], layer.folder, environ)
            except KeyFault as fault:
                place = f"{layer.prefix}parameters.{name}"
                findings.mistake(place, fault.message, fault.hint)
    return keys


def master_key(
    key_file: str | None, environ: Mapping[str, str], findings: Findings
) -> bytes | None:
    """The master key where the configuration names none: of ``--key-file``, else of the
    environment variable ``ANONYMIZER_KEY``, else None."""
    place, source = "--key-file", {"file": key_file}
    if key_file is None:
        if not environ.get(MASTER_VARIABLE):
            return None
        place, source = MASTER_VARIABLE, {"env": MASTER_VARIABLE}
    try:
        return key_from(source, os.curdir, environ)
    except KeyFault as fault:
        findings.mistakes.append(Mistake(place, fault.message, fault.hint))
        return None


def given_key(key: str | bytes, findings: Findings) -> bytes | None:
    """The master key that a caller gives, None where it is too weak."""
    try:
        if isinstance(key, str):
            return key_from(key, os.curdir, {})
        return _long_enough(bytes(key), "the key", len(key))
    except KeyFault as fault:
        findings.mistakes.append(Mistake("key", fault.message, fault.hint))
        return None


def key_from(source: object, folder: str, environ: Mapping[str, str]) -> bytes:
    """The key that a string, ``{"env": NAME}`` or ``{"file": PATH}`` stands for.

    Raises KeyFault, which names the variable or the file and never a value.
    """
    match source:
        case str():
            return _long_enough(source.encode("utf-8", "surrogatepass"), "the key")
        case {"env": str() as name, **rest} if not rest:
            key = _of_environment(name, environ)
            return _long_enough(key, f"the key in {_shown_variable(name)}")
        case {"file": str() as path, **rest} if not rest and path:
            return _long_enough(_of_file(path, folder), f"the key in {_shown_path(path, folder)}")
        case _:
            raise KeyFault(
                "not a key",
                'a key is a string, {"env": "NAME"} or {"file": "path/of/a.key"}',
            )


def _long_enough(key: bytes, what: str, length: int | None = None) -> bytes:
    """``length`` is that of bytes which are no text."""
    if (len(key.decode("utf-8", "replace")) if length is None else length) < SHORTEST:
        raise KeyFault(
            f"{what} is shorter than {SHORTEST} characters",
            "anonymizer keygen makes a good one",
        )
    return key


_VARIABLE = "[A-Z_][A-Z0-9_]*"
_BASE_64 = "[A-Za-z0-9+/=]{32,}"


def _shown_variable(name: str) -> str:
    """The name of a variable, unless it is so unlike one that it may be the key itself."""
    return without_keys(name) if re.fullmatch(_VARIABLE, name) else NOT_SHOWN


def _shown_path(path: str, folder: str) -> str:
    """A path, unless nothing is there and it may be the key itself."""
    there = os.path.dirname(path) and os.path.isdir(os.path.join(folder, os.path.dirname(path)))
    if not there and (re.fullmatch(_BASE_64, path) or len(path.split()) > SHORTEST // 8):
        return NOT_SHOWN
    return without_keys(path)


def _of_environment(name: str, environ: Mapping[str, str]) -> bytes:
    key = environ.get(name, "")
    if not key:
        shown = _shown_variable(name)
        state = "empty" if name in environ else "not set"
        hint = 'a key itself stands without "env"' if shown == NOT_SHOWN else f"export {shown}=..."
        raise KeyFault(f"the environment variable {shown} is {state}", hint)
    return key.encode("utf-8", "surrogateescape")


def _of_file(path: str, folder: str) -> bytes:
    """The content of a private file without the line end; checked on the open file itself."""
    shown = os.path.join(folder, _shown_path(path, folder))
    try:
        with open(os.path.join(folder, path), "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            _refuse_public(shown, status)
            key = file.read(LARGEST_FILE + 1)
    except OSError as fault:
        raise KeyFault(f"the key file {shown} cannot be read: {fault.strerror}") from None
    except ValueError:  # no system takes a NUL or half a character
        raise KeyFault("the key file has a name that no file can have") from None
    if len(key) > LARGEST_FILE:
        raise KeyFault(f"the key file {shown} is larger than {LARGEST_FILE} bytes")
    return key.rstrip(b"\r\n")


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse_public(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyFault(f"the key file {path} is not a file")
    if os.name == "posix" and status.st_mode & 0o077:
        raise KeyFault(f"others can read the key file {path}", f"chmod 600 {path}")
