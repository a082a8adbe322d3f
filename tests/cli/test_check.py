"""``anonymizer check``: the lines and the exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from anonymizer.cli.check import check
from anonymizer.cli.options import RunOptions

if TYPE_CHECKING:
    from pathlib import Path

PN = {"dicomTagPath": "PN", "method": "remove"}
ID = {"dicomTagPath": "PatientID", "method": "remove"}


def options_of(name: str, *, strict: bool = False) -> RunOptions:
    options = RunOptions()
    options.config, options.strict = name, strict
    return options


def checked(folder: Path, text: str | dict[str, Any], **given: Any) -> tuple[list[str], int]:  # noqa: ANN401
    path = folder / "configuration.json"
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    given.setdefault("environ", {})
    lines, code = check(options_of(str(path), strict=given.pop("strict", False)), **given)
    return [line.replace(f"{folder}/", "") for line in lines], code


def test_a_sound_configuration_is_one_line(tmp_path: Path) -> None:
    lines, code = checked(tmp_path, {"rules": [PN, ID]})
    assert (lines, code) == (["configuration.json: 2 rules, no mistakes, no warnings"], 0)


def test_who_forgets_the_patient_is_told_which_is_no_mistake(tmp_path: Path) -> None:
    both, code = checked(tmp_path, {"rules": []}, strict=True)
    assert code == 0
    assert both[0] == (
        "note: no rule for PatientName and PatientID, which stay; "
        "outputs say Patient Identity Removed all the same"
    )
    assert checked(tmp_path, {"rules": [PN]})[0][0].startswith("note: no rule for PatientID, which")
    for more in ({"mark": False}, {"otherwise": "remove"}, {"x": 1}):
        assert "note" not in "\n".join(checked(tmp_path, {"rules": [PN], **more})[0])


def test_every_mistake_and_warning_has_its_lines(tmp_path: Path) -> None:
    rules = [PN, {"dicomTagPath": "PatentName", "method": "keep"}, PN]
    lines, code = checked(tmp_path, {"rules": rules, "x": 1})
    assert lines == [
        "rules[1].dicomTagPath: 'PatentName' selects nothing",
        "  hint: did you mean 'PatientName'?",
        "x: unknown key",
        "warning: rules[2]: 'PN' repeats rules[0] ('PN')",
        "  hint: remove one of them",
        "configuration.json: 3 rules, 2 mistakes, 1 warning",
    ]
    assert code == 2


@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 2)])
def test_strict_makes_warnings_count(tmp_path: Path, strict: bool, code: int) -> None:
    assert checked(tmp_path, {"rules": [PN, PN]}, strict=strict)[1] == code
    assert checked(tmp_path, {"rules": [PN]}, strict=strict)[1] == 0


def test_a_syntax_error_says_line_and_column(tmp_path: Path) -> None:
    lines, code = checked(tmp_path, '{"rules": [\n}')
    assert lines == ["line 2 column 1: expecting value", "configuration.json: 1 mistake"]
    assert code == 2


def test_a_file_that_is_not_there_names_the_built_in_ones() -> None:
    lines, code = check(options_of("nowhere.json"), environ={})
    assert lines[0] == "nowhere.json: no such configuration"
    assert "basic" in lines[1]
    assert code == 2


def test_built_in_ones_are_checked_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def schema_mistakes(effective: object) -> list[object]:
        asked.append(effective)
        return []

    monkeypatch.setattr("anonymizer.config.schema.schema_mistakes", schema_mistakes)
    assert check(options_of("basic"), environ={"ANONYMIZER_KEY": "k" * 32})[1] == 0
    assert len(asked) == 1


def test_the_other_dialect_is_checked_too(tmp_path: Path) -> None:
    effective = {"Rules": [{"tag": "(0010, 0010)", "method": "remove"}], "defaultSettings": {}}
    lines, code = checked(tmp_path, effective)
    assert lines[-1] == "configuration.json: 1 rule, no mistakes, 1 warning"
    assert code == 0


def test_no_line_holds_a_key(tmp_path: Path) -> None:
    effective = {
        "rules": [{"dicomTagPath": "PN", "method": "encrypt"}],
        "parameters": {"key": "CANARY", "encryptKey": ["CANARY"], "x": "CANARY"},
    }
    lines, code = checked(tmp_path, effective, environ={"ANONYMIZER_KEY": "CANARY"})
    assert "CANARY" not in "\n".join(lines)
    assert code == 2
