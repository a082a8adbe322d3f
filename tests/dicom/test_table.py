"""What the scanner is told at an element: (raw tag and VR, what its entry says)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anonymizer.dicom import table as tables_module
from anonymizer.dicom.attribute import Element
from anonymizer.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE
from anonymizer.dicom.table import (
    ASK,
    ASK_CREATOR,
    CHARSET,
    CREATOR,
    FENCE,
    FENCE_ENTRY,
    GROUP_LENGTH,
    ITEM_END,
    MARK,
    NO_ELEMENT,
    OWNED,
    PLAIN,
    PRIVATE,
    SEQUENCE,
    UNKNOWN,
    ZERO_ENTRY,
    Table,
    Tables,
)

if TYPE_CHECKING:
    from anonymizer.dicom.table import Claim


class Asked:
    always = ASK


class Owns:
    """Claims the tags it is given, those of ``creators`` only under their creator."""

    enters = peeks = True

    def __init__(self, *tags: int, creator: str = "") -> None:
        self.tags = tags
        self.creator = creator
        self.asked: list[Element] = []

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        self.asked.append(element)
        if self.creator and element.tag in self.tags and not creator_known:
            return ASK_CREATOR
        return Asked() if element.tag in self.tags and element.creator == self.creator else None

    def takes_whole(self, claim: Claim) -> bool:
        return False


NAME = b"\x10\0\x10\0PN"


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (b"\x08\0\x60\0OB", PLAIN),
        (b"\x08\0\x60\0UN", PLAIN),
        (b"\x10\0\x10\0PN", OWNED),
        (b"\x10\0\x10\0UN", OWNED),
        (b"\x10\0\x10\0OB", OWNED),
        (b"\x08\0\x10\x11SQ", SEQUENCE),
        (b"\x08\0\x10\x11UN", SEQUENCE),
        (b"\x08\0\x10\x11OB", SEQUENCE),
        (b"\x08\0\x01\x7fUN", UNKNOWN),
        (b"\x09\0\x01\x10UN", UNKNOWN),
        (b"\x09\0\x10\0LO", CREATOR),
        (b"\x09\0\xff\0UN", CREATOR),
        (b"\x09\0\0\0UL", GROUP_LENGTH),
        (b"\x08\0\0\0LO", GROUP_LENGTH),
        (b"\x08\0\x05\0CS", CHARSET),
        (b"\x08\0\x05\0UN", CHARSET),
        (b"\xfe\xff\x0d\xe0\0\0", ITEM_END),
    ],
)
def test_the_kind_of_an_entry(key: bytes, kind: int) -> None:
    entry = Table(EXPLICIT_LE, Owns(0x00100010), root=True)[key]
    assert entry is not None
    assert entry.kind == kind


@pytest.mark.parametrize(
    "key", [b"\x08\0\x60\0CS", b"\x28\0\x10\0US", b"\x09\0\x01\x10LO", b"\x09\0\x0f\0LO"]
)
def test_what_nobody_owns_has_no_entry(key: bytes) -> None:
    assert Table(EXPLICIT_LE, Owns(), root=True)[key] is None


@pytest.mark.parametrize(
    "key",
    [
        b"\x10\0\x10\0XX",
        b"\x10\0\x10\0\0\0",
        b"\xfe\xff\0\xe0\0\0",
        b"\xfe\xff\xdd\xe0\0\0",
        b"\xfe\xff\x0d\xe0PN",  # a delimiter has no VR: its length would be wrong
        b"\xfe\xff\x0d\xe0\x08\0",
    ],
)
def test_what_is_no_element_is_said_and_not_remembered(key: bytes) -> None:
    table = Table(EXPLICIT_LE, Owns(), root=True)
    assert table[key] is NO_ELEMENT
    assert key not in table


def test_zeros_are_no_element_but_may_be_padding() -> None:
    assert Table(EXPLICIT_LE, Owns(), root=True)[bytes(6)] is ZERO_ENTRY
    assert Table(IMPLICIT_LE, Owns(), root=True)[bytes(4)] is ZERO_ENTRY


def test_a_key_is_worked_out_once() -> None:
    owner = Owns(0x00100010)
    table = Table(EXPLICIT_LE, owner, root=True)
    assert table[NAME] is table[NAME]
    assert len(owner.asked) == 1


def test_the_keys_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables_module, "MOST_KEYS", 3)
    owner = Owns(0x00091010, creator="A")
    table = Table(EXPLICIT_LE, owner, root=True)
    for number in range(10):
        assert table[b"\x08\0" + bytes([number, 1]) + b"OB"] is not None
    assert len(table) == 3
    private = Table(EXPLICIT_LE, owner, root=True)[b"\x09\0\x10\x10UN"]
    assert private is not None
    for number in range(10):
        table.for_creator(private, f"creator {number}")
        table.as_sequence(private, f"creator {number}")
    assert len(private.by_creator) == len(private.as_sequence) == 3


def test_what_depends_on_the_creator_is_asked_again_for_each() -> None:
    table = Table(EXPLICIT_LE, Owns(0x00091010, creator="A"), root=True)
    entry = table[b"\x09\0\x10\x10LO"]
    assert entry is not None
    assert entry.kind == PRIVATE
    owned = table.for_creator(entry, "A")
    assert owned is not None
    assert owned.kind == OWNED
    assert table.for_creator(entry, "B") is None


def test_an_unknown_element_that_holds_items_is_asked_about_as_a_sequence() -> None:
    owner = Owns(0x00091010)
    table = Table(EXPLICIT_LE, owner, root=True)
    entry = table[b"\x09\0\x10\x10UN"]
    assert entry is not None
    assert table.as_sequence(entry, "A").kind == SEQUENCE
    assert (owner.asked[-1].vr, owner.asked[-1].creator) == ("SQ", "A")
    assert table.as_sequence(entry, "A") is table.as_sequence(entry, "A")


def test_in_the_main_data_set_the_marks_have_a_place() -> None:
    front, items = Tables(Owns(), marks=(0x00120062, 0x00120063)).of(EXPLICIT_LE)
    for key in (NAME, b"\x12\0\x63\0LO"):
        entry = front[key]
        assert entry is None or entry.kind == MARK
    assert front[b"\x12\0\x64\0SQ"] is FENCE_ENTRY
    assert FENCE_ENTRY.kind == FENCE
    for table in (front.behind, items):
        entry = table[b"\x12\0\x64\0SQ"]
        assert entry is not None
        assert entry.kind == SEQUENCE
    nested = items[b"\x12\0\x63\0LO"]
    assert nested is None  # a mark in an item says nothing of the image


def test_without_marks_there_is_no_fence() -> None:
    front, *_ = Tables(Owns()).of(EXPLICIT_LE)
    assert front[b"\x12\0\x62\0CS"] is None
    assert front[b"\x18\0\x50\0DS"] is None


def test_values_of_the_main_data_set_are_noted_not_those_of_items() -> None:
    front, items = Tables(Owns()).of(EXPLICIT_BE)
    entry = front[b"\0\x10\0\x20LO"]
    assert entry is not None
    assert entry.noted
    assert items[b"\0\x10\0\x20LO"] is None
