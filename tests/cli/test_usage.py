"""What is typed wrong is told before anything is read or written, with the path and a hint."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from study import SAMPLES, image, run_command, tree, write_study

if TYPE_CHECKING:
    from collections.abc import Iterator

    from study import Command

CONFIG = '{"version": "1", "rules": [{"dicomTagPath": "PN", "method": "remove"}]}'


@pytest.fixture(autouse=True)
def place(tmp_path: Path) -> None:
    """A study ``in``, an image ``a.dcm`` and a configuration ``c.json``."""
    write_study(tmp_path / "in")
    (tmp_path / "a.dcm").write_bytes(image())
    (tmp_path / "c.json").write_text(CONFIG, encoding="utf-8")


MISTAKES = {
    "-i a.dcm": "both an input and an output are needed",
    "-o b.dcm": "both an input and an output are needed",
    "-I in": "both an input and an output are needed",
    "--overwrite": "both an input and an output are needed",
    "-c c.json -q": "both an input and an output are needed",
    "-i a.dcm -O out": "a run takes -i and -o, or -I and -O",
    "-I in -o out": "a run takes -i and -o, or -I and -O",
    "-i a.dcm -o b.dcm -I in": "a run takes -i and -o, or -I and -O",
    "-i nothing -o out": "nothing: no such file or folder",
    "-I nothing -O out": "nothing: no such file or folder",
    "-I a.dcm -O out": "a.dcm: is not a folder",
    "-i a.dcm -o a.dcm": "the input and the output are the same file",
    "-i a.dcm -o ./in/../a.dcm --overwrite": "the input and the output are the same file",
    "-i a.dcm -o . --overwrite": "the input and the output are the same file",
    "-i a.dcm -o b.dcm --rename uid": "--rename is for folder runs",
    "-I in -O out --validation warn": "--validation warn is about --validateInput",
    "-I in -O in": "the input and the output folder are the same",
    "-I in -O in/": "the input and the output folder are the same",
    "-I in -O in/out": "the output folder lies inside the input folder",
    "-I in -O in/a/../b/c": "the output folder lies inside the input folder",
    "-I in -O .": "the input folder lies inside the output folder",
    "-I in -O a.dcm": "a.dcm: is not a folder",
    "-I in -O a.dcm/out": "a.dcm/out: the output folder cannot be made",
    "-I in -O out -c nothing.json": "nothing.json: no such configuration",
    "-I in -O out -c in": "in: is a folder, not a configuration",
    "-I in -O out --report nowhere/r.json": "nowhere/r.json: there is no such folder to put",
    "-I in -O out --report in": "in: the report would take the place of a file",
    "-I in -O out --report in/r.json": "in/r.json: the report would lie in the input folder",
    "-I in -O out --report c.json": "c.json: the report would take the place of a file",
    "-I in -O out --report /": "/: is a folder",
    "-i a.dcm -o b.dcm --report a.dcm": "a.dcm: the report would take the place of a file",
    "-i a.dcm -o b.dcm --report b.dcm": "b.dcm: the report would take the place of a file",
    "-i a.dcm -o s3://b/a.dcm --report a.dcm": "a.dcm: the report would take the place of a file",
}


@pytest.mark.parametrize("line", MISTAKES)
def test_mistakes_are_told_and_change_nothing(line: str, command: Command) -> None:
    before = tree(Path())
    config = [] if "-c" in line.split() else ["-c", "c.json"]
    ended = command(*line.split(), *config)
    assert ended.code == 2
    assert ended.err.startswith(MISTAKES[line])
    assert ended.out == ""
    assert tree(Path()) == before
    assert not Path("out").exists()


LINKS = {
    "the same": ("link", "in", "-I in -O link", "the same"),
    "the same, the other way": ("link", "in", "-I link -O in", "the same"),
    "inside": ("link", "in", "-I in -O link/out", "the output folder lies inside"),
    "above": ("link", ".", "-I in -O link", "the input folder lies inside"),
    "the same file": ("b.dcm", "a.dcm", "-i a.dcm -o b.dcm --overwrite", "the same file"),
    "a report": ("r.json", "a.dcm", "-i a.dcm -o b.dcm --report r.json", "would take the place"),
    "a report inside": ("link", "in", "-I in -O out --report link/r", "would lie in the input"),
}


@pytest.mark.parametrize("case", LINKS)
def test_links_hide_nothing(case: str, command: Command) -> None:
    link, target, line, message = LINKS[case]
    Path(link).symlink_to(target)
    before = tree(Path())
    ended = command(*line.split(), "-c", "c.json")
    assert ended.code == 2
    assert message in ended.err
    assert tree(Path()) == before


def test_hard_links_hide_nothing(command: Command) -> None:
    os.link("a.dcm", "b.dcm")
    ended = command("-i", "a.dcm", "-o", "b.dcm", "-c", "c.json", "--overwrite")
    assert ended.code == 2
    assert "the same file" in ended.err


def test_a_folder_like_the_input_by_its_name_only_is_fine(command: Command) -> None:
    for out in ("in2", "i", "out/in"):
        assert command("-I", "in", "-O", out, "-c", "c.json").code == 0


def test_typed_paths_cannot_steer_the_terminal(command: Command) -> None:
    ended = command("-i", "no\x1b[31m\nthing", "-o", "out", "-c", "c.json")
    assert ended.err == "no\\x1b[31m\\nthing: no such file or folder\n"


@pytest.mark.parametrize("line", ["in out", "-I in -O out more", "chekc"])
def test_a_word_that_is_no_command_gets_a_hint(line: str, command: Command) -> None:
    ended = command(*line.split())
    assert ended.code == 2
    assert "no such command: " in ended.err
    assert "hint: images are given by -i FILE -o FILE, folders by -I FOLDER" in ended.err


def test_no_arguments_show_the_help(command: Command) -> None:
    ended = command()
    assert ended.code == 2
    assert "--inputFolder" in ended.out + ended.err


def test_the_version_is_told(command: Command) -> None:
    from anonymizer._version import VERSION

    assert command("--version") == (0, f"anonymizer {VERSION}\n", "")


# The process itself


def test_python_dash_m_runs_and_ends_with_the_codes(tmp_path: Path) -> None:
    Path(tmp_path, "none").mkdir()
    for line, code in (
        ("-I in -O out -c c.json", 0),
        ("-I in -O out -c c.json", 1),
        ("-I in -O in -c c.json", 2),
        ("-I none -O out2 -c c.json", 3),
    ):
        ended = run_command(*line.split(), cwd=tmp_path)
        assert ended.returncode == code, ended.stderr
        assert "Traceback" not in ended.stderr
    assert len(tree(tmp_path / "out")) == 3


@pytest.mark.parametrize("redirection", [">/dev/full", "2>/dev/full", ">&-", "2>&-", "| true"])
def test_a_console_that_fails_does_not_cost_the_outputs(redirection: str, tmp_path: Path) -> None:
    import subprocess
    import sys

    line = f"{sys.executable} -m anonymizer -I in -O out -c c.json --report r.json {redirection}"
    ended = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert len(tree(tmp_path / "out")) == 3
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["written"] == 3
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr


def test_lists_can_be_piped_away(tmp_path: Path) -> None:
    import subprocess
    import sys

    for arguments in ("methods", f"explain {SAMPLES / 'ST000003/SR000002/SR000001.dcm'} -c basic"):
        line = f"{sys.executable} -m anonymizer {arguments} | head -n 1"
        ended = subprocess.run(
            ["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in ended.stderr
        assert len(ended.stdout.splitlines()) == 1


def test_a_report_never_writes_into_a_file_of_another_name(tmp_path: Path) -> None:
    first = next(path for path in (tmp_path / "in").rglob("*") if path.is_file())
    before = first.read_bytes()
    os.link(first, tmp_path / "linked.json")
    run_command("-I", "in", "-O", "out", "-c", "basic", "--report", "linked.json", cwd=tmp_path)
    assert first.read_bytes() == before


def test_of_a_report_that_cannot_be_written_nothing_is_left(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Iterator[str]:
        yield "{"
        raise OSError(28, "No space left on device")

    Path("r.json").write_text("before", encoding="utf-8")
    monkeypatch.setattr("anonymizer.cli.summary.as_json", full)
    ended = command("-I", "in", "-O", "out", "-c", "c.json", "--report", "r.json", "-q")
    assert ended.code == 1
    assert "r.json: the report cannot be written (no space left on device)" in ended.err
    assert Path("r.json").read_text(encoding="utf-8") == "before"
    assert not Path("r.json.part").exists()


def test_a_report_does_not_lie_among_the_outputs(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    ended = run_command(
        "-I", "in", "-O", "out", "-c", "basic", "--report", "out/r.json", cwd=tmp_path
    )
    assert ended.returncode == 2
    assert "among the outputs" in ended.stderr


KEYED = """{"rules": [{"dicomTagPath": "PatientID", "method": "pseudonym"}],
 "parameters": {"pseudonymKey": {"file": "secret/own.key"}}}"""
TAKEN = "would take the place of a file that the run needs"
AMONG = "the run needs this file, which lies in the output folder"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("-i a.dcm -o k.json", TAKEN),
        ("-i a.dcm -o link", TAKEN),
        ("-i a.dcm -o secret/own.key", TAKEN),
        ("-i a.dcm -o ./secret/../master.key --key-file master.key", TAKEN),
        ("-i a.dcm -o map.csv --map map.csv", TAKEN),
        ("-I in -O secret", AMONG),
        ("-I in -O secret --key-file master.key", AMONG),
        ("-I in -O out --key-file out/deep/other.key", AMONG),
        ("-I in -O out --map out/map.csv", AMONG),
        ("-I in -O out --report secret/own.key", TAKEN),
        ("-i a.dcm -o b.dcm --report link", TAKEN),
    ],
)
def test_no_output_takes_the_place_of_what_the_run_needs(
    arguments: str, message: str, command: Command
) -> None:
    Path("k.json").write_text(KEYED, encoding="utf-8")
    os.link("k.json", "link")
    Path("secret").mkdir()
    Path("out/deep").mkdir(parents=True)
    for name in ("secret/own.key", "master.key", "out/deep/other.key"):
        Path(name).write_text("0123456789abcdef" * 2, encoding="utf-8")
        Path(name).chmod(0o600)
    for name in ("map.csv", "out/map.csv"):
        Path(name).write_text("4711,X-1\n", encoding="utf-8")
    before = tree(Path())
    ended = command(*arguments.split(), "-c", "k.json", "--overwrite")
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert tree(Path()) == before


def test_reveal_does_not_replace_the_key(command: Command) -> None:
    rules = [{"dicomTagPath": "PatientID", "method": "encrypt"}]
    Path("e.json").write_text(json.dumps({"rules": rules}), encoding="utf-8")
    Path("k").write_text("0123456789abcdef" * 2, encoding="utf-8")
    Path("k").chmod(0o600)
    before = tree(Path())
    for output in ("k", "e.json"):
        arguments = ["reveal", "a.dcm", "-o", output, "-c", "e.json", "--key-file", "k"]
        ended = command(*arguments, "--overwrite")
        assert (ended.code, TAKEN in ended.err) == (2, True)
    assert tree(Path()) == before


def test_a_profile_in_other_letters_is_told_in_our_words(command: Command) -> None:
    ended = command("-i", "a", "-o", "b", "--profile", "Basic")
    assert ended.code == 2
    assert "Invalid value for '--profile': 'Basic' is not one of 'basic'" in ended.err
    ended = command("explain", "a", "--profile", "Basic")
    assert "Invalid value for '--profile': 'Basic' is not one of 'basic'" in ended.err


@pytest.mark.parametrize("empty", ["", " ", ","])
def test_a_list_of_no_tags_is_wrong_usage(empty: str, command: Command) -> None:
    flags = ("-i", SAMPLES / "ST000001/CT000002/IM000001", "-o", "o", "--profile", "basic")
    ended = command(*flags, "--keep-tags", empty)
    assert (ended.code, ended.err) == (
        2,
        "--keep-tags takes attributes, separated by commas\n  hint: as in A,B\n",
    )


@pytest.mark.parametrize(
    "flags",
    [["--audit-log", ""], ["--backup", ""], ["--quarantine="], ["--report", ""], ["-c", ""], [""]],
)
def test_a_flag_that_is_given_nothing_is_not_passed_over(
    flags: list[str], command: Command
) -> None:
    ended = command("-I", "in", "-O", "out", *flags)
    assert ended.code == 2
    told = flags[0].removesuffix("=") or "an argument"
    assert f"{told} is given nothing\n  hint: is a variable of the shell not set?" in ended.err
    assert not Path("out").exists()


def test_a_command_is_given_nothing(command: Command) -> None:
    ended = command("audit", "verify", "log", "--last", "")
    assert ended.code == 2
    assert "--last is given nothing" in ended.err


def test_a_value_may_end_as_a_flag_that_is_given_nothing(command: Command) -> None:
    ended = command("-I", "in", "-O", "out", "--profile", "custom", "--replace=StudyDate=")
    assert ended.code == 0
