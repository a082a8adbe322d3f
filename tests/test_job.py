"""A folder gives the same outputs and the same sums however it is shared out."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image import element
from study import (
    KEY,
    NEW_UIDS,
    REMOVE_NAMES,
    SAMPLES,
    compiled,
    image,
    images_in,
    run_command,
    settings,
    start_command,
    tree,
    write_study,
)

import anonymizer.hold
import anonymizer.job
from anonymizer.job import run_folder

if TYPE_CHECKING:
    from anonymizer.report import Report

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

RULES: list[dict[str, Any]] = [
    REMOVE_NAMES,
    NEW_UIDS,
    {"dicomTagPath": "DA", "method": "dateShift"},
    {"dicomTagPath": "PatientID", "method": "cryptoHash"},
    {"dicomTagPath": "Rows", "method": "perturb", "rangeType": "Fixed", "span": 9},
    {"dicomTagPath": "AE", "method": "keep"},
]
SUMS = "written bytes refused skipped counts faults warnings matched named found".split()


def sums(report: Report) -> dict[str, object]:
    return {name: getattr(report, name) for name in SUMS}


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 200 files of several patients, with troubles of every kind among them."""
    folder = tmp_path_factory.mktemp("many") / "in"
    for patient in range(4):
        sub = folder / f"p{patient}"
        sub.mkdir(parents=True)
        for number in range(50):
            more = element("Rows", "US", number)
            if number % 9 == 0:
                more = element("PatientBirthDate", "DA", "nodate") + more
            data = image(number, name=f"Doe^{patient}", more=more)
            (sub / f"{number}").write_bytes(data[:-1] if number % 13 == 0 else data)
        (sub / "notes.txt").write_text("none", encoding="utf-8")
        (sub / "link").symlink_to("1")
    return folder


@pytest.mark.parametrize("each", [True, False])
def test_any_number_of_workers_gives_the_same(
    each: bool, many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anonymizer.job, "MOST_IN_CHUNK", 7)
    rules = compiled(*RULES)
    ways = {1: tmp_path / "1", 3: tmp_path / "3", 0: tmp_path / "here"}
    reports = {}
    for workers, target in ways.items():
        if not workers:
            monkeypatch.delattr(os, "fork", raising=False)
        given = settings(many, target, each=each)
        reports[workers] = run_folder(rules, given, workers=workers)
    assert sums(reports[1]) == sums(reports[3]) == sums(reports[0])
    assert tree(ways[1]) == tree(ways[3]) == tree(ways[0])
    report = reports[1]
    assert report.written == 184
    assert report.refused == {"truncated": 16}
    assert report.skipped == {"not-dicom": 4, "symlink": 4}
    assert report.found == 208
    assert sum(report.faults.values()) == 20
    assert [rule.text for rule in report.never_matched()] == ["AE"]
    if each:
        files = [sorted(outcome.path for outcome in r.files) for r in reports.values()]
        assert files[0] == files[1] == files[2]
        assert len(files[0]) == 208


def test_the_same_key_gives_the_same_tree_in_another_process(tmp_path: Path) -> None:
    for name in ("one", "two"):
        ended = run_command(
            "-I", SAMPLES, "-O", tmp_path / name, "-c", "example", ANONYMIZER_KEY=KEY
        )
        assert ended.returncode == 0, ended.stderr
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    write_study(tmp_path / "in", 2)
    left_out = frozenset({os.path.realpath(tmp_path / "in" / "im001")})
    rules = compiled(REMOVE_NAMES)
    given = settings(tmp_path / "in", tmp_path / "out")
    report = run_folder(rules, given, workers=1, leave_out=left_out)
    assert report.skipped == {"configuration": 1}
    assert sorted(tree(tmp_path / "out")) == ["im000"]


def test_chunks_are_bounded_by_number_size_and_names() -> None:
    chunks = anonymizer.job._chunks

    def lengths(*files: tuple[str, int]) -> list[int]:
        return [len(chunk.paths) for chunk in chunks(files)]

    assert lengths() == []
    assert lengths(*[("a", 1)] * 258) == [128, 128, 2]
    assert lengths(*[("a", 20 << 20)] * 3) == [1, 1, 1]
    assert lengths(*[("a", 16 << 20)] * 3) == [2, 1]
    assert lengths(("a", 1), ("b", 1 << 40), ("c", 1)) == [1, 1, 1]
    assert lengths(*[("a" * 2000, 1)] * 7) == [3, 3, 1]
    assert lengths(*[("a" * 4000, 1)] * 2) == [1, 1]


# Names that a file system takes for one


@pytest.mark.parametrize("overwrite", [True, False])
def test_no_output_replaces_one_of_the_same_run_by_another_spelling(
    overwrite: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anonymizer.hold, "folds", lambda path: True)
    write_study(tmp_path / "in" / "a")
    write_study(tmp_path / "in" / "A", 1)
    for name in ("IM000", "caf\u00e9", "cafe\u0301", "other"):
        (tmp_path / "in" / "a" / name).write_bytes(image(7))
    given = settings(tmp_path / "in", tmp_path / "out", overwrite=overwrite, each=True)
    (tmp_path / "out").mkdir()
    report = run_folder(compiled(*RULES), given, workers=2)
    assert (report.written, report.refused) == (5, {"exists": 3})
    told = {outcome.path for outcome in report.files if outcome.reason}
    assert told == {"a/IM000", "a/im000", "a/caf\u00e9"}


# The whole command, killed


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize("moment", [1, 40, 150])
def test_a_killed_run_leaves_only_whole_files_and_the_next_one_ends_it(
    moment: int, tmp_path: Path
) -> None:
    for number in range(5):
        write_study(tmp_path / "in" / str(number), 100)
    line = ["-I", "in", "-O", "out", "-c", "example", "--workers", "2"]
    run = start_command(*line, cwd=tmp_path, ANONYMIZER_KEY=KEY)
    while run.poll() is None and len(tree_of_names(tmp_path / "out")) < moment:
        time.sleep(0.0005)
    run.send_signal(signal.SIGKILL)
    run.wait()
    while workers_of(tmp_path):
        time.sleep(0.01)
    (tmp_path / "out" / ".anonymizer-999999999-1.part").write_bytes(b"half")
    left = images_in(tmp_path / "out")
    ended = run_command(*line[:3], "again", *line[4:], cwd=tmp_path, ANONYMIZER_KEY=KEY)
    assert ended.returncode == 0, ended.stderr
    whole = tree(tmp_path / "again")
    assert len(whole) == 500
    assert left.items() <= whole.items()
    ended = run_command(*line, "--overwrite", cwd=tmp_path, ANONYMIZER_KEY=KEY)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.startswith("note: a killed run had left ")
    assert tree(tmp_path / "out") == whole


def tree_of_names(folder: Path) -> list[str]:
    return [name for _, _, names in os.walk(folder) for name in names]


def workers_of(folder: Path) -> list[str]:
    """The processes that still work there, once their parent is gone."""
    working = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                working.append(entry.name)
        except OSError:
            continue
    return working
