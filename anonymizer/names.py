"""Judges names of files and folders when a run has ended: which hold a word of a removed value.

Strategy
    Workers tell the words of what they removed; no name is judged before all have told all.  So
    the same names are withheld whatever the number of workers and the order of the files.

Rules
    * A word is found as a word of its own, and where separators take it apart, so that devries is
      found in de_vries.dcm; letters from five on also within other letters, so that doejohn is
      found in DOEJOHN1970.  Han, kana and Hangul need no separators: from two
      characters on they are found anywhere.  What is shorter must be the whole name.
    * Memory is bounded.  With more words than ``MOST_WORDS`` every name counts as one that tells,
      with more UIDs than ``MOST_UIDS`` every name that looks like a UID.
"""

from __future__ import annotations

import re

from anonymizer.rules.watch import MOST_PARTS, MOST_UIDS, MOST_WORDS, SHORTEST, WORDS, folded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from typing import Protocol

    class KnownWords(Protocol):
        def __contains__(self, word: object, /) -> bool: ...
        def __len__(self) -> int: ...
        def update(self, *told: Iterable[str]) -> None: ...
        def isdisjoint(self, words: Iterable[str], /) -> bool: ...
        def beginnings(self) -> Container[str]: ...
        def of_uid(self, uid: str) -> int: ...


MOST_REMEMBERED = 1 << 21
"""So many files that were written are remembered by name, about 10 bytes each."""

MOST_VERDICTS = 1 << 12
AT_ONCE = 1 << 13
"""So many names are packed together; fewer stay as they are."""

SHORTEST_NUMBER, SHORTEST_WITHIN = 4, 5
COUNTERS = 1000
"""Numbers below are counters where letters stand before them: IM000815."""

_IDEOGRAPHS = (
    r"\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    r"\uf900-\ufaff\U00020000-\U0003ffff"
)
_WITHOUT_SEPARATORS = f"[{_IDEOGRAPHS}]+"
_UID = r"\d+(?:\.\d+){3,}"
_RUNS = r"[^\W\d_]+|\d+"


DONE_BEFORE = "the words that were removed from the files done before are not known any more"


class Words(set[str]):
    """The words themselves; what has these methods, too, may know less of them."""

    __slots__ = ()

    def beginnings(self) -> Container[str]:
        """How the long ones begin that are of letters alone."""
        long = (word for word in self if len(word) >= SHORTEST_WITHIN)
        return {word[:SHORTEST_WITHIN] for word in long if word.isalpha()}

    @staticmethod
    def of_uid(uid: str) -> int:
        """What a UID is told by."""
        return hash(uid)


class Names:
    """The words of a run, and the files that were written under the names of their inputs."""

    __slots__ = (
        "_beginnings",
        "_buffer",
        "_count",
        "_packed",
        "_uids",
        "_verdicts",
        "_withheld",
        "_words",
        "forgot",
        "remembered",
    )

    def __init__(self, words: KnownWords | None = None) -> None:
        self._words: KnownWords = Words() if words is None else words
        self._uids: set[int] = set()
        self._beginnings: Container[str] | None = None
        self._verdicts: dict[str, bool] = {}
        self._withheld: dict[int, int] = {}
        """The number of each name that is withheld, by its hash."""
        self._buffer: list[str] = []
        self._packed: list[bytes] = []
        self._count: int | None = 0
        self.remembered = 0
        self.forgot = ""
        """Why no words are known of values that were removed: no name is shown then."""

    def forget(self, why: str = DONE_BEFORE) -> None:
        self.forgot = self.forgot or why

    def hear(self, words: Iterable[str], uids: Iterable[int]) -> None:
        """More words of removed values, and hashes of removed UIDs."""
        if not self.is_full:
            self._words.update(words)
        if not self.is_full_of_uids:
            self._uids.update(uids)
        self._beginnings = self._count = None
        self._verdicts.clear()

    def known(self) -> tuple[Iterable[str], Iterable[int]]:
        """What another may hear; words that are known by less than themselves are nobody else's."""
        words = self._words
        return (words if isinstance(words, Words) else ()), self._uids

    @property
    def is_full(self) -> bool:
        return len(self._words) >= MOST_WORDS

    @property
    def is_full_of_uids(self) -> bool:
        return len(self._uids) >= MOST_UIDS

    def remember(self, paths: list[str]) -> None:
        """Files of which ``count`` is to be asked."""
        if self.remembered >= MOST_REMEMBERED:
            return
        self.remembered += len(paths)
        self._count = None
        self._buffer += paths
        if len(self._buffer) >= AT_ONCE:
            import zlib

            text = "\0".join(self._buffer).encode("utf-8", "surrogatepass")
            self._packed.append(zlib.compress(text, 1))
            self._buffer = []

    def remember_only(self, paths: Iterable[str]) -> None:
        """These instead of all that were remembered."""
        self._packed, self._buffer, self.remembered = [], [], 0
        for path in paths:
            self.remember([path])

    def count(self) -> int:
        """How many of the remembered files have a name, or a folder's, that holds a word."""
        if self._count is None:
            self._count = sum(map(self._counted, self._unpacked()))
        return self._count

    def _counted(self, paths: list[str]) -> int:
        found = 0
        folders: dict[str, bool] = {}
        for path in paths:
            folder, _, name = path.rpartition("/")
            tells = folders.get(folder)
            if tells is None:
                tells = folders[folder] = any(map(self.holds, folder.split("/")))
            found += tells or self.holds(name)
        return found

    def _unpacked(self) -> Iterator[list[str]]:
        yield from map(_unpacked, self._packed)
        yield self._buffer

    def tell(self, name: str) -> bool:
        """Whether a name is not to be shown: it holds a word, or nobody can know."""
        return bool(self.forgot) or self.is_full or self.holds(name)

    def shown(self, path: str) -> str:
        """A path in which the names that are not to be shown are ``~withheld-1~`` and the like."""
        return "/".join([self._shown(name) for name in path.split("/")])

    def _shown(self, name: str) -> str:
        if name in {"", ".", ".."} or not self.tell(name):
            return name
        number = self._withheld.setdefault(hash(name), len(self._withheld) + 1)
        return f"~withheld-{number}~"

    @property
    def has_withheld(self) -> bool:
        """Whether a name has been told by a number."""
        return bool(self._withheld)

    def holds(self, name: str) -> bool:
        """Whether the name of a file or a folder holds a word of a removed value."""
        verdict = self._verdicts.get(name)
        if verdict is None:
            if len(self._verdicts) >= MOST_VERDICTS:
                self._verdicts.clear()
            verdict = self._verdicts[name] = self._holds(folded(name))
        return verdict

    def _holds(self, name: str) -> bool:
        words = self._words
        if name.count(".") > 2 and (uids := re.findall(_UID, name)):
            if self._knows_one(uids):
                return True
            name = re.sub(_UID, " ", name)
        parts = re.findall(WORDS, name)
        stem = name.rpartition(".")[0]
        if (len(name) > 1 and name in words) or (len(stem) > 1 and stem in words):
            return True
        if not words.isdisjoint(parts) and any(p in words and len(p) >= _least(p) for p in parts):
            return True
        if len(parts) > 1 and ("".join(parts) in words or self._holds_apart(parts)):
            return True
        if not name.isascii() and self._holds_ideographs(name, stem):
            return True
        return any(map(self._holds_within, re.findall(_RUNS, name)))

    def _holds_apart(self, parts: list[str]) -> bool:
        """Whether parts that stand one after another are a word."""
        for start, joined in enumerate(parts[:-1]):
            for part in parts[start + 1 : start + MOST_PARTS]:
                joined += part  # noqa: PLW2901  it grows
                if joined in self._words and len(joined) >= _least(joined):
                    return True
        return False

    def _knows_one(self, uids: list[str]) -> bool:
        if self._uids and self.is_full_of_uids:
            return True
        return any(uid in self._words or self._words.of_uid(uid) in self._uids for uid in uids)

    def _holds_ideographs(self, name: str, stem: str) -> bool:
        if name in self._words or stem in self._words:
            return True
        return any(
            run[start:stop] in self._words
            for run in re.findall(_WITHOUT_SEPARATORS, name)
            for start in range(len(run) - 1)
            for stop in range(start + 2, len(run) + 1)
        )

    def _holds_within(self, run: str) -> bool:
        """Whether letters, or digits, that other ones may stand beside are or hold a word."""
        words = self._words
        if run in words and len(run) >= _least(run):
            return not run.isdecimal() or int(run) >= COUNTERS
        if run.isdecimal() or len(run) < SHORTEST_WITHIN:
            return False
        if self._beginnings is None:
            self._beginnings = words.beginnings()
        return any(
            run[start : start + SHORTEST_WITHIN] in self._beginnings
            and any(
                run[start:stop] in words for stop in range(start + SHORTEST_WITHIN, len(run) + 1)
            )
            for start in range(len(run) - SHORTEST_WITHIN + 1)
        )


def _least(word: str) -> int:
    return SHORTEST_NUMBER if word.isdecimal() else SHORTEST


def _unpacked(packed: bytes) -> list[str]:
    import zlib

    return zlib.decompress(packed).decode("utf-8", "surrogatepass").split("\0")
