"""What a configuration extends: order of rules, whose word counts, places, and what goes wrong."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from anonymizer.config.compile import compile_configuration, examine
from anonymizer.config.configuration import Findings
from anonymizer.config.keys import read_keys
from anonymizer.config.load import configuration_of, load_configuration
from anonymizer.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from anonymizer.config.configuration import Configuration
    from anonymizer.rules.compiled import Compiled

MASTER = {"ANONYMIZER_KEY": "k" * 32}


def keep(*selectors: str) -> list[dict[str, str]]:
    return [{"dicomTagPath": selector, "method": "keep"} for selector in selectors]


def files(folder: Path, **written: object) -> Path:
    """Writes ``a=…`` as ``a.json``, ``site_a`` as ``site/a.json``; answers the first one's path."""
    paths = [folder / f"{name.replace('_', '/')}.json" for name in written]
    for path, value in zip(paths, written.values(), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return paths[0]


def loaded(folder: Path, **written: object) -> Configuration:
    return load_configuration(files(folder, **written).name, cwd=str(folder))


def compiled(folder: Path, **written: object) -> Compiled:
    return compile_configuration(loaded(folder, **written), environ=MASTER)


def mistakes(folder: Path, **written: object) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigurationError) as error:
        compiled(folder, **written)
    return [(m.place, m.message, m.hint) for m in error.value.mistakes]


def places(result: Compiled) -> list[str]:
    return [f"{rule.number} {rule.shown}" for rule in result.rules]


def test_own_rules_come_before_those_extended(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        own={"extends": "base.json", "rules": keep("PatientID")},
        base={"rules": keep("PN", "DA")},
    )
    assert places(result) == [
        "0 rules[0] PatientID",
        "1 base.json: rules[0] PN",
        "2 base.json: rules[1] DA",
    ]
    assert result.rules_of_files is None


def test_own_rules_may_be_missing(tmp_path: Path) -> None:
    result = compiled(tmp_path, own={"extends": "base.json"}, base={"rules": keep("PN")})
    assert places(result) == ["0 base.json: rules[0] PN"]


def test_a_list_is_taken_in_order_and_each_with_what_it_extends(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        own={"extends": ["a.json", "b.json"], "rules": keep("AE")},
        a={"extends": "inner.json", "rules": keep("CS")},
        inner={"rules": keep("DA")},
        b={"rules": keep("DT")},
    )
    assert [rule.text for rule in result.rules] == ["AE", "CS", "DA", "DT"]


def test_what_two_extend_comes_once_and_after_both(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        own={"extends": ["a.json", "b.json"]},
        a={"extends": "base.json", "rules": keep("CS")},
        b={"extends": "base.json", "rules": keep("DT")},
        base={"rules": keep("PN")},
    )
    assert [rule.text for rule in result.rules] == ["CS", "DT", "PN"]


def test_a_path_is_relative_to_the_file_that_says_it(tmp_path: Path) -> None:
    result = compiled(
        tmp_path,
        own={"extends": "site/a.json"},
        site_a={"extends": ["b.json", "../c.json"], "rules": keep("CS")},
        site_b={"rules": keep("DA")},
        c={"rules": keep("DT")},
    )
    assert places(result) == [
        "0 site/a.json: rules[0] CS",
        "1 site/b.json: rules[0] DA",
        "2 c.json: rules[0] DT",
    ]


def test_what_comes_with_the_tool_is_extended_by_its_name(tmp_path: Path) -> None:
    result = compiled(tmp_path, own={"extends": "basic", "rules": keep("PN")})
    assert result.rules[1].place == "basic: rules[0]"
    assert len(result.rules) == 1 + len(load_configuration("basic").effective["rules"])


def test_a_file_comes_before_what_comes_with_the_tool(tmp_path: Path) -> None:
    result = compiled(tmp_path, own={"extends": "basic.json"}, basic={"rules": keep("PN")})
    assert places(result) == ["0 basic.json: rules[0] PN"]


def test_the_outermost_word_counts_and_parameters_are_merged(tmp_path: Path) -> None:
    configuration = loaded(
        tmp_path,
        own={"extends": ["a.json", "b.json"], "parameters": {"span": 1, "key": {"env": "K"}}},
        a={
            "name": "a",
            "version": "9",
            "onError": "refuse",
            "rules": [],
            "parameters": {"span": 2},
        },
        b={
            "onError": "remove",
            "mark": False,
            "otherwise": "remove",
            "rules": keep("PN"),
            "parameters": {"span": 3, "roundTo": 3},
        },
    )
    assert (configuration.name, configuration.version) == ("own", "")
    assert configuration.effective == {
        "onError": "refuse",
        "mark": False,
        "otherwise": "remove",
        "rules": keep("PN"),
        "parameters": {"span": 1, "roundTo": 3, "key": {"env": "K"}},
    }
    result = compile_configuration(configuration, environ={"K": "k" * 32})
    assert (result.mark, result.otherwise) == (False, "remove")
    assert result.rules[0].on_error == "refuse"


def test_a_key_file_is_relative_to_the_file_that_names_it(tmp_path: Path) -> None:
    configuration = loaded(
        tmp_path,
        own={"extends": "site/a.json", "parameters": {"cryptoHashKey": {"file": "own.key"}}},
        site_a={"rules": [], "parameters": {"key": {"file": "site.key"}}},
    )
    for name, letter in (("own.key", "o"), ("site/site.key", "s")):
        (tmp_path / name).write_text(letter * 32)
        (tmp_path / name).chmod(0o600)
    findings = Findings()
    keys = read_keys(configuration.effective["parameters"], configuration, {}, findings)
    assert (keys, findings.mistakes) == ({"key": b"s" * 32, "cryptoHash": b"o" * 32}, [])
    assert {os.path.relpath(path, tmp_path) for path in configuration.files} >= {
        "own.key",
        "site/site.key",
        "site/a.json",
    }
    (tmp_path / "site" / "site.key").unlink()
    read_keys(configuration.effective["parameters"], configuration, {}, findings)
    assert findings.mistakes[0].place == "site/a.json: parameters.key"


def test_mistakes_keep_the_place_of_the_file_they_are_in(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        own={"extends": ["a.json", "b.json"], "rules": [{"dicomTagPath": "PN", "method": "shout"}]},
        a={"rules": [*keep("PN"), {"dicomTagPath": "PN", "method": "dateshift", "x": 1}], "y": 1},
        b={"rules": 3, "onError": "no", "parameters": {"span": -1, "nap": 2}},
    )
    assert [place for place, _, _ in found] == [
        "rules[0].method",
        "a.json: rules[1].x",
        "a.json: y",
        "b.json: rules",
        "b.json: onError",
        "b.json: parameters.span",
        "b.json: parameters.nap",
    ]


def test_an_option_of_parameters_is_told_where_it_is_said(tmp_path: Path) -> None:
    rules = [{"dicomTagPath": "DA", "method": "dateShift"}]
    (found,) = mistakes(
        tmp_path,
        own={"extends": "a.json", "rules": rules},
        a={"rules": [], "parameters": {"dateShiftRange": "far"}},
    )
    assert found[0] == "a.json: parameters.dateShiftRange"


WRONG = {
    "itself": ({"extends": "own.json"}, "extends", "goes round: own.json extends own.json"),
    "a cycle": ({"extends": "a.json"}, "b.json: extends[1]", "goes round: a.json extends b.json"),
    "missing": ({"extends": "nowhere.json"}, "extends", "nowhere.json: no such configuration"),
    "a near name": ({"extends": ["basci"]}, "extends[0]", "basci: no such configuration"),
    "a folder": ({"extends": "."}, "extends", ".: is a folder, not a configuration"),
    "a number": ({"extends": 3}, "extends", "is neither text nor a list of texts"),
    "a list of numbers": ({"extends": [3]}, "extends[0]", "is not the name of a configuration"),
    "no name": ({"extends": ""}, "extends", "is not the name of a configuration"),
    "not JSON": ({"extends": "bad.json"}, "bad.json: line 1 column 10", "expecting value"),
    "a list": ({"extends": "list.json"}, "list.json", "is not an object"),
    "twice": (
        {"extends": "twice.json"},
        "twice.json: line 1 column 14",
        "key 'rules' stands twice",
    ),
    "Microsoft's": ({"extends": "theirs.json"}, "extends", "has the shape of Microsoft's tool"),
}


@pytest.mark.parametrize(("own", "place", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_extended_is_a_mistake(
    tmp_path: Path, own: dict[str, Any], place: str, message: str
) -> None:
    found = mistakes(
        tmp_path,
        own=own,
        a={"extends": "b.json"},
        b={"extends": ["basic", "a.json"]},
        bad='{"rules":',
        list=[],
        twice='{"rules":[], "rules":[]}',
        theirs={"rules": [{"tag": "PN", "method": "keep"}]},
    )
    assert len(found) == 1
    assert found[0][0] == place
    assert message in found[0][1]


def test_a_near_name_is_a_hint(tmp_path: Path) -> None:
    ((_, _, hint),) = mistakes(tmp_path, own={"extends": "basci"})
    assert "did you mean 'basic'?" in hint


def test_files_extend_each_other_only_so_deep(tmp_path: Path) -> None:
    chain = {f"n{n}": {"extends": f"n{n + 1}.json"} for n in range(40)}
    ((_, message, _),) = mistakes(tmp_path, **chain, n40={"rules": []})
    assert message == "more than 32 files extend each other"


def test_the_digest_is_of_what_is_done_not_of_where_it_stands(tmp_path: Path) -> None:
    layered = loaded(
        tmp_path, own={"extends": "base.json", "rules": keep("PN")}, base={"rules": keep("DA")}
    )
    flat = configuration_of({"rules": keep("PN", "DA")})
    assert layered.digest == flat.digest
    files(tmp_path, base={"rules": keep("DT")})
    assert load_configuration("own.json", cwd=str(tmp_path)).digest != flat.digest


def warnings(folder: Path, **written: object) -> list[str]:
    _, findings = examine(loaded(folder, **written), environ=MASTER)
    assert not findings.mistakes
    return [str(warning).partition("\n")[0] for warning in findings.warnings]


def test_a_rule_that_an_own_rule_goes_before_is_no_doubt(tmp_path: Path) -> None:
    own: dict[str, Any] = {
        "extends": "base.json",
        "rules": keep("PatientSex", "OtherPatientIDsSequence"),
    }
    own["rules"].append({"dicomTagPath": "ReferencedStudySequence", "method": "remove"})
    base = keep("PatientSex", "ReferencedStudySequence.ReferencedSOPInstanceUID")
    assert warnings(tmp_path, own=own, base={"rules": base}) == []


def test_within_a_layer_it_is_one(tmp_path: Path) -> None:
    base = {"rules": keep("PN", "PatientName"), "mark": False}
    (warning,) = warnings(tmp_path, own={"extends": "base.json"}, base=base)
    assert warning.startswith("base.json: rules[1]: 'PatientName' is never reached: base.json: ru")


def test_an_own_rule_inside_what_an_extended_rule_takes_whole_is_one(tmp_path: Path) -> None:
    base = {"rules": [{"dicomTagPath": "ReferencedStudySequence", "method": "remove"}]}
    own = {"extends": "base.json", "rules": keep("ReferencedStudySequence.StudyDate")}
    (warning,) = warnings(tmp_path, own=own, base=base)
    assert "base.json: rules[0] takes 'ReferencedStudySequence' whole" in warning


def test_what_extends_only_what_came_with_the_tool_has_its_own_file_checked(tmp_path: Path) -> None:
    own = {"extends": "basic", "rules": [], "parameters": {"replaceWith": 3}}
    assert [place for place, _, _ in mistakes(tmp_path, own=own)] == ["parameters.replaceWith"]


def test_a_shape_of_ours_that_extends_is_ours(tmp_path: Path) -> None:
    rule = {"tag": "PN", "method": "keep"}
    found = mistakes(tmp_path, own={"extends": "basic", "rules": [rule]})
    assert found[1] == ("rules[0].tag", "unknown key", "did you mean 'dicomTagPath'?")
