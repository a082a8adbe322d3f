"""Keeps a row for each file of a run, in the order of paths: few in memory, many on the disk.

Many are in a database without a name where ``TMPDIR`` says, which is gone when the run is.  Where
there is no room for it, they stay in memory.
"""

from __future__ import annotations

import marshal
from operator import itemgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from typing import Any

    Row = tuple[Any, ...]
    """Plain values, the path first."""

AT_ONCE = 1 << 12
"""So many are kept in memory."""

_by_path = itemgetter(0)


class Rows:
    """Append to it, and go through it, by path, as often as you like."""

    __slots__ = ("_count", "_data", "_few", "_most")

    def __init__(self) -> None:
        self._count = 0
        self._few: list[Row] = []
        self._data: sqlite3.Connection | None = None
        self._most = AT_ONCE

    def __del__(self) -> None:
        if self._data is not None:
            self._data.close()

    def append(self, row: Row) -> None:
        self._few.append(row)
        self._count += 1
        if len(self._few) >= self._most:
            self._put_away()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        few = sorted(self._few, key=_by_path)
        if self._data is None:
            return iter(few)
        from heapq import merge

        return merge(self._stored(), few, key=_by_path)

    def _stored(self) -> Iterator[Row]:
        assert self._data is not None, "there is a database"
        for (row,) in self._data.execute("SELECT row FROM rows ORDER BY path, number"):
            yield marshal.loads(row)  # noqa: S302  our own, of this process

    def _put_away(self) -> None:
        import sqlite3

        start = self._count - len(self._few)
        rows = [
            (row[0].encode("utf-8", "surrogatepass"), number, marshal.dumps(row))
            for number, row in enumerate(self._few, start)
        ]
        try:
            if self._data is None:
                self._data = _database()
            with self._data:
                self._data.executemany("INSERT INTO rows VALUES (?, ?, ?)", rows)
        except sqlite3.Error:  # the disk is full, perhaps
            self._most = 2 * len(self._few)
            return
        self._few = []


def _database() -> sqlite3.Connection:
    import sqlite3

    data = sqlite3.connect("")
    data.execute("PRAGMA synchronous = OFF")
    data.execute(
        "CREATE TABLE rows (path BLOB, number INTEGER, row BLOB, PRIMARY KEY (path, number))"
        " WITHOUT ROWID"
    )
    return data


def as_json(content: dict[str, object], last: str, items: Iterable[object]) -> Iterator[str]:
    """The lines of ``content`` with one more key, which holds the items, made one by one."""
    import json

    yield json.dumps({**content, last: []}, indent=1).removesuffix("]\n}")
    before, end = "\n  ", "]\n}\n"
    for item in items:
        yield before + json.dumps(item, indent=1).replace("\n", "\n  ")
        before, end = ",\n  ", "\n ]\n}\n"
    yield end
