"""Whether dates that move have moved together, so that what lay between them still does.

Strategy
    With a configuration, its rules say which dates move and whose move together.  Without one,
    most dates of a patient that were changed having moved alike says so.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from anonymizer.dicom.dates import parse_date, parse_date_time
from anonymizer.errors import ValueFault
from anonymizer.rules.judge import DIRECTORY_RECORDS, path_text
from anonymizer.verify.findings import Finding
from anonymizer.verify.pair import INSTANCE, SERIES, STUDY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.elements import Place, Placed
    from anonymizer.verify.pair import Pair

SCOPES = {"study": STUDY, "series": SERIES, "sop": INSTANCE}
"""The fields of a context that a shift may follow, where it is not the patient."""

SHIFTS = frozenset({"dateShift"})


class Moved(NamedTuple):
    """A date of an input and by how many days it moved; ``sure`` where a rule moves it."""

    file: str
    day: int
    place: str
    tag: int
    days: int
    sure: bool


class Intervals:
    """Hears all pairs, then tells; ``dates`` counts those that were compared."""

    def __init__(self) -> None:
        self._moved: dict[str, list[Moved]] = {}
        self.dates = 0

    def hear(self, pair: Pair) -> None:
        for place, element, output in pair.pairs():
            if element.vr in ("DA", "DT") and output is not None:
                self._hear_date(pair, place, element, output)

    def _hear_date(self, pair: Pair, place: Place, element: Placed, output: Placed) -> None:
        whose = self._whose(pair, place)
        if whose is None:
            return
        before = _days(pair.before.field(element), element.vr)
        after = _days(pair.after.field(output), output.vr)
        where = path_text(place[0], place[1])
        if len(before) != len(after):
            return
        for old, new in zip(before, after, strict=True):
            if old is None or new is None:
                continue
            self.dates += 1
            moved = Moved(pair.file, old, where, element.tag, new - old, pair.rules)
            self._moved.setdefault(whose, []).append(moved)

    def _whose(self, pair: Pair, place: Place) -> str | None:
        """Whose dates move with this one; None where nobody says that it moves."""
        subject = _subject(pair, place)
        if not pair.rules:
            return subject
        ruling = pair.ruling(place)
        if ruling is None or ruling.new is None or ruling.fault or ruling.case.rule is None:
            return None
        method = ruling.case.rule.method
        if method.name not in SHIFTS:
            return None
        fields = [name for name in SCOPES if name in method.uses]
        if not fields or subject != pair.subject:
            return subject
        return f"{fields[0]}\x1f{pair.before_text(SCOPES[fields[0]])}"

    def findings(self) -> Iterator[Finding]:
        for moved in self._moved.values():
            yield from _judged(moved)


def _subject(pair: Pair, place: Place) -> str:
    """Whom a date is about; each record of a DICOMDIR is about its own patient."""
    path = place[0]
    if not path or path[0][0] != DIRECTORY_RECORDS:
        return pair.subject
    subjects = pair.record_subjects
    return subjects[min(path[0][1], len(subjects) - 1)]


def _judged(dates: list[Moved]) -> Iterator[Finding]:
    usual = Counter(each.days for each in dates if each.days).most_common(1)
    if not usual:
        yield from (_not_moved(each) for each in dates if each.sure)
        return
    days, times = usual[0]
    if not dates[0].sure and not _move_together(dates, days, times):
        return  # they are replaced, not shifted
    tags = {each.tag for each in dates if each.days == days}
    for each in dates:
        if each.days == 0 and (each.sure or each.tag in tags):
            yield _not_moved(each)
        elif each.days not in (0, days) and (each.sure or each.tag in tags):
            yield Finding("interval-changed", each.file, each.place)


def _move_together(dates: list[Moved], days: int, times: int) -> bool:
    """Whether three of four changed dates, of different days, moved by the same number of days."""
    changed = sum(each.days != 0 for each in dates)
    return times * 4 >= changed * 3 and len({d.day for d in dates if d.days == days}) > 1


def _not_moved(each: Moved) -> Finding:
    return Finding("date-not-moved", each.file, each.place)


def _days(raw: bytes, vr: str) -> list[int | None]:
    """Ordinals of whole days; None where it is none."""
    return [_day(value.strip(), vr) for value in raw.decode("latin-1").rstrip("\0 ").split("\\")]


def _day(value: str, vr: str) -> int | None:
    try:
        moment = parse_date(value) if vr == "DA" else parse_date_time(value)
    except ValueFault:
        return None
    return moment.ordinal if moment.digits == 8 else None
