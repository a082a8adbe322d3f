"""Numbers are given once, in the order of paths, and are on the disk before any output."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image import EXPLICIT_LE, element, part10
from study import SAMPLES, run_command

import anonymizer.cli.run
from anonymizer.config.maps import read_map
from anonymizer.errors import ConfigurationError
from anonymizer.growing_map import GrowingMap
from anonymizer.methods.allocation import Allocation

if TYPE_CHECKING:
    from study import Command

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

RULES = [
    {"dicomTagPath": "PatientName", "method": "pseudonym", "prefix": "N", "sequential": True},
    {"dicomTagPath": "PatientID", "method": "pseudonym", "sequential": True},
]


def image(patient: str, name: str = "") -> bytes:
    return part10(
        element("SOPInstanceUID", "UI", f"1.2.{len(patient)}")
        + element("PatientName", "PN", name)
        + element("PatientID", "LO", patient),
        EXPLICIT_LE,
    )


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.json").write_text(json.dumps({"rules": RULES, "mark": False}), encoding="utf-8")
    for number in range(60):
        path = Path("in", f"p{number:02}", "im")
        path.parent.mkdir(parents=True)
        path.write_bytes(image(f"ID{(number * 7) % 20}", "Doe^A^^" if number % 2 else "Doe^A"))


RUN = ("-I", "in", "-O", "out", "-c", "c.json", "--map", "m.csv", "-q")


def numbers() -> dict[str, str]:
    lines = Path("m.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "original,pseudonym"
    return {original: number for original, _, number in (line.partition(",") for line in lines[1:])}


@pytest.mark.parametrize("workers", [1, 4])
def test_numbers_come_in_the_order_of_paths(workers: int, command: Command) -> None:
    assert command(*RUN, "--workers", workers).code == 0
    told = numbers()
    assert told["Doe^A"] == "N0001"
    assert [told[f"ID{(n * 7) % 20}"] for n in range(20)] == [f"ANON_{n:04}" for n in range(1, 21)]
    assert len(told) == 21
    for number in range(60):
        output = Path("out", f"p{number:02}", "im").read_bytes()
        assert told[f"ID{(number * 7) % 20}"].encode() in output
        assert b"N0001" in output
        assert b"Doe" not in output
    assert stat.S_IMODE(os.stat("m.csv").st_mode) == 0o600


def test_the_next_run_gives_the_same_and_goes_on(command: Command) -> None:
    command(*RUN)
    before = Path("m.csv").read_bytes()
    command(*RUN, "--overwrite")
    assert Path("m.csv").read_bytes() == before
    Path("in", "a").write_bytes(image('NEW,"1"'))
    assert command(*RUN, "--overwrite").code == 0
    assert Path("m.csv").read_bytes() == before + b'"NEW,""1""",ANON_0021\n'
    assert b"ANON_0021" in Path("out", "a").read_bytes()
    assert command(*RUN, "--overwrite").code == 0


WRITTEN_SO = (
    *("Doe^Jane ^", "Doe^Jane ^ ^", "^", "\u3000", "\xa0^", "\x1fDoe", "a\rb", "a\r\nb"),
    "x" * 200_000,
)


@pytest.mark.parametrize("name", WRITTEN_SO, ids=range(len(WRITTEN_SO)))
def test_what_a_run_has_put_into_the_map_the_next_reads_again(name: str, command: Command) -> None:
    rules = [{"dicomTagPath": "TextValue", "method": "pseudonym", "sequential": True}]
    Path("c.json").write_text(json.dumps({"rules": rules, "mark": False}), encoding="utf-8")
    text = element("TextValue", "UT", name, encoding="utf-8")
    charset = element("SpecificCharacterSet", "CS", "ISO_IR 192")
    Path("in", "one").write_bytes(part10(charset + text, EXPLICIT_LE))
    Path("in", "two").write_bytes(part10(charset + element("TextValue", "UT", "Roe"), EXPLICIT_LE))
    assert command(*RUN).code == 0
    first, output = Path("m.csv").read_bytes(), Path("out", "one").read_bytes()
    assert command(*RUN, "--overwrite").code == 0
    assert Path("m.csv").read_bytes() == first
    assert Path("out", "one").read_bytes() == output


def test_numbers_go_on_behind_those_of_a_map_that_is_there(command: Command) -> None:
    Path("m.csv").write_text("ID0,T-1\nother,ANON_0100\nmore,ANON_x", encoding="utf-8")
    os.chmod("m.csv", 0o600)
    assert command(*RUN).code == 0
    text = Path("m.csv").read_text(encoding="utf-8")
    assert text.startswith("ID0,T-1\nother,ANON_0100\nmore,ANON_x\nDoe^A,N0001\nID7,ANON_0101\n")
    assert b"T-1" in Path("out", "p00", "im").read_bytes()


def test_one_image(command: Command) -> None:
    ended = command("-i", "in/p03/im", "-o", "x", "-c", "c.json", "--map", "m.csv")
    assert ended.code == 0
    assert numbers() == {"Doe^A": "N0001", "ID1": "ANON_0001"}


def test_the_map_is_on_the_disk_before_an_output(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> int:
        assert len(numbers()) == 21
        assert list(Path("out").iterdir()) == []
        raise KeyboardInterrupt

    monkeypatch.setattr(anonymizer.cli.run._Run, "do_folder", crash)
    assert command(*RUN).code == 1


def test_a_map_that_cannot_be_written_stops_the_run(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "x")

    monkeypatch.setattr(os, "fsync", full)
    ended = command(*RUN)
    assert ended.code == 2
    assert "m.csv: the map cannot be written (no space left on device)" in ended.err
    assert [name for name in os.listdir() if name.startswith("m.csv")] == []
    assert list(Path("out").iterdir()) == []


def test_images_that_cannot_be_read_stop_nothing(command: Command) -> None:
    Path("in", "a").write_bytes(image("FIRST")[:-1])
    Path("in", "b").write_bytes(b"text")
    assert command(*RUN).code == 1
    assert numbers()["ID0"] == "ANON_0001"


def test_what_comes_after_the_numbers_were_given_is_a_fault(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = anonymizer.cli.run._Run.do_folder

    def late(*given: Any) -> int:  # noqa: ANN401  as the real one
        Path("in", "zzz").write_bytes(image("LATE"))
        return real(*given)

    monkeypatch.setattr(anonymizer.cli.run._Run, "do_folder", late)
    assert command(*RUN).code == 0
    assert b"LATE" not in Path("out", "zzz").read_bytes()
    assert "LATE" not in Path("m.csv").read_text(encoding="utf-8")


WRONG = {
    "-I in -O out -c c.json": "sequential pseudonyms need a map that grows",
    "-I in -O out -c c.json --map in/m.csv": "in/m.csv: the map would grow in the input folder",
    "-I in -O out -c c.json --map out/m.csv": "out/m.csv: the run needs this file, which lies in",
    "-I in -O out -c c.json --map no/m.csv": "no/m.csv: its folder cannot be read",
    "-I in -O out -c c.json --map open.csv": "open.csv: others can read the map of pseudonyms",
    "-I in -O out -c plain.json --map m.csv": "--map: the file cannot be read",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_map_in_the_wrong_place_is_refused(line: str, command: Command) -> None:
    Path("open.csv").write_text("a,b\n", encoding="utf-8")
    os.chmod("open.csv", 0o640)
    plain = {"rules": [{"dicomTagPath": "PatientID", "method": "pseudonym"}]}
    Path("plain.json").write_text(json.dumps(plain), encoding="utf-8")
    ended = command(*line.split())
    assert ended.code == 2
    assert WRONG[line] in ended.err
    assert not Path("out").exists() or not list(Path("out").iterdir())


def test_check_needs_no_map_and_explain_makes_none(command: Command) -> None:
    assert command("check", "c.json").code == 0
    shown = command("explain", "in/p03/im", "-c", "c.json", "--map", "m.csv", "--show-values")
    assert "[ID1] -> [ANON_0001 ]" in shown.out.replace("ANON_0001]", "ANON_0001 ]")
    assert not Path("m.csv").exists()


def test_two_runs_at_once_give_a_number_once() -> None:
    folders = [Path("one"), Path("two")]
    for number, folder in enumerate(folders):
        folder.mkdir()
        for each in range(10):
            (folder / f"{each}").write_bytes(image(f"R{number}-{each}"))
    runs = [
        threading.Thread(
            target=run_command,
            args=("-I", folder, "-O", f"{folder}-out", "-c", "c.json", "--map", "m.csv"),
        )
        for folder in folders
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    told = numbers()
    assert sorted(told.values()) == [f"ANON_{n:04}" for n in range(1, 21)]
    for path in [*Path("one-out").iterdir(), *Path("two-out").iterdir()]:
        original = f"R{int(path.parent.name == 'two-out')}-{path.name}"
        assert told[original].encode() in path.read_bytes()


def test_a_map_that_is_no_file_is_refused() -> None:
    os.mkdir("m")
    with GrowingMap("m") as growing, pytest.raises(Exception, match="is not a regular file"):
        growing.read()


def test_nothing_is_given_unless_the_map_grows() -> None:
    allocation = Allocation({"Doe^A^^": "X"})
    assert allocation.of("Doe^A", "P") == "X"
    assert allocation.of("new", "P") is None
    allocation.grows = True
    assert allocation.of("new", None) is None
    assert allocation.of("new", "P") == "P0001"
    assert allocation.of("new", "Q") == "P0001"
    assert allocation.new == {"new": "P0001"}
    assert "Doe" not in repr(allocation)


def test_samples_are_numbered_without_a_trace(command: Command) -> None:
    ended = command("-I", SAMPLES, "-O", "out", "-c", "c.json", "--map", "m.csv", "--report", "r")
    assert ended.code == 0
    shown = ended.out + ended.err + Path("r").read_text(encoding="utf-8")
    for original in numbers():
        assert original not in shown


def test_a_prefix_that_begins_with_a_blank_gives_each_a_number_of_its_own() -> None:
    allocation = Allocation({"a": "A0001"})
    allocation.grows = True
    assert [allocation.of(name, " A") for name in "abc"] == ["A0001", "A0002", "A0003"]


def test_what_a_killed_run_with_this_number_left_beside_the_map_is_in_nobodys_way() -> None:
    stale = Path(f"m.csv.{os.getpid()}.part")
    stale.write_bytes(b"half")
    with GrowingMap("m.csv") as growing:
        growing.append({"one": "1"})
        assert growing.read() == {"one": "1"}
    assert not stale.exists()


def test_two_lines_for_one_name_say_the_same() -> None:
    Path("m.csv").write_text("Doe^A,1\nDoe^A ^,1\n", encoding="utf-8")
    assert read_map("m.csv") == {"Doe^A": "1"}
    Path("m.csv").write_text("Doe^A,1\nDoe^A^^,2\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="another pseudonym"):
        read_map("m.csv")
