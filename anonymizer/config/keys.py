"""Where keys come from: a string, the environment or a private file; and one master key for all.

Rules. No message holds a key or a part of one; a file that others can read is refused, a key
shorter than ``SHORTEST`` too.
"""

from __future__ import annotations

import os
import stat

from anonymizer.errors import Mistake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from anonymizer.config.configuration import Findings

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
}
"""The keys of ``parameters`` and the purpose that ``Secrets.key`` knows each by."""


class KeyFault(Exception):
    """A key that cannot be had or is too weak."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def read_keys(
    parameters: Mapping[str, Any], folder: str, environ: Mapping[str, str], findings: Findings
) -> dict[str, bytes]:
    """Every key that ``parameters`` names, by purpose; the master key by ``"key"``."""
    keys = {}
    for name in ("key", *PURPOSES):
        if name in parameters:
            try:
                keys[PURPOSES.get(name, name)] = key_from(parameters[name], folder, environ)
            except KeyFault as fault:
                findings.mistake(f"parameters.{name}", fault.message, fault.hint)
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


def key_from(source: object, folder: str, environ: Mapping[str, str]) -> bytes:
    """The key that a string, ``{"env": NAME}`` or ``{"file": PATH}`` stands for.

    Raises KeyFault, which names the variable or the file and never a value.
    """
    match source:
        case str():
            return _long_enough(source.encode("utf-8", "surrogatepass"), "the key")
        case {"env": str() as name, **rest} if not rest:
            return _long_enough(_of_environment(name, environ), f"the key in {name}")
        case {"file": str() as path, **rest} if not rest and path:
            return _long_enough(_of_file(os.path.join(folder, path)), f"the key in {path}")
        case _:
            raise KeyFault(
                "not a key",
                'a key is a string, {"env": "NAME"} or {"file": "path/of/a.key"}',
            )


def _long_enough(key: bytes, what: str) -> bytes:
    if len(key.decode("utf-8", "replace")) < SHORTEST:
        raise KeyFault(
            f"{what} is shorter than {SHORTEST} characters",
            "openssl rand -hex 32 makes a good one",
        )
    return key


def _of_environment(name: str, environ: Mapping[str, str]) -> bytes:
    key = environ.get(name, "")
    if not key:
        state = "empty" if name in environ else "not set"
        raise KeyFault(f"the environment variable {name} is {state}", f"export {name}=...")
    return key.encode("utf-8", "surrogateescape")


def _of_file(path: str) -> bytes:
    """The content of a private file without the line end; checked on the open file itself."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            _refuse_public(path, status)
            key = file.read(LARGEST_FILE + 1)
    except OSError as fault:
        raise KeyFault(f"the key file {path} cannot be read: {fault.strerror}") from None
    if len(key) > LARGEST_FILE:
        raise KeyFault(f"the key file {path} is larger than {LARGEST_FILE} bytes")
    return key.rstrip(b"\r\n")


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse_public(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyFault(f"the key file {path} is not a file")
    if os.name == "posix" and status.st_mode & 0o077:
        raise KeyFault(f"others can read the key file {path}", f"chmod 600 {path}")
