"""Gives an attribute an invented value that fits, where a value has to be (PS3.15 E.1.1, D).

Rules
    * The same text gets the same dummy wherever it stands, so that what refers to each other still
      does; a name is written as a name, so names are dummies among themselves.
    * Of numbers, times and ages there is one dummy for all: what stays tells nothing.
    * A value that is empty or not of its character set gets a dummy, too; of an empty one, the
      subject's.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import KEEP, LONG_VRS, ONE_VALUE_VRS, TEXT_VRS, Replace
from anonymizer.dicom.dates import day_of, ordinal_of
from anonymizer.dicom.dictionary import multiplicity_of
from anonymizer.dicom.text import LIMIT
from anonymizer.methods.allocation import canonical
from anonymizer.methods.keyed import KeyedHash, uid_of
from anonymizer.methods.options import Options
from anonymizer.methods.pseudonym import CHARACTERS, in_base_32
from anonymizer.methods.refusal import ALL_VRS, unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, ClassVar, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets

PREFIX, NAME = "ANON_", "Anonymous^"

FIRST_DAY, DAYS = ordinal_of(1900, 1, 1), ordinal_of(2000, 1, 1) - ordinal_of(1900, 1, 1)
"""Dummies of dates are days of the 20th century."""

FIXED = {"AS": "000Y", "DS": "0", "IS": "0", "TM": "000000"}

TERMS = {0x00080201: "+0000", 0x04000565: "COERCE"}
"""Attributes whose terms or form PS3.3 defines, and one of them: Timezone Offset, Reason."""

SIZES = {
    "FD": 8,
    "OD": 8,
    "OV": 8,
    "SV": 8,
    "UV": 8,
    "AT": 4,
    "FL": 4,
    "OF": 4,
    "OL": 4,
    "SL": 4,
    "UL": 4,
    "OB": 2,
    "OW": 2,
    "SS": 2,
    "UN": 2,
    "US": 2,
}
"""Bytes of one value, or those that the value field is a multiple of."""

ENCAPSULATED_DOCUMENT = 0x00420011


class Dummy:
    """Text by the key; dates by the key and the subject; zeros for numbers and bytes."""

    __slots__ = ("_keyed", "_uids")

    name: ClassVar[str] = "dummy"
    summary: ClassVar[str] = (
        "an invented value that fits, the same for equal texts: text and names by the key, dates "
        "by the key and the patient, else zeros; a sequence is entered"
    )
    vrs: ClassVar[frozenset[str]] = ALL_VRS
    options: ClassVar[tuple[Option, ...]] = ()
    uses: frozenset[str] = frozenset({"sop_class", "subject"})
    repeatable = True
    constant: Decision | None = None

    def __init__(self, key: bytes, uid_key: bytes) -> None:
        self._keyed = KeyedHash(key, "dummy")
        self._uids = KeyedHash(uid_key, "refreshUID")

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        Options(options, cls.options).done()
        return cls(secrets.key("dummy"), secrets.key("refreshUID"))

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        if attribute.encapsulated:
            raise unsupported(self.name, attribute.vr, encapsulated=True)
        if attribute.vr == "SQ":
            return KEEP
        if attribute.vr in TEXT_VRS:
            return Replace(self._text(attribute, context).encode())
        if attribute.tag == ENCAPSULATED_DOCUMENT:
            from anonymizer.standard.blank_documents import blank_document

            return Replace(blank_document(context.sop_class))
        return Replace(bytes(_length(attribute)))

    def _text(self, attribute: Attribute, context: Context) -> str:
        vr, term = attribute.vr, TERMS.get(attribute.tag)
        field = attribute.charset.decode_loosely(attribute.value, vr)
        values = [field] if vr in ONE_VALUE_VRS else field.split("\\")
        values += [""] * (_least(attribute.tag) - len(values))
        dummies = [term or self._dummy(value.strip(" \0"), vr, context) for value in values]
        most = LIMIT // (max(map(len, dummies)) + 1)
        return "\\".join(dummies if vr in LONG_VRS else dummies[:most])

    def _dummy(self, value: str, vr: str, context: Context) -> str:
        if vr in FIXED:
            return FIXED[vr]
        if vr in ("DA", "DT"):
            return self._date(value[:8], context) + ("000000" if vr == "DT" else "")
        text = (canonical(value) if vr == "PN" else value) or f"\x1f{context.subject}"
        if vr == "UI":
            return uid_of(self._uids.digest(text))
        if vr == "UR":
            return "urn:uuid:" + _uuid(self._keyed.digest(f"UR\x1f{text}"))
        return self.stand_in(value, text, NAME if vr == "PN" else PREFIX)

    def _date(self, date: str, context: Context) -> str:
        """A day that the subject decides, or the day after where the date is that one."""
        number = self._keyed.number(f"DA\x1f{context.subject}", DAYS - 1)
        days = (day_of(FIRST_DAY + number + more) for more in (0, 1))
        written = (f"{year:04}{month:02}{day:02}" for year, month, day in days)
        return next(day for day in written if day != date)

    def stand_in(self, value: str, text: str, prefix: str) -> str:
        """The prefix and a code of the text, never the value itself."""
        number = self._keyed.number(f"{prefix}\x1f{text}", 32**CHARACTERS)
        codes = (in_base_32((number + more) % 32**CHARACTERS) for more in (0, 1))
        return next(prefix + code for code in codes if prefix + code != value)


def _least(tag: int) -> int:
    """The fewest values that the dictionary allows."""
    return int(multiplicity_of(tag).partition("-")[0] or 1)


def _length(attribute: Attribute) -> int:
    """The length of the value field in whole values, one at least."""
    size = SIZES[attribute.vr]
    return max(-(-len(attribute.value) // size), _least(attribute.tag)) * size


def _uuid(digest: bytes) -> str:
    """The text of a UUID of 122 bits of the digest (RFC 9562, version 8)."""
    number = int.from_bytes(digest[:16], "big") & ~(0xF << 76 | 0x3 << 62) | 8 << 76 | 2 << 62
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
