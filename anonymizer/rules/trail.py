"""Hears every decision about an image and adds up, by place and method, what was changed.

Rules
    * No value is told, and no private creator, which may be one.  The originals of Patient ID
      are at hand for a keyed hash of them, and for nothing else.
    * Places have no numbers of items: what repeats is one row with a count.
    * A creator that came back, because an element of its block stays, counts as kept.
"""

from __future__ import annotations

from collections import Counter

from anonymizer.dicom.attribute import is_creator, is_private
from anonymizer.dicom.dictionary import keyword_of, name_of
from anonymizer.rules.fates import EMPTIED, GONE, REPLACED, STAYED, fate_of
from anonymizer.rules.tally import NOTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.dicom.attribute import Path
    from anonymizer.dicom.scan import Source
    from anonymizer.dicom.table import Entry
    from anonymizer.rules.judge import Ruling

    Row = tuple[tuple[int, ...], int, str, str]
    """The sequences around, the tag, the method and what became of it."""

PATIENT_ID = 0x00100020
STAND_INS = frozenset(("cryptoHash", "dummy", "pseudonym", "substitute"))
"""Methods of whose values nothing is of the original."""


class Trail:
    """What became of the attributes of one image.

    ``patient`` is the original Patient ID, ``pseudonym`` what stands for it in the output;
    ``pixels`` says whether the pixel data stayed as it was, None where there is none.
    """

    __slots__ = (
        "_creators",
        "_faults",
        "_held",
        "_rows",
        "gives_pseudonym",
        "patient",
        "pixels",
        "pseudonym",
    )

    def __init__(self) -> None:
        self._rows: Counter[Row] = Counter()
        self._creators: list[tuple[Path, int, Row]] = []
        self._held: Counter[tuple[Path, int]] = Counter()
        """How much of each private block stays."""
        self._faults = 0
        self.gives_pseudonym: bool | None = None
        """Whether the first Patient ID, which is the one that counts, becomes one."""
        self.patient = self.pseudonym = ""
        self.pixels: bool | None = None

    def hear(self, ruling: Ruling, source: Source, value: int, stop: int) -> None:
        tag, path = ruling.entry.tag, ruling.path
        rule = ruling.case.rule
        method = "otherwise" if rule is None else rule.method.name
        fate = STAYED if ruling.new is None else fate_of(ruling)
        row = tuple([sequence for sequence, _ in path]), tag, method, fate
        self._faults += bool(ruling.fault) and ruling.fault not in NOTES
        if is_creator(tag) and fate != STAYED:
            self._creators.append((path, tag, row))
        elif is_private(tag) and fate != GONE:
            self._held[path, tag >> 8] += 1
        if tag == PATIENT_ID and not path and self.gives_pseudonym is None:
            self.gives_pseudonym = fate == REPLACED and method in STAND_INS
        if rule is not None or fate != STAYED:
            self._rows[row] += 1

    def hear_hollow(self, entry: Entry, path: Path) -> None:
        if is_private(entry.tag):
            self._held[path, entry.tag >> 8] -= 1
        self._rows[tuple([sequence for sequence, _ in path]), entry.tag, "otherwise", GONE] += 1

    def rows(self) -> Counter[Row]:
        rows = self._rows.copy()
        for path, tag, row in self._creators:
            block = tag >> 16 << 8 | tag & 0xFF
            if self._held[path, block] > 0:
                rows[row] -= 1
        return +rows

    def elements(self) -> list[dict[str, object]]:
        """What did not stay, in the order of tags."""
        return [
            {
                "tag": f"({tag >> 16:04X},{tag & 0xFFFF:04X})",
                "keyword": keyword_of(tag),
                "path": ".".join(map(name_of, (*path, tag))),
                "method": method,
                "action": fate,
                "count": times,
            }
            for (path, tag, method, fate), times in sorted(self.rows().items(), key=_place)
            if fate != STAYED
        ]

    def statistics(self) -> dict[str, object]:
        rows = self.rows()
        fates: Counter[str] = Counter()
        for (_, _, _, fate), times in rows.items():
            fates[fate] += times
        return {
            "processed": fates.total(),
            "changed": fates[REPLACED] + fates[EMPTIED],
            "removed": fates[GONE],
            "privateRemoved": sum(
                times for (_, tag, _, fate), times in rows.items() if _is_gone(tag, fate)
            ),
            "untreatable": self._faults,
            "pixelDataPreserved": self.pixels,
        }


def _place(told: tuple[Row, int]) -> tuple[tuple[int, ...], str, str]:
    path, tag, method, fate = told[0]
    return (*path, tag), method, fate


def _is_gone(tag: int, fate: str) -> bool:
    return fate == GONE and is_private(tag)
