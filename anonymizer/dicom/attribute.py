"""One attribute of an image that some rule may own, with what a method needs to decide about it.

These are plain classes with slots, not dataclasses: they are made in the hot path, and importing
``dataclasses`` or ``typing`` costs as much as the start of the interpreter.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.dicom.text import CharacterSet

    Path = tuple[tuple[int, int], ...]
    """The sequences around an attribute, outermost first: (tag of the sequence, item from 0)."""

LONG_VRS = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
"""Value representations with a 32-bit length in explicit VR (PS3.5 7.1.2)."""

TEXT_VRS = frozenset("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT".split())
CHARACTER_SET_VRS = frozenset("LO LT PN SH ST UC UT".split())
"""Value representations that Specific Character Set applies to (PS3.5 6.1.2.2)."""

ONE_VALUE_VRS = frozenset("LT ST UR UT".split())
"""Text in which a backslash is a character, not a separator (PS3.5 6.2)."""


class Element:
    """What is known of an element before its value and its place are looked at.

    ``written`` is the VR in the file (``""`` for implicit VR); ``vr`` is the one it really has:
    the dictionary's where the file says UN or nothing.  ``creator`` is the private creator of a
    private data element, ``""`` where there is none.
    """

    __slots__ = ("creator", "tag", "vr", "written")

    def __init__(self, tag: int, vr: str, written: str, creator: str = "") -> None:
        self.tag = tag
        self.vr = vr
        self.written = written
        self.creator = creator


class Attribute:
    """An element with its value field as it stands in the file, padding included.

    ``encapsulated`` says that ``value`` is a run of fragment items (PS3.5 A.4), the sequence
    delimiter included.  ``big_endian`` is the byte order of binary values.
    """

    __slots__ = (
        "big_endian",
        "charset",
        "creator",
        "encapsulated",
        "path",
        "tag",
        "value",
        "vr",
    )

    def __init__(  # noqa: PLR0913  an attribute is this many things
        self,
        tag: int,
        vr: str,
        value: bytes,
        charset: CharacterSet,
        *,
        path: Path = (),
        creator: str = "",
        big_endian: bool = False,
        encapsulated: bool = False,
    ) -> None:
        self.tag = tag
        self.vr = vr
        self.value = value
        self.charset = charset
        self.path = path
        self.creator = creator
        self.big_endian = big_endian
        self.encapsulated = encapsulated


class Keep:
    """The attribute stays as it is, byte for byte.

    ``note``, of every decision, is a short word about it that the report counts.
    """

    __slots__ = ("note",)

    def __init__(self, note: str = "") -> None:
        self.note = note

    def __repr__(self) -> str:
        return "Keep()"


class Remove:
    """The attribute goes, a sequence with all its items."""

    __slots__ = ("note",)

    def __init__(self, note: str = "") -> None:
        self.note = note

    def __repr__(self) -> str:
        return "Remove()"


class RemoveItem:
    """The item of a sequence that the attribute stands in goes, with all it holds.

    In the main data set, which is no item, the attribute alone goes.
    """

    __slots__ = ("note",)

    def __init__(self, note: str = "") -> None:
        self.note = note

    def __repr__(self) -> str:
        return "RemoveItem()"


class Replace:
    """The attribute gets this value field; the engine pads it and corrects the lengths.

    ``encapsulated`` says that ``value`` is a run of fragment items with its sequence delimiter.
    """

    __slots__ = ("encapsulated", "note", "value")

    def __init__(self, value: bytes, *, encapsulated: bool = False, note: str = "") -> None:
        self.value = value
        self.encapsulated = encapsulated
        self.note = note

    def __repr__(self) -> str:
        return f"Replace({len(self.value)} bytes)"


KEEP = Keep()
REMOVE = Remove()
EMPTY = Replace(b"")

if TYPE_CHECKING:
    Decision = Keep | Remove | RemoveItem | Replace


def is_private(tag: int) -> bool:
    """Whether the group number is odd (PS3.5 7.8)."""
    return bool(tag & 0x10000)


def is_creator(tag: int) -> bool:
    """Whether a private element reserves a block: (gggg,0010) to (gggg,00FF)."""
    return bool(tag & 0x10000) and 0x10 <= tag & 0xFFFF <= 0xFF


def padded(value: bytes, vr: str) -> bytes:
    """The value field made even: a blank after text, NUL after UI and binary values."""
    if not len(value) & 1:
        return value
    return value + (b" " if vr in TEXT_VRS and vr != "UI" else b"\0")
