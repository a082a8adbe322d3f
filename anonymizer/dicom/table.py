"""What the scanner shall do at an element, looked up by its raw tag and VR bytes.

Strategy
    The scanner asks one dict per element.  ``None`` means "short header, nobody owns it: step
    over"; anything else is an Entry that says what to do.  A key that was never seen is worked
    out once by asking the interest, and remembered.

Rules
    * A key is never remembered for bytes that are no element, and the number of remembered keys
      is bounded, so that a hostile file cannot fill the memory.
    * What depends on the private creator is asked again for each creator (``by_creator``).
"""

from __future__ import annotations

from anonymizer.dicom.attribute import LONG_VRS, TEXT_VRS, Element, is_creator, is_private
from anonymizer.dicom.dictionary import real_vr
from anonymizer.dicom.syntax import IMPLICIT_LE, Encoding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Claim(Protocol):
        """What the splicer may do with an element without asking: GOES, EMPTIES, STAYS or ASK.

        One that has ``schemes``, a set, asks of which coding scheme the item at hand is; in items
        of those schemes the element stays, and nobody needs to know.
        """

        always: int

    class Interest(Protocol):
        """Who wants to own which elements; the only thing the scanner knows of the rules."""

        def claim(
            self, element: Element, *, root: bool, creator_known: bool = True
        ) -> Claim | None:
            """A claim on the element, None, or ASK_CREATOR where its creator is needed."""
            ...

        def takes_whole(self, claim: Claim) -> bool:
            """Whether a sequence with this claim need not be looked into."""
            ...

        peeks: bool
        """Whether values of unknown VR are looked into for sequences."""

        enters: bool
        """Whether anything inside a sequence could be claimed at all."""


PLAIN, OWNED, SEQUENCE, UNKNOWN, PRIVATE, CREATOR = range(6)
GROUP_LENGTH, CHARSET, MARK, FENCE, ITEM_END, NOT_AN_ELEMENT, ZEROS, MISPLACED = range(6, 14)
CODED = 14

STAYS, GOES, EMPTIES, ASK = range(4)
"""What is known beforehand of the fate of an element."""


class _Asking:
    """A claim, or an answer in place of one, that says nothing beforehand."""

    __slots__ = ()
    always = ASK


ASKED = _Asking()
"""The claim of who only wants to see the element."""

ASK_CREATOR = _Asking()
"""The answer to "who claims this?" that needs the private creator first."""

SPECIFIC_CHARACTER_SET = 0x00080005
PATIENT_IDENTITY_REMOVED = 0x00120062
DEIDENTIFICATION_METHOD = 0x00120063
DEIDENTIFICATION_CODES = 0x00120064
CONTRIBUTING_EQUIPMENT = 0x0018A001
TEMPORAL_INFORMATION = 0x00280303
ITEM_DELIMITATION = 0xFFFEE00D
ITEM = 0xFFFEE000
SEQUENCE_DELIMITATION = 0xFFFEE0DD

VALUE_MARKS = frozenset({PATIENT_IDENTITY_REMOVED, DEIDENTIFICATION_METHOD, TEMPORAL_INFORMATION})
"""Marks that hold a value; the others are sequences."""

NOTED = frozenset(
    {
        SPECIFIC_CHARACTER_SET,
        0x00080016,
        0x00080018,
        0x00100020,
        0x00100021,
        0x0020000D,
        0x0020000E,
    }
)
"""Attributes of the main data set whose values the scan hands out beside the spans."""

ELSEWHERE = frozenset((0x0000, 0x0002))
"""Groups of commands and of file meta information (PS3.7 6.3.1, PS3.10 7.1): other readers would
take for either what stands so in a data set.
"""

VRS = LONG_VRS | TEXT_VRS | frozenset("AT FD FL SL SS UL US".split())
HOLDS_ITEMS = frozenset(("SQ", "OB", "OW"))
"""VRs whose value may be a run of items."""

MOST_KEYS = 1 << 16


NO_SCHEMES: frozenset[str] = frozenset()


class Entry:
    """What to do at one kind of element.

    ``long`` says that explicit VR gives it 12 bytes of header; ``width`` is that of its length.
    ``content`` is how the items of a sequence are written: UN hides implicit VR little endian
    (PS3.5 6.2.2), ``clean`` the last one, header and all, of which nobody owned anything.
    ``noted`` says that the value is handed out beside the spans, ``whole`` that
    a sequence of known length need not be entered, ``marked`` that items are appended to it;
    ``schemes`` are those of its claim.
    """

    __slots__ = (
        "as_sequence",
        "by_creator",
        "claim",
        "clean",
        "content",
        "kind",
        "long",
        "marked",
        "noted",
        "schemes",
        "tag",
        "vr",
        "whole",
        "width",
        "written",
    )

    def __init__(  # noqa: PLR0913  an entry is this many things
        self,
        kind: int,
        tag: int,
        vr: str = "",
        written: str = "",
        *,
        long: bool = False,
        claim: Claim | None = None,
        content: Encoding | None = None,
        noted: bool = False,
        whole: bool = False,
    ) -> None:
        self.kind = kind
        self.tag = tag
        self.vr = vr
        self.written = written
        self.long = long
        self.width = 4 if long or not written else 2
        self.claim = claim
        self.content = content
        self.noted = noted
        self.whole = whole
        self.marked = False
        self.schemes: frozenset[str] = getattr(claim, "schemes", None) or NO_SCHEMES
        self.by_creator: dict[str, Entry | None] = {}
        self.as_sequence: dict[str, Entry] = {}
        self.clean = b""


FENCE_ENTRY = Entry(FENCE, 0)
NO_ELEMENT = Entry(NOT_AN_ELEMENT, 0)
ZERO_ENTRY = Entry(ZEROS, 0)


class Table(dict[bytes, "Entry | None"]):
    """The entries of one encoding at one place: the main data set or an item.

    ``fence`` is the tag of a mark, 0 where none is left: the first element above it answers FENCE,
    and the scanner goes on with the table ``behind``.
    """

    __slots__ = ("behind", "encoding", "fence", "interest", "marks", "noted", "root")

    def __init__(  # noqa: PLR0913  what a table is for is this many things
        self,
        encoding: Encoding,
        interest: Interest,
        *,
        root: bool,
        marks: tuple[int, ...] = (),
        noted: frozenset[int] = frozenset(),
        behind: Table | None = None,
        fence: int = 0,
    ) -> None:
        super().__init__()
        self.encoding = encoding
        self.interest = interest
        self.root = root
        self.marks = marks
        self.noted = noted
        self.behind = self if behind is None else behind
        self.fence = fence

    def __missing__(self, key: bytes) -> Entry | None:
        tag = self.encoding.tag(key)
        written = key[4:].decode("latin-1")
        if self.encoding.explicit and written not in VRS:
            return self._without_vr(key, tag)
        if self._is_special(tag, written):
            return NO_ELEMENT
        if self.root and tag >> 16 in ELSEWHERE and (tag or self.encoding.explicit):
            return Entry(MISPLACED, tag)
        fenced = self.fence and tag > self.fence
        entry = FENCE_ENTRY if fenced else self._entry(tag, written)
        if len(self) < MOST_KEYS and entry is not NO_ELEMENT:
            self[key] = entry
        return entry

    def _without_vr(self, key: bytes, tag: int) -> Entry:
        if tag == ITEM_DELIMITATION and key[4:] == b"\0\0":
            self[key] = entry = Entry(ITEM_END, tag)
            return entry
        return NO_ELEMENT if any(key) else ZERO_ENTRY

    def _is_special(self, tag: int, written: str) -> bool:
        """Whether the engine itself reads an element, in which no items or names may hide."""
        if tag == SPECIFIC_CHARACTER_SET:
            return written not in ("", "CS", "UN")  # it stays whatever the rules say
        if written not in HOLDS_ITEMS:
            return False
        return tag in VALUE_MARKS or not tag & 0xFFFF or is_creator(tag)

    def _entry(self, tag: int, written: str) -> Entry | None:
        if tag >> 16 == 0xFFFE:
            return Entry(ITEM_END, tag) if tag == ITEM_DELIMITATION and not written else NO_ELEMENT
        if not tag and not self.encoding.explicit:
            return ZERO_ENTRY
        if not tag & 0xFFFF:
            return self._group_length(tag, written)
        if is_private(tag) and not is_creator(tag):
            return self._private(tag, written)
        vr = real_vr(tag, written)
        claim = self.interest.claim(Element(tag, vr, written), root=self.root)
        if is_creator(tag):
            return Entry(CREATOR, tag, vr, written, long=written in LONG_VRS, claim=claim)
        return self._made(tag, vr, written, claim)

    def _group_length(self, tag: int, written: str) -> Entry:
        claim = self.interest.claim(Element(tag, "UL", written), root=self.root)
        return Entry(GROUP_LENGTH, tag, "UL", written, long=written in LONG_VRS, claim=claim)

    def _private(self, tag: int, written: str) -> Entry | None:
        vr = real_vr(tag, written)
        element = Element(tag, vr, written)
        claim = self.interest.claim(element, root=self.root, creator_known=False)
        if claim is ASK_CREATOR:
            return Entry(PRIVATE, tag, vr, written, long=written in LONG_VRS)
        return self._made(tag, vr, written, claim)

    def for_creator(self, entry: Entry, creator: str) -> Entry | None:
        """The entry of a private data element whose block ``creator`` has reserved."""
        vr = real_vr(entry.tag, entry.written, creator)
        element = Element(entry.tag, vr, entry.written, creator)
        claim = self.interest.claim(element, root=self.root)
        made = self._made(entry.tag, vr, entry.written, claim)
        if len(entry.by_creator) < MOST_KEYS:
            entry.by_creator[creator] = made
        return made

    def as_sequence(self, entry: Entry, creator: str) -> Entry:
        """The entry of an element of unknown VR that turned out to hold items (PS3.5 6.2.2)."""
        made = entry.as_sequence.get(creator)
        if made is None:
            element = Element(entry.tag, "SQ", entry.written, creator)
            claim = self.interest.claim(element, root=self.root)
            made = self._made(entry.tag, "SQ", entry.written, claim)
            assert made is not None, "a sequence has an entry"
            if len(entry.as_sequence) < MOST_KEYS:
                entry.as_sequence[creator] = made
        return made

    def _made(self, tag: int, vr: str, written: str, claim: Claim | None) -> Entry | None:
        long = written in LONG_VRS
        kind = self._kind(tag, vr, written, claim)
        noted = tag in self.noted
        if kind == PLAIN and not long and not noted:
            return None
        if kind not in (SEQUENCE, UNKNOWN):
            return Entry(kind, tag, vr, written, long=long, claim=claim, noted=noted)
        whole = not self.interest.enters if claim is None else self.interest.takes_whole(claim)
        content = self._content(written)
        made = Entry(kind, tag, vr, written, long=long, claim=claim, content=content, whole=whole)
        made.marked = tag in self.marks
        return made

    def _kind(self, tag: int, vr: str, written: str, claim: Claim | None) -> int:
        if tag == SPECIFIC_CHARACTER_SET:
            return CHARSET
        if tag in self.marks and vr != "SQ":
            return MARK if tag in VALUE_MARKS else NOT_AN_ELEMENT
        if vr == "SQ":
            return SEQUENCE
        if vr == "UN":
            return UNKNOWN  # a sequence of a vendor's may stand here
        if getattr(claim, "schemes", None) is not None:
            return CODED
        return PLAIN if claim is None else OWNED

    def _content(self, written: str) -> Encoding:
        return self.encoding if written == "SQ" or not self.encoding.explicit else IMPLICIT_LE


class Tables:
    """All tables of one interest, made when first needed and kept for the files to come.

    ``marks`` are the tags that are written, in their order, ``noted`` those of the main data set
    whose values are handed out.
    """

    __slots__ = ("_interest", "_made", "fences", "marks", "noted")

    def __init__(
        self,
        interest: Interest,
        *,
        marks: tuple[int, ...] = (),
        noted: frozenset[int] = NOTED,
    ) -> None:
        self._interest = interest
        self.marks = marks
        self.noted = noted
        self.fences: tuple[int, ...] = tuple(t for t in marks if t != PATIENT_IDENTITY_REMOVED)
        """Behind each of them the marks up to it are written, if they did not stand there."""
        self._made: dict[str, tuple[Table, Table]] = {}

    @property
    def interest(self) -> Interest:
        return self._interest

    def behind(self, fences: int) -> Tables:
        """The same tables, for what stands behind so many fences."""
        return _Behind(self, fences) if fences else self

    def of(self, encoding: Encoding) -> tuple[Table, Table]:
        """For the main data set, up to its first fence, and for items."""
        made = self._made.get(encoding.name)
        if made is None:
            items = Table(encoding, self._interest, root=False)
            made = self._made[encoding.name] = (self._front(encoding), items)
        return made

    def _front(self, encoding: Encoding) -> Table:
        table: Table | None = None
        for fence in (0, *reversed(self.fences)):
            table = Table(
                encoding,
                self._interest,
                root=True,
                marks=self.marks,
                noted=self.noted,
                behind=table,
                fence=fence,
            )
        assert table is not None, "the last table has no fence"
        return table


class _Behind(Tables):
    """Another's tables from a fence on."""

    __slots__ = ("_passed", "_whole")

    def __init__(self, whole: Tables, passed: int) -> None:
        super().__init__(whole.interest, marks=whole.marks, noted=whole.noted)
        self.fences = self.fences[passed:]
        self._whole = whole
        self._passed = passed

    def of(self, encoding: Encoding) -> tuple[Table, Table]:
        table, items = self._whole.of(encoding)
        for _ in range(self._passed):
            table = table.behind
        return table, items
