"""Finds what is legal in a configuration and can hardly be meant: the warnings of ``check``."""

from __future__ import annotations

from anonymizer.dicom.forms import fits
from anonymizer.methods.substitute import Substitute
from anonymizer.rules.matchers import Tags
from anonymizer.rules.overlap import (
    covers,
    covers_tag,
    identity,
    known_tags,
    representations,
)
from anonymizer.rules.places import Within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from anonymizer.config.configuration import Findings
    from anonymizer.rules.rule import Rule, Selector

TAKES_WHOLE = frozenset(("remove", "redact"))
"""Methods that never look inside a sequence."""


def find_doubts(
    rules: Sequence[Rule], findings: Findings, *, strict: bool, behind: Sequence[Rule] = ()
) -> None:
    """Adds warnings; if ``strict``, a mistake where a value cannot fit its one attribute.

    ``behind`` are the rules that these ones extend.
    """
    earlier = _Earlier()
    for rule in rules:
        earlier.doubt(rule, findings)
        _doubt_sequences(rule, (*rules, *behind), findings)
        _doubt_representation(rule, findings)
        _doubt_value(rule, findings, strict=strict)


class _Earlier:
    """The rules so far, by what they own at every place."""

    __slots__ = ("broad", "meanings", "owners")

    def __init__(self) -> None:
        self.owners: dict[int, Rule] = {}
        self.broad: list[Rule] = []
        self.meanings: dict[Hashable, Rule] = {}

    def doubt(self, rule: Rule, findings: Findings) -> None:
        """Warns of a rule that can never own anything, then remembers it."""
        meaning = identity(rule.selector), rule.when
        if (same := self.meanings.get(meaning)) is not None:
            hint = "remove one of them"
            findings.warn(rule.place, f"{rule.text!r} repeats {same.place} ({same.text!r})", hint)
        elif first := self._in_front_of(rule.selector):
            names = ", ".join([*dict.fromkeys(f"{r.place} ({r.text!r})" for r in first)][:3])
            hint = "the first rule that matches decides: put this one before it"
            findings.warn(rule.place, f"{rule.text!r} is never reached: {names} comes first", hint)
        self.meanings.setdefault(meaning, rule)
        self._remember(rule)

    def _remember(self, rule: Rule) -> None:
        if rule.selector.place is not None or rule.when:
            return  # it does not own all of it
        if rule.selector.tags is None:
            self.broad.append(rule)
        for tag in rule.selector.tags or ():
            self.owners.setdefault(tag, rule)

    def _in_front_of(self, selector: Selector) -> list[Rule]:
        """The rules that together own all of it already; none where something is left."""
        tags = known_tags(selector)
        if not tags:
            return [rule for rule in self.broad if covers(rule.selector, selector)][:1]
        owners = []
        for tag in tags:
            owner = self._owner(tag)
            if owner is None:
                return []
            owners.append(owner)
        return owners

    def _owner(self, tag: int) -> Rule | None:
        if tag in self.owners:
            return self.owners[tag]
        return next((rule for rule in self.broad if covers_tag(rule.selector, tag)), None)


def _doubt_sequences(rule: Rule, rules: Sequence[Rule], findings: Findings) -> None:
    """Warns of a path into a sequence that another rule takes whole."""
    place = rule.selector.place
    if not isinstance(place, Within):
        return
    for step in place.steps:
        if step is None or not isinstance(step.matcher, Tags):
            continue
        taker = _taker(step.matcher, rules)
        if taker is not None:
            findings.warn(
                rule.place,
                f"{rule.text!r} is never reached: {taker.place} takes {step.matcher.text!r} whole",
                f"put a rule that keeps {step.matcher.text!r} before {taker.place}",
            )
            return


def _taker(sequence: Tags, rules: Sequence[Rule]) -> Rule | None:
    """The rule that removes or empties a sequence wherever it stands."""
    (tag,) = known_tags(sequence)
    for rule in rules:
        if covers_tag(rule.selector, tag):
            taken = rule.selector.place is None and rule.method.name in TAKES_WHOLE
            if not (taken and rule.when):
                return rule if taken else None
    return None


def _doubt_representation(rule: Rule, findings: Findings) -> None:
    vrs = representations(rule.selector)
    if vrs and vrs.isdisjoint(rule.method.vrs):
        findings.warn(
            rule.place,
            f"{rule.method.name} treats no {' or '.join(sorted(vrs))}, "
            f"which is what {rule.text!r} selects",
            f"it treats {' '.join(sorted(rule.method.vrs))}",
        )


def _doubt_value(rule: Rule, findings: Findings, *, strict: bool) -> None:
    """Warns of a fixed text that not all VRs of the selector can hold; an error where none can."""
    if not isinstance(rule.method, Substitute):
        return
    vrs = sorted(representations(rule.selector) & rule.method.vrs)
    wrong = {vr: fault for vr in vrs if (fault := fits(rule.method.text, vr))}
    if not wrong:
        return
    place, reason = f"{rule.place}.replaceWith", next(iter(wrong.values()))
    if strict and len(wrong) == len(vrs) and rule.selector.tags is not None:
        findings.mistake(place, f"does not fit {' or '.join(vrs)}: {reason}")
    else:
        findings.warn(
            place, f"does not fit {', '.join(wrong)}: {reason}", "such values fall to onError"
        )
