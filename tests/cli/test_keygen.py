"""Keys are made for one person, never over another, and never shown without being asked for."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from study import KEY, run_command, write_study

from anonymizer.config.keys import key_from

if TYPE_CHECKING:
    from pathlib import Path

    from study import Command


def test_a_key_is_in_a_file_for_its_owner_alone(command: Command, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ended = command("keygen", "-o", "key")
    finally:
        os.umask(before)
    path = tmp_path / "key"
    key = key_from({"file": "key"}, str(tmp_path), {})
    assert (ended.code, len(key), path.stat().st_mode & 0o777) == (0, 64, 0o600)
    assert key.decode() not in ended.out + ended.err
    assert command("keygen", "-o", "other").code == 0
    assert key_from({"file": "other"}, str(tmp_path), {}) != key


def test_a_key_that_is_there_stays(command: Command, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"mine")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("key", "link"):
        ended = command("keygen", "-o", name)
        assert ended.code == 2
        assert "is there already, and stays" in ended.err
    assert (tmp_path / "key").read_bytes() == b"mine"
    assert not (tmp_path / "nowhere").exists()


def test_where_no_file_can_be_is_told(command: Command) -> None:
    ended = command("keygen", "-o", "missing/key")
    assert ended.code == 2
    assert "the key cannot be written (no such file or directory)" in ended.err


def test_a_key_is_printed_where_that_is_asked_for(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = command("keygen")
    assert (ended.code, ended.out) == (2, "")
    assert "-o FILE writes it" in ended.err
    assert len(command("keygen", "-o", "-").out) == 65
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert len(command("keygen").out) == 65


@pytest.mark.parametrize("given", [["--key", KEY], [f"--key={KEY}"]])
@pytest.mark.parametrize("line", [["-i", "a", "-o", "b"], ["explain", "a"], ["check"]])
def test_a_key_on_the_command_line_is_refused_and_not_repeated(
    given: list[str], line: list[str], command: Command
) -> None:
    ended = command(*line, *given)
    assert ended.code == 2
    assert "--key is refused" in ended.err
    assert KEY not in ended.out + ended.err


METHOD = """
import os
from anonymizer.dicom.attribute import KEEP

class Tells:
    name, summary, vrs, options, uses = "tells", "", frozenset({"PN"}), (), frozenset()
    repeatable, constant = True, None

    @classmethod
    def from_options(cls, options, secrets):
        return cls()

    def decide(self, attribute, context):
        open(os.environ["TOLD"], "w").write(" ".join(os.environ))
        return KEEP
"""


def test_no_child_inherits_a_key_of_the_environment(tmp_path: Path) -> None:
    write_study(tmp_path / "in", 1)
    (tmp_path / "tells.py").write_text(METHOD, encoding="utf-8")
    info = tmp_path / "tells-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tells\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[anonymizer.methods]\ntells = tells:Tells\n")
    (tmp_path / "c.json").write_text(
        '{"rules": [{"dicomTagPath": "PN", "method": "tells"},'
        ' {"dicomTagPath": "DA", "method": "dateShift"},'
        ' {"dicomTagPath": "UI", "method": "refreshUID"}],'
        ' "parameters": {"dateShiftKey": {"env": "SHIFTS"}}}',
        encoding="utf-8",
    )
    ended = run_command(
        *("-I", "in", "-O", "out", "-c", "c.json"),
        cwd=tmp_path,
        ANONYMIZER_KEY=KEY,
        SHIFTS=KEY,
        TOLD=str(tmp_path / "told"),
        PYTHONPATH=os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]]),
    )
    assert ended.returncode == 0, ended.stderr
    told = (tmp_path / "told").read_text(encoding="utf-8").split()
    assert "TOLD" in told
    assert not {"ANONYMIZER_KEY", "SHIFTS"} & set(told)
