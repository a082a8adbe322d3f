"""A run that was cut short and gone on with ends as one that nobody disturbed.

``ANONYMIZER_KILLS=50 pytest tests/test_resume.py -k moments`` kills at so many moments over 2,000
files, instead of the few of the suite.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from image import element
from study import (
    KEY,
    NEW_UIDS,
    REMOVE_NAMES,
    compiled,
    image,
    images_in,
    kill,
    run_command,
    settings,
    start_command,
    tree,
    write_study,
)

from anonymizer.errors import UsageError
from anonymizer.job import run_folder
from anonymizer.ledger.ledger import Ledger
from anonymizer.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from anonymizer.report import Outcome, Report

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

KILLS = int(os.environ.get("ANONYMIZER_KILLS", "0"))
RULES = [REMOVE_NAMES, NEW_UIDS, {"dicomTagPath": "PatientID", "method": "cryptoHash"}]
KEY_OF_LEDGER = b"k" * 32


# Killed


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return start_command(*arguments, cwd=folder, ANONYMIZER_KEY=KEY)


@pytest.mark.skipif(sys.platform != "linux", reason="kills a whole process group")
@pytest.mark.parametrize("more", [[], ["--rename", "uid"]], ids=["names kept", "names from UIDs"])
def test_killed_at_random_moments_a_run_ends_as_one_undisturbed(
    more: list[str], tmp_path: Path
) -> None:
    for patient in range(20 if KILLS else 4):
        write_study(tmp_path / "in" / f"p{patient:02}", 100, first=100 * patient)
    line = ["-I", "in", "-c", "example", "--workers", "2", "-q", *more]
    began = time.monotonic()
    assert start(tmp_path, *line, "-O", "whole").wait() == 0
    seconds = time.monotonic() - began
    whole = tree(tmp_path / "whole")
    moments = random.Random(17)
    killed = 0
    for number in range(KILLS or 3):
        out = tmp_path / f"out{number}"
        resumed = [*line, "-O", out.name, "--resume"]
        run = start(tmp_path, *resumed)
        time.sleep(seconds * moments.uniform(0.02, 1.1))
        was_killed = kill(run) == -signal.SIGKILL
        killed += was_killed
        seconds *= 1 if was_killed else 0.5  # the machine was busier when the time was taken
        left = images_in(out) if out.exists() else {}
        assert left.items() <= whole.items(), "something partial, or something else"
        assert start(tmp_path, *resumed).wait() == 0
        assert tree(out) == whole
        assert not list(tmp_path.glob(f"{out.name}.ledger-*"))
    assert killed, "no run was killed before its end"
    sys.stdout.write(f"{killed} of {number + 1} killed before the end, all ended the same\n")


def test_a_run_killed_again_and_again_comes_to_its_end(tmp_path: Path) -> None:
    write_study(tmp_path / "in", 300)
    line = ["-I", "in", "-c", "example", "--workers", "2", "-q"]
    assert start(tmp_path, *line, "-O", "whole").wait() == 0
    for number in range(6):
        run = start(tmp_path, *line, "-O", "out", "--resume")
        time.sleep(0.12 + 0.04 * number)
        if kill(run) == 0:
            break
    assert start(tmp_path, *line, "-O", "out", "--resume").wait() == 0
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")


# What is done again, and what is not


class Study:
    """A folder of inputs, one of outputs, and runs from one to the other with a ledger."""

    def __init__(self, folder: Path) -> None:
        self.source = write_study(folder / "in", 5)
        self.target = folder / "out"
        self.target.mkdir()
        self.path = folder / "out.ledger"

    def run(self, *, mix: bool = False, digest: str = "one", **given: Any) -> Report:  # noqa: ANN401  any setting
        ledger = Ledger(str(self.path), KEY_OF_LEDGER, str(self.source))
        try:
            ledger.begin_run(digest, [b"flag"], mix=mix)
            how = settings(self.source, self.target, **given)
            report = run_folder(compiled(*RULES), how, workers=2, ledger=ledger)
            assert not ledger.fault
            return report
        finally:
            ledger.close()


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(tmp_path)


def test_what_is_done_is_left_as_it_is(study: Study) -> None:
    assert study.run().written == 5
    before = {path: path.stat().st_ino for path in study.target.iterdir()}
    report = study.run(each=True)
    assert (report.written, report.done_before, report.total) == (0, 5, 5)
    assert {path: path.stat().st_ino for path in study.target.iterdir()} == before
    assert {outcome.status for outcome in report.files} == {"done-before"}


def test_what_is_new_or_changed_is_done(study: Study) -> None:
    study.run()
    (study.source / "im003").write_bytes(image(3, name="Roe^Richard"))
    os.utime(study.source / "im001", ns=(1, 1))
    (study.source / "new").write_bytes(image(77))
    report = study.run()
    assert (report.written, report.done_before, report.refused) == (3, 3, {})


def test_an_output_that_is_gone_or_of_another_size_is_made_again(study: Study) -> None:
    study.run()
    whole = tree(study.target)
    (study.target / "im000").unlink()
    (study.target / "im004").write_bytes(b"cut")
    report = study.run()
    assert (report.written, report.done_before) == (2, 3)
    assert tree(study.target) == whole


def test_names_from_uids_are_known_again(study: Study) -> None:
    study.run(rename="uid")
    whole = tree(study.target)
    next(path for path in study.target.rglob("*.dcm")).unlink()
    report = study.run(rename="uid")
    assert (report.written, report.done_before, report.refused) == (1, 4, {})
    assert tree(study.target) == whole


def test_what_was_refused_is_tried_again(study: Study) -> None:
    cut = image(9)[:-3]
    (study.source / "cut").write_bytes(cut)
    for _ in range(2):
        assert study.run().refused == {"truncated": 1}
    (study.source / "cut").write_bytes(image(9))
    assert study.run().written == 1


@pytest.mark.parametrize("rename", ["", "uid"], ids=["names kept", "names from UIDs"])
def test_an_output_without_a_row_is_written_over_if_its_file_was_begun(
    rename: str, study: Study
) -> None:
    """As where a kill comes between an output's name and its row."""
    study.run(rename=rename)
    whole = tree(study.target)
    data = sqlite3.connect(study.path)
    paths = b"".join(row[0] for row in data.execute("SELECT path FROM files"))
    data.execute("DELETE FROM files")
    data.execute("INSERT INTO begun VALUES (1, ?)", (paths,))
    data.commit()
    data.close()
    report = study.run(rename=rename)
    assert (report.written, report.done_before, report.refused) == (5, 0, {})
    assert tree(study.target) == whole
    assert study.run(rename=rename).done_before == 5


@pytest.mark.parametrize("rename", ["", "uid"], ids=["names kept", "names from UIDs"])
def test_an_output_whose_worker_died_when_it_had_its_name_is_written_over(
    rename: str, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = Worker.do

    def dying(self: Worker, path: str, *, again: bool = False) -> Outcome:
        outcome = do(self, path, again=again)
        if path == "im002":
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome

    with monkeypatch.context() as patched:
        patched.setattr(Worker, "do", dying)
        report = study.run(rename=rename)
    assert (report.written, report.refused) == (4, {"worker-died": 1})
    report = study.run(rename=rename)
    assert (report.written, report.done_before, report.refused) == (1, 4, {})
    assert study.run(rename=rename).done_before == 5


def test_what_was_there_before_the_first_run_is_not_written_over(study: Study) -> None:
    foreign = study.target / "im002"
    foreign.write_bytes(b"of somebody else")
    os.utime(foreign, ns=(1, 1))
    for _ in range(2):
        assert study.run().refused == {"exists": 1}
    assert foreign.read_bytes() == b"of somebody else"


def test_what_nobody_began_is_not_written_over(study: Study) -> None:
    study.run()
    (study.source / "new").write_bytes(image(77))
    (study.target / "new").write_bytes(b"of somebody else")
    report = study.run()
    assert (report.done_before, report.refused) == (5, {"exists": 1})


def test_two_inputs_of_one_uid_do_not_take_turns(study: Study) -> None:
    study.run(rename="uid")
    whole = tree(study.target)
    (study.source / "twin").write_bytes(image(0, more=element("Rows", "US", 7)))
    for _ in range(2):
        report = study.run(rename="uid")
        assert (report.done_before, report.refused) == (5, {"exists": 1})
        assert tree(study.target) == whole


def test_a_copy_of_an_input_does_not_become_written_by_going_on(study: Study) -> None:
    (study.source / "twin").write_bytes((study.source / "im000").read_bytes())
    assert study.run(rename="uid").written == 5
    for _ in range(2):
        report = study.run(rename="uid")
        assert (report.written, report.done_before, report.refused) == (0, 5, {"exists": 1})


def test_one_process_keeps_a_ledger_too(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork", raising=False)
    assert study.run().written == 5
    assert study.run().done_before == 5


# Outputs that do not fit together


def test_another_configuration_is_refused_unless_outputs_may_be_mixed(study: Study) -> None:
    study.run()
    with pytest.raises(UsageError, match="another configuration"):
        study.run(digest="two")
    (study.source / "new").write_bytes(image(77))
    report = study.run(digest="two", mix=True)
    assert (report.written, report.done_before) == (1, 5)
    with pytest.raises(UsageError, match="another configuration"):
        study.run(digest="one")


def test_another_key_is_refused_even_to_be_mixed(study: Study) -> None:
    study.run()
    with pytest.raises(UsageError, match="another key"):
        Ledger(str(study.path), b"q" * 32, str(study.source))


def test_inputs_of_another_folder_take_no_output(study: Study, tmp_path: Path) -> None:
    study.run()
    whole = tree(study.target)
    study.source = write_study(tmp_path / "other", 5)
    with pytest.raises(UsageError, match="other flags, files or inputs"):
        study.run()
    report = study.run(mix=True)
    assert report.refused == {"exists": 5}
    assert tree(study.target) == whole


# The file itself


def test_the_ledger_holds_no_path_and_no_value(tmp_path: Path) -> None:
    study = Study(tmp_path)
    (study.source / "doe_jane").write_bytes(image(5, name="Kanari^Jane"))
    study.run()
    assert study.path.stat().st_mode & 0o777 == 0o600
    content = study.path.read_bytes()
    for word in (b"doe", b"im00", b"kanari", os.fsencode(tmp_path)):
        assert word not in content.lower()
    assert not re.search(rb"(?<![0-9a-f])4711(?![0-9a-f])", content), "and by no chance, in a hash"


def test_a_file_that_is_no_ledger_stays_as_it_is(tmp_path: Path) -> None:
    other = tmp_path / "other"
    data = sqlite3.connect(other)
    data.execute("CREATE TABLE mine (a)")
    data.close()
    for content in (other.read_bytes(), b"text of somebody\n" * 100):
        other.write_bytes(content)
        with pytest.raises(UsageError, match="is no ledger, or damaged"):
            Ledger(str(other), None, str(tmp_path))
        assert other.read_bytes() == content


def test_a_link_is_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="cannot be kept there"):
        Ledger(str(tmp_path / "link"), None, str(tmp_path))
    assert not (tmp_path / "elsewhere").exists()


def test_one_run_at_a_time_holds_a_ledger(tmp_path: Path) -> None:
    first = Ledger(str(tmp_path / "l"), None, str(tmp_path))
    with pytest.raises(UsageError, match="another run holds"):
        Ledger(str(tmp_path / "l"), None, str(tmp_path))
    first.close()
    Ledger(str(tmp_path / "l"), None, str(tmp_path)).close()


def test_without_a_key_paths_are_known_again_by_one_in_the_ledger(study: Study) -> None:
    for done in (0, 5):
        ledger = Ledger(str(study.path), None, str(study.source))
        ledger.begin_run("one", [], mix=False)
        how = settings(study.source, study.target)
        report = run_folder(compiled(REMOVE_NAMES), how, workers=1, ledger=ledger)
        ledger.close()
        assert report.done_before == done


def test_a_full_disk_ends_the_ledger_not_the_run(study: Study) -> None:
    ledger = Ledger(str(study.path), KEY_OF_LEDGER, str(study.source))
    ledger.begin_run("one", [], mix=False)
    ledger._data.execute("PRAGMA query_only = ON")
    how = settings(study.source, study.target)
    report = run_folder(compiled(*RULES), how, workers=2, ledger=ledger)
    assert report.written == 5
    assert ledger.fault == "attempt to write a readonly database"
    ledger.close()


# The command


@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_a_damaged_ledger_is_told_in_words(page: int, tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    line = ["-I", "in", "-O", "out", "-c", "example", "--resume"]
    assert run_command(*line, cwd=tmp_path, ANONYMIZER_KEY=KEY).returncode == 0
    before = tree(tmp_path / "out")
    with (tmp_path / "out.ledger").open("r+b") as ledger:
        ledger.seek(4096 * page)
        ledger.write(b"\xff" * 4096)
    ended = run_command(*line, cwd=tmp_path, ANONYMIZER_KEY=KEY)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "out.ledger: the ledger cannot be read or written (" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert tree(tmp_path / "out") == before


def test_without_a_key_there_is_no_resuming(tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    ended = run_command("-I", "in", "-O", "out", "-c", "example", "--resume", cwd=tmp_path)
    assert ended.returncode == 2
    assert "--resume: without a key the outputs of two runs do not fit together" in ended.stderr
    assert not list(tmp_path.glob("*.ledger"))
    assert tree(tmp_path / "out") == {}


def test_names_are_withheld_where_words_are_not_known_any_more(tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    line = ("-I", "in", "-O", "out", "-c", "example", "--resume", "--report", "report.json")
    assert run_command(*line, cwd=tmp_path, ANONYMIZER_KEY=KEY).returncode == 0
    (tmp_path / "in" / "doe_jane").write_bytes(image(8)[:-3])
    (tmp_path / "in" / "of_doe").write_bytes(image(9, name="Roe^Richard"))
    more = ("--verbose", "--audit-log", "log", "--quarantine", "apart")
    ended = run_command(*line, *more, cwd=tmp_path, ANONYMIZER_KEY=KEY)
    assert ended.returncode == 1
    assert "doe" not in ended.stderr + ended.stdout
    assert ended.stdout.count(": done before\n") == 3
    for kept in ("log", "apart/refused.json"):
        assert "doe" not in (tmp_path / kept).read_text(encoding="utf-8")
    assert "all names of files are withheld" in ended.stderr
    assert "hint: --dry-run without --resume, into a folder that is not there" in ended.stderr
    trial = ("-I", "in", "-O", "nowhere", "-c", "example", "--dry-run")
    shown = run_command(*trial, cwd=tmp_path, ANONYMIZER_KEY=KEY)
    assert "refused: ~withheld-1~: truncated" in shown.stderr
    assert "im000: " in shown.stdout
    assert "done before    3 files" in ended.stdout
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert told["doneBefore"] == 3
    statuses = sorted(file["status"] for file in told["files"])
    assert statuses == [*["done-before"] * 3, "refused", "written"]
    assert "doe" not in json.dumps(told)


def test_another_configuration_is_told(tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    line = ("-I", "in", "-O", "out", "--resume", "-c")
    assert run_command(*line, "example", cwd=tmp_path, ANONYMIZER_KEY=KEY).returncode == 0
    for more, told in (
        (["basic"], "another configuration"),
        (["example", "--rename", "uid"], "other flags"),
        (["example", "--workers", "1"], ""),
        (["basic", "--mix"], ""),
    ):
        ended = run_command(*line, *more, cwd=tmp_path, ANONYMIZER_KEY=KEY)
        assert ended.returncode == (2 if told else 0), ended.stderr
        assert told in ended.stderr
    other = "".join(reversed(KEY))
    ended = run_command(*line, "example", cwd=tmp_path, ANONYMIZER_KEY=other)
    assert "another key" in ended.stderr


def test_keys_in_a_configuration_of_the_other_tool_count(tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    line = ("-I", "in", "-O", "out", "-q", "-c", "theirs.json", "--resume")
    for key, code in (("k" * 32, 0), ("q" * 32, 2)):
        rules = [{"tag": "PatientID", "method": "cryptoHash"}]
        content = {"rules": rules, "defaultSettings": {"cryptoHash": {"cryptoHashKey": key}}}
        (tmp_path / "theirs.json").write_text(json.dumps(content), encoding="utf-8")
        ended = run_command(*line, cwd=tmp_path)
        assert ended.returncode == code, ended.stderr


def test_a_map_that_grows_is_gone_on_with_and_no_other(tmp_path: Path) -> None:
    write_study(tmp_path / "in", 2)
    rules = [{"dicomTagPath": "PatientName", "method": "pseudonym", "sequential": True}]
    (tmp_path / "c.json").write_text(json.dumps({"rules": rules}), encoding="utf-8")
    line = ("-I", "in", "-O", "out", "-q", "-c", "c.json", "--resume", "--map", "map.csv")
    assert run_command(*line, cwd=tmp_path).returncode == 0
    (tmp_path / "in" / "more").write_bytes(image(8, name="Roe^Richard"))
    ended = run_command(*line, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    whole = tree(tmp_path / "out")
    assert len(whole) == 3
    (tmp_path / "map.csv").unlink()
    (tmp_path / "in" / "another").write_bytes(image(9, name="Poe^Edgar"))
    ended = run_command(*line, cwd=tmp_path)
    assert ended.returncode == 2
    assert "made with another map" in ended.stderr
    assert tree(tmp_path / "out") == whole


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-i", "in/im000", "-o", "x", "--resume"], "--resume is for folder runs"),
        (["-I", "in", "-O", "out", "--mix"], "--ledger and --mix are about --resume"),
        (["-I", "in", "-O", "out", "--ledger", "l"], "--ledger and --mix are about --resume"),
        (["-I", "in", "-O", "out", "--resume", "--ledger", "in/l"], "in the input folder"),
        (["-I", "in", "-O", "out", "--resume", "--ledger", "out/l"], "among the outputs"),
    ],
)
def test_flags_that_do_not_go_together(arguments: list[str], told: str, tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    ended = run_command(*arguments, "-c", "example", cwd=tmp_path, ANONYMIZER_KEY=KEY)
    assert ended.returncode == 2
    assert told in ended.stderr
