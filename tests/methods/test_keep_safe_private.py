"""keepSafePrivate: what is known to identify nobody stays, everything else private goes."""

from __future__ import annotations

import pytest
from attributes import attribute, method, text_after
from engine import after, compiled
from image import element, item, part10, sequence

from anonymizer.dicom.attribute import KEEP, REMOVE, Attribute
from anonymizer.dicom.context import Context
from anonymizer.dicom.text import character_set
from anonymizer.pipeline import Pipeline
from anonymizer.standard.profile import profile_rules


class Declaring(Context):
    """The context of an image that calls private attributes safe."""

    def __init__(self, *safe: tuple[int, str, int]) -> None:
        super().__init__()
        self.safe = frozenset(safe)


def private(tag: int, creator: str, vr: str = "LO", value: bytes = b"A ") -> Attribute:
    return Attribute(tag, vr, value, character_set(()), creator=creator)


@pytest.mark.parametrize(
    ("tag", "creator", "vr", "stays"),
    [
        (0x00E11021, "ELSCINT1", "DS", True),
        (0x00E1FF21, "ELSCINT1", "DS", True),
        (0x00E11021, "ELSCINT1 ", "DS", True),
        (0x00E11022, "ELSCINT1", "DS", False),
        (0x00E11021, "ELSCINT2", "DS", False),
        (0x00E11021, "", "DS", False),
        (0x00E31021, "ELSCINT1", "DS", False),
        (0x00E10010, "", "LO", False),
        (0x00E11021, "ELSCINT1", "PN", False),
        (0x00E11021, "ELSCINT1", "DA", False),
        (0x00100010, "ELSCINT1", "PN", False),
    ],
)
def test_the_table_decides(tag: int, creator: str, vr: str, stays: bool) -> None:
    decision = method("keepSafePrivate").decide(private(tag, creator, vr), Context())
    assert decision is (KEEP if stays else REMOVE)


@pytest.mark.parametrize(
    ("safe", "stays"),
    [
        ((0x0009, "ACME", 0x01), True),
        ((0x0009, "ACME", -1), True),
        ((0x0009, "ACME", 0x02), False),
        ((0x0009, "ACME 2", -1), False),
        ((0x0011, "ACME", -1), False),
    ],
)
def test_what_the_image_declares_decides(safe: tuple[int, str, int], stays: bool) -> None:
    decision = method("keepSafePrivate").decide(private(0x00091001, "ACME"), Declaring(safe))
    assert decision is (KEEP if stays else REMOVE)


def test_uids_get_new_ones_unless_they_shall_stay() -> None:
    uid = private(0x00991002, "NQHeader", "UI", b"1.2.3\0")
    keeping = method("keepSafePrivate", {"retainUIDs": True})
    assert keeping.decide(uid, Context()) is KEEP
    decision = method("keepSafePrivate").decide(uid, Context())
    assert getattr(decision, "value", b"").decode() == text_after(
        method("refreshUID"), "UI", "1.2.3"
    )


PROFILE = profile_rules(options=("retainSafePrivate",))


def test_in_a_run_creators_stay_with_what_is_safe() -> None:
    safe = element(0x00E10010, "LO", "ELSCINT1") + element(0x00E11021, "DS", "1.5")
    unsafe = element(0x00E11022, "LO", "Nordmann")
    other = element(0x00E30010, "LO", "ELSCINT1") + element(0x00E31021, "DS", "1.5")
    assert after(safe + unsafe + other, *PROFILE) == safe


def test_in_a_run_a_safe_sequence_is_treated_on_its_merits() -> None:
    creator = element(0x20010010, "LO", "Philips Imaging DD 001")
    inner = item(element("PatientName", "PN", "Nordmann^Gerda") + element("Rows", "US", 4))
    out = after(creator + sequence(0x2001105F, inner), *PROFILE)
    assert b"Nordmann" not in out
    assert element("Rows", "US", 4) in out
    assert out.startswith(creator)


def test_without_the_option_everything_private_goes() -> None:
    safe = element(0x00E10010, "LO", "ELSCINT1") + element(0x00E11021, "DS", "1.5")
    assert after(safe + element("Rows", "US", 4), *profile_rules()) == element("Rows", "US", 4)


def test_a_public_attribute_is_none_of_its_business() -> None:
    assert method("keepSafePrivate").decide(attribute("LO", "A", "PatientID"), Context()) is REMOVE


def declaring(number: int, said: str, low: int = 0x01) -> bytes:
    """An image with a private element, and what it says of its block."""
    declared = sequence(
        0x00080300,
        item(
            element(0x00080301, "US", 0x0009)
            + element(0x00080302, "LO", "ACME")
            + element(0x00080303, "CS", said)
            + element(0x00080304, "US", low)
        ),
    )
    return part10(
        element("SOPClassUID", "UI", "1.2.840.10008.5.1.4.1.1.4")
        + element("SOPInstanceUID", "UI", f"1.2.{number}")
        + (declared if said else b"")
        + element(0x00090010, "LO", "ACME")
        + element(0x00091001, "LO", "COIL")
        + element("PatientID", "LO", "42")
        + element("StudyInstanceUID", "UI", "1.3")
        + element("SeriesInstanceUID", "UI", "1.4")
    )


@pytest.mark.parametrize(
    "order", ["- - - - SAFE - - SAFE", "SAFE SAFE SAFE - - - - UNSAFE - MIXED - -"]
)
def test_each_image_of_a_series_has_its_own_say(order: str) -> None:
    said = [word.strip("-") for word in order.split()]
    plan = compiled({"dicomTagPath": "/....,.*,../", "method": "keepSafePrivate"})
    series = Pipeline(plan)
    for number, word in enumerate(said * 2):
        file = declaring(number, word)
        output = bytes(series.anonymize(file, len(file)))
        assert (b"COIL" in output) == (word in ("SAFE", "MIXED"))
        assert output == bytes(Pipeline(plan, series=False).anonymize(file, len(file)))
