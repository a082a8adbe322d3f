"""A chain shows what was changed, taken out or put in, and where."""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import pairwise

import pytest

from anonymizer.audit.chain import FORMAT, ZEROS, closing_of, hash_of, line_of, prove


def chain(count: int = 5) -> list[bytes]:
    lines: list[bytes] = []
    previous = ZEROS
    for number in range(count):
        lines.append(line_of({"number": number, "detail": "\u00fc"}, previous))
        previous = hash_of(lines[-1])
    return lines


def test_each_line_carries_the_sha_256_of_the_one_before() -> None:
    lines = chain()
    for before, line in pairwise(lines):
        assert json.loads(line)["previous"] == sha256(before.rstrip(b"\n")).hexdigest()
    assert json.loads(lines[0])["previous"] == "0" * 64


def test_a_whole_chain_holds() -> None:
    proof = prove(chain())
    assert (proof.records, proof.fault, proof.line) == (5, "", 0)
    assert proof.last == hash_of(chain()[-1])
    assert prove([]).fault


BROKEN = {
    "changed": (lambda c: [*c[:2], c[2].replace(b":2", b":7"), *c[3:]], 4),
    "taken out": (lambda c: c[:2] + c[3:], 3),
    "the first taken out": (lambda c: c[1:], 1),
    "put in": (lambda c: [*c[:2], c[0], *c[2:]], 3),
    "exchanged": (lambda c: [c[0], c[2], c[1], *c[3:]], 2),
    "torn": (lambda c: [*c[:4], c[4][:-9]], 5),
    "without end": (lambda c: [*c[:4], c[4][:-1]], 5),
    "no JSON": (lambda c: [*c[:3], b"{\n"], 4),
    "no object": (lambda c: [*c[:3], b"[]\n"], 4),
    "empty": (lambda c: [*c[:3], b"\n"], 4),
    "another thing": (lambda c: [*c[:3], b'{"previous": 3}\n'], 4),
    "deep": (lambda c: [*c[:3], b"[" * 100_000 + b"\n"], 4),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_chain_is_found_at_its_line(what: str) -> None:
    breaking, line = BROKEN[what]
    proof = prove(breaking(chain()))  # type: ignore[no-untyped-call]
    assert proof.fault
    assert proof.line == line


def closed(*counts: int, status: str = "closed") -> list[bytes]:
    """A log of runs of so many records."""
    lines: list[bytes] = []
    for run, count in enumerate(counts):
        name = f"{run:016}"
        records: list[dict[str, object]] = [
            {"run": name, **FORMAT, "number": number, "status": "written"}
            for number in range(1, count + 1)
        ]
        for record in [*records, closing_of(name, count, status)]:
            lines.append(line_of(record, hash_of(lines[-1]) if lines else ZEROS))
    return lines


def test_closed_runs_hold() -> None:
    for lines in (closed(3), closed(3, 0, 2), closed(0)):
        proof = prove(lines)
        assert (proof.fault, proof.open) == ("", False)
        assert proof.last == hash_of(lines[-1])
    assert prove(closed(3, 2)).records == 5
    assert prove(closed(1, 1, status="interrupted")).interrupted == 2


def test_every_byte_of_the_last_line_is_proven() -> None:
    *before, last = closed(2, 3)
    for at in range(len(last)):
        changed = last[:at] + bytes((last[at] ^ 1,)) + last[at + 1 :]
        assert prove([*before, changed]).fault, at


def test_lines_that_are_gone_from_the_end_are_told() -> None:
    lines = closed(3)
    for count in range(len(lines)):
        assert prove(lines[:count]).fault
    run = closed(1)
    another = [line_of({"run": "x", **FORMAT}, hash_of(run[0]))]
    assert "nothing closes the one before" in prove([run[0], *another]).fault


def test_a_hash_that_was_kept_must_be_there() -> None:
    lines = closed(1, 1)
    assert prove(lines, hash_of(lines[1])).kept_line == 2
    assert prove(lines[:2], hash_of(lines[3])).fault
