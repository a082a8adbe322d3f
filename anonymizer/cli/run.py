"""The main job: one image or a folder of them, from options to an exit code."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack, nullcontext

from anonymizer.cli.configured import compile_for
from anonymizer.cli.console import NOTHING_FOUND, REFUSED, WRITTEN, WRONG_USAGE, complain
from anonymizer.cli.options import RunOptions
from anonymizer.cli.usage import (
    check_backup,
    check_growing_map,
    check_needed_files,
    check_quarantine,
    check_told_files,
    is_one_file,
    make_output_folder,
    output_path,
    study_folder,
)
from anonymizer.config.load import is_from_here
from anonymizer.errors import ConfigurationError, UsageError
from anonymizer.files import reason
from anonymizer.report import TURNED_AWAY, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from anonymizer.audit.log import AuditLog
    from anonymizer.audit.spool import Spool
    from anonymizer.cli.verified import Verifier
    from anonymizer.config.configuration import Configuration
    from anonymizer.distribute.driver import Crew
    from anonymizer.ledger.ledger import Ledger
    from anonymizer.quarantine import Quarantine
    from anonymizer.report import Outcome, Report
    from anonymizer.rules.compiled import Compiled
    from anonymizer.worker import Settings


def run(options: RunOptions) -> int:
    """Does what was asked for and prints what became of it; answers the exit code."""
    try:
        if options.output_file == "-":
            from contextlib import redirect_stdout

            with redirect_stdout(sys.stderr):
                return _run(options)
        return _run(options)
    except ConfigurationError as error:
        complain(str(error))
        complain(f"{error.source}: {len(error.mistakes)} to mend; nothing was read or written")
        return WRONG_USAGE
    except UsageError as error:
        complain(str(error))
        return WRONG_USAGE
    except OSError as error:  # of the console: what files do is told file by file
        complain(f"not all could be shown ({reason(error)}); what was written is whole")
        return REFUSED
    except KeyboardInterrupt:
        complain("interrupted; nothing partial is left")
        return REFUSED


def _run(options: RunOptions) -> int:
    one = is_one_file(options)
    configuration, compiled = _planned(options)
    check_needed_files(options, configuration.files)
    _warn(options, configuration, compiled)
    if options.strict and compiled.warnings:
        complain("warnings are errors with --strict; nothing was read or written")
        return WRONG_USAGE
    if options.shard_run is not None:
        options.shard_run.admit(options, configuration, compiled)
    _prepare(options, compiled, one=one)
    with ExitStack() as opened:
        made = _begun(options, configuration, compiled, opened)
        return made.do_one() if options.input_file else made.do_folder()


def _warn(options: RunOptions, configuration: Configuration, compiled: Compiled) -> None:
    for warning in compiled.warnings:
        complain(f"warning: {warning}")
    if options.profile == "custom":
        complain("warning: --profile custom: everything stays that no flag names")
    if options.config is None and not options.profile and not is_from_here(configuration):
        shown = printable(configuration.source)
        complain(f"note: {shown}, which came with the inputs, is the configuration: none is named")


def _begun(
    options: RunOptions, configuration: Configuration, compiled: Compiled, opened: ExitStack
) -> _Run:
    """The run with its ledger and its audit log, which are held until it has ended."""
    ledger = audit = None
    if options.resume:
        from anonymizer.cli.resume import open_ledger

        ledger = open_ledger(options, configuration, compiled)
        opened.callback(ledger.close)
    if compiled.secrets.sequential:
        _grow_map(options, compiled, ledger)
    if options.audit_log and not options.dry_run:
        from anonymizer.audit.log import AuditLog

        audit = opened.enter_context(
            AuditLog(options.audit_log, compiled, hides=options.hide_paths)
        )
        for text in audit.warnings:
            complain(f"warning: --audit-log: {text}")
    return _Run(options, configuration, compiled, ledger, audit)


def _prepare(options: RunOptions, compiled: Compiled, *, one: bool) -> None:
    """Opens the stores, or makes the folder, that the outputs go to."""
    if options.place:
        from anonymizer.cli.distribute import check_distributable

        check_distributable(options, compiled)
    if options.has_urls:
        from anonymizer.cli.object_stores import open_stores

        open_stores(options)
    if not (one or options.dry_run or options.outputs):
        make_output_folder(options.output_folder)
    if options.outputs is not None and not options.dry_run:
        options.outputs.prepare()


def _planned(options: RunOptions) -> tuple[Configuration, Compiled]:
    if (options.manifest or options.shard) and not options.place:
        from anonymizer.cli.shard import ShardRun

        options.shard_run = ShardRun(options)
    _check_paths(options)
    gc.disable()  # a plan lasts as long as the run: there is nothing to collect
    try:
        return compile_for(options, study_folder(options))
    finally:
        gc.freeze()
        gc.enable()


def _grow_map(options: RunOptions, compiled: Compiled, ledger: Ledger | None) -> None:
    """Gives the originals that the map lacks their pseudonyms, and puts them on the disk."""
    from anonymizer.growing_map import GrowingMap
    from anonymizer.survey import images_in, survey

    check_growing_map(options)
    assert options.map, "that was checked"
    settings = settings_for(options, None)
    paths = None
    if options.input_file:
        image = _names(options)[0]
        paths = [image if options.inputs else os.path.realpath(image)]
    with GrowingMap(options.map) as growing:
        compiled.secrets.allocation.learn(growing.read())
        new = survey(compiled, settings, paths or images_in(settings))
        if new and not options.dry_run:
            growing.append(new)
    if ledger is not None:
        from anonymizer.cli.resume import content_of

        ledger.keep_map(content_of(options.map))


def _check_paths(options: RunOptions) -> None:
    check_backup(options)
    if not (options.has_urls or options.inputs or options.outputs):
        _check_apart(options)
    check_told_files(options)
    if options.quarantine:
        check_quarantine(options)


def _check_apart(options: RunOptions) -> None:
    if options.input_file:
        options.output_file = output_path(options.input_file, options.output_file)
        return
    from anonymizer.folder import check_apart

    check_apart(options.input_folder, options.output_folder)


def settings_for(
    options: RunOptions, spool: Spool | None, verifier: Verifier | None = None
) -> Settings:
    """What the options say of a run, beside its configuration."""
    from anonymizer.worker import Settings

    return Settings(
        _without_slash(options.input_folder),
        _without_slash(options.output_folder),
        overwrite=options.overwrite,
        rename=options.rename,
        validate_input=options.validation if options.validate_input else "",
        validate_output=options.validate_output,
        each=bool(options.report) or options.verbose or options.dry_run or options.verify,
        dicomdir="skip" if options.dicomdir == "rebuild" else options.dicomdir,
        spool=spool,
        gate=verifier.gate if verifier else None,
        every_refusal=bool(options.quarantine),
        backup=_without_slash(options.backup),
        dry_run=options.dry_run,
        force=options.force,
        recursive=not options.no_recursive,
        inputs=options.inputs,
        outputs=options.outputs,
        most_in_chunk=options.at_once,
    )


def _without_slash(folder: str) -> str:
    return folder.rstrip("/") or folder[:1]


def _names(options: RunOptions) -> tuple[str, str]:
    """Paths, or names in stores, of one image and its output."""
    source, target = options.input_file, options.output_file
    return (
        source.rpartition("/")[2] if options.inputs else source,
        target.rpartition("/")[2] if options.outputs else target,
    )


class _Run:
    """What was asked for, compiled, and what is open meanwhile: does it, and tells of it.

    What cannot be written or told when the images are done is complained of, and the exit code
    says so.
    """

    def __init__(
        self,
        options: RunOptions,
        configuration: Configuration,
        compiled: Compiled,
        ledger: Ledger | None,
        audit: AuditLog | None,
    ) -> None:
        self.options = options
        self.configuration = configuration
        self.compiled = compiled
        self.ledger = ledger
        self.audit = audit
        self.spool = audit.spool if audit else None
        self.quarantine = _quarantine(options)
        self.verifier = self._verifier()
        self.settings = settings_for(options, self.spool, self.verifier)

    def _verifier(self) -> Verifier | None:
        if not self.options.verify:
            return None
        from anonymizer.cli.verified import Verifier

        return Verifier(self.options, self.compiled, self.quarantine)

    def do_one(self) -> int:
        from anonymizer.cli.summary import written_lines
        from anonymizer.report import Report
        from anonymizer.worker import Worker

        options = self.options
        worker = Worker(self.compiled, self.settings)
        outcome = worker.do_one(*_names(options))
        report = Report(self.compiled, each=True)
        report.is_trial = options.dry_run
        report.is_of_one = True
        report.add(outcome)
        report.add_counts(*worker.take_tally())
        report.names.hear(*worker.take_words())
        self._say_names(report)
        code = self._verified(report)
        _tell_troubles(report, outcome)
        code = max(code, _code_of_one(report, outcome), self._kept(report))
        self._tell_files(report)
        if report.written and not options.quiet:
            print("\n".join(written_lines(report, options.output_file)))
        return code

    def do_folder(self) -> int:
        from anonymizer.cli.summary import summary

        options = self.options
        report = self._report_of_folder()
        self._say_names(report)
        code = self._verified(report)
        code = max(code, exit_code(report), self._kept(report))
        if options.outputs is not None:
            _warn_of_name(report, options.output_folder)
        self._tell_files(report)
        summary(report, quiet=options.quiet)
        code = max(code, self._kept_for_later(report))
        if (report.written or report.done_before) and not options.dry_run:
            code = max(code, _rebuild_directory(options))
        if options.dicomdir == "rebuild" and self.verifier is not None:
            code = max(code, self.verifier.check_directory())
        return code

    def _report_of_folder(self) -> Report:
        from anonymizer.cli.summary import Bar
        from anonymizer.job import run_folder

        options = self.options
        part = options.shard_run
        if part is not None:
            part.begin(options, self.ledger)
        with Bar(quiet=options.quiet) as bar, self._crew() as crew:
            one = part or crew
            return run_folder(
                self.compiled,
                self.settings,
                workers=options.workers or _processes(options),
                leave_out=frozenset(map(os.path.realpath, self.configuration.sources)),
                progress=bar.update if part is None else part.progress(bar.update),
                ledger=self.ledger,
                shard=None if one is None else one.shard,
                crew=crew,
            )

    def _crew(self) -> AbstractContextManager[Crew | None]:
        if not self.options.place:
            return nullcontext()
        from anonymizer.cli.distribute import crew_of

        return crew_of(self.options, self.configuration, self.compiled, complain)

    def _say_names(self, report: Report) -> None:
        """How names and paths are told."""
        options = self.options
        report.shows_names = options.show_values
        if options.hide_paths and not options.dry_run:
            from anonymizer.audit.spool import hidden_by

            report.hide = hidden_by(self.compiled.secrets.key("audit"))

    def _verified(self, report: Report) -> int:
        """Verifies what was written, where that was asked for."""
        if self.verifier is None:
            return WRITTEN
        return self.verifier.finish(report, self.spool, self.ledger)

    def _kept(self, report: Report) -> int:
        """Writes audit log and report, and the list of what was refused."""
        code = WRITTEN
        if self.audit is not None:
            code = _end_audit_log(self.options, report, self.audit)
        if self.options.report and not self.options.dry_run:
            code = max(code, _write_report(self.options, report))
        if self.quarantine is not None:
            code = max(code, _set_apart(self.options, report, self.quarantine))
        return code

    def _kept_for_later(self, report: Report) -> int:
        """Has a shard leave its report; says what the ledger could not keep."""
        options, ledger = self.options, self.ledger
        code = WRITTEN
        if options.shard_run is not None and (fault := options.shard_run.end(report)):
            complain(fault)
            code = REFUSED
        if ledger is not None and ledger.fault:
            complain(f"{printable(options.ledger)}: not all was kept ({ledger.fault})")
            code = REFUSED
        return code

    def _tell_files(self, report: Report) -> None:
        """What was decided about each file, or about each attribute, where that was asked for."""
        options = self.options
        if options.quiet or not (options.verbose or options.dry_run):
            return
        from anonymizer.cli.trial import told_lines

        for line in told_lines(options, self.compiled, report):
            print(line)


def _tell_troubles(report: Report, outcome: Outcome) -> None:
    from anonymizer.cli.summary import troubles

    if outcome.status == "skipped":
        did = "skipped" if outcome.reason in TURNED_AWAY else "refused"
        complain(f"{did}: {outcome.reason}: {outcome.detail}")
    for line in troubles(report):
        complain(line)
    if outcome.output:
        _warn_of_name(report, outcome.output)


def _warn_of_name(report: Report, output: str) -> None:
    if report.names.holds(os.path.basename(output)):
        complain("warning: the name of the output holds a removed value")


def _code_of_one(report: Report, outcome: Outcome) -> int:
    if report.written:
        return WRITTEN
    return NOTHING_FOUND if outcome.reason in TURNED_AWAY else REFUSED


def _quarantine(options: RunOptions) -> Quarantine | None:
    if not options.quarantine or options.dry_run:
        return None
    from anonymizer.quarantine import Quarantine

    return Quarantine(
        _without_slash(options.quarantine), copies=options.quarantine_copy, holds=options.verify
    )


def _set_apart(options: RunOptions, report: Report, quarantine: Quarantine) -> int:
    """Lists, and copies, what was refused."""
    shown = printable(options.quarantine)
    try:
        quarantine.take(report, _folder_of_inputs(options))
    except OSError as error:
        complain(f"{shown}: the list of refused files cannot be written ({reason(error)})")
        return REFUSED
    if quarantine.failed:
        complain(f"{shown}: {quarantine.failed:,} of the refused files could not be copied")
    return WRITTEN


def _folder_of_inputs(options: RunOptions) -> str:
    if options.input_file:
        return os.path.dirname(options.input_file) or os.curdir
    return _without_slash(options.input_folder)


def _rebuild_directory(options: RunOptions) -> int:
    """Writes a DICOMDIR for the outputs where one was asked for."""
    if options.dicomdir != "rebuild":
        return WRITTEN
    from anonymizer.file_set import write_directory

    try:
        files = write_directory(_without_slash(options.output_folder), replace=options.overwrite)
    except UsageError as error:
        complain(str(error))
        return REFUSED
    if not options.quiet:
        print(f"DICOMDIR: {files} files")
    return WRITTEN


def _end_audit_log(options: RunOptions, report: Report, audit: AuditLog) -> int:
    try:
        audit.finish(report)
    except OSError as error:
        kept = printable(audit.spool.path)
        complain(
            f"{printable(options.audit_log)}: not all records could be written "
            f"({reason(error)}); the next run with this log takes them from {kept}"
        )
        return REFUSED
    return WRITTEN


def _write_report(options: RunOptions, report: Report) -> int:
    from anonymizer.cli.summary import write_report

    try:
        write_report(options.report, report)
    except OSError as error:
        complain(f"{printable(options.report)}: the report cannot be written ({reason(error)})")
        return REFUSED
    return WRITTEN


def _processes(options: RunOptions) -> int:
    """How many there are where nobody says."""
    from anonymizer.pool import cores

    if not options.has_urls:
        return cores()
    from anonymizer.cli.object_stores import processes

    return processes(cores())


def exit_code(report: Report) -> int:
    if report.refused or report.interrupted:
        return REFUSED
    return WRITTEN if report.found_images or report.is_part else NOTHING_FOUND
