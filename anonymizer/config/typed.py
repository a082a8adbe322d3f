"""What is typed beside a configuration: rules that come before its own, and words about them.

Rules
    * keep, then replace, then remove, then private attributes, then dates and UIDs; each in the
      order of typing.  The same attributes twice is an error, unless the same is said, and so is
      a flag that those before it leave nothing to do.
    * What a profile of PS3.15 has an option for is asked of that option, so that all rows which
      the option is about follow, and the outputs say so.
    * They are a layer of the configuration like any other: checked, and part of its SHA-256.
"""

from __future__ import annotations

import re

from anonymizer.config.configuration import Layer
from anonymizer.config.layers import OWN
from anonymizer.config.profile_keys import FULL_DATES, MODIFIED_DATES
from anonymizer.errors import UsageError, without_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    Said = tuple[str, str, dict[str, Any]]
    """A flag, a selector, and the rest of the rule."""

MOVED = "StudyDate SeriesDate AcquisitionDate ContentDate AcquisitionDateTime".split()
"""The dates that ``--shift-dates`` moves whatever the configuration does to them."""

INSTANCES = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")

RETAIN_UIDS = "retainUIDs"

EMPTIED = {
    "method": "redact",
    "enablePartialDatesForRedact": False,
    "enablePartialAgesForRedact": False,
}


class Typed:
    """The flags that are rules, as they were typed; nothing of it is checked yet."""

    __slots__ = (
        "keep",
        "keep_private",
        "keep_tags",
        "preserve_studies",
        "regenerate_uids",
        "remove",
        "remove_private",
        "replace",
        "shift_dates",
    )

    def __init__(self) -> None:
        self.keep: list[str] = []
        self.keep_tags = ""
        self.replace: list[str] = []
        self.remove: list[str] = []
        self.remove_private = False
        self.keep_private = False
        self.shift_dates = 0
        self.regenerate_uids = False
        self.preserve_studies = False

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)

    def layer_over(self, own: Layer, options: list[str] | None) -> Layer:
        """The layer that comes before a file; ``options`` are those of its profile, if any.

        Raises UsageError where two flags say different things of the same attributes.
        """
        members: dict[str, Any] = {key: own.members[key] for key in OWN if key in own.members}
        members["extends"] = OWN_FILE
        if options is not None:
            members["options"] = self._changed(options)
        return self._layer(members, own, options)

    def layer_before(self, own: Layer) -> Layer:
        """The layer that comes before a file of Microsoft's shape, which is read on its own."""
        return self._layer({}, own, None)

    def _layer(self, members: dict[str, Any], own: Layer, options: list[str] | None) -> Layer:
        said = list(_each_once([*self._of_selectors(), *self._of_kinds(options)]))
        members["rules"] = [
            {"dicomTagPath": selector, **rule, "why": flag} for flag, selector, rule in said
        ]
        if self.shift_dates:
            members["parameters"] = {"dateShiftDays": self.shift_dates}
        places = tuple(f"{flag} {selector}" for flag, selector, _ in said)
        return Layer(members, own.source, own.folder, path=OWN_FILE, places=places)

    def _of_selectors(self) -> Iterator[Said]:
        for selector in self.keep:
            yield "--keep", selector, {"method": "keep"}
        for selector in split_tags(self.keep_tags):
            yield "--keep-tags", selector, {"method": "keep"}
        for text in self.replace:
            selector, value = split_replacement(text)
            rule = {"method": "substitute", "replaceWith": value} if value else EMPTIED
            yield "--replace", selector, rule
        for selector in self.remove:
            yield "--remove", selector, {"method": "remove"}

    def _of_kinds(self, options: list[str] | None) -> Iterator[Said]:
        if self.remove_private:
            yield "--remove-private", "private", {"method": "remove"}
        if self.keep_private:
            yield "--keep-private", "private", {"method": "keep"}
        for keyword in MOVED if self.shift_dates else ():
            yield "--shift-dates", keyword, {"method": "dateShift"}
        for keyword in INSTANCES[:2] if self.preserve_studies else ():
            yield "--preserve-studies", keyword, {"method": "refreshUID"}
        for selector in self._uids(options):
            yield "--regenerate-uids", selector, {"method": "refreshUID"}

    def _uids(self, options: list[str] | None) -> tuple[str, ...]:
        """Every UID; over a profile, whose rows remove some of them, only those of all images."""
        if not self.regenerate_uids:
            return ()
        return ("UI",) if options is None else INSTANCES

    def _changed(self, options: list[str]) -> list[str]:
        """The options of the profile with what the flags ask for."""
        fewer = {FULL_DATES, MODIFIED_DATES} if self.shift_dates else set()
        if self.regenerate_uids:
            fewer.add(RETAIN_UIDS)
        kept = [option for option in options if option not in fewer]
        return [*kept, *([MODIFIED_DATES] if self.shift_dates else [])]


OWN_FILE = "-c"
"""What the layer of the flags extends."""


def without_key(place: str) -> str:
    """A place among flags without the key of the rule that it stands for."""
    head, _, key = place.rpartition(".")
    return head if place.startswith("--") and key in _KEYS else place


_KEYS = frozenset(("dicomTagPath", "method", "replaceWith", "dateShiftDays"))


def split_replacement(text: str) -> tuple[str, str]:
    """``SELECTOR=VALUE``; a selector may have an equals sign between quotes or slashes."""
    match = re.fullmatch(r"(/.*?/|(?:\"[^\"]*\"|[^=\"])*)=(.*)", text, re.DOTALL)
    if match is None or not match[1].strip():
        raise UsageError(
            "--replace takes an attribute and a value", "as in --replace PatientName=ANONYMOUS"
        )
    return match[1].strip(), match[2]


def split_tags(text: str) -> list[str]:
    """Selectors between commas; those of a tag, with or without parentheses, separate nothing."""
    found = re.findall(rf"\s*({_ONE})\s*(?:,|$)", text)
    if not text.strip(", ") or re.sub(rf"\s*(?:{_ONE})\s*(?:,|$)", "", text).strip():
        if not text:
            return []
        raise UsageError("--keep-tags takes attributes, separated by commas", "as in A,B")
    return found


_ONE = r"(?:0[xX])?[0-9A-Fa-fxX]{4},(?:0[xX])?[0-9A-Fa-fxX]{4}|(?:\([^()]*\)|[^,()\s])+"


def _each_once(said: Iterable[Said]) -> Iterator[Said]:
    """What is said, without repetitions; raises UsageError where two contradict each other."""
    from anonymizer.rules.overlap import Owned, identity
    from anonymizer.rules.selectors import SelectorFault, parse_selector

    first: dict[Any, Said] = {}
    owners: list[Said] = []
    owned = Owned()
    for one in said:
        try:
            selector = parse_selector(one[1])
        except SelectorFault:  # is told where every rule is read
            yield one
            continue
        before = first.setdefault(identity(selector), one)
        if before is not one:
            _check_the_same(before, one)
            continue
        covering = [owners[at] for at in owned.in_front_of(selector)]
        if covering and all(other[2] == one[2] for other in covering):
            continue
        _check_reached(covering, one)
        owned.add(selector, len(owners))
        owners.append(one)
        yield one


def _check_the_same(before: Said, one: Said) -> None:
    if before[2] != one[2] and {one[0], before[0]} <= _EXPLICIT:
        raise UsageError(
            f"{_shown(before)} and {_shown(one)} are about the same attributes",
            "give one of them",
        )


def _check_reached(before: list[Said], one: Said) -> None:
    """Raises UsageError where flags in front of an explicit one leave it nothing to do."""
    contrary = [other for other in before if other[2] != one[2]]
    if contrary and one[0] in _EXPLICIT:
        names = " and ".join(map(_shown, contrary[:3]))
        first = "comes" if len(contrary) == 1 else "come"
        raise UsageError(
            f"{_shown(one)} is never reached: {names} {first} first, as flags are taken in the "
            "order keep, replace, remove",
            f"have {_shown(contrary[0])} name less, or leave {_shown(one)} out",
        )


def _shown(said: Said) -> str:
    """A flag as it was typed."""
    flag, selector, _ = said
    return (
        flag
        if flag in {"--keep-private", "--remove-private"}
        else f"{flag} {without_keys(selector)}"
    )


_EXPLICIT = frozenset(
    "--keep --keep-tags --replace --remove --keep-private --remove-private".split()
)
"""Flags of which no two may speak of the same; the others come after, and take what is left."""
