"""Rules that are typed beside a configuration: their order, their conflicts, what they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from attributes import CONTEXT, attribute

from anonymizer.config.compile import compile_configuration, examine
from anonymizer.config.load import load_configuration, load_profile
from anonymizer.config.typed import Typed, split_replacement, split_tags
from anonymizer.dicom.attribute import Element, Replace
from anonymizer.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from anonymizer.config.configuration import Configuration
    from anonymizer.rules.compiled import Compiled

MASTER = {"ANONYMIZER_KEY": "k" * 32}


def typed(**flags: Any) -> Typed:  # noqa: ANN401  as typed
    made = Typed()
    for name, value in flags.items():
        setattr(made, name, value)
    return made


def with_flags(name: str, **flags: Any) -> Configuration:  # noqa: ANN401  as typed
    return load_configuration(name, typed=typed(**flags))


def compiled(name: str, **flags: Any) -> Compiled:  # noqa: ANN401  as typed
    return compile_configuration(with_flags(name, **flags), environ=MASTER)


def shown(name: str, **flags: Any) -> list[str]:  # noqa: ANN401  as typed
    """The rules that the flags became, as ``explain`` names them, with their methods."""
    found = compiled(name, **flags).rules
    return [f"{rule.shown} {rule.method.name}" for rule in found if rule.place.startswith("--")]


def owner(found: Compiled, tag: int, vr: str) -> str:
    element = Element(tag, vr, vr)
    return next((r.method.name for r in found.rules if r.selector.matches(element)), "")


def test_they_come_first_keep_then_replace_then_remove() -> None:
    flags = {
        "remove": ["DA"],
        "replace": ["PatientID=X1"],
        "keep": ["StudyDate"],
        "keep_tags": "PN",
    }
    assert shown("example", **flags) == [
        "--keep StudyDate keep",
        "--keep-tags PN keep",
        "--replace PatientID substitute",
        "--remove DA remove",
    ]
    assert compiled("example", **flags).rules[4].place == "rules[0]"


@pytest.mark.parametrize("name", ["example", "basic", "ps3.15-basic"])
def test_every_other_rule_stays(name: str) -> None:
    before = [(rule.text, rule.method.name) for rule in compiled(name).rules]
    after = [(rule.text, rule.method.name) for rule in compiled(name, keep=["Rows"]).rules]
    assert after == [("Rows", "keep"), *before]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ({"keep": ["PatientName"], "remove": ["(0010,0010)"]}, "--keep PatientName and --remove"),
        ({"keep": ["PN"], "replace": ["PN=A"]}, "--keep PN and --replace PN"),
        ({"keep_tags": "A*,DA", "remove": ["DA"]}, "--keep-tags DA and --remove DA"),
        ({"replace": ["PN=A", "PN=B"]}, "--replace PN and --replace PN"),
        ({"replace": ["PN=A"], "remove": ["PN"]}, "--replace PN and --remove PN"),
        ({"keep_private": True, "remove_private": True}, "--remove-private and --keep-private"),
        ({"keep": ["private"], "remove_private": True}, "--keep private and --remove-private"),
    ],
)
def test_the_same_attributes_in_two_of_them_are_an_error(flags: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match="are about the same attributes") as error:
        with_flags("example", **flags)
    assert told in error.value.message


@pytest.mark.parametrize(
    ("flags", "told", "hint"),
    [
        (
            {"keep": ["PN"], "remove": ["PatientName"]},
            "--remove PatientName is never reached: --keep PN comes first",
            "have --keep PN name less, or leave --remove PatientName out",
        ),
        ({"keep": ["*Name"], "remove": ["PatientName"]}, "--keep *Name comes", ""),
        ({"keep": ["(0010,xxxx)"], "replace": ["PatientName=A"]}, "--keep (0010,xxxx) comes", ""),
        ({"keep": ["PN"], "remove": [".PatientName"]}, "--keep PN comes", ""),
        ({"keep": [".PN"], "remove": [".PatientName"]}, "--keep .PN comes", ""),
        ({"replace": ["PN=A", "PatientName=B"]}, "--replace PN comes", ""),
        ({"keep": ["private"], "remove": ["(0019,100C)"]}, "--keep private comes", ""),
        ({"keep": ["(xxxx,xxxx)"], "remove_private": True}, "--remove-private is never", ""),
        (
            {"keep": ["PatientBirthName"], "replace": ["PatientBirthDate=", "PatientBirthTime="]}
            | {"remove": ["PatientBirth*e"]},
            "--keep PatientBirthName and --replace PatientBirthDate and ",
            "",
        ),
    ],
)
def test_one_that_those_before_it_leave_nothing_to_do_is_an_error(
    flags: dict[str, Any], told: str, hint: str
) -> None:
    with pytest.raises(UsageError, match="is never reached") as error:
        with_flags("example", **flags)
    assert told in error.value.message
    assert hint in error.value.hint


@pytest.mark.parametrize(
    "flags",
    [
        {"keep": ["PatientSex"], "remove": ["Patient*"]},
        {"keep": [".PatientSex"], "remove": ["PatientSex"]},
        {"keep": ["PatientSex"], "replace": ["CS=A"]},
        {"keep": ["(0019,xxxx)"], "remove_private": True},
        {"remove": ["DA"], "shift_dates": 3},
    ],
)
def test_what_leaves_something_to_do_is_an_exception_from_it(flags: dict[str, Any]) -> None:
    assert len(shown("basic", **flags)) > 1


def test_what_is_said_twice_counts_once() -> None:
    assert shown("example", keep=["PN", "PN"], keep_tags="PN") == ["--keep PN keep"]
    assert shown("example", keep=["PN", "PatientName"]) == ["--keep PN keep"]
    kept = shown("example", keep=["StudyDate", "UI"], shift_dates=3, regenerate_uids=True)
    assert len(kept) == 2 + 4


def test_a_mistake_names_the_flag_and_no_value() -> None:
    configuration = with_flags("example", remove=["PatentName"], replace=["PatientAge=CANARY"])
    _, findings = examine(configuration, environ=MASTER)
    told = [str(mistake) for mistake in findings.mistakes]
    assert told[0].startswith("--remove PatentName: 'PatentName' selects nothing\n  hint: did you")
    assert any(text.startswith("--replace PatientAge: ") for text in told)
    assert "CANARY" not in str(told)


def test_mistakes_of_files_keep_their_order(tmp_path: Path) -> None:
    wrong = {"dicomTagPath": "Patent", "method": "remove"}
    (tmp_path / "base.json").write_text(json.dumps({"rules": [wrong]}))
    own = {"extends": "base.json", "rules": [wrong, wrong], "otherwise": 3}
    (tmp_path / "own.json").write_text(json.dumps(own))
    configuration = load_configuration("own.json", cwd=str(tmp_path), typed=typed(remove=["Paten"]))
    _, findings = examine(configuration, environ=MASTER)
    places = [mistake.place for mistake in findings.mistakes]
    assert places == [
        "--remove Paten",
        "rules[0].dicomTagPath",
        "rules[1].dicomTagPath",
        "otherwise",
        "base.json: rules[0].dicomTagPath",
    ]


def test_name_and_version_are_those_of_the_file_and_the_digest_is_not() -> None:
    before, after = load_configuration("example"), with_flags("example", remove=["PatientSex"])
    assert (after.name, after.version) == (before.name, before.version)
    assert after.digest != before.digest
    assert after.digest == with_flags("example", remove=["PatientSex"]).digest
    assert after.sources == before.sources


def test_the_digest_does_not_tell_the_days() -> None:
    assert with_flags("basic", shift_dates=30).digest == with_flags("basic", shift_dates=31).digest
    assert with_flags("basic", shift_dates=30).digest != load_configuration("basic").digest


def test_shifted_dates_go_by_the_option_of_the_profile() -> None:
    found = compiled("basic", shift_dates=30)
    assert [code for code, _ in found.codes] == ["113100", "113107"]
    assert found.temporal == "MODIFIED"
    assert owner(found, 0x00080020, "DA") == owner(found, 0x00080012, "DA") == "dateShift"
    assert owner(found, 0x00100030, "DA") == "byType"
    full = compiled("research", shift_dates=30)
    assert "113106" not in dict(full.codes)
    assert owner(full, 0x00080020, "DA") == "dateShift"


def test_shifted_dates_move_where_there_is_no_profile() -> None:
    found = compiled("example", shift_dates=30)
    assert owner(found, 0x00080020, "DA") == "dateShift"
    assert owner(found, 0x00100030, "DA") == "redact"


def test_new_uids() -> None:
    assert shown("example", regenerate_uids=True) == ["--regenerate-uids UI refreshUID"]
    assert owner(compiled("ps3.15-basic", regenerate_uids=True), 0x00001000, "UI") == "remove"
    assert shown("basic", preserve_studies=True) == [
        "--preserve-studies StudyInstanceUID refreshUID",
        "--preserve-studies SeriesInstanceUID refreshUID",
    ]


def test_new_uids_take_the_option_back(tmp_path: Path) -> None:
    own = {"extends": "ps3.15", "options": ["retainUIDs", "cleanGraphics"]}
    (tmp_path / "own.json").write_text(json.dumps(own))
    flags = typed(regenerate_uids=True)
    configuration = load_configuration("own.json", cwd=str(tmp_path), typed=flags)
    assert configuration.effective["options"] == ["cleanGraphics"]


def test_private_attributes() -> None:
    assert owner(compiled("research", remove_private=True), 0x00191001, "LO") == "remove"
    assert owner(compiled("basic", keep_private=True), 0x00191001, "LO") == "keep"
    assert compiled("basic", keep_private=True).rules[0].shown == "--keep-private private"


def test_an_empty_value_leaves_no_part_of_a_date() -> None:
    found = compiled("hipaa-safe-harbor", replace=["StudyDate="]).rules[0]
    assert (found.method.name, found.shown) == ("redact", "--replace StudyDate")
    configuration = with_flags("hipaa-safe-harbor", replace=["StudyDate="])
    assert configuration.effective["rules"][0]["enablePartialDatesForRedact"] is False


def test_custom_has_no_other_rule_and_no_mark() -> None:
    found = compile_configuration(load_profile("custom", typed(remove=["PN"])), environ=MASTER)
    assert ([rule.text for rule in found.rules], found.mark) == (["PN"], False)
    with pytest.raises(UsageError, match="none does"):
        load_profile("custom")


def test_a_profile_is_never_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "basic").write_text("{}")
    assert load_profile("basic").trusted


MICROSOFT = {
    "rules": [
        {"tag": "PN", "method": "redact"},
        {"tag": "DA", "method": "dateShift"},
        {"tag": "StudyID", "method": "substitute", "params": {"replaceWith": "X"}},
    ],
    "defaultSettings": {
        "dateShift": {"dateShiftKey": "k" * 32},
        "redact": {"enablePartialDatesForRedact": True},
        "substitute": {"replaceWith": "ANONYMOUS"},
    },
}


def microsoft(folder: Path, **flags: Any) -> Configuration:  # noqa: ANN401  as typed
    (folder / "m.json").write_text(json.dumps(MICROSOFT))
    said = typed(**flags) if flags else None
    return load_configuration("m.json", cwd=str(folder), typed=said)


def test_they_come_before_the_rules_of_microsofts_shape(tmp_path: Path) -> None:
    said = microsoft(tmp_path, keep=["PatientSex"], replace=["StudyDate=", "PatientID=P1"])
    found, findings = examine(said, environ=MASTER)
    assert (findings.mistakes, findings.warnings) == ([], [])
    assert [(rule.number, rule.layer, rule.shown, rule.method.name) for rule in found.rules] == [
        (0, 0, "--keep PatientSex", "keep"),
        (1, 0, "--replace StudyDate", "redact"),
        (2, 0, "--replace PatientID", "substitute"),
        (3, 1, "rules[0] PN", "redact"),
        (4, 1, "rules[1] DA", "dateShift"),
        (5, 1, "rules[2] StudyID", "substitute"),
    ]
    assert (found.name, found.mark) == ("m", True)


def test_the_digest_of_microsofts_shape_tells_flags(tmp_path: Path) -> None:
    digests = {
        compile_configuration(microsoft(tmp_path, **flags), environ=MASTER).digest
        for flags in ({}, {"keep": ["PN"]}, {"keep": ["LO"]}, {"shift_dates": 3})
    }
    assert len(digests) == 4
    days = [microsoft(tmp_path, shift_dates=days).digest for days in (3, 4)]
    assert days[0] == days[1], "few numbers of days: the hash would tell which"


def test_days_that_are_typed_are_those_of_all_dates_of_microsofts_shape(tmp_path: Path) -> None:
    found = compile_configuration(microsoft(tmp_path, shift_dates=3), environ=MASTER)
    methods = [rule.method for rule in found.rules if rule.method.name == "dateShift"]
    assert len(methods) == 6
    date = attribute("DA", b"20200131")
    decisions = [method.decide(date, CONTEXT) for method in methods]
    assert {d.value for d in decisions if isinstance(d, Replace)} == {b"20200203"}


def test_mistakes_of_flags_beside_microsofts_shape_have_their_places(tmp_path: Path) -> None:
    said = microsoft(tmp_path, keep=["PatentName"], remove=["StudyDate"])
    _, findings = examine(said, environ=MASTER)
    assert [(m.place, m.hint) for m in findings.mistakes] == [
        ("--keep PatentName", "did you mean 'PatientName'?")
    ]


def test_to_the_letter_it_takes_no_flags(tmp_path: Path) -> None:
    said = microsoft(tmp_path, keep=["PN"])
    _, findings = examine(said, environ=MASTER, exact="microsoft")
    assert [mistake.message for mistake in findings.mistakes] == [
        "--exact microsoft does what that tool does, which has no flags for rules"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A,B", ["A", "B"]),
        ("(0010,0010), B", ["(0010,0010)", "B"]),
        ("0010,0010,Modality", ["0010,0010", "Modality"]),
        ('(0019,"A B",0C),X', ['(0019,"A B",0C)', "X"]),
        ("A.B[0].C", ["A.B[0].C"]),
        ("", []),
    ],
)
def test_tags_between_commas(text: str, found: list[str]) -> None:
    assert split_tags(text) == found


@pytest.mark.parametrize("text", ["A,,B", "a b", ",", "(0010"])
def test_what_is_no_list_of_tags_is_an_error(text: str) -> None:
    with pytest.raises(UsageError):
        split_tags(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A=b=c", ("A", "b=c")),
        ("0010,0030=19700101", ("0010,0030", "19700101")),
        ('(0019,"A=B",0C)=x', ('(0019,"A=B",0C)', "x")),
        ("/a=b/=c", ("/a=b/", "c")),
        ("A=", ("A", "")),
    ],
)
def test_an_attribute_and_its_value(text: str, found: tuple[str, str]) -> None:
    assert split_replacement(text) == found


@pytest.mark.parametrize("text", ["=x", "A", ""])
def test_a_replacement_needs_both(text: str) -> None:
    with pytest.raises(UsageError):
        split_replacement(text)
