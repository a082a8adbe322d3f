"""``anonymizer diff``: files and folders, exit codes, and no value or name that tells one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from image import element
from study import SAMPLES, image, write, write_study

from anonymizer.diff.trees import compare_trees
from anonymizer.diff.values import teller

if TYPE_CHECKING:
    from study import Command

EXPECTED = SAMPLES.parent / "expected"
CANARY = "Kanari^Karl"


def test_equal_files_are_equal(command: Command) -> None:
    write("a", image())
    write("b", image())
    assert command("diff", "a", "b") == (0, "0 changed, 0 removed, 0 added; no pixel data\n", "")


def test_differences_of_two_files_are_a_line_each(command: Command) -> None:
    write("a", image(name=CANARY, more=element("PatientComments", "LT", CANARY)))
    write("b", image(name="Other"))
    ended = command("diff", "a", "b")
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.splitlines() == [
        "changed  PatientName      PN 12 bytes -> PN 6 bytes",
        "removed  PatientComments  LT 12 bytes",
        "1 changed, 1 removed, 0 added; no pixel data",
    ]


@pytest.mark.parametrize("values", ["hide", "hash", "show"])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_values_are_shown_only_where_asked_for(
    values: str, form: list[str], command: Command
) -> None:
    write("in/Kanari/Karl.dcm", image(name=CANARY))
    write("out/Kanari/Karl.dcm", image(name="Other"))
    ended = command("diff", "in", "out", "--values", values, *form)
    assert ended.code == 1
    assert (CANARY in ended.out) == (values == "show")
    assert "Karl.dcm" not in ended.out
    assert "~withheld-1~/~withheld-2~: " in ended.out or form


def test_folders_are_paired_by_path(command: Command) -> None:
    write("a/both", image(1))
    write("b/both", image(1))
    write("a/deep/changed", image(2, name=CANARY))
    write("b/deep/changed", image(2))
    write("a/left", image(3))
    write("b/right", image(4))
    write("a/broken", image(5)[:-3])
    write("b/broken", image(5))
    write("a/kind", image(6))
    write("b/kind", b"no image")
    write("a/notes.txt", b"no image")
    Path("a/link").symlink_to("both")
    ended = command("diff", "a", "b")
    assert ended.code == 1
    assert ended.out.splitlines() == [
        f"broken: truncated: the file ends inside an element (at byte {len(image(5)) - 3})",
        "deep/changed: 1 changed, 0 removed, 0 added; no pixel data",
        "kind: alone: only one of the two is an image",
        "left: alone: only one of the folders has it (in the first)",
        "right: alone: only one of the folders has it (in the second)",
        "changed  PatientName: 1 file",
        "4 pairs, 1 the same; 2 files in one of the two only; 1 file skipped: not DICOM; "
        "1 file skipped: a symbolic link, not followed",
    ]


def test_json_says_it_all(command: Command) -> None:
    ended = command("diff", SAMPLES, EXPECTED, "--json")
    assert ended.code == 1
    told = json.loads(ended.out)
    assert (told["same"], told["skipped"], len(told["pairs"])) == (False, {"not-dicom": 1}, 6)
    pair = told["pairs"][0]
    assert (pair["a"], pair["b"], pair["pixelData"]) == (*[pair["a"]] * 2, "same")
    (name,) = [change for change in pair["changes"] if change["path"] == "PatientName"]
    assert set(name) == {"kind", "path", "tag", "before", "after"}
    assert (name["tag"], name["after"]) == ("0010,0010", {"vr": "PN", "size": 10})


def test_an_untouched_folder_is_the_same(command: Command) -> None:
    assert command("diff", SAMPLES, SAMPLES).code == 0


@pytest.mark.parametrize(
    ("left", "right", "code", "said"),
    [
        ("a", "nowhere", 2, "nowhere: no such file or folder"),
        ("a", "folder", 2, "one is a folder and the other is not"),
        ("empty", "folder", 3, ""),
        ("a", "text", 1, ""),
        ("text", "text", 1, ""),
    ],
)
def test_exit_codes(left: str, right: str, code: int, said: str, command: Command) -> None:
    write("a", image())
    write("text", b"text")
    write("folder/text", b"text")
    Path("empty").mkdir()
    ended = command("diff", left, right)
    assert ended.code == code
    assert said in ended.err


def test_who_knows_the_pairs_gives_them(tmp_path: Path) -> None:
    write_study(tmp_path / "a", 2)
    os.rename(write_study(tmp_path / "b", 1) / "im000", tmp_path / "b" / "other")
    pairs = [("im000", "other"), ("im001", None)]
    compared = compare_trees(str(tmp_path / "a"), str(tmp_path / "b"), teller("hide"), pairs)
    assert [(pair.same, pair.reason) for pair in compared.pairs] == [(True, ""), (False, "alone")]


def logged(command: Command, *flags: str) -> None:
    """Three inputs, one file that is no image, and outputs named by UIDs."""
    write_study(Path("in"), 2)
    write("in/again/im001", image(2))
    write("in/notes.txt", b"no image")
    Path("rules.json").write_text(
        '{"rules": [{"dicomTagPath": "PN", "method": "remove"},'
        ' {"dicomTagPath": "UI", "method": "refreshUID"}]}'
    )
    Path("key").write_text("a key for tests, of 32 characters or more")
    Path("key").chmod(0o600)
    run = command(
        "-I", "in", "-O", "out", "-c", "rules.json", "--key-file", "key", "--quiet",
        "--rename", "uid", "--audit-log", "audit.jsonl", *flags,
    )  # fmt: skip
    assert run.code == 0


@pytest.mark.parametrize("flags", [[], ["--hide-paths"]])
def test_an_audit_log_pairs_what_was_renamed(flags: list[str], command: Command) -> None:
    logged(command, *flags)
    told = json.loads(command("diff", "in", "out", "--json", "--audit", "audit.jsonl").out)
    pairs = {pair["a"]: pair for pair in told["pairs"]}
    assert set(pairs) == {"im000", "im001", "again/im001"}
    assert len({pair["b"] for pair in pairs.values()}) == 3
    for pair in pairs.values():
        names = [change for change in pair["changes"] if change["path"] == "PatientName"]
        assert [change["kind"] for change in names] == ["removed"]
        assert pair["pixelData"] == "none"
    assert told["skipped"] == {"not-dicom": 1}
    lines = command("diff", "in", "out", "--audit", "audit.jsonl").out.splitlines()
    assert lines[0].startswith("again/im001 -> 2.25.")
    unpaired = json.loads(command("diff", "in", "out", "--json").out)["pairs"]
    assert [pair["reason"] for pair in unpaired] == ["alone"] * 6


def test_inputs_of_the_same_bytes_each_have_an_output_by_the_log(command: Command) -> None:
    for name in ("a", "b"):
        write(f"in/{name}", image(1))
    Path("rules.json").write_text('{"rules": [{"dicomTagPath": "PN", "method": "remove"}]}')
    run = command(
        "-I", "in", "-O", "out", "-c", "rules.json", "--quiet",
        "--audit-log", "audit.jsonl", "--hide-paths",
    )  # fmt: skip
    assert run.code == 0
    os.rename("out/a", "out/c")
    os.rename("out/b", "out/d")
    told = json.loads(command("diff", "in", "out", "--json", "--audit", "audit.jsonl").out)
    assert [(pair["a"], pair["b"]) for pair in told["pairs"]] == [("a", "c"), ("b", "d")]


def test_what_the_log_says_nothing_of_is_paired_by_path(command: Command) -> None:
    logged(command)
    write("in/later", image(7))
    write("out/later", image(7))
    told = json.loads(command("diff", "in", "out", "--json", "--audit", "audit.jsonl").out)
    assert [pair["b"] for pair in told["pairs"] if pair["same"]] == ["later"]


def test_an_earlier_run_of_the_log_counts_for_what_no_later_one_tells_of(command: Command) -> None:
    logged(command)
    os.rename("in", "first")
    os.rename("out", "outputs")
    write("in/new", image(8))
    run = command(
        "-I", "in", "-O", "out", "-c", "rules.json", "--key-file", "key", "--quiet",
        "--rename", "uid", "--audit-log", "audit.jsonl",
    )  # fmt: skip
    assert run.code == 0
    told = json.loads(command("diff", "first", "outputs", "--json", "--audit", "audit.jsonl").out)
    assert len(told["pairs"]) == 3


def test_what_no_log_is_or_pairs_nothing_is_told(command: Command) -> None:
    logged(command)
    write("left/a", image(1))
    write("right/a", image(1))
    ended = command("diff", "left", "right", "--audit", "audit.jsonl")
    assert ended.code == 0
    assert ended.err == (
        "warning: audit.jsonl: tells of no pair in these folders; "
        "files are paired by relative path\n"
    )
    assert command("diff", "left", "right", "--audit", "key").code == 2
    assert "is no audit log" in command("diff", "left", "right", "--audit", "key").err
    ended = command("diff", "left/a", "right/a", "--audit", "audit.jsonl")
    assert (ended.code, "two folders" in ended.err) == (2, True)


def test_what_has_no_mark_of_dicom_is_compared_with_force(command: Command) -> None:
    for folder, name in (("a", "One"), ("b", "Three")):
        write(f"{folder}/x", element("PatientName", "PN", name))
    assert command("diff", "a/x", "b/x").out.startswith("refused: not-dicom: ")
    for paths in (("a", "b"), ("a/x", "b/x")):
        ended = command("diff", *paths, "--force")
        assert ended.code == 1
        assert "changed  PatientName" in ended.out
        assert "1 changed, 0 removed, 0 added" in ended.out
