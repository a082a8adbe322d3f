"""Table E.1-1 of PS3.15 in each edition: a row an attribute, a code for the profile and options."""

from __future__ import annotations

from functools import cache

from anonymizer.standard.facts import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

EDITIONS = ("2026d", "2024b", "2023e")
"""The newest first: it is the default."""

OPTIONS = (
    "retainSafePrivate",
    "retainUIDs",
    "retainDeviceIdentity",
    "retainInstitutionIdentity",
    "retainPatientCharacteristics",
    "retainLongitudinalFullDates",
    "retainLongitudinalModifiedDates",
    "cleanDescriptors",
    "cleanStructuredContent",
    "cleanGraphics",
)
"""The options of PS3.15 E.3 that have a column in the table, in its order."""

PRIVATE = "ODD_GROUP"
"""What stands in place of a tag in the row of every private attribute."""


class Row:
    """One row.

    ``tag`` is eight digits, with X for any digit, or ``PRIVATE``; ``options`` maps each option
    with a cell to its code.  ``strictest`` is the strictest Type that any IOD gives the attribute
    anywhere: "1" (or 1C), "2" (or 2C), "3", "" where none has it.
    """

    __slots__ = ("basic", "keyword", "options", "strictest", "tag", "vr")

    def __init__(
        self, tag: str, keyword: str, vr: str, basic: str, options: dict[str, str], strictest: str
    ) -> None:
        self.tag = tag
        self.keyword = keyword
        self.vr = vr
        self.basic = basic
        self.options = options
        self.strictest = strictest

    def __repr__(self) -> str:
        return f"Row({self.keyword or self.tag} {self.basic})"


@cache
def rows(edition: str = EDITIONS[0]) -> tuple[Row, ...]:
    """The rows of an edition in the order of their tags."""
    table = facts(EDITIONS[0])
    assert tuple(table["options"]) == OPTIONS, "the cells stand in the order of the options"
    newest = tuple(_row(cells) for cells in table["rows"])
    return newest if edition == EDITIONS[0] else _as_before(newest, facts(edition))


def _row(cells: list[str]) -> Row:
    tag, keyword, vr, basic, codes, strictest = cells
    options = {name: code for name, code in zip(OPTIONS, codes, strict=True) if code != "-"}
    return Row(tag, keyword, vr, basic, options, strictest)


def _as_before(newest: tuple[Row, ...], older: dict[str, Any]) -> tuple[Row, ...]:
    absent, changed = frozenset(older["absent"]), older["changed"]
    return tuple(_changed(row, changed.get(row.tag, {})) for row in newest if row.tag not in absent)


def _changed(row: Row, cells: dict[str, str]) -> Row:
    if not cells:
        return row
    codes = row.options | {name: code for name, code in cells.items() if name != "basic"}
    options = {name: code for name, code in codes.items() if code != "-"}
    basic = cells.get("basic", row.basic)
    return Row(row.tag, row.keyword, row.vr, basic, options, row.strictest)
