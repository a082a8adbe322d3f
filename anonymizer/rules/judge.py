"""Decides about the attributes of one data set: the rule that owns each, asked for its decision.

Strategy
    What a method finds for a value is remembered with the value, the character set and what of
    the context the method reads, so that a series asks each question once.

Rules
    * A value that a method cannot treat is never kept: the rule's ``onError`` decides.
    * No message holds a value; an unexpected error of a method is named by its type alone.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import (
    EMPTY,
    TEXT_VRS,
    Attribute,
    Keep,
    Remove,
    RemoveItem,
    Replace,
    is_creator,
    padded,
)
from anonymizer.dicom.content import NO_CONCEPT
from anonymizer.dicom.dictionary import name_of
from anonymizer.dicom.splice import ITEM_GOES, NOTHING, REMOVED
from anonymizer.dicom.table import EMPTIES, GOES, PATIENT_IDENTITY_REMOVED
from anonymizer.dicom.text import character_set
from anonymizer.errors import ImageError, ValueFault
from anonymizer.rules.plan import ON_ERROR, Case, Claim
from anonymizer.rules.tally import Tally, sole_case

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from anonymizer.dicom.attribute import Decision, Path
    from anonymizer.dicom.content import Concept
    from anonymizer.dicom.context import Context
    from anonymizer.dicom.scan import Source
    from anonymizer.dicom.splice import Verdict
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.dicom.table import Entry
    from anonymizer.dicom.text import CharacterSet
    from anonymizer.rules.marks import Marks
    from anonymizer.rules.plan import Found
    from anonymizer.rules.watch import Watch

    class Listener(Protocol):
        """Who hears of every decision about a data set, in file order."""

        def hear(self, ruling: Ruling, source: Source, value: int, stop: int) -> None:
            """A decision about what has its value in ``source[value:stop]``."""
            ...

        def hear_hollow(self, entry: Entry, path: Path) -> None:
            """A sequence goes because nothing in it stays."""
            ...


LONGEST_VALUE, LONGEST_TEXT = 64 << 20, 2 << 20
"""What is longer no method looks at: it would take many times that in memory."""

LONGEST_MEMO = 1 << 10
MOST_MEMOS = 1 << 14
UNDEFINED_LENGTH = b"\xff\xff\xff\xff"
LONGEST_SHORT = 0xFFFE


class Ruling:
    """What was decided about one attribute, for ``explain``. ``value`` is only ever shown there."""

    __slots__ = ("case", "entry", "fault", "new", "path", "value")

    def __init__(
        self,
        entry: Entry,
        path: tuple[tuple[int, int], ...],
        case: Case,
        new: Verdict,
        fault: str,
    ) -> None:
        self.entry = entry
        self.path = path
        self.case = case
        self.new = new
        self.fault = fault
        self.value = b""


class Rulings(list["Ruling"]):
    """Every ruling about a data set, in file order."""

    def hear(self, ruling: Ruling, source: Source, value: int, stop: int) -> None:
        ruling.value = source[value:stop]
        self.append(ruling)

    def hear_hollow(self, entry: Entry, path: Path) -> None:
        """A sequence goes because nothing in it stays: it was entered for nothing."""
        for ruling in reversed(self):
            if ruling.entry is entry and ruling.path == path:
                ruling.new = REMOVED
                return


class Judge:
    """The judge of one data set. ``marks`` are what the output says of what was done."""

    __slots__ = (
        "_charsets",
        "_concepts",
        "_directory",
        "_marks",
        "_wanted",
        "_watch",
        "charset_now",
        "context",
        "encoding",
        "known",
        "listener",
        "path",
        "schemes",
        "source",
        "tally",
    )

    def __init__(
        self,
        source: Source,
        encoding: Encoding,
        context: Context,
        charset: CharacterSet,
        *,
        marks: Marks | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.source = source
        self.encoding = encoding
        self.context = context
        self.charset_now = charset
        self.path: list[tuple[int, int]] = []
        self.tally = Tally()
        self.known: Callable[[Entry], None] = self.tally.known.append
        self.listener: Listener | None = None
        self.schemes: dict[int, str] = {}
        self._charsets: list[tuple[CharacterSet, Context]] = []
        self._concepts: dict[Path, Concept] | None = None
        self._directory: list[Context] | None = None
        self._marks = marks
        self._wanted: list[int] = [] if marks is None else list(marks.tags)
        self._watch = watch

    # The splicer's questions

    def verdict(self, entry: Entry, value: int, stop: int) -> Verdict:
        claim = entry.claim
        assert isinstance(claim, Claim), "what the plan claims, it claims so"
        case = claim.sole or self._case(claim)
        self.tally.cases.append(case)
        memo = case.memo
        if memo is None or stop - value > LONGEST_MEMO:
            new, fault = self._decided(case, entry, value, stop)
        else:
            raw = b"" if case.blind and not claim.watched else self.source[value:stop]
            key: object = (raw, self.charset_now)
            if not case.plain:
                key = self._memo_key(case, key, value)
            found = memo.get(key)
            if found is None:
                if len(memo) >= MOST_MEMOS:
                    memo.clear()
                found = memo[key] = self._decided(case, entry, value, stop)
            new, fault = found
        if fault:
            self.tally.faults.append((entry.tag, case.number, fault))
        if self.listener is not None:
            ruling = Ruling(entry, tuple(self.path), case, new, fault)
            self.listener.hear(ruling, self.source, value, stop)
        return new

    def foreseen(self, entry: Entry) -> Verdict:
        """The verdict on every element of this kind in these character sets; None: it depends."""
        claim = entry.claim
        assert isinstance(claim, Claim), "what the plan claims, it claims so"
        if claim.always == GOES:
            return REMOVED
        if claim.always == EMPTIES:
            return NOTHING[entry.width]
        case = claim.sole
        if case is None or not (case.blind and case.plain) or claim.watched:
            return None
        new, fault = self._decided(case, entry, 0, 0)
        return None if fault else new

    def verdict_on_sequence(self, entry: Entry) -> Verdict:
        claim = entry.claim
        assert isinstance(claim, Claim)
        case = claim.sole or self._case(claim)
        new, fault = self._decided_sequence(case, entry)
        if case.rule is not None:
            self.tally.cases.append(case)
        if fault:
            self.tally.faults.append((entry.tag, case.number, fault))
        if self.listener is not None:
            ruling = Ruling(entry, tuple(self.path), case, new, fault)
            self.listener.hear(ruling, self.source, 0, 0)
        return new

    def hollow(self, entry: Entry) -> None:
        claim = entry.claim
        if isinstance(claim, Claim):
            self.tally.cases.append(claim.cases[-1])
        if self.listener is not None:
            self.listener.hear_hollow(entry, tuple(self.path))

    def listen(self, listener: Listener) -> None:
        """Has the listener hear of every decision, also of those that need no question."""
        self.listener = listener
        self.known = _told_to(listener, self.tally, self.path, self.source)

    def of_run(self, raw: bytes) -> Judge:
        """A judge of the same image for a run of its elements (see ``anonymizer.series``)."""
        return Judge(raw, self.encoding, self.context, self.charset_now, watch=self._watch)

    def begin(self, source: bytes, tally: Tally) -> None:
        """Goes on to another file of the same series."""
        self.source = source
        self.tally = tally
        self.known = tally.known.append

    def charset(self, entry: Entry, value: int, stop: int) -> None:
        self.charset_now = character_set(self.source[value:stop])
        if not self.charset_now.defined:
            where = path_text(tuple(self.path), entry.tag)
            raise ImageError("bad-charset", f"{where}: it names no character set of the standard")

    def open_item(self, sequence: Entry | None, number: int) -> None:
        assert sequence is not None, "an item stands in a sequence"
        self.path.append((sequence.tag, number))
        self._charsets.append((self.charset_now, self.context))
        if self._concepts is not None:
            concept = self._concepts.get(tuple(self.path), NO_CONCEPT)
            self.context = self.context.about(concept)
        if self._directory and len(self.path) == 1 and sequence.tag == DIRECTORY_RECORDS:
            self.context = self._directory[min(number, len(self._directory) - 1)]

    def close_item(self) -> None:
        self.path.pop()
        self.charset_now, self.context = self._charsets.pop()

    def read_concepts(self, concepts: dict[Path, Concept], *, numbered: bool) -> None:
        """Takes over what each item is about (see ``dicom.content``)."""
        self._concepts = concepts
        self.context.numbered = numbered

    def read_directory(self, contexts: list[Context]) -> None:
        """Takes over who each record of a DICOMDIR is about (see ``dicom.directory``)."""
        self._directory = contexts

    # Marks (see ``anonymizer.rules.marks``)

    def expect_marks(self, present: set[int]) -> None:
        """Hears which marks the data set has already, so that none is written twice."""
        self._wanted = [tag for tag in self._wanted if tag not in present]

    def marks(self, last: int) -> list[tuple[int, bytes]]:
        assert self._marks is not None or not self._wanted
        due = [tag for tag in self._wanted if tag <= last]
        del self._wanted[: len(due)]
        return [(tag, self._marks.element(tag, self.encoding)) for tag in due if self._marks]

    def mark(self, entry: Entry, value: int, stop: int) -> tuple[bytes, Verdict]:
        assert self._marks is not None, "only where marks are written they are noticed"
        before = b"".join([mark for _, mark in self.marks(entry.tag)])
        old = self.source[value:stop].rstrip(b" \0")
        if entry.claim is not None and entry.tag != PATIENT_IDENTITY_REMOVED:
            old = b"" if self.verdict(entry, value, stop) is not None else old
        new = self._marks.value(entry.tag, old)
        return before, None if new is None else self._field(Replace(new), entry)

    def mark_items(self, tag: int, value: int, stop: int) -> bytes:
        assert self._marks is not None, "only where marks are written they are noticed"
        if tag not in self._wanted:
            return b""
        self._wanted.remove(tag)
        there = self.source[value:stop]
        items = self._marks.items(tag, self.encoding)
        return b"".join([item for item in items if item not in there])

    def all_marks(self, fences: tuple[int, ...]) -> list[bytes]:
        """The marks of a data set that has none, as they belong behind each of the fences."""
        self._wanted = [] if self._marks is None else list(self._marks.tags)
        return [b"".join([mark for _, mark in self.marks(fence)]) for fence in fences]

    # How a decision is come by

    def _case(self, claim: Claim) -> Case:
        path = tuple(self.path)
        for case in claim.cases:
            place = None if case.rule is None else case.rule.selector.place
            if place is None or place.fits(path):
                return case
        raise AssertionError("the last case of a claim always fits")

    def _decided(self, case: Case, entry: Entry, value: int, stop: int) -> Found:
        if case.at_once is not None and (new := case.at_once(self.source[value:stop])) is not None:
            return self._replaced(new, entry, value, stop), ""
        fault = case.fault
        found: Found
        try:
            if not fault:
                decision = self._decision(case, entry, value, stop)
                found = self._field(decision, entry), decision.note
        except ValueFault as raised:
            fault = raised.message
        if fault:
            found = self._on_error(case, entry, fault), fault
        if found[0] is not None:
            self._show(entry, value, stop)
        return found

    def _replaced(self, new: bytes, entry: Entry, value: int, stop: int) -> bytes:
        """The verdict that a short value is replaced, without the ways round."""
        self._show(entry, value, stop)
        new = padded(new, entry.vr)
        pack = self.encoding.long.pack if entry.width == 4 else self.encoding.short.pack
        return pack(len(new)) + new

    def _show(self, entry: Entry, value: int, stop: int) -> None:
        """Shows a value that goes to the watch over names of files."""
        claim = entry.claim
        if self._watch is None or not isinstance(claim, Claim) or not claim.watched:
            return
        raw, vr = self.source[value : min(stop, value + LONGEST_MEMO)], entry.vr
        if vr == "UI":
            self._watch.removed_uid(raw.decode("latin-1").rstrip(" \0"))
        else:
            self._watch.removed(self.charset_now.decode_loosely(raw, vr))

    def _decision(self, case: Case, entry: Entry, value: int, stop: int) -> Decision:
        if case.constant is not None:
            return case.constant
        assert case.rule is not None, "otherwise is constant"
        if stop - value > (LONGEST_TEXT if entry.vr in TEXT_VRS else LONGEST_VALUE):
            raise ValueFault("the value is too long to be looked at")
        claim = entry.claim
        attribute = Attribute(
            entry.tag,
            entry.vr,
            self.source[value:stop],
            self.charset_now,
            path=tuple(self.path),
            creator=claim.creator if isinstance(claim, Claim) else "",
            big_endian=self.encoding.big_endian,
            encapsulated=entry.long and self.source[value - 4 : value] == UNDEFINED_LENGTH,
        )
        method = case.rule.method
        self.context.scheme = self.schemes.get(value, "")
        try:
            decision = method.decide(attribute, self.context)
        except ValueFault:
            if type(method).__module__.startswith("anonymizer."):
                raise
            raise ValueFault(f"{method.name} cannot treat the value") from None
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  a user's method may do anything, and exit; its text may hold a value
            kind = type(error).__name__
            raise ValueFault(f"{method.name} failed with {kind}") from None
        if _is_decision(decision):
            return decision
        raise ValueFault(f"{method.name} gave no decision")

    def _decided_sequence(self, case: Case, entry: Entry) -> Found:
        """A method decides about a sequence as a whole: it is entered, goes or loses its items."""
        if case.rule is None:
            return None, ""
        fault = case.fault
        if not fault:
            try:
                decision = self._decision(case, entry, 0, 0)
                if not isinstance(decision, Replace) or not decision.value:
                    return self._field(decision, entry), decision.note
                fault = f"{case.rule.method.name} gave a sequence a value"
            except ValueFault as raised:
                fault = raised.message
        return self._on_error(case, entry, fault), fault

    def _on_error(self, case: Case, entry: Entry, fault: str) -> Verdict:
        rule = case.rule
        decision = ON_ERROR.get(rule.on_error) if rule is not None else EMPTY
        if decision is None:
            where = path_text(tuple(self.path), entry.tag)
            raise ImageError("value-refused", f"{where}: {fault}")
        return self._field(decision, entry)

    def _memo_key(self, case: Case, key: object, value: int) -> object:
        """All that a method's decision depends on, beside the value and its character set."""
        if case.uses:
            self.context.scheme = self.schemes.get(value, "")
            key = (key, *[getattr(self.context, name) for name in case.uses])
        if case.placed:
            return (key, *self.path)
        return (key, *[tag for tag, _ in self.path]) if case.nested else key

    def _field(self, decision: Decision, entry: Entry) -> Verdict:
        """The decision in the splicer's words: the new length and value, as they are written."""
        if not isinstance(decision, Replace):
            if isinstance(decision, RemoveItem):
                return ITEM_GOES if self.path and not is_creator(entry.tag) else REMOVED
            return None if isinstance(decision, Keep) else REMOVED
        if decision.encapsulated:
            return UNDEFINED_LENGTH + decision.value
        value = padded(decision.value, entry.vr)
        if entry.width == 4:
            return self.encoding.long.pack(len(value)) + value
        if len(value) > LONGEST_SHORT:
            raise ValueFault("the new value is longer than its length field can say")
        return self.encoding.short.pack(len(value)) + value


def _told_to(
    listener: Listener, tally: Tally, path: list[tuple[int, int]], source: Source
) -> Callable[[Entry], None]:
    """What hears of an element whose fate was known beforehand.

    It does not hold the judge, which holds it: an image that refers to itself would stay in the
    memory of a worker, where nothing collects such.
    """

    def hear(entry: Entry) -> None:
        tally.known.append(entry)
        claim = entry.claim
        assert claim is not None, "what is decided is claimed"
        new = REMOVED if claim.always == GOES else NOTHING[entry.width]
        case = sole_case(entry)
        listener.hear(Ruling(entry, tuple(path), case, new, case.fault), source, 0, 0)

    return hear


def _is_decision(given: object) -> bool:
    """A user's method may give anything."""
    if isinstance(given, Replace):
        return isinstance(given.value, bytes)
    return isinstance(given, (Keep, Remove, RemoveItem))


DIRECTORY_RECORDS = 0x00041220


def path_text(path: tuple[tuple[int, int], ...], tag: int) -> str:
    """An attribute with its place: ``ReferencedSeriesSequence[0].SeriesInstanceUID``."""
    around = "".join(f"{name_of(sequence)}[{number}]." for sequence, number in path)
    return around + name_of(tag)
