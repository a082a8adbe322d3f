"""Holds a configuration against Table E.1-1 of PS3.15: what becomes of each row, and is it enough.

Strategy
    For each row the rules that may own it are asked for, as the plan would: those that own it in
    some places only, and the first that owns it everywhere.  The strength of each is held against
    what the row's code, or the option's that replaces it, allows.

Rules
    * keep < hash, pseudonym, shift, clean and whatever else leaves something < dummy, empty <
      remove < refuse.
    * A private creator and the items of a group that repeats may be any.
    * A sequence of which the profile keeps the items may be kept: its items have rows of their own.
"""

from __future__ import annotations

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of
from anonymizer.config.profile_keys import choice_of
from anonymizer.dicom.attribute import Element
from anonymizer.methods.by_type import ByType
from anonymizer.methods.clean_content import CleanContent
from anonymizer.methods.redact import Redact
from anonymizer.standard.table import PRIVATE, rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.config.configuration import Configuration
    from anonymizer.config.profile_keys import Choice
    from anonymizer.rules.compiled import Compiled
    from anonymizer.rules.rule import Rule
    from anonymizer.standard.table import Row

UNTOUCHED, WEAKER, EQUAL, STRONGER = "untouched", "weaker", "as the profile", "stronger"
VERDICTS = (UNTOUCHED, WEAKER, EQUAL, STRONGER)

KEPT, PART, EMPTY, GONE, REFUSED = range(5)

STRENGTH = {
    "keep": KEPT,
    "substitute": EMPTY,
    "dummy": EMPTY,
    "blank": EMPTY,
    "refreshUID": EMPTY,
    "remove": GONE,
}
"""Of methods that do the same to every VR; those that are not here leave something.

A new UID says nothing of what was there: it is as good as a dummy.
"""

ON_ERROR = {"redact": EMPTY, "remove": GONE, "refuse": REFUSED}

LEAST = {"K": KEPT, "C": PART, "U": PART, "X": GONE}
"""What each code asks for at least; the others, D and Z, ask for a dummy or for nothing."""

MOST = LEAST | {"U": EMPTY}

REPEATING = {"50XXXXXX": 0x50003000, "60XX3000": 0x60003000, "60XX4000": 0x60004000}
"""The element of the first group of each row that is a mask; there are sixteen (PS3.5 7.6)."""


class RowCoverage:
    """What becomes of one row, and the rule it comes from (None: ``otherwise``).

    ``code`` is that of the profile with the options; ``method`` is the rule's.
    """

    __slots__ = ("code", "method", "row", "rule", "verdict")

    def __init__(self, row: Row, code: str, verdict: str, rule: Rule | None, method: str) -> None:
        self.row = row
        self.code = code
        self.verdict = verdict
        self.rule = rule
        self.method = method

    @property
    def name(self) -> str:
        return self.row.keyword or self.row.tag


def coverage(configuration: Configuration, compiled: Compiled) -> tuple[Choice, list[RowCoverage]]:
    """The profile that it was held against, and every row of its table in order.

    That is the edition with the options that the configuration states, else the newest without.
    """
    choice = choice_of(configuration.effective if configuration.extends_profile else {})
    profile = _profile_of(choice)
    return choice, [_judge(row, choice, compiled, profile) for row in rows(choice.edition)]


def _profile_of(choice: Choice) -> Compiled:
    key = {"parameters": {"key": "0" * 64}}  # it changes no strength
    return compile_configuration(configuration_of(choice.as_keys() | key), environ={})


def _judge(row: Row, choice: Choice, compiled: Compiled, profile: Compiled) -> RowCoverage:
    """The verdict about the weakest of the rules that may own an element of the row."""
    elements = _elements(row)
    code = _code(row, choice.options)
    kinds = kinds_of(code)
    of_profile = {
        _said(rule): _strength(rule, e, profile) for e in elements for rule in _owners(profile, e)
    }
    owned = {
        _strength(rule, e, compiled): rule
        for e in elements
        for rule in _owners(compiled, e)
        if not (_is_of_some_places(rule) and _said(rule) in of_profile)
    }
    strength = min(owned)
    weakest = owned[strength]
    least = min(_least(kind, elements[0].vr) for kind in kinds)
    if code == "C":
        least = min(least, *of_profile.values())  # what cleaning leaves as it is, as it does times
    most = max(*(MOST.get(kind, EMPTY) for kind in kinds), *of_profile.values())
    method = f"otherwise {compiled.otherwise}" if weakest is None else weakest.method.name
    return RowCoverage(row, code, _verdict(strength, least, most), weakest, method)


def _verdict(strength: int, least: int, most: int) -> str:
    if strength < least:
        return WEAKER if strength else UNTOUCHED
    return STRONGER if strength > most else EQUAL


def _is_of_some_places(rule: Rule | None) -> bool:
    """Whether it stands for places in which the profile, too, may have a rule of its own."""
    return rule is not None and rule.selector.place is not None


def _said(rule: Rule | None) -> tuple[str, str]:
    return ("", "") if rule is None else (rule.text, rule.method.name)


def _elements(row: Row) -> list[Element]:
    vr = row.vr.split("/")[0] or "UN"
    if row.tag == PRIVATE:
        return [Element(0x00091001, "UN", "UN", "ACME")]
    if (first := REPEATING.get(row.tag)) is not None:
        return [Element(first + (group << 16), vr, vr) for group in range(0, 0x20, 2)]
    return [Element(int(row.tag, 16), vr, vr)]


def _code(row: Row, options: frozenset[str]) -> str:
    """The code of the options that have one, C before K; else that of the basic profile."""
    return min((row.options[name] for name in options & row.options.keys()), default=row.basic)


def kinds_of(code: str) -> list[str]:
    """The codes that a compound one is of; an asterisk says that UIDs inside are replaced."""
    return code.rstrip("*").split("/")


def _least(code: str, vr: str) -> int:
    return KEPT if vr == "SQ" and code in "CDU" else LEAST.get(code, EMPTY)


def _owners(compiled: Compiled, element: Element) -> Iterator[Rule | None]:
    """The rules that own an element somewhere, the one that does everywhere last.

    None stands for ``otherwise``.  A creator of a private element may be any.
    """
    if compiled.root_only:
        yield None  # what items hold is nobody's
    for rule in compiled.rules:
        selector = rule.selector
        if selector.matches(element):
            yield rule
            if selector.place is None and not rule.when:
                return
        elif element.creator and selector.asks_creator:
            yield rule
    yield None


def _strength(rule: Rule | None, element: Element, compiled: Compiled) -> int:
    if rule is None:
        gone = PART if element.vr == "SQ" else GONE  # its items are asked about
        return KEPT if compiled.otherwise == "keep" else gone
    method = rule.method
    if element.vr not in method.vrs:
        return ON_ERROR[rule.on_error]
    if isinstance(method, Redact | CleanContent):
        return PART if method.leaves_part_of(element.vr) else EMPTY
    if isinstance(method, ByType):
        return min(_least(action, element.vr) for action in method.named)
    strength = STRENGTH.get(method.name, PART)
    return KEPT if method.name == "dummy" and element.vr == "SQ" else strength
