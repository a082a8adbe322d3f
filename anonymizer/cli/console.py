"""The console that the command was given, which may be closed, full, or unable to show a name."""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


WRITTEN, REFUSED, WRONG_USAGE, NOTHING_FOUND = 0, 1, 2, 3
"""How a command ends: all written, some files refused, nothing begun, nothing to do."""


def prepare_console() -> None:
    """Any name can be shown on any console, and what was closed by the caller swallows it."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def complain(text: str) -> None:
    print(text, file=sys.stderr)


def leave(code: int) -> NoReturn:
    """Ends the command, when all it had to say has been written.

    Taking the interpreter down in order takes as long as many images, so it is not done where
    the process is the command's own.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # who reads it has gone, or its disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or 1
    if sys.stdout is sys.__stdout__:
        os._exit(code)
    sys.exit(code)
