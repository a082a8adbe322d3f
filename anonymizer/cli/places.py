"""Opens what a run reads and writes where that is no folder, and says what does not go with it."""

from __future__ import annotations

import os
import sys

from anonymizer.cli.usage import STANDARD, check_there, is_store
from anonymizer.errors import UsageError
from anonymizer.report import printable
from anonymizer.stores.places import check_apart, inputs_of, outputs_of
from anonymizer.stores.streams import StandardInput, StandardOutput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.cli.options import RunOptions


def open_places(options: RunOptions) -> None:
    """Opens the archives of a run over many images; raises UsageError where it cannot be."""
    if not options.has_urls:
        check_there(options.input_folder)
        check_apart(options.input_folder, options.output_folder)
    if is_store(options.input_folder):
        check_there(options.input_folder)
        options.inputs = inputs_of(options.input_folder)
    if is_store(options.output_folder):
        options.outputs = outputs_of(
            options.output_folder, overwrite=options.overwrite, by_uids=bool(options.rename)
        )
    _check_flags(options)


def _check_flags(options: RunOptions) -> None:
    from_store, to_store = options.inputs is not None, options.outputs is not None
    once = options.inputs is not None and options.inputs.alone
    for flag, given, why, hint in (
        (
            "--resume",
            options.resume,
            "an archive is written as a whole, and what it was made of is not known afterwards",
            "run it again from the start; or give folders",
        ),
        (
            "--backup",
            options.backup and from_store,
            "it copies files of a folder",
            "keep the archive itself",
        ),
        (
            "--quarantine-copy",
            options.quarantine_copy and from_store,
            "it copies files of a folder",
            "--quarantine alone lists what was refused, with reasons",
        ),
        (
            "--no-recursive",
            options.no_recursive and from_store,
            "it is about folders of folders",
            "all images of the archive are done",
        ),
        (
            "--dicomdir rebuild",
            options.dicomdir == "rebuild" and to_store,
            "a DICOMDIR is made of a folder",
            "give a folder for the outputs",
        ),
        (
            "--verify",
            options.verify,
            "it holds folders against each other when all is written",
            "unpack both, and then: anonymizer verify IN OUT",
        ),
        (
            "--dry-run --verbose",
            options.dry_run and options.verbose and once,
            "images are read twice, and a compressed .tar can be read only once",
            "--dry-run alone, or a .tar or .zip",
        ),
    ):
        if given:
            raise UsageError(f"{flag} does not go with this input or output: {why}", hint)


def open_streams(options: RunOptions) -> None:
    """Opens standard input or output for one image; raises UsageError where it cannot be."""
    if options.verify:
        raise UsageError("--verify does not go with -: it reads files", "anonymizer verify IN OUT")
    if options.input_file == STANDARD:
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("-i -: nothing is sent to the standard input", "anonymizer ... < FILE")
        if options.backup:
            raise UsageError("--backup copies files", "keep what is sent yourself")
        if os.path.isdir(options.output_file) or options.output_file.endswith("/"):
            shown = printable(options.output_file)
            raise UsageError(f"{shown}: is a folder, and -i - has no name", "-o names a file")
        options.inputs = StandardInput()
    if options.output_file == STANDARD:
        _check_standard_output()
        options.outputs = StandardOutput()


def _check_standard_output() -> None:
    """Raises UsageError where no image can go there."""
    hint = "anonymizer ... > FILE"
    if sys.__stdout__ is None:
        raise UsageError("-o -: the standard output is closed", hint)
    if os.isatty(1):
        raise UsageError("-o - would write an image to the terminal", hint)
