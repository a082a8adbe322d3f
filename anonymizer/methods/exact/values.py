"""Values as the reference tool sees and writes them: ``?`` for what a character set lacks."""

from __future__ import annotations

from anonymizer.dicom.attribute import CHARACTER_SET_VRS, ONE_VALUE_VRS, Replace
from anonymizer.dicom.text import character_set
from anonymizer.errors import ValueFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.text import CharacterSet


def seen_values(attribute: Attribute) -> list[str]:
    """The values; only what pads the end of the whole is left out, and nothing is trimmed."""
    text = seen_text(attribute)
    if not text:
        return []
    return [text] if attribute.vr in ONE_VALUE_VRS else text.split("\\")


def seen_text(attribute: Attribute) -> str:
    try:
        text = attribute.charset.decode(attribute.value, attribute.vr)
    except ValueFault:
        text = "".join(chr(byte) if byte < 0x80 else "?" for byte in attribute.value)
    return text.rstrip("\0 " if attribute.vr == "UI" else " ")


def written(texts: Iterable[str], attribute: Attribute) -> Decision:
    """The texts as a value field in the first term of the character set."""
    text, vr = "\\".join(texts), attribute.vr
    if vr not in CHARACTER_SET_VRS:
        return Replace(text.encode("ascii", "replace"))
    first = character_set(attribute.charset.terms[:1])
    return Replace(b"".join(_encoded(character, vr, first) for character in text))


def _encoded(character: str, vr: str, charset: CharacterSet) -> bytes:
    try:
        encoded = charset.encode(character, vr)
    except ValueFault:
        return b"?"
    return b"?" if encoded.startswith(b"\x1b") else encoded
