"""The forms that a selector may have, for people: what is written and what it owns."""

from __future__ import annotations

SELECTOR_FORMS: tuple[tuple[str, str], ...] = (
    ("PatientName", "the attribute of this PS3.6 keyword, retired ones too"),
    ("(0010,0010)", "this tag; also 0010,0010 and 00100010 and (0x0010, 0x0010)"),
    ("(50xx,xxxx)", "a mask, x being any digit; also 60xx3000 and xxx9,xxxx"),
    ("*Date", "keywords by wildcard; also Patient*"),
    ("DA", "every attribute that really has this VR, whatever the file writes"),
    (
        '(0019,"SIEMENS MR HEADER",0C)',
        "a private element by group, creator and element, in any block; xx is every element",
    ),
    (
        "/0019,SIEMENS.*,0[CDE]/",
        "a regular expression that matches the whole of GGGG,CREATOR,EE of a private element",
    ),
    ("private", "every private element, creators included"),
    ("unknown", "every element of an even group that the dictionary does not know"),
    ("A.B", "B inside an item of the sequence A; A and B are any of the forms above"),
    ("A[0].B", "B inside the first item of A"),
    (".A", "A at the root of the data set only"),
    ("A.**.B", "B at any depth inside A"),
)
"""(form, what it selects).  Without a path a selector matches at every depth."""
