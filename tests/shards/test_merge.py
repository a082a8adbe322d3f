"""Reports of shards add up if they account for each file of the manifest exactly once, else not."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from study import image

from anonymizer.cli.merge import _shards
from anonymizer.report import Report
from anonymizer.shards.counters import SECONDS, Counters
from anonymizer.shards.manifest import read_manifest, write_manifest
from anonymizer.shards.shard import Shard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from study import Command, Ended

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

SHARDS, FILES = 3, 9


@pytest.fixture
def done(keyed: Command, tmp_path: Path) -> Path:
    """Three shards that are done; the folder beside their outputs."""
    (tmp_path / "in").mkdir()
    for number in range(FILES):
        (tmp_path / "in" / f"im{number:03}").write_bytes(image(number))
    write_manifest(str(tmp_path / "m"), str(tmp_path / "in"))
    for number in range(1, SHARDS + 1):
        assert run_shard(keyed, number).code == 0
    return tmp_path / "out.shards"


def run_shard(keyed: Command, number: int) -> Ended:
    shard = ["--manifest", "m", "--shard", f"{number}/{SHARDS}"]
    return keyed(*shard, "-I", "in", "-O", "out", "-c", "example", "--workers", "1")


def report(place: Path, number: int) -> Path:
    return place / f"report-{number}-of-{SHARDS}.json"


def change(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def test_reports_are_found_by_folder_or_by_name(done: Path, command: Command) -> None:
    for sources in (["out"], [done], [report(done, number) for number in (2, 3, 1)]):
        ended = command("merge-reports", *sources)
        assert ended.code == 0, ended.err
        assert "every file exactly once" in ended.out


def test_what_is_added_up_stands_in_columns(done: Path, command: Command) -> None:
    change(report(done, 1), lambda content: content["methods"].update(keepRegisteredCodes=7))
    lines = command("merge-reports", "out").out.splitlines()
    start = next(line.index("7 attributes") for line in lines if "keepRegisteredCodes" in line)
    assert {(line[start - 2 : start], line[start] == " ") for line in lines} == {("  ", False)}


def test_missing_shards_are_named(done: Path, command: Command) -> None:
    report(done, 2).unlink()
    ended = command("merge-reports", "out", "-o", "merged.json")
    assert ended.code == 1
    assert "no report of shard 2" in ended.err
    merged = json.loads((done.parent / "merged.json").read_text())
    assert (merged["complete"], merged["missing"]) == (False, [2])
    assert f"{merged['accounted']} of {FILES} files" in ended.out


def test_numbers_of_shards_are_told_in_short() -> None:
    assert _shards([7]) == "shard 7"
    assert _shards([1, 3, 4, 5, 9]) == "shards 1, 3-5, 9"
    assert _shards(list(range(1, 41, 2))) == (
        "shards 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 and 10 more ranges"
    )


def twice(told: dict[str, Any]) -> None:
    """A file that counts twice, and another that does not count."""
    told["seal"] = f"{(int(told['seal'], 16) + 1) % (1 << 128):032x}"


def one_more(told: dict[str, Any]) -> None:
    told["accounted"] += 1
    told["written"] += 1


WRONG: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a file twice, one not at all": (twice, "but not for the same"),
    "one file more": (one_more, f"has {FILES} files, the reports account for {FILES + 1}"),
    "sums that contradict": (lambda told: told.update(written=1), "were written, refused"),
    "another manifest": (
        lambda told: told["manifest"].update(sha256="0" * 64),
        "another manifest",
    ),
    "another configuration": (
        lambda told: told["configuration"].update(sha256="0" * 64),
        "another configuration",
    ),
    "another key": (lambda told: told.update(recipe="0" * 32), "another key, map, flags"),
    "another sum of shards": (lambda told: told.update(shards=4), "another number of shards"),
    "the shard of another": (lambda told: told.update(shard=1), "tells already"),
    "a number too high": (lambda told: told.update(shard=4), "is damaged"),
    "no seal": (lambda told: told.update(seal="?"), "is damaged"),
    "no table": (lambda told: told.update(refused=["im000"]), "is damaged"),
    "a count below nothing": (lambda told: told.update(bytes=-1), "is damaged"),
    "a time that is none": (lambda told: told.update(seconds="long"), "is damaged"),
    "no list": (lambda told: told.update(refusals=1), "is damaged"),
    "nothing": (lambda told: told.clear(), "is no report of a shard"),
    "a newer version": (lambda told: told.update(version=2), "is no report of a shard"),
}


@pytest.mark.parametrize(("edit", "told"), WRONG.values(), ids=WRONG)
def test_reports_that_prove_nothing_are_not_added_up(
    done: Path, command: Command, edit: Callable[[dict[str, Any]], object], told: str
) -> None:
    change(report(done, 2), edit)
    ended = command("merge-reports", "out", "-o", "merged.json")
    assert ended.code == 2, ended.out
    assert told in ended.err
    assert ended.out == ""
    assert not (done.parent / "merged.json").exists()


def test_one_report_given_twice_is_told(done: Path, command: Command) -> None:
    ended = command("merge-reports", report(done, 1), report(done, 1))
    assert ended.code == 2
    assert "tells of shard 1" in ended.err


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 9000, "no json \udcff"])
def test_what_is_no_report_is_told(done: Path, command: Command, content: str) -> None:
    report(done, 3).write_bytes(content.encode("utf-8", "surrogateescape"))
    ended = command("merge-reports", "out")
    assert ended.code == 2
    assert "is no report of a shard" in ended.err


def test_where_there_are_no_shards_that_is_told(done: Path, command: Command) -> None:
    (done.parent / "empty").mkdir()
    for arguments in (["merge-reports", "empty"], ["status", "empty"], ["merge-reports", "none"]):
        ended = command(*arguments)
        assert ended.code == 2
        assert "cannot be read" in ended.err
    for number in range(1, SHARDS + 1):
        report(done, number).unlink()
    ended = command("merge-reports", "out")
    assert ended.code == 2
    assert "there are no reports of shards" in ended.err


@pytest.mark.parametrize("name", ["shards", "manifest", "configuration"])
def test_what_shards_have_in_common_is_whole_or_told(
    name: str, done: Path, command: Command
) -> None:
    change(done / "shards.json", lambda common: common.update({name: None}))
    for ended in (command("merge-reports", "out"), command("status", "out")):
        assert (ended.code, ended.out) == (2, "")
        assert "shards.json: is damaged" in ended.err


def test_a_sum_is_not_replaced_unless_that_is_asked_for(done: Path, command: Command) -> None:
    target = done.parent / "merged.json"
    target.write_text("mine")
    assert command("merge-reports", "out", "-o", target).code == 2
    assert target.read_text() == "mine"
    assert command("merge-reports", "out", "-o", target, "--overwrite").code == 0
    assert json.loads(target.read_text())["complete"]


# Status


def counters(place: Path, number: int) -> Path:
    return place / f"counters-{number}-of-{SHARDS}.json"


def state_of(command: Command, number: int) -> str:
    told = json.loads(command("status", "out", "--json").out)
    return str(told["each"][number - 1]["state"])


def test_status_adds_the_shards_up(done: Path, command: Command) -> None:
    ended = command("status", "out")
    assert ended.code == 0
    lines = ended.out.splitlines()
    assert lines[0].split() == ["shard", "state", "done", "written", "refused", "skipped", "size"]
    assert lines[1].split()[:5] == ["1", "done", "3", "of", "3"]
    assert lines[-1].split()[:6] == ["all", "3", "done", "9", "of", "9"]
    told = json.loads(command("status", done, "--json").out)
    assert (told["complete"], told["files"], told["written"]) == (True, FILES, FILES)


def test_status_is_a_table_on_a_terminal(
    done: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = command("status", "out").out.splitlines()
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    drawn = re.sub("\x1b[^m]*m", "", command("status", "out").out).splitlines()
    assert [line.split() for line in drawn] == [line.split() for line in plain]


def test_status_tells_what_is_not_done(done: Path, command: Command) -> None:
    counters(done, 1).unlink()
    assert state_of(command, 1) == "not begun"
    now = datetime.now(UTC)
    for ago, state in ((5, "running"), (3600, "silent")):
        updated = (now - timedelta(seconds=ago)).isoformat()
        change(counters(done, 2), lambda c, u=updated: c.update(state="running", updated=u))  # type: ignore[misc]
        assert state_of(command, 2) == state
    change(counters(done, 3), lambda c: c.update(manifest="another"))
    assert state_of(command, 3) == "not begun"
    ended = command("status", "out")
    assert ended.code == 1
    assert ended.out.splitlines()[-1].split()[1:5] == ["2", "not", "begun,", "1"]


def test_counters_are_replaced_every_few_seconds(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_manifest(str(tmp_path / "m"), str(tmp_path / "in"))
    shard = Shard(read_manifest(str(tmp_path / "m")), 1, 1)
    from study import REMOVE_NAMES, compiled

    told = Report(compiled(REMOVE_NAMES))
    now = [0.0]
    path = tmp_path / "c.json"
    each = Counters(str(path), shard, lambda: now[0])
    seen = []
    for number in range(20):
        now[0] = number
        told.written = number
        each.update(told)
        seen.append(json.loads(path.read_text())["written"])
    assert seen == [number // SECONDS * SECONDS for number in range(20)]
    path.unlink()
    (tmp_path / "c.json").mkdir()
    each.write(told, "done")
    assert each.fault is not None
