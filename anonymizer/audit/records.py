"""Reads an audit log or a report: which output is of which input, by names or bytes of both."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from anonymizer.audit.chain import closes, prove
from anonymizer.errors import ImageError, UsageError
from anonymizer.files import Input, reason
from anonymizer.report import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AT_ONCE = 1 << 20


class Record:
    """What an audit log says of one input."""

    __slots__ = ("digest", "output", "output_digest", "path", "reason", "run", "status")

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
        self.run = line.get("run")


def read_records(path: str) -> list[Record]:
    """The records of all runs in an audit log, in order.

    Raises UsageError where it is none, or not as it was written; a last run that nothing closes
    may be one that was killed.
    """
    try:
        with open(path, "rb") as log:
            proof = prove(log)
            log.seek(0)
            lines = [json.loads(line) for line in log if line.strip()]
    except OSError as fault:
        raise UsageError(f"{printable(path)}: cannot be read ({reason(fault)})") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{printable(path)}: is no audit log") from None
    lines = [line for line in lines if not (isinstance(line, dict) and closes(line))]
    if not all(isinstance(line, dict) and "status" in line and "input" in line for line in lines):
        raise UsageError(f"{printable(path)}: is no audit log")
    if proof.fault and not proof.is_unclosed:
        told = f"{printable(path)}: line {proof.line}: {proof.fault}"
        raise UsageError(told, "anonymizer audit verify FILE tells more")
    return [Record(line) for line in lines]


def read_last_run(path: str) -> list[Record]:
    """The records of the last run in an audit log; raises UsageError where it is none."""
    records = read_records(path)
    return [record for record in records if record.run == records[-1].run]


def read_report(path: str) -> list[Record]:
    """What the report of a run says of each file; raises UsageError where it is none."""
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except OSError as fault:
        raise UsageError(f"{printable(path)}: cannot be read ({reason(fault)})") from None
    except (ValueError, RecursionError):
        content = None
    files = content.get("files") if isinstance(content, dict) else None
    if not isinstance(files, list) or not all(isinstance(each, dict) for each in files):
        raise UsageError(f"{printable(path)}: is no report of a run")
    return [Record(_as_record(each)) for each in files]


def _as_record(told: dict[str, object]) -> dict[str, object]:
    output = told.get("output") or told.get("input")
    return {**told, "input": {"path": told.get("input")}, "output": {"path": output}}


def pairs_by_audit(
    records: Iterable[Record], source: str, target: str, inputs: set[str], outputs: set[str]
) -> Iterator[tuple[str, str]]:
    """Inputs with their outputs, as records of any runs tell; takes both from the sets.

    Of one input the last record that leads to an output counts.  Names that are withheld or hashed
    lead nowhere: then the SHA-256 of the bytes of both does.
    """
    newest_first = [record for record in records if record.output][::-1]
    for record in newest_first:
        if record.path in inputs and record.output in outputs:
            inputs.remove(record.path)
            outputs.remove(record.output)
            yield record.path, record.output
    unnamed = {(record.digest, record.output_digest): None for record in newest_first}
    if not (inputs and outputs and unnamed):
        return
    of_inputs, of_outputs = files_by_digest(source, inputs), files_by_digest(target, outputs)
    for digest, output_digest in unnamed:
        same_inputs, same_outputs = of_inputs.get(digest, []), of_outputs.get(output_digest, [])
        while same_inputs and same_outputs:
            pair = same_inputs.pop(0), same_outputs.pop(0)
            inputs.remove(pair[0])
            outputs.remove(pair[1])
            yield pair


def files_by_digest(folder: str, paths: Iterable[str]) -> dict[str, list[str]]:
    """The files of a folder by the hash of their bytes, those that can be read."""
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        digest = digest_of(os.path.join(folder, path))
        if digest:
            found.setdefault(digest, []).append(path)
    return found


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
