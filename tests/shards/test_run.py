"""Shards of a folder come to what one run comes to, each on its own and as often as one likes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from study import (
    KEY,
    REMOVE_NAMES,
    compiled,
    image,
    kill,
    run_command,
    settings,
    start_command,
    tree,
    write_study,
)

from anonymizer.job import run_folder
from anonymizer.ledger.ledger import Ledger
from anonymizer.ledger.opened import opened
from anonymizer.shards.manifest import read_manifest, write_manifest
from anonymizer.shards.shard import Shard
from anonymizer.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from study import Command

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

FOLDERS, EACH = 6, 5
FILES = FOLDERS * EACH


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Images in folders, and a file that is none; their manifest lies beside."""
    folder = tmp_path / "in"
    for number in range(FOLDERS):
        write_study(folder / f"s{number}", EACH, first=EACH * number)
    (folder / "notes").write_bytes(b"no image")
    write_manifest(str(tmp_path / "m"), str(folder))
    return folder


def line(shard: str, *more: object, out: object = "out") -> list[object]:
    files = ["--manifest", "m", "--shard", shard, "-I", "in", "-O", out]
    return [*files, "-c", "example", "--workers", "2", *more]


def report_of(folder: Path, number: int, shards: int) -> dict[str, Any]:
    path = folder / "out.shards" / f"report-{number}-of-{shards}.json"
    content: dict[str, Any] = json.loads(path.read_text())
    return content


# Together


@pytest.mark.parametrize("more", [[], ["--rename", "uid"]], ids=["names kept", "names from UIDs"])
def test_shards_come_to_what_one_run_comes_to(
    study: Path, keyed: Command, tmp_path: Path, more: list[str]
) -> None:
    whole = ["-I", "in", "-c", "example", *more]
    assert keyed(*whole, "-O", "whole", "--report", "whole.json").code == 0
    for number in (3, 1, 4, 2):
        ended = keyed(*line(f"{number}/4", *more))
        assert ended.code == 0, ended.err
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")
    ended = keyed("merge-reports", "out", "-o", "merged.json")
    assert ended.code == 0, ended.err
    assert "every file exactly once" in ended.out
    merged, one = (json.loads((tmp_path / f"{n}.json").read_text()) for n in ("merged", "whole"))
    for name in ("written", "bytes", "refused", "skipped", "methods", "namesThatTell"):
        assert merged[name] == one[name], name
    assert merged["accounted"] == FILES + 1
    assert merged["neverMatched"] == one["neverMatched"]
    assert keyed("status", "out").code == 0


def test_a_shard_of_nothing_is_done_at_once(study: Path, keyed: Command, tmp_path: Path) -> None:
    for number in range(1, FILES + 30):
        if not list(Shard(read_manifest("m"), number, 99).found()):
            break
    ended = keyed(*line(f"{number}/99"))
    assert (ended.code, ended.err) == (0, "")
    assert report_of(tmp_path, number, 99)["complete"]


def test_again_a_shard_does_what_is_left_only(study: Path, keyed: Command, tmp_path: Path) -> None:
    assert keyed(*line("1/2")).code == 0
    first = report_of(tmp_path, 1, 2)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    lost = next(path for path in sorted(before) if path.is_file())
    lost.unlink()
    ended = keyed(*line("1/2"))
    assert ended.code == 0
    assert "written        1 file," in ended.out
    again = report_of(tmp_path, 1, 2)
    assert (again["written"], again["doneBefore"]) == (1, first["written"] - 1)
    for path, changed in before.items():
        assert path.is_dir() or path == lost or path.stat().st_mtime_ns == changed


def test_of_many_shards_it_is_told_how_many_are_not_shown(study: Path, keyed: Command) -> None:
    keyed(*line("7/99"))
    told = keyed("status", "out").out.splitlines()
    assert [row.split()[0] for row in told] == ["shard", *map(str, others(7, 41)), "58", "all"]
    assert "58 more" in told


def others(one: int, last: int) -> list[int]:
    return [number for number in range(1, last + 1) if number != one]


def test_what_methods_did_is_not_forgotten_when_a_shard_is_run_again(
    study: Path, keyed: Command, tmp_path: Path
) -> None:
    assert keyed(*line("1/2")).code == 0
    first, status = report_of(tmp_path, 1, 2), keyed("status", "out").out
    for _ in range(2):
        assert keyed(*line("1/2")).code == 0
    again = report_of(tmp_path, 1, 2)
    assert keyed("status", "out").out == status
    for name in ("methods", "bytes", "neverMatched", "warnings", "seal", "accounted", "skipped"):
        assert again[name] == first[name], name
    assert (again["written"], again["doneBefore"]) == (0, first["written"])


def test_shards_may_run_at_once_into_one_folder(
    study: Path, keyed: Command, tmp_path: Path
) -> None:
    assert keyed("-I", "in", "-O", "whole", "-c", "example").code == 0
    runs = [start(tmp_path, f"{number}/4") for number in (1, 2, 3, 4)]
    assert [run.wait() for run in runs] == [0, 0, 0, 0]
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")
    assert keyed("merge-reports", "out").code == 0


def start(folder: Path, shard: str, *more: str) -> subprocess.Popen[bytes]:
    return start_command(*line(shard, *more, "-q"), cwd=folder, ANONYMIZER_KEY=KEY)


# Frozen


def test_only_what_is_frozen_is_done(study: Path, keyed: Command, tmp_path: Path) -> None:
    (study / "s0/im000").write_bytes(image(0, name="Longer^Name"))
    os.utime(study / "s0/im001", ns=(1, 1))
    (study / "s0/im002").unlink()
    (study / "s0/new").write_bytes(image(99))
    (study / "s0/im003").unlink()
    (study / "s0/im003").symlink_to("im004")
    ended = keyed(*line("1/1"))
    assert ended.code == 1
    told = report_of(tmp_path, 1, 1)
    assert told["refused"] == {"changed": 2, "unreadable": 1, "vanished": 1}
    assert told["complete"], "what is refused is accounted for, too"
    written = set(tree(tmp_path / "out"))
    assert written.isdisjoint({"s0/new", "s0/im000", "s0/im001", "s0/im002", "s0/im003"})
    assert len(written) == FILES - 4
    merged = keyed("merge-reports", "out")
    assert merged.code == 1
    assert "every file exactly once" in merged.out


@pytest.mark.parametrize("workers", [0, 2])
def test_a_file_is_held_against_the_list_when_it_is_open(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """It may change between the look at its folder and its turn, which may be hours."""
    do = Worker.do

    def changed_first(self: Worker, path: str, *, again: bool = False) -> Any:  # noqa: ANN401
        if path == "s1/im007":
            os.utime(study / path, ns=(1, 1))
        return do(self, path, again=again)

    monkeypatch.setattr(Worker, "do", changed_first)
    shard = Shard(read_manifest(str(tmp_path / "m")), 1, 1)
    ledger = Ledger(str(tmp_path / "ledger"), None, str(study))
    ledger.begin_run("", [], mix=False)
    out = tmp_path / "out"
    out.mkdir()
    report = run_folder(
        compiled(REMOVE_NAMES), settings(study, out), workers=workers, ledger=ledger, shard=shard
    )
    ledger.close()
    assert report.refused == {"changed": 1}
    assert not (out / "s1/im007").exists()
    assert shard.is_whole


def test_a_shard_is_whole_when_all_its_files_are_told_once(study: Path, tmp_path: Path) -> None:
    def told(*paths: str, found: int) -> bool:
        shard = Shard(read_manifest(str(tmp_path / "m")), 1, 1)
        for _ in zip(shard.found(), range(found), strict=False):
            pass
        for path in paths:
            shard.account(path)
        return shard.is_whole

    every = [entry.path for entry in read_manifest(str(tmp_path / "m")).entries()]
    assert told(*reversed(every), found=len(every) + 1)
    assert not told(*every[1:], found=len(every) + 1)
    assert not told(*every, every[0], found=len(every) + 1)
    assert not told(*every[1:], every[1], found=len(every) + 1)
    assert not told(*every[:3], found=2), "those that are found so far are not all"


def test_what_is_not_to_be_opened_is_accounted_for(
    study: Path, keyed: Command, tmp_path: Path
) -> None:
    (study / "link").symlink_to("notes")
    os.mkfifo(study / "pipe")
    assert keyed("manifest", "-I", "in", "-o", "m", "--overwrite").code == 0
    (study / "link").unlink()
    (study / "link").write_bytes(image(77))
    assert keyed(*line("1/1")).code == 0
    assert report_of(tmp_path, 1, 1)["skipped"] == {
        "not-dicom": 1,
        "special-file": 1,
        "symlink": 1,
    }
    assert not (tmp_path / "out/link").exists()


def test_the_configuration_among_the_inputs_is_no_input(
    study: Path, keyed: Command, tmp_path: Path
) -> None:
    rules = {"version": "1", "name": "mine", "rules": [{"dicomTagPath": "PN", "method": "remove"}]}
    (study / "configuration.json").write_text(json.dumps(rules))
    assert keyed("manifest", "-I", "in", "-o", "m", "--overwrite").code == 0
    assert keyed("--manifest", "m", "--shard", "1/1", "-I", "in", "-O", "out").code == 0
    assert report_of(tmp_path, 1, 1)["skipped"] == {"configuration": 1, "not-dicom": 1}


# Killed


@pytest.mark.skipif(sys.platform != "linux", reason="kills a whole process group")
def test_a_killed_shard_is_gone_on_with_and_leaves_nothing(
    study: Path, keyed: Command, tmp_path: Path
) -> None:
    for number in range(300):
        (study / "s3" / f"more{number:03}").write_bytes(image(1000 + number))
    assert keyed("manifest", "-I", "in", "-o", "m", "--overwrite").code == 0
    assert keyed("-I", "in", "-O", "whole", "-c", "example").code == 0
    assert any(killed_in_the_middle(tmp_path) for _ in range(20)), "it ended before each kill"
    (tmp_path / "out/s3/.anonymizer-999x1of1-0.part").write_bytes(b"half")
    others = tmp_path / "out/s3/.anonymizer-999x2of3-0.part", tmp_path / "out/.anonymizer-9-0.part"
    for other in others:
        other.write_bytes(b"of others")
    status = keyed("status", "out", "--json")
    assert status.code == 1
    assert keyed(*line("1/1")).code == 0
    assert all(other.read_bytes() == b"of others" for other in others)
    for other in others:
        other.unlink()
    assert tree(tmp_path / "out") == tree(tmp_path / "whole")
    assert keyed("merge-reports", "out").code == 0


def test_what_a_killed_shard_left_under_new_names_goes(
    study: Path, keyed: Command, tmp_path: Path
) -> None:
    assert keyed(*line("1/1", "--rename", "uid")).code == 0
    somewhere = next((tmp_path / "out").rglob("*.dcm")).parent
    (somewhere / ".anonymizer-9x1of1-0.part").write_bytes(b"half")
    (somewhere / ".anonymizer-9x11of11-0.part").write_bytes(b"of others")
    ledger = tmp_path / "out.shards/shard-1-of-1.ledger"
    import sqlite3

    with contextlib.closing(sqlite3.connect(ledger)) as data:
        data.execute("INSERT INTO begun VALUES (1, ?)", (bytes(16),))
        data.commit()
    assert keyed(*line("1/1", "--rename", "uid")).code == 0
    assert [path.name for path in somewhere.glob(".*")] == [".anonymizer-9x11of11-0.part"]


def killed_in_the_middle(folder: Path) -> bool:
    """Whether a run from the beginning was killed before its end."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    shutil.rmtree(folder / "out.shards", ignore_errors=True)
    run = start(folder, "1/1")
    while run.poll() is None and len(list((folder / "out").rglob("more*"))) < 9:
        time.sleep(0.001)
    return kill(run) == -signal.SIGKILL


# Together or not at all


def test_without_a_key_there_are_no_shards(study: Path, command: Command, tmp_path: Path) -> None:
    ended = command(*line("1/2"))
    assert ended.code == 2
    assert "without a key each shard would draw its own" in ended.err
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "out.shards").exists()


def test_sequential_pseudonyms_are_refused_with_the_reason(
    study: Path, keyed: Command, tmp_path: Path
) -> None:
    rule = {"dicomTagPath": "PatientID", "method": "pseudonym", "sequential": True}
    rules = {"version": "1", "name": "numbers", "rules": [rule]}
    (tmp_path / "numbers.json").write_text(json.dumps(rules))
    flags = ["-I", "in", "-O", "out", "-c", "numbers.json", "--map", "map.csv"]
    ended = keyed("--manifest", "m", "--shard", "1/2", *flags)
    assert ended.code == 2
    assert "two patients would get one number" in ended.err
    assert not (tmp_path / "map.csv").exists()
    assert not (tmp_path / "out").exists()


def another_key(folder: Path) -> list[str]:
    (folder / "key").write_text("k" * 40)
    (folder / "key").chmod(0o600)
    return ["--key-file", "key"]


@pytest.mark.parametrize(
    ("shard", "more", "told"),
    [
        ("2/3", [], "another number of shards"),
        ("2/2", ["-c", "ps3.15-basic"], "another configuration"),
        ("2/2", ["--rename", "uid"], "another key, map, flags"),
        ("2/2", ["--key-file", "key"], "another key, map, flags"),
    ],
)
def test_shards_that_do_not_fit_together_do_not_run(
    study: Path, keyed: Command, tmp_path: Path, shard: str, more: list[str], told: str
) -> None:
    another_key(tmp_path)
    assert keyed(*line("1/2")).code == 0
    before = tree(tmp_path / "out")
    arguments = line(shard, *more)
    if "-c" in more:
        arguments.remove("-c")
        arguments.remove("example")
    ended = keyed(*arguments)
    assert ended.code == 2
    assert told in ended.err
    assert tree(tmp_path / "out") == before


def test_a_shard_of_another_manifest_does_not_run(study: Path, keyed: Command) -> None:
    assert keyed(*line("1/2")).code == 0
    (study / "new").write_bytes(b"")
    assert keyed("manifest", "-I", "in", "-o", "m", "--overwrite").code == 0
    ended = keyed(*line("2/2"))
    assert ended.code == 2
    assert "another manifest" in ended.err


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--shard", "1/2"], "--manifest and --shard go together"),
        (["--manifest", "m"], "--manifest and --shard go together"),
        (["--manifest", "m", "--shard", "0/2"], "not a number of a shard"),
        (["--manifest", "none", "--shard", "1/2"], "cannot be read"),
        (["--manifest", "in/notes", "--shard", "1/2"], "is no manifest"),
        (["--manifest", "m", "--shard", "1/2", "--dry-run"], "--dry-run and --shard"),
        (["--manifest", "m", "--shard", "1/2", "--resume", "--mix"], "--mix and --shard"),
        (["--manifest", "m", "--shard", "1/2", "--resume", "--ledger", "l"], "--ledger and"),
        (["--manifest", "m", "--shard", "1/2", "-O", "s3://bucket/out"], "a store and --shard"),
        (["--manifest", "m", "--shard", "1/2", "--verify"], "when all are done"),
        (["--manifest", "m", "--shard", "1/2", "--no-recursive"], "the manifest says which"),
        (["--manifest", "m", "--shard", "1/2", "--dicomdir", "rebuild"], "no shard has them"),
        (
            ["--manifest", "m", "--shard", "1/2", "--overwrite", "--rename", "uid"],
            "cannot tell an older output",
        ),
    ],
)
def test_flags_that_do_not_go_with_shards_are_refused(
    study: Path, keyed: Command, tmp_path: Path, flags: list[str], told: str
) -> None:
    ended = keyed("-I", "in", "-O", "out", "-c", "example", *flags)
    assert ended.code == 2, ended
    assert told in ended.err
    assert not (tmp_path / "out").exists()


def test_resume_is_what_shards_do_anyway(study: Path, keyed: Command) -> None:
    assert keyed(*line("1/1", "--resume")).code == 0


def test_one_file_is_no_shard(study: Path, keyed: Command) -> None:
    shard = ["--manifest", "m", "--shard", "1/1"]
    ended = keyed("-i", "in/s0/im000", "-o", "one", "-c", "example", *shard)
    assert ended.code == 2
    assert "--shard is for folder runs" in ended.err


def test_the_manifest_takes_no_place_of_an_output(study: Path, keyed: Command) -> None:
    assert keyed("manifest", "-I", "in", "-o", "list").code == 0
    for told in (["--report", "m-1-of-1"], ["--audit-log", "list-1-of-1.jsonl"]):
        assert keyed(*line("1/1", *told)).code == 0
    (study.parent / "out2").mkdir()
    (study.parent / "m").rename(study.parent / "out2/m")
    arguments = line("1/1", out="out2")
    arguments[1] = "out2/m"
    ended = keyed(*arguments)
    assert ended.code == 2
    assert "keep it apart from the outputs" in ended.err


def test_shards_use_the_day_of_the_first(study: Path, keyed: Command, tmp_path: Path) -> None:
    assert keyed(*line("1/2")).code == 0
    common = tmp_path / "out.shards/shards.json"
    noted = json.loads(common.read_text())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", noted["day"])
    common.write_text(json.dumps({**noted, "day": "2001-02-03"}))
    assert keyed(*line("2/2")).code == 0, "as if the first had run long ago"
    assert json.loads(common.read_text())["day"] == "2001-02-03"
    common.write_text("{}")
    assert keyed(*line("2/2")).code == 2


# Told


def test_each_shard_tells_for_itself(study: Path, keyed: Command, tmp_path: Path) -> None:
    (study / "s5/im029").write_bytes(image(29)[:200])
    assert keyed("manifest", "-I", "in", "-o", "m", "--overwrite").code == 0
    told = ["--report", "r.json", "--audit-log", "a.jsonl", "--quarantine", "q"]
    assert [keyed(*line(f"{number}/2", *told)).code for number in (1, 2)] == [0, 1]
    for number in (1, 2):
        log = tmp_path / f"a-{number}-of-2.jsonl"
        assert keyed("audit", "verify", log).code == 0
        content = json.loads((tmp_path / f"r-{number}-of-2.json").read_text())
        assert len(content["files"]) == len(log.read_text().splitlines()) - 1  # what closes it
    assert list((tmp_path / "q-2-of-2").iterdir())
    assert not (tmp_path / "r.json").exists()
    assert keyed(*line("2/2", *told)).code == 1, "a rerun takes the same places"


def test_nothing_beside_the_outputs_tells_of_a_patient(
    study: Path, keyed: Command, tmp_path: Path
) -> None:
    (study / "s0/Doe_Jane").write_bytes(image(1, name="Doe^Jane")[:-1])
    assert keyed("manifest", "-I", "in", "-o", "m", "--overwrite").code == 0
    assert keyed(*line("1/1")).code == 1
    assert keyed("merge-reports", "out", "-o", "merged.json").code == 1
    assert (tmp_path / "out.shards").stat().st_mode & 0o777 == 0o700
    for path in [*(tmp_path / "out.shards").iterdir(), tmp_path / "merged.json"]:
        content = path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
        for canary in (b"Doe", b"Jane", b"im00", KEY.encode()):
            assert canary not in content, (path.name, canary)
        assert not re.search(rb"(?<![0-9a-f])4711(?![0-9a-f])", content), "nor in a hash by chance"


def test_paths_are_hidden_in_the_report_of_a_shard(
    study: Path, keyed: Command, tmp_path: Path
) -> None:
    (study / "s0/im000").write_bytes(image(0)[:200])
    assert keyed("manifest", "-I", "in", "-o", "m", "--overwrite").code == 0
    assert keyed(*line("1/1", "--hide-paths")).code == 1
    told = report_of(tmp_path, 1, 1)["refusals"]
    assert [len(told), re.fullmatch("[0-9a-f]+", told[0]["input"]) is not None] == [1, True]


def test_a_worker_that_dies_costs_a_shard_the_file_it_held(
    study: Path, keyed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do = Worker.do

    def deadly(self: Worker, path: str, *, again: bool = False) -> Any:  # noqa: ANN401
        if path == "s2/im012":
            os.kill(os.getpid(), signal.SIGKILL)
        return do(self, path, again=again)

    monkeypatch.setattr(Worker, "do", deadly)
    assert keyed(*line("1/1")).code == 1
    told = report_of(tmp_path, 1, 1)
    assert (told["refused"], told["written"]) == ({"worker-died": 1}, FILES - 1)
    monkeypatch.setattr(Worker, "do", do)
    assert "every file exactly once" in keyed("merge-reports", "out").out
    assert keyed(*line("1/1")).code == 0, "the file is tried again"
    assert report_of(tmp_path, 1, 1)["doneBefore"] == FILES - 1
    assert keyed("merge-reports", "out").code == 0


def test_where_shards_keep_what_they_know_is_no_input(tmp_path: Path, keyed: Command) -> None:
    folder = tmp_path / "out.shards"
    folder.mkdir()
    (folder / "im").write_bytes(image())
    assert keyed("manifest", "-I", folder, "-o", "m").code == 0
    ended = keyed("--manifest", "m", "--shard", "1/1", "-I", folder, "-O", "out", "-c", "example")
    assert ended.code == 2
    assert "would lie in the input folder" in ended.err
    assert list(folder.iterdir()) == [folder / "im"]


def test_a_shard_runs_once_at_a_time(study: Path, tmp_path: Path, keyed: Command) -> None:
    assert keyed(*line("1/1")).code == 0
    held = opened(str(tmp_path / "out.shards/shard-1-of-1.ledger"))
    held.execute("BEGIN IMMEDIATE")
    ended = run_command(*line("1/1"), cwd=tmp_path, ANONYMIZER_KEY=KEY)
    held.close()
    assert ended.returncode == 2
    assert "another run holds the ledger" in ended.stderr


def test_an_interrupted_shard_is_not_done(
    study: Path, keyed: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, again: bool) -> Any:  # noqa: ANN401
        raise KeyboardInterrupt

    monkeypatch.delattr(os, "fork")
    monkeypatch.setattr(Worker, "do", interrupted)
    assert keyed(*line("1/1")).code == 1
    assert not report_of(tmp_path, 1, 1)["complete"]
    merged = keyed("merge-reports", "out")
    assert merged.code == 1
    assert "not finished: shard 1" in merged.err
    assert keyed("status", "out").code == 1
