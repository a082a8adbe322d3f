"""Walks a folder of images: every file once, in a settled order, and nothing behind a link."""

from __future__ import annotations

import os
from operator import attrgetter

from anonymizer.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Found = tuple[str, int, str]
    """Path relative to the folder, size in bytes or about, why it is not opened ("" if it is)."""

FILE, FOLDER, OTHER = range(3)

SMALL, MEASURED = 1 << 16, 8
"""Behind a small file, one of so many is asked for its size: sizes only share work out."""

_by_name = attrgetter("name")


def find_files(folder: str, *, recursive: bool = True) -> Iterator[Found]:
    """Files in the order of their names, folder by folder, so that a series stays together."""
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(os.path.join(folder, inside) if inside else folder) as entries:
                listed = sorted(entries, key=_by_name)
        except OSError:
            yield inside or ".", 0, "unreadable-folder"
            continue
        below: list[str] = []
        yield from _found(listed, f"{inside}/" if inside else "", below)
        if recursive:
            waiting += reversed(below)


def _found(listed: list[os.DirEntry[str]], start: str, below: list[str]) -> Iterator[Found]:
    """What is in a folder; the folders in it are put to those ``below``."""
    size = behind = 0
    for entry in listed:
        path = start + entry.name
        kind, why = _kind(entry)
        if kind == FILE:
            if size >= SMALL or not behind % MEASURED:
                size, behind = _size(entry), 0
            behind += 1
            yield path, size, ""
        elif kind == FOLDER:
            below.append(path)
        else:
            yield path, 0, why


def _kind(entry: os.DirEntry[str]) -> tuple[int, str]:
    """What it is, and why it is not to be opened; mostly the folder itself tells."""
    try:
        if entry.is_file(follow_symlinks=False):
            return FILE, ""
        if entry.is_dir(follow_symlinks=False):
            return FOLDER, ""
        if entry.is_symlink():
            return OTHER, "symlink"
    except OSError:
        return OTHER, "vanished"
    return OTHER, "special-file"


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0  # what is gone is told when it is opened


def check_apart(input_folder: str, output_folder: str) -> None:
    """Raises UsageError where the outputs would lie among the inputs, or the inputs among them."""
    inside = os.path.realpath(input_folder)
    outside = os.path.realpath(output_folder)
    if inside == outside or _same(inside, outside):
        raise UsageError(
            "the input and the output folder are the same",
            "choose another output folder; the inputs are never changed",
        )
    if holds(inside, outside):
        raise UsageError("the output folder lies inside the input folder", "choose one beside it")
    if holds(outside, inside):
        raise UsageError("the input folder lies inside the output folder", "choose one beside it")


def overlap(one: str, other: str) -> bool:
    """Whether two folders are the same, or one lies in the other."""
    one, other = os.path.realpath(one), os.path.realpath(other)
    return one == other or _same(one, other) or holds(one, other) or holds(other, one)


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def holds(outer: str, inner: str) -> bool:
    """Whether a folder is above another, by name or because a mount or case makes it so."""
    above = os.path.dirname(inner)
    while True:
        if above == outer or _same(above, outer):
            return True
        if above == os.path.dirname(above):
            return False
        above = os.path.dirname(above)
