"""Validation finds every fault at every depth, tells no value and blames the right one."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from image import (
    BIG_ENDIAN,
    DEFLATED_LE,
    EXPLICIT_BE,
    IMPLICIT,
    IMPLICIT_LE,
    element,
    item,
    part10,
    sequence,
)
from study import KEY, REMOVE_NAMES, SAMPLES, compiled, image, tree

from anonymizer.validation import Findings, findings_in
from anonymizer.worker import Settings, Worker

if TYPE_CHECKING:
    from study import Command

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

SECRET = "Secret-Value"
BAD_DATE = element("PatientBirthDate", "DA", SECRET[:8])
BAD_CODE = element("Modality", "CS", SECRET)
LONG_ID = element("ScheduledProcedureStepID", "SH", SECRET + " of many characters")
BAD_DATE_LINE = "PatientBirthDate (DA): form: a date is YYYYMMDD"


def lines(data: bytes) -> list[str]:
    return findings_in(data, len(data)).lines()


def test_a_sound_image_has_no_finding() -> None:
    assert lines(image()) == []
    assert not findings_in(image(), len(image()))


@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("*0*")), ids=lambda path: path.name)
def test_the_samples_are_sound(path: Path) -> None:
    if path.is_file():
        assert lines(path.read_bytes()) == []


def test_every_fault_is_told_with_path_and_vr() -> None:
    more = BAD_DATE + BAD_CODE + element("Rows", "US", b"\1\2\3", pad=False)
    found = lines(image(more=more + element("PatientSex", "CS", "M\\F")))
    assert found == [
        BAD_DATE_LINE,
        "Modality (CS): repertoire: a code string has A to Z, 0 to 9, blank, underscore",
        found[2],
        "PatientSex (CS): multiplicity: 2 values instead of 1",
    ]
    assert found[2].startswith("Rows (US): length: ")


def test_faults_are_found_at_every_depth() -> None:
    inner = sequence("ScheduledProtocolCodeSequence", item(), item(BAD_CODE), undefined=True)
    long = item(IMPLICIT.element("PatientID", "LO", "x" * 65))
    un = sequence("OtherPatientIDsSequence", long, vr="UN")
    private = element(0x00190010, "LO", "TESTS") + sequence(0x00191001, item(BAD_DATE))
    known = sequence("RequestAttributesSequence", item(LONG_ID + inner))
    found = lines(image(more=known + un + private))
    assert found == [
        "RequestAttributesSequence[0].ScheduledProcedureStepID (SH): length: "
        "longer than 16 characters",
        "RequestAttributesSequence[0].ScheduledProtocolCodeSequence[1].Modality (CS): repertoire: "
        "a code string has A to Z, 0 to 9, blank, underscore",
        "OtherPatientIDsSequence[0].PatientID (LO): length: longer than 64 characters",
        "(0019,1001)[0].PatientBirthDate (DA): form: a date is YYYYMMDD",
    ]


@pytest.mark.parametrize(
    "data",
    [
        part10(IMPLICIT.element("PatientBirthDate", "DA", SECRET[:8]), IMPLICIT_LE),
        part10(BIG_ENDIAN.element("PatientBirthDate", "DA", SECRET[:8]), EXPLICIT_BE),
        part10(BAD_DATE, DEFLATED_LE),
    ],
    ids=["implicit", "big endian", "deflated"],
)
def test_every_transfer_syntax_is_looked_at(data: bytes) -> None:
    assert lines(data) == [BAD_DATE_LINE]


def test_text_is_judged_by_the_character_set_around_it() -> None:
    latin = element("SpecificCharacterSet", "CS", "ISO_IR 100")
    name = element("PatientName", "PN", "Müller^Jörg")
    assert lines(part10(latin + name)) == []
    assert len(lines(part10(name))) == 1
    inside = sequence("RequestAttributesSequence", item(latin + name), item(name))
    (found,) = lines(part10(inside))
    assert found.startswith("RequestAttributesSequence[1].PatientName (PN): charset: ")


def test_a_finding_that_repeats_is_one_with_its_count() -> None:
    twice = sequence("RequestAttributesSequence", item(BAD_CODE)) + BAD_CODE + BAD_CODE
    data = image(more=twice)
    assert list(findings_in(data, len(data)).counts.values()) == [1, 2]


def test_nothing_of_a_value_is_told() -> None:
    data = image(more=BAD_DATE + BAD_CODE + LONG_ID + element("StudyTime", "TM", SECRET))
    found = findings_in(data, len(data))
    assert len(found) == 4
    assert SECRET[:8] not in "".join([*found.lines(), found.summary(), repr(found.counts)])


def test_a_summary_is_short() -> None:
    data = image(more=BAD_DATE + BAD_CODE + LONG_ID + element("StudyTime", "TM", SECRET))
    found = findings_in(data, len(data))
    assert found.summary() == "; ".join(found.lines()[:3]) + "; and 1 more"


def test_what_the_other_has_as_often_is_not_beyond_it() -> None:
    def found(more: bytes) -> Findings:
        return findings_in(image(more=more), len(image(more=more)))

    assert not found(BAD_DATE).beyond(found(BAD_DATE + BAD_CODE))
    assert found(BAD_DATE + BAD_CODE).beyond(found(BAD_DATE)).lines() == found(BAD_CODE).lines()
    assert found(BAD_CODE + BAD_CODE).beyond(found(BAD_CODE)).lines() == found(BAD_CODE).lines()


# In a run


LONG_HASH = {"dicomTagPath": "AccessionNumber", "method": "cryptoHash", "truncate": False}
TRUNCATED = "invalid-output: AccessionNumber (SH): length: longer than 16 characters"


@pytest.fixture(autouse=True)
def place(tmp_path: Path) -> None:
    """``in`` with a sound image and a bad one, and two configurations."""
    number = element("AccessionNumber", "SH", "A1")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "sound").write_bytes(image(1, more=number))
    (tmp_path / "in" / "bad").write_bytes(image(2, more=BAD_DATE + BAD_CODE))
    for name, rule in (
        ("c.json", {"dicomTagPath": "PN", "method": "remove"}),
        ("long.json", LONG_HASH),
    ):
        content = {"version": "1", "rules": [rule], "parameters": {"key": KEY}}
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("flag", ["--validateInput", "--validate-input"])
def test_bad_inputs_are_refused(flag: str, command: Command) -> None:
    ended = command("-I", "in", "-O", "out", "-c", "c.json", flag)
    assert ended.code == 1
    assert ended.err.startswith(f"refused: bad: invalid-input: {BAD_DATE_LINE}; Modality (CS): ")
    assert list(tree(Path("out"))) == ["sound"]
    assert SECRET[:8] not in ended.err + ended.out


def test_bad_inputs_can_be_counted_only(command: Command) -> None:
    ended = command(
        *"-I in -O out -c c.json --validateInput --validation warn --report r.json".split()
    )
    assert ended.code == 0
    assert f"warning: 1 file: invalid-input: {BAD_DATE_LINE}\n" in ended.err
    assert ended.err.count("warning: ") == 2
    told = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert told["warnings"][f"invalid-input: {BAD_DATE_LINE}"] == 1
    (warned,) = [file for file in told["files"] if "warnings" in file]
    assert (warned["input"], len(warned["warnings"])) == ("bad", 2)
    assert SECRET[:8] not in json.dumps(told)


@pytest.mark.parametrize("flag", ["--validateOutput", "--validate-output"])
def test_outputs_are_refused_for_what_is_our_fault_only(flag: str, command: Command) -> None:
    ended = command("-I", "in", "-O", "out", "-c", "c.json", flag)
    assert (ended.code, ended.err) == (0, "")
    ended = command("-I", "in", "-O", "out2", "-c", "long.json", flag)
    assert ended.code == 1
    assert f"refused: sound: {TRUNCATED}\n" in ended.err
    assert list(tree(Path("out2"))) == ["bad"]


@pytest.mark.parametrize("more", [["--verify"], ["--audit-log", "log"]], ids=lambda more: more[0])
def test_outputs_are_validated_whatever_else_is_done(more: list[str], command: Command) -> None:
    ended = command("-I", "in", "-O", "out", "-c", "long.json", "--validateOutput", *more)
    assert ended.code == 1
    assert f"refused: sound: {TRUNCATED}\n" in ended.err
    assert list(tree(Path("out"))) == ["bad"]


def test_outputs_are_refused_whatever_inputs_may(command: Command) -> None:
    ended = command(
        *"-I in -O out -c long.json --validateInput --validation warn --validateOutput".split()
    )
    assert ended.code == 1
    assert list(tree(Path("out"))) == ["bad"]


def test_what_is_validated_is_written_as_ever(command: Command) -> None:
    both = ["--validateInput", "--validation", "warn", "--validateOutput"]
    assert command("-I", SAMPLES, "-O", "plain", "-c", "c.json").code == 0
    assert command("-I", SAMPLES, "-O", "checked", "-c", "c.json", *both)[0] == 0
    assert tree(Path("plain")) == tree(Path("checked"))


def test_one_image_is_validated_alike(command: Command) -> None:
    ended = command("-i", "in/bad", "-o", "out", "-c", "c.json", "--validateInput")
    assert ended.code == 1
    assert ended.err.startswith(f"refused: bad: invalid-input: {BAD_DATE_LINE}; ")
    assert not Path("out").exists()
    ended = command("-i", "in/sound", "-o", "out", "-c", "long.json", "--validateOutput")
    assert (ended.code, ended.err) == (1, f"refused: sound: {TRUNCATED}\n")


@pytest.mark.parametrize("name", ["example", "basic"])
def test_the_built_in_configurations_write_nothing_ill_formed(name: str, command: Command) -> None:
    ended = command("-I", SAMPLES, "-O", "out", "-c", name, "--validateOutput")
    assert ended.code == 0
    assert len(tree(Path("out"))) == 6


def test_pixel_data_is_not_read_to_be_judged(tmp_path: Path) -> None:
    size = 24 << 20
    head = image(more=element(0x7FE00010, "OW", b""))
    (tmp_path / "large").write_bytes(head[:-4] + size.to_bytes(4, "little"))
    os.truncate(tmp_path / "large", len(head) + size)
    options = Settings("", "", validate_input="refuse", validate_output=True)
    worker = Worker(compiled(REMOVE_NAMES), options)
    tracemalloc.start()
    outcome = worker.do_one(str(tmp_path / "large"), str(tmp_path / "out"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (outcome.reason, outcome.detail) == ("", "")
    assert (tmp_path / "out").stat().st_size > size
    assert peak < 4 << 20
