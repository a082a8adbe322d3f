"""``--verify`` on a run: outputs are held against their inputs, and what fails is held back.

Strategy
    A gate looks at each output before it has its name.  When the run has ended, all outputs are
    looked at together; what fails then is taken away, and told as refused, as if it had never
    been written: in the report, the audit log and the ledger.

Rules
    * Nothing is taken away that the run, or one that it goes on with, has not written.
    * Of a run that was interrupted the references, and what else shows among all files only, are
      not judged: what they lead to may have been left to do.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import replace

from anonymizer.cli.summary import Ticks
from anonymizer.cli.verify import grouped, json_of
from anonymizer.errors import ImageError
from anonymizer.report import DONE_BEFORE, WRITTEN, printable
from anonymizer.verify.findings import FAIL, REVIEW, Finding
from anonymizer.verify.gate import Gate, detail_of
from anonymizer.verify.verify import Verification

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anonymizer.audit.spool import Spool
    from anonymizer.cli.options import RunOptions
    from anonymizer.ledger.ledger import Ledger
    from anonymizer.quarantine import Quarantine
    from anonymizer.report import Outcome, Report
    from anonymizer.rules.compiled import Compiled

HELD_BACK = "verify-failed"
"""The reason for which an output is held back."""

INTERRUPTED = (
    "interrupted: what is written was verified file by file, and not together\n"
    "  hint: anonymizer verify does that, or --resume --verify when it is all written"
)
MOST_KINDS = 10
DIRECTORY = "DICOMDIR"


_numbers = re.compile(r"\[\d+\]").sub
"""What is found in one item of a sequence is found in many."""


class Verifier:
    """Goes along with a run: ``gate`` is for its workers, the rest is for when it has ended."""

    def __init__(
        self, options: RunOptions, compiled: Compiled, quarantine: Quarantine | None
    ) -> None:
        self._options = options
        self._compiled = compiled
        self._quarantine = quarantine
        keep = None if quarantine is None else quarantine.hold
        self.gate = Gate(compiled, force=options.force, keep=keep).check
        self._source = options.input_file or options.input_folder
        self._target = options.output_file or options.output_folder
        self._verification: Verification | None = None
        self._left: list[str] = []

    def finish(self, report: Report, spool: Spool | None, ledger: Ledger | None) -> int:
        """Looks at all outputs, takes away what fails, tells what is to be told; an exit code."""
        try:
            return 1 if report.interrupted else self._finished(report, spool, ledger)
        except KeyboardInterrupt:
            report.interrupted = True
            return 1
        finally:
            if report.interrupted:
                _complain(INTERRUPTED)

    def _finished(self, report: Report, spool: Spool | None, ledger: Ledger | None) -> int:
        self._verification = verification = Verification(
            self._source, self._target, self._compiled, keyed=True, force=self._options.force
        )
        verification.tell = Ticks(quiet=self._options.quiet)
        result = verification.of_run(report.files)
        report.names.hear(*result.names.known())  # which took more: what the envelope said, too
        if report.found is not None and report.total != report.found:
            lost = f"{report.found - report.total:,} inputs"
            result.findings.append(Finding("missing", detail=lost))
        held = self._hold(verification.failures(), report, spool)
        verification.look_at_records(held)
        more = {o: w for o, w in verification.failures().items() if o not in held}
        held |= self._hold(more, report, spool)
        if ledger is not None:
            failed = [outcome.path for outcome in report.files if outcome.reason == HELD_BACK]
            ledger.hold_back(failed, HELD_BACK)
        self._tidy(report, held)
        told = json_of(result, report.hide or report.shown_path)
        if report.refused.get(HELD_BACK):
            told["verdict"] = FAIL
        report.verification = told
        for line in _lines(result.findings, report):
            _complain(line)
        return self._code(told["verdict"], report)

    def _code(self, verdict: str, report: Report) -> int:
        failed = verdict == FAIL or (self._options.strict and verdict == REVIEW)
        for path in self._left:
            _complain(f"{report.shown_path(path)}: its output failed, and cannot be removed")
        return int(failed or bool(self._left))

    def check_directory(self) -> int:
        """Looks at the DICOMDIR that was written for the outputs."""
        target = f"{self._target}/{DIRECTORY}"
        if self._verification is None or not self._verification.holds_values(DIRECTORY):
            return 0
        _complain(f"refused: {DIRECTORY}: {HELD_BACK}: it holds what was taken from an input")
        self._take_away(target, DIRECTORY)
        return 1

    def _hold(
        self, failed: dict[str, tuple[list[str], Finding]], report: Report, spool: Spool | None
    ) -> dict[str, tuple[list[str], Finding]]:
        """Takes away what fails; of inputs of the same bytes one output may be that of all."""
        if not failed:
            return failed
        wanted = {path for paths, _ in failed.values() for path in paths}
        of_one = "" in failed  # whose only outcome it is
        by_path = {o.path: o for o in report.files if of_one or o.path in wanted}
        for output, (paths, finding) in failed.items():
            names = paths if output else list(by_path)
            self._take_away(f"{self._target}/{output}" if output else self._target, names[0])
            for outcome in map(by_path.__getitem__, names):
                assert outcome.status in (WRITTEN, DONE_BEFORE), "only what is written is verified"
                report.hold_back(outcome, HELD_BACK, detail_of(finding))
                if spool is not None:
                    self._tell(spool, outcome)
        return failed

    def _take_away(self, output: str, path: str) -> None:
        if self._quarantine is not None:
            self._quarantine.hold(output, path)
        try:
            os.unlink(output)
        except FileNotFoundError:
            return
        except OSError:
            self._left.append(path)

    def _tell(self, spool: Spool, outcome: Outcome) -> None:
        """The last record of a file counts: the one that says that it was written is no more."""
        from anonymizer.audit.spool import Record
        from anonymizer.files import Input

        record = Record(again=True)
        options = self._options
        path = options.input_file or f"{options.input_folder}/{outcome.path}"
        try:
            with Input(os.path.realpath(path)) as image:
                record.read(image.source)
            spool.tell(outcome, record)
        except ImageError as error:
            _complain(f"{printable(options.audit_log)}: {error.message}")

    def _tidy(self, report: Report, held: Iterable[str]) -> None:
        """Folders that hold nothing any more tell no name, and names of what is gone no more."""
        if self._options.input_file:
            return
        failed = (outcome.path for outcome in report.files if outcome.reason == HELD_BACK)
        for output in {*held, *failed}:
            folder = os.path.dirname(output)
            while folder and _remove_empty(f"{self._target}/{folder}"):
                folder = os.path.dirname(folder)
        written = (o.path for o in report.files if o.status == WRITTEN and not o.output)
        report.names.remember_only(written)


def _remove_empty(folder: str) -> bool:
    try:
        os.rmdir(folder)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _lines(findings: list[Finding], report: Report) -> Iterator[str]:
    """What is to be reviewed, and what fails that is no output; others are told as refused."""
    held = {outcome.path for outcome in report.files if outcome.reason == HELD_BACK}
    told = [f for f in findings if f.grade == REVIEW or f.kind == "missing"]
    groups = grouped(replace(f, place=_numbers("[]", f.place)) for f in told if f.file not in held)
    for number, (finding, files) in enumerate(groups.items()):
        if number == MOST_KINDS:
            yield f"verify: {len(groups) - MOST_KINDS:,} more kinds; --report FILE has them all"
            return
        many = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
        shown = report.shown_path(files[0])
        of = f": {shown}{many}" if shown else ""
        yield f"verify: {finding.grade}: {finding.told}{of}"


def _complain(text: str) -> None:
    print(text, file=sys.stderr)
