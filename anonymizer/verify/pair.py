"""One input beside its output: which elements belong together, and what the rules say of each.

Strategy
    Elements are paired by their place.  Where a rule takes items out of a sequence, those behind
    move up; the rulings tell which, so that the rest is found again.

Rules
    * ``stays`` where no rule touches an element, ``goes`` where one takes or changes it.  Without
      a configuration, what stands as it stood stays, and the rest goes.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from anonymizer.dicom.context import subject_of
from anonymizer.dicom.directory import Directory
from anonymizer.dicom.elements import by_place
from anonymizer.dicom.splice import ITEM_GOES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.attribute import Path
    from anonymizer.dicom.elements import Image, Place, Placed
    from anonymizer.rules.judge import Ruling

STUDY, SERIES, INSTANCE, FRAME = 0x0020000D, 0x0020000E, 0x00080018, 0x00200052
AT_ONCE = 1 << 20
PATIENT_ID, ISSUER = 0x00100020, 0x00100021


class Pair:
    """``file`` is the output's path; ``rulings`` is None where there is no configuration."""

    def __init__(
        self, file: str, before: Image, after: Image, rulings: list[Ruling] | None
    ) -> None:
        self.file = file
        self.before = before
        self.after = after
        self.rules = rulings is not None
        self.keyed = False
        """Whether the keys are those of the run, so that rules give the same values again."""
        self.inputs = by_place(before)
        self.outputs = by_place(after)
        self._gone: dict[Path, set[int]] = {}
        self._rulings: dict[Place, Ruling] = {}
        times: dict[tuple[Path, int], int] = {}
        for ruling in rulings or ():
            key = ruling.path, ruling.entry.tag
            number = times.get(key, 0)
            times[key] = number + 1
            self._rulings[(*key, number)] = ruling
            if ruling.new == ITEM_GOES:
                *above, (tag, item) = ruling.path
                self._gone.setdefault((*above, (tag, -1)), set()).add(item)
        self._moved = {place: self._output_place(place) for place in self.inputs}
        self.sources = {
            there: place for place, there in self._moved.items() if there in self.outputs
        }
        """The place in the input of every place of the output that has one."""

    def ruling(self, place: Place) -> Ruling | None:
        return self._rulings.get(place)

    def output_of(self, place: Place) -> Placed | None:
        there = self._moved.get(place)
        return None if there is None else self.outputs.get(there)

    def pairs(self) -> Iterator[tuple[Place, Placed, Placed | None]]:
        """Every element of the input with what stands in its place."""
        for place, element in self.inputs.items():
            yield place, element, self.output_of(place)

    def stays(self, place: Place) -> bool:
        """Whether nobody touches the element of the input there."""
        element, output = self.inputs[place], self.output_of(place)
        if not self.rules:
            return output is not None and self.is_same(element, output)
        if self._is_below_gone(place):
            return False
        ruling = self._rulings.get(place)
        if ruling is None:
            return output is not None and self.is_same(element, output)
        return ruling.new is None

    def goes(self, place: Place) -> bool:
        """Whether a rule changes the value there: gives it another one, or takes it away."""
        ruling = self._rulings.get(place)
        if ruling is None or ruling.new is None:
            return self.rules and self._is_below_gone(place)
        return ruling.new[ruling.entry.width :] != ruling.value if ruling.new else True

    def expected(self, place: Place) -> bytes | None:
        """The value field that a rule gives there, as far as it gives the same every time.

        ``b""`` where it takes the attribute away, None where nobody knows.
        """
        ruling = self._rulings.get(place)
        if ruling is None or ruling.new is None or ruling.entry.vr == "SQ":
            return None
        rule = ruling.case.rule
        if len(ruling.new) > ruling.entry.width and not (rule and rule.method.repeatable):
            return None
        return b"" if ruling.new == ITEM_GOES else ruling.new[ruling.entry.width :]

    def _is_below_gone(self, place: Place) -> bool:
        path = place[0]
        for depth in range(len(path)):
            ruling = self._rulings.get((path[:depth], path[depth][0], 0))
            if ruling is not None and ruling.new is not None:
                return True
        return self._moved[place] is None

    def is_same(self, one: Placed, other: Placed) -> bool:
        if one.vr == "SQ" and other.vr == "SQ":
            return True
        size = one.stop - one.start
        return size == other.stop - other.start and self.begin_alike(one, other, size)

    def begin_alike(self, one: Placed, other: Placed, size: int) -> bool:
        """Whether the first bytes of two value fields are the same; little is read at once."""
        before, after = self.before.source, self.after.source
        for at in range(0, size, AT_ONCE):
            many = min(AT_ONCE, size - at)
            a, b = one.start + at, other.start + at
            if before[a : a + many] != after[b : b + many]:
                return False
        return True

    def _output_place(self, place: Place) -> Place | None:
        if not self._gone:
            return place
        path, tag, number = place
        moved: list[tuple[int, int]] = []
        for depth, (sequence, item) in enumerate(path):
            gone = self._gone.get((*path[:depth], (sequence, -1)), ())
            if item in gone:
                return None
            moved.append((sequence, item - sum(each < item for each in gone)))
        return tuple(moved), tag, number

    # Whom it is about

    def text(self, tag: int, image: Image, places: dict[Place, Placed]) -> str:
        element = places.get(((), tag, 0))
        if element is None or element.vr == "SQ":
            return ""
        return image.text(element)

    def before_text(self, tag: int) -> str:
        return self.text(tag, self.before, self.inputs)

    def after_text(self, tag: int) -> str:
        return self.text(tag, self.after, self.outputs)

    @cached_property
    def record_subjects(self) -> list[str]:
        """Whom each record of a DICOMDIR is about."""
        before = self.before
        directory = Directory(before.source, before.start, before.stop, before.encoding)
        return [context.subject for context in directory.contexts]

    @cached_property
    def subject(self) -> str:
        tags = PATIENT_ID, ISSUER, STUDY, SERIES, INSTANCE
        return subject_of(*map(self.before_text, tags))
