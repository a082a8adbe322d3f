"""A profile is claimed only where own rules take as much as it does."""

from __future__ import annotations

import pytest
from engine import KEY, rule

from anonymizer.config.compile import compile_configuration
from anonymizer.config.known_methods import method_from
from anonymizer.config.load import configuration_of
from anonymizer.dicom.attribute import KEEP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.methods.method import Method
    from anonymizer.rules.compiled import Compiled


def of_profile(
    own: dict[str, object],
    options: list[str],
    *before: dict[str, object],
    methods: dict[str, type[Method]] | None = None,
) -> Compiled:
    effective = {"extends": "ps3.15", "options": options, "rules": [*before, own]}
    environ = {"ANONYMIZER_KEY": KEY}
    return compile_configuration(configuration_of(effective), environ=environ, methods=methods)


CLAIMED = [
    (rule("StudyDescription", "remove"), []),
    (rule("PatientID", "cryptoHash"), []),
    (rule("PatientName", "pseudonym"), []),
    (rule("Rows", "keep"), []),
    (rule("StationName", "keep"), ["retainDeviceIdentity"]),
    (rule("StudyDate", "dateShift"), ["retainLongitudinalModifiedDates"]),
    (rule("ContentSequence", "keep"), []),
    (rule("PatientBirthDate", "redact"), []),
    (rule("private", "remove"), []),
    (rule('(0019,"ACME",0C)', "keep"), ["retainSafePrivate"]),
    (rule("(0019,100C)", "keep"), ["retainSafePrivate"]),
    (rule("/....,.*,../", "keepSafePrivate"), ["retainSafePrivate"]),
    (rule("(7FE0,xxxx)", "keep"), []),
    (rule("(6002,0010)", "keep"), []),
    (rule("(6004,3000)", "blank"), []),
    (rule("(6001,3000)", "keep"), ["retainSafePrivate"]),
]


@pytest.mark.parametrize(("own", "options"), CLAIMED)
def test_what_the_profile_would_do_too_is_claimed(
    own: dict[str, object], options: list[str]
) -> None:
    plan = of_profile(own, options)
    assert plan.codes[0][0] == "113100"
    assert not plan.unclaimed


@pytest.mark.parametrize(
    ("own", "options", "attribute"),
    [
        (rule("StudyDescription", "keep"), [], "StudyDescription"),
        (rule("StudyDescription", "keep"), ["cleanDescriptors"], "StudyDescription"),
        (rule("LO", "keep"), [], "private attributes"),
        (rule("private", "keep"), [], "private attributes"),
        (rule("private", "keep"), ["retainSafePrivate"], "private attributes"),
        (rule('(0019,"ACME",0C)', "keep"), [], "private attributes"),
        (rule("(0019,100C)", "keep"), [], "private attributes"),
        (rule("(0019,xxxx)", "keep"), ["retainSafePrivate"], "private attributes"),
        (rule("/....,.*,../", "keepSafePrivate"), [], "private attributes"),
        (rule("DA", "dateShift"), ["retainLongitudinalModifiedDates"], "private attributes"),
        (rule("OverlayData", "keep"), [], "OverlayData"),
        (rule("(6004,3000)", "keep"), [], "OverlayData"),
        (rule("(6002,xxxx)", "keep"), [], "OverlayData"),
        (rule("(6002,4000)", "keep"), [], "OverlayComments"),
        (rule("(5004,2500)", "keep"), [], "50XXXXXX"),
        (rule("CurveData", "keep"), [], "50XXXXXX"),
        (rule("StudyDate", "dateShift"), [], "StudyDate"),
        (rule("PatientAge", "redact", enablePartialAgesForRedact=True), [], "PatientAge"),
    ],
)
def test_what_leaves_more_is_not_claimed(
    own: dict[str, object], options: list[str], attribute: str
) -> None:
    plan = of_profile(own, options)
    assert plan.codes == ()
    assert attribute in plan.unclaimed
    assert "rules[0]" in plan.unclaimed


@pytest.mark.parametrize("around", ["", "RequestAttributesSequence"])
def test_a_rule_for_one_place_does_not_answer_for_the_others(around: str) -> None:
    plan = of_profile(
        rule("StudyDescription", "keep"), [], rule(f"{around}.StudyDescription", "remove")
    )
    assert plan.codes == ()
    assert "StudyDescription" in plan.unclaimed
    assert "rules[1]" in plan.unclaimed


def test_nobody_knows_what_a_method_of_ones_own_leaves() -> None:
    methods = {"ours": method_from("ours", lambda attribute, context: KEEP)}
    plan = of_profile(rule("PatientName", "ours"), [], methods=methods)
    assert plan.codes == ()
    assert plan.unclaimed == "ours may leave more of PatientName than the profile (rules[0])"
