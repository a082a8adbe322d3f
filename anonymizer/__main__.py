"""The door of the command: plain runs go straight to work, everything else to the full parser.

The full parser (typer) costs more than a small run takes, so a command line that is a plain run,
spelled with the flags of ``cli.plain``, is read without it.  Anything else, help, commands,
mistakes, goes to ``cli.app``; both call the same function with the same options.
"""

from __future__ import annotations

import io
import os
import sys


def main() -> None:
    """Runs the command line of this process and exits with its code."""
    from anonymizer.cli.plain import read_plain

    _prepare_console()
    options = read_plain(sys.argv[1:])
    if options is None:
        from anonymizer.cli.app import app

        app()
        return
    from anonymizer.cli.run import run

    code = run(options)
    try:
        sys.stdout.flush()
    except OSError:  # who reads it has gone, or its disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = code or 1
    sys.exit(code)


def _prepare_console() -> None:
    """Any name can be shown on any console, and what was closed by the caller swallows it."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  to the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
