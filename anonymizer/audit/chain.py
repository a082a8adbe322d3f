"""Lines of JSON, each of which carries the SHA-256 of the line before; and the proof of it.

Rules
    * The hash is that of the line's bytes without its line end; the first line carries zeros.
    * A run ends with a line that closes it, no byte of which is free: it follows from the lines
      before.  So a last line that is another one, or is gone, shows, as everything before it does.
    * Who can write all of it anew can forge all of it: its last hash, kept elsewhere, shows that.
    * Logs of before there were such lines hold, too; their last line is not proven.
"""

from __future__ import annotations

import json
from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ZEROS = "0" * 64
PREVIOUS = "previous"
FORMAT = {"log": 2}
"""What records carry of whose runs are closed."""

CLOSED, INTERRUPTED = "closed", "interrupted"
"""How a run ended: by itself, or killed, its records appended by the next."""


def line_of(record: Mapping[str, object], previous: str) -> bytes:
    """The record as a line, line end included, that follows one of the hash ``previous``."""
    return json.dumps({PREVIOUS: previous, **record}, separators=(",", ":")).encode() + b"\n"


def closing_of(run: str, records: int, status: str) -> dict[str, object]:
    """The record that closes a run."""
    return {"run": run, "status": status, "records": records, **FORMAT}


def hash_of(line: bytes) -> str:
    """What the line behind this one has to carry."""
    return sha256(line.removesuffix(b"\n")).hexdigest()


def record_of(line: bytes) -> dict[str, object]:
    """The record of a line, nothing where it is none."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def link_of(line: bytes) -> str:
    """The hash that a line carries, ``""`` where it is no line of such a chain."""
    previous = record_of(line).get(PREVIOUS)
    return previous if isinstance(previous, str) else ""


def closes(record: Mapping[str, object]) -> bool:
    """Whether it closes a run."""
    return record.get("status") in (CLOSED, INTERRUPTED)


class Proof:
    """How far a chain holds: its records, the hash of its last line, and the line at fault, if any.

    ``kept_line`` is the line that has the hash that somebody kept; ``interrupted`` counts the runs
    that were killed, ``open`` says that nothing closes the last, as of an old log.
    """

    __slots__ = (
        "_count",
        "_must_be_closed",
        "_run",
        "fault",
        "interrupted",
        "kept_line",
        "last",
        "line",
        "lines",
        "open",
        "records",
    )

    def __init__(self) -> None:
        self.lines = self.records = 0
        self.last = ZEROS
        self.line = 0
        self.fault = ""
        self.kept_line = self.interrupted = 0
        self.open = self._must_be_closed = False
        self._run: object = None
        self._count = 0

    def take(self, line: bytes, kept: str) -> str:
        """What is wrong with the next line, ``""`` where it fits."""
        record = record_of(line)
        fault = _fault_of_link(line, record, self) or self._fault_of_run(line, record)
        if not fault:
            self.lines += 1
            self.records += not closes(record)
            self.last = hash_of(line)
            if self.last == kept:
                self.kept_line = self.lines
        return fault

    def _fault_of_run(self, line: bytes, record: dict[str, object]) -> str:
        if closes(record):
            return self._fault_of_closing(line, record)
        if self._must_be_closed and record.get("run") != self._run:
            return "another run begins, and nothing closes the one before: lines are gone"
        if record.get("run") != self._run:
            self._count = 0
        self._run = record.get("run")
        self._count += 1
        self.open, self._must_be_closed = True, record.get("log") == FORMAT["log"]
        return ""

    def _fault_of_closing(self, line: bytes, record: dict[str, object]) -> str:
        run = self._run if self.open else record.get("run")
        status = str(record["status"])
        count = self._count if self.open else 0
        if line != line_of(closing_of(str(run), count, status), self.last):
            return f"it closes a run of {count:,} records, and says something else"
        self.interrupted += status == INTERRUPTED
        self.open = self._must_be_closed = False
        self._run, self._count = None, 0
        return ""

    @property
    def is_unclosed(self) -> bool:
        """Whether it holds, but for the end of its last run."""
        return self.line == self.lines and self._must_be_closed

    def end(self, kept: str) -> str:
        """What is wrong with where it ends."""
        if not self.lines:
            return "it has no record, which proves nothing: all may have been taken out"
        if self._must_be_closed:
            return "nothing closes its last run: it was killed, or lines at the end are gone"
        if kept and not self.kept_line:
            return "no line has the hash that was kept: the end was cut off, or all written anew"
        return ""


def prove(lines: Iterable[bytes], kept: str = "") -> Proof:
    """Follows a chain from its first line up to its end, or to the first that does not fit.

    ``kept`` is the hash of a line that somebody kept, which must be among them.
    """
    proof = Proof()
    for line in lines:
        proof.fault = proof.take(line, kept)
        if proof.fault:
            break
    else:
        proof.fault = proof.end(kept)
        if proof.fault:
            proof.line = proof.lines
        return proof
    proof.line = proof.lines + 1
    return proof


def _fault_of_link(line: bytes, record: Mapping[str, object], proof: Proof) -> str:
    if not line.endswith(b"\n"):
        return "it has no end: a killed run has left it so, or its end was cut off"
    link = record.get(PREVIOUS)
    if not link or not isinstance(link, str):
        return "it is no record of an audit log"
    if link == proof.last:
        return ""
    if not proof.lines:
        return "it carries another hash than zeros: lines before it are gone"
    return (
        f"it does not carry the hash of line {proof.lines}: that line was changed, or lines "
        "between them were taken out or put in"
    )
