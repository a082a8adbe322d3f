"""A method of one's own: ages in bands, so that 057Y becomes 050Y."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anonymizer.dicom.attribute import KEEP, Replace
from anonymizer.dicom.dates import parse_age, years_of
from anonymizer.dicom.text import encode_values, values_of
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Secrets


class AgeBand:
    """The first year of the band that an age is in; weeks and months count as 000Y."""

    name = "ageBand"  # what a rule calls it
    summary = "gives ages in bands of so many years"
    vrs = frozenset({"AS"})  # attributes of other VRs go the way of onError
    options = (Option("years", {"type": "integer", "minimum": 2}, 5, "how many years make a band"),)
    uses: frozenset[str] = frozenset()  # fields of the context that decide reads
    repeatable = True  # the same attribute always gives the same decision
    constant = None  # the decision, if the value did not matter

    def __init__(self, years: int) -> None:
        self.years = years

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        """Called once for each rule; what is wrong with the options is told all at once."""
        given = Options(options, cls.options)
        years = given.integer("years", 2, 50)
        given.done()
        return cls(years)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        """Called for each attribute; raises ValueFault where the value is no age."""
        ages = values_of(attribute)
        if not any(ages):
            return KEEP
        bands = [age and self.band(age) for age in ages]
        return Replace(encode_values(bands, attribute.vr, attribute.charset))

    def band(self, age: str) -> str:
        years = years_of(*parse_age(age))
        return f"{years - years % self.years:03}Y"
