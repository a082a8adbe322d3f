"""A chain shows what was changed, taken out or put in, and where."""

from __future__ import annotations

import json
from hashlib import sha256
from itertools import pairwise

import pytest

from anonymizer.audit.chain import ZEROS, hash_of, line_of, prove


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
    assert prove([]).fault == ""


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
