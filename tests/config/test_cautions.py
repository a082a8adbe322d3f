"""What outputs suffer from, or what does nothing at all, is a warning."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anonymizer.config.compile import examine
from anonymizer.config.configuration import Configuration
from anonymizer.config.load import configuration_of, load_configuration, load_profile
from anonymizer.config.resources import built_in_names
from anonymizer.config.typed import Typed

MASTER = {"ANONYMIZER_KEY": "k" * 32}
US = {"Modality": "US"}


def rule(path: str, method: str = "keep", **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    return {"dicomTagPath": path, "method": method, **more}


def warned(configuration: Configuration) -> list[str]:
    _, findings = examine(configuration, environ=MASTER)
    assert not findings.mistakes
    return [str(warning) for warning in findings.warnings]


def warnings(*rules: dict[str, Any], **more: Any) -> list[str]:  # noqa: ANN401  JSON
    return warned(configuration_of({"rules": list(rules), **more}))


SAYS = "and outputs will say Patient Identity Removed all the same"


@pytest.mark.parametrize(
    ("rules", "begins"),
    [
        ([rule("PatientName")], "rules[0]: PatientName stays, which identifies the patient, "),
        ([rule("PN")], "rules[0]: PatientName stays"),
        ([rule("(0010,xxxx)")], "rules[0]: PatientName and PatientID stay, which identify the "),
        ([rule(".PatientID"), rule("LO", "remove")], "rules[0]: PatientID stays"),
        ([rule("PatientID", when=US), rule("PatientID")], "rules[1]: PatientID stays"),
    ],
)
def test_who_keeps_the_patient_is_told_what_outputs_say(
    rules: list[dict[str, Any]], begins: str
) -> None:
    (told,) = warnings(*rules)
    assert told.startswith(begins)
    assert SAYS in told
    assert told.endswith('hint: with "mark": false in the configuration they do not say so')
    assert warnings(*rules, mark=False) == []


@pytest.mark.parametrize(
    "rules",
    [
        [rule("PatientSex")],
        [rule("ReferencedPatientSequence.PatientID")],
        [rule("PatientID", "cryptoHash"), rule("LO")],
        [rule("PatientID", when=US)],
        [rule("PatientID", "remove", when=US), rule("PatientID")],
    ],
)
def test_what_does_not_keep_the_patient_for_certain_is_free(rules: list[dict[str, Any]]) -> None:
    assert warnings(*rules) == []


def test_flags_are_told_the_same() -> None:
    typed = Typed()
    typed.keep = ["PN"]
    (told,) = warned(load_profile("basic", typed))
    assert told.startswith("--keep PN: PatientName stays")
    assert SAYS in told


ALL = "SOPClassUID, SOPInstanceUID, StudyInstanceUID, SeriesInstanceUID"


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (
            [rule("SOPInstanceUID", "substitute", replaceWith="1.2.3")],
            "rules[0]: all images get the same SOPInstanceUID\n"
            "  hint: refreshUID gives new ones, and references follow",
        ),
        (
            [rule("SOPClassUID", "remove")],
            "rules[0]: images lose their SOPClassUID\n"
            "  hint: keep SOPClassUID, which says what kind of image it is",
        ),
        (
            [rule("*InstanceUID", "redact")],
            "rules[0]: images lose their SOPInstanceUID, StudyInstanceUID, SeriesInstanceUID\n"
            "  hint: refreshUID gives new ones, and references follow",
        ),
        (
            [rule("StudyInstanceUID", "remove", when=US), rule("UI", "refreshUID")],
            "rules[0]: images lose their StudyInstanceUID\n"
            "  hint: refreshUID gives new ones, and references follow",
        ),
        (
            [rule("UI", "remove")],
            f"rules[0]: images lose their {ALL}\n  hint: refreshUID gives new ones, and "
            "references follow; keep SOPClassUID, which says what kind of image it is",
        ),
    ],
)
def test_images_without_uids_of_their_own_are_told(rules: list[dict[str, Any]], told: str) -> None:
    assert warnings(*rules) == [told]


@pytest.mark.parametrize(
    "rules",
    [
        [rule("UI", "refreshUID")],
        [rule("SOPInstanceUID"), rule("*UID", "refreshUID"), rule("UI", "remove")],
        [rule("ReferencedStudySequence.StudyInstanceUID", "remove")],
        [rule("FrameOfReferenceUID", "remove")],
    ],
)
def test_images_that_have_them_are_not(rules: list[dict[str, Any]]) -> None:
    assert warnings(*rules) == []


def test_what_goes_for_nobody_names_it_is_told() -> None:
    (told,) = warnings(rule("SOP*UID"), otherwise="remove")
    assert told.startswith("otherwise: images lose their StudyInstanceUID, SeriesInstanceUID\n")
    assert warnings(rule("UI", "refreshUID"), otherwise="remove") == []


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("SpecificCharacterSet", "Specific Character Set stays"),
        ("TransferSyntaxUID", "file meta information is written anew"),
        ("(0002,xxxx)", "file meta information is written anew"),
    ],
)
def test_what_no_rule_decides_about_is_told(path: str, why: str) -> None:
    (told,) = warnings(rule(path, "remove"))
    assert told.startswith(f"rules[0]: {path!r} is not for rules: {why}")
    assert warnings(rule(path)) == []


def test_what_happens_anyway_is_free() -> None:
    assert warnings(rule("MediaStorageSOPInstanceUID", "refreshUID")) == []


def test_a_selector_of_more_than_that_is_free() -> None:
    assert warnings(rule("(0008,000x)", "remove")) == []


@pytest.mark.parametrize("name", built_in_names())
def test_what_comes_with_the_tool_has_none_of_it(name: str) -> None:
    configuration = load_configuration(name)
    assert warned(configuration) == []
    copied = json.loads(json.dumps(configuration.layers[0].members))
    assert warned(configuration_of(copied)) == []


@pytest.mark.parametrize(
    ("rules", "stays"),
    [
        ([], ("PatientName", "PatientID")),
        ([rule("OtherPatientNames", "remove")], ("PatientName", "PatientID")),
        ([rule("PatientName", "remove")], ("PatientID",)),
        ([rule("ReferencedPatientSequence.PatientName", "remove"), rule("LO")], ("PatientName",)),
        ([rule("PN", "redact"), rule("PatientID", "cryptoHash")], ()),
        ([rule("PN", "redact", when=US), rule("PatientID")], ()),
    ],
)
def test_what_identifies_the_patient_and_has_no_rule_is_known(
    rules: list[dict[str, Any]], stays: tuple[str, ...]
) -> None:
    def undecided(**more: Any) -> tuple[str, ...]:  # noqa: ANN401  JSON
        compiled, _ = examine(configuration_of({"rules": rules, **more}), environ=MASTER)
        return compiled.undecided

    assert undecided() == stays
    assert undecided(mark=False) == undecided(otherwise="remove") == ()


@pytest.mark.parametrize("name", built_in_names())
def test_what_comes_with_the_tool_decides_about_the_patient(name: str) -> None:
    configuration = load_configuration(name)
    configuration.trust_nothing()
    compiled, _ = examine(configuration, environ=MASTER)
    assert compiled.undecided == ()
