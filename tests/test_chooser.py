"""Rules and files with conditions: what holds for an image selects its rules, or turns it away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from engine import anonymized, compiled, rule
from image import (
    BIG_ENDIAN,
    EXPLICIT,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    dataset_of,
    element,
    item,
    part10,
    sequence,
)
from study import image, settings, tree

from anonymizer import Anonymizer
from anonymizer.chooser import MOST_PIPELINES, Chooser, pipeline_for
from anonymizer.config.compile import compile_configuration, examine
from anonymizer.config.coverage import coverage
from anonymizer.config.load import configuration_of, load_configuration
from anonymizer.errors import ImageError, UsageError
from anonymizer.pipeline import Pipeline
from anonymizer.report import SKIPPED, WRITTEN
from anonymizer.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from study import Command

CANARY = "Kanari^Vogel"
KEY = "k" * 32

ULTRASOUND = (
    element("ImageType", "CS", "DERIVED\\PRIMARY ")
    + element("Modality", "CS", "US")
    + element("Manufacturer", "LO", "GE Medical ")
    + element("InstitutionName", "LO", "")
    + sequence("ReferencedStudySequence", item(element("Modality", "CS", "MR")))
    + element("PatientName", "PN", CANARY)
    + element("Rows", "US", b"\x00\x02")
)

CONDITIONS: list[tuple[str, dict[str, object], bool]] = [
    ("text", {"Modality": "US"}, True),
    ("another text", {"Modality": "MR"}, False),
    ("capitals count", {"Modality": "us"}, False),
    ("no part of it", {"Modality": "U"}, False),
    ("by tag", {"(0008,0060)": "US"}, True),
    ("padding means nothing", {"Manufacturer": " GE Medical"}, True),
    ("one of several values", {"ImageType": "PRIMARY"}, True),
    ("not all values at once", {"ImageType": "DERIVED\\PRIMARY"}, False),
    ("regex", {"Manufacturer": "/^GE/"}, True),
    ("regex at each value", {"ImageType": "/^PRIM/"}, True),
    ("regex not found", {"Manufacturer": "/^Medical/"}, False),
    ("list", {"Modality": ["CT", "US"]}, True),
    ("list with regex", {"Modality": ["CT", "/^U/"]}, True),
    ("list without it", {"Modality": ["CT", "MR"]}, False),
    ("present", {"Modality": True}, True),
    ("present and empty", {"InstitutionName": True}, True),
    ("not present", {"StationName": True}, False),
    ("absent", {"StationName": False}, True),
    ("not absent", {"InstitutionName": False}, False),
    ("empty", {"InstitutionName": ""}, True),
    ("absent is not empty", {"StationName": ["", "/.*/"]}, False),
    ("sequence present", {"ReferencedStudySequence": True}, True),
    ("sequence absent", {"RequestAttributesSequence": False}, True),
    ("number", {"Rows": "512"}, True),
    ("another number", {"Rows": "2"}, False),
    ("all hold", {"Modality": "US", "Manufacturer": "/^GE/"}, True),
    ("one does not", {"Modality": "US", "Manufacturer": "ACME"}, False),
    ("character set", {"SpecificCharacterSet": False}, True),
]
IDS = [row[0] for row in CONDITIONS]


def name_left(file: bytes, *rules: dict[str, object], **more: Any) -> bool:  # noqa: ANN401
    chosen = pipeline_for(compiled(*rules, **more))
    return CANARY.encode() in bytes(chosen.anonymize(file, len(file)))


@pytest.mark.parametrize(("told", "when", "holds"), CONDITIONS, ids=IDS)
def test_a_rule_applies_where_its_condition_holds(
    told: str, when: dict[str, object], holds: bool
) -> None:
    conditional = rule("PatientName", "remove", when=when)
    assert name_left(part10(ULTRASOUND), conditional) is not holds, told


@pytest.mark.parametrize(("told", "when", "holds"), CONDITIONS, ids=IDS)
def test_files_are_accepted_and_rejected(told: str, when: dict[str, object], holds: bool) -> None:
    file = part10(ULTRASOUND)
    for key, turned_away in (("accept", not holds), ("reject", holds)):
        more: dict[str, Any] = {key: [when]}
        chosen = pipeline_for(compiled(**more))
        if not turned_away:
            assert dataset_of(bytes(chosen.anonymize(file, len(file))))[0] == ULTRASOUND
            continue
        with pytest.raises(ImageError) as fault:
            chosen.anonymize(file, len(file))
        assert fault.value.reason == {"accept": "not-accepted", "reject": "rejected"}[key]
        assert CANARY not in str(fault.value), told


def test_values_are_of_the_character_set_and_of_the_byte_order() -> None:
    latin = element("SpecificCharacterSet", "CS", "ISO_IR 100") + element(
        "Manufacturer", "LO", "Müller".encode("latin-1")
    )
    name = element("PatientName", "PN", CANARY)
    conditional = rule("PatientName", "remove", when={"Manufacturer": "Müller"})
    assert not name_left(part10(latin + name), conditional)
    cyrillic = latin.replace(b"ISO_IR 100", b"ISO_IR 144")
    assert name_left(part10(cyrillic + name), conditional)
    big = BIG_ENDIAN.element("PatientName", "PN", CANARY) + BIG_ENDIAN.element(
        "Rows", "US", b"\x02\x00"
    )
    wide = rule("PatientName", "remove", when={"Rows": "512"})
    assert not name_left(part10(big, EXPLICIT_BE), wide)
    small = IMPLICIT.element(0x00100010, "PN", CANARY) + IMPLICIT.element(
        0x00280010, "US", b"\x00\x02"
    )
    assert not name_left(part10(small, IMPLICIT_LE), wide)


def test_the_same_bytes_in_another_byte_order_are_another_number() -> None:
    chosen = pipeline_for(compiled(rule("PatientName", "remove", when={"Rows": "512"})))
    for syntax, w, gone in ((EXPLICIT_LE, EXPLICIT, True), (EXPLICIT_BE, BIG_ENDIAN, False)) * 2:
        name = w.element("PatientName", "PN", CANARY)
        file = part10(name + w.element("Rows", "US", b"\x00\x02"), syntax)
        assert (CANARY.encode() in bytes(chosen.anonymize(file, len(file)))) is not gone


@pytest.mark.parametrize("undefined", [False, True])
def test_items_are_not_asked(undefined: bool) -> None:
    inside = item(element("Modality", "CS", "MR"), undefined=undefined)
    around = item(
        sequence("ReferencedSeriesSequence", inside, undefined=undefined), undefined=undefined
    )
    dataset = sequence("ReferencedStudySequence", around, inside, undefined=undefined)
    dataset += element("PatientName", "PN", CANARY)
    assert name_left(part10(dataset), rule("PatientName", "remove", when={"Modality": "MR"}))
    assert name_left(part10(dataset), reject=[{"Modality": True}])


def test_the_next_rule_decides_where_a_condition_does_not_hold() -> None:
    rules = (
        rule("PatientName", "keep", when={"Modality": "MR"}),
        rule("PatientName", "substitute", when={"Modality": "US"}, replaceWith="A"),
        rule("PatientName", "substitute", replaceWith="B"),
    )
    chosen = pipeline_for(compiled(*rules))

    def name_of(modality: str) -> bytes:
        dataset = element("Modality", "CS", modality) + element("PatientName", "PN", CANARY)
        file = part10(dataset)
        return bytes(chosen.anonymize(file, len(file)))[-20:]

    assert name_of("MR").endswith(CANARY.encode())
    assert name_of("US").endswith(b"A ")
    assert name_of("CT").endswith(b"B ")
    assert chosen.plan.matched == {0, 1, 2}


def test_private_elements_are_decided_about_by_the_rules_that_are_left() -> None:
    """Numbers of rules stay those of the configuration, whatever rules are left."""
    rules = [rule("StationName", "remove", when={"Modality": "MR"}) for _ in range(5)]
    private = element(0x00090010, "LO", "ACME") + element(0x00091001, "UN", CANARY)
    blocks = rule('(0009,"ACME",01)', "remove")
    file = part10(element("Modality", "CS", "US") + private)
    assert not name_left(file, *rules, blocks)


def test_a_series_gets_what_each_of_its_files_gets_alone() -> None:
    rules = (
        rule("PatientName", "remove", when={"Modality": "US"}),
        rule("PatientID", "cryptoHash"),
        rule("UI", "refreshUID"),
    )
    chosen = compiled(*rules, mark=True)
    together = pipeline_for(chosen)
    for number in range(12):
        modality = ("US", "MR", "US", "US")[number % 4]
        file = image(number, more=element("Modality", "CS", modality))
        alone = pipeline_for(chosen, series=False)
        assert bytes(together.anonymize(file, len(file))) == bytes(alone.anonymize(file, len(file)))


def test_without_conditions_nothing_is_chosen() -> None:
    assert type(pipeline_for(compiled(rule("PN", "remove")))) is Pipeline


def test_the_number_of_plans_is_bounded() -> None:
    names = [f"{number}" for number in range(7)]
    rules = [rule("PatientName", "keep", when={"ImageType": name}) for name in names]
    chosen = pipeline_for(compiled(*rules))
    assert isinstance(chosen, Chooser)
    for bits in range(1 << 7):
        values = "\\".join(name for at, name in enumerate(names) if bits >> at & 1)
        file = part10(element("ImageType", "CS", values))
        chosen.anonymize(file, len(file))
        assert len(chosen._pipelines) <= MOST_PIPELINES


# Layers


def loaded(folder: Path, **written: object) -> Any:  # noqa: ANN401
    for name, value in written.items():
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    configuration = load_configuration(f"{next(iter(written))}.json", cwd=str(folder))
    return compile_configuration(configuration, environ={"ANONYMIZER_KEY": KEY})


def test_the_condition_of_a_layer_is_for_its_own_rules(tmp_path: Path) -> None:
    result = loaded(
        tmp_path,
        own={
            "extends": "base.json",
            "when": {"Modality": "US"},
            "rules": [rule("PN", "keep"), rule("LO", "keep", when={"Rows": True})],
        },
        base={"rules": [rule("PN", "remove")], "when": {"Modality": ["US", "CT"]}},
    )
    assert [[one.place for one in r.when] for r in result.rules] == [
        ["when"],
        ["when", "rules[1].when"],
        ["base.json: when"],
    ]


def test_what_layers_accept_and_reject_adds_up(tmp_path: Path) -> None:
    own = {
        "extends": "base.json",
        "accept": [{"Modality": "US"}],
        "reject": [{"Manufacturer": "ACME"}],
    }
    base = {"rules": [], "accept": [{"PatientName": True}], "reject": [{"Rows": "512"}]}
    chosen = pipeline_for(loaded(tmp_path, own=own, base=base))

    def reason(*parts: bytes) -> str:
        file = part10(b"".join(parts))
        try:
            chosen.anonymize(file, len(file))
        except ImageError as fault:
            return f"{fault.reason}: {fault.message}"
        return ""

    modality = element("Modality", "CS", "US")
    maker = element("Manufacturer", "LO", "ACME")
    name = element("PatientName", "PN", CANARY)
    assert reason(modality, name) == ""
    assert reason(modality) == "not-accepted: nothing of base.json: accept fits it"
    assert reason(name) == "not-accepted: nothing of accept fits it"
    assert reason(modality, maker, name) == "rejected: reject[0] fits it"
    rows = element("Rows", "US", b"\x00\x02")
    assert reason(modality, name, rows) == "rejected: base.json: reject[0] fits it"


def test_conditions_change_the_digest(tmp_path: Path) -> None:
    base = {"rules": [rule("PN", "remove")]}
    kinds: list[dict[str, object]] = [
        {},
        {"when": {"Modality": "US"}},
        {"when": {"Modality": "MR"}},
        {"accept": [{"Modality": "US"}]},
        {"reject": [{"Modality": "US"}]},
    ]
    digests = {
        loaded(
            tmp_path, own={"extends": "base.json", "rules": [rule("DA", "keep")], **kind}, base=base
        ).digest
        for kind in kinds
    }
    assert len(digests) == len(kinds)


# What is said of them


MISTAKES = [
    ({"Modaliti": "US"}, "rules[0].when.Modaliti", "did you mean 'Modality'?"),
    ({"Modality": "/(/"}, "rules[0].when.Modality", "look at character 1 after the slash"),
    ({"Modality": "/US"}, "rules[0].when.Modality", "it stands between slashes"),
    ({"Modality": 5}, "rules[0].when.Modality", "a text, a regular expression"),
    ({"Modality": []}, "rules[0].when.Modality", "a text, a regular expression"),
    ({"Modality": [True]}, "rules[0].when.Modality", "a text, a regular expression"),
    ({"PN": "x"}, "rules[0].when.PN", "a condition names keywords and tags"),
    ({"A.B": "x"}, "rules[0].when.A.B", "'B' in 'A.B' selects nothing"),
    ({"PixelData": "x"}, "rules[0].when.PixelData", "only true and false can be asked"),
    ({"TransferSyntaxUID": "1.2"}, "rules[0].when.TransferSyntaxUID", "another attribute"),
    ({"Modality": "US", "(0008,0060)": "US"}, "rules[0].when.(0008,0060)", "a list holds"),
    ({}, "rules[0].when", "as in"),
    ("US", "rules[0].when", "as in"),
]


@pytest.mark.parametrize(("when", "place", "hint"), MISTAKES, ids=lambda value: str(value)[:40])
def test_mistakes_have_a_place_and_a_hint(when: object, place: str, hint: str) -> None:
    configuration = configuration_of({"rules": [rule("PN", "remove", when=when)]})
    _, findings = examine(configuration, environ={"ANONYMIZER_KEY": KEY})
    (mistake,) = findings.mistakes
    assert mistake.place == place
    assert hint in f"{mistake.message} {mistake.hint}"


@pytest.mark.parametrize("key", ["accept", "reject"])
def test_lists_of_conditions_are_checked(key: str) -> None:
    for said, place in (([], key), ({}, key), ([{"Modality": "US"}, {"X": "Y"}], f"{key}[1].X")):
        configuration = configuration_of({"rules": [], key: said})
        _, findings = examine(configuration, environ={})
        assert [mistake.place for mistake in findings.mistakes] == [place]


def test_a_rule_with_a_condition_hides_no_other() -> None:
    first = rule("PatientName", "remove", when={"Modality": "US"})
    plain = rule("PatientName", "remove")
    assert compiled(first, plain).warnings == ()
    assert compiled(first, rule("PatientName", "keep", when={"Modality": "MR"})).warnings == ()
    assert len(compiled(plain, first).warnings) == 1


def test_a_profile_counts_a_rule_with_a_condition_as_if_it_applied() -> None:
    def claims(*rules: dict[str, object]) -> Any:  # noqa: ANN401
        configuration = configuration_of({"extends": "ps3.15", "rules": list(rules)})
        return compile_configuration(configuration, environ={"ANONYMIZER_KEY": KEY})

    removes = rule("PatientName", "remove", when={"Modality": "US"})
    keeps = rule("PatientName", "keep", when={"Modality": "MR"})
    assert claims(removes).codes
    assert claims(keeps).codes == ()
    assert claims(removes, keeps).codes == ()
    private = rule("private", "remove", when={"Modality": "US"})
    assert claims(private, rule("private", "keep")).codes == ()
    loose = compiled(keeps, rule("*", "remove"))
    _, rows = coverage(configuration_of({"rules": []}), loose)
    (name,) = [row for row in rows if row.row.keyword == "PatientName"]
    assert name.verdict == "untouched"


# Around the engine


def test_files_that_are_not_accepted_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number, modality in enumerate(("US", "MR", "US")):
        more = element("Modality", "CS", modality)
        (tmp_path / "in" / f"im{number}").write_bytes(image(number, name=CANARY, more=more))
    chosen = compiled(rule("PN", "remove"), accept=[{"Modality": "US"}])
    worker = Worker(chosen, settings(tmp_path / "in", tmp_path / "out"))
    outcomes = [worker.do(f"im{number}") for number in range(3)]
    assert [outcome.status for outcome in outcomes] == [WRITTEN, SKIPPED, WRITTEN]
    assert (outcomes[1].reason, outcomes[1].detail) == (
        "not-accepted",
        "nothing of accept fits it",
    )
    assert sorted(tree(tmp_path / "out")) == ["im0", "im2"]
    assert "kanari" in worker.take_words()[0]


def test_a_run_and_explain_tell_of_conditions(command: Command, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.dcm").write_bytes(part10(ULTRASOUND))
    content = {
        "rules": [
            rule("PatientName", "remove", when={"Modality": "MR", "PatientName": "/Kanari/"}),
            rule("PatientName", "redact", when={"Modality": "US"}),
        ],
        "reject": [{"PatientName": "/^Kanari/", "Rows": "1"}],
    }
    path = tmp_path / "c.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    ended = command("explain", "in/a.dcm", "-c", "c.json")
    assert ended.code == 0
    assert ended.out.splitlines()[:3] == [
        "reject[0] (PatientName, Rows) does not hold",
        "rules[0].when (Modality, PatientName) does not hold",
        "rules[1].when (Modality) holds",
    ]
    (line,) = [line for line in ended.out.splitlines() if line.startswith("PatientName ")]
    assert line.split() == ["PatientName", "PN", "rules[1]", "PatientName", "redact", "emptied"]
    assert command("check", "c.json").code == 0
    content["reject"] = [{"PatientName": "/^Kanari/"}]
    path.write_text(json.dumps(content), encoding="utf-8")
    ended = command("explain", "in/a.dcm", "-c", "c.json")
    assert (ended.code, ended.err) == (1, "refused: rejected: reject[0] fits it\n")
    assert ended.out.startswith("reject[0] (PatientName) holds\n")
    ended = command("-I", "in", "-O", "out", "-c", "c.json", "--report", "report.json")
    assert ended.code == 3
    assert "warning: nothing written: none of 1 file accepted by the configuration" in ended.err
    report = (tmp_path / "report.json").read_text(encoding="utf-8")
    assert '"rejected"' in report
    assert "Kanari" not in ended.out + ended.err + report


def test_the_python_interface_knows_conditions() -> None:
    from io import BytesIO

    import pydicom

    rules = [
        {"dicomTagPath": "PixelData", "method": "keep", "when": {"Modality": "MR"}},
        {"dicomTagPath": "PixelData", "method": "remove", "when": {"Modality": "US"}},
    ]
    for modality, left in (("MR", True), ("US", False), ("CT", True)):
        more = element("Modality", "CS", modality) + element("PixelData", "OW", bytes(8))
        dataset = pydicom.dcmread(BytesIO(image(more=more, syntax=EXPLICIT_LE)))
        Anonymizer(rules).anonymize_dataset(dataset)
        assert ("PixelData" in dataset) is left


def test_pixels_that_a_condition_keeps_are_those_of_the_file_elsewhere() -> None:
    """Pixels that nothing decides about are not given to the engine."""
    from io import BytesIO

    import pydicom

    rules = [rule("PixelData", "keep", when={"Modality": "MR"}), rule("PixelData", "blank")]
    for modality, left in (("MR", b"\1\2" * 4), ("US", bytes(8))):
        more = element("Modality", "CS", modality) + element("PixelData", "OW", b"\1\2" * 4)
        dataset = pydicom.dcmread(BytesIO(image(more=more)))
        Anonymizer(rules).anonymize_dataset(dataset)
        assert dataset.PixelData == left


def test_rules_are_not_added_to_conditional_ones() -> None:
    from pydicom import Dataset

    from anonymizer import anonymize_dataset

    given = {"rules": [], "when": {"Modality": "US"}}
    with pytest.raises(UsageError):
        anonymize_dataset(Dataset(), given, delete_private_tags=True)


def test_an_expression_that_takes_too_long_refuses_the_file() -> None:
    slow = element("Manufacturer", "LO", "a" * 40 + "!")
    with pytest.raises(ImageError) as fault:
        name_left(part10(slow), reject=[{"Manufacturer": "/^(a+)+$/"}])
    assert fault.value.reason == "value-refused"


def test_what_stands_first_of_two_is_not_all() -> None:
    twice = element("Modality", "CS", "MR") + element("Modality", "CS", "US")
    name = element("PatientName", "PN", CANARY)
    for modality in ("MR", "US"):
        conditional = rule("PatientName", "remove", when={"Modality": modality})
        assert not name_left(part10(twice + name), conditional)


def test_outputs_without_conditions_are_as_before() -> None:
    file = part10(ULTRASOUND)
    always = rule("PatientName", "remove", when={"StationName": False})
    assert anonymized(file, rule("PatientName", "remove")) == bytes(
        pipeline_for(compiled(always)).anonymize(file, len(file))
    )
