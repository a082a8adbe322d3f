"""Text as a search sees it: no case, no accents, one form of a digit, one form of a letter.

``flat`` keeps the length, so that what is found in it stands at the same place in the text.
``squeezed`` keeps letters and digits only.
"""

from __future__ import annotations

import re
from unicodedata import category, combining, decimal, normalize

MARK = "\u0301"
"""What stands in flat text for combining marks and for characters that have no width."""

_MOST_CHARACTERS = 1 << 14
_ALIKE = {
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ς": "σ", "ى": "ي", "ة": "ه",
    "ـ": MARK,
}  # fmt: skip
"""Letters that Unicode does not decompose, and yet are written one for the other."""

_LONG = {ord("ß"): "ss", ord("æ"): "ae", ord("œ"): "oe", ord("þ"): "th"}
_between_words = re.compile(r"[\W_]+").sub


class _Flat(dict[int, str]):
    """The flat form of a character, worked out when first met."""

    def __missing__(self, code: int) -> str:
        plain = _plain(chr(code))
        if len(self) < _MOST_CHARACTERS:
            self[code] = plain
        return plain


def _plain(char: str) -> str:
    digit = decimal(char, None)
    if digit is not None:
        return str(digit)
    if combining(char) or category(char) in ("Mn", "Cf"):
        return MARK
    parts = [c for c in normalize("NFKD", char.casefold()) if not combining(c)]
    if not parts:
        return MARK
    plain = parts[0] if len(parts) == 1 else char.lower()[:1]
    if "\u30a1" <= plain <= "\u30f6":
        plain = chr(ord(plain) - 0x60)  # katakana, as hiragana
    return _ALIKE.get(plain, plain)


_FLAT = _Flat()


def flat(text: str) -> str:
    """The text folded, as long as it was."""
    return text.lower() if text.isascii() else text.translate(_FLAT)


def squeezed(text: str) -> str:
    """The letters and digits of flat text."""
    left = _between_words("", text)
    return left if left.isascii() else left.translate(_LONG)


def places(text: str) -> list[int]:
    """Where each character of ``squeezed(text)`` stands in flat text."""
    found = []
    for at, char in enumerate(text):
        if _between_words("", char):
            found += [at] * len(_LONG.get(ord(char), char))
    return found


def key(text: str) -> str:
    """What two writings of one value have in common."""
    return squeezed(flat(normalize("NFC", text)))
