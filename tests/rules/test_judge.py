"""What becomes of one value, of one that no method can treat, and of the marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from engine import Does, after, compiled, compiled_with, output_of, rule
from image import (
    BIG_ENDIAN,
    EXPLICIT_BE,
    IMPLICIT,
    IMPLICIT_LE,
    PIXEL_DATA,
    Writer,
    dataset_of,
    element,
    encapsulated,
    item,
    part10,
    sequence,
)

from anonymizer.dicom.attribute import EMPTY, KEEP, REMOVE, Attribute, Replace
from anonymizer.errors import ImageError, ValueFault
from anonymizer.methods.substitute import Substitute
from anonymizer.pipeline import Pipeline
from anonymizer.rules import judge as judge_module
from anonymizer.rules.judge import path_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.dicom.attribute import Decision
    from anonymizer.dicom.context import Context
    from anonymizer.pipeline import Output

SECRET = "Doe^Jane"
NAME = element("PatientName", "PN", SECRET)
ID = element("PatientID", "LO", "42")
STUDIES = "ReferencedStudySequence"


def done(
    function: Callable[[Attribute], Any],
    dataset: bytes = NAME + ID,
    path: str = "PatientName",
    on_error: str = "redact",
) -> Output:
    """A data set through a method of the test's own."""
    file = part10(dataset)
    return Pipeline(compiled_with(path, Does(function), on_error)).anonymize(file, len(file))


def raising(error: Exception) -> Callable[[Attribute], Any]:
    def function(attribute: Attribute) -> None:
        raise error

    return function


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (KEEP, NAME),
        (REMOVE, b""),
        (EMPTY, element("PatientName", "PN")),
        (Replace(b"X"), element("PatientName", "PN", "X ")),
        (Replace(b"Roe^Jane^Longer"), element("PatientName", "PN", "Roe^Jane^Longer ")),
        (Replace(b"x" * 0xFFFE), element("PatientName", "PN", "x" * 0xFFFE)),
    ],
)
def test_a_decision_is_written(decision: object, expected: bytes) -> None:
    output = done(lambda _: decision)
    assert dataset_of(bytes(output))[0] == expected + ID
    assert output.tally.counts() == {0: 1}
    assert output.tally.fault_counts() == {}


FAULTS: list[tuple[str, Callable[[Attribute], Any], str]] = [
    (
        "an error with the value in its text",
        raising(ValueError(SECRET)),
        "does failed with ValueError",
    ),
    ("an error of a look-up", raising(KeyError(SECRET)), "does failed with KeyError"),
    (
        "a fault with the value in its text",
        raising(ValueFault(SECRET)),
        "does cannot treat the value",
    ),
    ("no end", raising(RecursionError(SECRET)), "does failed with RecursionError"),
    ("an image error", raising(ImageError("x", SECRET)), "does failed with ImageError"),
    ("nothing", lambda _: None, "does gave no decision"),
    ("text", lambda _: SECRET, "does gave no decision"),
    ("text to be written", lambda _: Replace(SECRET), "does gave no decision"),  # type: ignore[arg-type]
    (
        "a value longer than its length can say",
        lambda _: Replace(b"x" * 0xFFFF),
        "the new value is longer than its length field can say",
    ),
]


@pytest.mark.parametrize(
    ("function", "message"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
def test_a_value_that_no_method_can_treat_is_never_kept(
    function: Callable[[Attribute], Any], message: str
) -> None:
    redacted = done(function)
    assert dataset_of(bytes(redacted))[0] == element("PatientName", "PN") + ID
    assert redacted.tally.fault_counts() == {(0x00100010, 0, message): 1}
    removed = done(function, on_error="remove")
    assert dataset_of(bytes(removed))[0] == ID
    with pytest.raises(ImageError) as raised:
        done(function, on_error="refuse")
    assert raised.value.reason == "value-refused"
    assert str(raised.value) == f"PatientName: {message}"
    assert SECRET not in f"{raised.value!r} {raised.value.args} {raised.value.__cause__}"


def test_a_refusal_names_the_place() -> None:
    inside = sequence(STUDIES, item(ID), item(NAME))
    with pytest.raises(ImageError, match=r"ReferencedStudySequence\[1\]\.PatientName: does failed"):
        done(raising(ValueError()), inside, on_error="refuse")
    assert path_text((), 0x00191001) == "(0019,1001)"


GARBAGE = element("StudyDate", "DA", "garbage!")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [({}, element("StudyDate", "DA")), ({"onError": "remove"}, b""), ({"onError": "refuse"}, None)],
)
def test_garbage_is_treated_as_the_rule_says(
    policy: dict[str, str], expected: bytes | None
) -> None:
    shift = rule("StudyDate", "dateShift", **policy)
    if expected is not None:
        assert after(GARBAGE + ID, shift) == expected + ID
        return
    with pytest.raises(ImageError, match="StudyDate: ") as raised:
        after(GARBAGE + ID, shift)
    assert "garbage" not in str(raised.value)


@pytest.mark.parametrize(("policy", "stays"), [("redact", True), ("remove", False)])
def test_a_sequence_that_a_method_cannot_treat(policy: str, stays: bool) -> None:
    shift = rule(STUDIES, "dateShift", onError=policy)
    expected = sequence(STUDIES) if stays else b""
    output = output_of(part10(sequence(STUDIES, item(NAME)) + ID), shift)
    assert dataset_of(bytes(output))[0] == expected + ID
    assert [key[:2] for key in output.tally.fault_counts()] == [(0x00081110, 0)]
    with pytest.raises(ImageError):
        after(sequence(STUDIES, item(NAME)), rule(STUDIES, "dateShift", onError="refuse"))


# What a method sees


def seen(dataset: bytes, path: str, syntax: str = "1.2.840.10008.1.2.1") -> list[Attribute]:
    attributes: list[Attribute] = []

    def function(attribute: Attribute) -> object:
        attributes.append(attribute)
        return KEEP

    file = part10(dataset, syntax)
    Pipeline(compiled_with(path, Does(function))).anonymize(file, len(file))
    return attributes


def test_a_method_sees_the_value_as_it_stands_and_where() -> None:
    inner = sequence(
        "ReferencedSeriesSequence", item(ID), item(element("PatientName", "PN", "Roe"))
    )
    root, nested = seen(sequence(STUDIES, item(inner)) + NAME, "PatientName")[::-1]
    assert (root.tag, root.vr, root.value, root.path) == (0x00100010, "PN", SECRET.encode(), ())
    assert nested.value == b"Roe "
    assert nested.path == ((0x00081110, 0), (0x00081115, 1))


def test_a_method_sees_the_private_creator() -> None:
    dataset = element("0019,0010", "LO", "ACME 1.0 ") + element("0019,1001", "LO", "x")
    (attribute,) = seen(dataset, '(0019,"ACME 1.0",01)')
    assert attribute.creator == "ACME 1.0"


@pytest.mark.parametrize("vr", ["OB", "LO", "UT", "OW", "UN", "SH", "PN"])
@pytest.mark.parametrize("block", ["10", "FE"])
def test_a_private_name_is_one_whatever_vr_it_is_written_with(vr: str, block: str) -> None:
    creator = element(f"3103,00{block}", "LO", "AMI Sequence Annotations_01")
    name = element(f"3103,{block}80", vr, SECRET)
    assert after(creator + name, rule("PN", "remove")) == creator
    nested = sequence("ReferencedStudySequence", item(creator, name, ID))
    kept = sequence("ReferencedStudySequence", item(creator, ID))
    assert after(nested, rule("PN", "remove")) == kept
    assert after(creator + name, rule("DA", "remove")) == creator + name


def test_a_private_name_in_a_binary_vr_is_not_owned_as_what_it_is_not() -> None:
    creator = element("3103,0010", "LO", "AMI Sequence Annotations_01")
    dataset = creator + element("3103,1080", "OB", SECRET)
    assert after(dataset, rule("OB", "keep"), rule("PN", "remove")) == creator


def test_a_method_sees_the_byte_order_also_inside_un() -> None:
    hidden = BIG_ENDIAN.sequence(STUDIES, IMPLICIT.item(IMPLICIT.element("Rows", "US", 1)), vr="UN")
    dataset = hidden + BIG_ENDIAN.element("Rows", "US", 1)
    orders = [(a.value, a.big_endian) for a in seen(dataset, "Rows", EXPLICIT_BE)]
    assert orders == [(b"\1\0", False), (b"\0\1", True)]


def test_a_method_sees_whether_pixels_are_encapsulated() -> None:
    (plain,) = seen(element(PIXEL_DATA, "OB", b"ab"), "PixelData")
    (fragments,) = seen(encapsulated(b"ab"), "PixelData", "1.2.840.10008.1.2.4.50")
    assert not plain.encapsulated
    assert fragments.encapsulated
    assert fragments.value == encapsulated(b"ab")[12:]


def test_fragments_may_be_replaced_by_fragments() -> None:
    new = encapsulated(b"wxyz")
    file = part10(encapsulated(b"ab") + ID, "1.2.840.10008.1.2.4.50")
    does = Does(lambda _: Replace(new[12:], encapsulated=True))
    output = bytes(Pipeline(compiled_with("PixelData", does)).anonymize(file, len(file)))
    assert dataset_of(output)[0] == new + ID


def test_a_nested_item_has_its_own_character_set_and_gives_it_back() -> None:
    def named(text: str, encoding: str) -> bytes:
        return element("PatientName", "PN", text, encoding=encoding)

    def charset(*terms: str) -> bytes:
        return element("SpecificCharacterSet", "CS", list(terms))

    dataset = (
        charset("ISO_IR 100")
        + sequence(
            STUDIES,
            item(charset("ISO_IR 192"), named("Jürgen", "utf-8")),
            item(named("Jürgen", "latin-1")),
            item(charset("", "ISO 2022 IR 87"), named("\x1b$B;3ED\x1b(B^T", "ascii")),
        )
        + named("Jürgen", "latin-1")
    )
    texts = [a.charset.decode(a.value, "PN").rstrip() for a in seen(dataset, "PN")]
    assert texts == ["Jürgen", "Jürgen", "山田^T", "Jürgen"]


@pytest.mark.parametrize(
    ("charset", "encoding", "text", "replacement", "fits"),
    [
        ("ISO_IR 100", "latin-1", "Doe", "Müller", True),
        ("ISO_IR 100", "latin-1", "Doe", "Иван", False),
        ("ISO_IR 144", "iso8859-5", "Иван", "Пётр", True),
        ("ISO_IR 192", "utf-8", "Doe", "山田", True),
        ("", "ascii", "Doe", "Müller", False),
    ],
)
def test_a_replacement_that_the_character_set_lacks_is_a_fault(
    charset: str, encoding: str, text: str, replacement: str, fits: bool
) -> None:
    head = element("SpecificCharacterSet", "CS", charset)
    before = head + element("PatientName", "PN", text, encoding=encoding) + ID
    changed = after(before, rule("PatientName", "substitute", replaceWith=replacement))
    new = element("PatientName", "PN", replacement, encoding=encoding) if fits else None
    assert changed == head + (new or element("PatientName", "PN")) + ID
    assert b"?" not in changed


@pytest.mark.parametrize(
    ("charset", "raw"),
    [("GB18030", "乗".encode("gb18030")), ("ISO 2022 IR 87", b"\x1b$B0\\\x1b(B")],
)
def test_a_backslash_byte_inside_a_character_parts_no_values(charset: str, raw: bytes) -> None:
    assert b"\\" in raw
    head = element("SpecificCharacterSet", "CS", ["", charset] if "2022" in charset else charset)
    dataset = head + element("OtherPatientNames", "PN", raw + b"\\Doe")
    replace = rule("OtherPatientNames", "regexReplace", find="Doe", replace="X")
    expected = head + element("OtherPatientNames", "PN", raw + b"\\X")
    assert after(dataset, replace) == expected


# What is remembered


def test_a_question_is_asked_once_for_each_value_character_set_and_context() -> None:
    asked: list[bytes] = []

    class Remembered(Does):
        repeatable = True
        uses = frozenset({"study"})

    def function(attribute: Attribute) -> object:
        asked.append(attribute.value)
        return Replace(b"n%d " % len(asked))

    pipeline = Pipeline(compiled_with("PN", Remembered(function)), series=False)
    for study, charset in (("1", ""), ("1", ""), ("2", ""), ("1", "ISO_IR 100"), ("2", "")):
        head = element("SpecificCharacterSet", "CS", charset) if charset else b""
        file = part10(head + NAME + element("StudyInstanceUID", "UI", study))
        pipeline.anonymize(file, len(file))
    assert len(asked) == 3


def test_memory_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge_module, "MOST_MEMOS", 3)
    asked: list[bytes] = []

    class Remembered(Does):
        repeatable = True

    pipeline = Pipeline(
        compiled_with("PatientID", Remembered(lambda a: asked.append(a.value))), series=False
    )
    for name in "aabbccddaa":
        file = part10(element("PatientID", "LO", name * 2))
        pipeline.anonymize(file, len(file))
    assert asked == [b"aa", b"bb", b"cc", b"dd", b"aa"]


@pytest.mark.parametrize(
    ("keyword", "vr", "times"), [("StudyTime", "TM", 1), ("StudyDate", "DA", 3)]
)
def test_a_fixed_text_is_decided_about_once_but_what_names_may_tell_is_seen(
    monkeypatch: pytest.MonkeyPatch, keyword: str, vr: str, times: int
) -> None:
    asked: list[bytes] = []
    decide = Substitute.decide

    def counted(self: Substitute, attribute: Attribute, context: Context) -> Decision:
        asked.append(attribute.value)
        return decide(self, attribute, context)

    monkeypatch.setattr(Substitute, "decide", counted)
    fixed = rule(keyword, "substitute", replaceWith="20000101" if vr == "DA" else "0000")
    pipeline = Pipeline(compiled(fixed), watch=True, series=False)
    for value in ("2020", "2021", "2022", "2020"):
        pipeline.anonymize(file := part10(element(keyword, vr, value)), len(file))
    assert len(asked) == times


def test_a_users_kind_of_substitute_sees_every_value() -> None:
    class Mirror(Substitute):
        def decide(self, attribute: Attribute, context: Context) -> Decision:
            return Replace(attribute.value[::-1])

    pipeline = Pipeline(compiled_with("PatientID", Mirror("")), series=False)
    for name in ("abcd", "efgh"):
        file = part10(element("PatientID", "LO", name))
        assert element("PatientID", "LO", name[::-1]) in bytes(pipeline.anonymize(file, len(file)))


# Marks

MARK = [rule("ROIName", "remove")]  # nothing of the images here


def marked(w: Writer, method: str) -> bytes:
    return w.element(0x00120062, "CS", "YES") + w.element(0x00120063, "LO", method)


def own_mark(*rules: dict[str, object]) -> str:
    """The text of our mark, which has the digest of the configuration in it."""
    dataset = after(ID, *rules, mark=True)
    return dataset[dataset.index(element(0x00120063, "LO")[:6]) + 8 :].decode().rstrip()


@pytest.mark.parametrize("writer", [IMPLICIT, BIG_ENDIAN, None])
def test_marks_stand_in_their_order(writer: Writer | None) -> None:
    syntax = {IMPLICIT: IMPLICIT_LE, BIG_ENDIAN: EXPLICIT_BE}.get(writer) if writer else None
    w = writer or Writer()
    before, behind = w.element("PatientID", "LO", "42"), w.element("SliceThickness", "DS", "1")
    ours = marked(w, own_mark(*MARK))
    for dataset, expected in (
        (before + behind, before + ours + behind),
        (before, before + ours),
        (behind, ours + behind),
        (before + bytes(16), before + ours + bytes(16)),
        (
            before + w.element(0x00120064, "SQ") + behind,
            before + ours + w.element(0x00120064, "SQ") + behind,
        ),
        (
            before + w.element(0x00120040, "LO", "S") + behind,
            before + w.element(0x00120040, "LO", "S") + ours + behind,
        ),
    ):
        assert after(dataset, *MARK, mark=True, syntax=syntax or "1.2.840.10008.1.2.1") == expected


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (element(0x00120062, "CS", "NO"), "YES + ours"),
        (element(0x00120062, "CS", "YES"), "YES + ours"),
        (element(0x00120062, "CS", ""), "YES + ours"),
        (element(0x00120063, "LO", "by hand"), "YES + by hand\\ours"),
        (element(0x00120063, "LO", ""), "YES + ours"),
        (
            element(0x00120062, "CS", "YES") + element(0x00120063, "LO", "by hand"),
            "YES + by hand\\ours",
        ),
        (element(0x00120062, "CS", "NO") + element(0x00120063, "LO", "a\\b"), "YES + a\\b\\ours"),
        (element(0x00120063, "LO", "x" * 65500), "YES + ours"),
    ],
)
def test_marks_that_are_there_are_completed(present: bytes, expected: str) -> None:
    text = expected.removeprefix("YES + ").replace("ours", own_mark(*MARK))
    output = after(ID + present + element("Rows", "US", 1), *MARK, mark=True)
    assert output == ID + marked(Writer(), text) + element("Rows", "US", 1)
    assert after(output, *MARK, mark=True) == output  # a second run marks nothing twice


def test_a_mark_that_stands_late_is_not_written_twice() -> None:
    dataset = element("Rows", "US", 1) + element(0x00120062, "CS", "NO")
    text = own_mark(*MARK)
    assert after(dataset, *MARK, mark=True) == (
        element(0x00120063, "LO", text)
        + element("Rows", "US", 1)
        + element(0x00120062, "CS", "YES")
    )


def test_a_rule_may_take_the_marks_of_others_but_not_ours() -> None:
    present = element(0x00120062, "CS", "NO") + element(0x00120063, "LO", "Doe^Jane")
    for rules in ([rule("DeidentificationMethod", "remove")], [rule("LO", "redact")]):
        output = after(present + ID, *rules, mark=True)
        assert output.startswith(marked(Writer(), own_mark(*rules)))
        assert b"Doe" not in output


def test_marks_of_another_vr_and_in_items_are_left_in_shape() -> None:
    unknown = element(0x00120063, "UN", b"by hand ")
    text = own_mark(*MARK)
    expected = element(0x00120062, "CS", "YES") + element(
        0x00120063, "UN", b"by hand\\" + text.encode()
    )
    assert after(ID + unknown, *MARK, mark=True).startswith(ID + expected[:30])
    nested = sequence(STUDIES, item(element(0x00120062, "CS", "NO")))
    assert after(nested + ID, *MARK, mark=True) == nested + ID + marked(Writer(), text)


def test_marks_outdate_their_group_length() -> None:
    dataset = element(0x00120000, "UL", 10) + element(0x00120040, "LO", "S ")
    output = after(dataset, *MARK, mark=True)
    assert output == element(0x00120040, "LO", "S ") + marked(Writer(), own_mark(*MARK))


def test_without_marks_nothing_is_written() -> None:
    assert after(ID, *MARK, mark=False) == ID


def test_our_mark_fits_its_vr_and_names_the_configuration() -> None:
    mark = own_mark(*MARK)
    assert len(mark) <= 64
    assert "test 1.0" in mark
    assert "\\" not in mark
    long = after(ID, *MARK, mark=True, name="ä\\é" * 40)
    assert len(long) == len(ID) + 12 + 8 + 64
