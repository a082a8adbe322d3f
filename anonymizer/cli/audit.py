"""``anonymizer audit verify``: whether an audit log is as it was written."""

from __future__ import annotations

import sys

from anonymizer.audit.chain import Proof, prove
from anonymizer.files import reason
from anonymizer.report import printable

HOLDS, BROKEN, WRONG_USAGE = 0, 1, 2


def verify(path: str, *, as_json: bool) -> int:
    """Prints how far the chain of a log holds; answers the exit code."""
    try:
        with open(path, "rb") as file:
            proof = prove(file)
    except OSError as error:
        print(f"{printable(path)}: cannot be read ({reason(error)})", file=sys.stderr)
        return WRONG_USAGE
    print(_as_json(proof) if as_json else _as_text(printable(path), proof))
    return BROKEN if proof.fault else HOLDS


def _as_json(proof: Proof) -> str:
    import json

    told = {"valid": not proof.fault, "records": proof.records, "last": proof.last}
    if proof.fault:
        told |= {"line": proof.line, "fault": proof.fault}
    return json.dumps(told)


def _as_text(shown: str, proof: Proof) -> str:
    if proof.fault:
        return f"{shown}: line {proof.line}: {proof.fault}"
    records = "1 record" if proof.records == 1 else f"{proof.records:,} records"
    return f"{shown}: {records}, each with the hash of the one before; the last is {proof.last}"
