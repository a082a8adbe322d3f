"""``anonymizer explain``: what becomes of each attribute, and no value unless asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from image import element, item, sequence
from study import KEY, image, tree

if TYPE_CHECKING:
    from study import Command

RULES = [
    {"dicomTagPath": "PatientID", "method": "cryptoHash"},
    {"dicomTagPath": "PatientName", "method": "redact"},
    {"dicomTagPath": "PN", "method": "remove"},
    {"dicomTagPath": "DA", "method": "dateShift"},
]
MORE = element("PatientBirthDate", "DA", "Mayday") + sequence(
    "RequestAttributesSequence", item(element("RequestingPhysician", "PN", "Who^Doctor"))
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path) -> None:
    content = {"version": "1", "rules": RULES, "parameters": {"key": KEY}}
    (tmp_path / "c.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "a.dcm").write_bytes(image(more=MORE))


def cells(line: str) -> list[str]:
    return line.split()


def test_every_attribute_has_its_line(command: Command) -> None:
    ended = command("explain", "a.dcm", "-c", "c.json")
    assert (ended.code, ended.err) == (0, "")
    lines = {cells(line)[0]: cells(line)[1:] for line in ended.out.splitlines()}
    assert lines["StudyInstanceUID"] == ["UI", "otherwise", "kept"]
    assert lines["StudyDate"] == ["DA", "rules[3]", "DA", "dateShift", "replaced"]
    assert lines["PatientName"] == ["PN", "rules[1]", "PatientName", "redact", "emptied"]
    assert lines["PatientID"] == ["LO", "rules[0]", "PatientID", "cryptoHash", "replaced"]
    assert lines["RequestAttributesSequence"] == ["SQ", "otherwise", "entered"]
    inner = lines["RequestAttributesSequence[0].RequestingPhysician"]
    assert inner == ["PN", "rules[2]", "PN", "remove", "removed"]
    assert " ".join(lines["PatientBirthDate"]).startswith("DA rules[3] DA dateShift emptied (")


def test_a_sequence_of_which_nothing_stays_goes(command: Command) -> None:
    content = {"version": "1", "rules": [{"dicomTagPath": "DA", "method": "keep"}]}
    Path("c.json").write_text(json.dumps(content | {"otherwise": "remove"}), encoding="utf-8")
    whose = sequence("RequestAttributesSequence", item(element("StudyDate", "DA", "20200131")))
    Path("b.dcm").write_bytes(image(more=whose))
    for name, fate in ("a.dcm", "removed"), ("b.dcm", "entered"):
        ended = command("explain", name, "-c", "c.json")
        lines = {cells(line)[0]: cells(line)[1:] for line in ended.out.splitlines()}
        assert lines["RequestAttributesSequence"] == ["SQ", "otherwise", fate]


def test_the_last_line_adds_up(command: Command) -> None:
    *lines, last = command("explain", "a.dcm", "-c", "c.json").out.splitlines()
    count, _, fates = last.removesuffix("; nothing was written").partition(" attributes: ")
    assert int(count) == len(lines)
    assert fates == "2 emptied, 1 entered, 4 kept, 1 removed, 2 replaced"


def test_values_are_shown_only_where_asked_for(command: Command) -> None:
    hidden = command("explain", "a.dcm", "-c", "c.json").out
    shown = command("explain", "a.dcm", "-c", "c.json", "--show-values").out
    for value in ("Doe^Jane", "4711", "20200131", "Mayday", "Who^Doctor"):
        assert value not in hidden
        assert value in shown
    assert KEY not in shown
    (line,) = [line for line in shown.splitlines() if line.startswith("PatientID ")]
    before, after = line.partition("[4711]")[::2]
    assert before.endswith("replaced  ")
    assert after.startswith(" -> [")


def test_what_is_shown_is_what_a_run_writes(command: Command) -> None:
    import pydicom

    shown = command("explain", "a.dcm", "-c", "c.json", "--show-values").out
    command("-i", "a.dcm", "-o", "out.dcm", "-c", "c.json")
    written = pydicom.dcmread("out.dcm")
    assert f"-> [{written.PatientID[:60]}" in shown
    assert f"-> [{written.StudyDate}]" in shown


def test_values_cannot_steer_the_terminal(command: Command) -> None:
    Path("a.dcm").write_bytes(image(name="\x1b[31mred"))
    shown = command("explain", "a.dcm", "-c", "c.json", "--show-values").out
    assert "\x1b" not in shown
    assert "[\\x1b[31mred]" in shown


def test_nothing_is_written(command: Command) -> None:
    before = tree(Path())
    command("explain", "a.dcm", "-c", "c.json", "--show-values")
    assert tree(Path()) == before


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("nothing.dcm -c c.json", 2, "nothing.dcm: no such file or folder"),
        ("a.dcm", 2, "no configuration: "),
        ("a.dcm -c nothing.json", 2, "nothing.json: no such configuration"),
        ("c.json -c c.json", 1, "refused: not-dicom: "),
        (". -c c.json", 1, "refused: special-file: not a regular file"),
        ("-c c.json", 2, "Usage: "),
    ],
)
def test_what_cannot_be_explained_is_told(
    arguments: str, code: int, message: str, command: Command
) -> None:
    ended = command("explain", *arguments.split())
    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith(message)


def test_of_a_folder_the_way_to_explain_all_is_told(command: Command) -> None:
    assert "--dry-run --verbose" in command("explain", ".", "-c", "c.json").err
    assert "hint" not in command("explain", "c.json", "-c", "c.json").err


def test_the_map_of_pseudonyms_is_followed(command: Command) -> None:
    rules = [{"dicomTagPath": "PatientID", "method": "pseudonym"}]
    Path("m.json").write_text(json.dumps({"version": "1", "rules": rules}), encoding="utf-8")
    Path("map.csv").write_text("4711,TRIAL-1\n", encoding="utf-8")
    ended = command("explain", "a.dcm", "-c", "m.json", "--map", "map.csv", "--show-values")
    assert (ended.code, ended.err) == (0, "")
    assert "[4711] -> [TRIAL-1]" in ended.out
