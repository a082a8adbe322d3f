"""Walks a folder of images: every file once, in a settled order, and nothing behind a link."""

from __future__ import annotations

import os

from anonymizer.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Found = tuple[str, int, str]
    """Path relative to the folder, size in bytes, and why it is not to be opened ("" if it is)."""


def find_files(folder: str, *, recursive: bool = True) -> Iterator[Found]:
    """Files in the order of their names, folder by folder, so that a series stays together."""
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        try:
            with os.scandir(os.path.join(folder, inside) if inside else folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            yield inside or ".", 0, "unreadable-folder"
            continue
        below = []
        for entry in listed:
            path = f"{inside}/{entry.name}" if inside else entry.name
            if _is_folder(entry):
                below.append(path)
            else:
                yield path, *_examined(entry)
        if recursive:
            waiting += reversed(below)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _examined(entry: os.DirEntry[str]) -> tuple[int, str]:
    try:
        if entry.is_symlink():
            return 0, "symlink"
        if not entry.is_file(follow_symlinks=False):
            return 0, "special-file"
        return entry.stat(follow_symlinks=False).st_size, ""
    except OSError:
        return 0, "vanished"


def check_apart(input_folder: str, output_folder: str) -> None:
    """Raises UsageError where the outputs would lie among the inputs, or the inputs among them."""
    inside = os.path.realpath(input_folder)
    outside = os.path.realpath(output_folder)
    if inside == outside or _same(inside, outside):
        raise UsageError(
            "the input and the output folder are the same",
            "choose another output folder; the inputs are never changed",
        )
    if _holds(inside, outside):
        raise UsageError("the output folder lies inside the input folder", "choose one beside it")
    if _holds(outside, inside):
        raise UsageError("the input folder lies inside the output folder", "choose one beside it")


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _holds(outer: str, inner: str) -> bool:
    """Whether a folder is above another, by name or because a mount or case makes it so."""
    above = os.path.dirname(inner)
    while True:
        if above == outer or _same(above, outer):
            return True
        if above == os.path.dirname(above):
            return False
        above = os.path.dirname(above)
