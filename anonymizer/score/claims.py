"""What an image says of its own de-identification, and how much of it is believed.

Rules
    * A dummy cannot be told from a real value, so an image that names the profile of PS3.15 is
      believed where the profile leaves a value: D, U, what some IOD needs, and what an option
      cleans or modifies.  What the profile removes, and what an option retains, counts in full.
    * Who only says that the identity was removed is believed by half where the profile leaves or
      empties a value.
"""

from __future__ import annotations

from functools import cache

from anonymizer.dicom.table import DEIDENTIFICATION_CODES, TEMPORAL_INFORMATION
from anonymizer.dicom.table import PATIENT_IDENTITY_REMOVED as REMOVED
from anonymizer.standard.facts import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from anonymizer.dicom.elements import Image
    from anonymizer.standard.table import Row

CODE_VALUE = 0x00080100
BASIC = "basic"
DATES = frozenset(("DA", "DT", "TM"))


class Claims:
    """``removed`` and ``modified`` are said of identity and dates, ``chosen`` are options."""

    __slots__ = ("chosen", "modified", "removed")

    def __init__(self, image: Image) -> None:
        said = {
            (element.path[:1] and element.path[0][0], element.tag, image.field(element))
            for element in image.elements
            if element.tag in (REMOVED, TEMPORAL_INFORMATION, CODE_VALUE) and len(element.path) < 2
        }
        values = {tag: value.strip(b" \0").upper() for around, tag, value in said if around == ()}
        self.removed = values.get(REMOVED) == b"YES"
        self.modified = values.get(TEMPORAL_INFORMATION) in (b"MODIFIED", b"REMOVED")
        codes = {
            value.strip(b" \0").decode("latin-1")
            for around, tag, value in said
            if around == DEIDENTIFICATION_CODES and tag == CODE_VALUE
        }
        self.chosen = frozenset(_options()[code] for code in codes & _options().keys())

    def factor(self, row: Row, vr: str, marked: Mapping[str, float]) -> float:
        """How much of its points a value of this row counts."""
        if not self.removed:
            return 1
        if BASIC in self.chosen:
            return marked["profile"] if self._may_be_a_dummy(row, vr) else 1
        return marked["claim"] if _leaves_a_value(row) or "Z" in row.basic else 1

    def _may_be_a_dummy(self, row: Row, vr: str) -> bool:
        cells = {row.options[option] for option in self.chosen & row.options.keys()}
        if "C" in cells:
            return True
        if cells:
            return self.modified and vr in DATES
        return _leaves_a_value(row)


def _leaves_a_value(row: Row) -> bool:
    return "D" in row.basic or "U" in row.basic or row.strictest == "1"


@cache
def _options() -> dict[str, str]:
    """The option of the profile, or ``BASIC``, by its code of CID 7050."""
    return {code: option for option, code, _ in facts("deidentification_methods")}
