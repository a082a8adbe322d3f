"""Finds what is legal in a configuration and can hardly be meant: the warnings of ``check``."""

from __future__ import annotations

from anonymizer.dicom.forms import fits
from anonymizer.methods.substitute import Substitute
from anonymizer.rules.matchers import Tags
from anonymizer.rules.overlap import (
    Owned,
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
    from anonymizer.rules.rule import Rule

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

    __slots__ = ("meanings", "owned", "rules")

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.owned = Owned()
        self.meanings: dict[Hashable, Rule] = {}

    def doubt(self, rule: Rule, findings: Findings) -> None:
        """Warns of a rule that can never own anything, then remembers it."""
        meaning = identity(rule.selector), rule.when
        if (same := self.meanings.get(meaning)) is not None:
            hint = "remove one of them"
            findings.warn(rule.place, f"{rule.text!r} repeats {same.place} ({same.text!r})", hint)
        elif numbers := self.owned.in_front_of(rule.selector):
            first = [self.rules[number] for number in numbers]
            names = ", ".join([*dict.fromkeys(f"{r.place} ({r.text!r})" for r in first)][:3])
            hint = FLAGS_IN_ORDER if rule.place.startswith("--") else ORDER
            findings.warn(rule.place, f"{rule.text!r} is never reached: {names} comes first", hint)
        self.meanings.setdefault(meaning, rule)
        if not rule.when:  # else it does not own all of it
            self.owned.add(rule.selector, len(self.rules))
        self.rules.append(rule)


ORDER = "the first rule that matches decides: put this one before it"
FLAGS_IN_ORDER = (
    "flags are taken in the order keep, replace, remove, the others: "
    "leave this one out, or have what comes first name less"
)


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
