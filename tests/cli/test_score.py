"""``anonymizer score``: files and folders, exit codes, and no value or name that tells one."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from image import element
from study import SAMPLES, image, write

if TYPE_CHECKING:
    from study import Command

CANARY = "Kanari^Karl"
MR = SAMPLES / "ST000002" / "MR000004" / "IM000001.dcm"


def test_one_image_has_its_reasons(command: Command) -> None:
    ended = command("score", MR)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "100 % CRITICAL"
    assert lines[1].split() == ["40.0", "PatientName", "Table", "E.1-1:", "Z"]
    assert "        dates together count 30 at most" in lines


def test_a_folder_has_a_table_the_worst_and_the_mean(command: Command) -> None:
    write("in/a", image())
    write("in/deep/b", image(more=element("PatientIdentityRemoved", "CS", "YES")))
    write("in/c", b"no image")
    ended = command("score", "in")
    assert ended.code == 0
    lines = [line.split() for line in ended.out.splitlines()]
    assert [line[3] for line in lines[:2]] == ["a", "deep/b"]
    assert lines[0][:3] == [lines[2][1], "%", lines[2][3]]
    assert [line[0] for line in lines[2:4]] == ["worst", "mean"]
    assert ended.out.endswith("1 file skipped: not DICOM\n")


@pytest.mark.parametrize(("least", "code"), [(0, 1), (100, 1), (None, 0)])
def test_risk_fails_where_that_was_asked_for(
    least: int | None, code: int, command: Command
) -> None:
    flags = [] if least is None else ["--fail-on-risk", least]
    assert command("score", SAMPLES, *flags).code == code


def test_a_low_risk_fails_nothing(command: Command) -> None:
    command("-I", SAMPLES, "-O", "out", "-c", "ps3.15-basic", "--quiet")
    ended = command("score", "out", "--fail-on-risk", 50)
    assert ended.code == 0
    assert "CRITICAL" not in ended.out


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_no_value_is_told_nor_a_name_that_holds_one(form: list[str], command: Command) -> None:
    write("in/Kanari/Karl.dcm", image(name=CANARY, more=element("PatientComments", "LT", CANARY)))
    write("in/broken", image(name=CANARY)[:-3])
    ended = command("score", "in", *form)
    assert ended.code == 1
    assert "anari" not in ended.out + ended.err
    assert "Karl" not in ended.out + ended.err
    assert "~withheld-1~/~withheld-2~" in ended.out


def test_json_says_it_all(command: Command) -> None:
    write("broken", image()[:-3])
    told = json.loads(command("score", SAMPLES, "--json").out)
    assert (told["worst"], told["level"], told["skipped"]) == (100, "CRITICAL", {"not-dicom": 1})
    assert len(told["files"]) == 6
    reason = told["files"][3]["reasons"][0]
    assert reason == {
        "kind": "names",
        "path": "PatientName",
        "tag": "0010,0010",
        "why": "Table E.1-1: Z",
        "points": 40,
        "times": 1,
    }
    told = json.loads(command("score", "broken", "--json").out)
    assert (told["worst"], told["refused"][0]["reason"]) == (None, "truncated")


def test_exit_codes(command: Command) -> None:
    Path("empty").mkdir()
    write("text", b"text")
    write("weights", b'{"x": 1}')
    assert command("score", "nowhere").code == 2
    assert command("score", MR, "--fail-on-risk", 101).code == 2
    assert command("score", "empty") == (3, "nothing found: the folder holds no image\n", "")
    ended = command("score", "text")
    assert (ended.code, ended.err.split(":")[:3]) == (1, ["refused", " text", " not-dicom"])
    ended = command("score", MR, "--weights", "weights")
    assert (ended.code, ended.err) == (2, "x: unknown key\nweights: 1 to mend\n")
    assert command("score", MR, "--weights", "nowhere").code == 2


def test_weights_of_ones_own_count(command: Command) -> None:
    write("weights", b'{"most": {"names": 0, "listed": 0, "dates": 0}}')
    ended = command("score", MR, "--weights", "weights")
    assert int(ended.out.split()[0]) < 50


def test_a_terminal_gets_the_same_table_drawn(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("in/[red]a", image())
    plain = command("score", "in").out
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    drawn = command("score", "in").out
    assert "[red]a" in drawn
    assert re.sub(r"\x1b\[[0-9;]*m", "", drawn).split() == plain.split()


def test_what_has_no_mark_of_dicom_is_scored_with_force(command: Command) -> None:
    write("bare", element("PatientName", "PN", "Kanari^Karl"))
    assert "refused: bare: not-dicom" in command("score", "bare").err
    assert command("score", "bare").code == 1
    write("in/bare", element("PatientName", "PN", "Kanari^Karl"))
    for path in ("bare", "in"):
        ended = command("score", path, "--force")
        assert (ended.code, ended.err) == (0, "")
        assert "PatientName" in ended.out
