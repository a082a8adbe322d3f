"""Runs a target over many bytes: with atheris, which is led by coverage, or without.

python tests/fuzz/whole.py -runs=100000 CORPUS_FOLDER      flags are those of libFuzzer
python tests/fuzz/whole.py --plain 100000 [SEED]           random damages of the seeds alone
python tests/fuzz/scan.py --every-byte [LONGEST]           each byte of each seed, 255 other values
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

Target = Callable[[bytes], None]
SLOWEST = 10
"""Seconds of the processor; an input that takes longer is a hang."""

TOLD_EVERY = 100_000


def fuzz(name: str) -> None:
    """Runs ``scan`` or ``whole`` as the command line says."""
    given = dict(enumerate(sys.argv[1:]))
    if given.get(0) == "--plain":
        plain(name, damaged_inputs(name, int(given[1]), int(given.get(2, 0))))
    elif given.get(0) == "--every-byte":
        plain(name, changed_bytes(name, int(given.get(1, 400))))
    else:
        led_by_coverage(name)


def led_by_coverage(name: str) -> None:
    import atheris

    with atheris.instrument_imports(include=["anonymizer"]):
        target = target_of(name)
    from fuzz.mutator import mutated_input
    from fuzz.seeds import inputs

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        if not random.randrange(4):
            return bytes(atheris.Mutate(data, most))
        return mutated_input(name, data, random.choice(found), random)[:most]

    found = inputs(name)
    with TemporaryDirectory() as folder:
        for number, data in enumerate(found):
            (Path(folder) / str(number)).write_bytes(data)
        flags = [f"-timeout={SLOWEST}", "-max_len=4096", "-rss_limit_mb=3000", *sys.argv[1:]]
        atheris.Setup([sys.argv[0], *flags, folder], shown(name, target), custom_mutator=mutate)
        atheris.Fuzz()


def plain(name: str, sources: Iterable[bytes]) -> None:
    """Runs without coverage; stops at the first input that fails and shows its bytes."""
    target, began, runs = shown(name, target_of(name)), time.monotonic(), 0
    signal.signal(signal.SIGVTALRM, _too_slow)
    try:
        for data in sources:
            signal.setitimer(signal.ITIMER_VIRTUAL, SLOWEST)
            target(data)
            runs += 1
            if not runs % TOLD_EVERY:
                _tell(name, runs, began)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    _tell(name, runs, began)


def _tell(name: str, runs: int, began: float) -> None:
    seconds = time.monotonic() - began
    sys.stderr.write(f"{name}: {runs} executions, {seconds:.0f} s, none failed\n")


def shown(name: str, target: Target) -> Target:
    """The target, with the bytes that it fails on told."""

    def run(data: bytes) -> None:
        try:
            target(data)
        except BaseException:
            sys.stderr.write(f"\n{name}: fails on {data.hex()}\n")
            raise

    return run


def damaged_inputs(name: str, runs: int, seed: int) -> Iterator[bytes]:
    from fuzz.mutator import mutated_input
    from fuzz.seeds import inputs

    random, found = Random(seed), inputs(name)
    for _ in range(runs):
        yield mutated_input(name, random.choice(found), random.choice(found), random)


def changed_bytes(name: str, longest: int) -> Iterator[bytes]:
    """Every seed of at most so many bytes with every other value of every byte."""
    from fuzz.seeds import inputs

    for data in inputs(name):
        for at in range(len(data) if len(data) <= longest else 0):
            head, tail = data[:at], data[at + 1 :]
            yield from (head + bytes((byte,)) + tail for byte in range(256) if byte != data[at])


def target_of(name: str) -> Target:
    targets: Any = import_module("fuzz.targets")
    target: Target = getattr(targets, f"{name}_target")
    return target


def _too_slow(*_: object) -> None:
    raise TimeoutError(f"more than {SLOWEST} s, process {os.getpid()}")
