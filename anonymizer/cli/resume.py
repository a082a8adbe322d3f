"""Opens the ledger of a run that is to be gone on with, or says why it cannot be."""

from __future__ import annotations

import sqlite3

from anonymizer._version import VERSION
from anonymizer.errors import UsageError
from anonymizer.files import reason
from anonymizer.ledger.ledger import Ledger, why_of
from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.cli.options import RunOptions
    from anonymizer.config.configuration import Configuration
    from anonymizer.rules.compiled import Compiled


def open_ledger(options: RunOptions, configuration: Configuration, compiled: Compiled) -> Ledger:
    """The ledger, with this run begun in it; raises UsageError where outputs would be mixed."""
    if compiled.secrets.drawn:
        raise UsageError(
            "--resume: without a key the outputs of two runs do not fit together",
            "name a key in the environment variable ANONYMIZER_KEY or with --key-file",
        )
    try:
        return _begun(options, configuration, compiled)
    except sqlite3.Error as error:
        raise UsageError(
            f"{printable(options.ledger)}: the ledger cannot be read or written ({why_of(error)})",
            "where it is damaged, move it away; --overwrite then does all files again",
        ) from None


def _begun(options: RunOptions, configuration: Configuration, compiled: Compiled) -> Ledger:
    key = compiled.secrets.key_of_all("ledger")
    ledger = Ledger(options.ledger, key, options.input_folder)
    try:
        hang_on = what_outputs_hang_on(options, configuration)
        if compiled.secrets.sequential:
            ledger.check_map(content_of(options.map))
        else:
            hang_on.append(content_of(options.map))
        ledger.begin_run(configuration.digest, hang_on, mix=options.mix)
    except BaseException:
        ledger.close()
        raise
    return ledger


def what_outputs_hang_on(options: RunOptions, configuration: Configuration) -> list[bytes]:
    """Beside configuration, keys and map: the version of the tool, flags, and certificates."""
    flags = (
        VERSION,
        options.rename,
        options.dicomdir,
        options.exact or "",
        options.validation if options.validate_input else "",
        "checked" if options.validate_output else "",
    )
    keys = b""  # of a configuration of that tool stand in its settings, not among ours
    if configuration.dialect == "microsoft":
        keys = repr(configuration.effective).encode()
    return [*(flag.encode() for flag in flags), keys, *map(content_of, configuration.certificates)]


def recipe_of(
    options: RunOptions, configuration: Configuration, compiled: Compiled, run: str
) -> str:
    """What two processes of a run have in common that give the same outputs: nobody without the
    key can tell anything from it."""
    import hmac

    key = compiled.secrets.key_of_all("recipe")
    if key is None:
        return ""
    hang_on = [*what_outputs_hang_on(options, configuration), content_of(options.map)]
    lengths = b"".join(len(part).to_bytes(8, "big") for part in hang_on)
    return hmac.digest(key, run.encode() + lengths + b"".join(hang_on), "sha256").hex()


def content_of(path: str | None) -> bytes:
    if not path:
        return b""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""  # a map that is to grow
    except OSError as error:
        raise UsageError(f"{printable(path)}: cannot be read ({reason(error)})") from None
