"""The smallest valid document of each kind that an image may encapsulate: nothing stands in it."""

from __future__ import annotations

CLASSES = "1.2.840.10008.5.1.4.1.1.104."


def _pdf() -> bytes:
    """One empty page (ISO 32000-1 7.5): objects, where each stands, and where that is told."""
    text = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(_PAGES, 1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(_PAGES) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, entries)
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(text))
    return text + table + trailer


_PAGES = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/Resources<<>>/MediaBox[0 0 595 842]>>",
)

_CDA = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3">'
    b'<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/></ClinicalDocument>\n'
)
_STL = bytes(84)  # a head of 80 bytes, and the number of triangles
_OBJ = b"# no vertices\n"
_MTL = b"newmtl blank\n"

BLANK = {"1": _pdf(), "2": _CDA, "3": _STL, "4": _OBJ, "5": _MTL}
"""By the last number of the SOP class: PDF, CDA, STL, OBJ, MTL."""


def blank_document(sop_class: str) -> bytes:
    """The document of a SOP class of encapsulated documents; two zeros for any other class."""
    return BLANK.get(sop_class.removeprefix(CLASSES), b"\0\0")
