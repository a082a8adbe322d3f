"""Holds outputs against their inputs: one pass over pairs, then the search, patient by patient.

Rules
    * Nothing is written, and nothing is taken on trust: outputs are read anew, by the engine's
      scanner but without its decisions; the rules only say what should have become of what.
    * What is looked at is counted, and what is not is told.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anonymizer.chooser import pipeline_for
from anonymizer.dicom.attribute import Element
from anonymizer.dicom.elements import by_place
from anonymizer.dicom.part10 import MEDIA_STORAGE_SOP_INSTANCE_UID, uid_text
from anonymizer.dicom.pixels import PIXELS
from anonymizer.errors import ImageError
from anonymizer.files import Input, reason
from anonymizer.names import Names
from anonymizer.report import DONE_BEFORE, WRITTEN
from anonymizer.rules.plan import is_watched
from anonymizer.rules.watch import Watch
from anonymizer.verify.conformance import new_errors, new_findings
from anonymizer.verify.directory import is_directory, wrong_records
from anonymizer.verify.findings import FAIL, Finding, verdict_of
from anonymizer.verify.intervals import Intervals
from anonymizer.verify.ledger import Ledger, files_of, place_of
from anonymizer.verify.pair import INSTANCE, SERIES, STUDY
from anonymizer.verify.reader import Reader
from anonymizer.verify.references import References
from anonymizer.verify.sweep import Terms, sweep
from anonymizer.verify.taken import taken
from anonymizer.verify.untouched import changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from anonymizer.audit.records import Record
    from anonymizer.chooser import Chooser
    from anonymizer.dicom.elements import Image
    from anonymizer.pipeline import Pipeline
    from anonymizer.report import Outcome
    from anonymizer.rules.compiled import Compiled
    from anonymizer.verify.ledger import UIDs
    from anonymizer.verify.pair import Pair


NO_UIDS = ("", "", "")
HELD, SEARCHED = "outputs held against their inputs", "outputs searched for what was taken"
"""What takes long, as it is told.  Of an output that belongs to no patient each has a search."""


@dataclass(slots=True)
class Result:
    """What was found, and what was looked at; ``names`` says which names may be shown."""

    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    written: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    searched: int = 0
    unsearched: dict[str, Counter[str]] = field(default_factory=dict)
    """Values that are not searched, by rule and attribute."""
    swept: int = 0
    """Bytes of outputs that were searched; pixel data is not."""
    patients: int = 0
    uids: int = 0
    dates: int = 0
    names: Names = field(default_factory=Names)

    @property
    def verdict(self) -> str:
        return verdict_of(self.findings)


class Verification:
    """One folder of inputs and one of outputs, or one file and its output.

    ``keyed`` says that the keys of ``compiled`` are those that the outputs were made with.
    ``tell`` is told how far it is: at what, how many files of how many are done.
    """

    def __init__(
        self,
        source: str,
        target: str,
        compiled: Compiled | None,
        *,
        dciodvfy: str = "",
        keyed: bool = False,
        force: bool = False,
    ) -> None:
        self._source, self._target = source, target
        self.tell: Callable[[str, int, int], None] = lambda _what, _done, _of: None
        self._dciodvfy = dciodvfy
        self._one = os.path.isfile(source)
        if self._one:
            self._source, self._target = os.path.realpath(source), os.path.realpath(target)
        keyed = keyed or (compiled is not None and not compiled.secrets.drawn)
        self._reader = Reader(compiled, keyed=keyed, force=force)
        self._pipeline: Pipeline | Chooser | None = None
        if compiled is not None:
            directories = compiled.rules_of_files is None
            self._pipeline = pipeline_for(
                compiled, names=True, series=False, directories=directories, force=force
            )
        self._rebuilt = compiled is not None and compiled.rules_of_files is not None
        """Whether a DICOMDIR was written anew, and was not made of the input's by the rules."""
        self._result = Result()
        self._references, self._intervals = References(), Intervals()
        self._terms: dict[str, Terms] = {}
        self._subjects: dict[str, str] = {}
        self._sources: dict[str, str] = {}
        self._pairs: list[tuple[str, str]] = []
        self._directories: list[str] = []
        self._passed: set[str] = set()

    def run(self, records: Iterable[Record] = ()) -> Result:
        """``records`` are those of an audit log or a report, which say what was made of what."""
        return self._verified(self._ledger([*records]))

    def of_run(self, outcomes: Iterable[Outcome]) -> Result:
        """Of what a run has just written, all of which a gate let pass, and of what the runs
        before it had done, of which nothing is known; other outputs are left alone."""
        self._rebuilt = False
        return self._verified(self._ledger_of_run(outcomes))

    def _verified(self, ledger: Ledger) -> Result:
        self._pairs = ledger.pairs
        for done, (path, output) in enumerate(ledger.pairs):
            self.tell(HELD, done, len(ledger.pairs))
            self._sources[output] = path
            self._guarded(self._hear, output, path)
        self._result.findings += self._references.findings()
        self._result.findings += self._intervals.findings()
        self._sweep_all([*ledger.outputs])
        self._add_up(ledger)
        return self._result

    def _guarded(self, look: Callable[..., None], output: str, *more: object) -> None:
        """Nothing that goes wrong with one file keeps the others from being looked at."""
        try:
            look(output, *more)
        except ImageError as error:
            self._result.findings.append(Finding("unreadable", output, detail=error.reason))
        except OSError as error:
            self._result.findings.append(Finding("unreadable", output, detail=reason(error)))
        except Exception as error:  # noqa: BLE001  its text may hold a value: only its type is told
            self._result.findings.append(Finding("unverified", output, detail=type(error).__name__))

    def failures(self) -> dict[str, tuple[list[str], Finding]]:
        """The outputs that fail, each with its inputs and the first of its findings."""
        failed: dict[str, tuple[list[str], Finding]] = {}
        for finding in self._result.findings:
            if finding.grade == FAIL and finding.file in self._sources:
                failed.setdefault(finding.file, ([], finding))
        for path, output in self._pairs if failed else ():
            if output in failed:
                failed[output][0].append(path)
        return failed

    def look_at_records(self, gone: Iterable[str]) -> None:
        """Once more at those of the outputs' DICOMDIRs, after some outputs have gone."""
        gone = {*gone}
        for file in self._directories:
            if file not in gone:
                self._guarded(self._look_at_records, file)

    def _look_at_records(self, file: str) -> None:
        with Input(self._output(file)) as made:
            image = self._reader.image(made.source, made.size)
            told = {*self._result.findings}
            self._result.findings += [
                finding for finding in self._wrong_records(file, image) if finding not in told
            ]

    def holds_values(self, output: str) -> bool:
        """Whether an output that is of no input, a new DICOMDIR, fails."""
        before = len(self._result.findings)
        self._subjects.clear()
        self._sweep_all([output])
        return any(finding.grade == FAIL for finding in self._result.findings[before:])

    def _ledger(self, records: list[Record]) -> Ledger:
        if self._one:
            ledger = Ledger([("", "")], [("", "")])
        else:
            ledger = Ledger(files_of(self._source), files_of(self._target))
        if records:
            changed = ledger.pair_by_records(records, self._source, self._target)
            self._result.findings += [Finding("not-as-logged", path) for path in changed]
        ledger.pair_by_path()
        ledger.pair_by_uid(self._expected_uids, self._found_uids)
        ledger.pair_twins(self._source)
        for path in ledger.explain(self._reason):
            self._result.findings.append(Finding("missing", path))
        for path in ledger.outputs:
            if not self._is_new_directory(path):
                self._result.findings.append(Finding("extra", path))
        return ledger

    def _ledger_of_run(self, outcomes: Iterable[Outcome]) -> Ledger:
        ledger = Ledger([], [])
        for outcome in outcomes:
            ledger.found += 1
            if outcome.status == WRITTEN:
                path, output = outcome.path, outcome.output or outcome.path
                ledger.pairs.append(("", "") if self._one else (path, output))
                self._passed.add(ledger.pairs[-1][1])
            elif outcome.status == DONE_BEFORE:
                ledger.inputs[outcome.path] = None
            else:
                ledger.reasons[outcome.path] = outcome.reason
        if ledger.inputs:
            known = {output for _, output in ledger.pairs}
            ledger.outputs = dict.fromkeys(
                path for path, _ in files_of(self._target) if path not in known
            )
            ledger.pair_by_path()
            ledger.pair_by_uid(self._expected_uids, self._found_uids)
            ledger.pair_twins(self._source)
            ledger.outputs = {}
            self._result.findings += [Finding("missing", path) for path in ledger.inputs]
        return ledger

    # One pair

    def _hear(self, output: str, path: str) -> None:
        """All that can be said of one pair before the others are known."""
        with Input(self._output(output)) as made:
            after = self._reader.image(made.source, made.size)
            with Input(self._input(path)) as opened:
                pair = self._paired(output, opened, after)
                if pair is not None:
                    self._examine(pair, path)

    def _paired(self, output: str, opened: Input, after: Image) -> Pair | None:
        """None where the input can not be read, so that there should be no output."""
        try:
            return self._reader.pair(output, opened.source, opened.size, after)
        except ImageError as error:
            self._result.findings.append(Finding("unexpected", output, detail=error.reason))
            return None

    def _examine(self, pair: Pair, path: str) -> None:
        findings = self._result.findings
        if is_directory(pair.after):
            self._directories.append(pair.file)
            if is_directory(pair.before) and self._rebuilt:
                self._subjects[pair.file] = ""
                self._take(pair, "")
                findings += self._wrong_records(pair.file, pair.after)
                return
        subject = self._subjects[pair.file] = pair.subject
        self._take(pair, subject)
        self._references.hear(pair)
        self._intervals.hear(pair)
        if pair.file not in self._passed:
            findings += changes(pair, trims=self._reader.trims)
            findings += new_findings(pair)
        if is_directory(pair.after):
            findings += self._wrong_records(pair.file, pair.after)
        if self._dciodvfy:
            before, after = self._input(path), self._output(pair.file)
            findings += new_errors(self._dciodvfy, pair, before, after)

    def _take(self, pair: Pair, subject: str) -> None:
        terms = self._terms.setdefault(subject, Terms(self._reader.own))
        terms.declare(pair.before, pair.after)
        watch = Watch()
        for root, value in taken(pair):
            terms.take(value)
            tag, vr, raw, charset = value
            if is_watched(Element(tag, vr, vr), root):
                watch.show(vr, charset.decode_loosely(raw, vr).strip(" \0"))
        self._result.names.hear(*watch.take())

    def _wrong_records(self, file: str, image: Image) -> list[Finding]:
        def known(path: str) -> bool:
            return os.path.isfile(self._output(path))

        return [*wrong_records(file, image, known, self._found_uid)]

    # The search

    def _sweep_all(self, others: list[str]) -> None:
        """Patient by patient; ``others`` are outputs of no patient that is known."""
        outputs: dict[str, list[str]] = {}
        for output, subject in self._subjects.items():
            outputs.setdefault(subject, []).append(output)
        others += outputs.get("", [])  # a DICOMDIR is of all patients
        of = sum(len(files) for subject, files in outputs.items() if subject)
        done, of = 0, of + len(self._terms) * len(others)
        for subject, terms in self._terms.items():
            for output in [*outputs.get(subject, []), *others] if subject else others:
                self.tell(SEARCHED, done, of)
                self._guarded(self._sweep, output, terms)
                done += 1
            terms.forget()
        for output in others:
            self._result.swept += self._size(output)

    def _sweep(self, output: str, terms: Terms) -> None:
        known = output in self._subjects
        try:
            with Input(self._output(output)) as made, ExitStack() as opened:
                pair_with = self._pair_with(output, opened) if known else None
                image = self._reader.image(made.source, made.size)
                self._result.findings += sweep(output, image, terms, pair_with)
                if self._subjects.get(output):
                    self._result.swept += made.size - _pixels_in(image)
        except (ImageError, OSError):
            if known:
                raise
            self._sweep_bytes(output, terms)

    def _sweep_bytes(self, output: str, terms: Terms) -> None:
        """What is no image has no places: all its bytes are searched."""
        try:
            with Input(self._output(output)) as made:
                text = bytes(made.source[:MOST_READ]).lower()
        except ImageError:
            return
        if any(True for _ in terms.needles.found_in(text)):
            self._result.findings.append(Finding("value-left", output))

    def _size(self, output: str) -> int:
        try:
            return os.path.getsize(self._output(output))
        except OSError:
            return 0

    def _pair_with(self, output: str, opened: ExitStack) -> Callable[[Image], Pair]:
        """The input is opened when it is asked for, and closed with the output."""

        def pair(after: Image) -> Pair:
            image = opened.enter_context(Input(self._input(self._sources[output])))
            return self._reader.pair(output, image.source, image.size, after)

        return pair

    def _add_up(self, ledger: Ledger) -> None:
        result = self._result
        result.found = ledger.found
        result.written, result.refused, result.skipped = ledger.counts()
        result.uids, result.dates = self._references.links, self._intervals.dates
        result.patients = sum(1 for subject in self._terms if subject)
        for terms in self._terms.values():
            result.searched += terms.needles.searched
            for rule, times in terms.needles.unsearched.items():
                result.unsearched.setdefault(rule, Counter()).update(times)
        for _, output in ledger.pairs:
            if not self._one and any(map(result.names.holds, output.split("/"))):
                result.findings.append(Finding("name-left", output))
        for output in ledger.outputs:
            if any(map(result.names.holds, output.split("/"))):
                result.findings.append(Finding("name-left", output))

    # What is asked about single files

    def _input(self, path: str) -> str:
        return place_of(self._source, path)

    def _output(self, path: str) -> str:
        return place_of(self._target, path)

    def _expected_uids(self, path: str) -> UIDs:
        if self._pipeline is None:
            return self._uids_in(self._input(path))
        try:
            with Input(self._input(path)) as opened:
                return self._pipeline.anonymize(opened.source, opened.size).uids
        except ImageError:
            return NO_UIDS

    def _found_uids(self, output: str) -> UIDs:
        return self._uids_in(self._output(output))

    def _found_uid(self, output: str) -> str:
        return self._found_uids(output)[2]

    def _uids_in(self, path: str) -> UIDs:
        try:
            with Input(path) as opened:
                image = self._reader.image(opened.source, opened.size)
                elements = by_place(image)
                raw = [
                    b"" if element is None else image.field(element)
                    for element in (elements.get(((), tag, 0)) for tag in (STUDY, SERIES, INSTANCE))
                ]
                if ((), INSTANCE, 0) not in elements:
                    raw[2] = image.meta.get(MEDIA_STORAGE_SOP_INSTANCE_UID, b"")
                study, series, instance = map(uid_text, raw)
                return study, series, instance
        except (ImageError, OSError):
            return NO_UIDS

    def _reason(self, path: str) -> str:
        """Why an input has no output: what the pipeline says, or that it cannot be read."""
        try:
            with Input(self._input(path)) as opened:
                if self._pipeline is not None:
                    self._pipeline.anonymize(opened.source, opened.size)
                if is_directory(self._reader.image(opened.source, opened.size)):
                    return "dicomdir"  # --dicomdir skip
        except ImageError as error:
            return error.reason
        except OSError:
            return "io"
        return ""

    def _is_new_directory(self, path: str) -> bool:
        """Whether an output that is of no input is a DICOMDIR that was written for the outputs."""
        if path.rpartition("/")[2].upper() != "DICOMDIR":
            return False
        try:
            with Input(self._output(path)) as made:
                image = self._reader.image(made.source, made.size)
                if not is_directory(image):
                    return False
                self._result.findings += self._wrong_records(path, image)
        except (ImageError, OSError):
            return False
        return True


MOST_READ = 256 << 20


def _pixels_in(image: Image) -> int:
    return sum(each.stop - each.start for each in image.elements if each.tag in PIXELS)
