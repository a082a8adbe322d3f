"""What is legal and can hardly be meant: (rules, [(place, message begins)])."""

from __future__ import annotations

from typing import Any

import pytest

from anonymizer.config.compile import examine
from anonymizer.config.load import configuration_of


def rule(path: str, method: str = "remove", **options: str) -> dict[str, Any]:
    return {"dicomTagPath": path, "method": method, **options}


SEQUENCE = "ReferencedStudySequence"

ROWS: list[tuple[str, list[dict[str, Any]], list[tuple[str, str]]]] = [
    ("nothing", [rule("PatientName"), rule("PN"), rule("PatientID"), rule("*Date")], []),
    (
        "repeated",
        [rule("PatientName"), rule("(0010,0010)", "keep")],
        [("rules[1]", "'(0010,0010)' repeats rules[0] ('PatientName')")],
    ),
    (
        "repeated VR",
        [rule("PN"), rule("LO"), rule("PN", "keep")],
        [("rules[2]", "'PN' repeats rules[0] ('PN')")],
    ),
    (
        "keyword after VR",
        [rule("PN"), rule("PatientName", "keep")],
        [("rules[1]", "'PatientName' is never reached: rules[0] ('PN') comes first")],
    ),
    (
        "keyword after wildcard",
        [rule("Patient*"), rule("PatientName", "keep")],
        [("rules[1]", "'PatientName' is never reached: rules[0] ('Patient*') comes first")],
    ),
    (
        "keyword after mask",
        [rule("(0010,xxxx)"), rule("PatientName", "keep")],
        [("rules[1]", "'PatientName' is never reached")],
    ),
    (
        "private after private",
        [rule("private"), rule("(0019,100C)"), rule('(0019,"X",0C)', "keep"), rule("/0019,.*,../")],
        [
            ("rules[1]", "'(0019,100C)' is never reached"),
            ("rules[2]", "'(0019,\"X\",0C)' is never reached"),
            ("rules[3]", "'/0019,.*,../' is never reached"),
        ],
    ),
    (
        "wildcard after all it stands for",
        [rule("PatientBirthName"), rule("PatientBirthDate"), rule("PatientBirthName*", "keep")],
        [("rules[2]", "'PatientBirthName*' is never reached: rules[0]")],
    ),
    ("wildcard after some of it", [rule("PatientName"), rule("Patient*", "keep")], []),
    ("general after special", [rule("PatientName"), rule("PN"), rule("(0010,xxxx)")], []),
    (
        "a path after the whole",
        [rule("PN"), rule(f"{SEQUENCE}.PN", "keep")],
        [("rules[1]", f"'{SEQUENCE}.PN' is never reached: rules[0] ('PN') comes first")],
    ),
    (
        "a path after one to the same place",
        [rule(f"{SEQUENCE}.PN"), rule(f"{SEQUENCE}.PatientName", "keep"), rule(".PN", "keep")],
        [("rules[1]", f"'{SEQUENCE}.PatientName' is never reached: rules[0] ('{SEQUENCE}.PN')")],
    ),
    ("the whole after a path", [rule(f"{SEQUENCE}.PN"), rule("PN", "keep")], []),
    ("root after a path", [rule(f"{SEQUENCE}.PN"), rule(".PN", "keep")], []),
    (
        "the same path",
        [rule(f"{SEQUENCE}.PN"), rule("(0008,1110).PN", "keep")],
        [("rules[1]", f"'(0008,1110).PN' repeats rules[0] ('{SEQUENCE}.PN')")],
    ),
    (
        "a path into what goes whole, before or after it",
        [rule(f"{SEQUENCE}.PN", "keep"), rule(SEQUENCE), rule(f"{SEQUENCE}.LO", "keep")],
        [
            ("rules[0]", f"'{SEQUENCE}.PN' is never reached: rules[1] takes '{SEQUENCE}' whole"),
            ("rules[2]", f"'{SEQUENCE}.LO' is never reached: rules[1] takes '{SEQUENCE}' whole"),
        ],
    ),
    ("a path into what is kept", [rule(SEQUENCE, "keep"), rule(f"{SEQUENCE}.PN")], []),
    (
        "a path into what is kept somewhere",
        [rule(f".{SEQUENCE}", "keep"), rule(SEQUENCE), rule(f"{SEQUENCE}.PN")],
        [],
    ),
    (
        "a method for other VRs",
        [rule("PatientName", "dateShift"), rule("US", "cryptoHash"), rule("*Name", "encrypt")],
        [
            ("rules[0]", "dateShift treats no PN, which is what 'PatientName' selects"),
            ("rules[1]", "cryptoHash treats no US, which is what 'US' selects"),
        ],
    ),
    (
        "a value for other VRs",
        [rule("DA", "substitute"), rule("PatientBirth*", "substitute", replaceWith="ANONYMOUS")],
        [
            ("rules[0].replaceWith", "does not fit DA: "),
            ("rules[1].replaceWith", "does not fit DA, TM: "),
        ],
    ),
    ("a value that fits", [rule("DA", "substitute", replaceWith="19000101")], []),
    (
        "a private tag has any VR",
        [rule("(0019,100C)", "dateShift"), rule("private", "perturb")],
        [],
    ),
]


@pytest.mark.parametrize(("rules", "expected"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS])
def test_a_doubt_is_a_warning(rules: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    effective = {"rules": rules, "parameters": {"key": "k" * 32}, "mark": False}
    _, findings = examine(configuration_of(effective), environ={})
    assert not findings.mistakes
    found = [(warning.place, warning.message) for warning in findings.warnings]
    assert len(found) == len(expected), found
    for (place, message), (expected_place, begin) in zip(found, expected, strict=True):
        assert place == expected_place
        assert message.startswith(begin)
