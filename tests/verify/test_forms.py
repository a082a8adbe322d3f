"""Which values are searched for at all."""

from __future__ import annotations

import pytest

from anonymizer.dicom.text import character_set
from anonymizer.verify.forms import Unsearched, forms_of, spelled


@pytest.mark.parametrize(("vr", "value"), [("SH", "ANON"), ("PN", "Anonymous")])
def test_what_dummies_begin_with_tells_of_nobody(vr: str, value: str) -> None:
    with pytest.raises(Unsearched):
        forms_of(0x00400009, vr, value.encode(), character_set(()))


def test_a_name_that_begins_so_is_searched() -> None:
    assert forms_of(0x00400009, "SH", b"ANONKARI", character_set(()))


@pytest.mark.parametrize("codec", ["utf-8", "latin-1", "utf-16-le", "utf-16-be"])
def test_a_text_is_searched_for_in_the_common_encodings(codec: str) -> None:
    assert "müller".encode(codec) in [written for written, _ in spelled("Müller")]
