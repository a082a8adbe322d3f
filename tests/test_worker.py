"""One file after another: whatever goes wrong costs the file, and no message holds a value."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from image import element
from study import NEW_UIDS, REMOVE_NAMES, compiled, image, settings, tree, write_study

from anonymizer.api.anonymizer import Anonymizer
from anonymizer.errors import ImageError
from anonymizer.pipeline import Pipeline
from anonymizer.report import REFUSED, SKIPPED, WRITTEN
from anonymizer.worker import Settings, Worker

SECRET = "Doe^Jane"


def worker(folder: Path, *rules: dict[str, Any], **given: Any) -> Worker:  # noqa: ANN401
    chosen = compiled(*(rules or (REMOVE_NAMES, NEW_UIDS)))
    return Worker(chosen, settings(folder / "in", folder / "out", **given))


@pytest.fixture(autouse=True)
def place(tmp_path: Path) -> None:
    write_study(tmp_path / "in")


FAULTS: dict[str, tuple[BaseException, str, str]] = {
    "a defect": (ValueError(SECRET), "internal", "ValueError"),
    "a key error": (KeyError(SECRET), "internal", "KeyError"),
    "too deep": (RecursionError(SECRET), "internal", "RecursionError"),
    "no memory": (MemoryError(SECRET), "out-of-memory", "not enough memory for this file"),
    "the disk": (OSError(5, SECRET, SECRET), "io", "input/output error"),
    "a disk without a number": (OSError(SECRET), "io", "OSError"),
    "the image": (ImageError("truncated", "ends", 7), "truncated", "ends (at byte 7)"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_every_fault_costs_one_file_and_tells_no_value(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault, reason, detail = FAULTS[case]
    mine = worker(tmp_path)
    anonymize = Pipeline.anonymize

    def failing(self: Pipeline, source: bytes, stop: int) -> object:
        if b"1.2.3.1\0" in source[:stop]:
            raise fault
        return anonymize(self, source, stop)

    monkeypatch.setattr(Pipeline, "anonymize", failing)
    outcomes = [mine.do(f"im00{number}") for number in range(3)]
    assert [outcome.status for outcome in outcomes] == [WRITTEN, REFUSED, WRITTEN]
    assert (outcomes[1].reason, outcomes[1].detail) == (reason, detail)
    assert sorted(tree(tmp_path / "out")) == ["im000", "im002"]


def test_what_is_no_image_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "in" / "notes").write_text("none", encoding="utf-8")
    outcome = worker(tmp_path).do("notes")
    assert (outcome.status, outcome.reason) == (SKIPPED, "not-dicom")
    assert not (tmp_path / "out").exists()


# Where outputs go


def test_a_link_below_the_output_folder_is_not_followed(tmp_path: Path) -> None:
    write_study(tmp_path / "in" / "a" / "b", 1)
    before = tree(tmp_path / "in")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").symlink_to(tmp_path / "in" / "a")
    for overwrite in (False, True):
        outcome = worker(tmp_path, overwrite=overwrite).do("a/b/im000")
        assert (outcome.status, outcome.reason) == (REFUSED, "unwritable")
        assert outcome.detail == "a folder of the output is a symbolic link"
    assert tree(tmp_path / "in") == before


def test_an_output_folder_that_is_a_link_itself_is_its_users_wish(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "out").symlink_to("far")
    assert worker(tmp_path).do("im000").status == WRITTEN
    assert list(tree(tmp_path / "far")) == ["im000"]


def test_a_link_in_the_place_of_an_output_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "im000").symlink_to(tmp_path / "in" / "im001")
    before = tree(tmp_path / "in")
    assert worker(tmp_path).do("im000").reason == "exists"
    assert worker(tmp_path, overwrite=True).do("im000").status == WRITTEN
    assert not (tmp_path / "out" / "im000").is_symlink()
    assert tree(tmp_path / "in") == before


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_file_in_the_place_of_a_folder_is_told(overwrite: bool, tmp_path: Path) -> None:
    write_study(tmp_path / "in" / "a")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_bytes(b"mine")
    outcome = worker(tmp_path, overwrite=overwrite).do("a/im000")
    assert (outcome.reason, outcome.status) == ("unwritable", REFUSED)
    assert "not a directory" in outcome.detail
    assert tree(tmp_path / "out") == {"a": b"mine"}


def test_a_folder_in_the_place_of_an_output_is_told(tmp_path: Path) -> None:
    (tmp_path / "out" / "im000").mkdir(parents=True)
    assert worker(tmp_path).do("im000").reason == "exists"
    outcome = worker(tmp_path, overwrite=True).do("im000")
    assert (outcome.reason, outcome.status) == ("unwritable", REFUSED)
    assert tree(tmp_path / "out") == {}


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("by_api", [False, True])
def test_no_device_or_pipe_is_replaced_by_an_image(
    by_api: bool, linked: bool, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    if linked:
        (tmp_path / "link").symlink_to(pipe)
        pipe = tmp_path / "link"
    source = tmp_path / "in" / "im000"
    if by_api:
        with pytest.raises(ImageError, match="not a regular file") as caught:
            Anonymizer([REMOVE_NAMES]).anonymize_file(source, pipe, overwrite=True)
        reason = caught.value.reason
    else:
        alone = Worker(compiled(REMOVE_NAMES), Settings(overwrite=True))
        outcome = alone.do_one(str(source), str(pipe))
        reason = outcome.reason
        assert alone.do_one(str(source), str(tmp_path / "new")).status == WRITTEN
        assert alone.do_one(str(source), str(tmp_path / "new")).status == WRITTEN
    assert reason == "unwritable"
    assert pipe.is_fifo()


def test_of_two_runs_at_once_none_replaces_what_the_other_has_written(tmp_path: Path) -> None:
    mine = worker(tmp_path)
    assert mine.do("im000").status == WRITTEN
    other = worker(tmp_path)
    assert other.do("im000").reason == "exists"
    assert other.do("im000", again=True).status == WRITTEN
    assert other.do("im001").status == WRITTEN
    assert mine.do("im001").reason == "exists"


def test_a_working_folder_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    given = settings(tmp_path / "in", Path("out"))
    outcome = Worker(compiled(REMOVE_NAMES), given).do("im000")
    assert (outcome.reason, outcome.detail) == ("unwritable", "the output folder is gone")


# Names from UIDs


@pytest.mark.parametrize(
    "uid",
    ["", "..", "1..2", "/etc/passwd", "../../up", "1.2/3", "a.b", "1.2.3\n", "1" * 65],
)
def test_only_uids_become_names(uid: str, tmp_path: Path) -> None:
    data = image().replace(
        element("SeriesInstanceUID", "UI", "1.2.3.0.1"), element("SeriesInstanceUID", "UI", uid)
    )
    (tmp_path / "in" / "im000").write_bytes(data)
    outcome = worker(tmp_path, REMOVE_NAMES, rename="uid").do("im000")
    assert (outcome.reason, outcome.detail) == ("no-uids", "its UIDs give no file name")
    assert not (tmp_path / "out").exists()


def test_an_image_without_uids_gets_no_name_from_them(tmp_path: Path) -> None:
    remove = {"dicomTagPath": "SeriesInstanceUID", "method": "remove"}
    assert worker(tmp_path, remove, rename="uid").do("im000").reason == "no-uids"


# Names that tell


def test_what_was_removed_is_told_once(tmp_path: Path) -> None:
    mine = worker(tmp_path)
    mine.do("im000")
    words, uids = mine.take_words()
    assert {"doe", "jane"} <= set(words)
    assert {hash("1.2.3.0"), hash("1.2.3")} <= set(uids)
    mine.do("im001")
    words, uids = mine.take_words()
    assert not {"doe", "jane"} & set(words)
    assert hash("1.2.3.1") in uids
    other = worker(tmp_path, watch=False, overwrite=True)
    other.do("im000")
    assert other.take_words() == ([], [])


@pytest.mark.parametrize("more", [{}, {"when": {"Modality": "MR"}}])
def test_removed_uids_are_told_by_the_hash_of_the_run(more: dict[str, Any], tmp_path: Path) -> None:
    given = settings(tmp_path / "in", tmp_path / "out")
    given.uid_hash = len
    mine = Worker(compiled({**NEW_UIDS, **more}, NEW_UIDS), given)
    for number in range(3):  # the first alone, the others as those of a series
        mine.do(f"im{number:03}")
        assert set(mine.take_words()[1]) >= {len("1.2.3.0")}


# Counts


@pytest.mark.parametrize("each", [True, False])
def test_decisions_are_counted_for_the_file_or_for_the_worker(each: bool, tmp_path: Path) -> None:
    mine = worker(tmp_path, each=each)
    outcomes = [mine.do("im000"), mine.do("im001")]
    counts, faults = mine.take_tally()
    of_a_file = {0: 1, 1: 4}
    assert [outcome.counts for outcome in outcomes] == ([of_a_file] * 2 if each else [{}, {}])
    assert counts == ({} if each else {0: 2, 1: 8})
    assert faults == {}
    assert mine.take_tally() == ({}, {})
    assert [outcome.is_plain for outcome in outcomes] == [not each] * 2


def test_one_file_by_its_own_paths(tmp_path: Path) -> None:
    mine = Worker(compiled(REMOVE_NAMES), Settings())
    (tmp_path / "link").symlink_to(tmp_path / "in" / "im000")
    outcome = mine.do_one(str(tmp_path / "link"), str(tmp_path / "Jane" / "x"))
    assert (outcome.path, outcome.output, outcome.status) == ("link", "x", WRITTEN)
    assert mine.do_one(str(tmp_path / "link"), str(tmp_path / "Jane" / "x")).reason == "exists"
    assert os.listdir(tmp_path / "Jane") == ["x"]
