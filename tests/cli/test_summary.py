"""The lines at the end of a run and on the way, by the numbers alone."""

from __future__ import annotations

import time

import pytest
from study import NEW_UIDS, REMOVE_NAMES, compiled

from anonymizer.cli.summary import Bar, _time, fault_lines, rows, size_text, summary, troubles
from anonymizer.report import WRITTEN, Outcome, Report, outcome_of


@pytest.fixture
def report() -> Report:
    return Report(compiled(REMOVE_NAMES, NEW_UIDS))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (999_949_999, "999.9 MB"),
        (5_500_000_000, "5.5 GB"),
        (7_654_321_000_000, "7,654.3 GB"),
    ],
)
def test_sizes_have_units(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (59.9, "59.9 s"),
        (60, "1 min 0 s"),
        (119.6, "2 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (90_061, "25 h 1 min"),
    ],
)
def test_times_have_units(seconds: float, text: str) -> None:
    assert _time(seconds) == text


def test_rows_tell_what_was_done(report: Report) -> None:
    report.add_written(1_234, 5_000_000)
    report.add(outcome_of("a", "truncated", ""))
    report.add(outcome_of("b", "not-dicom", ""))
    report.add(outcome_of("c", "symlink", ""))
    report.add_counts({0: 1_234}, {})
    report.seconds = 2.0
    assert rows(report)[1:] == [
        ("written", "1,234 files, 5.0 MB"),
        ("refused", "1 file: truncated"),
        ("skipped", "1 file: not DICOM"),
        ("skipped", "1 file: a symbolic link, not followed"),
        ("remove", "1,234 attributes"),
        (
            "no rule for",
            "PatientID, which stays; outputs say Patient Identity Removed all the same",
        ),
        ("never matched", "1 of 2 rules: UI"),
        ("time", "2.0 s, 618 files/s, 2.5 MB/s"),
    ]


def test_faults_are_told_by_attribute_and_rule_the_most_first(report: Report) -> None:
    report.add_counts({}, {(0x00080018, 1, "no UID"): 1, (0x00100030, -1, "no date"): 1_000})
    assert fault_lines(report) == [
        "1,000 PatientBirthDate: no date (otherwise)",
        "1 SOPInstanceUID: no UID (rules[1] UI, onError redact)",
    ]


def test_kinds_of_faults_are_told_in_few_lines(report: Report) -> None:
    report.add_counts({}, {(tag, 0, "why"): 1 for tag in range(0x00090000, 0x00090019)})
    lines = [text for name, text in rows(report) if name == "untreatable"]
    assert len(lines) == 21
    assert lines[-1] == "5 more kinds"


def test_warnings_are_told_in_few_lines_the_most_first(report: Report) -> None:
    outcome = Outcome("a", WRITTEN)
    outcome.warnings = [f"w{number:02}" for number in range(25)]
    report.add(outcome)
    outcome = Outcome("b", WRITTEN)
    outcome.warnings = ["w24", "TIFF-preamble"]
    report.add(outcome)
    lines = troubles(report)
    assert lines[0] == "warning: 2 files: w24"
    assert lines[1] == "warning: 1 file: the preamble held a TIFF header, which is not carried over"
    assert lines[-1] == "warning: 6 more kinds"
    assert len(lines) == 21


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (None, "interrupted: what is written is whole; the rest was not begun"),
        (10, "interrupted: what is written is whole; 7 were not begun"),
    ],
)
def test_an_interrupted_run_says_what_is_left(found: int | None, text: str, report: Report) -> None:
    report.add_written(3, 1)
    report.interrupted, report.found = True, found
    assert troubles(report) == [text]


def test_a_report_of_all_is_not_offered_where_it_is_written(report: Report) -> None:
    for number in range(30):
        report.add(outcome_of(f"{number}", "truncated", ""))
    assert troubles(report)[-1] == "refused: 10 more; --report FILE lists them all"
    report.each = True
    assert troubles(report)[-1] == "refused: 10 more"


def test_lines_in_a_pipe_are_plain(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    report.add(outcome_of("a", "truncated", "ends"))
    summary(report, quiet=False)
    shown = capsys.readouterr()
    assert shown.err == "refused: a: truncated: ends\n"
    assert shown.out.splitlines()[1] == "written        0 files, 0 bytes"
    assert "\x1b" not in shown.out


def test_progress_in_a_pipe_is_a_line_now_and_then(
    report: Report, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    with Bar(quiet=False) as bar:
        for _ in range(25):
            clock += 1
            report.add_written(10, 1_000_000)
            if clock == 115:
                report.found = 1_000
            bar.update(report)
    assert capsys.readouterr().err == (
        "100 files done, 10 files/s, 1.0 MB/s\n"
        "200 of 1,000 files done, 10 files/s, 1.0 MB/s, 1 min 20 s left\n"
    )
    with Bar(quiet=True) as bar:
        clock += 100
        bar.update(report)
    assert capsys.readouterr().err == ""


def test_private_elements_that_stay_are_one_line() -> None:
    report = Report(compiled())
    for number in range(5):
        outcome = Outcome(f"im{number}", "written")
        outcome.warnings = [f"private-phi: (0029,100{number}) of X: a date", "TIFF-preamble"]
        report.add(outcome)
    told = [line for line in troubles(report) if "private" in line]
    assert told == [
        "warning: private elements that stay may identify somebody: (0029,1000) of X, "
        "(0029,1001) of X, (0029,1002) of X and 2 more\n  hint: --report FILE says which files, "
        'and what they have; the selector "private" is all of them'
    ]
