"""``--dry-run``, ``--backup``, ``--force``, ``--no-recursive``: what is written and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image import EXPLICIT, IMPLICIT, element
from study import KEY, SAMPLES, image, tree, write_study

if TYPE_CHECKING:
    from study import Command

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

CANARY = "Kanarek^Zofia"
CONFIG: dict[str, Any] = {
    "name": "c",
    "rules": [
        {"dicomTagPath": "PN", "method": "remove"},
        {"dicomTagPath": "PatientID", "method": "cryptoHash"},
        {"dicomTagPath": "DA", "method": "dateShift", "onError": "refuse"},
    ],
    "parameters": {"key": KEY},
}


@pytest.fixture(autouse=True)
def study(command: Command) -> Path:
    """Three images and one that is refused, in the current folder, with the configuration."""
    folder = write_study(Path("in"))
    (folder / "deep").mkdir()
    (folder / "deep" / "named").write_bytes(image(8, name=CANARY))
    (folder / "bad").write_bytes(image(9, more=element("PatientBirthDate", "DA", CANARY[:8])))
    Path("c.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    return folder


@pytest.mark.parametrize("workers", [1, 2])
def test_a_trial_tells_of_each_file_and_writes_nothing(workers: int, command: Command) -> None:
    before = tree(Path())
    flags = ["--backup", "b", "--report", "r.json", "--audit-log", "a.jsonl", "--validateOutput"]
    flags += ["--quarantine", "q", "--dicomdir", "rebuild"]
    ended = command(
        "-I", "in", "-O", "out/deep", "-c", "c.json", "--workers", workers, "--dry-run", *flags
    )
    assert ended.code == 1
    assert "refused: bad: value-refused" in ended.err
    lines = ended.out.splitlines()
    assert lines[:3] == [
        "bad: refused: value-refused",
        "deep/named: cryptoHash 1, dateShift 1, remove 1",
        "im000: cryptoHash 1, dateShift 1, remove 1",
    ]
    assert "would write    4 files" in ended.out
    assert tree(Path()) == before
    assert not Path("out").exists()
    assert "Kanarek" not in ended.out + ended.err


def test_a_trial_decides_as_the_run_does(command: Command) -> None:
    def sizes(*flags: str) -> list[str]:
        out = command("-I", SAMPLES, "-O", "out", "--profile", "basic", *flags).out
        return [line.replace("would write", "written    ") for line in out.splitlines()]

    tried, done = sizes("--dry-run"), sizes("--verbose")
    same = [line for line in tried if not line.startswith("time")]
    assert [line for line in done if not line.startswith("time")] == same
    assert len(same) > 15


def test_the_attributes_are_told_with_their_places_and_no_values(command: Command) -> None:
    flags = ["--dry-run", "--verbose"]
    told = command("-I", "in", "-O", "out", "-c", "c.json", *flags).out
    assert "  PatientName  PN  rules[0] PN         remove      removed\n" in told
    assert "SOPClassUID" not in told
    assert "Kanarek" not in told
    assert (
        "Kanarek" in command("-I", "in", "-O", "out", "-c", "c.json", *flags, "--show-values").out
    )


def test_a_name_that_tells_is_withheld(command: Command) -> None:
    Path("in/Kanarek").write_bytes(image(7, name=CANARY))
    told = command("-I", "in", "-O", "out", "-c", "c.json", "--dry-run", "--verbose")
    assert "Kanarek" not in told.out + told.err
    assert "~withheld-1~: cryptoHash" in told.out
    hint = "the same run with --dry-run --verbose --show-values shows them"
    assert told.err.count(hint) == 1
    line = ["-I", "in", "-O", "out", "-c", "c.json", "--dry-run", "--verbose", "--show-values"]
    shown = command(*line)
    assert "\nKanarek: cryptoHash" in f"\n{shown.out}"
    assert "withheld" not in shown.out + shown.err


def test_where_no_name_is_withheld_no_hint_is_given(command: Command) -> None:
    ended = command("-I", "in", "-O", "out", "-c", "c.json")
    assert "--show-values" not in ended.err


def test_a_trial_of_one_file(command: Command) -> None:
    ended = command("-i", "in/im000", "-o", "new/o.dcm", "-c", "c.json", "--dry-run", "--verbose")
    assert ended.code == 0
    assert ended.out.startswith("im000: cryptoHash 1, dateShift 1, remove 1\n  StudyDate")
    assert "would write: new/o.dcm, " in ended.out
    assert not Path("new").exists()


def test_a_trial_sees_outputs_that_are_there(command: Command) -> None:
    Path("o.dcm").write_bytes(b"mine")
    line = ["-i", "in/im000", "-o", "o.dcm", "-c", "c.json", "--dry-run"]
    assert "exists" in command(*line).err
    assert command(*line, "--overwrite").code == 0
    assert Path("o.dcm").read_bytes() == b"mine"


def test_a_map_does_not_grow_in_a_trial(command: Command) -> None:
    rules = [{"dicomTagPath": "PatientID", "method": "pseudonym", "sequential": True}]
    Path("s.json").write_text(json.dumps({"rules": rules}), encoding="utf-8")
    ended = command("-I", "in", "-O", "out", "-c", "s.json", "--map", "m.csv", "--dry-run")
    assert (ended.code, Path("m.csv").exists()) == (0, False)


@pytest.mark.parametrize(
    "flags",
    [
        ["--show-values"],
        ["--show-values", "--verbose"],
        ["--quiet", "--verbose"],
        ["--recursive", "--no-recursive"],
        ["--dry-run", "--resume"],
    ],
)
def test_flags_that_do_not_go_together(flags: list[str], command: Command) -> None:
    assert command("-I", "in", "-O", "out", "-c", "c.json", *flags).code == 2
    assert not Path("out").exists()


def test_a_run_may_tell_of_each_file(command: Command) -> None:
    told = command("-I", "in", "-O", "out", "-c", "c.json", "--verbose").out
    assert told.startswith("bad: refused: value-refused\ndeep/named: cryptoHash 1, ")
    assert "written" in told


# Backup


@pytest.mark.parametrize("place", ["in", "in/b", "out", "out/b", ".", "c.json"])
def test_copies_do_not_lie_among_inputs_or_outputs(place: str, command: Command) -> None:
    ended = command("-I", "in", "-O", "out", "-c", "c.json", "--backup", place)
    assert ended.code == 2
    assert not Path("out").exists()


@pytest.mark.parametrize("place", ["in", "new", "."])
def test_the_copy_of_one_file_has_a_folder_of_its_own(place: str, command: Command) -> None:
    line = ["-i", "in/im000", "-o", "new/o.dcm", "-c", "c.json", "--backup"]
    assert command(*line, place).code == 2
    assert command(*line, "in/b").code == 0
    assert tree(Path("in/b")) == {"im000": Path("in/im000").read_bytes()}


def test_the_tree_is_copied(command: Command) -> None:
    command("-I", "in", "-O", "out", "-c", "c.json", "--backup", "b/c")
    inputs = tree(Path("in"))
    assert tree(Path("b/c")) == {path: inputs[path] for path in tree(Path("out"))}


# Force and folders


def bare(**implicit: bool) -> bytes:
    writer = IMPLICIT if implicit else EXPLICIT
    first = writer.element("PatientName", "PN", CANARY)
    return first + writer.element("PatientID", "LO", "4711")


FORCED = {
    "explicit": bare(),
    "implicit": bare(implicit=True),
    "behind zeros": bytes(128) + bare(),
    "behind zeros and no marker": bytes(132) + bare(implicit=True),
    "file meta without marker": bytes(132) + image(name=CANARY)[132:],
}


@pytest.mark.parametrize("content", FORCED.values(), ids=FORCED)
def test_what_has_no_marker_is_read_by_force(content: bytes, command: Command) -> None:
    Path("in/odd").write_bytes(content)
    line = ["-i", "in/odd", "-o", "o.dcm", "-c", "c.json"]
    assert "not-dicom" in command(*line).err
    ended = command(*line, "--force", "--validateInput", "--validateOutput")
    assert (ended.code, "read by --force" in ended.err) == (0, True)
    assert b"Kanarek" not in Path("o.dcm").read_bytes()
    assert "PatientName" in command(*line, "--force", "--overwrite", "--dry-run", "--verbose").out


@pytest.mark.parametrize(
    "content", [b"a text\n", b"", bytes(200), b"\x89PNG\r\n\x1a\n" + bytes(99)]
)
def test_what_is_none_is_none_by_force_either(content: bytes, command: Command) -> None:
    Path("in/odd").write_bytes(content)
    ended = command("-i", "in/odd", "-o", "o.dcm", "-c", "c.json", "--force")
    assert ended.code == 1
    assert not Path("o.dcm").exists()


def test_what_has_a_marker_is_read_as_ever(command: Command) -> None:
    command("-I", "in", "-O", "out", "-c", "c.json")
    assert "force" not in command("-I", "in", "-O", "forced", "-c", "c.json", "--force").err
    assert tree(Path("out")) == tree(Path("forced"))


def test_folders_of_folders(command: Command) -> None:
    line = ["-I", "in", "-c", "c.json", "-O"]
    command(*line, "flat", "--no-recursive")
    command(*line, "all", "--recursive")
    assert sorted(tree(Path("flat"))) == ["im000", "im001", "im002"]
    assert sorted(tree(Path("all"))) == ["deep/named", "im000", "im001", "im002"]
