"""A profile is claimed only where own rules take as much as it does."""

from __future__ import annotations

import pytest
from engine import KEY, rule

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.rules.compiled import Compiled


def of_profile(own: dict[str, object], options: list[str]) -> Compiled:
    effective = {"extends": "ps3.15", "options": options, "rules": [own]}
    return compile_configuration(configuration_of(effective), environ={"ANONYMIZER_KEY": KEY})


CLAIMED = [
    (rule("StudyDescription", "remove"), []),
    (rule("PatientID", "cryptoHash"), []),
    (rule("PatientName", "pseudonym"), []),
    (rule("Rows", "keep"), []),
    (rule("StationName", "keep"), ["retainDeviceIdentity"]),
    (rule("StudyDate", "dateShift"), ["retainLongitudinalModifiedDates"]),
    (rule("ContentSequence", "keep"), []),
    (rule("PatientBirthDate", "redact"), []),
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
        (rule("LO", "keep"), [], "InstitutionName"),
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
