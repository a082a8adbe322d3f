"""One image: bytes in, pieces of the output and what was decided out. No I/O from here down.

    split the envelope -> scan -> who is it about? -> decide -> splice -> new envelope

The output is the input, except for the splices.
"""

from __future__ import annotations

from functools import cache

from anonymizer._version import VERSION
from anonymizer.dicom.attribute import Element
from anonymizer.dicom.context import Context, subject_of
from anonymizer.dicom.part10 import (
    MEDIA_STORAGE_DIRECTORY,
    MEDIA_STORAGE_SOP_CLASS_UID,
    MEDIA_STORAGE_SOP_INSTANCE_UID,
    Envelope,
    Splitter,
    Stamp,
    deflated_parts,
    inflated_parts,
    is_uid,
    split,
    uid_text,
)
from anonymizer.dicom.pixels import (
    PIXEL_DATA,
    PIXELS,
    TELL_BURNED_IN,
    TELL_LENGTH,
    burned_in_suspicions,
    native_length,
)
from anonymizer.dicom.scan import Scan, scan
from anonymizer.dicom.splice import AT_ONCE, apply, in_parts, joined, plan_splices, value_after
from anonymizer.dicom.syntax import (
    EXPLICIT_LE,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Encoding,
)
from anonymizer.dicom.table import NOTED, OWNED, SPECIFIC_CHARACTER_SET, Entry, Tables
from anonymizer.dicom.text import character_set
from anonymizer.errors import ImageError
from anonymizer.methods.refresh_uid import is_registered
from anonymizer.rules.judge import Judge, Rulings
from anonymizer.rules.marks import Marks
from anonymizer.rules.plan import Claim, Plan, keeps_private
from anonymizer.rules.watch import Watch
from anonymizer.series import Series

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from struct import Struct
    from typing import Protocol

    from anonymizer.dicom.directory import Directory
    from anonymizer.dicom.identity import Identity
    from anonymizer.dicom.scan import Source, Span
    from anonymizer.dicom.splice import Piece, Splice
    from anonymizer.dicom.text import CharacterSet
    from anonymizer.rules.compiled import Compiled
    from anonymizer.rules.judge import Ruling
    from anonymizer.rules.private import PrivateWatch
    from anonymizer.rules.tally import Tally
    from anonymizer.rules.trail import Trail
    from anonymizer.series import Short

    class LastStep(Protocol):
        """What sees all splices of a data set, and may add its own."""

        def splices(
            self, source: Source, start: int, stop: int, envelope: Envelope, splices: list[Splice]
        ) -> list[Splice]: ...


SOP_CLASS_UID, SOP_INSTANCE_UID = 0x00080016, 0x00080018
PATIENT_ID, ISSUER_OF_PATIENT_ID = 0x00100020, 0x00100021
STUDY_INSTANCE_UID, SERIES_INSTANCE_UID = 0x0020000D, 0x0020000E

MOST_CONTEXTS = 1 << 12

FORCED = "forced"
"""The warning that nothing in the file says that it is DICOM."""

PIXEL_EXCESS = "pixel-excess"
"""The warning that bytes behind the pixels, in their element, were removed."""

_OF_THE_SUBJECT = (
    STUDY_INSTANCE_UID,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    PATIENT_ID,
    ISSUER_OF_PATIENT_ID,
)


class Output:
    """One image after the rules: its bytes in pieces, and what was done to it.

    ``pieces`` are new bytes, and views or (start, stop) ranges of ``source``; joined they are
    the file.
    ``source`` is the input, or for a deflated file its inflated data set.
    """

    __slots__ = ("pieces", "source", "tally", "trail", "uids", "warnings")

    def __init__(self, source: Source, pieces: list[Piece], tally: Tally) -> None:
        self.source = source
        self.pieces = pieces
        self.tally = tally
        self.warnings: list[str] = []
        self.uids: tuple[str, str, str] = ("", "", "")
        """New Study, Series and SOP Instance UID, where names are asked for."""
        self.trail: Trail | None = None
        """What was done to which attribute, where that is asked for."""

    @property
    def size(self) -> int:
        return sum(p[1] - p[0] if isinstance(p, tuple) else len(p) for p in self.pieces)

    def parts(self) -> Iterator[bytes | memoryview]:
        """Its bytes one after another, never too many at once."""
        return in_parts(self.source, self.pieces)

    def __bytes__(self) -> bytes:
        return joined(self.source, self.pieces)


class Pipeline:
    """What a worker does to every image: one compiled configuration, and what it remembers."""

    __slots__ = (
        "_contexts",
        "_directories",
        "_force",
        "_marks",
        "_names",
        "_private",
        "_reads_concepts",
        "_reads_safe",
        "_series",
        "_splitter",
        "_stamp",
        "_tables",
        "_trails",
        "_unmarked",
        "compiled",
        "last_step",
        "plan",
        "watch",
    )

    def __init__(  # noqa: PLR0913  one a thing that is asked for
        self,
        compiled: Compiled,
        *,
        watch: bool = False,
        show: bool = False,
        names: bool = False,
        series: bool = True,
        directories: bool = True,
        trails: bool = False,
        force: bool = False,
    ) -> None:
        """``watch`` remembers removed words, ``show`` claims every attribute for ``rulings``,
        ``names`` gives the outputs' UIDs, ``series`` reuses what consecutive files share,
        ``trails`` tells what was done to which attribute, which takes the long way; without
        ``directories`` a DICOMDIR is refused.  ``force`` reads what has no mark of DICOM.
        """
        self.compiled = compiled
        self.plan = Plan(
            compiled.rules,
            otherwise=compiled.otherwise,
            root_only=compiled.root_only,
            watch=watch,
            show=show,
        )
        self.watch = Watch() if watch else None
        self._marks = marks_of(compiled) if compiled.mark else None
        self._names = names
        self._directories = directories
        used = frozenset[str]().union(*[rule.method.uses for rule in compiled.rules])
        self._reads_concepts = "concept" in used
        self._reads_safe = "safe" in used
        self._trails = trails
        self._contexts: dict[tuple[object, ...], Context] = {}
        marks = self._marks.tags if self._marks else ()
        noted = _noted_for(compiled) | (PIXELS if trails else frozenset())
        self._tables = Tables(self.plan, marks=marks, noted=noted)
        self._unmarked = Tables(self.plan, noted=noted)
        self.last_step = _last_step(compiled)
        alone = show or trails or self.last_step is not None
        series = series and not alone
        self._series = Series(self.plan, self._tables) if series else None
        self._private = _private_watch(self.plan)
        self._force = force
        self._splitter = Splitter(force=force)
        self._stamp = Stamp(VERSION)

    def anonymize(self, source: Source, stop: int) -> Output:
        """Raises ImageError where the image cannot be read whole or a rule refuses it."""
        envelope = self._splitter.split(source, stop)
        if self._series is not None and isinstance(source, bytes) and _may_be_short(envelope):
            short = self._series.walk(source, envelope)
            if short is not None:
                self._series.went_short()
                return self._warned(self._short_output(source, envelope, short), envelope)
        if not self._directories and is_directory(envelope):
            raise ImageError("dicomdir", "it lists other files than the outputs")
        return self._warned(self._anonymize(source, stop, envelope), envelope)

    def _warned(self, output: Output, envelope: Envelope) -> Output:
        """Tells of private elements that stay, where the rules let any."""
        if self._private is not None:
            source = output.source
            start = 0 if envelope.deflated else envelope.start
            output.warnings += self._private.warnings(source, start, len(source), envelope.encoding)
        return output

    def _short_output(self, source: bytes, envelope: Envelope, short: Short) -> Output:
        head = b""
        if not envelope.bare:
            sop_class = short.after.get(SOP_CLASS_UID, b"")
            head = self._envelope_of(envelope, sop_class, short.instance)
        output = Output(source, [head, *short.pieces], short.tally)
        output.warnings += short.warnings
        if self._names:
            study, series = (
                uid_text(short.after.get(tag, b""))
                for tag in (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID)
            )
            output.uids = study, series, uid_text(short.instance)
        if envelope.dual or envelope.forced:
            output.warnings += _told_of(envelope)
        return output

    def _anonymize(self, source: Source, stop: int, envelope: Envelope) -> Output:
        inner, start, stop = inflated(source, envelope, stop)
        found = scan(inner, start, stop, envelope.encoding, self._tables_for(envelope))
        judge = self._judge(inner, found, envelope)
        directory = self._directory(inner, start, stop, envelope, judge)
        _let_identify(judge, directory, start, found.end)
        has_content = self._inform(judge, inner, start, stop, found)
        warnings = self._suspicions(inner, found)
        trail = self._trail_of(judge)
        splices, excess = self._changes(inner, found, judge, envelope, start)
        head = self._head(inner, found, splices, envelope, judge)
        if directory is not None:
            splices = directory.moved(inner, splices, len(head) - envelope.start)
        pieces = self._pieces(source, inner, splices, start, stop, envelope)
        output = Output(inner, [head, *pieces] if head else pieces, judge.tally)
        if self._names:
            output.uids = self._uids(inner, found, splices)
        output.trail = _ended(trail, inner, found, splices, judge, trimmed=excess)
        output.warnings += [*warnings, *([PIXEL_EXCESS] if excess else ())]
        alone = has_content or excess or directory is not None or inner is not source
        if self._series is not None and not alone:
            self._series.hear(inner, start, found, judge, warnings)
        if envelope.dual or envelope.forced:
            output.warnings += _told_of(envelope)
        return output

    def _trail_of(self, judge: Judge) -> Trail | None:
        if not self._trails:
            return None
        from anonymizer.rules.trail import Trail

        trail = Trail()
        judge.listen(trail)
        return trail

    def rulings(self, source: Source, stop: int) -> list[Ruling]:
        """Every decision about an image, in file order; the pipeline must be made to ``show``."""
        envelope = split(source, stop, force=self._force)
        source, start, stop = inflated(source, envelope, stop)
        found = scan(source, start, stop, envelope.encoding, self._tables)
        judge = self._judge(source, found, envelope)
        directory = self._directory(source, start, stop, envelope, judge)
        _let_identify(judge, directory, start, found.end)
        self._inform(judge, source, start, stop, found)
        rulings = Rulings()
        judge.listen(rulings)
        self._splices(source, found, judge, envelope.encoding)
        return rulings

    def _tables_for(self, envelope: Envelope) -> Tables:
        """A DICOMDIR gets no mark, and no run: its records are of several subjects."""
        return self._unmarked if is_directory(envelope) else self._tables

    def _judge(self, source: Source, found: Scan, envelope: Envelope) -> Judge:
        charset = character_set(_noted(source, found, SPECIFIC_CHARACTER_SET))
        marks = None if is_directory(envelope) else self._marks
        context = self._context(source, found, charset)
        judge = Judge(source, envelope.encoding, context, charset, marks=marks, watch=self.watch)
        if marks:
            judge.expect_marks(found.marks)
        return judge

    def _inform(self, judge: Judge, source: Source, start: int, stop: int, found: Scan) -> bool:
        """Lets the judge know what only some rules ask for; whether there are content items."""
        if self._reads_safe:
            from anonymizer.dicom.characteristics import declared_safe

            judge.context.safe = declared_safe(source, start, stop, judge.encoding)
        if not self._reads_concepts or not any(map(_asks_concept, found.spans)):
            return False
        from anonymizer.dicom.content import concepts_of

        concepts, numbered = concepts_of(source, start, stop, judge.encoding)
        judge.read_concepts(concepts, numbered=numbered)
        return bool(concepts)

    def _context(self, source: Source, found: Scan, charset: CharacterSet) -> Context:
        """Whom the image is about, from the unchanged data set."""
        notes = found.notes
        sop = uid_text(_noted(source, found, SOP_INSTANCE_UID))
        raw = [source[slice(*notes[tag])] if tag in notes else b"" for tag in _OF_THE_SUBJECT]
        key = (charset, *raw)
        known = self._contexts.get(key)
        if known is None:
            if len(self._contexts) >= MOST_CONTEXTS:
                self._contexts.clear()
            study, series, sop_class = map(uid_text, raw[:3])
            patient, issuer = (charset.decode_loosely(r, "LO").strip(" \0") for r in raw[3:])
            subject = subject_of(patient, issuer, study, series, sop)
            known = self._contexts[key] = Context(subject, study, series, "", sop_class)
            if not (patient or study or series):
                del self._contexts[key]  # the instance itself is the subject
        return Context(known.subject, known.study, known.series, sop, known.sop_class)

    def _directory(
        self, source: Source, start: int, stop: int, envelope: Envelope, judge: Judge
    ) -> Directory | None:
        if not is_directory(envelope):
            return None
        from anonymizer.dicom.directory import Directory

        directory = Directory(source, start, stop, envelope.encoding)
        judge.read_directory(directory.contexts)
        return directory

    def _splices(
        self, source: Source, found: Scan, judge: Judge, encoding: Encoding
    ) -> list[Splice]:
        return plan_splices(source, found, judge, encoding, hollow=not self.plan.keeps_rest)

    def _pieces(
        self,
        source: Source,
        inner: Source,
        splices: list[Splice],
        start: int,
        stop: int,
        envelope: Envelope,
    ) -> list[Piece]:
        pieces = apply(inner, splices, start, stop)
        if not envelope.deflated:
            return pieces
        if not splices:
            return _kept(in_parts(source, [(envelope.start, len(source))]))
        return _kept(deflated_parts(in_parts(inner, pieces)))

    def _changes(
        self, source: Source, found: Scan, judge: Judge, envelope: Envelope, start: int
    ) -> tuple[list[Splice], bool]:
        """All splices, and whether some of them take bytes from behind the pixels."""
        splices = self._splices(source, found, judge, judge.encoding)
        if _leaves_nothing(splices, start, found.end):
            raise ImageError("nothing-left", "no attribute would be left of it")
        excess = self._excess(source, found, splices, judge.encoding)
        if excess:
            splices = sorted([*splices, *excess])
        if self.last_step is not None:
            splices = self.last_step.splices(source, start, found.end, envelope, splices)
        return splices, bool(excess)

    # Pixel data

    def _suspicions(self, source: Source, found: Scan) -> list[str]:
        """What hints at text in the pixels; raises ImageError where that refuses an image."""
        policy = self.compiled.burned_in
        if policy == "ignore":
            return []
        words = burned_in_suspicions(_raw_notes(source, found, TELL_BURNED_IN))
        if words and policy == "refuse":
            raise ImageError("burned-in", f"its pixels may show who it is ({', '.join(words)})")
        return [f"burned-in-{word}" for word in words]

    def _excess(
        self, source: Source, found: Scan, splices: list[Splice], encoding: Encoding
    ) -> list[Splice]:
        """The splices that take what stands behind native pixels inside their element."""
        if not self.compiled.trim or PIXEL_DATA not in found.notes:
            return []
        value, stop = found.notes[PIXEL_DATA]
        length = native_length(_raw_notes(source, found, TELL_LENGTH), encoding)
        form = _length_field(source, value, stop, encoding)
        if length is None or form is None:
            return []
        end = value + length + (length & 1)
        if end >= stop or any(begin < stop and value <= after for begin, after, _ in splices):
            return []
        return [(value - form.size, value, form.pack(end - value)), (end, stop, b"")]

    # The envelope of the output

    def _head(
        self,
        source: Source,
        found: Scan,
        splices: list[Splice],
        envelope: Envelope,
        judge: Judge,
    ) -> bytes:
        if envelope.bare:
            return b""  # a bare data set stays one
        sop_class = value_after(source, found.notes, splices, SOP_CLASS_UID)
        instance = value_after(source, found.notes, splices, SOP_INSTANCE_UID)
        if SOP_INSTANCE_UID not in found.notes:
            instance = self._meta_instance(envelope, judge)
        return self._envelope_of(envelope, sop_class, instance)

    def _envelope_of(self, envelope: Envelope, sop_class: bytes, instance: bytes) -> bytes:
        syntax = envelope.syntax or _SYNTAX_OF[envelope.encoding.name]
        return self._stamp.envelope(
            sop_class or _registered_class(envelope), instance, syntax.encode("ascii")
        )

    def _meta_instance(self, envelope: Envelope, judge: Judge) -> bytes:
        """The instance that only the file meta information names, as the rules leave it.

        Those for (0002,0003) and for SOP Instance UID are asked, for it is both: what either
        changes is changed, what either takes away goes.  What is no UID goes, too.
        """
        raw = envelope.meta.get(MEDIA_STORAGE_SOP_INSTANCE_UID, b"").rstrip(b"\0 ")
        if not is_uid(uid_text(raw)):
            return b""
        tags = SOP_INSTANCE_UID, MEDIA_STORAGE_SOP_INSTANCE_UID
        new = [self._decided(tag, raw, judge) for tag in tags]
        return next((uid for uid in new if uid != raw), raw) if all(new) else b""

    def _decided(self, tag: int, raw: bytes, judge: Judge) -> bytes:
        """What the rules make of a UID if it stands at the top level under this tag."""
        claim = self.plan.claim(Element(tag, "UI", "UI"), root=True)
        if claim is None:
            return raw
        entry = Entry(OWNED, tag, "UI", "UI", claim=claim)
        new = Judge(raw, EXPLICIT_LE, judge.context, judge.charset_now).verdict(entry, 0, len(raw))
        return raw if new is None else new[entry.width :].rstrip(b"\0 ")

    def _uids(self, source: Source, found: Scan, splices: list[Splice]) -> tuple[str, str, str]:
        study, series, instance = (
            uid_text(value_after(source, found.notes, splices, tag))
            for tag in (STUDY_INSTANCE_UID, SERIES_INSTANCE_UID, SOP_INSTANCE_UID)
        )
        return study, series, instance


_SYNTAX_OF = {
    "EXPLICIT_LE": EXPLICIT_VR_LITTLE_ENDIAN,
    "EXPLICIT_BE": EXPLICIT_VR_BIG_ENDIAN,
    "IMPLICIT_LE": IMPLICIT_VR_LITTLE_ENDIAN,
}


def _noted_for(compiled: Compiled) -> frozenset[int]:
    """The attributes of the main data set whose values are asked for."""
    noted = NOTED
    if compiled.trim:
        noted |= TELL_LENGTH | {PIXEL_DATA}
    return noted if compiled.burned_in == "ignore" else noted | TELL_BURNED_IN


def marks_of(compiled: Compiled) -> Marks:
    """What the outputs of a configuration say of themselves."""
    return Marks(
        mark_text(compiled),
        compiled.codes,
        compiled.temporal.encode(),
        equipment=compiled.contributing,
    )


def _let_identify(judge: Judge, directory: Directory | None, start: int, stop: int) -> None:
    """Lets methods ask whom the data set is about; a DICOMDIR is about all that it lists."""
    source, encoding = judge.source, judge.encoding

    @cache
    def identify() -> Identity:
        from anonymizer.dicom.identity import identity_of

        return identity_of(source, start, stop, encoding)

    for context in (judge.context, *(directory.contexts if directory else ())):
        context.identify = identify


def mark_text(compiled: Compiled) -> bytes:
    """What De-identification Method says: tool, configuration, version, short digest; LO, 64."""
    configuration = f"{compiled.name} {compiled.version}".strip()
    digest = compiled.digest[:8]
    tool = f"anonymizer {VERSION}"
    room = 64 - len(tool) - len(digest) - 4
    text = f"{tool}; {configuration[:room]}; {digest}"
    return text.encode("ascii", "replace").replace(b"\\", b"/").replace(b"?", b"_")


def _private_watch(plan: Plan) -> PrivateWatch | None:
    if not keeps_private(plan):
        return None
    from anonymizer.rules.private import PrivateWatch

    return PrivateWatch(plan)


def _last_step(compiled: Compiled) -> LastStep | None:
    if compiled.recipients is None:
        return None
    from anonymizer.dicom.originals import SealOriginals

    return SealOriginals(compiled.recipients, compiled.secrets.entropy)


def _registered_class(envelope: Envelope) -> bytes:
    """The class that the file meta information names, where it is one of the standard's own."""
    raw = envelope.meta.get(MEDIA_STORAGE_SOP_CLASS_UID, b"").rstrip(b"\0 ")
    return raw if is_registered(raw.decode("latin-1")) else b""


def _leaves_nothing(splices: list[Splice], start: int, end: int) -> bool:
    """Whether the data set in ``source[start:end]`` loses all its elements and gets no other."""
    if not splices or splices[0][0] > start:
        return False
    return not end - start + sum(len(new) - (stop - begin) for begin, stop, new in splices)


def _asks_concept(span: Span) -> bool:
    claim = None if span[1] is None else span[1].claim
    return isinstance(claim, Claim) and claim.asks_concept


def inflated(source: Source, envelope: Envelope, stop: int) -> tuple[Source, int, int]:
    """Where the data set stands, and the bytes that hold it, which may be deflated in the file."""
    if not envelope.deflated:
        return source, envelope.start, stop
    from anonymizer.spill import kept

    inner = kept(inflated_parts(source, envelope.start, stop))
    return inner, 0, len(inner)


def _kept(parts: Iterable[bytes | memoryview]) -> list[Piece]:
    """New bytes that may be too many for memory."""
    from anonymizer.spill import kept

    whole = memoryview(kept(parts))
    return [whole[at : at + AT_ONCE] for at in range(0, len(whole), AT_ONCE)]


def _told_of(envelope: Envelope) -> list[str]:
    """What is to be told of what stood around the data set."""
    dual = [f"{envelope.dual}-preamble"] if envelope.dual else []
    return [*dual, FORCED] if envelope.forced else dual


def is_directory(envelope: Envelope) -> bool:
    return uid_text(envelope.meta.get(MEDIA_STORAGE_SOP_CLASS_UID, b"")) == MEDIA_STORAGE_DIRECTORY


def _may_be_short(envelope: Envelope) -> bool:
    return not envelope.deflated and not is_directory(envelope)


def _length_field(source: Source, value: int, stop: int, encoding: Encoding) -> Struct | None:
    """How the length of a value is written, whatever VR it is under; None for fragments."""
    if source[value - 4 : value] == b"\xff\xff\xff\xff":
        return None
    for form in (encoding.long, encoding.short):
        if form.unpack_from(source, value - form.size)[0] == stop - value:
            return form
    raise AssertionError("a value that is no run of fragments has a length")


def _raw_notes(source: Source, found: Scan, tags: frozenset[int]) -> dict[int, bytes]:
    return {tag: source[slice(*found.notes[tag])] for tag in tags if tag in found.notes}


def _noted(source: Source, found: Scan, tag: int) -> bytes:
    value, stop = found.notes.get(tag, (0, 0))
    return source[value:stop]


def _ended(
    trail: Trail | None,
    source: Source,
    found: Scan,
    splices: list[Splice],
    judge: Judge,
    *,
    trimmed: bool,
) -> Trail | None:
    """Tells a trail whom the image was about and is now, and what became of the pixels.

    With a DICOMDIR the splices are no longer where the notes are; it has neither.
    """
    if trail is None:
        return None
    notes = found.notes
    charset = judge.charset_now
    trail.patient = charset.decode_loosely(_noted(source, found, PATIENT_ID), "LO").strip(" \0")
    if trail.gives_pseudonym:
        after = value_after(source, notes, splices, PATIENT_ID)
        pseudonym = charset.decode_loosely(after, "LO").strip(" \0")
        trail.pseudonym = pseudonym if pseudonym != trail.patient else ""
    pixels = [notes[tag] for tag in PIXELS if tag in notes]
    if pixels:
        changed = any(
            begin < stop and end > value for value, stop in pixels for begin, end, _ in splices
        )
        trail.pixels = trimmed or not changed
    return trail
