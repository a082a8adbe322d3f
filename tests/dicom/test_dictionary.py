"""Facts of the dictionary: every entry is found, private ones in whatever block they stand."""

from __future__ import annotations

import re
import runpy

import pytest
from pydicom._private_dict import private_dictionaries
from pydicom.datadict import private_dictionary_VR
from study import ROOT

from anonymizer.dicom.dictionary import (
    keyword_of,
    real_vr,
    representations_of,
    tags,
    tags_by_keyword,
)


def test_the_modules_are_what_the_tool_writes() -> None:
    tool = runpy.run_path(str(ROOT / "tools" / "build_dictionary.py"))
    assert tool["stale"]() == [], "run tools/build_dictionary.py"


def test_every_private_entry_of_pydicom_is_found_in_any_block() -> None:
    rows = [
        (creator, mask, row[0].replace("_", " or "))  # OB_OW
        for creator, masks in private_dictionaries.items()
        for mask, row in masks.items()
        if not re.fullmatch("[0-9A-F]{4}10xx", mask)  # they describe the private creator
        and int(mask[3].replace("x", "1"), 16) & 1  # PS3.5 7.8; pydicom has two even ones
    ]
    assert len(rows) > 10_000
    for creator, mask, vr in rows:
        for tag in tags_of(mask, also=ELSEWHERE.get(mask, ("11", "AB"))):
            real = "OW" if "OW" in vr else vr.split(" or ")[0]
            assert representations_of(tag, creator) == tuple(vr.split(" or ")), (creator, mask)
            assert real_vr(tag, "UN", creator) == real_vr(tag, "", creator) == real, (creator, mask)


ELSEWHERE = {"01F1xx26": ("11",), "01F1xx4E": ("11",), "01F11026": (), "01F1104E": ()}
"""Entries that differ in block 10 and elsewhere."""


def tags_of(mask: str, also: tuple[str, ...]) -> list[int]:
    """A tag for a mask as it stands, where an element can stand there, and in other blocks."""
    own = () if "x" in mask or mask[4:6] == "00" else (mask[4:6],)
    blocks = (*own, *also)
    return [int(mask[:4].replace("xx", "11") + block + mask[6:], 16) for block in blocks]


@pytest.mark.parametrize(
    ("tag", "creator"),
    [
        (0x0051100D, "SIEMENS MR HEADER"),
        (0x0051AB0F, "SIEMENS MR HEADER"),
        (0x0019100A, "SIEMENS MR HEADER"),
    ],
)
def test_a_private_element_has_the_vr_that_pydicom_knows(tag: int, creator: str) -> None:
    expected = private_dictionary_VR(tag, creator)
    assert expected != "UN"
    assert real_vr(tag, "UN", creator) == real_vr(tag, "", creator) == expected


def test_every_keyword_leads_to_its_tag_and_back() -> None:
    assert all(tags_by_keyword()[keyword_of(tag)] == tag for tag in tags())


def test_what_nobody_knows_is_unknown() -> None:
    assert real_vr(0x00091001, "", "NOBODY") == real_vr(0x00091001, "UN") == "UN"
    assert real_vr(0x00080FFE, "UN") == "UN"
    assert keyword_of(0x00080FFE) == ""
