"""Makes a key: into a file for its owner alone, or where it is asked for, onto the terminal."""

from __future__ import annotations

import os
import secrets
import sys

from anonymizer.cli.console import WRITTEN, WRONG_USAGE, complain
from anonymizer.errors import UsageError
from anonymizer.files import reason
from anonymizer.report import printable

BYTES = 32


def keygen(output: str) -> int:
    """Writes a key to ``output``, or prints it where that is ``-``, or "" on a terminal."""
    try:
        if output in {"", "-"}:
            _print(asked=bool(output))
        else:
            _write(output)
    except UsageError as error:
        complain(str(error))
        return WRONG_USAGE
    return WRITTEN


def _print(*, asked: bool) -> None:
    if not asked and not sys.stdout.isatty():
        raise UsageError(
            "a key is printed on a terminal only", "-o FILE writes it, -o - prints it all the same"
        )
    print(secrets.token_hex(BYTES))


def _write(path: str) -> None:
    """Never over a file that is there: what was made with its key would fit nothing any more."""
    shown = printable(path)
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{shown}: is there already, and stays", "choose another name") from None
    except OSError as error:
        raise UsageError(f"{shown}: the key cannot be written ({reason(error)})") from None
    try:
        with open(fd, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(BYTES)}\n")
            file.flush()
            os.fsync(fd)
    except OSError as error:
        os.unlink(path)
        raise UsageError(f"{shown}: the key cannot be written ({reason(error)})") from None
    print(f"written: {shown}, for you alone; who has it can re-identify: keep it from the outputs")
