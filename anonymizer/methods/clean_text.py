"""Takes what identifies out of a text and leaves its clinical words (PS3.15 E.3.5)."""

from __future__ import annotations

import re
from unicodedata import is_normalized, normalize

from anonymizer.dicom.attribute import EMPTY, KEEP, TEXT_VRS, Replace
from anonymizer.dicom.fold import flat as folded
from anonymizer.dicom.forms import fits
from anonymizer.dicom.text import encode_text, encode_values, values_of
from anonymizer.errors import ValueFault
from anonymizer.methods.method import Option
from anonymizer.methods.options import Options
from anonymizer.methods.refusal import unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.dicom.identity import Found, Identity
    from anonymizer.methods.dummy import Dummy
    from anonymizer.methods.method import Secrets

SEPARATORS = " \t,;/^_&|-"
BEGINNINGS = SEPARATORS + ".:"
BREAKS = "\r\n\f\\"
_BRACKETS = dict(zip("([{<\"'", ")]}>\"'", strict=True))

_words = re.compile(r"[^\W_]+").finditer
_letters = re.compile(r"[^\W\d_]+").findall


class CleanText:
    """Removes every value of the data set's identifying attributes that stands in the text, and
    what has the form of an identifier: dates, times, numbers to call, addresses, titles with names.
    """

    __slots__ = ("_dummy", "_fill", "_known", "uses")

    name: ClassVar[str] = "cleanText"
    summary: ClassVar[str] = (
        "takes names, numbers, dates and addresses out of a text and leaves its other words"
    )
    vrs: ClassVar[frozenset[str]] = TEXT_VRS - frozenset("AS DA DS DT IS TM UI".split())
    options: ClassVar[tuple[Option, ...]] = (
        Option(
            "cleanedWith",
            {"type": "string"},
            "",
            "what comes instead of that which is taken out, where the attribute has room for it",
        ),
        Option(
            "vocabulary",
            {"type": "string", "enum": ["any", "standard", "own"]},
            "any",
            "which other words may stay; standard: those of DICOM's own terms and of words; "
            "own: those of words; numbers stay in any case",
        ),
        Option(
            "words",
            {"type": "array", "items": {"type": "string"}},
            None,
            "words of your own that a vocabulary has",
        ),
        Option(
            "emptied",
            {"type": "string", "enum": ["empty", "dummy"]},
            "empty",
            "what comes where nothing of the text is left; dummy: as the method of that name, for "
            "attributes that may not be empty",
        ),
    )
    repeatable = True
    constant: Decision | None = None

    def __init__(
        self, fill: str = "", known: frozenset[str] | None = None, dummy: Dummy | None = None
    ) -> None:
        """``known`` are flat words, None where any may stay."""
        self._fill = fill
        self._known = known
        self._dummy = dummy
        self.uses = frozenset({"identity"}) | (dummy.uses if dummy else frozenset())

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        given = Options(options, cls.options)
        fill = given.text("cleanedWith")
        vocabulary = given.choice("vocabulary")
        words = given.texts("words")
        if words and vocabulary == "any":
            given.fault("words", "has no meaning without a vocabulary", '"vocabulary": "standard"')
        emptied = given.choice("emptied")
        given.done()
        known = None if vocabulary == "any" else _vocabulary(vocabulary, words)
        return cls(fill, known, _dummy(secrets) if emptied == "dummy" else None)

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        vr = attribute.vr
        if vr not in self.vrs:
            raise unsupported(self.name, vr)
        old = values_of(attribute)
        if not old:
            return KEEP
        identity = context.identity
        new = [self._cleaned(value, identity, self._fill) for value in old]
        if new == old:
            return KEEP
        if not any(new):
            return self._nothing(attribute, context)
        if self._fill and not self._is_sound(new, attribute):
            new = [self._cleaned(value, identity, "") for value in old]
        text = "\\".join(new)
        if fits(text, vr) and not fits("\\".join(old), vr):
            return self._nothing(attribute, context)
        return Replace(encode_text(text, vr, attribute.charset))

    def _nothing(self, attribute: Attribute, context: Context) -> Decision:
        return self._dummy.decide(attribute, context) if self._dummy else EMPTY

    @staticmethod
    def _is_sound(values: list[str], attribute: Attribute) -> bool:
        """Whether the values are such as the attribute may have."""
        try:
            encode_values(values, attribute.vr, attribute.charset)
        except ValueFault:
            return False
        return True

    def _cleaned(self, text: str, identity: Identity, fill: str) -> str:
        from anonymizer.methods.forms_of_identifiers import identifiers  # many patterns, rarely met

        whole = text if is_normalized("NFC", text) else normalize("NFC", text)
        flat = folded(whole)
        found = [*identity.find(whole, flat), *identifiers(whole, flat, identity.days)]
        if self._known is not None:
            found = [*found, *self._unknown(flat, self._known)]
        return _without(whole, _merged(found), fill) if found else text

    @staticmethod
    def _unknown(flat: str, known: frozenset[str]) -> Iterator[Found]:
        """The words that the vocabulary lacks; one letter beside a digit is none (``T1w``)."""
        for word in _words(flat):
            letters = _letters(word[0])
            alone = letters and len(letters[0]) == len(word[0])
            if any(part not in known and (alone or len(part) > 1) for part in letters):
                yield word.span()


def _dummy(secrets: Secrets) -> Dummy:
    from anonymizer.methods.dummy import Dummy

    return Dummy.from_options({}, secrets)


def _vocabulary(name: str, words: Iterable[str]) -> frozenset[str]:
    own = frozenset(part for word in words for part in _letters(folded(normalize("NFC", word))))
    if name == "own":
        return own
    from anonymizer.standard.vocabulary import standard_words

    return own | standard_words()


def _merged(found: list[Found]) -> list[Found]:
    """The places in order, those that touch as one."""
    merged: list[Found] = []
    for start, stop in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged


def _without(text: str, found: list[Found], fill: str) -> str:
    """The text without these places; separators and brackets around nothing go with them."""
    starts = [0, *(stop for _, stop in found)]
    stops = [*(start for start, _ in found), len(text)]
    rest = [text[start:stop] for start, stop in zip(starts, stops, strict=True)]
    if not any(char.isalnum() for part in rest for char in part):
        return ""
    return _filled(rest, fill) if fill else _joined(rest)


def _filled(rest: list[str], fill: str) -> str:
    """The parts with ``fill`` between them, once where nothing but separators is between."""
    between = [part for part in rest[1:-1] if part.strip(SEPARATORS)]
    return fill.join([rest[0], *between, rest[-1]])


def _joined(rest: list[str]) -> str:
    """The parts put together by what separated them."""
    out: list[str] = []
    gap = ""
    for part in rest:
        core = part.lstrip(BEGINNINGS) if out or part is not rest[0] else part
        gap = gap or part[: len(part) - len(core)]
        part_end = core.rstrip(SEPARATORS) if part is not rest[-1] else core
        behind = core[len(part_end) :]
        core, gap = _unbracketed(out, part_end, gap)
        if core:
            out += [_between(out[-1], gap or " ", core), core] if out else [core]
            gap = ""
        gap = gap or behind
    return "".join(out).rstrip(" ")


def _unbracketed(out: list[str], core: str, gap: str) -> tuple[str, str]:
    """Takes away brackets of which the content has gone."""
    while out and core and _BRACKETS.get(out[-1][-1:]) == core[0]:
        core = core[1:]
        shorter = out[-1][:-1]
        out[-1] = shorter.rstrip(SEPARATORS)
        gap = shorter[len(out[-1]) :] or gap
        if not out[-1]:
            del out[-2:]
    without = core.lstrip(SEPARATORS)
    return without, gap or core[: len(core) - len(without)]


def _between(before: str, gap: str, behind: str) -> str:
    """What stands between two parts: nothing blank where a line or value ends."""
    return gap.strip(" ") if before[-1] in BREAKS or behind[0] in BREAKS else gap
