"""What fits a value representation, and what does not."""

from __future__ import annotations

import pytest

from anonymizer.dicom.forms import fits

GOOD = [
    ("AE", "STORE_SCP"),
    ("AS", "045Y"),
    ("CS", "ORIGINAL\\PRIMARY"),
    ("DA", "20200229"),
    ("DS", "-1.5e-10\\.5"),
    ("DT", "20200101120000.5+0100"),
    ("IS", "-2147483648"),
    ("LO", "x" * 64),
    ("LT", "a\\b\r\n" + "x" * 10000),
    ("PN", "A^B^C^D^E=" + "x" * 64 + "=y"),
    ("SH", "é" * 16),
    ("ST", "x" * 1024),
    ("TM", "1200"),
    ("UC", "x" * 100000),
    ("UI", "1.2.0"),
    ("UR", "https://example.org/a?b=c#d"),
    ("UT", "x" * 100000),
    ("US", "0\\65535"),
    ("FL", "1e38"),
    ("AT", "(0008,0018)"),
    ("AT", "00080018"),
    ("OB", ""),
]
BAD = [
    ("AE", "x" * 17),
    ("AE", "   "),
    ("AE", "É"),
    ("AS", "45Y"),
    ("CS", "lower"),
    ("CS", "A\\" + "X" * 17),
    ("DA", "20210229"),
    ("DA", "2021.01.01"),
    ("DS", "1,5"),
    ("DS", "1234567890.123456"),
    ("DT", "2020-01-01"),
    ("IS", "2147483648"),
    ("IS", "1.0"),
    ("LO", "x" * 65),
    ("LO", "a\nb"),
    ("LT", "x" * 10241),
    ("LT", "a\0b"),
    ("PN", "A=B=C=D"),
    ("PN", "x" * 65),
    ("PN", "A^B^C^D^E^F"),
    ("SH", "x" * 17),
    ("ST", "x" * 1025),
    ("TM", "2500"),
    ("UI", "1.02"),
    ("UI", "1..2"),
    ("UI", "1." + "2" * 63),
    ("UR", "a b"),
    ("US", "65536"),
    ("US", "-1"),
    ("US", "1.5"),
    ("FL", "1e39"),
    ("FL", "Anonymous"),
    ("AT", "PatientName"),
]


@pytest.mark.parametrize(("vr", "text"), GOOD, ids=[f"{v}-{t[:20]}" for v, t in GOOD])
def test_what_fits(vr: str, text: str) -> None:
    assert fits(text, vr) == ""


@pytest.mark.parametrize(("vr", "text"), BAD, ids=[f"{v}-{t[:20]}" for v, t in BAD])
def test_what_does_not_fit_is_told_without_the_text(vr: str, text: str) -> None:
    reason = fits(text, vr)
    assert reason
    assert text not in reason
