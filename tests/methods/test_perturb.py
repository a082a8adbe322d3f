"""perturb: noise by the key, within span and VR."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from attributes import CONTEXT, after, attribute, method, text_after
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.dicom.attribute import TEXT_VRS
from anonymizer.dicom.context import Context
from anonymizer.dicom.forms import fits
from anonymizer.dicom.numbers import CODES, FLOAT_VRS, pack, range_of, unpack
from anonymizer.errors import ValueFault

NONE = {"span": 0, "rangeType": "Fixed"}


@pytest.mark.parametrize(
    ("options", "vr", "before", "after"),
    [
        (NONE, "DS", "5.234", "5.23"),
        ({**NONE, "roundTo": 0}, "DS", "2.5", "2"),
        (NONE, "DS", "5.00", "5"),
        (NONE, "DS", "1e3\\\\ 2 ", "1000\\\\2"),
        (NONE, "IS", "-7", "-7"),
        (NONE, "AS", "045Y", "045Y"),
        (NONE, "DS", "", ""),
    ],
)
def test_without_noise_only_rounding_is_left(
    options: dict[str, object], vr: str, before: str, after: str
) -> None:
    assert text_after(method("perturb", options), vr, before) == after


@given(
    st.sampled_from(sorted(CODES)),
    st.floats(0, 1e20),
    st.sampled_from(["Fixed", "Proportional"]),
    st.data(),
)
def test_noise_stays_within_span_and_vr(
    vr: str, span: float, kind: str, data: st.DataObject
) -> None:
    low, high = range_of(vr)
    if vr in FLOAT_VRS:
        value: float = unpack(pack([data.draw(st.floats(-1e6, 1e6))], vr), vr)[0]
    else:
        value = data.draw(st.integers(int(low), int(high)))
    does = method("perturb", {"span": span, "rangeType": kind, "roundTo": 2})
    (noisy,) = unpack(after(does, attribute(vr, pack([value], vr))), vr)
    width = span if kind == "Fixed" else abs(value * span)
    slack = 1 + abs(value) * 1e-6 + width * 1e-6
    assert abs(noisy - value) <= width / 2 + slack
    assert low <= noisy <= high


@given(st.sampled_from(["DS", "IS", "AS"]), st.integers(0, 999), st.floats(0, 1e12))
def test_text_stays_valid(vr: str, value: int, span: float) -> None:
    does = method("perturb", {"span": span, "rangeType": "Fixed"})
    text = text_after(does, vr, f"{value:03}Y" if vr == "AS" else str(value)) \
        if vr != "AS" or span < 500 else "001Y"  # fmt: skip
    assert vr in TEXT_VRS
    assert fits(text, vr) == ""


def test_the_same_image_gets_the_same_noise_and_others_another() -> None:
    does, twin = method("perturb"), method("perturb")
    before = attribute("DS", "1000")
    assert after(does, before) == after(twin, before)
    elsewhere = attribute("DS", "1000", path=((0x00081140, 0),))
    other = Context(subject="s", sop="another")
    assert len({after(does, before), after(does, elsewhere), after(does, before, other)}) == 3
    assert not does.repeatable


def test_each_value_has_its_own_noise() -> None:
    first, second = text_after(method("perturb"), "DS", "1000\\1000").split("\\")
    assert first != second


def test_byte_order_is_kept() -> None:
    does = method("perturb", NONE)
    assert after(does, attribute("US", b"\0\7", big_endian=True)) == b"\0\7"


def test_numbers_are_held_at_the_end_of_the_range() -> None:
    does = method("perturb", {"span": 1e9, "rangeType": "Fixed"})
    values = unpack(after(does, attribute("US", pack([65535] * 50, "US"))), "US")
    assert set(values) == {0, 65535}


@pytest.mark.parametrize(
    ("vr", "field"),
    [("DS", b"abc"), ("IS", b"1.5"), ("AS", b"45"), ("US", b"abc"), ("FL", b"\0\0\xc0\x7f")],
)
def test_what_is_no_number_is_a_fault(vr: str, field: bytes) -> None:
    with pytest.raises(ValueFault):
        method("perturb").decide(attribute(vr, field), CONTEXT)


def test_an_age_with_noise_beyond_all_numbers_is_an_age_or_a_fault() -> None:
    does = method("perturb", {"span": 1e308})
    ages = []
    for number in range(30):
        try:
            ages.append(after(does, attribute("AS", "089Y"), Context(sop=str(number))).decode())
        except ValueFault as fault:
            ages.append(fault.message)
    assert set(ages) == {"000Y", "the age does not fit three digits"}


def test_millions_of_numbers_take_little_memory_and_get_noise_of_their_own() -> None:
    does = method("perturb", {"rangeType": "Fixed", "span": 60_000, "roundTo": 0})
    few = struct.pack("<1000H", *[30_000] * 1000)
    tracemalloc.start()
    noisy = after(does, attribute("OW", few * 700))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(noisy) == len(few) * 700
    assert peak < 30_000_000
    pieces = {noisy[at : at + 100] for at in range(0, len(noisy) - 100, 1 << 18)}
    assert len(pieces) == 6
    assert noisy.startswith(after(does, attribute("OW", few)))
