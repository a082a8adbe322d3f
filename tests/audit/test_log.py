"""An audit log tells of every file of every run, whatever became of it, and holds no value."""

from __future__ import annotations

import json
import os
import stat
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from study import (
    KEY,
    SAMPLES,
    compiled,
    image,
    kill,
    run_command,
    settings,
    start_command,
    write_study,
)

import anonymizer.pool
from anonymizer.audit.chain import hash_of, line_of, prove
from anonymizer.audit.log import AuditLog
from anonymizer.errors import ImageError, UsageError
from anonymizer.job import run_folder
from anonymizer.report import WRITTEN, Outcome, Report
from anonymizer.worker import Worker

if TYPE_CHECKING:
    from study import Command

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

CONFIG = {
    "version": "2",
    "name": "audited",
    "parameters": {"key": KEY},
    "rules": [
        {"dicomTagPath": "PN", "method": "remove"},
        {"dicomTagPath": "PatientID", "method": "pseudonym"},
        {"dicomTagPath": "UI", "method": "refreshUID"},
    ],
}
RULES: Any = CONFIG["rules"]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study with a damaged image, a note and a file whose name tells; a configuration."""
    monkeypatch.chdir(tmp_path)
    study = write_study(tmp_path / "in")
    (study / "im003").write_bytes(image(3)[:-1])
    (study / "notes.txt").write_text("nothing", encoding="utf-8")
    (study / "link").symlink_to("im000")
    (study / "doe_jane.pdf").write_bytes(b"%PDF")
    (tmp_path / "c.json").write_text(json.dumps(CONFIG), encoding="utf-8")


def records(path: str = "a.jsonl") -> list[dict[str, Any]]:
    with open(path, "rb") as file:
        assert not prove(file).fault
    lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if "input" in line]


def by_path(path: str = "a.jsonl") -> dict[str, dict[str, Any]]:
    return {record["input"]["path"]: record for record in records(path)}


RUN = ("-I", "in", "-O", "out", "-c", "c.json", "--audit-log", "a.jsonl", "-q")


@pytest.mark.parametrize("workers", [1, 3])
def test_each_file_has_a_record(workers: int, command: Command) -> None:
    assert command(*RUN, "--workers", workers).code == 1
    told = by_path()
    assert sorted(told) == ["im000", "im001", "im002", "im003", "link", "notes.txt", "~withheld-1~"]
    assert {p: (r["status"], r.get("reason")) for p, r in told.items()} == {
        **dict.fromkeys(("im000", "im001", "im002"), ("written", None)),
        "im003": ("refused", "truncated"),
        "link": ("skipped", "symlink"),
        "notes.txt": ("skipped", "not-dicom"),
        "~withheld-1~": ("skipped", "not-dicom"),
    }
    one = told["im001"]
    assert one["input"]["sha256"] == sha256(Path("in/im001").read_bytes()).hexdigest()
    assert one["output"] == {
        "path": "im001",
        "sha256": sha256(Path("out/im001").read_bytes()).hexdigest(),
    }
    assert one["pseudonym"].encode() in Path("out/im001").read_bytes()
    assert len(one["patientIdHash"]) == 64
    assert one["configuration"] == {
        "name": "audited",
        "version": "2",
        "sha256": compiled_digest(),
    }
    assert one["tool"].startswith("anonymizer ")
    assert one["time"].endswith("Z")
    assert [e["path"] for e in one["elements"]] == [
        "SOPInstanceUID",
        "PatientName",
        "PatientID",
        "StudyInstanceUID",
        "SeriesInstanceUID",
    ]
    assert one["statistics"]["removed"] == 1
    assert told["im003"]["input"]["sha256"] == sha256(Path("in/im003").read_bytes()).hexdigest()
    assert "output" not in told["im003"]
    assert not Path("a.jsonl.part").exists()


def compiled_digest() -> str:
    from anonymizer.config.load import load_configuration

    return load_configuration("c.json").digest


def test_one_image_has_one(command: Command) -> None:
    ended = command("-i", "in/im000", "-o", "x.dcm", "-c", "c.json", "--audit-log", "a.jsonl")
    assert ended.code == 0
    (told,) = records()
    assert (told["input"]["path"], told["output"]["path"]) == ("im000", "x.dcm")


def test_large_files_and_new_names(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anonymizer.files, "WHOLE", 100)
    assert command(*RUN, "--rename", "uid").code == 1
    told = by_path()["im000"]
    output = Path("out") / told["output"]["path"]
    assert output.parent.parent.parent == Path("out")
    assert told["output"]["sha256"] == sha256(output.read_bytes()).hexdigest()
    assert told["input"]["sha256"] == sha256(image(0)).hexdigest()


def test_a_second_run_continues_the_chain(command: Command) -> None:
    command(*RUN)
    command(*RUN, "--overwrite")
    told = records()
    assert len(told) == 14
    assert len({r["run"] for r in told}) == 2
    assert {r["patientIdHash"] for r in told if r["status"] == "written"} == {
        told[3].get("patientIdHash") or told[1]["patientIdHash"]
    }
    assert stat.S_IMODE(os.stat("a.jsonl").st_mode) == 0o600


def test_what_was_there_already_is_refused_and_told_once(command: Command) -> None:
    command(*RUN)
    command("-I", "in", "-O", "out", "-c", "c.json", "--audit-log", "b.jsonl", "-q")
    assert [r["reason"] for r in by_path("b.jsonl").values()].count("exists") == 3
    assert len(records("b.jsonl")) == 7


def test_hidden_paths_stand_nowhere(command: Command) -> None:
    command(*RUN, "--hide-paths", "--report", "r.json")
    text = Path("a.jsonl").read_text(encoding="utf-8")
    files = json.loads(Path("r.json").read_text(encoding="utf-8"))["files"]
    for name in os.listdir("in"):
        assert f'"{name}"' not in text
        assert name not in {file["input"] for file in files}
    assert {len(r["input"]["path"]) for r in records()} == {64}
    assert {r["input"]["path"] for r in records()} == {file["input"] for file in files}
    command(*RUN, "--hide-paths", "--overwrite")
    told = records()
    assert {r["input"]["path"] for r in told[:7]} == {r["input"]["path"] for r in told[7:]}


@pytest.mark.parametrize("more", [[], ["--report", "r.json"]])
def test_hidden_paths_are_not_told_file_by_file_either(more: list[str], command: Command) -> None:
    told = command(*RUN[:-1], "--hide-paths", "--verbose", *more).out.splitlines()
    paths = [line.split(": ")[0] for line in told if ": " in line]
    assert {r["input"]["path"] for r in records()} < set(paths)
    assert not set(os.listdir("in")) & set(paths)


def test_without_a_key_hashes_are_of_this_run(command: Command) -> None:
    Path("k.json").write_text(json.dumps({"rules": [RULES[0]]}), encoding="utf-8")
    one = ("-i", "in/im000", "-o", "x.dcm", "-c", "k.json", "--audit-log", "a.jsonl")
    ended = command(*one)
    assert "warning: --audit-log: no key: keyed hashes will be others in the next run" in ended.err
    command(*one, "--overwrite")
    assert len({r["patientIdHash"] for r in records()}) == 2


def test_without_the_flag_nothing_differs(command: Command) -> None:
    command(*RUN)
    command("-I", "in", "-O", "bare", "-c", "c.json", "-q")
    for name in ("im000", "im001", "im002"):
        assert Path("out", name).read_bytes() == Path("bare", name).read_bytes()


def test_no_value_of_the_samples_is_told(command: Command) -> None:
    import pydicom

    ended = command(
        "-I", SAMPLES, "-O", "out", "-c", "example", "--audit-log", "a.jsonl", "--quiet"
    )
    assert ended.code == 0
    text = Path("a.jsonl").read_text(encoding="utf-8")
    for path in SAMPLES.rglob("*"):
        if path.is_file() and path.suffix != ".txt":
            patient = pydicom.dcmread(path)
            assert str(patient.PatientName) not in text
            assert f'"{patient.PatientID}"' not in text
            assert str(patient.SOPInstanceUID) not in text


# What a log is continued from


def test_a_torn_last_line_is_taken_away_and_told(command: Command) -> None:
    command(*RUN)
    with open("a.jsonl", "ab") as file:
        file.write(b'{"previous":"12')
    ended = command(*RUN, "--overwrite")
    assert "warning: --audit-log: its last line had no end" in ended.err
    assert "15 bytes" in ended.err
    assert len(records()) == 14


@pytest.mark.parametrize(
    "content",
    [
        b"something\n",
        b"{}\n",
        b'{"previous": "0"}\n{}\n',
        b"something",
        b"1\n2",
        b"\x89PNG\r\n\x1a",
    ],
)
def test_what_is_no_log_is_left_alone(content: bytes, command: Command) -> None:
    Path("a.jsonl").write_bytes(content)
    ended = command(*RUN)
    assert ended.code == 2
    assert "a.jsonl: its last line does not follow the one before" in ended.err
    assert Path("a.jsonl").read_bytes() == content
    assert not list(Path("out").iterdir())


def test_a_log_that_another_run_writes_to_is_refused() -> None:
    another = pytest.raises(UsageError, match="another run writes to this audit log")
    with AuditLog("a.jsonl", compiled(*RULES), hides=False), another:
        AuditLog("a.jsonl", compiled(*RULES), hides=False)


def test_long_lines_are_read_to_their_begin() -> None:
    with AuditLog("a.jsonl", compiled(*RULES), hides=False) as log:
        for number in range(3):
            log.spool.tell(Outcome(f"x{number}" * 60_000, "refused", "io", "none"))
        log.finish(Report(compiled(*RULES)))
    with AuditLog("a.jsonl", compiled(*RULES), hides=False) as log:
        log.finish(Report(compiled(*RULES)))
    assert len(records()) == 3


# Killed runs, dead workers, full disks


def left_by_a_killed_run(*, hides: bool = False) -> None:
    with AuditLog("a.jsonl", compiled(*RULES, name="killed"), hides=hides) as log:
        worker = Worker(compiled(*RULES), settings(Path("in"), Path("killed"), spool=log.spool))
        os.mkdir("killed")
        assert worker.do("im000").status == WRITTEN
        assert worker.do("im001").status == WRITTEN
    with open("a.jsonl.part", "ab") as file:
        file.write(b'["im002"')


def test_the_next_run_appends_what_a_killed_run_has_left(command: Command) -> None:
    left_by_a_killed_run()
    ended = command(*RUN)
    assert "warning: --audit-log: a killed run had left 2 records, which are appended" in ended.err
    told = records()
    assert len(told) == 9
    assert [r["input"]["path"] for r in told[:2]] == ["~withheld~", "~withheld~"]
    assert [r["configuration"]["name"] for r in told[:3]] == ["killed", "killed", "audited"]
    assert told[0]["input"]["sha256"] == sha256(image(0)).hexdigest()


def test_hidden_paths_of_a_killed_run_need_not_be_withheld(command: Command) -> None:
    left_by_a_killed_run(hides=True)
    command(*RUN)
    assert len(records()[0]["input"]["path"]) == 64


def test_what_was_appended_before_the_end_is_not_repeated(command: Command) -> None:
    left_by_a_killed_run()
    spool = Path("a.jsonl.part").read_bytes()
    command(*RUN)
    first = Path("a.jsonl").read_bytes().splitlines(keepends=True)[0]
    Path("a.jsonl").write_bytes(first)
    Path("a.jsonl.part").write_bytes(spool)
    ended = command(*RUN, "--overwrite")
    assert "a killed run had left 1 records" in ended.err
    assert len(records()) == 9


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_run_that_is_killed_leaves_no_output_without_a_record(tmp_path: Path) -> None:
    study = write_study(tmp_path / "many", 400)
    line = ("-I", study, "-O", "out", "-c", "c.json", "--workers", "2", "-q")
    run = start_command(*line, "--audit-log", "a.jsonl")
    until = time.monotonic() + 30
    while time.monotonic() < until and len(list(Path("out").glob("im*"))) < 20:
        time.sleep(0.005)
    kill(run)
    written = {sha256(path.read_bytes()).hexdigest() for path in Path("out").glob("im*")}
    run_command("-i", "in/im000", "-o", "x.dcm", "-c", "c.json", "--audit-log", "a.jsonl")
    told = {r["output"]["sha256"] for r in records() if "output" in r}
    assert written
    assert written <= told


def test_a_worker_that_died_with_a_file_leaves_one_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(self: Worker, path: str, *, again: bool = False) -> Outcome:
        outcome = done(self, path, again=again)
        if path == "im001":
            os._exit(9)
        return outcome

    done = Worker.do
    monkeypatch.setattr(Worker, "do", dying)
    rules = compiled(*RULES)
    os.mkdir("out")
    with AuditLog("a.jsonl", rules, hides=False) as log:
        report = run_folder(rules, settings(Path("in"), Path("out"), spool=log.spool), workers=2)
        log.finish(report)
    assert report.refused["worker-died"] == 1
    assert by_path()["im001"]["reason"] == "worker-died"
    assert len(records()) == 7


def test_an_output_whose_record_cannot_be_written_gets_no_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rules = compiled(*RULES)
    os.mkdir("out")
    with AuditLog("a.jsonl", rules, hides=False) as log:
        worker = Worker(rules, settings(Path("in"), Path("out"), spool=log.spool))
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", lambda fd, data: 3)
            outcome = worker.do("im000")
            patch.setattr(os, "write", failing_write)
            with pytest.raises(ImageError, match="audit log"):
                log.spool.tell(Outcome("x", "skipped", "symlink"))
            report = Report(rules)
            report.tell = log.spool.tell
            report.add_unopened(Outcome("x", "skipped", "symlink"))
            assert report.refused == {"unwritable": 1}
    assert (outcome.status, outcome.reason) == ("refused", "unwritable")
    assert outcome.detail == "the audit log cannot be written (no space left on device)"
    assert list(Path("out").iterdir()) == []


def failing_write(fd: int, data: bytes) -> int:
    raise OSError(28, "x")


def test_a_log_that_cannot_be_finished_keeps_its_records(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = AuditLog.finish

    def finish(self: AuditLog, report: Report) -> None:
        monkeypatch.setattr(os, "write", lambda fd, data: 3)
        try:
            real(self, report)
        finally:
            monkeypatch.setattr(os, "write", os_write)

    os_write = os.write
    monkeypatch.setattr(AuditLog, "finish", finish)
    ended = command(*RUN)
    assert ended.code == 1
    assert "not all records could be written (no space left on device)" in ended.err
    assert Path("a.jsonl").read_bytes() == b""
    monkeypatch.setattr(AuditLog, "finish", real)
    assert "a killed run had left 7 records" in command(*RUN, "--overwrite").err
    assert len(records()) == 14


# verify


def test_verify_proves_a_log_and_finds_what_was_changed(command: Command) -> None:
    command(*RUN)
    ended = command("audit", "verify", "a.jsonl")
    assert ended.code == 0
    assert ended.out.startswith("a.jsonl: 7 records, each with the hash of the one before")
    lines = Path("a.jsonl").read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"number":4', b'"number":9')
    Path("a.jsonl").write_bytes(b"".join(lines))
    ended = command("audit", "verify", "a.jsonl")
    assert ended.code == 1
    assert "a.jsonl: line 5: it does not carry the hash of line 4" in ended.out
    told = json.loads(command("audit", "verify", "a.jsonl", "--json").out)
    assert (told["valid"], told["line"], told["records"]) == (False, 5, 4)


def test_verify_tells_what_it_cannot_read(command: Command) -> None:
    ended = command("audit", "verify", "nothing")
    assert (ended.code, ended.err) == (2, "nothing: cannot be read (no such file or directory)\n")


# Where a log may stand

MISPLACED = {
    "-I in -O out --audit-log in/a": "in/a: the audit log would lie in the input folder",
    "-I in -O out --audit-log out/a": "out/a: the audit log would lie among the outputs",
    "-I in -O out --audit-log c.json": "c.json: the audit log would take the place of a file",
    "-I in -O out --audit-log x --report x": "x: the audit log would take the place of a file",
    "-I in -O out --audit-log x --report x.part": "x: the audit log would take the place",
    "-i in/im000 -o x --audit-log x": "x: the audit log would take the place of a file",
    "-i in/im000 -o x --audit-log in/im000": "the audit log would take the place of a file",
    "-I in -O out --audit-log /dev/null": "/dev/null: is not a regular file",
    "-I in -O out --audit-log no/a": "no/a: there is no such folder to put the audit log in",
    "-I in -O out --audit-log /": "/: is a folder",
    "-I in -O out --hide-paths": "--hide-paths is about --audit-log and --report",
}


@pytest.mark.parametrize("line", MISPLACED)
def test_a_log_never_takes_the_place_of_another_file(line: str, command: Command) -> None:
    Path("out").mkdir()
    ended = command(*line.split(), "-c", "c.json")
    assert ended.code == 2
    assert MISPLACED[line] in ended.err
    assert not list(Path("out").iterdir())


# The end of a log


def lines_of(path: str = "a.jsonl") -> list[bytes]:
    return Path(path).read_bytes().splitlines(keepends=True)


def test_a_run_is_closed_and_the_report_tells_the_last_hash(command: Command) -> None:
    command(*RUN, "--report", "r.json")
    closing = json.loads(lines_of()[-1])
    assert (closing["status"], closing["records"]) == ("closed", 7)
    report = json.loads(Path("r.json").read_text(encoding="utf-8"))
    assert report["auditLog"] == {"last": hash_of(lines_of()[-1])}
    command("-I", "in", "-O", "bare", "-c", "c.json", "-q", "--report", "bare.json")
    assert "auditLog" not in json.loads(Path("bare.json").read_text(encoding="utf-8"))


def test_the_hash_of_a_last_line_that_was_kept_shows_that_nothing_is_gone(command: Command) -> None:
    command(*RUN)
    first = lines_of()
    kept = hash_of(first[-1])
    command(*RUN, "--overwrite")
    ended = command("audit", "verify", "a.jsonl", "--last", kept)
    assert ended.code == 0
    assert "line 8 has the hash that was kept" in ended.out
    newest = hash_of(lines_of()[-1])
    Path("a.jsonl").write_bytes(b"".join(first))
    assert command("audit", "verify", "a.jsonl").code == 0
    ended = command("audit", "verify", "a.jsonl", "--last", newest)
    assert ended.code == 1
    assert "no line has the hash that was kept" in ended.out


@pytest.mark.parametrize("kept", [" ", "0" * 63, "g" * 64])
def test_what_is_no_hash_proves_nothing(kept: str, command: Command) -> None:
    command(*RUN)
    ended = command("audit", "verify", "a.jsonl", "--last", kept)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("--last takes a hash of 64 digits\n  hint: ")


def test_an_emptied_log_and_one_without_its_end_are_told(command: Command) -> None:
    command(*RUN)
    lines = lines_of()
    for count in range(len(lines)):
        Path("a.jsonl").write_bytes(b"".join(lines[:count]))
        assert command("audit", "verify", "a.jsonl").code == 1
    Path("a.jsonl").write_bytes(b"")
    assert command("audit", "verify", "a.jsonl").out.startswith("a.jsonl: it has no record")


def test_what_was_changed_is_not_continued_and_pairs_nothing(command: Command) -> None:
    command(*RUN)
    lines = lines_of()
    broken = b"".join([lines[0], lines[1].replace(b"audited", b"audiled"), *lines[2:]])
    for content in (broken, b"".join(lines[:-1])):
        Path("a.jsonl").write_bytes(content)
        ended = command(*RUN, "--overwrite")
        assert ended.code == 2
        assert "a.jsonl: line " in ended.err
        assert Path("a.jsonl").read_bytes() == content
    Path("a.jsonl").write_bytes(broken)
    for name in ("diff", "verify"):
        ended = command(name, "in", "out", "--audit", "a.jsonl")
        assert ended.code == 2
        assert "a.jsonl: line 3: it does not carry the hash of line 2" in ended.err


def test_a_killed_run_is_told(command: Command) -> None:
    left_by_a_killed_run()
    ended = command("audit", "verify", "a.jsonl")
    assert ended.code == 1
    assert "note: a.jsonl.part holds records of a run that goes on, or was killed" in ended.out
    command(*RUN)
    assert json.loads(lines_of()[2])["status"] == "interrupted"
    ended = command("audit", "verify", "a.jsonl")
    assert ended.code == 0
    assert "note: 1 run was killed" in ended.out


def test_an_old_log_holds_with_a_note_and_is_continued(command: Command) -> None:
    command(*RUN)
    old: list[bytes] = []
    for line in lines_of()[:-1]:
        record = json.loads(line)
        del record["log"], record["previous"]
        old.append(line_of(record, hash_of(old[-1]) if old else "0" * 64))
    Path("a.jsonl").write_bytes(b"".join(old))
    ended = command("audit", "verify", "a.jsonl")
    assert ended.code == 0
    assert "note: an old log" in ended.out
    command(*RUN, "--overwrite")
    ended = command("audit", "verify", "a.jsonl")
    assert ended.code == 0
    assert "an old log" not in ended.out
