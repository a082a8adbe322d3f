"""Which output was made of which input, and what became of the inputs that have none.

Strategy
    An audit log tells, by names, or by hashes where it withholds them; a report tells by names.
    Without them the relative path does; what is left over is found by the SOP Instance UID that
    the configuration gives.

Rules
    * Every input is one of written, refused, skipped; what is none of them is missing.
    * Every output is of one input, or of several that have the same bytes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from anonymizer.audit.records import digest_of, files_by_digest
from anonymizer.folder import find_files
from anonymizer.report import DONE_BEFORE, SKIP_REASONS, WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from anonymizer.audit.records import Record

    UIDs = tuple[str, str, str]
    """Of study, series and instance."""


class Ledger:
    """The files of both folders: ``pairs`` of (input, output), and those that have no other.

    Where both are one image, its path below itself is ``""``.
    """

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

    def pair_by_records(self, records: list[Record], source: str, target: str) -> list[str]:
        """By an audit log or a report; answers the outputs whose bytes are not those of the log."""
        by_path = {record.path: record for record in records}
        by_digest = {record.digest: record for record in records if record.digest}
        changed: list[str] = []
        unnamed: list[tuple[str, str]] = []
        for path in [*self.inputs]:
            record = by_path.get(path)
            if record is None and by_digest:
                record = by_digest.get(digest_of(place_of(source, path)))
            if record is None or record.status == DONE_BEFORE:
                continue
            if record.status != WRITTEN:
                self.reasons[path] = record.reason
                del self.inputs[path]
            elif (output := record.output if path else "") in self.outputs:
                self.pair(path, output)
                if record.output_digest not in ("", digest_of(place_of(target, output))):
                    changed.append(output)
            elif record.output_digest:
                unnamed.append((path, record.output_digest))
        self._pair_by_digest(unnamed, target)
        return changed

    def _pair_by_digest(self, unnamed: list[tuple[str, str]], target: str) -> None:
        """Where the record withholds the name of an output, its bytes say which it is."""
        found = files_by_digest(target, self.outputs) if unnamed else {}
        for path, digest in unnamed:
            if outputs := found.get(digest):
                self.pair(path, outputs.pop())

    def pair_by_path(self) -> None:
        for path in [*self.inputs]:
            if path in self.outputs:
                self.pair(path, path)

    def pair_by_uid(self, expected: Callable[[str], UIDs], found: Callable[[str], UIDs]) -> None:
        """``expected`` are the UIDs of an input's output, ``found`` an output's own.

        An instance may stand in two series: first all three count, then the last alone.
        """
        if not self.inputs or not self.outputs:
            return
        by_all: dict[int, str] = {}
        by_uid: dict[str, str] = {}
        for output in self.outputs:
            uids = found(output)
            by_all.setdefault(hash(uids), output)
            by_uid.setdefault(uids[2], output)
        by_uid.pop("", None)
        left: list[tuple[str, str]] = []
        for path in [*self.inputs]:
            uids = expected(path)
            output = by_all.get(hash(uids), "") if uids[2] else ""
            if output in self.outputs:
                self.pair(path, output)
            else:
                left.append((path, by_uid.get(uids[2], "")))
        for path, output in left:
            if output in self.outputs:
                self.pair(path, output)

    def pair_twins(self, source: str) -> None:
        """Inputs of the same bytes have one output where outputs are not named after them."""
        if not self.inputs:
            return
        by_size: dict[int, list[tuple[str, str]]] = {}
        for path, output in self.pairs:
            if path != output:
                by_size.setdefault(_size(os.path.join(source, path)), []).append((path, output))
        for path in [*self.inputs]:
            here = os.path.join(source, path)
            twins = by_size.get(_size(here), [])
            digest = digest_of(here) if twins else ""
            for twin, output in twins:
                if digest and digest == digest_of(os.path.join(source, twin)):
                    del self.inputs[path]
                    self.pairs.append((path, output))
                    break

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


def place_of(folder: str, path: str) -> str:
    return os.path.join(folder, path) if path else folder


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return -1


def files_of(folder: str) -> list[tuple[str, str]]:
    return [(path, why) for path, _, why in find_files(folder)]
