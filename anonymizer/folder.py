"""Walks a folder of images: every file once, in a settled order, and nothing behind a link."""

from __future__ import annotations

import os

from anonymizer.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Found = tuple[str, int, str]
    """Path relative to the folder, size in bytes or about, why it is not opened ("" if it is)."""

FOLDER = "folder"
"""Is no reason: what is in it is looked at in its turn."""

SMALL, MEASURED = 1 << 16, 8
"""Behind a small file, one of so many is asked for its size: sizes only share work out."""


def find_files(folder: str, *, recursive: bool = True) -> Iterator[Found]:
    """Files in the order of their names, folder by folder, so that a series stays together."""
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        whole = os.path.join(folder, inside) if inside else folder
        try:
            names, odd = _listed(whole)
        except OSError:
            yield inside or ".", 0, "unreadable-folder"
            continue
        below: list[str] = []
        yield from _found(whole, f"{inside}/" if inside else "", names, odd, below)
        if recursive:
            waiting += reversed(below)


def _listed(folder: str) -> tuple[list[str], dict[str, str]]:
    """The names in a folder, and of those that are no files why they are not opened.

    Only names are kept of them: a folder may hold millions.
    """
    names: list[str] = []
    odd: dict[str, str] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            names.append(entry.name)
            if why := _why_not(entry):
                odd[entry.name] = why
    names.sort()
    return names, odd


def _found(
    folder: str, start: str, names: list[str], odd: dict[str, str], below: list[str]
) -> Iterator[Found]:
    """What is in a folder; the folders in it are put to those ``below``."""
    size = behind = 0
    for name in names:
        path = start + name
        why = odd.get(name, "") if odd else ""
        if not why:
            if size >= SMALL or not behind % MEASURED:
                size, behind = _size(f"{folder}/{name}"), 0
            behind += 1
            yield path, size, ""
        elif why == FOLDER:
            below.append(path)
        else:
            yield path, 0, why


def _why_not(entry: os.DirEntry[str]) -> str:
    """Why an entry is not to be opened, "" of a file; mostly the folder itself tells."""
    try:
        if entry.is_file(follow_symlinks=False):
            return ""
        if entry.is_dir(follow_symlinks=False):
            return FOLDER
        if entry.is_symlink():
            return "symlink"
    except OSError:
        return "vanished"
    return "special-file"


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0  # what is gone is told when it is opened


def check_apart(input_folder: str, output_folder: str) -> None:
    """Raises UsageError where the outputs would lie among the inputs, or the inputs among them."""
    if are_same(input_folder, output_folder):
        raise UsageError(
            "the input and the output folder are the same",
            "choose another output folder; the inputs are never changed",
        )
    if lies_in(input_folder, output_folder):
        raise UsageError("the output folder lies inside the input folder", "choose one beside it")
    if lies_in(output_folder, input_folder):
        raise UsageError("the input folder lies inside the output folder", "choose one beside it")


def are_same(one: str, other: str) -> bool:
    """Whether two paths lead to one file or folder, or would if it were there."""
    return os.path.realpath(one) == os.path.realpath(other) or _same(one, other)


def overlap(one: str, other: str) -> bool:
    """Whether two folders are the same, or one lies in the other."""
    return are_same(one, other) or lies_in(one, other) or lies_in(other, one)


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def lies_in(folder: str, path: str) -> bool:
    """Whether a path is below a folder, by its name or because a mount or case makes it so."""
    top, above = os.path.realpath(folder), os.path.dirname(os.path.realpath(path))
    while True:
        if above == top or _same(above, top):
            return True
        if above == os.path.dirname(above):
            return False
        above = os.path.dirname(above)
