"""Facts of the dictionary: every entry is found, private ones in whatever block they stand."""

from __future__ import annotations

import pytest
from pydicom.datadict import private_dictionary_VR

from anonymizer.dicom._elements import ELEMENTS
from anonymizer.dicom._private_elements import PRIVATE
from anonymizer.dicom.dictionary import keyword_of, real_vr, representations_of, tags_by_keyword


def test_every_private_entry_is_found_in_any_block() -> None:
    assert len(PRIVATE) > 300
    for creator, elements in PRIVATE.items():
        for mask, vr in elements.items():
            for block in (0x11, 0xAB):
                tag = int(mask[:4].replace("xx", "11") + f"{block:02X}" + mask[6:], 16)
                if not tag & 0x10000:
                    continue  # no private group (PS3.5 7.8); pydicom has a few all the same
                assert representations_of(tag, creator) == tuple(vr.split(" or ")), (creator, mask)


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
    assert all(tags_by_keyword()[keyword_of(tag)] == tag for tag in ELEMENTS)


def test_what_nobody_knows_is_unknown() -> None:
    assert real_vr(0x00091001, "", "NOBODY") == real_vr(0x00091001, "UN") == "UN"
    assert real_vr(0x00080FFE, "UN") == "UN"
    assert keyword_of(0x00080FFE) == ""
