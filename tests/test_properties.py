"""What holds for every image: data sets are generated, and what is expected is generated, too.

any bytes                   are covered or refused, and nothing but ImageError is raised
no decision                 the data set is identical
a decision                  the data set is the one that would have been written without
what was written            is read again, and a second run that keeps everything changes nothing
a file that is cut off      is refused, or ends where an element ends
what rules remove           is nowhere in the output
what rules remove           no other reader finds in the output, however damaged the input was
the short way of a series   gives what the long way gives
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from coverage_of import covered
from engine import after, anonymized, compiled, rule
from hypothesis import example, given, settings
from hypothesis import strategies as st
from image import (
    DEFLATED_LE,
    EXPLICIT,
    IMPLICIT,
    ITEM,
    ITEM_END,
    SEQUENCE_END,
    Writer,
    dataset_of,
    element,
    encapsulated,
    file_meta,
    item,
    part10,
    sequence,
    writer_of,
)
from image import EXPLICIT_BE as BIG
from image import EXPLICIT_LE as PLAIN
from image import IMPLICIT_LE as NO_VR
from pydicom import dcmread

from anonymizer.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, Encoding
from anonymizer.errors import ImageError
from anonymizer.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom import DataElement, Dataset

ENCODINGS = [IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE]
SYNTAXES = [NO_VR, PLAIN, BIG, DEFLATED_LE]
CANARY = "Canary"


# Data sets as trees


@dataclass(frozen=True)
class Leaf:
    tag: int
    vr: str
    value: str

    def write(self, w: Writer) -> bytes:
        return w.element(self.tag, self.vr, self.value)


@dataclass(frozen=True)
class Sequence:
    tag: int
    items: tuple[tuple[Node, ...], ...]
    undefined: bool
    undefined_items: bool
    unknown: bool

    def write(self, w: Writer) -> bytes:
        inner = IMPLICIT if self.unknown and not w.implicit else w
        items = b"".join(
            inner.item(write(inner, nodes), undefined=self.undefined_items) for nodes in self.items
        )
        if self.undefined:
            items += inner.tag(SEQUENCE_END) + bytes(4)
        length = 0xFFFFFFFF if self.undefined else len(items)
        return w.element(self.tag, "UN" if self.unknown else "SQ", items, length=length)


Node = Leaf | Sequence
Nodes = tuple[Node, ...]

NAMES = (0x00080090, 0x00081070, 0x00100010, 0x00101005, 0x00321032)
OTHERS = ((0x00080050, "SH"), (0x00080060, "CS"), (0x00100020, "LO"), (0x00204000, "LT"))
CREATOR = Leaf(0x00190010, "LO", "Secret")
PRIVATE = ((0x00191001, "LO"), (0x00191002, "SH"), (0x00291001, "LT"))
SEQUENCES = (0x00081110, 0x00081115, 0x0040A730, 0x00102202)

names = st.builds(
    Leaf,
    st.sampled_from(NAMES),
    st.sampled_from(("PN", "PN", "UN", "OB")),
    st.integers(0, 999).map(lambda number: f"{CANARY}^{number}"),
)
texts = st.text("abc 0123", max_size=6)
others = st.builds(lambda kind, text: Leaf(kind[0], kind[1], text), st.sampled_from(OTHERS), texts)
privates = st.just(CREATOR) | st.builds(
    lambda kind, text: Leaf(kind[0], kind[1], f"Secret {text}"), st.sampled_from(PRIVATE), texts
)


def sequences(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    items = st.lists(st.lists(nodes, max_size=3).map(tuple), max_size=3).map(tuple)
    return st.builds(
        Sequence, st.sampled_from(SEQUENCES), items, st.booleans(), st.booleans(), st.booleans()
    )


data_sets = st.lists(
    st.recursive(names | others | privates, sequences, max_leaves=8), min_size=1, max_size=6
).map(tuple)


def write(w: Writer, nodes: Nodes) -> bytes:
    """In any order, but for creators: behind what they claim they are refused."""
    return b"".join(node.write(w) for node in sorted(nodes, key=lambda node: node != CREATOR))


def changed(nodes: Nodes, change: Callable[[Leaf], Leaf | None]) -> Nodes:
    """The tree with every leaf changed, or left out, at every depth."""
    out: list[Node] = []
    for node in nodes:
        if isinstance(node, Sequence):
            out.append(replace(node, items=tuple(changed(i, change) for i in node.items)))
        elif (new := change(node)) is not None:
            out.append(new)
    return tuple(out)


def without_names(leaf: Leaf) -> Leaf | None:
    return None if leaf.tag in NAMES else leaf


def other_names(leaf: Leaf) -> Leaf:
    return replace(leaf, value="SOMEBODY^ELS") if leaf.tag in NAMES else leaf


def without_private(leaf: Leaf) -> Leaf | None:
    return None if leaf.tag & 0x10000 else leaf


# A small end keeps every data set from being empty.
END = Leaf(0x7FE00010, "OW", "ab")


@given(data_sets, st.sampled_from(SYNTAXES))
def test_no_decision_leaves_identical_bytes(nodes: Nodes, syntax: str) -> None:
    before = write(writer_of(syntax), (*nodes, END))
    assert after(before, syntax=syntax) == before
    assert after(before, rule("*", "keep"), syntax=syntax) == before
    assert after(before, rule("ROIName", "remove"), syntax=syntax) == before


@given(data_sets, st.sampled_from(SYNTAXES))
def test_a_decision_leaves_what_would_have_been_written_without(nodes: Nodes, syntax: str) -> None:
    w = writer_of(syntax)
    before = write(w, (*nodes, END))
    for rules, change in (
        ([rule("PN", "remove")], without_names),
        ([rule("PN", "substitute", replaceWith="SOMEBODY^ELS")], other_names),
        ([rule("private", "remove")], without_private),
    ):
        expected = write(w, (*changed(nodes, change), END))
        assert after(before, *rules, syntax=syntax) == expected


@given(data_sets, st.sampled_from(SYNTAXES))
def test_nothing_removed_is_left_and_what_is_written_is_read_again(
    nodes: Nodes, syntax: str
) -> None:
    file = part10(write(writer_of(syntax), (*nodes, END)), syntax)
    rules = [rule("PN", "remove"), rule("private", "remove"), rule("LO", "cryptoHash")]
    output = anonymized(file, *rules, mark=True)
    dataset, _ = dataset_of(output)
    assert CANARY.encode() not in dataset
    assert b"Secret" not in dataset
    assert anonymized(output) == output
    again = anonymized(output, *rules, mark=True)
    assert again.count(b"anonymizer ") == output.count(b"anonymizer ")


@given(data_sets, st.sampled_from(SYNTAXES))
def test_an_allow_list_lets_nothing_else_through(nodes: Nodes, syntax: str) -> None:
    before = write(writer_of(syntax), (*nodes, END))
    allow = [rule("Modality", "keep"), rule("PixelData", "keep")]
    left = after(before, *allow, otherwise="remove", syntax=syntax)
    assert CANARY.encode() not in left
    assert b"Secret" not in left
    assert after(left, *allow, otherwise="remove", syntax=syntax) == left


DAMAGES = (
    b"\0",
    b"\xff" * 4,
    b"UN",
    b"SQ",
    b"OB",
    b"UT",
    b"\x08\0\0\0",
    EXPLICIT.tag(ITEM),
    EXPLICIT.tag(ITEM_END),
    EXPLICIT.tag(SEQUENCE_END),
)

damages = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(DAMAGES)), max_size=2)


def seen_by_pydicom(file: bytes) -> list[DataElement]:
    try:
        return list(_elements_of(dcmread(BytesIO(file))))
    except Exception:  # noqa: BLE001  what pydicom cannot read it shows to nobody
        return []


def _elements_of(data_set: Dataset) -> Iterator[DataElement]:
    for tag in list(data_set.keys()):
        yield data_set[tag]
        if data_set[tag].VR == "SQ":
            for inner in data_set[tag].value:
                yield from _elements_of(inner)


@settings(derandomize=True)
@given(data_sets, st.sampled_from([NO_VR, PLAIN, DEFLATED_LE]), damages)
@pytest.mark.filterwarnings("ignore")
def test_no_other_reader_finds_what_rules_remove(
    nodes: Nodes, syntax: str, damages: list[tuple[int, bytes]]
) -> None:
    """Not in big endian: pydicom takes the little endian items of UN for others (PS3.5 6.2.2)."""
    damaged = bytearray(write(writer_of(syntax), (*nodes, END)))
    for place, new in damages:
        at = place % len(damaged)
        damaged[at : at + len(new)] = new
    file = part10(bytes(damaged), syntax)
    with suppress(ImageError):
        seen = seen_by_pydicom(anonymized(file, rule("PN", "remove")))
        assert not [element.tag for element in seen if element.VR == "PN" or element.tag in NAMES]
        seen = seen_by_pydicom(anonymized(file, rule("private", "remove")))
        assert not [element.tag for element in seen if element.tag.is_private]


# Bytes that are none of this

PIECES = [
    element("PatientName", "PN", "Doe^Jane"),
    element("PatientID", "LO", "42"),
    element("0019,0010", "LO", "A"),
    element("0019,1001", "UN", item(element("PatientName", "PN", "Doe"))),
    element(0x00100000, "UL", 30),
    element("SpecificCharacterSet", "CS", "ISO 2022 IR 87"),
    element("DeidentificationMethod", "LO", "x"),
    sequence("ReferencedStudySequence", length=0xFFFFFFFF),
    sequence("ReferencedStudySequence", length=40),
    sequence("ReferencedStudySequence", vr="UN", length=0xFFFFFFFF),
    item(length=0xFFFFFFFF),
    item(length=16),
    IMPLICIT.tag(ITEM_END) + bytes(4),
    IMPLICIT.tag(SEQUENCE_END) + bytes(4),
    IMPLICIT.element("PatientName", "PN", "Doe^Jane"),
    encapsulated(b"abcd"),
    bytes(8),
    b"\0",
    b"\xff\xff\xff\xff",
]
soups = st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=12).map(b"".join)

RULES = [
    [],
    [rule("PatientName", "remove"), rule("private", "remove")],
    [rule("PN", "substitute", replaceWith="X"), rule("LO", "cryptoHash"), rule("SQ", "redact")],
    [rule("(0019,A,01)", "keep"), rule("ReferencedStudySequence[0].PN", "remove")],
]
PIPELINES = [
    Pipeline(compiled(*rules, mark=mark, otherwise=otherwise), watch=mark)
    for rules in RULES
    for mark, otherwise in ((True, "keep"), (False, "remove"))
]


@given(soups | st.binary(max_size=200), st.sampled_from(ENCODINGS))
def test_any_bytes_are_covered_or_refused(source: bytes, encoding: Encoding) -> None:
    with suppress(ImageError):
        covered(source, encoding)


def outcome(pipeline: Pipeline, file: bytes) -> bytes | str:
    """The output, or the reason why there is none; anything else but ImageError is raised."""
    try:
        return bytes(pipeline.anonymize(file, len(file)))
    except ImageError as refused:
        text = f"{refused} {refused!r} {refused.args}"
        assert "Doe" not in text
        return refused.reason


@given(soups, st.sampled_from([*SYNTAXES, "1.2.840.10008.1.2.4.50"]), st.sampled_from(PIPELINES))
def test_any_data_set_is_written_or_refused(soup: bytes, syntax: str, pipeline: Pipeline) -> None:
    output = outcome(pipeline, part10(soup, syntax))
    if isinstance(output, bytes) and dataset_of(output)[0].strip(b"\0"):
        assert anonymized(output) == output


@given(st.binary(max_size=300), st.sampled_from(PIPELINES))
@example(bytes(128) + b"DICM", PIPELINES[0])
def test_any_file_is_written_or_refused(file: bytes, pipeline: Pipeline) -> None:
    outcome(pipeline, file)
    outcome(pipeline, bytes(128) + b"DICM" + file)
    outcome(pipeline, file_meta() + file)


def small_image(syntax: str) -> bytes:
    w = writer_of(syntax)
    nested = w.sequence(
        "ReferencedStudySequence",
        w.item(w.element("PatientName", "PN", "Doe^Jane"), undefined=True),
        w.item(w.element("PatientID", "LO", "42")),
        undefined=True,
    )
    dataset = (
        w.element("SpecificCharacterSet", "CS", "ISO_IR 100")
        + w.element("SOPInstanceUID", "UI", "1.2.3")
        + nested
        + w.sequence("RequestAttributesSequence", w.item(w.element("StudyID", "SH", "7")))
        + w.element("PatientName", "PN", "Doe^Jane")
        + w.element("0019,0010", "LO", "A")
        + w.element("0019,1001", "UN", IMPLICIT.item(IMPLICIT.element("PatientName", "PN", "Doe")))
        + w.element("PixelData", "OW", bytes(range(16)))
    )
    return part10(dataset, syntax)


@given(st.sampled_from(SYNTAXES), st.data())
def test_a_file_with_wrong_bytes_is_written_or_refused(syntax: str, data: st.DataObject) -> None:
    file = bytearray(small_image(syntax))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(file) - 1))
        file[at] = data.draw(
            st.sampled_from([0, 1, 0xFF, 0x7F, 0x80, file[at] ^ 1, file[at] ^ 0x20])
        )
    for pipeline in PIPELINES[:4]:
        outcome(pipeline, bytes(file))


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_file_cut_off_anywhere_is_refused_or_ends_with_an_element(syntax: str) -> None:
    file = small_image(syntax)
    whole, w = dataset_of(file)
    start = len(file) - len(whole)
    keeps = Pipeline(compiled(), series=False)
    removes = Pipeline(compiled(rule("PN", "remove")), series=False)
    complete = set()
    for stop in range(len(file)):
        cut = file[:stop]
        output = outcome(keeps, cut)
        if isinstance(output, bytes):
            complete.add(stop)
            if syntax == DEFLATED_LE:  # only the padding behind the stream is missing
                assert dataset_of(output)[0].endswith(whole[-16:])
            else:
                assert output[len(output) - (stop - start) :] == cut[start:]
            taken = outcome(removes, cut)
            assert isinstance(taken, bytes)
            assert b"Doe^Jane" not in taken
    if syntax == DEFLATED_LE:
        assert complete <= {len(file) - 1}  # the padding of the stream alone may be missing
        return
    lengths = [len(part) for part in root_elements(w)]
    ends = {start + sum(lengths[: number + 1]) for number in range(len(lengths) - 1)}
    # The first byte of a big endian tag is zero, and so is short padding.
    assert complete == ends | {end + 1 for end in ends if not file[end]}


def root_elements(w: Writer) -> list[bytes]:
    """The elements of the small image's main data set."""
    dataset, _ = dataset_of(
        small_image({True: NO_VR}.get(w.implicit, BIG if w.big_endian else PLAIN))
    )
    from anonymizer.dicom.scan import CLOSE_SEQUENCE, OPEN_SEQUENCE, THE_FENCE
    from anonymizer.dicom.syntax import encoding_of

    found = covered(dataset, encoding_of(NO_VR if w.implicit else BIG if w.big_endian else PLAIN))
    starts = []
    depth = 0
    for code, _, start, _, _ in found.spans:
        if not depth and code not in (CLOSE_SEQUENCE, THE_FENCE):
            starts.append(start)
        depth += (code == OPEN_SEQUENCE) - (code == CLOSE_SEQUENCE)
    return [dataset[a:b] for a, b in zip(starts, [*starts[1:], len(dataset)], strict=True)]


# A series of files

BASE = [
    element("SOPClassUID", "UI", "1.2.840.10008.5.1.4.1.1.7"),
    element("SOPInstanceUID", "UI", "1.2.3.1"),
    element("StudyDate", "DA", "20200115"),
    element("AccessionNumber", "SH", "7"),
    element("Modality", "CS", "CT"),
    element("ReferringPhysicianName", "PN", "Roe^Ann"),
    element("PatientName", "PN", "Doe^Jane"),
    element("PatientID", "LO", "42"),
    element("PatientBirthDate", "DA", "19600229"),
    element("SliceThickness", "DS", "1"),
    element("0019,0010", "LO", "A"),
    element("0019,1001", "LO", "a1"),
    element("0019,1002", "SH", "a2"),
    element("StudyInstanceUID", "UI", "1.2.4"),
    element("SeriesInstanceUID", "UI", "1.2.5"),
    element("InstanceNumber", "IS", "1"),
    element("Rows", "US", 2),
    sequence("RequestAttributesSequence", item(element("StudyID", "SH", "7"))),
    element("PixelData", "OW", b"abcd"),
]
EXTRA = [
    *BASE,
    element("SOPInstanceUID", "UI", "1.2.3.2"),
    element("SOPInstanceUID", "UI", ""),
    element("InstanceNumber", "IS", "2"),
    element("PatientID", "LO", "43"),
    element("IssuerOfPatientID", "LO", "X"),
    element("SpecificCharacterSet", "CS", "ISO_IR 192"),
    element("PatientIdentityRemoved", "CS", "NO"),
    element("DeidentificationMethod", "LO", "by hand"),
    element("0019,0010", "LO", "B"),
    element("0019,0011", "LO", "A"),
    element("0019,1101", "LO", "b1"),
    element(0x00100000, "UL", 30),
    element("PatientComments", "LT", "Doe"),
    element("StudyDate", "DA", "garbage"),
    sequence("RequestAttributesSequence", item(element("PatientName", "PN", "Doe"))),
    bytes(8),
    bytes(3),
]
SERIES_RULES: list[list[dict[str, object]]] = [
    [],
    [rule("PN", "remove"), rule("DA", "dateShift"), rule("UI", "refreshUID")],
    [rule("private", "remove"), rule("PatientID", "cryptoHash"), rule("DA", "dateShift")],
    [rule("(0019,A,01)", "keep"), rule("private", "remove")],
    [rule("(0019,1002)", "keep"), rule("private", "remove")],
    [rule("(0019,0010)", "remove"), rule("LO", "redact")],
    [rule("DA", "dateShift", dateShiftScope="SopInstance"), rule("PN", "redact")],
    [rule("DA", "dateShift", onError="refuse")],
]

edits = st.lists(
    st.tuples(
        st.sampled_from("drop insert swap replace".split()),
        st.integers(0, 40),
        st.sampled_from(EXTRA),
    ),
    max_size=3,
)


def edited(parts: list[bytes], changes: list[tuple[str, int, bytes]]) -> list[bytes]:
    parts = list(parts)
    for what, number, new in changes:
        at = number % (len(parts) or 1)
        if what == "insert":
            parts.insert(at, new)
        elif parts and what == "drop":
            del parts[at]
        elif parts and what == "swap":
            parts.append(parts.pop(at))
        elif parts:
            parts[at] = new
    return parts


def with_counts(pipeline: Pipeline, file: bytes) -> object:
    """The output with who decided about how many attributes, or the reason why there is none."""
    try:
        output = pipeline.anonymize(file, len(file))
    except ImageError as refused:
        return refused.reason
    return bytes(output), output.tally.counts(), output.tally.fault_counts(), output.uids


@given(
    edits,
    st.lists(edits, min_size=1, max_size=3),
    st.sampled_from(SERIES_RULES),
    st.sampled_from(["keep", "remove"]),
    st.booleans(),
)
@example(
    [],
    [[("insert", 0, element("StudyDate", "DA", "garbage ")), ("insert", 1, bytes(8))]],
    [{"dicomTagPath": "DA", "method": "dateShift", "onError": "refuse"}],
    "keep",
    False,
)
@settings(max_examples=300)
def test_the_short_way_of_a_series_gives_what_the_long_way_gives(
    common: list[tuple[str, int, bytes]],
    changes: list[list[tuple[str, int, bytes]]],
    rules: list[dict[str, object]],
    otherwise: str,
    mark: bool,
) -> None:
    parts = edited(BASE, common)
    kept = [rule(path, "keep") for path in ("Modality", "Rows", "SOPInstanceUID")]
    plan = compiled(
        *rules, *(kept if otherwise == "remove" else []), otherwise=otherwise, mark=mark
    )
    short, long = Pipeline(plan, names=True), Pipeline(plan, names=True, series=False)
    for change in ([], [], [], *changes, []):
        file = part10(b"".join(edited(parts, change)))
        assert with_counts(short, file) == with_counts(long, file)
