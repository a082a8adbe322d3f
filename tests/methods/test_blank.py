"""Zeros over bytes: overlays and numbers keep their size and tell nothing."""

from __future__ import annotations

import pytest
from attributes import CONTEXT, after, attribute, method
from engine import after as dataset_after
from engine import rule
from image import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, writer_of

from anonymizer.methods.refusal import UnsupportedVR

BLANK = method("blank")
OVERLAY = 0x60023000


@pytest.mark.parametrize("vr", sorted(type(BLANK).vrs))
@pytest.mark.parametrize("value", [b"", b"\x01" * 8, b"CANARY" * 4])
def test_zeros_of_the_same_length(vr: str, value: bytes) -> None:
    assert after(BLANK, attribute(vr, value)) == bytes(len(value))


@pytest.mark.parametrize("vr", ["LO", "PN", "UI", "SQ", "AT", "DS"])
def test_text_is_not_blanked(vr: str) -> None:
    with pytest.raises(UnsupportedVR):
        BLANK.decide(attribute(vr, b"12"), CONTEXT)


def test_compressed_pixels_are_not_blanked() -> None:
    with pytest.raises(UnsupportedVR):
        BLANK.decide(attribute("OB", b"ab", encapsulated=True), CONTEXT)


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE])
@pytest.mark.parametrize("vr", ["OB", "OW"])
def test_an_overlay_keeps_its_place_and_its_length(syntax: str, vr: str) -> None:
    write = writer_of(syntax).element
    rows = write(0x60020010, "US", 4)
    new = dataset_after(
        rows + write(OVERLAY, vr, b"\xff" * 6), rule("(60xx,3000)", "blank"), syntax=syntax
    )
    assert new == rows + write(OVERLAY, vr, bytes(6))
