"""URLs of object stores on the command line: what goes with them, and the stores they lead to."""

from __future__ import annotations

import os

from anonymizer.cli.usage import STANDARD, is_store
from anonymizer.errors import UsageError
from anonymizer.report import printable
from anonymizer.stores.urls import FILES_AT_ONCE, check_apart, folder_at, is_url, object_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.cli.options import RunOptions
    from anonymizer.stores.urls import Place

PROCESSES_OF_A_CORE, FEWEST_PROCESSES, MOST_PROCESSES = 8, 16, 64
"""What a run over a store has where nobody says how many: they wait far longer than they work."""


def check_urls(options: RunOptions) -> None:
    """Raises UsageError where a URL leads nowhere, tells a key, or does not go with a flag."""
    if options.input_file:
        _check_one(options)
    else:
        _check_folders(options)
    source, target = _source(options), _target(options)
    for flag, given, why in (
        ("--resume", options.resume, "a ledger is kept of folders only"),
        ("--verify", options.verify, "inputs and outputs are read again from folders"),
        ("--backup", options.backup and is_url(source), "it copies files, not objects"),
        ("--quarantine-copy", options.quarantine_copy and is_url(source), "it copies files"),
        (
            "--dicomdir rebuild",
            options.dicomdir == "rebuild" and is_url(target),
            "it is written into folders only",
        ),
    ):
        if given:
            raise UsageError(f"{flag} does not go with a URL", why)


def _source(options: RunOptions) -> str:
    return options.input_file or options.input_folder


def _target(options: RunOptions) -> str:
    return options.output_file or options.output_folder


def _check_one(options: RunOptions) -> None:
    source, target = options.input_file, options.output_file
    if os.path.isdir(target) or (is_url(target) and target.endswith("/")):
        target = options.output_file = f"{target.rstrip('/')}/{source.rpartition('/')[2]}"
    if not is_url(source):
        if source != STANDARD:
            _check_local(source, is_folder=False)
        object_at(target, "-o")
        return
    place, name = object_at(source, "-i")
    if is_url(target):
        other, other_name = object_at(target, "-o")
        place.prefix, other.prefix = f"{place.prefix}{name}/", f"{other.prefix}{other_name}/"
        if place.overlaps(other) and place.prefix == other.prefix:
            raise UsageError(
                "the input and the output are the same object",
                "choose another output; the inputs are never changed",
            )


def _check_folders(options: RunOptions) -> None:
    source, target = options.input_folder, options.output_folder
    if not (is_url(source) or is_store(source)):
        _check_local(source, is_folder=True)
    check_apart(source, target)


def _check_local(path: str, *, is_folder: bool) -> None:
    if not os.path.exists(path):
        raise UsageError(f"{printable(path)}: no such file or folder")
    if os.path.isdir(path) != is_folder:
        is_none = "is a folder" if not is_folder else "is not a folder"
        raise UsageError(f"{printable(path)}: {is_none}", "-I takes a folder, -i a file")


def open_stores(options: RunOptions) -> None:
    """Asks the stores that the URLs lead to; raises UsageError where they do not answer."""
    from anonymizer.stores.objects import Bucket, ObjectInputs, ObjectOutputs

    source, target = _source(options), _target(options)
    options.at_once = FILES_AT_ONCE
    if is_url(source):
        flag = "-i" if options.input_file else "-I"
        options.inputs = ObjectInputs(
            Bucket(_place(source, flag), flag),
            recursive=not options.no_recursive,
            force=options.force,
        )
    if is_url(target):
        flag = "-o" if options.output_file else "-O"
        options.outputs = ObjectOutputs(
            Bucket(_place(target, flag), flag),
            overwrite=options.overwrite,
            by_uids=bool(options.rename),
        )


def _place(url: str, flag: str) -> Place:
    return folder_at(url, flag) if flag.isupper() else object_at(url, flag)[0]


def processes(cores: int) -> int:
    """How many there are where nobody says."""
    return min(max(PROCESSES_OF_A_CORE * cores, FEWEST_PROCESSES), MOST_PROCESSES)
