"""``anonymizer convert``, and Kitware's dictionary where a configuration is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from image import element
from study import image

if TYPE_CHECKING:
    from study import Command

FILES = {
    "kitware": '{"(0x0010, 0x0010)": {"action": "replace_with_value", "value": "new"}}',
    "microsoft": '{"rules": [{"tag": "PatientName", "method": "redact"}], "defaultSettings": {}}',
    "ctp": '<?xml version="1.0"?><script><e t="00100010">new</e></script>',
    "deid": "# a recipe\nFORMAT dicom\n%header\nREPLACE PatientName new\n",
    "dcmanon": '{"tag_actions": {"(0010,0010)": {"action": "replace", "value": "new"}}}',
    "orthanc": '{"Replace": {"PatientName": "new"}}',
}
LOSSY = '{"(0x0002, 0x0002)": "replace", "(0x0010, 0x0010)": "keep"}'


@pytest.mark.parametrize("kind", FILES)
def test_the_format_is_recognised_and_the_result_is_sound(kind: str, command: Command) -> None:
    Path("theirs").write_text(FILES[kind], encoding="utf-8")
    printed = command("convert", "theirs")
    assert (printed.code, printed.err) == (0, "")
    assert command("convert", "theirs", "--from", kind).out == printed.out
    said = command("convert", "theirs", "-o", "ours.json").out
    assert said.startswith("written: ours.json, ")
    assert Path("ours.json").read_text(encoding="utf-8") == printed.out
    assert command("check", "ours.json").code == 0


def test_what_is_lost_is_listed_and_not_written_when_strict(command: Command) -> None:
    Path("theirs").write_text(LOSSY, encoding="utf-8")
    ended = command("convert", "theirs", "-o", "ours.json", "--strict")
    assert ended.code == 1
    assert ended.err.startswith("warning: (0x0002, 0x0002): is not for rules")
    assert not Path("ours.json").exists()
    assert command("convert", "theirs", "-o", "ours.json").code == 0
    rules = json.loads(Path("ours.json").read_text(encoding="utf-8"))["rules"]
    assert rules == [{"dicomTagPath": "PatientName", "method": "keep"}]


def test_an_output_is_not_replaced_without_being_told(command: Command) -> None:
    Path("theirs").write_text(LOSSY, encoding="utf-8")
    Path("ours.json").write_text("mine", encoding="utf-8")
    ended = command("convert", "theirs", "-o", "ours.json")
    assert (ended.code, Path("ours.json").read_text(encoding="utf-8")) == (2, "mine")
    assert "--overwrite" in ended.err
    assert command("convert", "theirs", "-o", "ours.json", "--overwrite").code == 0


@pytest.mark.parametrize("name", ["nothing", "."])
def test_a_file_that_cannot_be_read_is_usage(name: str, command: Command) -> None:
    ended = command("convert", name)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"{name}: cannot be read")


def test_a_broken_file_tells_its_place(command: Command) -> None:
    Path("theirs").write_text("<script>\n<e", encoding="utf-8")
    ended = command("convert", "theirs", "-o", "ours.json")
    assert ended.code == 2
    assert ended.err.startswith("line 2 column ")
    assert not Path("ours.json").exists()


def test_a_dictionary_of_kitware_is_a_configuration(command: Command) -> None:
    Path("theirs.json").write_text(FILES["kitware"], encoding="utf-8")
    Path("in.dcm").write_bytes(image(name="Kanari^Karl"))
    ended = command("-i", "in.dcm", "-o", "out.dcm", "-c", "theirs.json")
    assert ended.code == 0, ended.err
    out = Path("out.dcm").read_bytes()
    assert b"Kanari" not in out
    assert b"new " in out
    assert b"20200131" not in out, "its own table comes after what the file says"


def test_a_private_attribute_that_a_dictionary_keeps_has_its_creator(command: Command) -> None:
    Path("theirs.json").write_text('{"(0x0009, 0x1001)": "keep"}', encoding="utf-8")
    private = element(0x00090010, "LO", "ACME") + element(0x00090011, "LO", "OTHER")
    private += element(0x00091001, "LO", "stays") + element(0x00091101, "LO", "goes")
    before = image(more=private)
    Path("in.dcm").write_bytes(before)
    assert command("-i", "in.dcm", "-o", "out.dcm", "-c", "theirs.json").code == 0
    out = Path("out.dcm").read_bytes()
    assert [word in out for word in (b"ACME", b"stays", b"OTHER", b"goes")] == [1, 1, 0, 0]


def test_what_is_lost_of_a_dictionary_is_a_warning_of_a_run(command: Command) -> None:
    Path("theirs.json").write_text(LOSSY, encoding="utf-8")
    ended = command("check", "theirs.json")
    assert "warning: (0x0002, 0x0002): is not for rules: no rule is made of it" in ended.out
    assert ended.code == 0
    assert command("check", "theirs.json", "--strict").code == 2


def test_a_dictionary_can_be_extended(command: Command) -> None:
    Path("theirs.json").write_text(LOSSY, encoding="utf-8")
    Path("mine.json").write_text('{"extends": "theirs.json"}', encoding="utf-8")
    ended = command("profiles", "show", "mine.json")
    assert ended.code == 0
    assert "theirs.json: rules[0]" in ended.out
    assert "theirs.json: (0x0002, 0x0002)" in command("check", "mine.json").out


def test_a_broken_dictionary_is_a_mistake_of_the_configuration(command: Command) -> None:
    Path("theirs.json").write_text('{"(0x0010, 0x0010)": "shred"}', encoding="utf-8")
    ended = command("check", "theirs.json")
    assert ended.code == 2
    assert "(0x0010, 0x0010): its action is none of that tool's" in ended.out + ended.err
