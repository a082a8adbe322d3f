"""Whom a data set is about, as terms to search for in its texts.

Strategy
    The engine's scanner walks the unchanged data set with an interest of its own: names, dates
    and the attributes of ``KINDS``, at every depth, private ones included.  Each value gives keys
    (see ``terms``); where one of them stands in a text, its letters and digits in a row whatever
    separates them, it is found.

Rules
    * Images of one series have one Identity: what differs from image to image (times, UIDs) is
      found in texts by its form, whosever it is, and no part of it.
    * The work is linear in the text, whatever the terms are.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anonymizer.dicom import terms
from anonymizer.dicom.dictionary import tags_by_keyword
from anonymizer.dicom.fold import MARK, places, squeezed
from anonymizer.dicom.scan import (
    CLOSE_ITEM,
    CLOSE_SEQUENCE,
    ITS_CHARSET,
    OPEN_ITEM,
    OPEN_SEQUENCE,
    VALUE,
    scan,
)
from anonymizer.dicom.table import ASKED, Tables
from anonymizer.dicom.text import character_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from anonymizer.dicom.attribute import Element
    from anonymizer.dicom.scan import Source, Span
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Claim
    from anonymizer.dicom.text import CharacterSet

    Found = tuple[int, int]
    """Where something stands in a text."""

NAME, ID, TELEPHONE, PLACE, WHOLE, AGE, DATE = range(7)

_OF_VR = {"PN": NAME, "DA": DATE, "DT": DATE, "AE": WHOLE}
_KEYWORDS = {
    ID: """
        AccessionNumber AdmissionID CassetteID ClinicalTrialSeriesID ClinicalTrialSubjectID
        ClinicalTrialSubjectReadingID ContainerComponentID ContainerIdentifier DetectorID
        DeviceAlternateIdentifier DeviceLabel DeviceSerialNumber
        FillerOrderNumberImagingServiceRequest
        FillerOrderNumberImagingServiceRequestRetired FillerOrderNumberProcedure GantryID
        GeneratorID HardcopyCreationDeviceID InsurancePlanIdentification InterpretationID
        LensSerialNumber ManufacturerDeviceIdentifier MedicalRecordLocator
        ModifyingDeviceID OtherPatientIDs PatientID PerformedProcedureStepID
        PlacerOrderNumberImagingServiceRequest PlacerOrderNumberImagingServiceRequestRetired
        PlacerOrderNumberProcedure PlateID RequestedProcedureID ResultsID
        ScheduledProcedureStepID SecondaryCaptureDeviceID ServiceEpisodeID SlideIdentifier
        SourceSerialNumber SpecimenAccessionNumber SpecimenIdentifier StationName StudyID
        PerformedStationName ScheduledStationName UniqueDeviceIdentifier XRayDetectorID XRaySourceID
    """,
    TELEPHONE: """
        OrderCallbackPhoneNumber OrderCallbackTelecomInformation PatientTelecomInformation
        PatientTelephoneNumbers PersonTelecomInformation PersonTelephoneNumbers
        ReferringPhysicianTelephoneNumbers TelephoneNumberTrial
    """,
    PLACE: """
        AddressTrial BranchOfService ClinicalTrialCoordinatingCenterName ClinicalTrialSiteName
        ClinicalTrialSponsorName ClinicalTrialProtocolEthicsCommitteeName CountryOfResidence
        DistributionAddress HumanPerformerOrganization InstitutionAddress InstitutionName
        IssuerOfPatientID PatientAddress PatientInstitutionResidence PersonAddress
        ReferringPhysicianAddress RegionOfResidence ResponsibleOrganization
        ScheduledPatientInstitutionResidence VerifyingOrganization
    """,
    NAME: "CameraOwnerName NameToUse TopicAuthor",
    WHOLE: """
        ClinicalTrialProtocolID ClinicalTrialProtocolName ClinicalTrialSiteID
        CurrentPatientLocation EthnicGroup InstitutionalDepartmentName InterpretationIDIssuer
        IssuerOfAdmissionID IssuerOfServiceEpisodeID MilitaryRank Occupation OrderEntererLocation
        PatientReligiousPreference PerformedLocation RequestedProcedureLocation
        ScheduledProcedureStepLocation ScheduledStudyLocation StudyIDIssuer TreatmentMachineName
        XRayDetectorLabel
    """,
    AGE: "PatientAge",
}

KINDS = {
    tags_by_keyword()[keyword]: kind
    for kind, keywords in _KEYWORDS.items()
    for keyword in keywords.split()
    if keyword in tags_by_keyword()
}
"""What kind of term the value of an attribute is; names, dates and AE titles go by their VR."""

CODED = {0x00080082: PLACE, 0x00401101: NAME, 0x00404009: NAME, 0x00700086: NAME}
"""Sequences whose codes stand for a person or an institution."""

_CODES = {0x00080100: ID, 0x00080104: -1, 0x00080119: ID, 0x00080120: ID}
"""Code values; -1 is the meaning, which is what its sequence is about."""

_KEYS: dict[int, Callable[[str], Iterator[str]]] = {
    NAME: terms.of_name,
    ID: terms.of_id,
    TELEPHONE: terms.of_telephone,
    PLACE: terms.of_place,
    WHOLE: terms.of_whole,
    AGE: terms.of_age,
}

SHORTEST_STEM = 5
SHORTEST_HEAD = 4
LONGEST_ENDING = 4
SHORTEST_PART = 7
SHORTEST_NUMBER = 5
MOST_PARTS = 24
LONGEST_DATE = 10
"""Digits of a date with separators, as old files have them."""

WIDEST_GAP = 3
"""The most characters that may stand between two parts of one term."""

_tokens = re.compile(rf"[^\W\d_]+(?:{MARK}+[^\W\d_]+)*|[0-9]+(?:{MARK}+[0-9]+)*").finditer
_plain_tokens = re.compile(r"[^\W\d_]+|[0-9]+").findall
_hump = re.compile(r"[a-zß-öø-ÿ][A-ZÀ-ÖØ-Þ]").search
_humps = re.compile(r"[a-zß-öø-ÿ](?=[A-ZÀ-ÖØ-Þ])").finditer
_date = re.compile(r"\s*[0-9]{4}[.-]?([01][0-9])[.-]?([0-3][0-9])")
_is_unit = re.compile(
    r"\s?(?:%|°|[kmgnc]?(?:m|s|g|l|v|w|hz|gy|sv|bq|ev|pa)|cc|t|sec|min|ma|mas|kvp|hu|deg|grad"
    r"|slices|px)(?![^\W_])"
).match
_initials_before = re.compile(r"(?<![^\W_])(?:[^\W\d_]\. ?){1,3}\Z").search
_initials_behind = re.compile(r",? ?(?:[^\W\d_]\. ?){1,3}").match
_VOWELS = frozenset("aeiouyаеиоуыюяйьαεηιου")


class Identity:
    """What identifies the persons and things of one data set, ready to be searched for.

    Equal where the terms are equal.  ``days`` are (month, day) of its dates.
    """

    __slots__ = (
        "_begins",
        "_hash",
        "_heads",
        "_least",
        "_parts",
        "_starts",
        "_stems",
        "_words",
        "days",
    )

    def __init__(
        self,
        words: Iterable[str] = (),
        names: Iterable[str] = (),
        days: Iterable[tuple[int, int]] = (),
    ) -> None:
        """``words`` are keys; ``names`` are those that a language may give an ending."""
        self._words = frozenset(words)
        self.days = frozenset(days)
        self._stems = frozenset(stem for name in names if (stem := _stem(name)))
        self._heads = frozenset(stem[:SHORTEST_HEAD] for stem in self._stems)
        self._parts = tuple(sorted(filter(self._is_part, self._words), key=len))
        self._least = _without_longer(self._parts)
        self._starts = frozenset(
            word[:length] for word in self._words for length in range(1, len(word))
        )
        self._begins = self._words.union(
            start
            for start in self._starts
            if len(start) > 1
            or any(word[0] == start and _is_short_id(word) for word in self._words)
        )
        self._hash = hash((self._words, self.days))

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Identity)
            and self._hash == other._hash
            and (self._words, self._stems, self.days) == (other._words, other._stems, other.days)
        )

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Identity({len(self._words)} terms)"

    def __bool__(self) -> bool:
        return bool(self._words or self.days)

    @property
    def words(self) -> frozenset[str]:
        """Its terms, folded, their letters and digits in a row."""
        return self._words

    def _is_part(self, word: str) -> bool:
        """Whether a term is long enough to be found anywhere, and no name with an initial, which
        may be the letter of another word.
        """
        if terms.without_spaces(word) or not word.isalpha():
            return _is_long(word)
        ends = (word[1:], word[2:], word[:-1], word[:-2])
        return _is_long(word) and not any(end in self._words for end in ends)

    def find(self, text: str, flat: str) -> list[Found]:
        """Where terms stand in the text; ``flat`` is the text folded."""
        if not self._words:
            return []
        found = [*self._inside_words(flat)]
        if self._may_hold_words(text, flat):
            found += self._whole_words(text, flat)
        return found

    def _may_hold_words(self, text: str, flat: str) -> bool:
        """Whether a term may begin at some word: a quick look that most texts end with."""
        if not (text.islower() or text.isupper() or _hump(text) is None):
            return True
        begins, heads = self._begins, self._heads
        return any(word in begins or word[:SHORTEST_HEAD] in heads for word in _plain_tokens(flat))

    def _whole_words(self, text: str, flat: str) -> Iterator[Found]:
        tokens = [token for match in _tokens(flat) for token in _split(match, text)]
        for number, (start, stop, word) in enumerate(tokens):
            end = 0
            if word in self._starts or word in self._words:
                end = self._longest(tokens, number, flat)
            if not end and word[:SHORTEST_HEAD] in self._heads and self._is_inflected(word):
                end = stop
            if end:
                yield _with_initials(flat, start, end) if word.isalpha() else (start, end)

    def _longest(self, tokens: list[tuple[int, int, str]], number: int, flat: str) -> int:
        """Where the longest term that begins with this token ends, 0: none does."""
        start, stop, joined = tokens[number]
        end = self._end(joined, start, stop, flat, gaps=False)
        gaps = False
        for begin, after, word in tokens[number + 1 : number + MOST_PARTS]:
            if joined not in self._starts or begin - stop > WIDEST_GAP:
                break
            gaps = gaps or begin > stop
            joined += word
            stop = after
            end = self._end(joined, start, stop, flat, gaps=gaps) or end
        return end

    def _end(self, joined: str, start: int, stop: int, flat: str, *, gaps: bool) -> int:
        if joined not in self._words or (gaps and len(joined) < 4):
            return 0
        return 0 if joined.isdigit() and _is_measure(flat, start, stop) else stop

    def _is_inflected(self, word: str) -> bool:
        """Whether this is a name with an ending: ``Müllers``, ``Ивановой``."""
        shortest = max(SHORTEST_HEAD, len(word) - LONGEST_ENDING)
        return any(word[:length] in self._stems for length in range(shortest, len(word) + 1))

    def _inside_words(self, flat: str) -> Iterator[Found]:
        """What is long enough to be found in the midst of other letters and digits."""
        row = squeezed(flat)
        if not any(part in row for part in self._least):
            return
        stands = places(flat)
        for part in self._parts:
            at = row.find(part)
            while at >= 0:
                yield stands[at], stands[at + len(part) - 1] + 1
                at = row.find(part, at + len(part))


def _with_initials(flat: str, start: int, stop: int) -> Found:
    """A name with the initials around it: ``A. B. Doe``, ``Doe, A.B.``."""
    before = _initials_before(flat[max(start - 12, 0) : start])
    behind = _initials_behind(flat, stop)
    return start - len(before[0]) if before else start, behind.end() if behind else stop


def _split(match: re.Match[str], text: str) -> Iterator[tuple[int, int, str]]:
    """The token, in parts where ``JohnDoe`` has humps."""
    start, stop = match.span()
    word = match[0]
    written = text[start:stop]
    if not (written.islower() or written.isupper()):
        for hump in _humps(text, start, stop):
            part = word[start - match.start() : hump.end() - match.start()]
            yield start, hump.end(), squeezed(part)
            start = hump.end()
    yield start, stop, squeezed(word[start - match.start() :])


def _is_measure(flat: str, start: int, stop: int) -> bool:
    """Whether these few digits are a number with a unit, or part of a decimal number."""
    if stop - start > SHORTEST_NUMBER:
        return False
    if _is_unit(flat, stop):
        return True
    before, after = flat[max(start - 2, 0) : start], flat[stop : stop + 2]
    return (after[:1] in (".", ",") and after[1:].isdigit()) or (
        before[1:] in (".", ",") and before[:1].isdigit()
    )


def _is_short_id(word: str) -> bool:
    """Whether only its first word may tell that a term begins; an initial has its name behind."""
    return not word.isalpha() and not _is_long(word)


def _is_long(word: str) -> bool:
    if terms.without_spaces(word):
        return len(word) > 1
    return len(word) >= (SHORTEST_PART if word.isalpha() else SHORTEST_NUMBER)


def _without_longer(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Those that hold no other: where none of them is found, none at all is."""
    least: list[str] = []
    for part in parts:
        if not any(shorter in part for shorter in least):
            least.append(part)
    return tuple(least)


def _stem(name: str) -> str:
    """What of a name stays where it takes an ending, ``""`` where that would be too little."""
    if len(name) < SHORTEST_STEM or not name.isalpha():
        return ""
    if name[-1] in _VOWELS or name[-2:] in ("οσ", "ησ", "ασ"):
        shorter = name[: -2 if name[-1] == "σ" else -1]
        return shorter if len(shorter) >= SHORTEST_STEM - (not name.isascii()) else name
    return name


NOBODY = Identity()


class _Wanted:
    """Claims what identifies somebody; with ``codes`` code values, too."""

    enters = peeks = True

    def __init__(self, *, codes: bool) -> None:
        self._codes = codes

    def claim(self, element: Element, *, root: bool, creator_known: bool = True) -> Claim | None:
        tag = element.tag
        if tag in KINDS or element.vr in _OF_VR or tag in CODED or (self._codes and tag in _CODES):
            return ASKED
        return None

    def takes_whole(self, claim: Claim) -> bool:
        return False


_TABLES = Tables(_Wanted(codes=False))
_WITH_CODES = Tables(_Wanted(codes=True))


def identity_of(source: Source, start: int, stop: int, encoding: Encoding) -> Identity:
    """The identity of the data set in ``source[start:stop]``, which must be one that scans."""
    spans = scan(source, start, stop, encoding, _TABLES).spans
    if any(span[0] == OPEN_SEQUENCE and span[1] and span[1].tag in CODED for span in spans):
        spans = scan(source, start, stop, encoding, _WITH_CODES).spans
    return _identity(frozenset(_values(source, spans)))


def identity_from(values: Iterable[tuple[int, str, bytes, CharacterSet]]) -> Identity:
    """The identity of whom these values are of: (tag, VR, value field, character set)."""
    kinds = ((_kind(tag, vr, -1), vr, raw, charset) for tag, vr, raw, charset in values)
    return _identity(frozenset(each for each in kinds if each[0] >= 0))


def _values(source: Source, spans: list[Span]) -> Iterator[tuple[int, str, bytes, CharacterSet]]:
    """Kind, VR, value field and character set of everything that identifies."""
    place = _Place()
    for span in spans:
        code, entry, _, value, stop = span
        if code == VALUE:
            assert entry is not None, "a value has an entry"
            kind = _kind(entry.tag, entry.vr, place.about[-1])
            if kind >= 0 and stop > value:
                raw = source[value:stop]
                if kind == DATE and b"\\" not in raw:
                    raw = raw.lstrip(b" ")[:LONGEST_DATE]  # its time differs from image to image
                yield kind, entry.vr, raw, place.charset
        else:
            place.go_on(source, span)


class _Place:
    """Where in a data set a value stands: the character set there, and what codes are about."""

    __slots__ = ("_outer", "about", "charset")

    def __init__(self) -> None:
        self.charset = character_set(b"")
        self.about = [-1]
        self._outer: list[CharacterSet] = []

    def go_on(self, source: Source, span: Span) -> None:
        code, entry, _, value, stop = span
        if code == ITS_CHARSET:
            self.charset = character_set(source[value:stop])
        elif code == OPEN_ITEM:
            self._outer.append(self.charset)
        elif code == CLOSE_ITEM:
            self.charset = self._outer.pop()
        elif code == CLOSE_SEQUENCE:
            self.about.pop()
        elif code == OPEN_SEQUENCE:
            self.about.append(CODED.get(entry.tag if entry else 0, self.about[-1]))


def _kind(tag: int, vr: str, about: int) -> int:
    """The kind of a value, -1 where it identifies nobody."""
    if tag in _CODES:
        return about if about < 0 or _CODES[tag] < 0 else _CODES[tag]
    return KINDS.get(tag, _OF_VR.get(vr, -1))


def kind_of(tag: int, vr: str) -> int:
    """The kind of a value of the main data set, -1 where it identifies nobody."""
    return _kind(tag, vr, -1)


@lru_cache(maxsize=64)
def _identity(values: frozenset[tuple[int, str, bytes, CharacterSet]]) -> Identity:
    words: set[str] = set()
    names: set[str] = set()
    days: set[tuple[int, int]] = set()
    for kind, vr, raw, charset in values:
        text = charset.decode_loosely(raw, vr).strip(" \0")
        if kind == DATE:
            days.update(_days(text))
            continue
        keys = {key[: terms.LONGEST_KEY] for key in _KEYS[kind](text) if key}
        words |= keys
        if kind == NAME:
            names.update(terms.words_of_name(text))
    return Identity(words, names, days)


def _days(text: str) -> Iterator[tuple[int, int]]:
    for value in text.split("\\"):
        match = _date.match(value)
        if match:
            yield int(match[1]), int(match[2])
