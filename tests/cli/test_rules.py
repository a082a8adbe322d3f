"""``--profile`` and the flags that are rules, from what is typed to what is written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom
import pytest
from study import KEY, SAMPLES

if TYPE_CHECKING:
    from study import Command

CT = SAMPLES / "ST000001" / "CT000002" / "IM000001"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    monkeypatch.setenv("ANONYMIZER_KEY", KEY)


@pytest.mark.parametrize("name", ["basic", "clinical-trial", "research"])
def test_a_profile_is_the_configuration_of_that_name(name: str, command: Command) -> None:
    Path("key").write_text(KEY, encoding="utf-8")
    Path("key").chmod(0o600)
    key = ["--key-file", "key"]
    assert command("-i", CT, "-o", "by-flag.dcm", "--profile", name, *key).code == 0
    assert command("-i", CT, "-o", "by-name.dcm", "-c", name, *key).code == 0
    assert Path("by-flag.dcm").read_bytes() == Path("by-name.dcm").read_bytes()
    assert pydicom.dcmread("by-flag.dcm").PatientName == "ANONYMOUS"


def test_flags_do_what_they_say(command: Command) -> None:
    flags = ["--keep", "StudyDescription", "--replace", "PatientName=TRIAL^17", "--remove", "DA"]
    ended = command("-i", CT, "-o", "out.dcm", "--profile", "basic", *flags, "--report", "r.json")
    assert (ended.code, ended.err) == (0, "")
    before, after = pydicom.dcmread(CT), pydicom.dcmread("out.dcm")
    assert after.StudyDescription == before.StudyDescription
    assert after.PatientName == "TRIAL^17"
    assert "StudyDate" not in after
    told = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert after.DeidentificationMethod.endswith(told["configuration"]["sha256"][:8])


def test_dates_move_by_the_days_that_are_typed(command: Command) -> None:
    ended = command("-i", CT, "-o", "out.dcm", "--profile", "clinical-trial", "--shift-dates", "-1")
    assert (ended.code, ended.err) == (0, "")
    before, after = pydicom.dcmread(CT), pydicom.dcmread("out.dcm")
    assert (before.StudyDate, after.StudyDate) == ("20240229", "20240228")
    assert "SeriesTime" not in after
    assert after.StudyTime == ""


MICROSOFT = {
    "rules": [{"tag": "PN", "method": "redact"}, {"tag": "DA", "method": "dateShift"}],
    "defaultSettings": {"redact": {}, "dateShift": {"dateShiftKey": "k" * 32}},
}
KITWARE = {"(0x0008, 0x0020)": {"action": "regexp", "find": "29$", "replace": "28"}}


@pytest.mark.parametrize("members", [MICROSOFT, KITWARE])
def test_flags_come_before_the_rules_of_another_tools_file(
    members: dict[str, object], command: Command
) -> None:
    Path("theirs.json").write_text(json.dumps(members), encoding="utf-8")
    flags = ["--replace", "PatientName=TRIAL^17", "--remove", "PatientID", "--keep", "SeriesDate"]
    ended = command("-i", CT, "-o", "out.dcm", "-c", "theirs.json", *flags)
    assert (ended.code, ended.err.count("warning")) == (0, ended.err.count("private elements"))
    said = [command("check", "theirs.json", *more).out for more in ([], flags)]
    alone, more = (int(re.findall(r"(\d+) rules?,", text)[-1]) for text in said)
    assert more == alone + 3
    before, after = pydicom.dcmread(CT), pydicom.dcmread("out.dcm")
    assert after.PatientName == "TRIAL^17"
    assert "PatientID" not in after
    assert after.SeriesDate == before.SeriesDate
    assert after.StudyDate != before.StudyDate


def test_custom_is_what_flags_say_and_claims_nothing(command: Command) -> None:
    ended = command("-i", CT, "-o", "out.dcm", "--profile", "custom", "--remove", "PN")
    assert ended.code == 0
    assert ended.err.startswith("warning: --profile custom: everything stays that no flag names\n")
    before, after = pydicom.dcmread(CT), pydicom.dcmread("out.dcm")
    assert "PatientName" not in after
    assert after.PatientID == before.PatientID
    assert "PatientIdentityRemoved" not in after


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--profile", "custom"], "--profile custom does what flags say, and none does"),
        (["--profile", "basic", "-c", "example"], "-c and --profile name a configuration each"),
        (["-c", "example", "--keep", "PN", "--remove", "PN"], "are about the same attributes"),
        (["-c", "example", "--shift-dates", "0"], "a number of days other than 0"),
        (["-c", "example", "--shift-dates", "99999"], "--shift-dates"),
        (["-c", "example", "--replace", "PatientName"], "--replace takes an attribute and a value"),
        (["-c", "example", "--remove", "PatentName"], "did you mean 'PatientName'?"),
        (["-c", "example", "--replace", "PatientAge=9"], "--replace PatientAge: "),
        (["--profile", "none"], "--profile"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    flags: list[str], told: str, command: Command
) -> None:
    ended = command("-i", CT, "-o", "out.dcm", *flags)
    assert ended.code == 2
    assert told in ended.err
    assert not Path("out.dcm").exists()


def test_explain_and_check_take_them_too(command: Command) -> None:
    flags = ["--profile", "basic", "--keep", "StudyDescription", "--shift-dates", 9]
    explained = command("explain", CT, *flags).out
    assert "LO  --keep StudyDescription" in explained
    assert "DA  --shift-dates StudyDate" in explained
    checked = command("check", *flags)
    assert checked.code == 0
    assert "basic: 860 rules, no mistakes" in checked.out
    assert "--keep StudyDescription" in command("check", *flags, "--coverage").out
    assert command("check", "--profile", "basic", "--remove", "PatentName").code == 2
    assert command("check", "example", "--profile", "basic").code == 2
