"""A folder is walked once, in a settled order; nothing behind a link is touched."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from anonymizer.errors import UsageError
from anonymizer.folder import check_apart, find_files

if TYPE_CHECKING:
    from collections.abc import Iterator


def make(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(path.encode())
    return folder


def test_files_come_folder_by_folder_in_the_order_of_their_names(tmp_path: Path) -> None:
    make(tmp_path, "b/2", "b/1", "a/z/9", "a/y", "c", "B", "a/x/1", "b.d/1")
    paths = [path for path, _, _ in find_files(str(tmp_path))]
    assert paths == ["B", "c", "a/y", "a/x/1", "a/z/9", "b/1", "b/2", "b.d/1"]


def test_sizes_are_told(tmp_path: Path) -> None:
    make(tmp_path, "a/four")
    assert list(find_files(str(tmp_path))) == [("a/four", 6, "")]


def test_of_small_files_the_first_tells_the_size_of_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        (tmp_path / f"{number:02d}").write_bytes(bytes(100 + number))
    sizes = [size for _, size, _ in find_files(str(tmp_path))]
    assert sizes == [100] * 8 + [108] * 8 + [116] * 4
    monkeypatch.setattr("anonymizer.folder.SMALL", 109)
    sizes = [size for _, size, _ in find_files(str(tmp_path))]
    assert sizes == [100] * 8 + [108] * 8 + [116, 117, 118, 119]


def test_one_level_is_enough_where_that_is_asked_for(tmp_path: Path) -> None:
    make(tmp_path, "a", "b/c")
    assert [path for path, _, _ in find_files(str(tmp_path), recursive=False)] == ["a"]


def test_what_is_no_file_is_told_with_the_reason(tmp_path: Path) -> None:
    make(tmp_path, "in/file", "other/secret")
    (tmp_path / "in/to file").symlink_to(tmp_path / "other/secret")
    (tmp_path / "in/to folder").symlink_to(tmp_path / "other")
    (tmp_path / "in/loop").symlink_to(tmp_path / "in")
    (tmp_path / "in/nowhere").symlink_to("nothing")
    os.mkfifo(tmp_path / "in/fifo")
    found = {path: why for path, _, why in find_files(str(tmp_path / "in"))}
    assert found == {
        "file": "",
        "fifo": "special-file",
        "loop": "symlink",
        "nowhere": "symlink",
        "to file": "symlink",
        "to folder": "symlink",
    }


def test_a_folder_that_is_a_link_itself_is_walked(tmp_path: Path) -> None:
    make(tmp_path, "in/file")
    (tmp_path / "link").symlink_to("in")
    assert [path for path, _, _ in find_files(str(tmp_path / "link"))] == ["file"]


def test_a_folder_that_cannot_be_listed_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a/1", "b/1", "c/1")
    scandir = os.scandir

    def failing(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("/b"):
            raise PermissionError(13, "no")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", failing)
    assert [(path, why) for path, _, why in find_files(str(tmp_path))] == [
        ("a/1", ""),
        ("b", "unreadable-folder"),
        ("c/1", ""),
    ]


def test_an_entry_that_cannot_be_looked_at_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a network file system that fails while a folder is read."""

    def broken(**_: object) -> bool:
        raise OSError(5, "no")

    class Listing(list[SimpleNamespace]):
        def __enter__(self) -> Listing:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    no = SimpleNamespace(name="broken", is_dir=broken, is_file=broken, is_symlink=lambda: False)
    monkeypatch.setattr(os, "scandir", lambda _: Listing([no]))
    assert list(find_files(str(tmp_path))) == [("broken", 0, "vanished")]


APART = {
    "side by side": ("in", "out", ""),
    "alike by name": ("in", "in2", ""),
    "alike by name, the other way": ("in2", "in", ""),
    "the same": ("in", "in", "are the same"),
    "the same by dots": ("in", "in/../in/.", "are the same"),
    "the same by a link": ("in", "link", "are the same"),
    "inside": ("in", "in/a", "output folder lies inside the input"),
    "far inside, not there yet": ("in", "in/a/b/c", "output folder lies inside the input"),
    "inside by a link": ("in", "link/new", "output folder lies inside the input"),
    "inside by dots": ("in", "in2/../in/new", "output folder lies inside the input"),
    "above": ("in/a", "in", "input folder lies inside the output"),
    "far above": ("in/a", ".", "input folder lies inside the output"),
    "above by a link": ("link/a", "in", "input folder lies inside the output"),
}


@pytest.mark.parametrize("case", APART)
def test_inputs_and_outputs_lie_apart(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target, message = APART[case]
    for folder in ("in/a", "in2"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "link").symlink_to("in")
    for prefix in ("", f"{tmp_path}/"):
        monkeypatch.chdir(tmp_path)
        if message:
            with pytest.raises(UsageError, match=message):
                check_apart(prefix + source, target)
        else:
            check_apart(prefix + source, target)


def test_a_mount_of_the_same_folder_is_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names differ, as under a bind mount or where case means nothing; the folder is one."""
    make(tmp_path, "in/a", "MOUNT/a")

    def is_same(one: str, other: str) -> bool:
        same = {str(tmp_path / "in"), str(tmp_path / "MOUNT")}
        return one == other or {one, other} == same

    monkeypatch.setattr(os.path, "samefile", is_same)
    for source, target in (("in", "MOUNT"), ("in", "MOUNT/x/y"), ("MOUNT/x", "in")):
        with pytest.raises(UsageError):
            check_apart(str(tmp_path / source), str(tmp_path / target))
