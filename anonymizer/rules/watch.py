"""Remembers the words of removed values, to find them in the names of files and folders.

Rules. Words are compared without case, accents and separators; those too short or too common to
mean anyone are not remembered.  The words never leave this object.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST = 4
MOST = 1 << 18
"""So many words are remembered, then no more."""

_WORDS = re.compile(r"\d+(?:\.\d+){3,}|[^\W_]+")
_MEANS_NOBODY = frozenset("anonymous dicom none null patient unknown study series image".split())


def words_of(text: str) -> Iterator[str]:
    """UIDs whole; else the runs of letters and digits that are long enough, folded."""
    if not text.isascii():
        import unicodedata

        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    for word in _WORDS.findall(text.casefold()):
        if len(word) >= LEAST and word not in _MEANS_NOBODY:
            yield word


class Watch:
    """The words of the values that rules have removed or replaced so far."""

    __slots__ = ("_names", "_words")

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._names: dict[str, tuple[str, ...]] = {}

    def removed(self, text: str) -> None:
        if len(self._words) < MOST:
            self._words.update(words_of(text))

    def removed_uid(self, uid: str) -> None:
        if len(self._words) < MOST:
            self._words.add(uid)

    def finds_in(self, name: str) -> bool:
        """Whether a file's or folder's name holds a word of a removed value."""
        words = self._names.get(name)
        if words is None:
            if len(self._names) > 1 << 12:
                self._names.clear()
            words = self._names[name] = tuple(words_of(name))
        return not self._words.isdisjoint(words)

    def finds_in_path(self, path: str) -> list[str]:
        """The names of a path that hold a word of a removed value."""
        folder, _, name = path.rpartition("/")
        found = [above for above in folder.split("/") if self.finds_in(above)] if folder else []
        stem, dot, suffix = name.rpartition(".")
        stem = stem if dot else name
        if stem.isascii() and stem.isalnum() and (not dot or len(suffix) < LEAST):
            # one word, as most names of files are
            if len(stem) >= LEAST and stem.casefold() in self._words:
                found.append(name)
        elif not self._words.isdisjoint(words_of(name)):
            found.append(name)
        return found
