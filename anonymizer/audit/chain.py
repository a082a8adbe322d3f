"""Lines of JSON, each of which carries the SHA-256 of the line before; and the proof of it.

Rules
    * The hash is that of the line's bytes without its line end; the first line carries zeros.
    * A chain shows what was changed, taken out or put in before its end.  Who can write all of it
      anew can forge all of it: its last hash, kept elsewhere, shows that, too.
"""

from __future__ import annotations

import json
from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ZEROS = "0" * 64
PREVIOUS = "previous"


def line_of(record: Mapping[str, object], previous: str) -> bytes:
    """The record as a line, line end included, that follows one of the hash ``previous``."""
    return json.dumps({PREVIOUS: previous, **record}, separators=(",", ":")).encode() + b"\n"


def hash_of(line: bytes) -> str:
    """What the line behind this one has to carry."""
    return sha256(line.removesuffix(b"\n")).hexdigest()


def link_of(line: bytes) -> str:
    """The hash that a line carries, ``""`` where it is no line of such a chain."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    previous = record.get(PREVIOUS) if isinstance(record, dict) else None
    return previous if isinstance(previous, str) else ""


class Proof:
    """How far a chain holds: its records, the hash of the last, and the line at fault, if any."""

    __slots__ = ("fault", "last", "line", "records")

    def __init__(self) -> None:
        self.records = 0
        self.last = ZEROS
        self.line = 0
        self.fault = ""


def prove(lines: Iterable[bytes]) -> Proof:
    """Follows a chain from its first line up to its end, or to the first that does not fit."""
    proof = Proof()
    for line in lines:
        proof.fault = _fault(line, proof)
        if proof.fault:
            proof.line = proof.records + 1
            return proof
        proof.records += 1
        proof.last = hash_of(line)
    return proof


def _fault(line: bytes, proof: Proof) -> str:
    if not line.endswith(b"\n"):
        return "it has no end: a killed run has left it so, or its end was cut off"
    link = link_of(line)
    if not link:
        return "it is no record of an audit log"
    if link == proof.last:
        return ""
    if not proof.records:
        return "it carries another hash than zeros: lines before it are gone"
    return (
        f"it does not carry the hash of line {proof.records}: that line was changed, or lines "
        "between them were taken out or put in"
    )
