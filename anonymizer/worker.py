"""Does one file after another: read, anonymize, write; tells what became of each.

The same function serves a single file, a folder in one process, and the processes of a pool.
"""

from __future__ import annotations

import os

from anonymizer.chooser import pipeline_for
from anonymizer.errors import ImageError
from anonymizer.files import Input, check_name, check_no_device, reason, write_whole
from anonymizer.report import WRITTEN, Outcome, outcome_of
from anonymizer.rules.tally import Tally

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from anonymizer.audit.spool import Record, Spool
    from anonymizer.files import Opened
    from anonymizer.pipeline import Output
    from anonymizer.rules.compiled import Compiled
    from anonymizer.rules.tally import Counts, Faults
    from anonymizer.stores.store import Inputs, Outputs
    from anonymizer.validation import Findings

    Frozen = tuple[int, int]
    """Size and time in nanoseconds that a file must have."""

    Check = Callable[[str], None]
    """Is called with the path of a whole output that has not yet its name, "" without one."""

    Gate = Callable[[Opened, str | Output, str], None]
    """Is called with an open input, its whole output (that has not yet its name, where it is a
    file), and the path of the input; raises ImageError where the output may not have it."""


class Settings:
    """What a run was asked for, beside its configuration. Plain values, set once."""

    __slots__ = {
        "backup": 'a folder for copies of the originals, "" without',
        "dicomdir": '"skip", "process" or "" (skip with a profile, else process)',
        "dry_run": "nothing is written",
        "each": "decisions are counted file by file",
        "every_refusal": "all refusals are remembered, not just the first",
        "force": "what has no mark of DICOM is read, too",
        "gate": "verifies outputs, None where that was not asked for",
        "input_folder": "",
        "inputs": "a store that takes the place of that folder",
        "itemize": "plain outcomes are told one by one",
        "most_in_chunk": "images that a worker gets at once, 0 for as many as are of use",
        "output_folder": "",
        "outputs": "a store that takes the place of that folder",
        "overwrite": "outputs that are there already are replaced",
        "recursive": "folders of folders are gone into",
        "rename": '"" (names are kept) or "uid"',
        "since": "when the run began, by the clock of the outputs' file system: what is newer is "
        "this run's own, and never replaced",
        "spool": "where the records of an audit log go, None without one",
        "uid_hash": "tells removed UIDs, in the same way in all processes of the run",
        "validate_input": '"", "warn" or "refuse"',
        "validate_output": "",
        "watch": "removed values are looked for in names",
    }

    def __init__(  # noqa: PLR0913  one a flag
        self,
        input_folder: str = "",
        output_folder: str = "",
        *,
        overwrite: bool = False,
        rename: str = "",
        validate_input: str = "",
        validate_output: bool = False,
        watch: bool = True,
        each: bool = True,
        dicomdir: str = "",
        every_refusal: bool = False,
        spool: Spool | None = None,
        gate: Gate | None = None,
        backup: str = "",
        dry_run: bool = False,
        force: bool = False,
        recursive: bool = True,
        inputs: Inputs | None = None,
        outputs: Outputs | None = None,
        most_in_chunk: int = 0,
    ) -> None:
        self.input_folder = input_folder
        self.output_folder = output_folder
        self.overwrite = overwrite
        self.rename = rename
        self.validate_input = validate_input
        self.validate_output = validate_output
        self.watch = watch
        self.each = each or (outputs is not None and spool is not None)
        self.itemize = self.each
        self.dicomdir = dicomdir
        self.every_refusal = every_refusal
        self.spool = spool
        self.gate = gate
        self.backup = backup
        self.dry_run = dry_run
        self.force = force
        self.recursive = recursive
        self.inputs = inputs
        self.outputs = outputs
        self.most_in_chunk = most_in_chunk
        self.since = 0
        self.uid_hash: Callable[[str], int] = hash

    @property
    def stores(self) -> list[Any]:
        """Those of this run."""
        return [store for store in (self.inputs, self.outputs) if store is not None]


class Worker:
    """One process's pipeline and what it knows of the output folders it has written to."""

    __slots__ = ("_frozen", "_made", "pipeline", "settings", "tally")

    def __init__(self, compiled: Compiled, settings: Settings) -> None:
        extends_profile = compiled.rules_of_files is not None
        how = settings.dicomdir or ("skip" if extends_profile else "process")
        self.pipeline = pipeline_for(
            compiled,
            watch=settings.watch,
            names=bool(settings.rename),
            directories=how == "process",
            trails=settings.spool is not None,
            force=settings.force,
        )
        if self.pipeline.watch is not None:
            self.pipeline.watch.uid_hash = settings.uid_hash
        self.tally = Tally()
        """The decisions about the files since it was last emptied, unless each file has its own."""
        self.settings = settings
        self._made: set[str] = set()
        self._frozen: dict[str, Frozen] = {}
        for store in settings.stores:
            store.begin()

    def freeze(self, paths: list[str], states: list[Frozen]) -> None:
        """These are to be done next, and each must be as a manifest has listed it."""
        self._frozen = dict(zip(paths, states, strict=True))

    def do(self, path: str, *, again: bool = False) -> Outcome:
        """One file of the input folder; ``again`` says that its output may be there already."""
        settings = self.settings
        source = path if settings.inputs is not None else f"{settings.input_folder}/{path}"
        return self._told(path, source, self._target(path), again)

    def expect(self, paths: list[str]) -> None:
        """These are to be done next, in this order."""
        if self.settings.inputs is not None:
            self.settings.inputs.expect(paths)

    def _target(self, path: str) -> str:
        """Where an output goes: its path, or its name in a store."""
        settings = self.settings
        return path if settings.outputs is not None else f"{settings.output_folder}/{path}"

    def _open(self, source: str, path: str) -> Opened:
        inputs = self.settings.inputs
        if inputs is not None:
            return inputs.open(source)
        return Input(source, self._frozen[path]) if self._frozen else Input(source)

    def take_tally(self) -> tuple[Counts, Faults]:
        """What was decided since the last call."""
        tally, self.tally = self.tally, Tally()
        return tally.counts(), tally.fault_counts()

    def take_words(self) -> tuple[list[str], list[int]]:
        """The words and the UIDs that were removed since the last call (see ``Watch.take``)."""
        watch = self.pipeline.watch
        return ([], []) if watch is None else watch.take()

    def do_one(self, source: str, target: str) -> Outcome:
        """One file by paths of its own, or names in stores; a link stands for the image."""
        path = os.path.basename(source)
        if self.settings.inputs is None:
            source = os.path.realpath(source)
        if self.settings.outputs is None:
            target = os.path.abspath(target)
        outcome = self._told(path, source, target, self.settings.overwrite)
        if outcome.status == WRITTEN:
            outcome.output = os.path.basename(target)
        return outcome

    def _told(self, path: str, source: str, target: str, again: bool) -> Outcome:
        """What became of a file; with an audit log that is told before an output has its name."""
        spool = self.settings.spool
        if spool is None:
            return self._guarded(path, source, target, again)
        from anonymizer.audit.spool import Record

        record = Record(again=again)
        outcome = self._guarded(path, source, target, again, record)
        if outcome.status != WRITTEN:
            try:
                spool.tell(outcome, record)
            except ImageError as error:
                return outcome_of(path, error.reason, error.message)
        return outcome

    def _guarded(
        self, path: str, source: str, target: str, again: bool, record: Record | None = None
    ) -> Outcome:
        try:
            return self._done(path, source, target, again, record)
        except ImageError as error:
            return outcome_of(path, error.reason, error.message)
        except RecursionError:
            return outcome_of(path, "internal", "RecursionError")
        except MemoryError:
            return outcome_of(path, "out-of-memory", "not enough memory for this file")
        except OSError as error:
            return outcome_of(path, "io", reason(error))
        except Exception as error:  # noqa: BLE001  its text may hold a value: only its type is told
            return outcome_of(path, "internal", type(error).__name__)

    def _done(
        self, path: str, source: str, target: str, again: bool, record: Record | None
    ) -> Outcome:
        settings = self.settings
        with self._open(source, path) as image:
            if record is not None:
                record.read(image.source)
            warnings, before = self._validated(image)
            output = self.pipeline.anonymize(image.source, image.size)
            outcome = Outcome(path, WRITTEN)
            outcome.warnings = warnings + output.warnings
            if settings.rename:
                outcome.output = _name_from_uids(output)
                target = self._target(outcome.output)
            if settings.dry_run:
                outcome.size = self._tried(target, output, image, before)
            else:
                check = None if before is None else check_beyond(before, output)
                if settings.gate is not None:
                    check = _gated(settings.gate, image, output, path, check)
                if record is not None:
                    check = self._telling(outcome, output, target, record, check)
                _back_up(image, settings.backup, path)
                outcome.size = self._write(target, output, image, again, check)
        self._count(outcome, output)
        return outcome

    def _count(self, outcome: Outcome, output: Output) -> None:
        if self.settings.each:
            outcome.counts = output.tally.counts()
            outcome.faults = output.tally.fault_counts()
        else:
            self.tally.absorb(output.tally)

    def _write(
        self, target: str, output: Output, image: Opened, again: bool, check: Check | None
    ) -> int:
        settings = self.settings
        if settings.outputs is not None:
            replace = again or settings.overwrite
            return settings.outputs.write(target, output, image, replace=replace, check=check)
        self._make_folder_of(target)
        replace = again or settings.overwrite
        if replace and not settings.output_folder:
            check_no_device(target)
        since = 0
        if settings.rename:  # without --overwrite nothing goes but what is the same
            since = settings.since if settings.overwrite else 1
        try:
            return write_whole(target, output, image, replace=replace, since=since, check=check)
        except ImageError as error:
            if settings.rename and error.reason == "exists" and self._is_of_this_run(target):
                raise ImageError("exists", "another input has the same output") from None
            raise

    def _is_of_this_run(self, target: str) -> bool:
        try:
            return os.lstat(target).st_mtime_ns >= self.settings.since > 0
        except OSError:
            return False

    def _tried(self, target: str, output: Output, image: Opened, before: Findings | None) -> int:
        """The size of an output that is not written; raises ImageError where it would not be."""
        if self.settings.outputs is None:
            check_name(target)
        if self._exists(target) and not self.settings.overwrite:
            raise ImageError("exists", "the output is there already")
        if before is not None:
            from anonymizer.validation import refuse_beyond

            whole = bytes(output)
            refuse_beyond(before, whole, len(whole))
        image.check_unchanged()
        return output.size

    def _exists(self, target: str) -> bool:
        settings = self.settings
        if settings.outputs is not None:
            return settings.outputs.exists(target)
        folder = target[: target.rfind("/")]
        if os.path.lexists(folder):
            _check_no_link(settings.output_folder, folder)
        return os.path.lexists(target)

    def _telling(
        self, outcome: Outcome, output: Output, target: str, record: Record, check: Check | None
    ) -> Check:
        """A check that at last tells the audit log of an output."""
        spool = self.settings.spool
        assert spool is not None, "there are records where there is an audit log"
        folder = self.settings.output_folder
        if self.settings.outputs is not None:
            record.output = target
        else:
            record.output = target[len(folder) + 1 :] if folder else os.path.basename(target)
        record.named = bool(self.settings.rename)
        record.made(output, spool)

        def tell(part: str) -> None:
            if check is not None:
                check(part)
            spool.tell(outcome, record)
            record.again = True

        return tell

    def _validated(self, image: Opened) -> tuple[list[str], Findings | None]:
        """What is to be told of the input, and what the output may have where it is looked at."""
        settings = self.settings
        if not (settings.validate_input or settings.validate_output):
            return [], None
        from anonymizer.validation import validated

        return validated(
            image.source,
            image.size,
            asked=settings.validate_input,
            of_output=settings.validate_output,
            force=settings.force,
        )

    def _make_folder_of(self, target: str) -> None:
        """Makes the folder of an output, once; another run may write to it, too."""
        folder = target[: target.rfind("/")]
        if folder not in self._made:
            _check_no_link(self.settings.output_folder, folder)
            _make_folder(folder)
            self._made.add(folder)


def check_beyond(before: Findings, output: Output) -> Check:
    """A check of an output for findings that its input had not."""
    from anonymizer.validation import refuse_beyond

    def check(part: str) -> None:
        if not part:
            whole = bytes(output)
            refuse_beyond(before, whole, len(whole))
            return
        with Input(part) as written:
            refuse_beyond(before, written.source, written.size)

    return check


def _gated(gate: Gate, image: Opened, output: Output, path: str, check: Check | None) -> Check:
    """A check of an output against its input."""

    def verify(part: str) -> None:
        if check is not None:
            check(part)
        gate(image, part or output, path)

    return verify


def _back_up(image: Opened, root: str, path: str) -> None:
    """Copies an original where that was asked for."""
    if not root:
        return
    from anonymizer.backup import back_up

    back_up(image, root, path)


def _check_no_link(root: str, folder: str) -> None:
    """Raises ImageError where a link below the output folder leads out of it, into inputs perhaps.

    A single file's folder lies below none, and is what its user says it is.
    """
    if not root or not folder.startswith(f"{root}/"):
        return
    if os.path.realpath(folder) != os.path.realpath(root) + folder[len(root) :]:
        raise ImageError("unwritable", "a folder of the output is a symbolic link")


def _make_folder(folder: str) -> None:
    """Makes a folder and those above it, where they are not there."""
    try:
        try:
            _make_one(folder)
        except FileNotFoundError:
            for above in _missing_above(folder):
                _make_one(above)
            _make_one(folder)
    except FileNotFoundError:
        raise ImageError("unwritable", "the output folder is gone") from None
    except OSError as error:
        why = f"the output folder cannot be made ({reason(error)})"
        raise ImageError("unwritable", why) from None


def _make_one(folder: str) -> None:
    try:
        os.mkdir(folder)
    except FileExistsError:
        return


def _missing_above(folder: str) -> list[str]:
    """The folders to be made before this one, from the outside in; there may be a thousand."""
    missing: list[str] = []
    above = os.path.dirname(folder)
    while above and not os.path.lexists(above):
        missing.append(above)
        above = os.path.dirname(above)
    return missing[::-1]


def _name_from_uids(output: Output) -> str:
    """``<Study>/<Series>/<SOP>.dcm`` of the new UIDs, which must be such and nothing else."""
    for uid in output.uids:
        if not uid or len(uid) > 64 or not all(c in "0123456789." for c in uid) or ".." in uid:
            raise ImageError("no-uids", "its UIDs give no file name")
    study, series, instance = output.uids
    return f"{study}/{series}/{instance}.dcm"
