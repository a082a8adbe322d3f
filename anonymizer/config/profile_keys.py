"""The keys of a configuration that choose a profile of PS3.15, and what the engine needs of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Literal

    from anonymizer.errors import Mistake
    from anonymizer.rules.compiled import Compiled

PROFILE = "ps3.15"
"""What ``extends`` says for the profile."""

FULL_DATES, MODIFIED_DATES = "retainLongitudinalFullDates", "retainLongitudinalModifiedDates"

EDITIONS = ("2026d", "2024b", "2023e")
UNLISTED = ("clean", "keep", "remove")
CONFORMANCE = ("keepValid", "strict")
BURNED_IN = ("warn", "refuse", "ignore")
OPTIONS = {
    "retainSafePrivate": "private attributes that are known to be safe stay",
    "retainUIDs": "UIDs stay",
    "retainDeviceIdentity": "what names the device stays: its serial number, its station",
    "retainInstitutionIdentity": "what names the institution stays",
    "retainPatientCharacteristics": "age, sex, size, weight and the like stay; texts are cleaned",
    FULL_DATES: "dates and times stay as they are",
    MODIFIED_DATES: "dates stay, moved by days that the key and the patient decide",
    "cleanDescriptors": "descriptions and comments stay, without what identifies",
    "cleanStructuredContent": "the content of structured reports stays, without what identifies",
    "cleanGraphics": "overlays, curves and graphic annotations stay, without what identifies",
}
"""The options of PS3.15 Annex E that a configuration may name, and what each leaves."""

CHOICES = {
    "edition": EDITIONS,
    "unlisted": UNLISTED,
    "conformance": CONFORMANCE,
    "burnedIn": BURNED_IN,
}
OF_PROFILE = ("edition", "options", "unlisted", "conformance")
"""Keys that mean nothing where no profile is extended."""


class Choice:
    """The profile that was chosen; what is said wrongly counts as not said."""

    __slots__ = ("burned_in", "conformance", "edition", "options", "unlisted")

    def __init__(
        self, edition: str, options: frozenset[str], unlisted: str, conformance: str, burned_in: str
    ) -> None:
        self.edition = edition
        self.options = options
        self.unlisted = unlisted
        self.conformance = conformance
        self.burned_in = burned_in

    def as_keys(self) -> dict[str, Any]:
        """The choice as a configuration says it, in full."""
        return {
            "extends": PROFILE,
            "edition": self.edition,
            "options": [option for option in OPTIONS if option in self.options],
            "unlisted": self.unlisted,
            "conformance": self.conformance,
            "burnedIn": self.burned_in,
        }

    @property
    def temporal(self) -> Literal["REMOVED", "MODIFIED", "UNMODIFIED"]:
        """Longitudinal Temporal Information Modified, as the options alone have it."""
        if FULL_DATES in self.options:
            return "UNMODIFIED"
        return "MODIFIED" if MODIFIED_DATES in self.options else "REMOVED"


def choice_of(effective: Mapping[str, Any]) -> Choice:
    said = effective.get("options", ())
    options = frozenset(said if isinstance(said, list) else ()).intersection(OPTIONS)
    if {FULL_DATES, MODIFIED_DATES} <= options:
        options -= {FULL_DATES}
    edition, unlisted, conformance, burned_in = (
        value if (value := effective.get(key)) in choices else choices[0]
        for key, choices in CHOICES.items()
    )
    return Choice(edition, options, unlisted, conformance, burned_in)


def tell_engine(effective: Mapping[str, Any], compiled: Compiled) -> None:
    """Fills in what the engine does beside following the rules of the profile."""
    from anonymizer.standard.profile import codes

    choice = choice_of(effective)
    compiled.codes = tuple(codes(choice.options))
    compiled.temporal = choice.temporal
    compiled.trim = choice.unlisted != "keep"


def key_mistakes(members: Mapping[str, Any], prefix: str, *, profiled: bool) -> Iterator[Mistake]:
    """What is wrong with the keys about the profile in one file."""
    from anonymizer.errors import Mistake

    for key, choices in CHOICES.items():
        if key in members and members[key] not in choices:
            yield Mistake(f"{prefix}{key}", f"is none of {', '.join(choices)}")
    if not profiled:
        for key in OF_PROFILE:
            if key in members:
                message = "means nothing where the profile is not extended"
                yield Mistake(f"{prefix}{key}", message, f'add "extends": "{PROFILE}"')
    if "options" in members:
        yield from _option_mistakes(members["options"], f"{prefix}options")


def _option_mistakes(said: object, place: str) -> Iterator[Mistake]:
    from anonymizer.errors import Mistake

    if not isinstance(said, list):
        yield Mistake(place, "is not a list", f"of {', '.join(OPTIONS)}")
        return
    for number, option in enumerate(said):
        if not isinstance(option, str) or option not in OPTIONS:
            yield Mistake(f"{place}[{number}]", "no such option of PS3.15", _near(option))
        elif option in said[:number]:
            yield Mistake(place, f"{option} stands twice", "remove one of them")
    if FULL_DATES in said and MODIFIED_DATES in said:
        yield Mistake(place, f"{FULL_DATES} and {MODIFIED_DATES} exclude each other", "choose one")


def _near(option: object) -> str:
    from difflib import get_close_matches

    folded = {name.casefold(): name for name in OPTIONS}
    near = get_close_matches(str(option).casefold(), folded, n=1)
    return f"did you mean {folded[near[0]]!r}?" if near else f"one of {', '.join(OPTIONS)}"
