"""``anonymizer reveal``: what was encrypted comes back with the key, and only with it.

By the key of a configuration, what ``encrypt`` made; by a private key, Encrypted Attributes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image import EXPLICIT_LE, dataset_of, element, item, part10, sequence
from recipient import recipient, recipient_without_rsa
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


CONDITIONS: list[dict[str, Any]] = [
    {"dicomTagPath": "PatientName", "method": "encrypt", "when": {"Modality": "CT"}},
    {"dicomTagPath": "PatientName", "method": "keep"},
    {"dicomTagPath": "ImageComments", "method": "keep", "when": {"Modality": "MR"}},
    {"dicomTagPath": "ImageComments", "method": "encrypt"},
]


def seal(command: Command, modality: str, *rules: dict[str, Any], **keys: Any) -> bytes:  # noqa: ANN401
    """The image ``a.dcm`` of a modality encrypted as ``e.dcm``, by the configuration ``c.json``."""
    content = {"rules": list(rules), "parameters": {"encryptKey": KEY}, **keys}
    Path("c.json").write_text(json.dumps(content), encoding="utf-8")
    more = element("ImageComments", "LT", "Kanari said") + element("PatientSex", "CS", "F ")
    data = dataset_of(image(more=more))[0]
    plain = part10(element("Modality", "CS", modality) + data, EXPLICIT_LE)
    Path("a.dcm").write_bytes(plain)
    assert command("-i", "a.dcm", "-o", "e.dcm", "-c", "c.json", "--overwrite").code == 0
    return Path("e.dcm").read_bytes()


def revealed(command: Command) -> tuple[str, bytes]:
    ended = command("reveal", "e.dcm", "-o", "back.dcm", "-c", "c.json", "--overwrite")
    assert (ended.code, ended.err) == (0, "")
    return ended.out, Path("back.dcm").read_bytes()


@pytest.mark.parametrize(("modality", "count"), [("CT", 2), ("MR", 0), ("US", 1)])
def test_conditions_hold_for_the_encrypted_image(
    modality: str, count: int, command: Command
) -> None:
    sealed = seal(command, modality, *CONDITIONS)
    assert (b"Doe^Jane" in sealed, b"Kanari" in sealed) == (modality != "CT", modality == "MR")
    told, back = revealed(command)
    assert told == f"written: back.dcm; {count} attribute{'s' if count != 1 else ''} decrypted\n"
    assert b"Doe^Jane" in back
    assert b"Kanari" in back


@pytest.mark.parametrize(("modality", "count"), [("CT", 2), ("US", 1)])
def test_what_was_asked_may_be_gone(modality: str, count: int, command: Command) -> None:
    goes = {"dicomTagPath": "Modality", "method": "remove"}
    sealed = seal(command, modality, goes, *CONDITIONS)
    assert b"Kanari" not in sealed
    told, back = revealed(command)
    assert told == f"written: back.dcm; {count} attribute{'s' if count != 1 else ''} decrypted\n"
    assert b"Doe^Jane" in back
    assert b"Kanari said" in back


def test_where_rules_are_tried_and_nothing_opens_it_is_told(command: Command) -> None:
    seal(command, "CT", {"dicomTagPath": "Modality", "method": "remove"}, *CONDITIONS)
    content = json.loads(Path("c.json").read_text(encoding="utf-8"))
    content["parameters"]["encryptKey"] = "another key of thirty-two letters and more"
    Path("c.json").write_text(json.dumps(content), encoding="utf-8")
    ended = command("reveal", "e.dcm", "-o", "back.dcm", "-c", "c.json")
    assert (ended.code, ended.out) == (1, "written: back.dcm; 0 attributes decrypted\n")
    assert "nothing opened" in ended.err


@pytest.mark.parametrize("more", [{}, {"contributingEquipment": True}])
def test_a_configuration_on_top_of_others_is_turned_around(
    more: dict[str, Any], command: Command
) -> None:
    inner = {"rules": [{"dicomTagPath": "ImageComments", "method": "encrypt"}]}
    Path("inner.json").write_text(json.dumps(inner), encoding="utf-8")
    rule = {"dicomTagPath": "PatientName", "method": "encrypt"}
    sealed = seal(command, "CT", rule, extends=["inner.json", "ps3.15"], **more)
    assert b"Kanari" not in sealed
    told, back = revealed(command)
    assert told == "written: back.dcm; 2 attributes decrypted\n"
    assert b"Kanari said" in back
    assert b"Doe^Jane" in back
    assert back.count(b"anonymizer") == sealed.count(b"anonymizer"), "nothing else is done again"


def test_each_rule_of_microsofts_shape_has_its_key(command: Command) -> None:
    rules = [
        {"tag": "PatientName", "method": "encrypt"},
        {"tag": "ImageComments", "method": "encrypt", "setting": "other"},
    ]
    keys = {
        "defaultSettings": {"encrypt": {"encryptKey": "0123456789abcdef"}},
        "customSettings": {"other": {"encryptKey": "fedcba9876543210"}},
    }
    assert b"Kanari" not in seal(command, "CT", *rules, **keys)
    told, back = revealed(command)
    assert told == "written: back.dcm; 2 attributes decrypted\n"
    assert b"Kanari said" in back


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


# By a private key

SEALING = {"encryptedAttributes": {"recipients": ["a.pem", "b.pem"]}}


@pytest.fixture
def sealed(command: Command) -> bytes:
    """The image ``a.dcm`` with names and ids removed as ``s.dcm``; keys of a and b beside it."""
    for name in "ab":
        recipient(name).write(Path())
    rules = [{"dicomTagPath": vr, "method": "remove"} for vr in ("PN", "LO", "LT")]
    content = {"version": "1", "rules": rules, **SEALING}
    Path("s.json").write_text(json.dumps(content), encoding="utf-8")
    Path("a.dcm").write_bytes(image(more=element("ImageComments", "LT", "a line\r\nanother")))
    assert command("-i", "a.dcm", "-o", "s.dcm", "-c", "s.json").code == 0
    return Path("s.dcm").read_bytes()


def test_the_originals_come_back_with_a_private_key(sealed: bytes, command: Command) -> None:
    assert b"Doe" not in sealed
    assert b"4711" not in sealed
    no = element("PatientIdentityRemoved", "CS", "NO")
    plain, _ = dataset_of(Path("a.dcm").read_bytes())
    for number, more in enumerate(([], ["--certificate", "b.pem"])):
        target = f"back{number}.dcm"
        ended = command("reveal", "s.dcm", "-o", target, "--private-key", "b.key", *more)
        assert ended == (0, f"written: {target}; 3 attributes decrypted\n", "")
        back, _ = dataset_of(Path(target).read_bytes())
        assert back.replace(no, b"") == plain


def test_a_folder_of_images_has_its_originals_each(sealed: bytes, command: Command) -> None:
    Path("in").mkdir()
    for number in range(12):
        Path("in", f"{number}.dcm").write_bytes(image(number, name=f"Doe^N{number}"))
    assert command("-I", "in", "-O", "out", "-c", "s.json", "--workers", "2").code == 0
    for number in range(12):
        told = ("-o", f"{number}.dcm", "--private-key", "a.key")
        assert command("reveal", f"out/{number}.dcm", *told).code == 0
        assert f"Doe^N{number}".encode() in Path(f"{number}.dcm").read_bytes()


@pytest.mark.parametrize(
    ("file", "more", "err"),
    [
        ("s.dcm", [], "refused: wrong-key: no Encrypted Attributes open with this key\n"),
        ("a.dcm", [], "refused: nothing-encrypted: it has no Encrypted Attributes Sequence\n"),
        (
            "s.dcm",
            ["--certificate", "c.pem"],
            "refused: wrong-key: no Encrypted Attributes open with this key\n",
        ),
    ],
)
def test_what_does_not_open_is_refused(
    file: str, more: list[str], err: str, sealed: bytes, command: Command
) -> None:
    recipient("c").write(Path())
    ended = command("reveal", file, "-o", "back.dcm", "--private-key", "c.key", *more)
    assert ended == (1, "", err)
    assert not Path("back.dcm").exists()


def test_what_is_no_private_key_is_a_mistake(sealed: bytes, command: Command) -> None:
    Path("ec.key").write_bytes(recipient_without_rsa().key())
    Path("locked.key").write_bytes(recipient("a").key(b"a passphrase"))
    Path("no.key").write_bytes(b"-----BEGIN PRIVATE KEY-----\ncanary, more than 32 of them\n")
    Path("open.key").write_bytes(recipient("a").key())
    for name in ("ec", "locked", "no", "a"):
        Path(f"{name}.key").chmod(0o600)
    Path("open.key").chmod(0o644)
    for name, message in (
        ("gone.key", "the key file gone.key cannot be read: No such file or directory"),
        ("open.key", "others can read the key file open.key\n  hint: chmod 600 open.key"),
        ("ec.key", "ec.key: is not an RSA private key in PEM"),
        ("no.key", "no.key: is not an RSA private key in PEM"),
        ("a.pem", "others can read the key file a.pem\n  hint: chmod 600 a.pem"),
        (
            "locked.key",
            "the private key is locked by a passphrase, and there is no terminal to ask for it\n"
            "  hint: openssl pkey -in KEY -out UNLOCKED gives one without",
        ),
    ):
        ended = command("reveal", "s.dcm", "-o", "back.dcm", "--private-key", name)
        assert (ended.code, ended.err) == (2, message + "\n")
    assert not Path("back.dcm").exists()


@pytest.mark.parametrize(("typed", "code"), [("a passphrase", 0), ("another", 2)])
def test_a_passphrase_is_asked_for_at_a_terminal(
    typed: str, code: int, sealed: bytes, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("locked.key").touch(mode=0o600)
    Path("locked.key").write_bytes(recipient("a").key(b"a passphrase"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda _: typed)
    ended = command("reveal", "s.dcm", "-o", "back.dcm", "--private-key", "locked.key")
    assert ended.code == code
    wrong = "locked.key: is not an RSA private key in PEM, or its passphrase is another\n"
    assert ended.err == ("" if code == 0 else wrong)


def test_a_certificate_that_is_none_is_a_mistake(sealed: bytes, command: Command) -> None:
    told = ("--private-key", "a.key", "--certificate", "a.dcm")
    ended = command("reveal", "s.dcm", "-o", "back.dcm", *told)
    assert (ended.code, ended.err) == (2, "a.dcm is not an X.509 certificate\n")


@pytest.mark.parametrize(
    "more",
    [
        ["--certificate", "a.pem"],
        ["--private-key", "a.key", "-c", "s.json"],
        ["--private-key", "a.key", "--key-file", "a.key"],
    ],
)
def test_the_two_ways_are_not_mixed(more: list[str], sealed: bytes, command: Command) -> None:
    ended = command("reveal", "s.dcm", "-o", "back.dcm", *more)
    assert ended.code == 2
    assert ended.err == "--private-key stands alone or with --certificate, -c with --key-file\n"


def test_the_output_takes_the_place_of_no_key(sealed: bytes, command: Command) -> None:
    for name in ("a.key", "a.pem"):
        before = Path(name).read_bytes()
        told = ("--private-key", "a.key", "--certificate", "a.pem", "--overwrite")
        ended = command("reveal", "s.dcm", "-o", name, *told)
        assert ended.code == 2
        assert Path(name).read_bytes() == before
    ended = command("-i", "a.dcm", "-o", "a.pem", "-c", "s.json", "--overwrite")
    assert ended.code == 2
    assert Path("a.pem").read_bytes() == recipient("a").pem()
