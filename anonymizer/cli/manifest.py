"""``anonymizer manifest``: the files of a folder, frozen in a list that shards are made of."""

from __future__ import annotations

import os

from anonymizer.cli.console import NOTHING_FOUND, REFUSED, WRITTEN, WRONG_USAGE, complain
from anonymizer.cli.summary import counted, size_text
from anonymizer.cli.usage import check_there
from anonymizer.errors import ImageError, UsageError
from anonymizer.files import reason
from anonymizer.folder import lies_in
from anonymizer.report import printable
from anonymizer.shards.manifest import read_manifest, write_manifest


def freeze(folder: str, output: str, *, recursive: bool, overwrite: bool) -> int:
    """Writes the list and tells what stands in it; answers the exit code."""
    try:
        _check(folder, output)
        return _freeze(folder, output, recursive=recursive, overwrite=overwrite)
    except UsageError as error:
        complain(str(error))
        return WRONG_USAGE


def _check(folder: str, output: str) -> None:
    shown = printable(output)
    check_there(folder)
    if not os.path.isdir(folder):
        raise UsageError(f"{printable(folder)}: is not a folder", "-I takes a folder")
    if lies_in(folder, output):
        raise UsageError(
            f"{shown}: the manifest would lie in the input folder", "choose a place beside it"
        )
    if os.path.isdir(output):
        raise UsageError(f"{shown}: is a folder", "-o takes the name of a file")


def _freeze(folder: str, output: str, *, recursive: bool, overwrite: bool) -> int:
    shown = printable(output)
    there = UsageError(f"{shown}: is there already", "--overwrite replaces it")
    if os.path.lexists(output) and not overwrite:
        raise there
    try:
        write_manifest(output, folder, recursive=recursive, replace=overwrite)
    except ImageError:
        raise there from None
    except OSError as error:
        raise UsageError(f"{shown}: the manifest cannot be written ({reason(error)})") from None
    frozen = read_manifest(output)
    print(f"written: {shown}, {counted(frozen.files, 'file')}, {size_text(frozen.bytes)}")
    if frozen.unlisted:
        complain(
            f"warning: {counted(frozen.unlisted, 'folder')} could not be listed; "
            "shards will count them as refused"
        )
        return REFUSED
    return WRITTEN if frozen.files else NOTHING_FOUND
