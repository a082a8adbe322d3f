"""The main job: one image or a folder of them, from options to an exit code."""

from __future__ import annotations

import os
import sys

from anonymizer.cli.options import RunOptions
from anonymizer.errors import ConfigurationError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.config.configuration import Configuration
    from anonymizer.report import Report
    from anonymizer.rules.compiled import Compiled
    from anonymizer.worker import Settings

WRITTEN, REFUSED, WRONG_USAGE, NOTHING_FOUND = 0, 1, 2, 3


def run(options: RunOptions) -> int:
    """Does what was asked for and prints what became of it; answers the exit code."""
    try:
        return _run(options)
    except ConfigurationError as error:
        complain(str(error))
        complain(f"{error.source}: {len(error.mistakes)} to mend; nothing was read or written")
        return WRONG_USAGE
    except UsageError as error:
        complain(str(error))
        return WRONG_USAGE
    except KeyboardInterrupt:
        complain("interrupted; nothing partial is left")
        return REFUSED


def complain(text: str) -> None:
    print(text, file=sys.stderr)


def _run(options: RunOptions) -> int:
    one = _is_one_file(options)
    configuration, compiled = compile_for(options, "" if one else options.input_folder)
    for warning in compiled.warnings:
        complain(f"warning: {warning}")
    if options.strict and compiled.warnings:
        complain("warnings are errors with --strict; nothing was read or written")
        return WRONG_USAGE
    return _run_one(options, compiled) if one else _run_folder(options, configuration, compiled)


def _is_one_file(options: RunOptions) -> bool:
    """Whether this is a run over one file; a folder given as -i is a folder run."""
    if options.input_file and (options.input_folder or options.output_folder):
        raise UsageError(
            "a run takes -i and -o, or -I and -O", "not one pair and part of the other"
        )
    if options.input_file and os.path.isdir(options.input_file):
        options.input_folder, options.output_folder = options.input_file, options.output_file
        options.input_file = options.output_file = ""
    if options.input_file:
        if not options.output_file:
            raise UsageError("where shall the output go?", "give -o FILE")
        return True
    if not options.input_folder or not options.output_folder:
        raise UsageError(
            "both an input and an output are needed",
            "-i FILE -o FILE for one image, -I FOLDER -O FOLDER for many",
        )
    if not os.path.isdir(options.input_folder):
        raise UsageError("the input folder is not there", "-I takes a folder, -i a file")
    return False


def compile_for(options: RunOptions, input_folder: str) -> tuple[Configuration, Compiled]:
    """The configuration that the options name, compiled."""
    from anonymizer.config.compile import compile_configuration
    from anonymizer.config.load import load_configuration

    configuration = load_configuration(
        options.config, cwd=os.curdir, input_folder=input_folder or None
    )
    pseudonyms = None
    if options.map:
        from anonymizer.config.maps import read_map

        pseudonyms = read_map(options.map)
    compiled = compile_configuration(
        configuration, key_file=options.key_file, exact=options.exact, pseudonyms=pseudonyms
    )
    return configuration, compiled


def _settings(options: RunOptions) -> Settings:
    from anonymizer.worker import Settings

    return Settings(
        options.input_folder.rstrip("/") or "/",
        options.output_folder.rstrip("/") or "/",
        overwrite=options.overwrite,
        rename=options.rename,
        validate_input=options.validation if options.validate_input else "",
        validate_output=options.validate_output,
        each=bool(options.report),
    )


def _run_one(options: RunOptions, compiled: Compiled) -> int:
    from anonymizer.cli.summary import troubles, write_report
    from anonymizer.report import Report
    from anonymizer.worker import Worker

    if not os.path.exists(options.input_file):
        complain("the input file is not there")
        return NOTHING_FOUND
    target = _target(options)
    worker = Worker(compiled, _settings(options))
    outcome = worker.do_one(options.input_file, target)
    if outcome.reason:
        complain(f"refused: {outcome.reason}: {outcome.detail}")
        return REFUSED
    report = Report(compiled, each=True)
    report.add(outcome)
    report.add_counts(*worker.take_tally())
    for line in troubles(report):
        complain(line)
    if not options.quiet:
        changed = sum(report.counts.values())
        print(f"written: rules decided about {changed:,} attributes, {outcome.size:,} bytes")
    if options.report:
        write_report(options.report, report)
    return WRITTEN


def _target(options: RunOptions) -> str:
    """Where the output of one image goes; into a folder under its own name."""
    target = options.output_file
    if os.path.isdir(target):
        target = os.path.join(target, os.path.basename(options.input_file))
    if os.path.exists(target) and os.path.samefile(options.input_file, target):
        raise UsageError("the input and the output are the same file", "choose another -o")
    if options.rename:
        raise UsageError("--rename is for folder runs", "-o gives the name here")
    return target


def _run_folder(options: RunOptions, configuration: Configuration, compiled: Compiled) -> int:
    from anonymizer.cli.summary import Bar, summary
    from anonymizer.folder import check_apart
    from anonymizer.job import run_folder

    check_apart(options.input_folder, options.output_folder)
    _make_output_folder(options.output_folder)
    path = configuration.source
    leave_out = frozenset({os.path.realpath(path)} if os.path.isfile(path) else ())
    with Bar(quiet=options.quiet) as bar:
        report = run_folder(
            compiled,
            _settings(options),
            workers=options.workers or _cores(),
            leave_out=leave_out,
            progress=bar.update,
        )
    if options.report:
        from anonymizer.cli.summary import write_report

        write_report(options.report, report)
    summary(report, quiet=options.quiet)
    return exit_code(report)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def exit_code(report: Report) -> int:
    if report.refused or report.interrupted:
        return REFUSED
    return WRITTEN if report.written else NOTHING_FOUND


def _make_output_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise UsageError(f"the output folder cannot be made ({why})") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError("the output folder cannot be written to", "check its permissions")
