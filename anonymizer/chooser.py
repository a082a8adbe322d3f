"""A pipeline for each set of rules that the conditions of a configuration leave, and the choice.

The rules of a plan are compiled once; so what a file is like selects a plan, not a rule.  Without
conditions there is one plan, and nothing to choose.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import Keep
from anonymizer.dicom.part10 import Splitter
from anonymizer.errors import ImageError, ValueFault
from anonymizer.pipeline import Pipeline, inflated, is_directory
from anonymizer.rules.conditions import Look, values_of
from anonymizer.rules.plan import Plan
from anonymizer.rules.watch import Watch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from anonymizer.dicom.scan import Source
    from anonymizer.pipeline import Output
    from anonymizer.rules.compiled import Compiled
    from anonymizer.rules.conditions import Condition, Seen
    from anonymizer.rules.judge import Ruling

    class How(TypedDict, total=False):
        """What ``Pipeline`` takes beside a configuration."""

        watch: bool
        show: bool
        names: bool
        series: bool
        directories: bool
        trails: bool
        force: bool


MOST_PIPELINES = 32
MOST_ANSWERS = 1 << 12


def pipeline_for(compiled: Compiled, **how: Unpack[How]) -> Pipeline | Chooser:
    """What does to images as a configuration says; the arguments are those of ``Pipeline``."""
    return Chooser(compiled, how) if compiled.conditions else Pipeline(compiled, **how)


class Chooser:
    """Stands in the place of a pipeline where rules or files have conditions.

    ``plan`` decides about nothing: it claims whatever any of the plans may, and ``matched`` of it
    is what all of them have matched.
    """

    __slots__ = (
        "_answers",
        "_how",
        "_look",
        "_of_files",
        "_pipelines",
        "_splitter",
        "compiled",
        "conditions",
        "plan",
        "watch",
    )

    def __init__(self, compiled: Compiled, how: How) -> None:
        self.compiled = compiled
        self.conditions = compiled.conditions
        self.watch = Watch() if how.get("watch") else None
        self.plan = Plan(
            tuple(rule for rule in compiled.rules if not (rule.when and _keeps(rule.method))),
            otherwise=compiled.otherwise,
            root_only=compiled.root_only,
        )
        self._how = how
        self._look = Look(self.conditions)
        self._splitter = Splitter(force=how.get("force", False))
        self._pipelines: dict[frozenset[Condition], Pipeline] = {}
        self._answers: dict[tuple[bytes, Seen, bool], frozenset[Condition]] = {}
        self._of_files = frozenset(
            condition for group in (*compiled.accept, compiled.reject) for condition in group
        )

    def anonymize(self, source: Source, stop: int) -> Output:
        """As that of a pipeline; raises ImageError also where a file is not accepted."""
        return self._chosen(source, stop).anonymize(source, stop)

    def rulings(self, source: Source, stop: int) -> list[Ruling]:
        return self._chosen(source, stop).rulings(source, stop)

    def holding(self, source: Source, stop: int) -> frozenset[Condition]:
        """The conditions that hold for a file."""
        envelope = self._splitter.split(source, stop)
        inner, start, stop = inflated(source, envelope, stop)
        charset, seen = self._look.seen(inner, start, stop, envelope.encoding)
        return self._answered(charset, seen, big_endian=envelope.encoding.name == "EXPLICIT_BE")

    def _chosen(self, source: Source, stop: int) -> Pipeline:
        if not self._how.get("directories", True) and is_directory(
            self._splitter.split(source, stop)
        ):
            return self._pipeline(frozenset())  # which refuses it
        holding = self.holding(source, stop)
        self._turn_away(holding)
        return self._pipeline(holding - self._of_files)

    def _turn_away(self, holding: frozenset[Condition]) -> None:
        for condition in self.compiled.reject:
            if condition in holding:
                raise ImageError("rejected", f"{condition.place} fits it")
        for accepted in self.compiled.accept:
            if holding.isdisjoint(accepted):
                place = accepted[0].place.rpartition("[")[0]
                raise ImageError("not-accepted", f"nothing of {place} fits it")

    def _answered(self, charset: bytes, seen: Seen, *, big_endian: bool) -> frozenset[Condition]:
        key = charset, seen, big_endian
        known = self._answers.get(key)
        if known is None:
            if len(self._answers) >= MOST_ANSWERS:
                self._answers.clear()
            values = values_of(charset, seen, big_endian=big_endian)
            limited = self.compiled.secrets.limited
            try:
                holding = [one for one in self.conditions if one.holds(values, limited)]
            except ValueFault:
                message = "the regular expression of a condition takes too long"
                raise ImageError("value-refused", message) from None
            known = self._answers[key] = frozenset(holding)
        return known

    def _pipeline(self, holding: frozenset[Condition]) -> Pipeline:
        made = self._pipelines.get(holding)
        if made is None:
            if len(self._pipelines) >= MOST_PIPELINES:
                self._pipelines.clear()
            from copy import copy

            compiled = copy(self.compiled)
            compiled.rules = tuple(r for r in compiled.rules if holding.issuperset(r.when))
            made = self._pipelines[holding] = Pipeline(compiled, **self._how)
            made.watch = self.watch
            made.plan.matched = self.plan.matched
        return made


def _keeps(method: object) -> bool:
    return isinstance(getattr(method, "constant", None), Keep)
