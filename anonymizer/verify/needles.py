"""One search for many values at once: an automaton of all their spellings.

Rules
    * Bytes are compared without the case of ASCII.
    * A short value is found as a word of its own only, a number never inside a longer one; scripts
      that are written without blanks have no such words.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import ahocorasick

from anonymizer.dicom.dictionary import name_of
from anonymizer.dicom.terms import without_spaces
from anonymizer.verify.forms import (
    Unsearched,
    declared,
    forms_of,
    is_text,
    probes_of,
    spelled,
    written_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anonymizer.dicom.text import CharacterSet
    from anonymizer.verify.taken import Value

LONG = 7
"""Letters from so many on are also found inside other words."""

LONG_NUMBER = 8
SURE = 6
"""What has fewer bytes is found by chance among binary ones."""

ALNUM = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyz")
DIGITS = frozenset(b"0123456789")
UID_MARKS = DIGITS | {ord(".")}
PRINTABLE = frozenset(range(32, 127))


class Needle:
    """One spelling: the attributes whose value it is, and what may not stand beside it."""

    __slots__ = ("barred", "dated", "size", "tags", "width")

    def __init__(self, size: int, width: int, barred: frozenset[int], *, dated: bool) -> None:
        self.size = size
        self.width = width
        self.barred = barred
        self.dated = dated
        self.tags: set[int] = set()


class Needles:
    """The spellings of all values taken from the files of one patient.

    ``values`` are all that were taken.  They are spelled when a search begins, and the spellings,
    which need much more memory, may be forgotten when it has ended.  ``searched`` counts different
    values, ``unsearched`` those that are not, by rule and attribute.
    """

    def __init__(self) -> None:
        self.values: set[Value] = set()
        self._charsets: set[CharacterSet] = set()
        self._foreign: dict[tuple[str, int], bool] = {}
        """Texts that are not ASCII, with the attributes they are of, and whether they are dates."""
        self._known: dict[str, Needle] = {}
        self._automaton: ahocorasick.Automaton | None = None
        self.searched = 0
        self.unsearched: dict[str, Counter[str]] = {}

    def take(self, value: Value) -> None:
        """One value more to search for."""
        if value not in self.values and value[2].strip(b"\0 "):
            self.values.add(value)
            self._automaton = None

    def forget(self) -> None:
        """Frees what a next search would make again."""
        self._automaton = None
        self._known, self._foreign = {}, {}

    def _spell(self) -> ahocorasick.Automaton:
        self.forget()
        self.searched, self.unsearched = 0, {}
        for value in self.values:
            self._add_value(*value)
        self._add_declared()
        automaton = ahocorasick.Automaton()
        for word, needle in self._known.items():
            automaton.add_word(word, needle)
        automaton.make_automaton()
        return automaton

    def _add_value(self, tag: int, vr: str, raw: bytes, charset: CharacterSet) -> None:
        try:
            if is_text(vr):
                self._take_text(tag, vr, raw, charset)
            elif not self._take_texts(tag, vr, raw, charset):
                self._add(probes_of(tag, vr, raw), 1, frozenset(), tag, dated=False)
            self.searched += 1
        except Unsearched as why:
            self.unsearched.setdefault(why.rule, Counter())[name_of(tag)] += 1

    def _take_text(self, tag: int, vr: str, raw: bytes, charset: CharacterSet) -> None:
        for form, dated in forms_of(tag, vr, raw, charset):
            self._add_text(form, tag, vr, dated=dated)
        self._charsets.add(charset)

    def _take_texts(self, tag: int, vr: str, raw: bytes, charset: CharacterSet) -> bool:
        """Whether bytes are text, of which some can be searched."""
        found = False
        for fitting, text in written_in(vr, raw):
            try:
                self._take_text(tag, fitting, text, charset)
                found = True
            except Unsearched:
                continue
        return found

    def declare(self, charsets: Iterable[CharacterSet]) -> None:
        """Character sets in which a file of the patient is written."""
        if not self._charsets.issuperset(charsets):
            self._charsets.update(charsets)
            self._automaton = None

    def _add_text(self, form: str, tag: int, vr: str, *, dated: bool) -> None:
        barred = UID_MARKS if vr == "UI" else _barred(form)
        for written, width in spelled(form):
            self._add(written, width, barred, tag, dated=dated)
        if not form.isascii():
            self._foreign[form, tag] = dated

    def _add_declared(self) -> None:
        for (form, tag), dated in self._foreign.items():
            for charset in self._charsets:
                for written in declared(form, charset):
                    self._add(written, 1, _barred(form), tag, dated=dated)

    def _add(
        self, written: bytes, width: int, barred: frozenset[int], tag: int, *, dated: bool
    ) -> None:
        word = written.lower().decode("latin-1")
        needle = self._known.get(word)
        if needle is None:
            needle = self._known[word] = Needle(len(word), width, barred, dated=dated)
        needle.tags.add(tag)
        needle.dated = needle.dated or dated

    def found_in(self, haystack: bytes) -> Iterator[tuple[int, Needle]]:
        """(start, what) of every hit in bytes that are lower case already."""
        if self._automaton is None:
            self._automaton = self._spell()
        if not self._known:
            return
        for last, needle in self._automaton.iter(haystack.decode("latin-1")):
            start = last + 1 - needle.size
            if stands_alone(haystack, start, last + 1, needle):
                yield start, needle


def _barred(form: str) -> frozenset[int]:
    if without_spaces(form):
        return frozenset()
    if form.isdigit():
        return DIGITS if len(form) >= LONG_NUMBER else ALNUM
    return frozenset() if len(form) >= LONG and not form[0].isdigit() else ALNUM


def stands_alone(text: bytes, start: int, stop: int, needle: Needle) -> bool:
    """Whether nothing beside a hit makes it a part of another word or number."""
    barred, width = needle.barred, needle.width
    if not barred:
        return True
    before, behind = start - width, stop
    if needle.width == 2 and text[start : start + 1] == b"\0":
        before, behind = start - 1, stop + 1
    for at in (before, behind):
        if 0 <= at < len(text) and text[at] in barred and _is_letter(text, at, width):
            return False
    return True


def _is_letter(text: bytes, at: int, width: int) -> bool:
    """In UTF-16 a neighbour counts where a NUL stands beside it."""
    return width == 1 or b"\0" in text[max(at - 1, 0) : at + 2]


def looks_written(text: bytes, start: int, stop: int, *, wide: bool) -> bool:
    """Whether a short hit among binary values stands in other writing, or alone between NULs.

    ``wide`` says that it is UTF-16, in which blanks and Latin letters have a NUL.
    """
    if wide and b"\0" not in text[start:stop]:
        return b"\0" in text[max(start - 2, 0) : start] or b"\0" in text[stop : stop + 2]
    left, right = start, stop
    while left > 0 and start - left < SURE and text[left - 1] in PRINTABLE:
        left -= 1
    while right < len(text) and right - stop < SURE and text[right] in PRINTABLE:
        right += 1
    if (start - left) + (right - stop) >= 4:
        return True
    return left == start and (left == 0 or not text[left - 1]) and not any(text[right : right + 1])
