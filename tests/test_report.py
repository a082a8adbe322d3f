"""Outcomes add up, names that tell are withheld everywhere, and nothing steers a terminal."""

from __future__ import annotations

import marshal

import pytest
from study import NEW_UIDS, REMOVE_NAMES, compiled

from anonymizer.report import (
    MOST_REFUSALS,
    REFUSED,
    SKIP_REASONS,
    SKIPPED,
    WRITTEN,
    Outcome,
    Report,
    outcome_of,
    printable,
)


def written(path: str = "a", size: int = 10, **given: object) -> Outcome:
    outcome = Outcome(path, WRITTEN)
    outcome.size = size
    for name, value in given.items():
        setattr(outcome, name, value)
    return outcome


def report(**given: bool) -> Report:
    return Report(compiled(REMOVE_NAMES, NEW_UIDS, otherwise="remove"), **given)


def test_outcomes_add_up() -> None:
    mine = report()
    mine.add(written(counts={0: 2, 1: 3}, faults={(1, 0, "x"): 1}, warnings=["w"]))
    mine.add(written(counts={0: 1, -1: 4}, faults={(1, 0, "x"): 2}, warnings=["w", "v"]))
    mine.add(outcome_of("b", "truncated", "ends"))
    mine.add(outcome_of("c", "truncated", "ends"))
    mine.add(outcome_of("d", "not-dicom", "none"))
    mine.add_written(5, 100)
    mine.add_counts({1: 1}, {(2, 1, "y"): 7})
    assert (mine.written, mine.bytes, mine.total) == (7, 120, 10)
    assert mine.refused == {"truncated": 2}
    assert mine.skipped == {"not-dicom": 1}
    assert mine.counts == {0: 3, 1: 4, -1: 4}
    assert mine.faults == {(1, 0, "x"): 3, (2, 1, "y"): 7}
    assert mine.warnings == {"w": 2, "v": 1}
    assert mine.by_method() == {"otherwise remove": 4, "refreshUID": 4, "remove": 3}
    assert mine.by_method({1: 9}) == {"refreshUID": 9}
    assert [outcome.path for outcome in mine.refusals] == ["b", "c"]
    assert len(mine.files) == 0


def test_each_file_is_kept_where_that_was_asked_for() -> None:
    mine = report(each=True)
    mine.add(written("a"))
    mine.add(outcome_of("b", "symlink", ""))
    assert [outcome.path for outcome in mine.files] == ["a", "b"]


def test_skipped_files_do_not_crowd_out_refused_ones() -> None:
    mine = report()
    for number in range(MOST_REFUSALS * 2):
        mine.add(outcome_of(f"{number}", "not-dicom", ""))
        mine.add(outcome_of(f"r{MOST_REFUSALS * 2 - number:03}", "truncated", ""))
    assert [o.path for o in mine.refusals] == [f"r{n:03}" for n in range(1, MOST_REFUSALS + 1)]
    assert mine.refused == {"truncated": 2 * MOST_REFUSALS}


@pytest.mark.parametrize("reason", [*SKIP_REASONS, "truncated"])
def test_only_what_is_not_at_fault_is_skipped(reason: str) -> None:
    expected = SKIPPED if reason in SKIP_REASONS else REFUSED
    assert outcome_of("a", reason, "").status == expected


def test_rules_that_met_something_in_any_worker_have_matched() -> None:
    mine = report()
    assert [rule.number for rule in mine.never_matched()] == [0, 1]
    mine.matched.add(1)
    assert [rule.number for rule in mine.never_matched()] == [0]
    mine.add_counts({0: 1}, {})
    assert mine.never_matched() == []


def test_an_outcome_survives_the_pipe() -> None:
    outcome = written("\udcff\n", 7, counts={-1: 2}, faults={(1, 2, "x"): 3})
    outcome.output, outcome.warnings = "out", ["w"]
    again = Outcome.from_row(marshal.loads(marshal.dumps(outcome.as_row())))
    assert all(getattr(again, name) == getattr(outcome, name) for name in Outcome.__slots__)


def test_an_outcome_is_plain_if_there_is_nothing_to_tell() -> None:
    assert written().is_plain
    assert not written(warnings=["w"]).is_plain
    assert not written(counts={0: 1}).is_plain
    assert not outcome_of("a", "truncated", "").is_plain


def test_a_name_that_tells_is_withheld_wherever_it_stands() -> None:
    mine = report()
    mine.add(written("p/Jane/a"))
    mine.add(outcome_of("x", "truncated", ""))
    mine.add(written("Jane/Doe.dcm"))
    mine.names.hear(["jane", "doe"], ())
    assert mine.shown_path("p/Jane/a") == "p/~withheld-1~/a"
    assert mine.shown_path("Jane/Doe.dcm") == "~withheld-1~/~withheld-2~"
    assert mine.shown_path("/jan/../a") == "/jan/../a"
    assert mine.named == 2


def test_only_outputs_that_carry_the_name_are_counted() -> None:
    mine = report()
    renamed = written("Jane", output="1.2.3.4/1.2.3.5/1.2.3.6.dcm")
    mine.add(renamed)
    mine.add(outcome_of("Doe", "truncated", ""))
    mine.names.hear(["jane", "doe"], [hash("1.2.3.6")])
    assert mine.named == 0
    assert mine.shown_path("Jane") == "~withheld-1~"
    assert mine.shown_output(renamed) == renamed.output
    assert mine.shown_output(written("a", output="jane")) == "~withheld-2~"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Zoë 山", "plain Zoë 山"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x07\x00\x7f\x9b", "\\x07\\x00\\x7f\\x9b"),
        ("\udcff", "\\udcff"),
        ("\u202e\u2028\u200b", "\\u202e\\u2028\\u200b"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_nothing_steers_a_terminal(text: str, shown: str) -> None:
    assert printable(text) == shown
