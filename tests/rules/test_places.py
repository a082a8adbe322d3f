"""Where a path puts an attribute: (selector, sequences around it, does it fit)."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from anonymizer.rules.selectors import parse_selector

if TYPE_CHECKING:
    from anonymizer.dicom.attribute import Path

STUDY, IMAGE, CONTENT, PRIVATE = 0x00081110, 0x00081140, 0x0040A730, 0x0019100C
A, B, C = "ReferencedStudySequence", "ReferencedImageSequence", "ContentSequence"

ROWS: list[tuple[str, Path, bool]] = [
    (f"{A}.PN", (), False),
    (f"{A}.PN", ((STUDY, 0),), True),
    (f"{A}.PN", ((STUDY, 7),), True),
    (f"{A}.PN", ((IMAGE, 0), (STUDY, 0)), True),
    (f"{A}.PN", ((STUDY, 0), (IMAGE, 0)), False),
    (f"(0008,1110).{B}.PN", ((STUDY, 0), (IMAGE, 3)), True),
    (f"(0008,1110).{B}.PN", ((STUDY, 0), (CONTENT, 0), (IMAGE, 3)), False),
    (f"{A}[0].PN", ((STUDY, 0),), True),
    (f"{A}[1].PN", ((STUDY, 0),), False),
    (f"{A}[1].PN", ((STUDY, 2),), False),
    (f"{A}[*].PN", ((STUDY, 4),), True),
    (f"{A}[1].{B}[2].PN", ((STUDY, 1), (IMAGE, 2)), True),
    (f"{A}[1].{B}[2].PN", ((STUDY, 2), (IMAGE, 1)), False),
    (".PN", (), True),
    (".PN", ((STUDY, 0),), False),
    (f".{A}.PN", ((STUDY, 0),), True),
    (f".{A}.PN", ((IMAGE, 0), (STUDY, 0)), False),
    (f"{A}.**.PN", ((STUDY, 0),), True),
    (f"{A}.**.PN", ((STUDY, 0), (IMAGE, 0), (CONTENT, 5)), True),
    (f"{A}.**.PN", ((IMAGE, 0),), False),
    (f".{A}.**.{B}.PN", ((STUDY, 0), (CONTENT, 0), (IMAGE, 0)), True),
    (f".{A}.**.{B}.PN", ((CONTENT, 0), (STUDY, 0), (IMAGE, 0)), False),
    (f"{A}.**", ((STUDY, 0),), True),
    (f"{A}.**", ((STUDY, 0), (IMAGE, 0)), True),
    (f"{A}.**", (), False),
    ("**.PN", (), True),
    ("**.PN", ((STUDY, 0), (IMAGE, 0)), True),
    (f"{C}.{C}.PN", ((CONTENT, 0), (CONTENT, 0)), True),
    (f"{C}.{C}.PN", ((CONTENT, 0),), False),
    (f"{C}[1].{C}.PN", ((CONTENT, 1), (CONTENT, 0), (CONTENT, 0)), False),
    ("*.PN", ((STUDY, 0),), True),
    (".*.PN", ((STUDY, 0), (STUDY, 0)), False),
    ("Referenced*.PN", ((IMAGE, 0),), True),
    ("Referenced*.PN", ((CONTENT, 0),), False),
    ("(0008,xxxx).PN", ((IMAGE, 0),), True),
    ("(0019,xx0C).PN", ((PRIVATE, 0),), True),
    ("private.PN", ((PRIVATE, 0),), True),
    ("private.PN", ((IMAGE, 0),), False),
    ("SQ.PN", ((PRIVATE, 0),), True),
    ('(0019,100C).(0019,"A.B",0D)', ((PRIVATE, 0),), True),
    ("private./0019,A.B,0D/", ((PRIVATE, 0),), True),
]


@pytest.mark.parametrize(("text", "path", "fits"), ROWS)
def test_a_path_fits_where_it_says(text: str, path: Path, fits: bool) -> None:
    place = pickle.loads(pickle.dumps(parse_selector(text))).place
    assert place is not None
    assert place.fits(path) is fits


@pytest.mark.parametrize("text", ["PN", "PatientName", "private", "(0019,A.B,0C)", "/.*,A.B,0C/"])
def test_without_a_path_there_is_no_place(text: str) -> None:
    assert parse_selector(text).place is None
