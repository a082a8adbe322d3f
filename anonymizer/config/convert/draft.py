"""Our configuration while it is made of another tool's: rules with the places they come from."""

from __future__ import annotations

from anonymizer.dicom.dictionary import masks_by_keyword, representations_of, tags_by_keyword
from anonymizer.errors import ConfigurationError, Mistake
from anonymizer.rules.overlap import identity
from anonymizer.rules.selectors import SelectorFault, parse_selector

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from typing import Any

FILE_META = 0x0002
MEDIA_STORAGE_UID = 0x00020003
"""It follows the SOP Instance UID, whatever becomes of that."""

CHARACTER_SET = 0x00080005
MARKS = frozenset((0x00120062, 0x00120063, 0x00120064))
"""Patient Identity Removed and its method: every image gets them, whatever rules say."""


class Draft:
    """What has been read so far.  ``members`` are the keys of the configuration beside its rules.

    ``edition`` is the edition of PS3.15 that was asked for, or empty.
    """

    __slots__ = ("_seen", "edition", "members", "places", "rules", "source", "warnings")

    def __init__(self, source: str, edition: str) -> None:
        self.source = source
        self.edition = edition
        self.members: dict[str, Any] = {}
        self.rules: list[dict[str, Any]] = []
        self.places: list[str] = []
        self.warnings: list[Mistake] = []
        self._seen: dict[Hashable, tuple[str, dict[str, Any]]] = {}

    def follow_profile(self, edition: str) -> None:
        """Has the profile of PS3.15 come after the rules, in the edition that was asked for."""
        self.members |= {"extends": "ps3.15", "edition": self.edition or edition}

    def warn(self, place: str, message: str, hint: str = "") -> None:
        self.warnings.append(Mistake(place, message, hint))

    def warn_once(self, place: str, message: str, hint: str = "") -> None:
        """Warns of what a file says many times, at the first place only."""
        if all(warning.message != message for warning in self.warnings):
            self.warn(place, message, hint)

    def broken(self, place: str, message: str, hint: str = "") -> ConfigurationError:
        """What to raise where the file itself is at fault."""
        return ConfigurationError([Mistake(place, message, hint)], self.source)

    def rule(self, place: str, selector: str, method: str, **options: Any) -> None:  # noqa: ANN401
        """Adds a rule, unless its attributes are not for rules or have one already."""
        try:
            matcher = parse_selector(selector)
        except SelectorFault as fault:
            self.warn(place, f"{fault.message}: no rule is made of it", fault.hint)
            return
        tag = tag_of(selector)
        if tag is not None and _is_not_for_rules(tag):
            self._warn_of_fixed(place, tag, method)
            return
        rule = {"dicomTagPath": selector, "method": method, **options}
        meant = identity(matcher)
        when = options.get("when")
        asked = meant if when is None else (meant, repr(when))
        first, same = self._seen.get(meant) or self._seen.setdefault(asked, (place, rule))
        if same is not rule:
            if same["method"] == "keep" != method:  # what keeps must not hold against what takes
                self.warn(place, f"says something else of what {first} is about", "this one holds")
                same.clear()
                same.update(rule)
            elif same["method"] != method:
                self.warn(place, f"says something else of what {first} is about", "that one holds")
            return
        self.rules.append(rule)
        self.places.append(place)

    def reject(self, when: dict[str, Any]) -> bool:
        """Has images turned away that fit; answers whether that can be said."""
        if when:
            rejects = self.members.setdefault("reject", [])
            rejects += [when] if when not in rejects else []
        return bool(when)

    def accept(self, whens: Sequence[dict[str, Any]]) -> bool:
        """Has images turned away that fit none, which can be said once only."""
        if "accept" in self.members:
            return False
        self.members["accept"] = [*whens]
        return True

    def has(self, selector: str) -> bool:
        """Whether a rule says this very selector."""
        return any(rule["dicomTagPath"] == selector for rule in self.rules)

    def empty(self, place: str, selector: str, message: str, hint: str = "") -> None:
        """Has emptied what the file asks something for that we cannot say."""
        self.warn(place, f"{message}: it is emptied instead", hint)
        self.rule(place, selector, "redact", why=message)

    def _warn_of_fixed(self, place: str, tag: int, method: str) -> None:
        if tag in MARKS:
            if tag != 0x00120062:
                message = "says how the image was de-identified, which every output says in our way"
                self.warn(place, message)
        elif method != "keep" and (tag, method) != (MEDIA_STORAGE_UID, "refreshUID"):
            self.warn(place, "is not for rules: no rule is made of it", _WHY_FIXED)


_WHY_FIXED = "file meta information is written anew, and Specific Character Set stays"


def _is_not_for_rules(tag: int) -> bool:
    return tag >> 16 == FILE_META or tag == CHARACTER_SET or tag in MARKS


def selector_for(tag: int) -> str:
    """The keyword of a tag, where that selects nothing else, else the tag."""
    from anonymizer.dicom.dictionary import keyword_of

    keyword = keyword_of(tag)
    if tags_by_keyword().get(keyword) == tag:
        return keyword
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def tag_of(selector: str) -> int | None:
    """The one tag that a keyword or a tag selects; None for anything else."""
    tag = tags_by_keyword().get(selector)
    if tag is None and len(selector) == 11 and "x" not in selector.lower():
        try:
            return int(selector[1:5] + selector[6:10], 16)
        except ValueError:
            return None
    return tag


def representations_for(selector: str) -> tuple[str, ...]:
    """The VRs that a keyword or tag may have; none where that is not known."""
    mask = masks_by_keyword().get(selector)
    tag = int(mask.replace("x", "0"), 16) if mask else tag_of(selector)
    return () if tag is None else representations_of(tag)


TEXTS = frozenset("AE CS LO LT PN SH ST UC UT".split())


def stand_in_for(selector: str) -> str:
    """The method whose value stands for another without telling it: by the key, alike for alike."""
    (vr, *_) = representations_for(selector) or ("",)
    if vr == "UI":
        return "refreshUID"
    if vr in {"DA", "DT"}:
        return "dateShift"
    return "pseudonym" if vr in TEXTS else "redact"
