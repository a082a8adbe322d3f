"""The public corpus, damaged: a file is written right or refused, and what goes is nowhere.

MUTATIONS=25000 pytest -n 0 tests/fuzz/test_mutated_corpus.py      so many of each kind
"""

from __future__ import annotations

import os
from functools import cache, partial
from random import Random
from typing import TYPE_CHECKING

import pytest
from corpus import COMMON, CORPUS, files, profile
from coverage_of import EVERYTHING
from fuzz.mutator import FORMS, LITTLE, bits_flipped, mutated, parts_of, spliced
from fuzz.targets import RULES, made, outcome, whole_target
from image import DEFLATED_LE, deflated
from oracle.pydicom_edits import Node, read
from sweep import Finding, Leaf, Sweep

from anonymizer.dicom.part10 import split
from anonymizer.dicom.scan import VALUE, scan
from anonymizer.dicom.table import Entry
from anonymizer.pipeline import Pipeline, inflated

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = int(os.environ.get("MUTATIONS", "400"))
SEED = int(os.environ.get("MUTATIONS_SEED", "1"))
LARGEST = 20_000
"""Bytes; larger ones are of the same kinds, with more pixels."""


def flipped(file: bytes, _: bytes, random: Random) -> bytes:
    return bits_flipped(file, b"", LITTLE, random)


def truncated(file: bytes, _: bytes, random: Random) -> bytes:
    return file[: random.randrange(len(file))]


def joined(file: bytes, other: bytes, random: Random) -> bytes:
    """The beginning of one and the end of another, most often where an element begins."""
    parts = parts_of(file)
    body = spliced(parts.body, parts_of(other).body, FORMS.get(parts.syntax, LITTLE), random)
    return parts.head + (deflated(body) if parts.syntax == DEFLATED_LE else body)


KINDS: dict[str, Callable[[bytes, bytes, Random], bytes]] = {
    "bits flipped": flipped,
    "cut off": truncated,
    "two files spliced": joined,
    "elements damaged": mutated,
}


@cache
def small_files() -> list[bytes]:
    return [path.read_bytes() for path in files() if path.stat().st_size <= LARGEST]


@cache
def searches() -> list[tuple[Pipeline, Sweep]]:
    rules = [*map(profile, COMMON.values()), made(RULES["names"])]
    return [(Pipeline(each, series=False), Sweep(each)) for each in rules]


def findings(sweep: Sweep, file: bytes, output: bytes) -> list[Finding]:
    """What is left and stands in nothing that is kept, elements that stand twice included."""
    left = [*sweep.values_left(file, output)]
    if not left:
        return []
    rest = without_kept(sweep, output)
    return [finding for value, finding in left if value in rest]


def without_kept(sweep: Sweep, output: bytes) -> bytes:
    envelope = split(output, len(output))
    source, start, stop = inflated(output, envelope, len(output))
    rest = bytearray(source[start:stop])
    spans = scan(source, start, stop, envelope.encoding, EVERYTHING).spans
    for code, entry, _, value, end in spans:
        if code == VALUE and entry is not None and keeps(sweep, entry):
            rest[value - start : end - start] = bytes(end - value)
    text = bytes(rest)
    for leaf in sweep.leaves(read(output)):
        if leaf.value and sweep.may_stay(leaf):
            text = text.replace(leaf.value, b"")
    return text


def keeps(sweep: Sweep, entry: Entry) -> bool:
    node = Node(entry.tag, entry.written, entry.vr, "", b"")
    return sweep.may_stay(Leaf((), node, b"", b"", gone=False))


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_image_is_written_right_or_refused(kind: str) -> None:
    random, written = Random(SEED), 0
    choose = partial(random.choice, small_files())
    for number in range(COUNT):
        file = KINDS[kind](choose(), choose(), random)
        pipeline, sweep = random.choice(searches())
        whole_target(bytes((number % 256,)) + file)
        output = outcome(pipeline, file)
        if isinstance(output, bytes):
            written += 1
            assert findings(sweep, file, output) == [], f"number {number} of seed {SEED}"
    assert 0 < written < COUNT
