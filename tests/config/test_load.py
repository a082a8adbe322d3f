"""Which configuration is taken, and what is said when there is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from anonymizer.config.load import configuration_of, load_configuration
from anonymizer.config.resources import built_in_names, built_in_path, folder_of
from anonymizer.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

OWN: dict[str, Any] = {"name": "own", "version": "1.2.3", "rules": []}


def write(folder: Path, name: str = "configuration.json", value: object = OWN) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_a_path_is_relative_to_the_current_directory(tmp_path: Path) -> None:
    write(tmp_path / "a", "x.json")
    configuration = load_configuration("a/x.json", cwd=str(tmp_path))
    assert (configuration.source, configuration.name) == ("a/x.json", "own")
    assert configuration.version == "1.2.3"
    assert configuration.folder == str(tmp_path / "a")
    assert not configuration.trusted


def test_without_a_name_the_current_directory_comes_before_the_input(tmp_path: Path) -> None:
    here, study = tmp_path / "here", tmp_path / "study"
    write(here, value=OWN | {"name": "here"})
    write(study, value=OWN | {"name": "study"})
    found = load_configuration(None, cwd=str(here), input_folder=str(study))
    assert found.name == "here"
    (here / "configuration.json").unlink()
    found = load_configuration(None, cwd=str(here), input_folder=str(study))
    assert found.name == "study"


@pytest.mark.parametrize("name", ["basic", "basic.json", "example"])
def test_a_built_in_name_needs_no_file(tmp_path: Path, name: str) -> None:
    configuration = load_configuration(name, cwd=str(tmp_path))
    assert configuration.trusted
    assert configuration.name == name.removesuffix(".json")


def test_a_file_of_ones_own_comes_before_the_built_in_one(tmp_path: Path) -> None:
    write(tmp_path, "basic.json")
    configuration = load_configuration("basic.json", cwd=str(tmp_path))
    assert (configuration.name, configuration.trusted) == ("own", False)


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        (
            None,
            "no configuration: no -c, and no configuration.json here",
            "basic, clinical-trial, example",
        ),
        ("baisc", "baisc: no such configuration", "did you mean 'basic'? built-in names:"),
        ("other/basic", "other/basic: no such configuration", "built-in names: basic"),
        ("../configs/basic", "no such configuration", "built-in names: basic"),
        (".", ".: is a folder", ""),
    ],
)
def test_what_is_not_found_names_the_built_in_ones(
    tmp_path: Path, name: str | None, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as error:
        load_configuration(name, cwd=str(tmp_path), input_folder=str(tmp_path))
    assert message in error.value.message
    assert hint in error.value.hint


def test_a_file_that_may_not_be_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "x.json")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(UsageError, match=r"x\.json: cannot be read: Permission denied"):
        load_configuration("x.json", cwd=str(tmp_path))


def test_a_configuration_is_an_object(tmp_path: Path) -> None:
    write(tmp_path, "x.json", [])
    with pytest.raises(ConfigurationError, match="is not an object"):
        load_configuration("x.json", cwd=str(tmp_path))


def test_the_name_is_that_of_the_file_where_it_names_itself_not() -> None:
    assert configuration_of({"rules": []}, source="a/trial.json").name == "trial"
    assert configuration_of({"name": 3, "version": 4}, source="a/b.json").name == "b"
    assert configuration_of({"version": 4}).version == ""


def test_what_comes_with_the_package_is_found() -> None:
    assert {"basic", "example"} <= set(built_in_names())
    assert built_in_path("basic") == built_in_path("basic.json") is not None
    assert built_in_path("") is built_in_path("nothing") is built_in_path("../schemas/x") is None
    assert folder_of("schemas").endswith("schemas")


@pytest.mark.parametrize(
    ("effective", "dialect"),
    [
        ({"rules": []}, "native"),
        ({}, "native"),
        ({"rules": 3}, "native"),
        ({"rules": [{"dicomTagPath": "PN", "method": "keep"}]}, "native"),
        ({"rules": [{"dicomTagPath": "PN"}, {"tag": "PN"}]}, "native"),
        ({"rules": [{"tag": "PN", "method": "keep"}]}, "microsoft"),
        ({"rules": [], "defaultSettings": {}}, "microsoft"),
        ({"Rules": [], "customsettings": {}}, "microsoft"),
    ],
)
def test_the_dialect_is_told_by_the_shape(effective: dict[str, Any], dialect: str) -> None:
    assert configuration_of(effective).dialect == dialect


DIGEST = configuration_of(OWN).digest


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"$schema": "x"}, True),
        ({"description": "x"}, True),
        ({"version": "1.2.4"}, False),
        ({"name": "x"}, False),
        ({"rules": [{"dicomTagPath": "PN", "method": "keep"}]}, False),
        ({"parameters": {"key": "a" * 32}}, False),
    ],
)
def test_the_digest_changes_with_what_the_configuration_does(
    change: dict[str, Any], same: bool
) -> None:
    assert len(DIGEST) == 64
    assert (configuration_of(OWN | change).digest == DIGEST) is same


def test_comments_and_the_order_of_keys_do_not_change_the_digest() -> None:
    rule = {"dicomTagPath": "PN", "method": "keep"}
    one = configuration_of({"rules": [rule]})
    two = configuration_of({"rules": [{"why": "x", "method": "keep", "dicomTagPath": "PN"}]})
    assert one.digest == two.digest


@pytest.mark.parametrize("shape", ["native", "microsoft"])
def test_nobody_can_try_keys_against_the_digest(shape: str) -> None:
    def digest(key: str) -> str:
        if shape == "native":
            return configuration_of({"rules": [], "parameters": {"dateShiftKey": key}}).digest
        settings = {"cryptoHash": {"CryptoHashKey": key}}
        rule = {"tag": "PN", "method": "encrypt", "params": {"encryptKey": key}}
        return configuration_of({"rules": [rule], "defaultSettings": settings}).digest

    assert digest("a" * 32) == digest("b" * 40)


FOREIGN = {
    "<script><e en='T' t='00100010'>@remove()</e></script>": "a script of the DicomAnonymizer of",
    "FORMAT dicom\n%header\nREMOVE PatientName\n": "a recipe of pydicom's deid",
    '{"tag_actions": {"00100010": {"action": "remove"}}}': "a configuration of dcmanon",
    '{"Keep": ["StudyDescription"]}': "the body of an anonymize call of Orthanc",
}


@pytest.mark.parametrize("text", FOREIGN)
def test_another_tool_s_file_is_told_from_one_of_ours(tmp_path: Path, text: str) -> None:
    (tmp_path / "theirs").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_configuration("./theirs", cwd=str(tmp_path))
    (mistake,) = raised.value.mistakes
    assert mistake.message.startswith(f"seems to be {FOREIGN[text]}")
    assert mistake.hint.startswith("anonymizer convert ./theirs -o ")


def test_what_is_nobody_s_file_is_told_as_before(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"rules": [', encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        load_configuration("x.json", cwd=str(tmp_path))
    assert "seems to be" not in raised.value.mistakes[0].message
