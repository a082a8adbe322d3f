"""Searches an output for every value taken from the inputs of its patient.

Strategy
    All bytes of the output but pixels are searched for all spellings at once (see ``needles``).
    Texts are also read as a person would: names with initials, in other scripts, with endings,
    dates as they are spoken (see ``dicom.identity``).

Rules
    * What is found where no rule touched anything was in the input already, and a rule let it
      stay: that is for a person to see.  Found anywhere else it is a leak.
    * A date of the patient may come again where dates move: in a date that moved it is none.
    * A number beside letters in hashes and UIDs is found by chance, and not looked for there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from anonymizer.dicom.dictionary import name_of
from anonymizer.dicom.fold import flat
from anonymizer.dicom.identity import Identity, identity_from
from anonymizer.methods.written_dates import dates_and_times
from anonymizer.rules.judge import path_text
from anonymizer.verify.findings import Finding
from anonymizer.verify.haystack import Haystack, around_of
from anonymizer.verify.needles import SURE, Needle, Needles, looks_written
from anonymizer.verify.taken import MARKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anonymizer.dicom.elements import Image, Place, Placed
    from anonymizer.verify.haystack import Region
    from anonymizer.verify.pair import Pair
    from anonymizer.verify.taken import Value

MOST_TEXTS = 1 << 14
READ_VRS = frozenset("LO LT PN SH ST UC UT".split())

_hashed = re.compile(r"[0-9A-Fa-f]{24,}|[0-9.]{20,}|ANON_[0-9A-Z]+").sub
_plain_words = re.compile(r"[^\W\d_]+").findall


class Terms:
    """What is searched for in the outputs of one patient.

    ``own`` are the texts that this tool writes of itself; None where they are not known.
    """

    def __init__(self, own: frozenset[str] | None = None) -> None:
        self.own = own
        self.needles = Needles()
        self._identity: Identity | None = None
        self._texts: dict[str, bool] = {}

    def take(self, value: Value) -> None:
        self.needles.take(value)
        self._identity = None

    def forget(self) -> None:
        """Frees what a next search would make again."""
        self.needles.forget()
        self._identity = None
        self._texts.clear()

    def declare(self, *images: Image) -> None:
        """The character sets of files of the patient, in any of which a value may be written."""
        for image in images:
            self.needles.declare({element.charset for element in image.elements})

    def reads(self, text: str) -> bool:
        """Whether a text names the patient, or says one of the patient's dates."""
        known = self._texts.get(text)
        if known is None:
            if len(self._texts) >= MOST_TEXTS:
                self._texts.clear()
            known = self._texts[text] = self._names_somebody(_hashed(" ", text))
        return known

    def _names_somebody(self, text: str) -> bool:
        if self._identity is None:
            self._identity = identity_from(self.needles.values)
        plain = flat(text)
        if any(_tells(plain[start:stop]) for start, stop in self._identity.find(text, plain)):
            return True
        days = self._identity.days
        if not days:
            return False
        found = dates_and_times(plain, frozenset(_plain_words(plain)), days)
        return any(_says_day(plain[start:stop], days) for start, stop in found)


def _tells(found: str) -> bool:
    """Whether what was found is more than an initial or a short word by itself."""
    return len(re.sub(r"[\W_]+", "", found)) > 2 or not found.isascii()


def _says_day(found: str, days: frozenset[tuple[int, int]]) -> bool:
    """Whether a written date is a day of the patient; one by name of the month is taken for it."""
    numbers = [int(n) for n in re.findall(r"\d+", found)]
    if re.search(r"[^\W\d_]", found):
        return any(day in numbers for _, day in days)
    return any(month in numbers and day in numbers for month, day in days)


class Hit(NamedTuple):
    """What is found: where, what holds it, whose value it is."""

    where: str
    element: Placed | None
    tags: frozenset[int]
    dated: bool


def sweep(
    file: str, image: Image, terms: Terms, pair_with: Callable[[Image], Pair] | None
) -> Iterator[Finding]:
    """The findings of one output, each place once.

    ``pair_with`` puts the output beside its input, which is done only where something is found;
    None where no input is known.
    """
    haystack = Haystack(image, around_of(image))
    hits = [*_hits(haystack, terms), *_readings(image, terms)]
    hits = [hit for hit in hits if not _is_own_mark(image, hit.element, terms.own)]
    if hits:
        places = None if pair_with is None else _Places(pair_with(image))
        yield from _told(file, hits, places, terms.own)
    if haystack.full:
        yield Finding("not-unpacked", file)


def _hits(haystack: Haystack, terms: Terms) -> Iterator[Hit]:
    for at, needle in terms.needles.found_in(haystack.text):
        region = haystack.region_at(at)
        if _is_written(haystack, region, at, needle):
            dated = needle.dated and not region.how
            yield Hit(_where(region), region.element, frozenset(needle.tags), dated)


def _is_written(haystack: Haystack, region: Region, at: int, needle: Needle) -> bool:
    """Whether a hit is more than a few bytes among binary ones."""
    if region.text or needle.size >= SURE * needle.width:
        return True
    return looks_written(haystack.text, at, at + needle.size, wide=needle.width == 2)


def _readings(image: Image, terms: Terms) -> Iterator[Hit]:
    for element in image.elements:
        if element.vr in READ_VRS and element.stop > element.start:
            text = image.text(element)
            if terms.reads(text):
                place = path_text(element.path, element.tag)
                yield Hit(place, element, frozenset(), dated=False)


def _told(
    file: str, hits: list[Hit], places: _Places | None, own: frozenset[str] | None
) -> Iterator[Finding]:
    told: dict[tuple[str, str], set[int]] = {}
    for hit in hits:
        if hit.dated and places is not None and places.moved(hit.element):
            continue
        kept = places is not None and places.stays(hit.element)
        unknown = own is None and hit.element is not None and _is_in_mark(hit.element)
        kind = "value-kept" if kept else "mark-alike" if unknown else "value-left"
        told.setdefault((kind, hit.where), set()).update(hit.tags)
    for (kind, place), tags in told.items():
        names = sorted(map(name_of, tags))
        yield Finding(kind, file, place, ", ".join(names[:3]) + ", ..." * (len(names) > 3))


class _Places:
    """What of an output stands as it stood in the input, and which dates have moved."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._places = {id(element): place for place, element in pair.outputs.items()}

    def stays(self, element: Placed | None) -> bool:
        here = self._source(element)
        if here is None:
            return False
        output = self._pair.output_of(here)
        if output is None or self._pair.goes(here):
            return False
        return self._pair.is_same(self._pair.inputs[here], output)

    def moved(self, element: Placed | None) -> bool:
        """Whether it is a date with another value than in the input."""
        if element is None or element.vr not in ("DA", "DT"):
            return False
        here = self._source(element)
        return here is not None and not self._pair.is_same(self._pair.inputs[here], element)

    def _source(self, element: Placed | None) -> Place | None:
        return None if element is None else self._pair.sources.get(self._places[id(element)])


def _is_own_mark(image: Image, element: Placed | None, own: frozenset[str] | None) -> bool:
    """Whether an element says nothing but what this tool says of itself."""
    if own is None or element is None or not _is_in_mark(element):
        return False
    text = image.field(element).decode("latin-1").strip(" \0")
    return all(value.strip() in own for value in text.split("\\"))


def _is_in_mark(element: Placed) -> bool:
    return (element.path[0][0] if element.path else element.tag) in MARKS


def _where(region: Region) -> str:
    if region.element is None:
        return "outside the values of the data set"
    place = path_text(region.element.path, region.element.tag)
    return f"{place} ({region.how})" if region.how else place
