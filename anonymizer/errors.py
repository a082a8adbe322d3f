"""Every error raised on purpose: one base, one class per whose fault it is.

Rules. A message is ``place: what is wrong``, lower case, without a full stop; a hint stands apart.
No message, argument or representation ever holds a value of an image.
"""

from __future__ import annotations

import re

_MAY_BE_A_KEY = (
    r"(?=[a-z/+]*[A-Z0-9])(?=[A-Z/+]*[a-z0-9])(?=[A-Za-z/+]*\d)[A-Za-z0-9+/=]{32,}"
    r"|[^\s./\\_,;:'\"()\[\]{}]{32,}"
)
NOT_SHOWN = "~not shown~"


def without_keys(text: str) -> str:
    """A text in which no name is shown that may be a key, put where a name belongs.

    A key has 32 characters or more without separators; so do a few keywords of PS3.6.
    """
    if len(text) < 32:
        return text
    return re.sub(_MAY_BE_A_KEY, lambda m: m[0] if _is_keyword(m[0]) else NOT_SHOWN, text)


def _is_keyword(word: str) -> bool:
    """Whether it is spelled as keywords are: words in a row, small letters for the most part."""
    small = sum(map(str.islower, word))
    digits = sum(map(str.isdigit, word))
    return word.isalnum() and word[0].isupper() and digits < 2 and small > 0.65 * len(word)


class AnonymizerError(Exception):
    """What this package raises on purpose; anything else is a defect of ours."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class UsageError(AnonymizerError):
    """The person who typed the command or called the function is at fault."""


class Mistake:
    """One thing wrong with a configuration, with its place and, where there is one, a hint.

    Whatever it names is shown ``without_keys``.
    """

    __slots__ = ("hint", "message", "place")

    def __init__(self, place: str, message: str, hint: str = "") -> None:
        self.place = without_keys(place)
        self.message = without_keys(message)
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text}\n  hint: {self.hint}" if self.hint else text

    def __repr__(self) -> str:
        return f"Mistake({self.place!r}, {self.message!r}, {self.hint!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mistake) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class ConfigurationError(AnonymizerError):
    """The configuration is at fault; carries every mistake found, not just the first."""

    def __init__(self, mistakes: list[Mistake], source: str = "configuration") -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)
        self.source = source


class ImageError(AnonymizerError):
    """The image is at fault: it cannot be read without guessing, so nothing is written.

    ``reason`` is a code of the closed list in ``docs/reasons.md``; ``offset`` is a position in
    the file in bytes, or None.
    """

    def __init__(self, reason: str, message: str, offset: int | None = None) -> None:
        where = "" if offset is None else f" (at byte {offset})"
        super().__init__(message + where)
        self.reason = reason
        self.offset = offset


class ValueFault(AnonymizerError):
    """A method cannot treat a value; the rule's ``onError`` decides what becomes of it."""
