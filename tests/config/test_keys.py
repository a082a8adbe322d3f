"""Keys by every way they come, each fault of them, and that none is ever shown."""

from __future__ import annotations

import os
import pickle
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from anonymizer.config.compile import compile_configuration, examine
from anonymizer.config.keys import LARGEST_FILE, PURPOSES, KeyFault, key_from
from anonymizer.config.load import configuration_of
from anonymizer.errors import ConfigurationError
from anonymizer.methods.method import Secrets

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "CANARY-c0ffee-0123456789-abcdefghij"
HASH = {"dicomTagPath": "PatientID", "method": "cryptoHash"}


def private(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_key_is_a_string_a_variable_or_a_file(tmp_path: Path) -> None:
    private(tmp_path / "a.key", CANARY.encode() + b"\r\n")
    for source in (CANARY, {"env": "K"}, {"file": "a.key"}, {"file": str(tmp_path / "a.key")}):
        assert key_from(source, str(tmp_path), {"K": CANARY}) == CANARY.encode()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("short", "the key is shorter than 32 characters"),
        ("ä" * 31, "the key is shorter than 32 characters"),
        ("\ud800", "the key is shorter"),
        ({"env": "SHORT"}, "the key in SHORT is shorter than 32 characters"),
        ({"env": "NOWHERE"}, "the environment variable NOWHERE is not set"),
        ({"env": "EMPTY"}, "the environment variable EMPTY is empty"),
        ({"file": "missing.key"}, "missing.key cannot be read: No such file"),
        ({"file": "short.key"}, "the key in short.key is shorter than 32 characters"),
        ({"file": "open.key"}, "open.key"),
        ({"file": "group.key"}, "group.key"),
        ({"file": "large.key"}, "is larger than 65536 bytes"),
        ({"file": "fifo"}, "fifo is not a file"),
        ({"file": "."}, "Is a directory"),
        ({"file": ""}, "not a key"),
        ({"env": 3}, "not a key"),
        ({"env": "K", "file": "a"}, "not a key"),
        ({}, "not a key"),
        (12345678901234567890123456789012, "not a key"),
        (None, "not a key"),
    ],
)
def test_a_key_that_cannot_be_had_says_why(tmp_path: Path, source: object, message: str) -> None:
    private(tmp_path / "short.key", b"short\n")
    private(tmp_path / "open.key", CANARY.encode(), 0o644)
    private(tmp_path / "group.key", CANARY.encode(), 0o640)
    private(tmp_path / "large.key", b"x" * (LARGEST_FILE + 1))
    os.mkfifo(tmp_path / "fifo", 0o600)
    with pytest.raises(KeyFault) as fault:
        key_from(source, str(tmp_path), {"SHORT": "short", "EMPTY": ""})
    assert message in fault.value.message
    assert CANARY not in fault.value.message + fault.value.hint


MISPLACED = [
    "0123456789abcdef0123456789ABCDEF",
    "c0ffee" * 11,
    "Zm9vYmFyYmF6cXV4/Zm9vYmFyYmF6+cXV4Zm9vYmE=",
    "CANARY-c0ffee-0123456789-abcdefghij",
    "a canary of many words, longer than thirty two",
    "canarycanarycanarycanarycanarycanary",
]


@pytest.mark.parametrize("key", MISPLACED)
def test_a_key_in_the_place_of_a_name_is_not_echoed(key: str, tmp_path: Path) -> None:
    rule = {"dicomTagPath": "PatientID", "method": "remove"}
    zap = {"tag": "PN", "method": "redact", "setting": key}
    cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"rules": [], "parameters": {"key": {"env": key}}}, {}),
        ({"rules": [], "parameters": {"key": {"file": key}}}, {}),
        ({"rules": []}, {"key_file": key}),
        ({"rules": [rule | {key: "x"}]}, {}),
        ({"rules": [rule | {"method": key}]}, {}),
        ({"rules": [rule | {"dicomTagPath": key}]}, {}),
        ({"rules": [], "parameters": {key: 1}}, {}),
        ({"rules": [], key: 1}, {}),
        ({"rules": [zap], "customSettings": {}, key: 1}, {}),
        ({"rules": [], "customSettings": {key: {"dateShiftKey": "k"}}}, {}),
    ]
    for content, given in cases:
        configuration = configuration_of(content, folder=str(tmp_path))
        _, findings = examine(configuration, environ={}, **given)
        assert findings.mistakes or findings.warnings
        told = "\n".join(map(str, findings.mistakes + findings.warnings))
        words = [word for word in re.split(r"[^A-Za-z0-9]+", key) if len(word) > 3]
        if " " not in key or "parameters.key" in told or "--key-file" in told:
            assert not any(word in told for word in words)


def test_what_no_file_can_be_called_is_told(tmp_path: Path) -> None:
    for name in ("a\0b", "\ud800"):
        with pytest.raises(KeyFault, match="a name that no file can have"):
            key_from({"file": name}, str(tmp_path), {})


def test_a_file_that_others_can_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = private(tmp_path / "open.key", CANARY.encode(), 0o604)
    with pytest.raises(KeyFault, match="others can read the key file") as fault:
        key_from({"file": "open.key"}, str(tmp_path), {})
    assert fault.value.hint == f"chmod 600 {path}"


def hashed_by(parameters: dict[str, Any], **given: Any) -> bytes:  # noqa: ANN401
    configuration = configuration_of({"rules": [HASH], "parameters": parameters})
    given.setdefault("environ", {})
    return compile_configuration(configuration, **given).secrets.key("cryptoHash")


def test_the_configuration_comes_before_the_file_and_the_file_before_the_environment(
    tmp_path: Path,
) -> None:
    path = str(private(tmp_path / "a.key", b"f" * 32))
    environ = {"ANONYMIZER_KEY": "e" * 32}
    named = hashed_by({"key": "c" * 32}, key_file=path, environ=environ)
    by_file = hashed_by({}, key_file=path, environ=environ)
    by_environment = hashed_by({}, environ=environ)
    assert len({named, by_file, by_environment}) == 3
    assert named == hashed_by({"key": "c" * 32})
    assert by_file == hashed_by({}, key_file=path)
    assert hashed_by({"cryptoHashKey": "h" * 32}, environ=environ) == b"h" * 32


def test_the_master_key_gives_each_purpose_its_own_by_hkdf() -> None:
    secrets = Secrets({}, CANARY.encode(), bytes, date(2026, 1, 1))
    keys = {secrets.key(purpose) for purpose in PURPOSES.values()}
    assert len(keys) == len(PURPOSES)
    expected = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"anonymizer/v1/encrypt")
    assert secrets.key("encrypt") == expected.derive(CANARY.encode())
    assert not secrets.drawn


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"key_file": "/nowhere/a.key"}, "--key-file"),
        ({"environ": {"ANONYMIZER_KEY": "short"}}, "ANONYMIZER_KEY"),
    ],
)
def test_a_bad_master_key_is_a_mistake_of_its_place(given: dict[str, Any], place: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        hashed_by({}, **given)
    assert [mistake.place for mistake in error.value.mistakes] == [place]


def test_without_a_key_one_warning_says_that_runs_will_differ() -> None:
    rules = [HASH, {"dicomTagPath": "UI", "method": "refreshUID"}]
    compiled, _ = examine(configuration_of({"rules": rules}), environ={})
    (warning,) = compiled.warnings
    assert (
        warning.message == "no key: cryptoHash, refreshUID will give other values in the next run"
    )
    assert "ANONYMIZER_KEY" in warning.hint
    assert "parameters" in warning.hint


def test_a_key_that_is_wrong_is_not_called_missing_too() -> None:
    configuration = configuration_of({"rules": [HASH], "parameters": {"key": "short"}})
    _, findings = examine(configuration, environ={})
    assert [mistake.place for mistake in findings.mistakes] == ["parameters.key"]
    assert not findings.warnings


def test_where_no_method_needs_a_key_there_is_no_warning() -> None:
    configuration = configuration_of({"rules": [{"dicomTagPath": "PN", "method": "remove"}]})
    assert compile_configuration(configuration, environ={}).warnings == ()


def test_random_keys_are_drawn_once_and_travel_with_the_rules() -> None:
    configuration = configuration_of({"rules": [HASH, {**HASH, "dicomTagPath": "StudyID"}]})
    compiled = compile_configuration(configuration, environ={})
    assert compiled.secrets.key("cryptoHash") == compiled.secrets.key("cryptoHash")
    assert compiled.rules[0].method is compiled.rules[1].method
    assert pickle.loads(pickle.dumps(compiled.rules))


def test_a_key_is_in_no_message_digest_or_representation(tmp_path: Path) -> None:
    private(tmp_path / "open.key", CANARY.encode(), 0o644)
    for key in (CANARY, CANARY[:20], {"env": "K"}, {"file": "open.key"}, [CANARY], {CANARY: 1}):
        effective = {
            "rules": [
                HASH,
                {"dicomTagPath": "PN", "method": "encrypt"},
                {"dicomTagPath": "DA", "method": "dateShift", "dateShiftKey": CANARY},
                {"dicomTagPath": "PatientID", "method": "nothing"},
            ],
            "parameters": dict.fromkeys(("key", *PURPOSES), key),
        }
        configuration = configuration_of(effective, folder=str(tmp_path))
        compiled, findings = examine(configuration, environ={"K": CANARY[:20]})
        shown = [configuration, configuration.digest, compiled, *compiled.rules]
        shown += [rule.method for rule in compiled.rules]
        shown += [*findings.mistakes, *findings.warnings]
        text = "\n".join(f"{thing!r} {thing!s}" for thing in shown)
        assert CANARY[:10] not in text


def test_a_key_of_the_reference_tool_is_in_no_message_digest_or_representation() -> None:
    effective = {
        "rules": [
            {"tag": "PN", "method": "cryptoHash"},
            {"tag": "LO", "method": "encrypt", "params": {"encryptKey": CANARY[:16]}},
            {"tag": "SH", "method": "encrypt", "params": {"encryptKey": CANARY}},
            {"tag": "DA", "method": "dateShift", "params": {"dateShiftRange": CANARY}},
        ],
        "defaultSettings": {"cryptoHash": {"cryptoHashKey": CANARY[:12]}, "dateShift": {}},
    }
    configuration = configuration_of(effective)
    for exact in (None, "microsoft"):
        compiled, findings = examine(configuration, environ={}, exact=exact)
        shown = [configuration, configuration.digest, compiled, *compiled.rules]
        shown += [rule.method for rule in compiled.rules]
        shown += [*findings.mistakes, *findings.warnings]
        assert CANARY[:10] not in "\n".join(f"{thing!r} {thing!s}" for thing in shown)
