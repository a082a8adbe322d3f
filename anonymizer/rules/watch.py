"""Collects the words of removed values, to find them in the names of files and folders.

Rules. Words are without case, accents and separators.  What they are found in is judged when a
run has ended (see ``anonymizer.names``); until then they are in memory only, never on a disk.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_TOLD = 1 << 16
"""So many words are known to have been told; then they may be told again."""

MOST_WORDS = 1 << 18
MOST_UIDS = 1 << 19
"""With so many nobody asks for more: every name counts as one that tells."""

SHORTEST = 3
MOST_PARTS = 5
"""The parts of a value of so many are also one word: a name, an identifier with hyphens."""

WORDS = r"\d+(?:\.\d+){3,}|[^\W_]+"
_MEANS_NOBODY = frozenset(
    """
    anonymous dicom none null patient unknown study series image dcm img the and for
    cr ct dx mg mr nm ot pt rf rt sc sr us xa
    """.split()
)


def folded(text: str) -> str:
    """Text without case, accents and width, so that two spellings of a name are equal."""
    if not text.isascii():
        import unicodedata

        apart = unicodedata.normalize("NFKD", text)
        bare = "".join([c for c in apart if not unicodedata.category(c).startswith("M")])
        text = unicodedata.normalize("NFC", bare)
    return text.casefold()


def words_of(text: str) -> Iterator[str]:
    """UIDs whole; else runs of letters and digits, and those of a short value as one word.

    Of a name also its first two parts the other way round: Doe^John is doejohn and johndoe.
    What is very short is a word only where it is a whole part of a name: Li^Wu, but not CT Head.
    """
    for group in folded(text).replace("\\", "=").split("="):
        parts: list[str] = []
        for component in group.split("^"):
            words = [word for word in re.findall(WORDS, component) if word not in _MEANS_NOBODY]
            parts += words
            if len(words) > 1:
                words = [word for word in words if len(word) >= SHORTEST or not word.isascii()]
            yield from words
        if 1 < len(parts) <= MOST_PARTS:
            yield "".join(parts)
            yield parts[0] + parts[1]
            yield parts[1] + parts[0]


class Watch:
    """The words and UIDs of the values that rules have removed or replaced, until they are told.

    UIDs are told by a hash, for they are many and only ever compared whole: by Python's, unless
    the processes of a run are of several machines, where that is not the same in all.
    """

    __slots__ = ("_told", "_uids", "_words", "uid_hash")

    def __init__(self) -> None:
        self.uid_hash: Callable[[str], int] = hash
        self._told: set[str] = set()
        self._words: list[str] = []
        self._uids: set[int] = set()

    def removed(self, text: str) -> None:
        for word in words_of(text):
            if word not in self._told and len(self._words) < MOST_WORDS:
                self._told.add(word)
                self._words.append(word)

    def removed_uid(self, uid: str) -> None:
        if len(self._uids) < MOST_UIDS:
            self._uids.add(self.uid_hash(uid))

    def show(self, vr: str, text: str) -> None:
        """A value that was removed, as text: a UID as a whole, of others their words."""
        if vr == "UI":
            self.removed_uid(text)
        else:
            self.removed(text)

    def take(self) -> tuple[list[str], list[int]]:
        """What was removed since the last call."""
        words, uids = self._words, list(self._uids)
        self._words, self._uids = [], set()
        if len(self._told) > MOST_TOLD:
            self._told.clear()
        return words, uids
