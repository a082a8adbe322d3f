"""The designator behind an element: (elements, encoding, designator)."""

from __future__ import annotations

import pytest
from image import BIG_ENDIAN, EXPLICIT, IMPLICIT, Writer

from anonymizer.dicom.coded import scheme_behind
from anonymizer.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, Encoding

WRITTEN = [(EXPLICIT, EXPLICIT_LE), (IMPLICIT, IMPLICIT_LE), (BIG_ENDIAN, EXPLICIT_BE)]


@pytest.mark.parametrize(("w", "encoding"), WRITTEN)
def test_it_is_found_in_its_place_only(w: Writer, encoding: Encoding) -> None:
    designator = w.element("CodingSchemeDesignator", "SH", "DCM")
    unknown = w.element(0x00080101, "UN", "1234")
    behind = w.element("CodeMeaning", "LO", "Head")
    undefined = w.sequence("ReferencedStudySequence", undefined=True)
    rows = [
        (designator, "DCM"),
        (unknown + designator + behind, "DCM"),
        (behind + designator, ""),
        (undefined + designator, ""),
        (designator[:-2], ""),
        (unknown[:9], ""),
        (b"", ""),
    ]
    for elements, found in rows:
        assert scheme_behind(elements + bytes(20), 0, len(elements), encoding) == found


def test_it_may_be_written_as_unknown() -> None:
    designator = EXPLICIT.element("CodingSchemeDesignator", "UN", "DCM ")
    assert scheme_behind(designator, 0, len(designator), EXPLICIT_LE) == "DCM"
    assert scheme_behind(designator, 0, 10, EXPLICIT_LE) == ""
