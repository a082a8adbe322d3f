"""What became of the files of a batch, as plain values; no value of an image is among them."""

from __future__ import annotations

from anonymizer.distribute.words import Hasher
from anonymizer.names import Names
from anonymizer.report import Outcome, Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from anonymizer.rules.compiled import Compiled


class _Heard(Names):
    """Hashes the words of what was removed, and passes on what was written; judges nothing."""

    __slots__ = ("_hasher", "uids", "words", "written")

    def __init__(self, key: bytes | None) -> None:
        super().__init__()
        self._hasher = Hasher(key) if key else None
        self.words: list[str] = []
        self.uids: list[int] = []
        self.written: list[str] = []

    def hear(self, words: Iterable[str], uids: Iterable[int]) -> None:
        """UIDs are hashed already, by the ``uid_hash`` of who has removed them."""
        if self._hasher is not None:
            self.words += self._hasher.told(words)
            self.uids += uids

    def remember(self, paths: list[str]) -> None:
        self.written += paths


class Gathered(Report):
    """A report of one batch; rows are kept for another report to add."""

    def __init__(self, compiled: Compiled, key: bytes | None) -> None:
        super().__init__(compiled)
        self.rows: list[tuple[Any, ...]] = []
        self.names = self.heard = _Heard(key)

    def add(self, outcome: Outcome) -> None:
        self.rows.append(outcome.as_row())

    def told(self, records: bytes, strays: list[str]) -> dict[str, Any]:
        """Plain values, for ``absorb``."""
        return {
            "written": self.written,
            "bytes": self.bytes,
            "rows": self.rows,
            "counts": self.counts,
            "faults": self.faults,
            "matched": list(self.matched),
            "words": self.heard.words,
            "uids": self.heard.uids,
            "remembered": self.heard.written,
            "records": records,
            "strays": strays,
        }


def absorb(told: dict[str, Any], report: Report) -> None:
    """Adds what became of a batch to the report of the run."""
    report.add_written(told["written"], told["bytes"])
    for row in told["rows"]:
        report.add(Outcome.from_row(row))
    report.add_counts(told["counts"], told["faults"])
    report.matched.update(told["matched"])
    report.names.remember(told["remembered"])
    report.names.hear(told["words"], told["uids"])
