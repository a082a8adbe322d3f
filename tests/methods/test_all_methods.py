"""What holds for every method: it fits workers, tells no secret, and keeps to its own word."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from attributes import CONTEXT, MASTER, after, attribute, method, secrets
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.dicom.attribute import KEEP, TEXT_VRS, Attribute, Keep, Remove, Replace
from anonymizer.dicom.context import Context
from anonymizer.dicom.fragments import join_items
from anonymizer.dicom.text import character_set
from anonymizer.errors import ValueFault
from anonymizer.methods import METHODS
from anonymizer.methods.encrypt import Reveal
from anonymizer.methods.method import Option, OptionFault
from anonymizer.methods.refusal import ALL_VRS, UnsupportedVR

if TYPE_CHECKING:
    from anonymizer.methods.method import Method

REQUIRED: dict[str, dict[str, Any]] = {"regexReplace": {"find": "A", "replace": "B"}}
SAMPLES = {
    "AS": b"045Y",
    "AT": b"\x08\x00\x18\x00",
    "DA": b"20200101",
    "DS": b"1.5 ",
    "DT": b"20200101120000",
    "IS": b"12",
    "TM": b"1200",
    "UI": b"1.2.3\0",
}
ALL = sorted(METHODS)
CANARY = "ZQXCANARY"


def built(name: str, **given: Any) -> Method:  # noqa: ANN401
    return method(name, REQUIRED.get(name), **given)


def forms_of(name: str) -> list[Method]:
    """The native form, and those of the reference tool where it has the method."""
    forms = [built(name)]
    if hasattr(METHODS[name], "exact"):
        forms += [METHODS[name].exact({}, secrets()), METHODS[name].compatible({}, secrets())]  # type: ignore[attr-defined]
    return forms


MADE = [(name, n, form) for name in ALL for n, form in enumerate(forms_of(name))]
FORMS = [pytest.param(form, id=f"{name}-{n}") for name, n, form in MADE]
REPEATABLE = [pytest.param(form, id=f"{name}-{n}") for name, n, form in MADE if form.repeatable]
INDIFFERENT = {"keep", "remove", "redact", "substitute", "regexReplace", "dummy", "byType"}
INDIFFERENT |= {"keepSafePrivate", "cleanContent"}
"""Methods to which an empty value is like any other."""
EMPTIED = [
    pytest.param(form, vr, id=f"{name}-{n}-{vr}")
    for name, n, form in MADE
    for vr in sorted(TEXT_VRS & form.vrs)
    if name not in INDIFFERENT and ".exact." not in type(form).__module__
]
"""The reference tool's own ways with empty values stand in its vectors."""


def after_or_kind(does: Method, before: Attribute) -> object:
    """What the decision is, in a form that compares."""
    try:
        decision = does.decide(before, CONTEXT)
    except ValueFault as fault:
        return str(fault)
    return decision.value if isinstance(decision, Replace) else type(decision)


@pytest.mark.parametrize("does", REPEATABLE)
def test_it_survives_the_way_to_a_worker(does: Method) -> None:
    twin = pickle.loads(pickle.dumps(does))
    for vr in sorted(does.vrs):
        before = attribute(vr, SAMPLES.get(vr, b"12345678"))
        assert after_or_kind(twin, before) == after_or_kind(does, before)


@pytest.mark.parametrize("does", FORMS)
def test_its_representation_shows_no_key(does: Method) -> None:
    slots = [getattr(does, slot) for slot in getattr(type(does), "__slots__", ())]
    for text in (repr(does), str(does), *map(repr, slots if does.name != "encrypt" else [])):
        assert MASTER.decode() not in text
        assert repr(secrets().key(does.name))[2:-1] not in text


@pytest.mark.parametrize("does", FORMS)
@pytest.mark.parametrize("vr", sorted(ALL_VRS))
def test_a_vr_it_does_not_name_is_refused_and_the_others_are_not(does: Method, vr: str) -> None:
    before = attribute(vr, b"" if vr == "SQ" else SAMPLES.get(vr, b"12345678"))
    try:
        does.decide(before, CONTEXT)
    except UnsupportedVR:
        assert vr not in does.vrs
    except ValueFault:
        assert vr in does.vrs
    else:
        assert vr in does.vrs


@pytest.mark.parametrize("does", FORMS)
@pytest.mark.parametrize("vr", sorted(TEXT_VRS))
@pytest.mark.parametrize(
    "value", [CANARY + "\xe9", CANARY, CANARY * 1000, "\\" + CANARY, "1\0" + CANARY]
)
def test_no_fault_holds_the_value(does: Method, vr: str, value: str) -> None:
    before = Attribute(0x00091001, vr, value.encode("latin-1"), character_set(()))
    told: list[object] = []
    try:
        told.append(does.decide(before, CONTEXT))
    except ValueFault as fault:
        told += [fault, None if fault.__suppress_context__ else fault.__context__]
    assert CANARY not in "".join(map(repr, told))


@pytest.mark.parametrize(("does", "vr"), EMPTIED)
@pytest.mark.parametrize("field", [b"", b"  ", b"\0\0"])
def test_the_native_forms_leave_empty_values_empty(does: Method, vr: str, field: bytes) -> None:
    decision = does.decide(attribute(vr, field), CONTEXT)
    assert decision is KEEP or (isinstance(decision, Replace) and not decision.value)


@pytest.mark.parametrize("does", FORMS)
def test_a_constant_decision_is_the_decision(does: Method) -> None:
    if does.constant is None:
        return
    assert isinstance(does.constant, Keep | Remove | Replace)
    for vr in sorted(does.vrs):
        assert does.decide(attribute(vr, b"garbage!"), CONTEXT) is does.constant
    pixels = attribute("OB", join_items([b"", b"ab"]), encapsulated=True)
    assert does.decide(pixels, CONTEXT) is does.constant


HELD_BY = {"_identity": "identity", "identify": "identity"}


class Watched(Context):
    """A context that tells what was read of it."""

    __slots__ = ("read",)
    read: set[str]

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401
        if name in Context.__slots__:
            object.__getattribute__(self, "read").add(HELD_BY.get(name, name))
        return object.__getattribute__(self, name)


@pytest.mark.parametrize("does", FORMS)
def test_it_reads_of_the_context_what_it_says(does: Method) -> None:
    read: set[str] = set()
    context = Watched.__new__(Watched)
    context.read = read
    context.__init__("patient", "1", "2", "3", "4")  # type: ignore[misc]
    for vr in sorted(does.vrs):
        read.clear()
        try:
            does.decide(attribute(vr, SAMPLES.get(vr, b"12345678")), context)
        except ValueFault:
            continue
        assert read <= does.uses


@pytest.mark.parametrize("does", REPEATABLE)
@given(st.sampled_from(sorted(TEXT_VRS)), st.sampled_from(sorted(SAMPLES.values())))
def test_the_path_and_the_number_of_calls_do_not_matter(
    does: Method, vr: str, field: bytes
) -> None:
    paths = ((), ((0x00081140, 0),), ())
    outcomes = {after_or_kind(does, attribute(vr, field, path=path)) for path in paths}
    assert len(outcomes) == 1


@pytest.mark.parametrize("name", ALL)
def test_it_is_described(name: str) -> None:
    kind = METHODS[name]
    assert kind.name == name
    assert kind.__doc__
    assert kind.summary
    assert not kind.summary.endswith(".")
    assert kind.vrs <= ALL_VRS
    for option in kind.options:
        assert isinstance(option, Option)
        assert option.summary
        assert {"string", "integer", "number", "boolean", "array"} >= {option.schema["type"]}


@pytest.mark.parametrize("name", ALL)
def test_an_unknown_option_is_a_fault_with_a_hint(name: str) -> None:
    with pytest.raises(OptionFault) as caught:
        method(name, {**REQUIRED.get(name, {}), "nonsense": 1})
    ((option, message, hint),) = caught.value.faults
    assert (option, message) == ("nonsense", "no such option")
    assert hint


@pytest.mark.parametrize(
    ("name", "given", "faults"),
    [
        ("dateShift", {"dateShiftScop": "x"}, {"dateShiftScop"}),
        (
            "dateShift",
            {"dateShiftRange": 0, "dateShiftScope": "All"},
            {"dateShiftRange", "dateShiftScope"},
        ),
        ("dateShift", {"dateShiftRange": "50"}, {"dateShiftRange"}),
        ("dateShift", {"dateShiftRange": True}, {"dateShiftRange"}),
        ("dateShift", {"dateShiftDays": 0}, {"dateShiftDays"}),
        ("cryptoHash", {"cryptoHashType": "Md5", "truncate": "no"}, {"cryptoHashType", "truncate"}),
        ("substitute", {"replaceWith": 20}, {"replaceWith"}),
        ("perturb", {"span": -1, "roundTo": 1.5}, {"span", "roundTo"}),
        ("regexReplace", {"replace": "x"}, {"find"}),
        ("regexReplace", {"find": ""}, {"find"}),
        ("regexReplace", {"find": 7}, {"find"}),
        ("regexReplace", {"find": "("}, {"find"}),
        ("regexReplace", {"find": "a", "replace": "\\2"}, {"replace"}),
        ("pseudonym", {"prefix": "a\\b"}, {"prefix"}),
        ("pseudonym", {"prefix": "x" * 60}, {"prefix"}),
        ("cleanText", {"vocabulary": "any", "words": ["Knie"]}, {"words"}),
        ("cleanText", {"vocabulary": "standard", "words": "Knie"}, {"words"}),
        ("cleanText", {"vocabulary": "some", "cleanedWith": 1}, {"vocabulary", "cleanedWith"}),
        ("redact", {"enablePartialDatesForRedact": "true"}, {"enablePartialDatesForRedact"}),
        ("pseudonym", {"sequential": "yes"}, {"sequential"}),
    ],
)
def test_every_wrong_option_is_reported(name: str, given: dict[str, Any], faults: set[str]) -> None:
    with pytest.raises(OptionFault) as caught:
        method(name, given)
    assert {option for option, _, _ in caught.value.faults} == faults


def test_a_misspelled_option_is_recognised() -> None:
    with pytest.raises(OptionFault) as caught:
        method("dateShift", {"dateshiftscope": "Patient"})
    assert caught.value.faults[0][2] == "did you mean 'dateShiftScope'?"


@pytest.mark.parametrize("name", ALL)
def test_the_defaults_are_valid_by_their_own_schema(name: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    for option in METHODS[name].options:
        if option.default is not None:
            jsonschema.validate(option.default, option.schema)


def test_reveal_is_no_method_of_a_configuration() -> None:
    assert Reveal.name not in METHODS


def test_keep_and_remove() -> None:
    assert after(method("keep"), attribute("LO", "A")) == b"A"
    assert isinstance(method("remove").decide(attribute("LO", "A"), CONTEXT), Remove)


@pytest.mark.parametrize("does", FORMS)
def test_all_of_them_can_be_sent_to_a_worker(does: Method) -> None:
    assert type(pickle.loads(pickle.dumps(does))) is type(does)
