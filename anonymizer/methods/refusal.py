"""What every method says to an attribute of a VR that it does not treat."""

from __future__ import annotations

from anonymizer.dicom.attribute import LONG_VRS, TEXT_VRS
from anonymizer.dicom.numbers import CODES
from anonymizer.errors import ValueFault

ALL_VRS = frozenset({*TEXT_VRS, *LONG_VRS, *CODES, "AT"})
"""Every value representation of PS3.5 6.2."""


class UnsupportedVR(ValueFault):
    """The method treats no value of this VR, whatever it is."""


def unsupported(method: str, vr: str, *, encapsulated: bool = False) -> UnsupportedVR:
    what = "encapsulated pixel data" if encapsulated else f"VR {vr}"
    return UnsupportedVR(f"{method} does not treat {what}")
