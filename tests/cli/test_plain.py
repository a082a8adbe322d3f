"""The short reader of the command line and the full parser mean the same by the same words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

import anonymizer.cli.run
from anonymizer.cli import plain
from anonymizer.cli.app import app
from anonymizer.cli.flags import DicomDir, Exact, Profile, Rename, Validation
from anonymizer.cli.options import RunOptions
from anonymizer.cli.plain import CHOICES, LISTS, MOST_WORKERS, SWITCHES, VALUES, read_plain

if TYPE_CHECKING:
    from study import Command

COMMAND: Any = typer.main.get_command(app)
NOT_OF_A_RUN = {"help", "version"}

TABLES = (VALUES, LISTS, SWITCHES)

EXAMPLES = {
    "profile": "clinical-trial",
    "shift_dates": "30",
    "workers": "3",
    "rename": "uid",
    "validation": "warn",
    "exact": "microsoft",
}
EXAMPLES |= {"dicomdir": "rebuild"}


def flags() -> list[tuple[str, str]]:
    """Every flag of the full parser, with the name of its option."""
    return [
        (parameter.name, flag)
        for parameter in COMMAND.params
        if parameter.name not in NOT_OF_A_RUN
        for flag in (*parameter.opts, *parameter.secondary_opts)
    ]


def caught(monkeypatch: pytest.MonkeyPatch) -> list[RunOptions]:
    """The options of what would run; such a run ends with 5."""
    seen: list[RunOptions] = []

    def run(options: RunOptions) -> int:
        seen.append(options)
        return 5

    monkeypatch.setattr(anonymizer.cli.run, "run", run)
    return seen


def test_both_know_the_same_flags() -> None:
    known = [(name, flag) for table in TABLES for name in table for flag in table[name]]
    assert sorted(known) == sorted(flags())
    assert len(known) > 20


def test_both_know_the_same_switches_and_choices() -> None:
    of_a_run = [p for p in COMMAND.params if p.name not in NOT_OF_A_RUN]
    assert {p.name for p in of_a_run if p.is_flag} == set(SWITCHES)
    assert {
        "rename": tuple(Rename),
        "validation": tuple(Validation),
        "exact": tuple(Exact),
        "profile": tuple(Profile),
        "dicomdir": tuple(DicomDir),
    } == CHOICES


@pytest.mark.parametrize(("workers", "code"), [(-1, 2), (0, 5), (1, 5), (256, 5), (257, 2)])
def test_both_take_as_many_workers(
    workers: int, code: int, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = caught(monkeypatch)
    monkeypatch.setattr(plain, "read_plain", lambda _: None)
    assert command("--workers", workers).code == code
    assert [options.workers for options in seen] == ([workers] if code == 5 else [])
    assert MOST_WORKERS == 256


@pytest.mark.parametrize(("name", "flag"), flags())
def test_both_read_the_same(
    name: str, flag: str, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [flag] if name in SWITCHES else [flag, EXAMPLES.get(name, "some value")]
    read = read_plain(arguments)
    assert read is not None
    seen = caught(monkeypatch)
    monkeypatch.setattr(plain, "read_plain", lambda _: None)
    assert command(*arguments).code == 5
    assert vars(seen[0]) == vars(read)
    assert vars(read) != vars(RunOptions())


def test_both_have_the_same_defaults(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = caught(monkeypatch)
    assert command("--workers", "0").code == 5
    assert vars(seen[0]) == vars(RunOptions())


@pytest.mark.parametrize(
    "line",
    [
        "",
        "--help",
        "-h",
        "--version",
        "check x.json",
        "in out",
        "-i a -o",
        "-i a -o b c",
        "-i=a",
        "--inputFile=a",
        "-ia",
        "-i a -i b",
        "-i a --inputFile b",
        "-q -q",
        "-i -o",
        "-i a -o --",
        "--workers 0",
        "--workers -1",
        "--workers 257",
        "--workers two",
        "--workers \u0663",
        "--rename UID",
        "--validation maybe",
        "--exact others",
        "--Overwrite",
        "--over",
        "--profile other",
        "--shift-dates -3",
        "--shift-dates 36501",
        "--keep",
        "--keep A --keep",
    ],
)
def test_whatever_is_not_plain_is_left_to_the_full_parser(line: str) -> None:
    assert read_plain(line.split()) is None


def test_an_empty_value_is_left_to_the_full_parser() -> None:
    assert read_plain(["-i", "", "-o", "b"]) is None


def test_a_plain_run_is_read() -> None:
    options = read_plain("-I in -O out -c x.json --workers 256 --overwrite --rename uid -q".split())
    assert options is not None
    assert (options.input_folder, options.output_folder) == ("in", "out")
    assert (options.config, options.workers, options.rename) == ("x.json", 256, "uid")
    assert options.overwrite
    assert options.quiet
    assert not options.validate_input


@pytest.mark.parametrize("name", [*VALUES, *LISTS, *SWITCHES])
def test_every_option_is_in_the_help(name: str, command: Command) -> None:
    flags_of_it = (VALUES | LISTS | SWITCHES)[name]
    shown = command("--help").out
    assert all(flag in shown for flag in flags_of_it)


def test_the_help_says_what_codes_mean_and_cuts_nothing_short(command: Command) -> None:
    ended = command("--help")
    assert ended.code == 0
    assert "Exit codes: 0 all written, 1 some files refused, 2 usage" in ended.out
    assert "..." not in ended.out.replace("[ARGS]...", "")


def test_what_the_full_parser_reads_runs_too(command: Command) -> None:
    sample = next(Path(__file__).parents[2].joinpath("samples", "input").rglob("*.dcm"))
    ended = command(f"--inputFile={sample}", "-oout.dcm", "--config=basic", "--quiet")
    assert ended.code == 0
    assert Path("out.dcm").exists()
