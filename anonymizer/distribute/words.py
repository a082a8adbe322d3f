"""Words of removed values by their keyed hashes, for no value leaves the process that removed it.

Who judges names has the key, too: it hashes the parts of a name and looks whether they were told.
"""

from __future__ import annotations

from hashlib import blake2b

from anonymizer.names import SHORTEST_WITHIN, Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from anonymizer.report import Report

BYTES = 8


def hear_by_hashes(report: Report) -> None:
    """Has a report judge names by what ``Hasher`` tells."""
    key = report.compiled.secrets.key_of_all("names")
    if key is None:
        report.names.forget("without a key no words of what was removed can be told")
    else:
        report.names = Names(KeyedWords(key))


class KeyedWords:
    """As ``names.Words``, of what ``Hasher`` has told."""

    __slots__ = ("_beginnings", "_hasher", "_words")

    def __init__(self, key: bytes) -> None:
        self._hasher = Hasher(key)
        self._words: set[bytes] = set()
        self._beginnings = _Beginnings(self._hasher)

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._hasher.of_word(word) in self._words

    def __len__(self) -> int:
        return len(self._words)

    def update(self, *told: Iterable[str]) -> None:
        """Takes over what ``Hasher.told`` has answered, joined."""
        for words in told:
            for each in words:
                data = bytes.fromhex(each)
                self._words.add(data[:BYTES])
                if len(data) > BYTES:
                    self._beginnings.known.add(data[BYTES:])

    def isdisjoint(self, words: Iterable[str]) -> bool:
        return not any(word in self for word in words)

    def beginnings(self) -> _Beginnings:
        return self._beginnings

    def of_uid(self, uid: str) -> int:
        return self._hasher.of_uid(uid)


class _Beginnings:
    __slots__ = ("_hasher", "known")

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher
        self.known: set[bytes] = set()

    def __contains__(self, beginning: object) -> bool:
        return isinstance(beginning, str) and self._hasher.of_beginning(beginning) in self.known


class Hasher:
    """The keyed hashes of words, of how they begin, and of UIDs."""

    __slots__ = ("_keyed",)

    def __init__(self, key: bytes) -> None:
        self._keyed = blake2b(key=key[:64], digest_size=BYTES)

    def told(self, words: Iterable[str]) -> list[str]:
        """What is told of words: for each its hash and, of one that may stand within other
        letters, that of its beginning."""
        return [
            (self.of_word(word) + (self.of_beginning(word) if _stands_within(word) else b"")).hex()
            for word in words
        ]

    def of_word(self, word: str) -> bytes:
        return self._of(b"w", word).digest()

    def of_beginning(self, word: str) -> bytes:
        return self._of(b"b", word[:SHORTEST_WITHIN]).digest()

    def of_uid(self, uid: str) -> int:
        return int.from_bytes(self._of(b"u", uid).digest(), "big", signed=True)

    def _of(self, kind: bytes, text: str) -> blake2b:
        keyed = self._keyed.copy()
        keyed.update(kind)
        keyed.update(text.encode("utf-8", "surrogatepass"))
        return keyed


def _stands_within(word: str) -> bool:
    return len(word) >= SHORTEST_WITHIN and word.isalpha()
