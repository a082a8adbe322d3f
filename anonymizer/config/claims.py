"""Corrects what a profile would claim of its outputs, where rules of files decide first."""

from __future__ import annotations

from anonymizer.dicom.attribute import Element
from anonymizer.dicom.dictionary import representations_of, tags_by_keyword
from anonymizer.methods import NAMES
from anonymizer.methods.redact import Redact
from anonymizer.rules.matchers import (
    EVEN_GROUP,
    Mask,
    Private,
    PrivateBlock,
    PrivatePattern,
    PrivateTag,
    Representation,
)
from anonymizer.rules.overlap import ALL, known_tags, owners
from anonymizer.standard.table import PRIVATE, rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from typing import Literal

    from anonymizer.rules.rule import Rule, Selector
    from anonymizer.standard.table import Row

    Temporal = Literal["REMOVED", "MODIFIED", "UNMODIFIED", ""]

DATES = frozenset(("DA", "DT", "TM"))

BIRTH = frozenset((0x00100030, 0x00100032))
"""No longitudinal information: no option about dates keeps it."""

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
    selector = rule.selector
    if isinstance(selector, Representation):
        return selector.vr in DATES
    tags: Iterable[int] = known_tags(selector)
    if isinstance(selector, Mask):
        all_tags = tags_by_keyword().values()
        tags = (tag for tag in all_tags if tag & selector.bits == selector.value)
    return any(tag not in BIRTH and DATES.intersection(representations_of(tag)) for tag in tags)


def _outcome(rule: Rule) -> Temporal:
    if isinstance(rule.method, Redact):
        return "MODIFIED" if rule.method.leaves_part_of("DA") else "REMOVED"
    return OUTCOMES.get(rule.method.name, "MODIFIED")


TELLING = frozenset(
    "keep keepRegisteredCodes dateShift perturb cleanText cleanContent regexReplace".split()
)
"""Methods that leave something of a value, as one of a user's own may; a keyed hash or pseudonym is
a dummy (PS3.15 E.1.1)."""

PARTLY = TELLING - {"keep", "keepRegisteredCodes"}
"""They are what C asks for."""


def telling_rule(
    rules: Sequence[Rule], edition: str, options: Collection[str]
) -> tuple[str, Rule] | None:
    """The first attribute of Table E.1-1 of which a rule leaves more than the profile would.

    ``rules`` are those of files.  An output of such a configuration does not conform to it.
    """
    telling = [rule for rule in rules if _tells(rule)]
    if private := _telling_of_private(rules, known_safe=SAFE_PRIVATE in options):
        return "private attributes", private
    for row in rows(edition) if telling else ():
        if row.tag == PRIVATE or _is_kept(row, options):
            continue
        for rule in (rule for e in _elements(row, rules) for rule in owners(rules, e)):
            if rule in telling and not (_is_cleaned(row, options) and rule.method.name in PARTLY):
                return row.keyword or row.tag, rule
    return None


def _elements(row: Row, rules: Iterable[Rule]) -> Iterator[Element]:
    """An element of the row; of one that is a mask also those that rules name."""
    first = int(row.tag.replace("X", "0"), 16)
    bits = int("".join("0" if digit == "X" else "F" for digit in row.tag), 16)
    tags = {first}
    for rule in rules if bits != ALL else ():
        for its_bits, value in _masks(rule.selector):
            if not (value ^ first) & bits & its_bits and not value & EVEN_GROUP:
                tags.add(first | value)
    yield from (Element(tag, vr, vr) for tag in sorted(tags) for vr in row.vr.split("/"))


def _masks(selector: Selector) -> list[tuple[int, int]]:
    if isinstance(selector, Mask):
        return [(selector.bits, selector.value)]
    return [(ALL, tag) for tag in selector.tags or ()]


SAFE_PRIVATE, KEEPS_SAFE = "retainSafePrivate", "keepSafePrivate"
"""The option of PS3.15, and the method that does what it says."""


def _telling_of_private(rules: Iterable[Rule], *, known_safe: bool) -> Rule | None:
    """The first rule that leaves something of private attributes.

    Where those may stay that are known to be safe, a rule that names some says that they are
    (PS3.15 E.3.10); one for all of them, or all of a VR or a group, says nothing of the kind.
    """
    for rule in rules:
        selector = rule.selector
        named = isinstance(selector, PrivateBlock | PrivateTag) or _is_private_tag(selector)
        if not (named or _is_wide(selector)):
            continue
        safe = known_safe and (named or rule.method.name == KEEPS_SAFE)
        if not safe and (_tells(rule) or rule.method.name == KEEPS_SAFE):
            return rule
        if isinstance(selector, Private) and selector.place is None and not rule.when:
            return None  # nothing is left for the rules behind it
    return None


def _is_private_tag(selector: Selector) -> bool:
    return any(tag & EVEN_GROUP for tag in selector.tags or ())


def _is_wide(selector: Selector) -> bool:
    """Whether it may own private attributes without naming one."""
    if isinstance(selector, Mask):
        return not selector.bits & EVEN_GROUP or bool(selector.value & EVEN_GROUP)
    return isinstance(selector, Private | PrivatePattern | Representation)


def _tells(rule: Rule) -> bool:
    if isinstance(rule.method, Redact):
        return rule.method.leaves_part_of("DA") or rule.method.leaves_part_of("AS")
    return rule.method.name in TELLING or rule.method.name not in NAMES


def _is_kept(row: Row, options: Collection[str]) -> bool:
    """Whether the profile keeps it, goes inside, or has nothing to say of its value."""
    cells = [row.options[name] for name in options if name in row.options]
    return row.vr == "SQ" or (bool(cells) and "C" not in cells)


def _is_cleaned(row: Row, options: Collection[str]) -> bool:
    return any(row.options.get(name) == "C" for name in options)
