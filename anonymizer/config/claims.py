"""Corrects what a profile would claim of dates, where rules of files decide about them first."""

from __future__ import annotations

from anonymizer.dicom.attribute import Element
from anonymizer.dicom.dictionary import representations_of
from anonymizer.methods.redact import Redact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from anonymizer.rules.rule import Rule

    Temporal = Literal["REMOVED", "MODIFIED", "UNMODIFIED", ""]

DATES = frozenset(("DA", "DT", "TM"))

BIRTH = frozenset((0x00100030, 0x00100032))
"""No longitudinal information: no option about dates keeps it."""

COMMON = tuple(
    Element(tag, vr, vr)
    for tag, vr in (
        (0x00080020, "DA"),
        (0x00080021, "DA"),
        (0x0008002A, "DT"),
        (0x00080030, "TM"),
        (0x00080031, "TM"),
    )
)
"""One of them is owned by every rule that owns dates by more than their tags."""

OUTCOMES: dict[str, Temporal] = {
    "keep": "UNMODIFIED",
    "remove": "REMOVED",
    "substitute": "REMOVED",
    "dummy": "REMOVED",
    "byType": "REMOVED",
}


def temporal_with(rules: Iterable[Rule], claimed: Temporal) -> Temporal:
    """Longitudinal Temporal Information Modified where ``rules`` come before the profile's.

    Where they do to some dates what the profile does not do, that is MODIFIED.
    """
    of_dates = filter(_owns_dates, rules)
    return "MODIFIED" if any(_outcome(rule) != claimed for rule in of_dates) else claimed


def _owns_dates(rule: Rule) -> bool:
    tags = rule.selector.tags
    if tags is None:
        return any(map(rule.selector.matches, COMMON))
    return any(tag not in BIRTH and DATES.intersection(representations_of(tag)) for tag in tags)


def _outcome(rule: Rule) -> Temporal:
    if isinstance(rule.method, Redact):
        return "MODIFIED" if rule.method.leaves_part_of("DA") else "REMOVED"
    return OUTCOMES.get(rule.method.name, "MODIFIED")
