"""Looks into private elements that stay for what may identify somebody; tells where, never what.

Strategy
    The data set is walked once more, with an interest in what the plan lets stay.  So the same is
    told of an image whichever way it went, and nothing is done where no rule lets any stay.  Of
    files that are equal but for what says nothing the same is told without that walk.

Rules
    * What a private sequence holds is private, whatever attribute it is.
    * An element stays if its rule is ``keep``, or no rule decides; what a method has treated, or
      the profile calls safe, is not looked at.
    * Of a creator only the name that pydicom's dictionary has is told: any other may be a name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anonymizer.dicom.attribute import TEXT_VRS, Keep, is_creator, is_private
from anonymizer.dicom.dictionary import name_of
from anonymizer.dicom.fold import flat
from anonymizer.dicom.scan import CLOSE_SEQUENCE, OPEN_SEQUENCE, VALUE, scan
from anonymizer.dicom.table import ASK, ASK_CREATOR, GOES, SPECIFIC_CHARACTER_SET, Tables
from anonymizer.dicom.text import character_set
from anonymizer.errors import ImageError
from anonymizer.rules.private_pattern import pattern_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.identity import Identity
    from anonymizer.dicom.scan import Source, Span
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim as TableClaim
    from anonymizer.dicom.table import Entry
    from anonymizer.dicom.text import CharacterSet
    from anonymizer.rules.plan import Plan
    from anonymizer.rules.private_pattern import Pattern

PRIVATE_PHI = "private-phi"
"""The warning that a private element which stays may identify somebody."""

MOST_WARNINGS = 50
MOST_PATTERNS = 4
LONGEST_WAIT = 63
LONGEST = 1 << 14
"""Of a text; what follows is searched for what identifies this patient, and nothing else."""

_BYTES = frozenset("OB OW UN".split())
_LOOKED_AT = (TEXT_VRS | _BYTES) - frozenset("DS TM UI".split())
_OF_VR = {"PN": "a name", "DA": "a date", "DT": "a date", "AS": "an age"}
_PATIENT = "what identifies this patient"

_date = re.compile(
    r"(?<!\d)(?:19|20)\d\d([-./]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?:\d{6}(?:\.\d+)?)?(?!\d)"
    r"|(?<!\d)(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-](?:19|20)\d\d(?!\d)"
).search
_name = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}\^[^\W\d_]").search


class _Claimed:
    """What stays and is looked at, or goes with all that it holds."""

    __slots__ = ("always", "creator")

    def __init__(self, always: int, creator: str = "") -> None:
        self.always = always
        self.creator = creator


class _Staying:
    """The interest in private elements that the plan lets stay."""

    peeks = True

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.enters = plan.enters

    def claim(
        self, element: Element, *, root: bool, creator_known: bool = True
    ) -> TableClaim | None:
        private = is_private(element.tag) and not is_creator(element.tag)
        if private and not creator_known:
            return ASK_CREATOR
        if element.vr != "SQ" and ((root and not private) or element.vr not in _LOOKED_AT):
            return None
        claim = self._plan.claim(element, root=root)
        if element.vr == "SQ":
            gone = claim is not None and self._plan.takes_whole(claim)
            return _Claimed(GOES) if gone else None
        cases = getattr(claim, "cases", ())
        if claim is None or any(isinstance(case.constant, Keep) for case in cases):
            return _Claimed(ASK, element.creator)
        return None

    def takes_whole(self, claim: TableClaim) -> bool:
        return claim.always == GOES


class PrivateWatch:
    """What private elements that stay seem to tell, for one plan."""

    __slots__ = ("_before", "_patterns", "_skips", "_tables", "_wait")

    def __init__(self, plan: Plan) -> None:
        self._tables = Tables(_Staying(plan))
        self._patterns: list[Pattern] = []
        self._before: tuple[bytes, int] | None = None
        self._skips = self._wait = 0

    def warnings(self, source: Source, start: int, stop: int, encoding: Encoding) -> list[str]:
        """One for each kind of finding; of values nothing."""
        if not isinstance(source, bytes) or stop != len(source):
            return self._found(source, start, stop, encoding)
        for pattern in self._patterns:
            if pattern.fits(source, start, encoding):
                return [*pattern.warnings]
        told = self._found(source, start, stop, encoding)
        self._learn(source, start, encoding, told)
        return told

    def _learn(self, source: bytes, start: int, encoding: Encoding, told: list[str]) -> None:
        """Keeps what a file has in common with the one before; in vain, ever more rarely."""
        if self._skips:
            self._skips -= 1
            return
        if self._before is None:
            self._before = source, start
            return
        pattern = pattern_of(*self._before, source, start, encoding, told)
        self._before = None
        if pattern is not None:
            self._wait = 0
            self._patterns = [pattern, *self._patterns[: MOST_PATTERNS - 1]]
        else:
            self._wait = min(2 * self._wait + 1, LONGEST_WAIT)
            self._skips = self._wait

    def _found(self, source: Source, start: int, stop: int, encoding: Encoding) -> list[str]:
        try:
            found = scan(source, start, stop, encoding, self._tables)
        except ImageError:  # its creators contradict each other, and no rule asks for them
            return [f"{PRIVATE_PHI}: private elements whose creators nobody can tell"]
        spans = list(_outside_of_what_goes(found.spans))
        if not spans:
            return []
        from anonymizer.dicom.identity import identity_of

        identity = identity_of(source, start, found.end, encoding)
        charset = character_set(source[slice(*found.notes.get(SPECIFIC_CHARACTER_SET, (0, 0)))])
        told: dict[str, None] = {}
        for span in spans:
            _, entry, _, value, end = span
            assert entry is not None, "a value has an entry"
            what = _found_in(source, value, end, entry.vr, charset, identity)
            if what:
                told[f"{PRIVATE_PHI}: {name_of(entry.tag)} {_whose(entry)}: {what}"] = None
        return sorted(told)[:MOST_WARNINGS]


def _outside_of_what_goes(spans: list[Span]) -> Iterator[Span]:
    """The private values that stay, and those in private sequences; not those in one that goes."""
    gone = within = 0
    for span in spans:
        code, entry = span[0], span[1]
        if code == OPEN_SEQUENCE:
            gone += bool(gone or (entry is not None and entry.claim is not None))
            within += bool(within or (entry is not None and is_private(entry.tag)))
        elif code == CLOSE_SEQUENCE:
            gone -= bool(gone)
            within -= bool(within)
        elif (
            code == VALUE
            and not gone
            and entry is not None
            and entry.vr != "SQ"
            and (within or is_private(entry.tag))
        ):
            yield span


def _found_in(
    source: Source, start: int, stop: int, vr: str, charset: CharacterSet, identity: Identity
) -> str:
    """What a value seems to tell, ``""`` where it seems to tell nothing."""
    from anonymizer.rules.private_bytes import MOST_SEARCHED, holds, texts_of

    head = source[start : min(stop, start + LONGEST)]
    texts = texts_of(head) if vr in _BYTES else (charset.decode_loosely(head, vr),)
    what = next(filter(None, (_finding(text, vr, identity) for text in texts)), "")
    if what or (vr not in _BYTES and stop - start <= LONGEST):
        return what
    if holds(source, start, stop, identity):
        return _PATIENT
    return "too long to be looked into to its end" if stop - start > MOST_SEARCHED else ""


@lru_cache(maxsize=1 << 12)
def _finding(text: str, vr: str, identity: Identity) -> str:
    """What a text seems to be, ``""`` where it seems to be nothing of the kind."""
    text = text.strip(" \0")
    if vr in _OF_VR or not text:
        return _OF_VR[vr] if text else ""
    if vr == "IS":
        return "the form of a date" if _date(text) else ""
    if _name(text):
        return "the form of a name"
    if _date(text):
        return "the form of a date"
    plain = flat(text)
    if identity.find(text, plain):
        return _PATIENT
    from anonymizer.methods.forms_of_identifiers import identifiers

    return "the form of an identifier" if any(identifiers(text, plain, identity.days)) else ""


def _whose(entry: Entry) -> str:
    if not is_private(entry.tag):
        return "in a private sequence"
    from anonymizer.dicom._private_elements import PRIVATE

    creator = entry.claim.creator if isinstance(entry.claim, _Claimed) else ""
    return f"of {creator}" if creator in PRIVATE else "of an unknown creator"
