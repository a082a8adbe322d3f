"""What a file must be like: the conditions of rules, and those that let in or turn away a file.

Rules
    * Asked is the main data set of the input.  All that a condition asks for must hold.
    * Each value counts on its own, without padding.  An attribute that is not there has none, an
      empty one has one: empty text.  One that stands twice has the values of both.
    * What holds no text and no numbers is there or not, and nothing else.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import ONE_VALUE_VRS, TEXT_VRS
from anonymizer.dicom.numbers import CODES, unpack
from anonymizer.dicom.scan import VALUE, scan
from anonymizer.dicom.table import ASKED, NOTED, SPECIFIC_CHARACTER_SET, Tables
from anonymizer.dicom.text import PADDING, character_set
from anonymizer.errors import ValueFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.scan import Source
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim
    from anonymizer.dicom.text import CharacterSet

    Limit = Callable[[Callable[[], list[str]]], list[str]]
    Seen = tuple[tuple[int, str, bytes], ...]
    """Tag, VR and value field of each attribute that is asked for and there."""

    Values = dict[int, list[str]]

NUMBERS = frozenset("FD FL SL SS SV UL US UV".split())
"""Binary VRs whose numbers are compared as they are written in decimal."""

COMPARED = TEXT_VRS | NUMBERS | {"UN"}


class Ask:
    """What one attribute must be: there or not, or one of these texts, or found by a pattern."""

    __slots__ = ("patterns", "texts", "there")

    def __init__(
        self,
        *,
        there: bool | None = None,
        texts: Iterable[str] = (),
        patterns: Iterable[re.Pattern[str]] = (),
    ) -> None:
        self.there = there
        self.texts = frozenset(texts)
        self.patterns = tuple(patterns)

    def holds(self, values: list[str] | None, limited: Limit) -> bool:
        """``values`` are None where the attribute is not there; raises ValueFault as the limit."""
        if self.there is not None:
            return self.there == (values is not None)
        if not values:
            return False
        return not self.texts.isdisjoint(values) or self._finds(values, limited)

    def _finds(self, values: list[str], limited: Limit) -> bool:
        patterns = self.patterns
        if not patterns:
            return False
        return bool(limited(lambda: [v for v in values if any(p.search(v) for p in patterns)]))


class Condition:
    """What is asked of attributes by tag; ``place`` is where the configuration says it."""

    __slots__ = ("asks", "place")

    def __init__(self, place: str, asks: dict[int, Ask]) -> None:
        self.place = place
        self.asks = asks

    def holds(self, values: Values, limited: Limit) -> bool:
        return all(ask.holds(values.get(tag), limited) for tag, ask in self.asks.items())

    def __repr__(self) -> str:
        return f"Condition({self.place})"


class _Interest:
    """Claims attributes of the main data set by their tags, sequences as a whole."""

    enters = False
    peeks = False
    asked = ASKED

    def __init__(self, tags: frozenset[int]) -> None:
        self._tags = tags

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        return self.asked if root and element.tag in self._tags else None

    def takes_whole(self, claim: Claim) -> bool:
        return True


class Look:
    """Finds in data sets what conditions ask for."""

    __slots__ = ("_tables",)

    def __init__(self, conditions: Iterable[Condition]) -> None:
        tags = frozenset(tag for condition in conditions for tag in condition.asks)
        self._tables = Tables(_Interest(tags), noted=NOTED)

    def seen(self, source: Source, start: int, stop: int, encoding: Encoding) -> tuple[bytes, Seen]:
        """Specific Character Set, and what is there.  ImageError where it cannot be read."""
        found = scan(source, start, stop, encoding, self._tables)
        charset = source[slice(*found.notes.get(SPECIFIC_CHARACTER_SET, (0, 0)))]
        seen = [
            (entry.tag, entry.vr, source[value:end] if _is_compared(code, entry.vr) else b"")
            for code, entry, _, value, end in found.spans
            if entry is not None and entry.claim is _Interest.asked
        ]
        if SPECIFIC_CHARACTER_SET in found.notes:
            seen.append((SPECIFIC_CHARACTER_SET, "CS", charset))
        return charset, tuple(seen)


def _is_compared(code: int, vr: str) -> bool:
    return code == VALUE and vr in COMPARED


def values_of(charset: bytes, seen: Seen, *, big_endian: bool) -> Values:
    """The values of what was seen, by tag."""
    values: Values = {}
    for tag, vr, raw in seen:
        values.setdefault(tag, []).extend(_values(vr, raw, character_set(charset), big_endian))
    return values


def _values(vr: str, raw: bytes, charset: CharacterSet, big_endian: bool) -> list[str]:
    if vr in NUMBERS:
        assert vr in CODES, "numbers can be unpacked"
        try:
            return list(map(str, unpack(raw, vr, big_endian=big_endian))) or [""]
        except ValueFault:
            return []
    if vr not in COMPARED:
        return []
    text = charset.decode_loosely(raw, "LO" if vr == "UN" else vr)
    return [value.strip(PADDING) for value in ([text] if vr in ONE_VALUE_VRS else text.split("\\"))]
