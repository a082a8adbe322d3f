"""``anonymizer reveal``: what was encrypted comes back with the key, and only with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image import dataset_of, element, item, sequence
from study import KEY, image

if TYPE_CHECKING:
    from study import Command

RULES = [
    {"dicomTagPath": "PatientName", "method": "encrypt"},
    {"dicomTagPath": "RequestAttributesSequence", "method": "keep"},
    {"dicomTagPath": "ImageComments", "method": "encrypt"},
    {"dicomTagPath": "PatientID", "method": "remove"},
]
MORE = sequence("RequestAttributesSequence", item(element("ImageComments", "LT", "said\\so "))) + (
    element("ImageComments", "LT", "a line\r\nanother")
)


def write_config(name: str, key: str | None, *rules: dict[str, Any]) -> None:
    keys = {"parameters": {"encryptKey": key}} if key else {}
    content = {"version": "1", "rules": list(rules) or RULES, **keys}
    Path(name).write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def encrypted(command: Command) -> bytes:
    """The image ``a.dcm`` encrypted as ``e.dcm``, by the configuration ``c.json``."""
    write_config("c.json", KEY)
    Path("a.dcm").write_bytes(image(more=MORE))
    assert command("-i", "a.dcm", "-o", "e.dcm", "-c", "c.json").code == 0
    return Path("e.dcm").read_bytes()


def test_what_was_encrypted_comes_back(encrypted: bytes, command: Command) -> None:
    assert b"Doe" not in encrypted
    assert b"line" not in encrypted
    ended = command("reveal", "e.dcm", "-o", "back.dcm", "-c", "c.json")
    assert ended == (0, "written: back.dcm; 3 attributes decrypted\n", "")
    back, _ = dataset_of(Path("back.dcm").read_bytes())
    plain, _ = dataset_of(Path("a.dcm").read_bytes())
    for part in (element("PatientName", "PN", "Doe^Jane"), MORE):
        assert part in plain
        assert part in back
    assert b"4711" not in back  # what is removed is gone


def test_another_key_reveals_nothing(encrypted: bytes, command: Command) -> None:
    write_config("other.json", "another key of thirty-two letters and more")
    ended = command("reveal", "e.dcm", "-o", "back.dcm", "-c", "other.json")
    assert ended.code == 1
    assert ended.err == "refused: value-refused: PatientName: not encrypted with this key\n"
    assert not Path("back.dcm").exists()


def test_without_a_key_nothing_is_tried(
    encrypted: bytes, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_config("none.json", None)
    ended = command("reveal", "e.dcm", "-o", "back.dcm", "-c", "none.json")
    assert ended.code == 2
    assert ended.err.startswith("no key to decrypt with\n  hint: ")
    assert not Path("back.dcm").exists()


def test_the_master_key_of_a_run_reveals_too(command: Command) -> None:
    write_config("none.json", None)
    Path("a.dcm").write_bytes(image())
    Path("k").write_text(KEY, encoding="utf-8")
    Path("k").chmod(0o600)
    command("-i", "a.dcm", "-o", "e.dcm", "-c", "none.json", "--key-file", "k")
    ended = command("reveal", "e.dcm", "-o", "b.dcm", "-c", "none.json", "--key-file", "k")
    assert ended.code == 0
    assert b"Doe^Jane" in Path("b.dcm").read_bytes()


def test_what_is_in_the_way_stays(encrypted: bytes, command: Command) -> None:
    Path("mine").write_text("mine", encoding="utf-8")
    ended = command("reveal", "e.dcm", "-o", "mine", "-c", "c.json")
    assert (ended.code, ended.err) == (1, "refused: exists: the output is there already\n")
    assert Path("mine").read_text(encoding="utf-8") == "mine"
    assert command("reveal", "e.dcm", "-o", "mine", "-c", "c.json", "--overwrite").code == 0
    ended = command("reveal", "e.dcm", "-o", "e.dcm", "-c", "c.json", "--overwrite")
    assert ended.code == 2
    assert "the input and the output are the same file" in ended.err
    assert Path("e.dcm").read_bytes() == encrypted


def test_what_was_not_encrypted_is_refused(encrypted: bytes, command: Command) -> None:
    ended = command("reveal", "a.dcm", "-o", "back.dcm", "-c", "c.json")
    assert ended.code == 1
    assert "Doe" not in ended.err


def test_a_configuration_that_encrypts_nothing_is_a_mistake(
    encrypted: bytes, command: Command
) -> None:
    write_config("keeps.json", KEY, {"dicomTagPath": "PN", "method": "keep"})
    ended = command("reveal", "e.dcm", "-o", "back.dcm", "-c", "keeps.json")
    assert (ended.code, ended.err) == (2, "the configuration has no rule that encrypts\n")


def test_an_image_that_is_not_there_is_a_mistake(encrypted: bytes, command: Command) -> None:
    ended = command("reveal", "nothing", "-o", "back.dcm", "-c", "c.json")
    assert (ended.code, ended.err) == (2, "nothing: no such file or folder\n")


def test_bytes_of_a_private_element_come_back(command: Command) -> None:
    write_config("c.json", KEY, {"dicomTagPath": "(0019,TESTS,01)", "method": "encrypt"})
    more = element(0x00190010, "LO", "TESTS") + element(0x00191001, "OB", b"\0secret\xff")
    Path("a.dcm").write_bytes(image(more=more))
    command("-i", "a.dcm", "-o", "e.dcm", "-c", "c.json")
    assert b"secret" not in Path("e.dcm").read_bytes()
    assert command("reveal", "e.dcm", "-o", "b.dcm", "-c", "c.json").code == 0
    assert b"\0secret\xff" in Path("b.dcm").read_bytes()
