"""Keeps what a folder run has done, so that a run that was cut short can be gone on with.

Strategy
    A SQLite file beside the output folder, written by the parent alone, once a chunk: before a
    chunk is given out, that it is begun; when it is done, each of its files with size and time.

Rules
    * A file counts as done only after its output has its name.  A kill in between has it done
      again, never left out.
    * Done again, too, is what has changed since, and what has no output of the size it had.
    * An output is written over without --overwrite only if it is this ledger's own: its file was
      begun here, and it is newer than the first run.
    * No path, name or value stands in it: paths are hashed with a key that derives from all keys
      of the run.  Where there is none, a random one is kept in the ledger itself, and who has the
      ledger can test guesses of names.
"""

from __future__ import annotations

import os
from hashlib import blake2b

from anonymizer.errors import UsageError
from anonymizer.folder import find_files
from anonymizer.ledger.opened import opened
from anonymizer.report import WRITTEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from typing import Any

    from anonymizer.report import Report
    from anonymizer.worker import Settings

    Known = tuple[int, int, str, int, bytes]
    Changes = list[tuple[str, list[Any]]]

_HASH = 16


class Ledger:
    """``fault`` is why nothing more could be kept ("" while all could)."""

    __slots__ = (
        "_begun",
        "_data",
        "_digest_of",
        "_given",
        "_input_folder",
        "_outputs",
        "_run",
        "_settings",
        "_since",
        "fault",
    )

    def __init__(self, path: str, key: bytes | None, input_folder: str) -> None:
        """Opens the ledger or begins one; raises UsageError where it is none of this key."""
        self.fault = ""
        self._data = opened(path)
        self._input_folder = os.fsencode(os.path.realpath(input_folder)) + b"\0"
        self._given: dict[int, dict[str, tuple[bytes, int, int]]] = {}
        self._outputs: dict[bytes, int] = {}
        self._run = 0
        self._since = 0
        self._settings: Settings | None = None
        try:
            self._digest_of = blake2b(key=self._key(key), digest_size=_HASH)
            self._check_key()
            rows = self._data.execute("SELECT paths FROM begun").fetchall()
        except BaseException:
            self._data.close()
            raise
        self._begun = {
            paths[at : at + _HASH] for (paths,) in rows for at in range(0, len(paths), _HASH)
        }

    def _key(self, key: bytes | None) -> bytes:
        if key is not None:
            return key
        kept = self._meta("key")
        if kept is None:
            kept = os.urandom(32)
            self._data.execute("INSERT INTO meta VALUES ('key', ?)", (kept,))
        return kept

    def _check_key(self) -> None:
        mine = self._hashed(b"check")
        kept = self._meta("check")
        if kept is None:
            self._data.execute("INSERT INTO meta VALUES ('check', ?)", (mine,))
        elif kept != mine:
            raise UsageError(
                "--resume: the outputs that are there were made with another key",
                "give the same key, or another output folder",
            )

    def _meta(self, name: str) -> bytes | None:
        rows = self._data.execute("SELECT value FROM meta WHERE name = ?", (name,))
        for (value,) in rows:
            return bytes(value)
        return None

    def _hashed(self, data: bytes) -> bytes:
        hashed = self._digest_of.copy()
        hashed.update(data)
        return hashed.digest()

    def _of(self, path: str) -> bytes:
        return self._hashed(self._input_folder + os.fsencode(path))

    def _of_output(self, path: str) -> bytes:
        return self._hashed(b"output\0" + os.fsencode(path))

    @property
    def was_cut_short(self) -> bool:
        """Whether a run before this one has begun what it did not end."""
        return bool(self._begun)

    def begin_run(self, configuration: str, options: list[bytes], *, mix: bool) -> None:
        """Raises UsageError where what is there was made otherwise, unless it may be mixed."""
        recipe = self._hashed(self._input_folder + b"\0".join(map(self._hashed, options)))
        if not mix and (others := self._others(configuration, recipe)):
            same = configuration in others
            what = "other flags, files or inputs" if same else "another configuration"
            raise UsageError(
                f"--resume: the outputs that are there were made with {what}",
                "--mix leaves them and goes on; or give another output folder",
            )
        added = self._data.execute(
            "INSERT INTO runs VALUES (NULL, ?, ?, 0)", (configuration, recipe)
        )
        self._run = added.lastrowid or 0

    def check_map(self, content: bytes) -> None:
        """Raises UsageError where a map that grows has lost what it had when outputs were made."""
        kept = self._meta("map")
        size = int.from_bytes(kept[:8], "big") if kept else 0
        if kept and kept[8:] != self._hashed(b"map\0" + content[:size]):
            raise UsageError(
                "--resume: the outputs that are there were made with another map",
                "give the map of that run",
            )

    def keep_map(self, content: bytes) -> None:
        """Notes a map that only grows, before the first output is made with it."""
        value = len(content).to_bytes(8, "big") + self._hashed(b"map\0" + content)
        self._keep([("INSERT OR REPLACE INTO meta VALUES ('map', ?)", [(value,)])])

    def _others(self, configuration: str, recipe: bytes) -> set[str]:
        """The configurations of runs that have, or may have, written something in another way."""
        rows = self._data.execute(
            "SELECT configuration FROM runs WHERE (configuration != ? OR options != ?) AND "
            "(run IN (SELECT run FROM files WHERE outcome = ?) OR EXISTS (SELECT * FROM begun))",
            (configuration, recipe, WRITTEN),
        )
        return {row[0] for row in rows}

    def start(self, settings: Settings) -> None:
        """Notes when the run begins; what is newer than the first run is this ledger's own."""
        self._settings = settings
        self._keep([("UPDATE runs SET since = ? WHERE run = ?", [(settings.since, self._run)])])
        first = self._asked("SELECT min(since) FROM runs WHERE since")
        self._since = settings.since = first[0] if first and first[0] else settings.since
        if settings.rename and self._has_files():
            for path, _, why in find_files(settings.output_folder):
                status = None if why else _status(self._target(path))
                if status is not None:
                    self._outputs[self._of_output(path)] = status.st_size

    def left(self, files: Iterable[tuple[str, int]], report: Report) -> Iterator[tuple[str, int]]:
        """The files that are still to be done; the others are reported."""
        if not self._has_files():
            yield from files
            return
        for path, size in files:
            if self._is_done(path):
                report.add_done_before(path)
            else:
                yield path, size

    def _is_done(self, path: str) -> bool:
        known = self._known(path)
        if known is None or known[2] != WRITTEN or known[:2] != self._state(path):
            return False
        if known[4]:
            return self._outputs.get(known[4]) == known[3]
        target = _status(self._target(path))
        return target is not None and target.st_size == known[3]

    def _known(self, path: str) -> Known | None:
        row: Known | None = self._asked(
            "SELECT size, changed, outcome, output_size, output FROM files WHERE path = ?",
            self._of(path),
        )
        return row

    def _has_files(self) -> bool:
        return self._asked("SELECT 1 FROM files LIMIT 1") is not None

    def _asked(self, question: str, *about: bytes) -> Any:  # noqa: ANN401  a row, or None
        """The first row; None where there is none, or where the ledger cannot be read."""
        import sqlite3

        try:
            return self._data.execute(question, about).fetchone()
        except sqlite3.Error as error:
            self._fail(error)
            return None

    def _fail(self, error: sqlite3.Error) -> None:
        self.fault = self.fault or why_of(error)

    def _state(self, path: str) -> tuple[int, int]:
        assert self._settings is not None, "the run has begun"
        status = _status(f"{self._settings.input_folder}/{path}")
        return (-1, -1) if status is None else (status.st_size, status.st_mtime_ns)

    def _target(self, path: str) -> str:
        assert self._settings is not None, "the run has begun"
        return f"{self._settings.output_folder}/{path}"

    def may_replace(self, path: str) -> bool:
        """Whether the output of a file is one that this ledger's runs have written.

        Where outputs are named by UIDs, one of another content is never replaced anyway; one of the
        same is another input's where this one was refused for it.
        """
        if self._of(path) not in self._begun:
            known = self._known(path)
            if known is None or known[2] == "exists":
                return False
        assert self._settings is not None, "the run has begun"
        if self._settings.rename:
            return True
        target = _status(self._target(path))
        return target is not None and target.st_mtime_ns >= self._since

    def begin(self, number: int, paths: list[str]) -> None:
        """Files that are about to be given to a worker."""
        if self.fault:
            return
        given = {path: (self._of(path), *self._state(path)) for path in paths}
        self._given[number] = given
        hashes = b"".join(row[0] for row in given.values())
        self._keep([("INSERT OR REPLACE INTO begun VALUES (?, ?)", [(self._row(number), hashes)])])

    def end(self, number: int, outcomes: Iterable[tuple[Any, ...]]) -> None:
        """What became of them, as rows of outcomes."""
        self._end(
            number, outcomes, [("DELETE FROM begun WHERE number = ?", [(self._row(number),)])]
        )

    def blame(self, number: int, outcome: tuple[Any, ...]) -> None:
        """A file whose worker died, perhaps when its output had its name: the next run may replace
        that.  What else the worker was given stays begun."""
        self._end(number, [outcome], [])

    def _end(self, number: int, outcomes: Iterable[tuple[Any, ...]], more: Changes) -> None:
        given = self._given.pop(number, None)
        if self.fault or given is None:
            return
        rows = []
        for path, output, status, reason, _, size, *_ in outcomes:
            made = self._of_output(output) if output else b""
            rows.append((*given[path], self._run, reason or status, size, made))
        self._keep([("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", rows), *more])

    def hold_back(self, paths: Iterable[str], reason: str) -> None:
        """Outputs that are not there any more, for they did not stand a verification."""
        rows = [(reason, self._of(path)) for path in paths]
        if rows and not self.fault:
            self._keep([("UPDATE files SET outcome = ? WHERE path = ?", rows)])

    def _row(self, number: int) -> int:
        return self._run << 40 | number

    def _keep(self, changes: Changes) -> None:
        """All of the changes or none; a failure is remembered, and the run goes on without."""
        import sqlite3

        try:
            self._data.execute("BEGIN")
            for statement, rows in changes:
                self._data.executemany(statement, rows)
            self._data.execute("COMMIT")
        except sqlite3.Error as error:
            self._fail(error)
            if self._data.in_transaction:
                self._data.rollback()

    def finish(self) -> None:
        """Says that nothing is left begun."""
        if not self.fault:
            self._keep([("DELETE FROM begun WHERE number >= ?", [(0,)])])

    def close(self) -> None:
        import sqlite3

        try:
            self._data.close()
        except sqlite3.Error as error:
            self._fail(error)


def why_of(error: sqlite3.Error) -> str:
    """What SQLite says of an error, which is never about what stands in a row."""
    return str(error.args[0] if error.args else type(error).__name__)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None
