"""Copies of originals: whole, checked, private, never over another file; or no output."""

from __future__ import annotations

import os
import stat
from contextlib import nullcontext
from pathlib import Path

import pytest
from study import REMOVE_NAMES, compiled, parts, settings, tree, write_study

from anonymizer import backup
from anonymizer.backup import back_up
from anonymizer.errors import ImageError
from anonymizer.files import Input
from anonymizer.job import run_folder

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def copy(source: Path, root: Path, path: str) -> None:
    with Input(str(source)) as image:
        back_up(image, str(root), path)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "original"
    path.write_bytes(os.urandom((2 << 20) + 7))
    return path


def test_a_copy_is_whole_and_for_nobody_else(original: Path, tmp_path: Path) -> None:
    copy(original, tmp_path / "b", "one/two/im")
    assert tree(tmp_path / "b") == {"one/two/im": original.read_bytes()}
    assert stat.S_IMODE((tmp_path / "b/one/two/im").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "b/one").stat().st_mode) == 0o700


def test_an_equal_copy_stays_and_another_file_is_a_fault(original: Path, tmp_path: Path) -> None:
    copy(original, tmp_path / "b", "im")
    copy(original, tmp_path / "b", "im")
    (tmp_path / "b/im").write_bytes(b"mine")
    with pytest.raises(ImageError, match="another file has the place") as error:
        copy(original, tmp_path / "b", "im")
    assert error.value.reason == "backup-failed"
    assert (tmp_path / "b/im").read_bytes() == b"mine"


@pytest.mark.parametrize("what", ["folder", "file"])
def test_no_link_leads_a_copy_away(what: str, original: Path, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "away").mkdir()
    (tmp_path / "b/in").symlink_to(tmp_path / ("away" if what == "folder" else "away/im"))
    with pytest.raises(ImageError):
        copy(original, tmp_path / "b", "in/im" if what == "folder" else "in")
    assert tree(tmp_path / "away") == {}


def test_a_copy_that_reads_otherwise_is_none(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "_hash_of", lambda _: b"other")
    with pytest.raises(ImageError, match="the copy is not what was read"):
        copy(original, tmp_path / "b", "im")
    assert tree(tmp_path / "b") == {}


def test_no_copy_is_made_of_what_changes(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = backup._copied

    def changing(source: int, target: int) -> bytes:
        original.write_bytes(b"another")
        return copied(source, target)

    monkeypatch.setattr(backup, "_copied", changing)
    with pytest.raises(ImageError) as error:
        copy(original, tmp_path / "b", "im")
    assert error.value.reason == "changed"
    assert tree(tmp_path / "b") == {}


def test_a_file_system_without_hard_links_holds_copies_too(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object, **__: object) -> None:
        raise PermissionError(1, "no hard links")

    monkeypatch.setattr(os, "link", link)
    copy(original, tmp_path / "b", "im")
    assert tree(tmp_path / "b") == {"im": original.read_bytes()}

    calls: list[bool] = []
    exists = os.path.lexists  # the copy of another process comes in between
    monkeypatch.setattr(os.path, "lexists", lambda path: calls.pop() if calls else exists(path))
    for content, whole in ((original.read_bytes(), True), (b"mine", False)):
        calls.append(False)
        (tmp_path / "b/im").write_bytes(content)
        with nullcontext() if whole else pytest.raises(ImageError, match="another file"):
            copy(original, tmp_path / "b", "im")
        assert tree(tmp_path / "b") == {"im": content}


def test_a_copy_that_cannot_be_made_is_a_fault(original: Path, tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"a file")
    with pytest.raises(ImageError, match="no copy could be made"):
        copy(original, tmp_path / "b", "im")


@pytest.mark.parametrize("workers", [1, 2])
def test_originals_are_there_before_their_outputs(workers: int, tmp_path: Path) -> None:
    study, out, kept = write_study(tmp_path / "in", 8), tmp_path / "out", tmp_path / "b"
    out.mkdir()
    kept.mkdir()
    (kept / "im003").write_bytes(b"mine")
    how = settings(study, out, backup=str(kept))
    report = run_folder(compiled(REMOVE_NAMES), how, workers=workers)
    assert (report.written, report.refused) == (7, {"backup-failed": 1})
    assert tree(kept) == {**tree(study), "im003": b"mine"}
    assert "im003" not in tree(out)
    assert parts(tmp_path) == []
