"""Which output was made of which input, and what became of the inputs that have none.

Strategy
    An audit log tells, by names, or by hashes where it withholds them.  Without it the relative
    path does; what is left over is found by the SOP Instance UID that the configuration gives.

Rules
    * Every input is one of written, refused, skipped; what is none of them is missing.
    * Every output is of one input.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from anonymizer.errors import ImageError, UsageError
from anonymizer.files import Input
from anonymizer.folder import find_files
from anonymizer.report import SKIP_REASONS, WRITTEN, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

AT_ONCE = 1 << 20


class Record:
    """What an audit log says of one input."""

    __slots__ = ("digest", "output", "output_digest", "path", "reason", "status")

    def __init__(self, line: dict[str, object]) -> None:
        given, made = line.get("input"), line.get("output")
        source = given if isinstance(given, dict) else {}
        target = made if isinstance(made, dict) else {}
        self.path = str(source.get("path") or "")
        self.digest = str(source.get("sha256") or "")
        self.output = str(target.get("path") or "")
        self.output_digest = str(target.get("sha256") or "")
        self.status = str(line.get("status") or "")
        self.reason = str(line.get("reason") or "")


def read_audit(path: str) -> list[Record]:
    """The records of the last run in an audit log; raises UsageError where it is none."""
    try:
        with open(path, encoding="utf-8") as log:
            lines = [json.loads(line) for line in log if line.strip()]
    except OSError as fault:
        why = os.strerror(fault.errno or 0).lower()
        raise UsageError(f"{printable(path)}: cannot be read ({why})") from None
    except ValueError:
        raise UsageError(f"{printable(path)}: is no audit log") from None
    if not all(isinstance(line, dict) and "status" in line and "input" in line for line in lines):
        raise UsageError(f"{printable(path)}: is no audit log")
    last = lines[-1].get("run") if lines else None
    return [Record(line) for line in lines if line.get("run") == last]


class Ledger:
    """The files of both folders: ``pairs`` of (input, output), and those that have no other."""

    def __init__(
        self, inputs: Iterable[tuple[str, str]], outputs: Iterable[tuple[str, str]]
    ) -> None:
        """Both are (path, why it is not to be opened)."""
        self.pairs: list[tuple[str, str]] = []
        self.reasons: dict[str, str] = {}
        """Why an input has no output, as far as somebody says so."""
        self.inputs: dict[str, None] = {}
        self.found = 0
        for path, why in inputs:
            self.found += 1
            if why:
                self.reasons[path] = why
            else:
                self.inputs[path] = None
        self.outputs: dict[str, None] = dict.fromkeys(path for path, _ in outputs)

    def pair(self, path: str, output: str) -> None:
        del self.inputs[path], self.outputs[output]
        self.pairs.append((path, output))

    def pair_by_audit(self, records: list[Record], source: str, target: str) -> list[str]:
        """Answers the outputs whose bytes are not those of the log."""
        by_path = {record.path: record for record in records}
        by_digest = {record.digest: record for record in records if record.digest}
        outputs = {digest_of(os.path.join(target, path)): path for path in self.outputs}
        changed: list[str] = []
        for path in [*self.inputs]:
            record = by_path.get(path) or by_digest.get(digest_of(os.path.join(source, path)))
            if record is None:
                continue
            if record.status != WRITTEN:
                self.reasons[path] = record.reason
                del self.inputs[path]
                continue
            output = outputs.get(record.output_digest, "")
            if output not in self.outputs:
                output = record.output
                changed += [output] if output in self.outputs else []
            if output in self.outputs:
                self.pair(path, output)
        return changed

    def pair_by_path(self) -> None:
        for path in [*self.inputs]:
            if path in self.outputs:
                self.pair(path, path)

    def pair_by_uid(self, expected: Callable[[str], str], found: Callable[[str], str]) -> None:
        """``expected`` is the SOP Instance UID of an input's output, ``found`` an output's own."""
        if not self.inputs or not self.outputs:
            return
        by_uid: dict[str, str] = {}
        for output in self.outputs:
            by_uid.setdefault(found(output), output)
        by_uid.pop("", None)
        for path in [*self.inputs]:
            output = by_uid.get(expected(path), "")
            if output in self.outputs:
                self.pair(path, output)

    def explain(self, reason: Callable[[str], str]) -> list[str]:
        """Asks why inputs have no output; answers those of which nobody knows."""
        missing = []
        for path in self.inputs:
            why = reason(path)
            if why:
                self.reasons[path] = why
            else:
                missing.append(path)
        return missing

    def counts(self) -> tuple[int, dict[str, int], dict[str, int]]:
        """How many were written, refused by reason, skipped by reason."""
        refused: dict[str, int] = {}
        skipped: dict[str, int] = {}
        for why in self.reasons.values():
            where = skipped if why in SKIP_REASONS else refused
            where[why] = where.get(why, 0) + 1
        return len(self.pairs), refused, skipped


def files_of(folder: str) -> list[tuple[str, str]]:
    return [(path, why) for path, _, why in find_files(folder)]


def digest_of(path: str) -> str:
    """SHA-256 of a file, "" where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with Input(path) as opened:
            for at in range(0, opened.size, AT_ONCE):
                digest.update(opened.source[at : at + AT_ONCE])
    except ImageError:
        return ""
    return digest.hexdigest()
