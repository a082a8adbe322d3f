"""Where the processes of a run write what they did to a file, before its output has its name.

Strategy
    Each record is one write to one open file, so that processes do not mix their records and one
    that is killed loses none.  Line ends before and behind keep what a full disk has cut short
    apart from the next.  When the run has ended, and it is known which names tell, the log is
    made of them (see ``log``).

Rules
    * No output without a record: who cannot write the record does not name the output.
    * Of the files that a record tells of, the hashes are those of the bytes that were read and
      written; the path of a run that hides paths stands nowhere.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from hashlib import sha256

from anonymizer.errors import ImageError
from anonymizer.files import reason
from anonymizer.methods.keyed import KeyedHash

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from anonymizer.dicom.scan import Source
    from anonymizer.pipeline import Output
    from anonymizer.report import Outcome

PARTS = 5
"""Path, output, whether that is named by UIDs, whether another record comes before, the rest."""


class Record:
    """What is to be told of one file, while it is gathered.

    ``output`` is the path of the output, by ``named`` the new UIDs; ``again`` says that another
    record of the same file may stand before it.
    """

    __slots__ = ("again", "input_hash", "named", "output", "output_hash", "told")

    def __init__(self, *, again: bool = False) -> None:
        self.again = again
        self.named = False
        self.output = ""
        self.input_hash = self.output_hash = ""
        self.told: dict[str, object] = {}

    def read(self, source: Source) -> None:
        """Takes over the bytes of the input."""
        self.input_hash = sha256(source).hexdigest()

    def made(self, output: Output, spool: Spool) -> None:
        """Takes over the bytes of the output, and what the rules did."""
        trail = output.trail
        assert trail is not None, "a run with an audit log has asked for it"
        self.told = {
            "patientIdHash": spool.of_patient(trail.patient),
            "pseudonym": trail.pseudonym,
            "elements": trail.elements(),
            "statistics": trail.statistics(),
        }
        whole = sha256()
        for part in output.parts():
            whole.update(part)
        self.output_hash = whole.hexdigest()


def hidden_by(key: bytes) -> Callable[[str], str]:
    """What gives the keyed hash of a path, the same in every run with the same key."""
    keyed = KeyedHash(key, "audit")
    return lambda path: keyed.digest(f"path\x1f{path}").hex()


class Spool:
    """The open file that all processes of a run append to; ``hides`` paths if that was asked."""

    __slots__ = ("_fd", "_keyed", "hidden", "hides", "path")

    def __init__(self, path: str, fd: int, key: bytes, *, hides: bool) -> None:
        self.path = path
        self._fd = fd
        self._keyed = KeyedHash(key, "audit")
        self.hidden = hidden_by(key)
        self.hides = hides

    def begin(self, head: dict[str, object]) -> None:
        """Writes what all records of the run have in common."""
        os.write(self._fd, f"{json.dumps(head)}\n".encode())

    def close(self) -> None:
        os.close(self._fd)

    def take(self) -> bytes:
        """The records so far, of a spool that is no file of anybody's; it is empty then."""
        size = os.fstat(self._fd).st_size
        records = b""
        while len(records) < size:
            records += os.pread(self._fd, size - len(records), len(records))
        os.ftruncate(self._fd, 0)
        return records

    def take_over(self, records: bytes) -> None:
        """Writes records of another spool with this key; raises OSError where it cannot."""
        while records:
            records = records[os.write(self._fd, records) :]

    def tell(self, outcome: Outcome, record: Record | None = None) -> None:
        """Writes a record; raises ImageError where it cannot."""
        line = json.dumps(self._line(outcome, record or Record(again=True)), separators=(",", ":"))
        data = f"\n{line}\n".encode()
        try:
            whole = os.write(self._fd, data) == len(data)
        except OSError as error:
            raise _cannot_write(reason(error)) from None
        if not whole:
            raise _cannot_write("no space left on device")

    def _line(self, outcome: Outcome, record: Record) -> list[object]:
        told: dict[str, object] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "status": outcome.status,
            "inputSha256": record.input_hash,
        }
        written = not outcome.reason
        output = record.output if written else ""
        if written:
            told["outputSha256"] = record.output_hash
            told |= record.told
        else:
            told |= {"reason": outcome.reason, "detail": outcome.detail}
        if outcome.warnings:
            told["warnings"] = outcome.warnings
        path = self.hidden(outcome.path) if self.hides else outcome.path
        if output and self.hides:
            output = self.hidden(output)
        return [path, output, record.named, record.again, told]

    def of_patient(self, patient: str) -> str:
        """The keyed hash of a Patient ID, ``""`` of none."""
        return self._keyed.digest(f"patient\x1f{patient}").hex() if patient else ""


def _cannot_write(why: str) -> ImageError:
    return ImageError("unwritable", f"the audit log cannot be written ({why})")


def head_of(path: str) -> dict[str, Any]:
    """What all records of a spool have in common, nothing where it was cut short at once."""
    with open(path, "rb") as file:
        try:
            head = json.loads(file.readline())
        except ValueError:
            return {}
    return head if isinstance(head, dict) else {}


def read_spool(lines: Iterable[bytes]) -> Iterator[list[Any]]:
    """What was told, in order; without what was cut short, the output of which has no name."""
    for line in lines:
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, list) and len(told) == PARTS:
            yield told
