"""What an output says of its own de-identification, as elements and as items to append.

Patient Identity Removed, De-identification Method and its codes (PS3.3 C.7.1.1, PS3.16 CID 7050),
Longitudinal Temporal Information Modified (PS3.3 C.12.1), and the item of Contributing Equipment
that names this tool (PS3.15 E.1.1).

Rules
    * Nothing that stands there is lost: texts and items are appended to.
    * No claim is made stronger than an earlier one allows: dates once REMOVED are never MODIFIED.
"""

from __future__ import annotations

from functools import cache

from anonymizer._version import VERSION
from anonymizer.dicom.attribute import LONG_VRS, padded
from anonymizer.dicom.table import (
    CONTRIBUTING_EQUIPMENT,
    DEIDENTIFICATION_CODES,
    DEIDENTIFICATION_METHOD,
    PATIENT_IDENTITY_REMOVED,
    TEMPORAL_INFORMATION,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.dicom.syntax import Encoding

LONGEST_TEXT = 0xFFFE - 65
"""So long a De-identification Method may be for ours to be appended."""

CLAIMS = (b"UNMODIFIED", b"MODIFIED", b"REMOVED")
"""What was done to dates, the least first."""

DE_IDENTIFYING_EQUIPMENT = ("109104", "De-identifying Equipment")


class Marks:
    """The marks of one configuration.

    ``method`` is the text of De-identification Method, ``codes`` are (value, meaning) of CID 7050,
    ``temporal`` is a claim about dates or empty, ``equipment`` asks for the tool's own item.
    """

    __slots__ = ("codes", "equipment", "method", "tags", "temporal")

    def __init__(
        self,
        method: bytes,
        codes: tuple[tuple[str, str], ...] = (),
        temporal: bytes = b"",
        *,
        equipment: bool = False,
    ) -> None:
        self.method = method
        self.codes = codes
        self.temporal = temporal
        self.equipment = equipment
        wanted = {
            PATIENT_IDENTITY_REMOVED: True,
            DEIDENTIFICATION_METHOD: True,
            DEIDENTIFICATION_CODES: bool(codes),
            CONTRIBUTING_EQUIPMENT: equipment,
            TEMPORAL_INFORMATION: bool(temporal),
        }
        self.tags: tuple[int, ...] = tuple(tag for tag, asked in wanted.items() if asked)
        """What is written, in the order of tags."""

    def value(self, tag: int, old: bytes) -> bytes | None:
        """The value that a mark gets which stands there with ``old``; None: it stays."""
        if tag == PATIENT_IDENTITY_REMOVED:
            return None if old == b"YES" else b"YES"
        if tag == TEMPORAL_INFORMATION:
            stricter = old in CLAIMS and CLAIMS.index(old) >= CLAIMS.index(self.temporal)
            return None if stricter else self.temporal
        if not old or len(old) > LONGEST_TEXT:
            return self.method
        return None if self.method in old.split(b"\\") else old + b"\\" + self.method

    def element(self, tag: int, encoding: Encoding) -> bytes:
        """A mark that is not there yet."""
        if tag in (DEIDENTIFICATION_CODES, CONTRIBUTING_EQUIPMENT):
            return element_of(tag, "SQ", b"".join(self.items(tag, encoding)), encoding)
        vr = "LO" if tag == DEIDENTIFICATION_METHOD else "CS"
        return element_of(tag, vr, self.value(tag, b"") or b"", encoding)

    def items(self, tag: int, encoding: Encoding) -> list[bytes]:
        """The items of a mark that is a sequence."""
        if tag == CONTRIBUTING_EQUIPMENT:
            return [_equipment_item(encoding)]
        return [_code_item(code, meaning, encoding) for code, meaning in self.codes]


@cache
def element_of(tag: int, vr: str, value: bytes, encoding: Encoding) -> bytes:
    """An element as it stands in a data set (PS3.5 7.1)."""
    value = padded(value, vr)
    head = encoding.tag_bytes(tag)
    if not encoding.explicit:
        return head + encoding.long.pack(len(value)) + value
    if vr in LONG_VRS:
        return head + vr.encode() + b"\0\0" + encoding.long.pack(len(value)) + value
    return head + vr.encode() + encoding.short.pack(len(value)) + value


def _item(content: bytes, encoding: Encoding) -> bytes:
    return encoding.item.pack(0xFFFE, 0xE000, len(content)) + content


def _code_item(code: str, meaning: str, encoding: Encoding) -> bytes:
    """A coded entry of DCM (PS3.3 8.8)."""
    elements = (
        (0x00080100, "SH", code),
        (0x00080102, "SH", "DCM"),
        (0x00080104, "LO", meaning),
    )
    return _item(
        b"".join(element_of(tag, vr, text.encode(), encoding) for tag, vr, text in elements),
        encoding,
    )


def _equipment_item(encoding: Encoding) -> bytes:
    """This tool as a device that contributed (PS3.3 C.12.1, CID 7005)."""
    purpose = _code_item(*DE_IDENTIFYING_EQUIPMENT, encoding)
    elements = (
        (0x00080070, "LO", b"anonymizer"),
        (0x00081090, "LO", b"anonymizer"),
        (0x00181020, "LO", VERSION.encode()),
        (0x0040A170, "SQ", purpose),
    )
    return _item(
        b"".join(element_of(tag, vr, value, encoding) for tag, vr, value in elements), encoding
    )
