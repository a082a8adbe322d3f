"""``anonymizer profiles`` and ``check --coverage``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from study import KEY, SAMPLES

from anonymizer.config.load import load_configuration
from anonymizer.config.resources import built_in_names

if TYPE_CHECKING:
    from study import Command


def test_every_built_in_configuration_is_listed(command: Command) -> None:
    shown = command("profiles")
    assert shown.code == 0
    for name in built_in_names():
        assert f"{name}\n  " in shown.out
    assert "edition 2026d; options: none\n" in shown.out


@pytest.mark.parametrize("name", built_in_names())
def test_every_rule_that_comes_with_the_tool_on_top_of_the_profile_says_why(name: str) -> None:
    configuration = load_configuration(name)
    if configuration.extends_profile:
        assert configuration.effective["edition"] in str(configuration.effective)
        rules = configuration.layers[0].rules
        assert [rule for rule in rules if not rule.get("why")] == []
        assert configuration.layers[0].members["edition"]


def test_the_rules_in_force_are_shown_in_order(command: Command) -> None:
    rule = {"dicomTagPath": "PatientAge", "method": "redact", "why": "because"}
    Path("own.json").write_text(json.dumps({"extends": "ps3.15", "rules": [rule]}))
    shown = command("profiles", "show", "own.json")
    lines = [line.split() for line in shown.out.splitlines()]
    assert lines[0] == ["rules[0]", "PatientAge", "redact", "because"]
    assert lines[1][:3] == ["ps3.15", "2026d", "(0004,xxxx)"]
    assert shown.code == 0


@pytest.mark.parametrize("name", built_in_names())
def test_as_one_file_it_does_the_same(name: str, command: Command) -> None:
    Path("flat.json").write_text(command("profiles", "show", name, "--json").out)
    Path("key").write_text(KEY)
    Path("key").chmod(0o600)
    for folder, config in (("layered", name), ("flat", "flat.json")):
        ended = command(
            "-I", SAMPLES, "-O", folder, "-c", config, "--key-file", "key", "--workers", 1
        )
        assert ended.code in {0, 1}
        assert "warning: rules" not in ended.err
    written = {path.relative_to("layered") for path in Path("layered").rglob("*") if path.is_file()}
    assert len(written) >= 5
    for path in written:
        assert ("flat" / path).read_bytes() == ("layered" / path).read_bytes()
    assert {
        path.relative_to("flat") for path in Path("flat").rglob("*") if path.is_file()
    } == written


def test_a_configuration_without_rules_has_none_to_show(command: Command) -> None:
    Path("own.json").write_text('{"rules": []}')
    assert command("profiles", "show", "own.json") == (0, "", "")


def test_key_files_keep_their_place(command: Command) -> None:
    Path("site").mkdir()
    site = {
        "extends": "ps3.15",
        "parameters": {"key": {"file": "a.key"}, "encryptKey": {"env": "E"}},
    }
    Path("site/base.json").write_text(json.dumps(site))
    Path("own.json").write_text(json.dumps({"extends": "site/base.json"}))
    told = json.loads(command("profiles", "show", "own.json", "--json").out)
    key = str(Path("site/a.key").absolute())
    assert told["parameters"] == {"key": {"file": key}, "encryptKey": {"env": "E"}}


def test_certificates_keep_their_place(command: Command) -> None:
    Path("site").mkdir()
    site = {"extends": "ps3.15", "encryptedAttributes": {"recipients": ["a.pem"]}}
    Path("site/base.json").write_text(json.dumps(site))
    Path("own.json").write_text(json.dumps({"extends": "site/base.json"}))
    told = json.loads(command("profiles", "show", "own.json", "--json").out)
    recipients = [str(Path("site/a.pem").absolute())]
    assert told["encryptedAttributes"] == {"recipients": recipients}


def test_what_cannot_be_shown_is_told(command: Command) -> None:
    Path("own.json").write_text('{"extends": "nowhere"}')
    Path("theirs.json").write_text('{"rules": [], "defaultSettings": {}}')
    assert "extends: nowhere: no such" in command("profiles", "show", "own.json").err
    assert "shape of Microsoft's tool" in command("profiles", "show", "theirs.json").err
    assert command("profiles", "show", "no").code == 2


def test_coverage_is_counted_and_listed(command: Command) -> None:
    rule = {"dicomTagPath": "StudyDate", "method": "keep"}
    Path("own.json").write_text(json.dumps({"extends": "ps3.15", "rules": [rule]}))
    ended = command("check", "own.json", "--coverage")
    assert "untouched  Z       StudyDate: keep (rules[0] StudyDate)\n" in ended.out
    assert "own.json: held against ps3.15 2026d, no options\n" in ended.out
    assert "untouched       1 row\n" in ended.out
    assert ended.code == 0


def test_what_lacks_is_an_exit_code_with_strict(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANONYMIZER_KEY", KEY)
    assert command("check", "example", "--coverage", "--strict").code == 1
    assert command("check", "ps3.15-basic", "--coverage", "--strict").code == 0
    assert command("check", "nowhere", "--coverage", "--strict").code == 2


def test_coverage_as_json_is_nothing_but_json(command: Command) -> None:
    told = json.loads(command("check", "example", "--coverage", "--json").out)
    assert told["edition"] == "2026d"
    assert sum(told["counts"].values()) == len(told["rows"])
    row = next(row for row in told["rows"] if row["keyword"] == "StudyDate")
    assert row == {
        "tag": "00080020",
        "keyword": "StudyDate",
        "code": "Z",
        "verdict": "weaker",
        "method": "dateShift",
        "rule": "rules[25] DA",
    }
