"""Whatever a file holds, it takes little memory and time in proportion to its size.

Each file is done by a process of its own, which has no more memory than it may take and is killed
after a hundred times the processor time that it needs: what grows by the square needs more than
that.  No test measures how long something took.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from engine import compiled, rule
from hostile import body
from image import element, item, part10, sequence
from operations import lines_run
from shapes import SHAPES, WRITTEN

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of, load_configuration
from anonymizer.dicom.scan import MOST_SPANS
from anonymizer.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.rules.compiled import Compiled

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")

MEMORY = 200_000_000
"""Bytes that one file may take, beside as much as its header has."""

SECONDS = 200
"""Of the processor, where no file needs more than a few."""

MANY, SOME = 1_000_000, 10_000

DO_ONE = """
import os, resource, sys
os.environ["TMPDIR"] = os.path.abspath("tmp")
from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of, load_configuration
from anonymizer.worker import Settings, Worker
import json
given, memory, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
how = configuration_of(json.loads(given)) if given[0] == "{" else load_configuration(given)
worker = Worker(compile_configuration(how, environ={}), Settings("in", "out", dicomdir="process"))
resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
for name in sorted(os.listdir("in")):
    outcome = worker.do(name)
    print(outcome.reason or outcome.status)
"""


def answer(folder: Path, header: int, configuration: str = "ps3.15-basic") -> str:
    """What becomes of the file ``in/x`` within the limits."""
    (folder / "tmp").mkdir(exist_ok=True)
    ended = subprocess.run(
        [sys.executable, "-c", DO_ONE, configuration, str(MEMORY + header), str(SECONDS)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert list((folder / "tmp").iterdir()) == []
    return ended.stdout.strip()


def hashing(*selectors: str) -> str:
    """A configuration by which values are looked at."""
    rules = [{"dicomTagPath": selector, "method": "cryptoHash"} for selector in selectors]
    return json.dumps({"version": "1", "rules": rules, "onError": "remove"})


IDS = hashing("PN", "LO", "UI", "DA")


@ON_LINUX
@pytest.mark.parametrize("shape", SHAPES)
def test_a_million_of_anything_takes_little(shape: str, tmp_path: Path) -> None:
    make, expected = SHAPES[shape]
    (tmp_path / "in").mkdir()
    data = make(MANY)
    (tmp_path / "in" / "x").write_bytes(data)
    assert answer(tmp_path, len(data)) == expected


@ON_LINUX
def test_fewer_are_written_all_by_one_process(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    largest = 0
    for number, (make, _) in enumerate(SHAPES.values()):
        data = make(SOME)
        largest = max(largest, len(data))
        (tmp_path / "in" / f"x{number:02}").write_bytes(data)
    assert answer(tmp_path, largest, IDS).split() == [WRITTEN] * len(SHAPES)


@ON_LINUX
def test_as_many_as_may_be_take_little(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    data = SHAPES["different UIDs"][0](MOST_SPANS)
    (tmp_path / "in" / "x").write_bytes(data)
    assert answer(tmp_path, len(data)) == WRITTEN


# What is large


GIGABYTE, PIXELS = 1 << 30, 260 << 20
SPARSE: dict[str, tuple[int, str, str, str]] = {
    # size, tag, VR, configuration
    "pixels that stay": (PIXELS, "PixelData", "OW", "ps3.15-basic"),
    "a value that goes": (GIGABYTE, "0019,1001", "OB", "ps3.15-basic"),
    "a text that is looked at": (GIGABYTE, "PatientComments", "UT", hashing("PatientComments")),
    "bytes that are looked at": (GIGABYTE, "0019,1001", "OB", hashing("OB")),
    "a name of another VR": (GIGABYTE, "PatientName", "UT", hashing("PN", "UT")),
    "text that is cleaned": (GIGABYTE, "ImageComments", "UT", "research"),
}


@ON_LINUX
@pytest.mark.parametrize("what", SPARSE)
def test_a_large_value_takes_little(what: str, tmp_path: Path) -> None:
    size, tag, vr, configuration = SPARSE[what]
    (tmp_path / "in").mkdir()
    head = part10(body() + element(tag, vr, length=size))
    with open(tmp_path / "in" / "x", "wb") as file:
        file.write(head)
        file.truncate(len(head) + size)
    assert answer(tmp_path, 0, configuration) == WRITTEN
    assert (tmp_path / "out" / "x").stat().st_size < size or what == "pixels that stay"


@ON_LINUX
@pytest.mark.parametrize("tag", ["StudyInstanceUID", "SpecificCharacterSet", "0019,0010"])
def test_what_others_depend_on_is_no_gigabyte(tag: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    head = part10(body()[18:] + element(tag, "UN", length=GIGABYTE))
    with open(tmp_path / "in" / "x", "wb") as file:
        file.write(head)
        file.truncate(len(head) + GIGABYTE)
    assert answer(tmp_path, 0) == "bad-length"


@ON_LINUX
def test_a_large_file_of_small_elements_is_written_bit_by_bit(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    unit = element("PixelData", "OB", bytes(900_000)) + element("PatientName", "PN", "Doe")
    with open(tmp_path / "in" / "x", "wb") as file:
        file.write(part10(body()))
        file.writelines([unit] * 300)
    assert answer(tmp_path, 0) == WRITTEN


# Work, counted


WORK: dict[str, Callable[[int], bytes]] = {
    name: make for name, (make, _) in SHAPES.items() if name != "names deep in sequences"
}
BASIC = compile_configuration(load_configuration("ps3.15-basic"), environ={})
HASHED = compile_configuration(configuration_of(json.loads(IDS)), environ={})


def work_on(data: bytes, rules: Compiled) -> int:
    pipeline = Pipeline(rules, watch=True)

    def done() -> None:
        output = pipeline.anonymize(data, len(data))
        output.tally.counts()

    return lines_run(done)


@pytest.mark.parametrize("shape", WORK)
def test_ten_times_as_many_are_ten_times_the_work(shape: str) -> None:
    rules = HASHED if "DICOMDIR" in shape else BASIC  # of a DICOMDIR a profile leaves nothing
    few, many = (work_on(WORK[shape](n), rules) for n in (200, 2000))
    assert many < 11 * few


def test_ten_times_as_many_rules_are_ten_times_the_work() -> None:
    """The rules are looked through once for each kind of element, not for each element."""
    data = part10(body() + sequence("ReferencedStudySequence", item(body())) * 50)

    def work(number: int) -> int:
        rules = [rule(f"(0019,{0x1000 + n:04X})", "remove") for n in range(number)]
        return work_on(data, compiled(*rules, rule("PN", "remove")))

    assert work(4000) < 11 * work(400)
