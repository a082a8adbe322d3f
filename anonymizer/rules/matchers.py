"""Which elements a selector means: one matcher class per kind of selector.

Rules. A matcher is a frozen value: plain data and compiled patterns, so that a plan can be sent
to other processes.  It looks at the element alone; ``place``, where it is not None, says in
which sequences the element must stand.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import is_creator, is_private
from anonymizer.dicom.dictionary import BINARY_VRS, keyword_of, representations_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Pattern

    from anonymizer.dicom.attribute import Element
    from anonymizer.rules.rule import Place

EVEN_GROUP = 0x00010000
"""The bit of a tag that makes its group odd, and so private (PS3.5 7.8)."""


class Tags:
    """Exact tags: a keyword or a tag."""

    __slots__ = ("place", "tags", "text")
    asks_creator = False

    def __init__(self, text: str, tag: int, place: Place | None = None) -> None:
        self.text = text
        self.tags: frozenset[int] | None = frozenset((tag,))
        self.place = place

    def matches(self, element: Element) -> bool:
        return self.tags is not None and element.tag in self.tags


class Mask:
    """Tags that agree with ``value`` in the bits of ``bits``; the keywords of repeating groups."""

    __slots__ = ("bits", "place", "text", "value")
    asks_creator = False
    tags: frozenset[int] | None = None

    def __init__(self, text: str, bits: int, value: int, place: Place | None = None) -> None:
        self.text = text
        self.bits = bits
        self.value = value
        self.place = place

    def matches(self, element: Element) -> bool:
        return element.tag & self.bits == self.value


class KeywordPattern:
    """Keywords with ``*`` for any run of letters; private and unknown elements have none."""

    __slots__ = ("pattern", "place", "text")
    asks_creator = False
    tags: frozenset[int] | None = None

    def __init__(self, text: str, pattern: Pattern[str], place: Place | None = None) -> None:
        self.text = text
        self.pattern = pattern
        self.place = place

    def matches(self, element: Element) -> bool:
        keyword = keyword_of(element.tag)
        return bool(keyword) and self.pattern.fullmatch(keyword) is not None


class Representation:
    """Every attribute of one VR.

    That is the VR it really has, the text VR the file says, and the dictionary's where the file
    says one that the dictionary does not allow: a name written as LO is a name.  A binary VR in
    the file (UN, OB ...) proves nothing, so ``UN`` does not own a name that is written so.
    """

    __slots__ = ("place", "text", "vr")
    asks_creator = False
    tags: frozenset[int] | None = None

    def __init__(self, text: str, vr: str, place: Place | None = None) -> None:
        self.text = text
        self.vr = vr
        self.place = place

    def matches(self, element: Element) -> bool:
        if self.vr == element.vr:
            return True
        if self.vr == element.written:
            return self.vr not in BINARY_VRS
        known = representations_of(element.tag, element.creator)
        return self.vr in known and element.vr not in known


class PrivateBlock:
    """Private data elements of one creator, in whatever block it was reserved (PS3.5 7.8.1).

    ``bits`` and ``value`` are a mask over group and low byte, as in (gggg,00ee).
    """

    __slots__ = ("bits", "creator", "place", "text", "value")
    asks_creator = True
    tags: frozenset[int] | None = None

    def __init__(
        self, text: str, creator: str, bits: int, value: int, place: Place | None = None
    ) -> None:
        self.text = text
        self.creator = creator
        self.bits = bits
        self.value = value
        self.place = place

    def matches(self, element: Element) -> bool:
        return (
            is_private(element.tag)
            and not is_creator(element.tag)
            and element.creator.strip() == self.creator
            and element.tag & self.bits == self.value
        )


class PrivatePattern:
    """Private data elements whose ``GGGG,CREATOR,EE`` a regular expression matches in full."""

    __slots__ = ("pattern", "place", "text")
    asks_creator = True
    tags: frozenset[int] | None = None

    def __init__(self, text: str, pattern: Pattern[str], place: Place | None = None) -> None:
        self.text = text
        self.pattern = pattern
        self.place = place

    def matches(self, element: Element) -> bool:
        tag = element.tag
        if not is_private(tag) or is_creator(tag):
            return False
        name = f"{tag >> 16:04X},{element.creator.strip()},{tag & 0xFF:02X}"
        return self.pattern.fullmatch(name) is not None


class Private:
    """Every private element, creators included: every odd group."""

    __slots__ = ("place", "text")
    asks_creator = False
    tags: frozenset[int] | None = None

    def __init__(self, text: str, place: Place | None = None) -> None:
        self.text = text
        self.place = place

    def matches(self, element: Element) -> bool:
        return is_private(element.tag)


class Unknown:
    """Standard elements that the dictionary does not know; group lengths are none."""

    __slots__ = ("place", "text")
    asks_creator = False
    tags: frozenset[int] | None = None

    def __init__(self, text: str, place: Place | None = None) -> None:
        self.text = text
        self.place = place

    def matches(self, element: Element) -> bool:
        return not is_private(element.tag) and not representations_of(element.tag)


class PrivateTag:
    """A private data element by its tag and the creator it has in this image (``""``: none)."""

    __slots__ = ("creator", "place", "tag", "text")
    asks_creator = True
    tags: frozenset[int] | None = None

    def __init__(self, text: str, tag: int, creator: str, place: Place | None = None) -> None:
        self.text = text
        self.tag = tag
        self.creator = creator
        self.place = place

    def matches(self, element: Element) -> bool:
        if element.tag != self.tag:
            return False
        return is_creator(self.tag) or element.creator.strip() == self.creator


if TYPE_CHECKING:
    Matcher = (
        Tags
        | Mask
        | KeywordPattern
        | Representation
        | PrivateBlock
        | PrivatePattern
        | Private
        | PrivateTag
        | Unknown
    )
