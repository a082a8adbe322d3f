"""Who owns an element, and what is known of its fate beforehand: (rules, element, claim)."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from engine import compiled, rule

from anonymizer.dicom.attribute import EMPTY, KEEP, REMOVE, Element, Replace
from anonymizer.dicom.table import ASK, ASK_CREATOR, EMPTIES, GOES, SPECIFIC_CHARACTER_SET, STAYS
from anonymizer.rules.plan import OTHERWISE, Claim, Plan, always

if TYPE_CHECKING:
    from anonymizer.dicom.attribute import Decision

NAME = Element(0x00100010, "PN", "PN")
ID = Element(0x00100020, "LO", "LO")
STUDIES = Element(0x00081110, "SQ", "SQ")
PRIVATE = Element(0x00191001, "LO", "LO", "A")
CREATOR = Element(0x00190010, "LO", "LO")
UNKNOWN = Element(0x00191001, "UN", "")
BINARY = Element(0x00191001, "OB", "OB")
CHARSET = Element(SPECIFIC_CHARACTER_SET, "CS", "CS")

Rules = list[dict[str, object]]


def plan_of(*rules: dict[str, object], **more: Any) -> Plan:  # noqa: ANN401
    return Plan(compiled(*rules).rules, **more)


def claim_on(plan: Plan, element: Element, *, root: bool = True) -> Claim | None:
    claim = plan.claim(element, root=root)
    assert claim is None or isinstance(claim, Claim)
    return claim


NOBODYS: list[tuple[str, Rules, str, Element]] = [
    ("no rules", [], "keep", NAME),
    ("another tag", [rule("PatientID", "remove")], "keep", NAME),
    ("kept", [rule("PN", "keep"), rule("*", "remove")], "keep", NAME),
    ("kept from the rest", [rule("PN", "keep")], "remove", NAME),
    ("a kept sequence", [rule("SQ", "keep")], "keep", STUDIES),
    ("the character set, though a rule names it", [rule("(0008,0005)", "remove")], "keep", CHARSET),
    ("the character set, of all", [rule("*", "remove")], "remove", CHARSET),
    ("a private element whose creator stays", [rule("PN", "remove")], "keep", PRIVATE),
]


@pytest.mark.parametrize(
    ("rules", "otherwise", "element"), [r[1:] for r in NOBODYS], ids=[r[0] for r in NOBODYS]
)
def test_what_merely_stays_is_nobodys(rules: Rules, otherwise: str, element: Element) -> None:
    assert claim_on(plan_of(*rules, otherwise=otherwise), element) is None


CLAIMED: list[tuple[str, Rules, str, Element, int, list[int]]] = [
    ("removed", [rule("PN", "remove")], "keep", NAME, GOES, [0]),
    ("emptied", [rule("PN", "redact")], "keep", NAME, EMPTIES, [0]),
    ("by value", [rule("PN", "substitute")], "keep", NAME, ASK, [0]),
    ("the first decides", [rule("PN", "remove"), rule("*", "keep")], "keep", NAME, GOES, [0]),
    (
        "in their order",
        [rule("*", "redact"), rule("PatientName", "remove")],
        "keep",
        NAME,
        EMPTIES,
        [0],
    ),
    ("the rest", [rule("PN", "keep")], "remove", ID, GOES, [OTHERWISE]),
    ("a sequence of the rest is entered", [], "remove", STUDIES, STAYS, [OTHERWISE]),
    ("a method for other VRs", [rule("PN", "dateShift")], "keep", NAME, EMPTIES, [0]),
    ("or removed", [rule("PN", "dateShift", onError="remove")], "keep", NAME, GOES, [0]),
    ("or refused", [rule("PN", "dateShift", onError="refuse")], "keep", NAME, ASK, [0]),
    (
        "a place must be asked for",
        [rule(".PN", "remove"), rule("PN", "keep")],
        "keep",
        NAME,
        ASK,
        [0, 1],
    ),
    ("or the rest has it", [rule(".PN", "remove")], "keep", NAME, ASK, [0, OTHERWISE]),
    (
        "behind one that always matches",
        [rule("PN", "remove"), rule(".PN", "keep")],
        "keep",
        NAME,
        GOES,
        [0],
    ),
    (
        "a private element whose creator may go",
        [rule("(0019,0010)", "remove")],
        "keep",
        PRIVATE,
        STAYS,
        [OTHERWISE],
    ),
    ("a creator", [rule("private", "remove")], "keep", CREATOR, GOES, [0]),
]


@pytest.mark.parametrize(
    ("rules", "otherwise", "element", "fate", "numbers"),
    [r[1:] for r in CLAIMED],
    ids=[r[0] for r in CLAIMED],
)
def test_the_first_rule_that_matches_owns_it(
    rules: Rules, otherwise: str, element: Element, fate: int, numbers: list[int]
) -> None:
    claim = claim_on(plan_of(*rules, otherwise=otherwise), element)
    assert claim is not None
    assert claim.always == fate
    assert [case.number for case in claim.cases] == numbers
    assert (claim.sole is not None) is (len(numbers) == 1)


def test_in_items_what_stays_is_heard_of_where_sequences_may_be_hollow() -> None:
    plan = plan_of(rule("PN", "keep"), otherwise="remove")
    assert claim_on(plan, NAME) is None
    claim = claim_on(plan, NAME, root=False)
    assert claim is not None
    assert claim.always == STAYS


def test_a_rule_for_another_creator_makes_its_elements_heard_of_only() -> None:
    plan = plan_of(rule("(0019,0011)", "remove"))
    assert claim_on(plan, PRIVATE) is None
    other = claim_on(plan, Element(0x00191101, "LO", "LO", "B"))
    assert other is not None
    assert other.always == STAYS


CREATORS: list[tuple[str, Rules, Element, bool]] = [
    ("a rule that reads it", [rule("(0019,A,01)", "remove")], PRIVATE, True),
    (
        "behind one that decides",
        [rule("private", "remove"), rule("(0019,A,01)", "keep")],
        PRIVATE,
        False,
    ),
    ("before it", [rule("(0019,A,01)", "keep"), rule("private", "remove")], PRIVATE, True),
    ("a VR that only it tells", [rule("PN", "remove")], UNKNOWN, True),
    (
        "a value method for an unknown VR",
        [rule("0019,1001", "cryptoHash")],
        UNKNOWN,
        True,
    ),
    ("a constant one", [rule("0019,1001", "remove")], UNKNOWN, False),
    ("a VR that is written", [rule("LO", "remove")], PRIVATE, False),
    ("another VR than is written", [rule("PN", "remove")], PRIVATE, True),
    ("behind the one that is written", [rule("LO", "keep"), rule("PN", "remove")], PRIVATE, False),
    ("a binary VR, written instead of text", [rule("OB", "remove")], BINARY, True),
    ("a value method for it", [rule("0019,1001", "cryptoHash")], BINARY, True),
    ("no rules", [], PRIVATE, False),
]


@pytest.mark.parametrize(
    ("rules", "element", "asks"), [r[1:] for r in CREATORS], ids=[r[0] for r in CREATORS]
)
def test_the_creator_is_asked_for_only_where_it_matters(
    rules: Rules, element: Element, asks: bool
) -> None:
    claim = plan_of(*rules).claim(element, root=True, creator_known=False)
    assert (claim is ASK_CREATOR) is asks


def test_the_reference_tool_reaches_the_root_alone() -> None:
    plan = plan_of(rule("PN", "remove"), root_only=True)
    assert claim_on(plan, NAME) is not None
    assert claim_on(plan, NAME, root=False) is None
    assert not plan.enters
    assert not plan.peeks


def test_what_is_shown_is_claimed_whoever_owns_it() -> None:
    plan = plan_of(show=True)
    for element in (NAME, STUDIES, CHARSET, PRIVATE, CREATOR):
        claim = claim_on(plan, element)
        assert claim is not None
        assert claim.always in (ASK, STAYS)


def test_what_is_watched_is_asked_about_though_its_fate_is_known() -> None:
    watched = plan_of(rule("*", "remove"), watch=True)
    claim = claim_on(watched, NAME)
    assert claim is not None
    assert claim.always == ASK
    number = claim_on(watched, Element(0x00280010, "US", "US"))
    assert number is not None
    assert number.always == GOES


def test_the_plan_remembers_which_rules_have_matched() -> None:
    plan = plan_of(rule("PN", "remove"), rule("LO", "remove"), rule(".SH", "remove"))
    plan.claim(NAME, root=True)
    plan.claim(Element(0x00080050, "SH", "SH"), root=True)
    assert plan.matched == {0}  # whether a place fits is seen only in the image


@pytest.mark.parametrize(
    ("method", "whole"),
    [("remove", True), ("redact", True), ("keep", False), ("cryptoHash", False)],
)
def test_only_a_sequence_that_surely_goes_is_not_entered(method: str, whole: bool) -> None:
    plan = plan_of(rule("SQ", method, onError="refuse"), show=False, otherwise="remove")
    claim = claim_on(plan, STUDIES, root=False)
    assert claim is not None
    assert plan.takes_whole(claim) is whole


@pytest.mark.parametrize(
    ("decision", "fate"),
    [(KEEP, STAYS), (REMOVE, GOES), (EMPTY, EMPTIES), (Replace(b"x"), ASK), (None, ASK)],
)
def test_a_constant_decision_in_the_words_of_the_splicer(
    decision: Decision | None, fate: int
) -> None:
    assert always(decision) == fate


def test_a_plan_goes_to_other_processes() -> None:
    rules = [
        rule("PatientName", "substitute"),
        rule("DA", "dateShift"),
        rule("(0019,A,01)", "keep"),
        rule("/0019,.*,0[12]/", "redact"),
        rule("ReferencedStudySequence[0].**.UI", "refreshUID"),
        rule("Patient*", "cryptoHash"),
    ]
    plan = pickle.loads(pickle.dumps(plan_of(*rules)))
    date = Element(0x00080020, "DA", "DA")
    for element, number in ((NAME, 0), (date, 1), (ID, 5)):
        claim = claim_on(plan, element)
        assert claim is not None
        assert claim.cases[0].number == number
    assert claim_on(plan, PRIVATE) is None
