"""Judges what was typed before anything is read or written: flags that go together, and paths.

Rules. Inputs are never written to: no output, and no report, may take the place of an input, of
the configuration, or of any other file that the run needs.
"""

from __future__ import annotations

import os

from anonymizer.errors import UsageError
from anonymizer.files import reason
from anonymizer.folder import are_same, lies_in, overlap
from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.cli.options import RunOptions


LEDGER_SUFFIX = ".ledger"
"""What the ledger has behind the name of the output folder, beside which it lies."""


def is_one_file(options: RunOptions) -> bool:
    """Whether this is a run over one file; a folder given as -i is a folder run."""
    _check_flags(options)
    if options.has_urls:
        from anonymizer.cli.object_stores import check_urls

        check_urls(options)
        _open_beside_urls(options)
        return bool(options.input_file)
    if options.input_file and (os.path.isdir(options.input_file) or is_store(options.input_file)):
        options.input_folder, options.output_folder = options.input_file, options.output_file
        options.input_file = options.output_file = ""
    if options.input_file:
        _check_one(options)
        return True
    if is_store(options.input_folder) or is_store(options.output_folder):
        from anonymizer.cli.places import open_places

        open_places(options)
    check_there(options.input_folder)
    if options.inputs is None and not os.path.isdir(options.input_folder):
        raise UsageError(
            f"{printable(options.input_folder)}: is not a folder",
            "-I takes a folder or an archive, -i a file",
        )
    if options.resume and not (options.ledger or options.shard):
        options.ledger = os.path.realpath(options.output_folder) + LEDGER_SUFFIX
    return False


STORES = (
    ".zip",
    ".tar",
    ".gz",
    ".tgz",
    ".zst",
    ".tzst",
    ".7z",
    ".rar",
    ".bz2",
    ".tbz2",
    ".xz",
    ".txz",
)
STANDARD = "-"
"""Standard input, or standard output."""


def is_store(place: str) -> bool:
    """Whether what was typed is neither a folder nor an image."""
    is_named_so = place.lower().endswith(STORES) and "://" not in place
    return is_named_so and not os.path.isdir(place)


def _open_beside_urls(options: RunOptions) -> None:
    """Opens what stands beside a URL and is no folder, either."""
    from anonymizer.cli.places import open_places, open_streams

    if not options.input_file:
        open_places(options)
        return
    _check_flags_of_one(options)
    open_streams(options)


def _check_one(options: RunOptions) -> None:
    _check_flags_of_one(options)
    if STANDARD in {options.input_file, options.output_file}:
        from anonymizer.cli.places import open_streams

        open_streams(options)
    if options.inputs is None:
        check_there(options.input_file)
    if is_store(options.output_file):
        raise UsageError(
            f"{printable(options.output_file)}: is the name of an archive, -i names one image",
            "-I FOLDER -O ARCHIVE; or give the output another name",
        )


def _check_flags(options: RunOptions) -> None:
    one = bool(options.input_file), bool(options.output_file)
    many = bool(options.input_folder), bool(options.output_folder)
    if any(one) and any(many):
        raise UsageError(
            "a run takes -i and -o, or -I and -O", "not one pair and part of the other"
        )
    if not (all(one) or all(many)):
        raise UsageError(
            "both an input and an output are needed",
            "-i FILE -o FILE for one image, -I FOLDER -O FOLDER for many",
        )
    _check_telling(options)
    if options.place:
        options.place.check()
    if options.validation == "warn" and not options.validate_input:
        raise UsageError("--validation warn is about --validateInput", "give both")
    if options.hide_paths and not (options.report or options.audit_log or options.shard):
        raise UsageError("--hide-paths is about --audit-log and --report", "give one of them")
    if (options.ledger or options.mix) and not options.resume:
        raise UsageError("--ledger and --mix are about --resume", "give it, too")
    if options.quarantine_copy and not options.quarantine:
        raise UsageError("--quarantine-copy is about --quarantine", "give it, too")


def _check_flags_of_one(options: RunOptions) -> None:
    if options.rename:
        raise UsageError("--rename is for folder runs", "-o gives the name here")
    for flag, given in (
        ("--dicomdir rebuild", options.dicomdir == "rebuild"),
        ("--resume", options.resume),
        ("--quarantine", options.quarantine and not options.verify),
    ):
        if given:
            raise UsageError(f"{flag} is for folder runs")


def _check_telling(options: RunOptions) -> None:
    if options.quiet and options.verbose:
        raise UsageError("--quiet and --verbose contradict each other", "give one of them")
    if options.show_values and not (options.dry_run and options.verbose):
        raise UsageError("--show-values is for --dry-run --verbose", "give all three")
    if options.dry_run and options.resume:
        raise UsageError("--dry-run writes nothing, so there is nothing to resume")
    if options.dry_run and options.verify:
        raise UsageError("--dry-run writes nothing, so there is nothing to verify")
    if options.mix and options.verify:
        raise UsageError(
            "--verify would judge outputs of another configuration by this one",
            "leave out --mix, and give another output folder; or leave out --verify",
        )
    if options.recursive and options.no_recursive:
        raise UsageError("--recursive and --no-recursive contradict each other")


def check_backup(options: RunOptions) -> None:
    """Raises UsageError where copies of originals would lie among the inputs or the outputs."""
    if not options.backup:
        return
    shown = printable(options.backup)
    if os.path.lexists(options.backup) and not os.path.isdir(options.backup):
        raise UsageError(f"{shown}: is not a folder", "--backup takes a folder")
    places = [
        (options.input_folder or os.path.dirname(options.input_file) or os.curdir, "inputs"),
        (options.output_folder or os.path.dirname(options.output_file) or os.curdir, "outputs"),
    ]
    for folder, what in places:
        beside = not options.input_folder and not lies_in(options.backup, folder)
        if are_same(options.backup, folder) or (
            not beside and (lies_in(folder, options.backup) or lies_in(options.backup, folder))
        ):
            raise UsageError(
                f"{shown}: the copies would lie among the {what}", "choose a place beside them"
            )


def check_there(path: str) -> None:
    """Raises UsageError where nothing is at a path that was typed."""
    if "://" in path:
        raise UsageError(
            "URLs of object stores are for runs only: -I and -O, -i and -o",
            "copy the images to a folder first",
        )
    if not os.path.exists(path):
        raise UsageError(f"{printable(path)}: no such file or folder")


def check_images(path: str) -> None:
    """Raises UsageError where there is nothing to look at, or an archive, which runs alone read."""
    check_there(path)
    if is_store(path):
        raise UsageError(
            f"{printable(path)}: archives are for runs only: -I and -O",
            "unpack it to a folder first, and give that",
        )


def are_folders(one: str, other: str) -> bool:
    """Whether two paths that were typed are folders, not files; raises UsageError where one is."""
    for path in (one, other):
        check_images(path)
    folders = os.path.isdir(one)
    if folders != os.path.isdir(other):
        raise UsageError("one is a folder and the other is not", "two files, or two folders")
    return folders


def study_folder(options: RunOptions) -> str:
    """The folder of the inputs, where a configuration may lie next to them."""
    if options.inputs is not None:
        return os.path.dirname(options.input_folder) or os.curdir
    return options.input_folder or os.path.dirname(options.input_file) or os.curdir


def output_path(image: str, output: str) -> str:
    """Where the output of one image goes; into a folder under the image's own name.

    Raises UsageError where that is the image itself.
    """
    target = output
    if STANDARD in {image, output}:
        return output
    if os.path.isdir(output) or output.endswith("/"):
        target = os.path.join(output, os.path.basename(image))
    if are_same(image, target):
        raise UsageError(
            "the input and the output are the same file",
            "choose another output; the inputs are never changed",
        )
    return target


def check_needed_files(options: RunOptions, needed: list[str]) -> None:
    """Raises UsageError where the outputs or the report could replace a file the run needs."""
    for path in (*needed, options.key_file, options.map, options.manifest):
        if not path:
            continue
        shown = printable(path)
        if options.output_file and are_same(path, options.output_file):
            raise UsageError(
                f"{shown}: the output would take the place of a file that the run needs",
                "choose another output",
            )
        if options.outputs is not None and are_same(path, options.output_folder):
            raise UsageError(f"{shown}: the run needs this file", "choose another output")
        if options.output_folder and lies_in(options.output_folder, path):
            raise UsageError(
                f"{shown}: the run needs this file, which lies in the output folder",
                "keep it apart from the outputs",
            )
        for what, _, told in told_files(options):
            if _takes_place(told, path):
                raise _takes(what, told)


def check_growing_map(options: RunOptions) -> None:
    """Raises UsageError where sequential pseudonyms have no map, or one among the inputs."""
    if not options.map:
        raise UsageError(
            "sequential pseudonyms need a map that grows", "--map FILE; it need not be there yet"
        )
    if options.input_folder and lies_in(options.input_folder, options.map):
        raise UsageError(
            f"{printable(options.map)}: the map would grow in the input folder",
            "keep it apart from the inputs",
        )


def check_quarantine(options: RunOptions) -> None:
    """Raises UsageError where refused inputs would be set apart among inputs or outputs."""
    for _, flag, path in told_files(options):
        if lies_in(options.quarantine, path):
            raise UsageError(f"{flag}: it would lie in the quarantine", "choose a place beside it")
    for what, path in (("input", options.input_file), ("output", options.output_file)):
        if path and lies_in(options.quarantine, path):
            raise UsageError(f"--quarantine: the {what} lies in it", "choose one beside it")
    if options.input_file:
        return
    for what, folder in (("input", options.input_folder), ("output", options.output_folder)):
        if overlap(folder, options.quarantine):
            raise UsageError(
                f"--quarantine: it and the {what} folder are not apart", "choose one beside it"
            )


def told_files(options: RunOptions) -> list[tuple[str, str, str]]:
    """What a run writes beside the outputs: what that is, its flag and its path."""
    files = [
        ("the report", "--report", options.report),
        ("the audit log", "--audit-log", options.audit_log),
        ("the ledger", "--ledger", options.ledger),
    ]
    return [file for file in files if file[2]]


def check_told_files(options: RunOptions) -> None:
    """Raises UsageError where what is told could not be written, or would take a file's place."""
    needed = [
        *(options.input_file, options.output_file, options.input_folder, options.output_folder),
        *(options.config, options.key_file, options.map, options.manifest),
    ]
    for what, flag, path in told_files(options):
        if any(_takes_place(path, other) for other in needed if other):
            raise _takes(what, path)
        _check_place(options, what, flag, path)
        needed.append(path)


def _takes_place(path: str, other: str) -> bool:
    """Whether a file, or what it is while it is written, is another."""
    return are_same(path, other) or are_same(f"{path}.part", other)


def _takes(what: str, path: str) -> UsageError:
    return UsageError(
        f"{printable(path)}: {what} would take the place of a file that the run needs"
    )


def _check_place(options: RunOptions, what: str, flag: str, path: str) -> None:
    shown, folder = printable(path), os.path.dirname(path) or os.curdir
    if options.input_folder and lies_in(options.input_folder, path):
        raise UsageError(
            f"{shown}: {what} would lie in the input folder", "choose a place beside it"
        )
    if options.output_folder and lies_in(options.output_folder, path):
        raise UsageError(
            f"{shown}: {what} would lie among the outputs", "choose a place beside them"
        )
    if os.path.isdir(path):
        raise UsageError(f"{shown}: is a folder", f"{flag} takes the name of a file")
    if not os.path.isdir(folder):
        raise UsageError(f"{shown}: there is no such folder to put {what} in", "make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{shown}: {what} cannot be written there", "choose another folder")


def make_output_folder(folder: str) -> None:
    """Makes the folder of a folder run, and those above it; raises UsageError where it cannot."""
    shown = printable(folder)
    try:
        os.makedirs(folder, exist_ok=True)
    except FileExistsError:
        raise UsageError(
            f"{shown}: is not a folder", "-O takes a folder; one file goes by -i FILE -o FILE"
        ) from None
    except OSError as error:
        raise UsageError(f"{shown}: the output folder cannot be made ({reason(error)})") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            f"{shown}: the output folder cannot be written to", "check its permissions"
        )
