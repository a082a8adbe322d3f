"""What must hold whatever the bytes are; each target takes bytes and raises where it does not.

    scan_target     a byte for the encoding, then a data set
    whole_target    a byte for the configuration, then a file

Only ``ImageError`` leaves the engine, and it quotes nothing.  A data set is covered by spans or
refused, and what was seen before changes nothing.  What is written is read again; without rules
it is identical; of what rules take nothing is left, and a second time they find nothing; the
short way of a series gives what the long way gives.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from zlib import crc32

from coverage_of import covered
from engine import KEY, TODAY, compiled, rule
from fuzz.seeds import CANARY
from oracle.pydicom_edits import Unreadable, read
from sweep import Place, Sweep

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of
from anonymizer.dicom.part10 import split
from anonymizer.dicom.scan import scan
from anonymizer.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, Encoding
from anonymizer.dicom.table import Tables
from anonymizer.errors import ImageError
from anonymizer.pipeline import Pipeline, is_directory
from anonymizer.rules.plan import Plan
from anonymizer.series import Series

if TYPE_CHECKING:
    from anonymizer.rules.compiled import Compiled

ENCODINGS = (EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE)
RENEWED_AFTER = 100_000
"""Executions; what tables remember is bounded, but there are many of them here."""


# The scanner


class Scanners:
    """An interest in a few elements, whose tables are warm."""

    def __init__(self) -> None:
        few = compiled(
            rule("PN", "remove"),
            rule("(0029,ACME 1,01)", "keep"),
            rule("private", "remove"),
            rule("UN", "remove"),
        )
        self.few = Tables(Plan(few.rules), marks=MARKS)

    def fresh(self) -> Tables:
        return Tables(self.few.interest, marks=MARKS)


NOBODYS = Tables(Plan(()))
MARKS = (0x00120062, 0x00120063, 0x00280303)


@cache
def _scanners(_: int) -> Scanners:
    return Scanners()


_runs = 0


def scan_target(data: bytes) -> None:
    global _runs  # noqa: PLW0603  for one process that does nothing else
    _runs += 1
    scanners = _scanners(_runs // RENEWED_AFTER)
    encoding, source = ENCODINGS[data[0] % 3 if data else 0], data[1:]
    try:
        end = covered(source, encoding).end
    except ImageError as refused:
        _quotes_nothing(refused)
    else:
        assert scan(source, 0, len(source), encoding, NOBODYS).end == end
    warm = _spans(source, encoding, scanners.few)
    if len(data) < 64 or not crc32(data) % 8:
        assert _spans(source, encoding, scanners.fresh()) == warm, "what was seen before counts"


def _spans(source: bytes, encoding: Encoding, tables: Tables) -> object:
    try:
        found = scan(source, 0, len(source), encoding, tables)
    except ImageError as refused:
        return refused.reason, refused.offset
    spans = [(code, entry and entry.tag, *places) for code, entry, *places in found.spans]
    return spans, found.notes, found.marks, found.end


# The whole path

KEEP = [rule(path, "keep") for path in ("Modality", "Rows", "SOPInstanceUID", "UL")]
RULES: dict[str, dict[str, object]] = {
    "nothing": {"rules": [], "mark": False},
    "names": {"rules": [rule("PN", "remove"), rule("private", "remove")], "mark": False},
    "allow-list": {"rules": KEEP, "otherwise": "remove", "mark": False},
    "values": {
        "rules": [
            rule("(0029,ACME 1,01)", "keep"),
            rule("ReferencedStudySequence[0].PN", "redact"),
            rule("ContentSequence.PN", "remove"),
            rule("PN", "substitute", replaceWith="ANON^Ÿ", onError="remove"),
            rule("LO", "cryptoHash"),
            rule("DA", "dateShift", onError="refuse"),
            rule("private", "remove"),
        ]
    },
    "by instance": {
        "rules": [
            rule("DA", "dateShift", dateShiftScope="SopInstance"),
            rule("PatientWeight", "perturb"),
            rule("SH", "encrypt"),
            rule("UI", "refreshUID"),
            rule("PN", "pseudonym"),
            rule("LT", "regexReplace", find="Canary", replace="x"),
        ]
    },
    **{
        name: {"extends": name}
        for name in ("basic", "example", "ps3.15-basic", "research-modified-dates", "mr-physics")
    },
}
FINAL = frozenset(("names", "allow-list"))
"""Configurations whose outputs they change no more."""


class Engine:
    """One configuration: the long way, and the short way of a series."""

    def __init__(self, name: str) -> None:
        self.name = name
        rules = made(RULES[name])
        self.sweep = Sweep(rules)
        self.long = Pipeline(rules, names=True, series=False)
        self.short = Pipeline(rules, names=True)

    def left(self, file: bytes, output: bytes) -> list[Place]:
        """Where another reader finds the word as it was in what a rule takes or makes anew."""
        try:
            before = {leaf.place: leaf.value for leaf in self.sweep.leaves(read(file))}
            after = [leaf for leaf in self.sweep.leaves(read(output)) if CANARY in leaf.value]
        except Unreadable:
            return []
        same = (leaf for leaf in after if before.get(leaf.place) == leaf.value)
        return [leaf.place for leaf in same if leaf.gone or not self.sweep.may_stay(leaf)]

    def outcomes(self, file: bytes) -> tuple[list[object], list[object]]:
        """What the two ways make of a file that comes again and again, and of a slice like it."""
        self.short._series = Series(self.short.plan, self.short._tables)
        files = (file, file, _next_of_series(file), file)
        return [_counted(self.long, f) for f in files], [_counted(self.short, f) for f in files]


def made(keys: dict[str, object]) -> Compiled:
    keys = {"version": "1", "name": "fuzz", "parameters": {"key": KEY}, **keys}
    rules = compile_configuration(configuration_of(keys), environ={}, entropy=bytes, today=TODAY)
    for each in rules.rules:
        if each.method.name == "encrypt":
            each.method._entropy = bytes  # type: ignore[attr-defined]  # the same for both ways
    return rules


@cache
def _engines(_: int) -> dict[str, Engine]:
    return {name: Engine(name) for name in RULES}


def whole_target(data: bytes) -> None:
    global _runs  # noqa: PLW0603  for one process that does nothing else
    _runs += 1
    if not data:
        return
    engines = _engines(_runs // RENEWED_AFTER)
    nothing, engine = engines["nothing"], [*engines.values()][data[0] % len(engines)]
    file = data[1:]
    untouched = outcome(nothing.long, file)
    if isinstance(untouched, bytes):
        _is_identical(file, untouched)
    output = outcome(engine.long, file)
    if isinstance(output, bytes):
        again = outcome(nothing.long, output)
        _is_read_again(file, output, again)
        if engine.name in FINAL and isinstance(again, bytes):
            assert outcome(engine.long, output) == output, "a second time nothing is found"
        if CANARY in output:
            assert not engine.left(file, output), "what rules take, another reader does not find"
    if data[0] & 0x80:
        long, short = engine.outcomes(file)
        assert long == short, "both ways give the same"


def outcome(pipeline: Pipeline, file: bytes) -> bytes | str:
    try:
        return bytes(pipeline.anonymize(file, len(file)))
    except ImageError as refused:
        _quotes_nothing(refused)
        return refused.reason


def _counted(pipeline: Pipeline, file: bytes) -> object:
    """The output with who decided about how much, or why there is none."""
    try:
        output = pipeline.anonymize(file, len(file))
    except ImageError as refused:
        return refused.reason, refused.message
    tally = output.tally
    return bytes(output), tally.counts(), tally.fault_counts(), output.uids, output.warnings


def _quotes_nothing(refused: ImageError) -> None:
    assert CANARY.decode() not in f"{refused} {refused!r} {refused.args} {refused.__context__!r}"


def _is_identical(file: bytes, output: bytes) -> None:
    """But for the offsets of a DICOMDIR, which has another envelope before it."""
    envelope = split(file, len(file))
    before, after = file[envelope.start :], output[split(output, len(output)).start :]
    same = len(before) == len(after) if is_directory(envelope) else before == after
    assert same, "what nobody decides about is the same"


def _is_read_again(file: bytes, output: bytes, again: bytes | str) -> None:
    """The data set may lose the first element, by which it is recognised, and nothing else.

    Group 0200 in big endian, which DICOM has not, looks like more file meta information.
    """
    if again == output:
        return
    before = split(file, len(file))
    start = 0 if before.bare else 144 + int.from_bytes(output[140:144], "little")
    lost = again in ("not-dicom", "wrong-syntax") or output[start : start + 2] == b"\x02\0"
    assert lost, "what is written is read again"
    assert not before.deflated, "deflated data sets are not recognised by an element"
    assert scan(output, start, len(output), before.encoding, NOBODYS).end


def _next_of_series(file: bytes) -> bytes:
    """The file with another digit where its bytes say: mostly in a value, such as a UID's end."""
    digits = [at for at, byte in enumerate(file) if 0x30 <= byte <= 0x38]
    if not digits:
        return file
    at = digits[crc32(file) % len(digits)]
    return file[:at] + bytes((file[at] + 1,)) + file[at + 1 :]
