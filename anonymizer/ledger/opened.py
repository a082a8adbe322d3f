"""Opens the file of a ledger: ours, readable by nobody else, and by one run at a time."""

from __future__ import annotations

import os

from anonymizer.errors import UsageError
from anonymizer.files import reason
from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3

APPLICATION = 0x64634C67
"""What marks the file as ours, and its form, in the header that SQLite has for that."""

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB);
CREATE TABLE IF NOT EXISTS runs (
  run INTEGER PRIMARY KEY, configuration TEXT, options BLOB, since INTEGER
);
CREATE TABLE IF NOT EXISTS begun (number INTEGER PRIMARY KEY, paths BLOB);
CREATE TABLE IF NOT EXISTS files (
  path BLOB PRIMARY KEY, size INTEGER, changed INTEGER, run INTEGER, outcome TEXT,
  output_size INTEGER, output BLOB
) WITHOUT ROWID;
"""


def opened(path: str) -> sqlite3.Connection:
    """The file as SQLite has it, readable by nobody else, and held until it is closed."""
    import sqlite3

    shown = printable(path)
    _touch(path, shown)
    data = sqlite3.connect(path, isolation_level=None, timeout=0)
    try:
        _prepare(data, shown)
    except sqlite3.Error as error:
        data.close()
        if getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY":
            raise UsageError(f"{shown}: another run holds the ledger", "wait for it") from None
        raise _no_ledger(shown) from None
    except BaseException:
        data.close()
        raise
    return data


def _touch(path: str, shown: str) -> None:
    """Makes the file where there is none; SQLite would let others read it, and follow a link."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        os.close(os.open(path, flags, 0o600))
    except OSError as error:
        raise UsageError(
            f"{shown}: the ledger cannot be kept there ({reason(error)})",
            "--ledger FILE names another place",
        ) from None


def _prepare(data: sqlite3.Connection, shown: str) -> None:
    data.execute("PRAGMA locking_mode = EXCLUSIVE")
    if _is_new(data, shown):
        data.execute(f"PRAGMA application_id = {APPLICATION}")
    data.execute("PRAGMA journal_mode = WAL")
    data.execute("PRAGMA synchronous = NORMAL")
    data.execute("BEGIN IMMEDIATE")
    for statement in _TABLES.split(";"):
        data.execute(statement)
    data.execute("COMMIT")


def _is_new(data: sqlite3.Connection, shown: str) -> bool:
    """Whether nothing is in the file yet; raises UsageError where it is something else."""
    mark: int = data.execute("PRAGMA application_id").fetchone()[0]
    tables: int = data.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if tables and mark != APPLICATION:
        raise _no_ledger(shown)
    return not tables


def _no_ledger(shown: str) -> UsageError:
    return UsageError(
        f"{shown}: is no ledger, or damaged",
        "move it away; --overwrite then does all files again",
    )
