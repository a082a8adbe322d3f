"""``anonymizer audit verify``: whether an audit log is as it was written."""

from __future__ import annotations

import os
import re
import sys

from anonymizer.audit.chain import Proof, prove
from anonymizer.audit.log import SPOOL_SUFFIX
from anonymizer.cli.summary import counted
from anonymizer.errors import UsageError
from anonymizer.files import reason
from anonymizer.report import printable

HOLDS, BROKEN, WRONG_USAGE = 0, 1, 2

LAST_IS = "anonymizer audit verify FILE prints it, and a report has it as auditLog.last"

_is_hash = re.compile("[0-9a-f]{64}").fullmatch


def verify(path: str, *, as_json: bool, last: str | None = None) -> int:
    """Prints how far the chain of a log holds; answers the exit code."""
    kept = "" if last is None else last.strip().casefold()
    if last is not None and not _is_hash(kept):  # as of a variable that was never set
        print(UsageError("--last takes a hash of 64 digits", LAST_IS), file=sys.stderr)
        return WRONG_USAGE
    try:
        with open(path, "rb") as file:
            proof = prove(file, kept)
    except OSError as error:
        print(f"{printable(path)}: cannot be read ({reason(error)})", file=sys.stderr)
        return WRONG_USAGE
    print(_as_json(proof) if as_json else _as_text(printable(path), proof))
    part = f"{path}{SPOOL_SUFFIX}"
    if os.path.lexists(part) and not as_json:
        print(f"note: {printable(part)} holds records of a run that goes on, or was killed")
    return BROKEN if proof.fault else HOLDS


def _as_json(proof: Proof) -> str:
    import json

    told = {"valid": not proof.fault, "records": proof.records, "last": proof.last}
    told |= {"interruptedRuns": proof.interrupted, "lastIsProven": _proves_last(proof)}
    if proof.kept_line:
        told["keptLine"] = proof.kept_line
    if proof.fault:
        told |= {"line": proof.line, "fault": proof.fault}
    return json.dumps(told)


def _as_text(shown: str, proof: Proof) -> str:
    if proof.fault:
        place = f"line {proof.line}: " if proof.line else ""
        return f"{shown}: {place}{proof.fault}{_told_of_runs(proof)}"
    records = counted(proof.records, "record")
    told = f"{shown}: {records}, each with the hash of the one before; the last is {proof.last}"
    if proof.kept_line:
        told += f"\nline {proof.kept_line:,} has the hash that was kept: nothing up to it is gone"
    return told + _told_of_runs(proof)


def _told_of_runs(proof: Proof) -> str:
    told = ""
    if proof.interrupted:
        runs = "1 run was" if proof.interrupted == 1 else f"{proof.interrupted:,} runs were"
        told += f"\nnote: {runs} killed; the next has appended what was known of their files"
    if not proof.fault and proof.open:
        told += "\nnote: an old log, whose runs nothing closes: its last line is not proven"
    return told


def _proves_last(proof: Proof) -> bool:
    """Whether the last line is as it was written, by a line that closes its run or a kept hash."""
    return not proof.fault and (not proof.open or proof.kept_line == proof.lines)
