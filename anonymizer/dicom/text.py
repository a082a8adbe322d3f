"""Bytes in, text out, and back: value fields by their Specific Character Set (PS3.3 C.12.1.1.2).

Rules. A value field is decoded before it is split, because a multi-byte character may contain the
byte 0x5C (PS3.5 6.1.2.4).  Text that a character set cannot hold is a fault, never a ``?``.
No message holds a value.
"""

from __future__ import annotations

from functools import lru_cache

from anonymizer.dicom.attribute import CHARACTER_SET_VRS, LONG_VRS, ONE_VALUE_VRS
from anonymizer.errors import ValueFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from anonymizer.dicom.attribute import Attribute

SINGLE_BYTE = {
    "100": "latin-1",
    "101": "iso8859-2",
    "109": "iso8859-3",
    "110": "iso8859-4",
    "126": "iso8859-7",
    "127": "iso8859-6",
    "138": "iso8859-8",
    "144": "iso8859-5",
    "148": "iso8859-9",
    "166": "tis_620",
    "203": "iso8859-15",
}
"""ISO-IR number of a single-byte set to Python's codec; each holds ASCII below 0x80."""

WHOLE = {"192": "utf-8", "GB18030": "gb18030", "GBK": "gbk"}
"""Sets that know no code extensions (PS3.3 Table C.12-5): alone, they are the whole of it."""

EXTENSIONS = frozenset({"6", "13", "58", "87", "149", "159", *SINGLE_BYTE})
"""Sets that code extensions may switch to (PS3.3 Tables C.12-3 and C.12-4)."""

SPELLINGS = frozenset(
    (
        *(
            head + code
            for head in ("ISO IR ", "ISO IR", "ISOIR ", "ISOIR", "ISO 2022 IR ", "ISO 2022 IR")
            for code in (*EXTENSIONS, "192")
        ),
        *("GB18030", "GB 18030", "GBK", "ISO 2022 GBK", "ISO 2022 58", "UTF8", "UTF 8"),
    )
)
"""The defined terms of PS3.3 C.12.1.1.2 and what vendors make of them, in capitals and with blanks
for ``_`` and ``-``.  Nothing else is a term: (0008,0005) stays, so it must not hold any text.
"""

TRIMMED_VRS = frozenset("AE AS CS DA DS DT IS LO SH TM UI".split())
"""Value representations whose leading blanks mean nothing, either (PS3.5 Table 6.2-1)."""

PADDING = " \0"
LIMIT = 65534
"""The longest value field in bytes where the length has 16 bits (PS3.5 7.1.2)."""


class CharacterSet:
    """How text of one data set is written: the terms of (0008,0005), understood once.

    Compare and hash by identity; ``character_set`` gives the same object for the same terms.
    ``defined`` says that every term is one of the standard, however it is spelled.
    """

    __slots__ = ("_codec", "_codes", "defined", "terms")

    def __init__(self, terms: tuple[str, ...]) -> None:
        self.terms = terms
        self.defined = all(_spelled(term) in SPELLINGS for term in terms if term)
        self._codes = _codes(terms)
        self._codec = _codec(self._codes, escapes=_names_extensions(terms))

    def __reduce__(self) -> tuple[object, ...]:
        return character_set, (self.terms,)

    def __repr__(self) -> str:
        return f"CharacterSet({len(self.terms)} terms)"

    def decode(self, value: bytes, vr: str) -> str:
        """The text of a value field, padding included.  ValueFault where it is not of the set."""
        if value.isascii() and b"\x1b" not in value:
            return value.decode("ascii")
        if vr not in CHARACTER_SET_VRS:
            raise ValueFault("the value goes beyond the default character repertoire")
        text = self._decoded(value, vr)
        if text is None:
            raise ValueFault("the value is not of its specific character set")
        return text

    def decode_loosely(self, value: bytes, vr: str) -> str:
        """Some text for every value: as declared, else UTF-8, else Latin-1.

        For searching and for telling subjects apart; it never raises, and nothing that it gives
        is written to an image.
        """
        try:
            return self.decode(value, vr)
        except ValueFault:
            pass
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return value.decode("latin-1")

    def encode(self, text: str, vr: str) -> bytes:
        """The bytes of text, without padding.  ValueFault where the set has no such character."""
        if text.isascii():
            return text.encode("ascii")
        if vr not in CHARACTER_SET_VRS:
            raise ValueFault("the text goes beyond the default character repertoire")
        encoded = self._encoded(text, vr)
        if encoded is None:
            raise ValueFault("the text has a character that the specific character set lacks")
        return encoded

    def _decoded(self, value: bytes, vr: str) -> str | None:
        try:
            if self._codec:
                return value.decode(self._codec)
        except UnicodeDecodeError:
            return None
        from anonymizer.dicom import iso2022

        return iso2022.decode(value, self._codes, vr) if self._codes else None

    def _encoded(self, text: str, vr: str) -> bytes | None:
        try:
            if self._codec:
                return text.encode(self._codec)
        except UnicodeEncodeError:
            return None
        from anonymizer.dicom import iso2022

        return iso2022.encode(text, self._codes, vr) if self._codes else None


def _spelled(term: str) -> str:
    return term.upper().replace("_", " ").replace("-", " ")


def _code(term: str) -> str:
    """The part of a defined term that tells sets apart; common misspellings are understood."""
    plain = "".join(c for c in term.upper() if c.isalnum())
    for prefix in ("ISO2022IR", "ISOIR", "ISO2022"):
        if plain.startswith(prefix):
            return plain[len(prefix) :]
    return {"UTF8": "192"}.get(plain, plain)


def _codes(terms: tuple[str, ...]) -> tuple[str, ...]:
    """Codes of the terms, ``()`` where one is unknown; no first value means ISO-IR 6."""
    codes = [_code(term) or "6" for term in terms] or ["6"]
    if codes[0] in WHOLE:
        return (codes[0],)
    codes = [code for code in codes if code not in WHOLE]
    return tuple(codes) if all(code in EXTENSIONS for code in codes) else ()


def _names_extensions(terms: tuple[str, ...]) -> bool:
    return len(terms) > 1 or any("2022" in term for term in terms)


def _codec(codes: tuple[str, ...], *, escapes: bool) -> str:
    """Python's codec where one does it all, ``""`` where code extensions or JIS X 0201 ask more."""
    if len(codes) != 1:
        return ""
    if codes[0] in WHOLE:
        return WHOLE[codes[0]]
    return "" if escapes or codes[0] in {"6", "13"} else SINGLE_BYTE.get(codes[0], "")


def character_set(values: tuple[str, ...] | bytes) -> CharacterSet:
    """The character set of the values of (0008,0005), or of its value field as it stands."""
    if isinstance(values, bytes):
        return _from_bytes(values)
    return _from_terms(values)


@lru_cache(maxsize=256)
def _from_bytes(field: bytes) -> CharacterSet:
    text = field.decode("latin-1").rstrip(PADDING)
    return _from_terms(tuple(term.strip(PADDING) for term in text.split("\\")) if text else ())


@lru_cache(maxsize=256)
def _from_terms(terms: tuple[str, ...]) -> CharacterSet:
    return CharacterSet(terms)


def text_of(attribute: Attribute) -> str:
    """The text of the whole value field without trailing padding."""
    return attribute.charset.decode(attribute.value, attribute.vr).rstrip(PADDING)


def values_of(attribute: Attribute) -> list[str]:
    """The values of a text attribute without padding, ``[]`` where the value field is empty."""
    text, vr = text_of(attribute), attribute.vr
    if not text:
        return []
    if vr in ONE_VALUE_VRS:
        return [text]
    if vr in TRIMMED_VRS:
        return [value.strip(PADDING) for value in text.split("\\")]
    return [value.rstrip(PADDING) for value in text.split("\\")]


def encode_values(values: Sequence[str], vr: str, charset: CharacterSet) -> bytes:
    """A value field of these values, checked against the form of the VR (PS3.5 6.2)."""
    from anonymizer.dicom.forms import fault_of_value

    for value in values:
        if value and (fault := fault_of_value(value, vr)):
            raise ValueFault(f"the new value does not fit {vr}: {fault}")
    return encode_text("\\".join(values), vr, charset)


def encode_text(text: str, vr: str, charset: CharacterSet) -> bytes:
    """A value field of this text, checked for nothing but its length in bytes."""
    field = charset.encode(text, vr)
    if len(field) > LIMIT and vr not in LONG_VRS:
        raise ValueFault(f"the new value field is too long for {vr}")
    return field
