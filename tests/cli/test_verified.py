"""``--verify`` on a run: no output that fails is under its name when the run has ended."""

from __future__ import annotations

import gc
import json
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image import dataset_of, element, file_meta, item, part10, sequence
from study import KEY, compiled, image, parts, run_command, tree, write

from anonymizer.errors import ImageError
from anonymizer.files import Input
from anonymizer.pipeline import Pipeline
from anonymizer.report import Outcome, Report
from anonymizer.rules.judge import Ruling
from anonymizer.verify.gate import Gate

if TYPE_CHECKING:
    from study import Command, Ended

    from anonymizer.worker import Worker

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

NAME = "Kanarivogel^Karlotta"
RULES: list[dict[str, Any]] = [
    {"dicomTagPath": "PN", "method": "remove"},
    {"dicomTagPath": "PatientID", "method": "cryptoHash"},
    {"dicomTagPath": "UI", "method": "refreshUID"},
    # Takes a word out and leaves the name: the mistake that is to be caught.
    {"dicomTagPath": "ImageComments", "method": "regexReplace", "find": "for ", "replace": ""},
]
LEAK = element("ImageComments", "LT", "for Karlotta")
FLAGS = ("-I", "in", "-O", "out", "-c", "c.json", "--verify")


@pytest.fixture(autouse=True)
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two images without a fault, and one whose name a rule leaves in a comment."""
    monkeypatch.chdir(tmp_path)
    content = {"rules": RULES, "parameters": {"key": KEY}}
    write("c.json", json.dumps(content).encode())
    write("in/a", image(1, name=NAME))
    write("in/b", image(2, name=NAME))
    write("in/leak", image(3, name=NAME, more=LEAK))
    return tmp_path


def outputs() -> set[str]:
    assert not parts(Path("out"))
    return set(tree(Path("out")))


def told(ended: Ended, *more: str) -> None:
    """No message holds a name."""
    text = "".join((ended.out, ended.err, *more)).lower()
    assert "kanari" not in text
    assert "karlotta" not in text


def report() -> dict[str, Any]:
    content = Path("report.json").read_text(encoding="utf-8")
    assert "karlotta" not in content.lower()
    told: dict[str, Any] = json.loads(content)
    return told


def patient_wide() -> None:
    """The name stands in no name attribute of the image that leaks it, but in another image's."""
    write("in/leak", image(3, name="", more=LEAK))


# What fails by itself


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_fails_is_not_written_and_told_as_refused(workers: str, command: Command) -> None:
    ended = command(*FLAGS, "--workers", workers, "--report", "report.json")
    assert ended.code == 1
    assert outputs() == {"a", "b"}
    line = "refused: leak: verify-failed: value-left: ImageComments: PatientName\n"
    assert line in ended.err
    told(ended)
    content = report()
    assert (content["written"], content["refused"]) == (2, {"verify-failed": 1})
    assert content["verification"]["verdict"] == "FAIL"
    assert "verified" in ended.out


def test_a_worker_does_not_keep_what_it_has_looked_at() -> None:
    rules = compiled(*RULES)
    made = bytes(Pipeline(rules).anonymize(image(1, name=NAME), len(image(1, name=NAME))))
    write("part", made)
    check = Gate(rules, force=False).check
    gc.collect()
    gc.freeze()
    gc.disable()  # as a worker does
    try:
        for _ in range(400):
            with Input("in/a") as opened:
                check(opened, "part", "a")
        kept = sum(isinstance(each, Ruling) for each in gc.get_objects())
    finally:
        gc.enable()
        gc.unfreeze()
    assert kept < 1000


def test_an_output_that_nobody_can_read_fails() -> None:
    rules = compiled(*RULES)
    made = bytes(Pipeline(rules).anonymize(image(1, name=NAME), len(image(1, name=NAME))))
    check = Gate(rules, force=False).check
    for part, why in ((made[:-3], "unreadable: truncated"), (b"no image", "unreadable: not-dicom")):
        write("part", part)
        with Input("in/a") as opened, pytest.raises(ImageError, match=why) as refused:
            check(opened, "part", "a")
        assert refused.value.reason == "verify-failed"


def test_what_fails_never_takes_the_place_of_an_older_output(command: Command) -> None:
    write("out/leak", b"of a run before")
    assert command(*FLAGS, "--overwrite").code == 1
    assert Path("out/leak").read_bytes() == b"of a run before"


def test_without_a_fault_nothing_is_held_back(command: Command) -> None:
    Path("in/leak").unlink()
    ended = command(*FLAGS, "--report", "report.json")
    assert (ended.code, ended.err) == (0, "")
    assert "verified       PASS: " in ended.out
    assert report()["verification"]["accounting"]["written"] == 2


def test_without_the_flag_it_is_written(command: Command) -> None:
    assert command(*FLAGS[:-1]).code == 0
    assert outputs() == {"a", "b", "leak"}


def test_one_image(command: Command) -> None:
    line = ("-c", "c.json", "--verify", "-o", "one.dcm", "-i")
    ended = command(*line, "in/leak")
    assert ended.code == 1
    assert "refused: leak: verify-failed: value-left" in ended.err
    assert not Path("one.dcm").exists()
    told(ended)
    ended = command(*line, "in/a")
    assert ended.code == 0
    assert "verified: PASS: " in ended.out


# What fails beside others


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_another_image_of_the_patient_says_is_searched(workers: str, command: Command) -> None:
    patient_wide()
    ended = command(*FLAGS, "--workers", workers, "--report", "report.json")
    assert ended.code == 1
    assert outputs() == {"a", "b"}
    assert "refused: leak: verify-failed: value-left: ImageComments: PatientName\n" in ended.err
    told(ended)
    content = report()
    assert (content["written"], content["refused"]) == (2, {"verify-failed": 1})
    assert content["bytes"] == sum(map(len, tree(Path("out")).values()))
    assert content["methods"]["cryptoHash"] == 2
    assert "regexReplace" not in content["methods"]


def test_a_name_of_a_folder_that_tells_is_held_back_and_the_folder_goes(command: Command) -> None:
    Path("in/leak").unlink()
    write("in/karlotta/deep/c", image(4, name=NAME))
    ended = command(*FLAGS)
    assert ended.code == 1
    assert "refused: ~withheld-1~/deep/c: verify-failed: name-left\n" in ended.err
    told(ended)
    assert set(os.listdir("out")) == {"a", "b"}
    assert "the name of the file or of a folder above it holds" not in ended.err


def test_a_name_that_tells_what_the_file_meta_said_is_told_nowhere(command: Command) -> None:
    meta = file_meta(sop_instance="1.2.3.4", more=element(0x00020016, "AE", "KANARI"))
    Path("in/leak").unlink()
    write("in/kanari/c", part10(dataset_of(image(4))[0], meta=meta))
    ended = command(*FLAGS, "--report", "report.json", "--audit-log", "log")
    assert ended.code == 1
    assert "refused: ~withheld-1~/c: verify-failed: name-left\n" in ended.err
    for text in (ended.out, ended.err, Path("report.json").read_text(), Path("log").read_text()):
        assert "kanari" not in text.casefold()


def test_uids_that_became_one_are_held_back(command: Command) -> None:
    rules = [
        {"dicomTagPath": "SOPInstanceUID", "method": "substitute", "replaceWith": "1.2.9"},
        *RULES,
    ]
    write("c.json", json.dumps({"rules": rules, "parameters": {"key": KEY}}).encode())
    Path("in/leak").unlink()
    ended = command(*FLAGS)
    assert ended.code == 1
    assert "verify-failed: uid-merged: " in ended.err
    assert outputs() == set()


def test_outputs_that_are_not_of_the_run_stay(command: Command) -> None:
    write("out/other", image(9, name=NAME))
    patient_wide()
    assert command(*FLAGS).code == 1
    assert outputs() == {"a", "b", "other"}


def test_names_from_uids(command: Command) -> None:
    patient_wide()
    assert command(*FLAGS, "--rename", "uid", "--report", "report.json").code == 1
    assert len(outputs()) == 2
    assert {file["input"]: file["status"] for file in report()["files"]} == {
        "a": "written",
        "b": "written",
        "leak": "refused",
    }


def test_inputs_of_the_same_bytes_have_one_output_and_are_held_back_together(
    command: Command,
) -> None:
    patient_wide()
    write("in/twin", Path("in/leak").read_bytes())
    line = (*FLAGS, "--rename", "uid", "--overwrite", "--report", "report.json")
    assert command(*line).code == 1
    assert len(outputs()) == 2
    content = report()
    assert (content["written"], content["refused"]) == (2, {"verify-failed": 2})


def test_an_input_that_got_lost_fails(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    add = Report.add

    def lose(self: Report, outcome: Outcome) -> None:
        if outcome.path != "b":
            add(self, outcome)

    Path("in/leak").unlink()
    monkeypatch.setattr(Report, "add", lose)
    ended = command(*FLAGS)
    assert ended.code == 1
    assert "verify: FAIL: missing: the input has no output, and no reason is known" in ended.err


# Where it is told


@pytest.mark.parametrize("alone", [True, False])
def test_the_quarantine_has_it(alone: bool, command: Command) -> None:
    if not alone:
        patient_wide()
    before = os.umask(0)
    try:
        assert command(*FLAGS, "--quarantine", "apart", "--quarantine-copy").code == 1
    finally:
        os.umask(before)
    assert outputs() == {"a", "b"}
    held = Path("apart/held/leak")
    assert b"Karlotta" in held.read_bytes()
    assert NAME.encode() not in held.read_bytes()
    assert held.stat().st_mode & 0o777 == 0o600
    assert held.parent.stat().st_mode & 0o777 == 0o700
    (line,) = json.loads(Path("apart/refused.json").read_text(encoding="utf-8"))["files"]
    assert (line["input"], line["reason"]) == ("leak", "verify-failed")
    assert (line["copied"], line["held"]) == (True, True)
    assert Path("apart/files/leak").read_bytes() == Path("in/leak").read_bytes()
    assert command(*FLAGS, "--quarantine", "apart", "--overwrite").code == 1


def test_the_quarantine_of_one_image(command: Command) -> None:
    line = ("-c", "c.json", "--verify", "--quarantine", "apart", "-i", "in/leak", "-o")
    assert command(*line, "one.dcm").code == 1
    assert not Path("one.dcm").exists()
    assert Path("apart/held/leak").exists()
    assert command(*line, "apart/one.dcm").code == 2


def test_another_file_system_is_no_way_out(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(one: str, other: str) -> None:
        raise OSError(18, "cross-device link")

    patient_wide()
    monkeypatch.setattr("anonymizer.quarantine.os.rename", refuse)
    assert command(*FLAGS, "--quarantine", "apart").code == 1
    assert outputs() == {"a", "b"}
    held = Path("apart/held/leak")
    assert b"Karlotta" in held.read_bytes()
    assert held.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("alone", [True, False])
def test_the_audit_log_does_not_say_that_it_is_written(alone: bool, command: Command) -> None:
    if not alone:
        patient_wide()
    assert command(*FLAGS, "--audit-log", "log").code == 1
    lines = Path("log").read_text(encoding="utf-8").splitlines()
    *records, closing = map(json.loads, lines)
    assert (closing["status"], closing["records"]) == ("closed", 3)
    by_path = {record["input"]["path"]: record for record in records}
    assert len(records) == len(by_path) == 3
    held = by_path["leak"]
    assert (held["status"], held["reason"]) == ("refused", "verify-failed")
    assert len(held["input"]["sha256"]) == 64
    assert "output" not in held
    assert command("audit", "verify", "log").code == 0
    ended = command("verify", "in", "out", "-c", "c.json", "--audit", "log")
    assert (ended.code, "1 refused (verify-failed)" in ended.out) == (0, True)


def test_hidden_paths_stay_hidden(command: Command) -> None:
    patient_wide()
    command(*FLAGS, "--hide-paths", "--report", "report.json")
    content = report()
    shown = {finding["file"] for finding in content["verification"]["findings"]}
    assert shown
    assert not shown & {"a", "b", "leak"}


# Going on


def outcomes() -> list[str]:
    with sqlite3.connect("out.ledger") as data:
        found = [row[0] for row in data.execute("SELECT outcome FROM files ORDER BY outcome")]
    data.close()
    return found


@pytest.mark.parametrize("alone", [True, False])
def test_what_was_held_back_is_not_done(alone: bool, command: Command) -> None:
    if not alone:
        patient_wide()
    assert command(*FLAGS, "--resume").code == 1
    assert outcomes() == ["verify-failed", "written", "written"]
    ended = command(*FLAGS, "--resume")
    assert ended.code == 1
    assert "done before    2 files" in ended.out
    assert outputs() == {"a", "b"}
    write("in/leak", image(3, name=NAME))
    ended = command(*FLAGS, "--resume")
    assert (ended.code, outputs()) == (0, {"a", "b", "leak"})


def test_what_a_run_before_has_written_is_verified_too(command: Command) -> None:
    write("in/leak", image(3, name="", more=LEAK))
    Path("in/a").unlink()
    Path("in/b").unlink()
    assert command(*FLAGS, "--resume").code == 0  # nobody says yet that it is a name
    write("in/a", image(1, name=NAME))
    ended = command(*FLAGS, "--resume", "--report", "report.json")
    assert ended.code == 1
    assert outputs() == {"a"}
    assert outcomes() == ["verify-failed", "written"]
    assert (report()["written"], report()["doneBefore"]) == (1, 0)
    told(ended)


def test_what_a_run_before_has_written_is_found_by_its_uids(command: Command) -> None:
    line = (*FLAGS, "--resume", "--rename", "uid")
    patient_wide()
    assert command(*line[:6], *line[7:]).code == 0
    assert len(outputs()) == 3
    assert command(*line).code == 1
    assert len(outputs()) == 2


# What goes with it


@pytest.mark.parametrize("series", ["1.2.3.0.0", "1.2.3.0.2"])
def test_an_instance_that_stands_in_two_series_is_found_in_both(
    series: str, command: Command
) -> None:
    os.unlink("in/leak")
    other = image(1, name=NAME).replace(b"1.2.3.0.1", series.encode())
    write("in/0", other + element("ImageComments", "LT", "another"))
    line = (*FLAGS, "--resume", "--rename", "uid")
    assert command(*line).code == 0
    made = outputs()
    assert len(made) == 3
    ended = command(*line, "--report", "report.json")
    told(ended)
    assert ended.code == 0
    assert report()["doneBefore"] == 3
    assert outputs() == made


def test_review_is_told_and_fails_with_strict_only(command: Command) -> None:
    write("in/leak", image(3, name=NAME, more=element("PatientComments", "LT", "for Karlotta")))
    ended = command(*FLAGS)
    assert ended.code == 0
    assert "verify: REVIEW: value-kept: PatientComments: " in ended.err
    assert "verified       REVIEW: " in ended.out
    told(ended)
    assert outputs() == {"a", "b", "leak"}
    assert command(*FLAGS, "--strict", "--overwrite").code == 1
    assert outputs() == {"a", "b", "leak"}


def test_a_new_directory_lists_what_is_left(command: Command) -> None:
    from pydicom import dcmread

    for number, name in enumerate(("a", "b", "leak")):
        Path("in", name).rename(f"in/IM{number}")
    write("in/IM2", image(3, name="", more=LEAK))
    ended = command(*FLAGS, "--dicomdir", "rebuild")
    assert ended.code == 1
    assert outputs() == {"IM0", "IM1", "DICOMDIR"}
    records = dcmread("out/DICOMDIR").DirectoryRecordSequence
    assert sorted(r.ReferencedFileID for r in records if "ReferencedFileID" in r) == ["IM0", "IM1"]


def test_forced_images(command: Command) -> None:
    Path("in/leak").unlink()
    write("in/raw", bytes(132) + image(4, name=NAME)[132:])
    assert command(*FLAGS, "--force").code == 0
    assert outputs() == {"a", "b", "raw"}


def test_without_a_key_it_passes_too(command: Command) -> None:
    write("c.json", json.dumps({"rules": RULES}).encode())
    Path("in/leak").unlink()
    ended = command(*FLAGS)
    assert ended.code == 0
    assert "verified       PASS: " in ended.out


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        (["--dry-run"], "nothing to verify"),
        (["--resume", "--mix"], "leave out --mix"),
        (["--quarantine", "in/apart"], "are not apart"),
    ],
)
def test_flags_that_do_not_go_together(more: list[str], hint: str, command: Command) -> None:
    ended = command(*FLAGS, *more)
    assert (ended.code, hint in ended.err) == (2, True)
    assert not Path("out").exists() or not outputs()


def test_a_defect_of_ours_holds_back(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError(NAME)

    Path("in/leak").unlink()
    monkeypatch.setattr("anonymizer.verify.intervals.Intervals.hear", fail)
    ended = command(*FLAGS)
    assert ended.code == 1
    assert "refused: a: verify-failed: unverified: ValueError\n" in ended.err
    assert outputs() == set()
    told(ended)


def test_of_an_interrupted_run_nothing_more_is_said(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anonymizer.worker import Worker

    do = Worker.do

    def interrupted(self: Worker, path: str, *, again: bool = False) -> object:
        if path == "b":
            raise KeyboardInterrupt
        return do(self, path, again=again)

    monkeypatch.delattr(os, "fork")
    monkeypatch.setattr(Worker, "do", interrupted)
    ended = command(*FLAGS)
    assert ended.code == 1
    assert "interrupted: what is written was verified file by file, and not together" in ended.err


def test_an_interrupted_verification_is_told(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("anonymizer.verify.verify.Verification.of_run", interrupt)
    ended = command(*FLAGS, "--report", "report.json")
    assert ended.code == 1
    assert "verified file by file, and not together" in ended.err
    assert report()["interrupted"]


def test_what_the_reference_tool_leaves_fails_where_it_breaks_references(command: Command) -> None:
    rules = [{"tag": tag, "method": method} for tag, method in (
        ("PatientName", "redact"), ("PatientID", "redact"), ("SOPInstanceUID", "refreshUID"),
        ("StudyInstanceUID", "refreshUID"), ("SeriesInstanceUID", "refreshUID"),
    )]  # fmt: skip
    given = {"defaultSettings": {"redact": {}}, "rules": rules}
    write("c.json", json.dumps(given).encode())
    Path("in/leak").unlink()
    assert command(*FLAGS, "--exact", "microsoft").code == 0
    nested = item(element("ReferencedSOPInstanceUID", "UI", "1.2.3.1"))
    write("in/b", image(2, more=sequence("ReferencedImageSequence", nested)))
    ended = command(*FLAGS, "--exact", "microsoft", "--overwrite")
    assert ended.code == 1
    assert "refused: b: verify-failed: uid-split: " in ended.err


def test_a_run_without_it_loads_nothing_of_it() -> None:
    code = (
        "import sys; sys.argv = ['anonymizer', '-I', 'in', '-O', 'out', '-c', 'c.json', '-q']\n"
        "from anonymizer.cli.plain import read_plain\n"
        "from anonymizer.cli.run import run\n"
        "assert run(read_plain(sys.argv[1:])) == 0\n"
        "assert not [name for name in sys.modules if name.startswith('anonymizer.verify')]\n"
    )
    import subprocess
    import sys

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_in_a_process_of_its_own(study: Path) -> None:
    patient_wide()
    ended = run_command(*FLAGS, "--workers", "2", cwd=study)
    assert ended.returncode == 1
    assert outputs() == {"a", "b"}
