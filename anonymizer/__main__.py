"""The door of the command: plain runs go straight to work, everything else to the full parser.

The full parser (typer) costs more than a small run takes, so a command line that is a plain run,
spelled with the flags of ``cli.plain``, is read without it.  Anything else, help, commands,
mistakes, goes to ``cli.app``; both call the same function with the same options.
"""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Runs the command line of this process and exits with its code."""
    gc.disable()  # what is imported lasts as long as the run: there is nothing to collect
    from anonymizer.cli.console import leave, prepare_console
    from anonymizer.cli.plain import read_plain

    prepare_console()
    options = read_plain(sys.argv[1:])
    if options is None:
        from anonymizer.cli.app import app

        gc.enable()
        app()
        return
    from anonymizer.cli.run import run

    leave(run(options))


if __name__ == "__main__":
    main()
