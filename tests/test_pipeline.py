"""Whole files: what becomes of the envelope, what follows the data set, and who the image is of."""

from __future__ import annotations

from io import BytesIO

import pytest
from engine import after, anonymized, compiled, output_of, rule
from image import (
    BIG_ENDIAN,
    DEFLATED_LE,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    JPEG_BASELINE,
    SECONDARY_CAPTURE,
    dataset_of,
    deflated,
    element,
    encapsulated,
    file_meta,
    item,
    part10,
    sequence,
    writer_of,
)
from pydicom import dcmread

from anonymizer._version import VERSION
from anonymizer.dicom.part10 import IMPLEMENTATION_CLASS_UID
from anonymizer.errors import ImageError
from anonymizer.pipeline import Pipeline

CLASS = element("SOPClassUID", "UI", SECONDARY_CAPTURE)
INSTANCE = element("SOPInstanceUID", "UI", "1.2.3.4")
NAME = element("PatientName", "PN", "Doe^Jane")
DATASET = CLASS + INSTANCE + NAME
NO_NAME = rule("PN", "remove")
REFRESH = rule("UI", "refreshUID")


def meta_of(file: bytes) -> dict[int, bytes]:
    """The elements of group 0002 by tag, unpadded; the group length is checked."""
    assert file[:132] == bytes(128) + b"DICM"
    stop = 144 + int.from_bytes(file[140:144], "little")
    found, at = {}, 132
    while at < stop:
        tag = 0x00020000 | int.from_bytes(file[at + 2 : at + 4], "little")
        long = file[at + 4 : at + 6] == b"OB"
        start = at + (12 if long else 8)
        size = int.from_bytes(file[start - (4 if long else 2) : start], "little")
        found[tag] = file[start : start + size].rstrip(b"\0 ")
        at = start + size
    assert at == stop
    return found


def uid_in(dataset: bytes, keyword: str) -> bytes:
    at = dataset.index(element(keyword, "UI")[:6])
    size = int.from_bytes(dataset[at + 6 : at + 8], "little")
    return dataset[at + 8 : at + 8 + size].rstrip(b"\0")


# The envelope

MORE = (
    element(0x00020013, "SH", "THEIR_NAME")
    + element(0x00020016, "AE", "SOURCE_AE")
    + element(0x00020017, "AE", "SENDING_AE")
    + element(0x00020018, "AE", "RECEIVING_AE")
    + element(0x00020026, "UR", "http://hospital")
    + element(0x00020100, "UI", "1.2.3.99")
    + element(0x00020102, "OB", b"private information")
)


def test_the_file_meta_information_is_ours() -> None:
    file = part10(DATASET, preamble=b"Doe^Jane" * 16, meta=file_meta(more=MORE))
    assert meta_of(anonymized(file)) == {
        0x00020000: meta_of(anonymized(file))[0x00020000],
        0x00020001: b"\0\1",
        0x00020002: SECONDARY_CAPTURE.encode(),
        0x00020003: b"1.2.3.4",
        0x00020010: EXPLICIT_LE.encode(),
        0x00020012: IMPLEMENTATION_CLASS_UID.encode(),
        0x00020013: f"ANONYMIZER_{VERSION}".encode(),
    }


@pytest.mark.parametrize("syntax", [IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE, DEFLATED_LE])
def test_the_instance_in_the_meta_follows_that_of_the_data_set(syntax: str) -> None:
    w = writer_of(syntax)
    dataset = w.element("SOPInstanceUID", "UI", "1.2.3.4") + w.element("PatientID", "LO", "42")
    output = anonymized(part10(dataset, syntax, sop_instance="9.9.9"), REFRESH)
    refreshed = meta_of(output)[0x00020003]
    assert refreshed.startswith(b"2.25.")
    assert refreshed in dataset_of(output)[0]
    removed = anonymized(part10(dataset, syntax), rule("SOPInstanceUID", "remove"))
    assert 0x00020003 not in meta_of(removed)
    kept = anonymized(part10(dataset, syntax, sop_instance="9.9.9"))
    assert meta_of(kept)[0x00020003] == b"1.2.3.4"


@pytest.mark.parametrize(
    ("rules", "instance"),
    [
        ([], b"1.2.3.4"),
        ([rule("UI", "remove")], None),
        ([rule("MediaStorageSOPInstanceUID", "redact")], None),
        ([rule("(0002,0003)", "substitute", replaceWith="1.2.9")], b"1.2.9"),
        ([rule("SOPInstanceUID", "substitute", replaceWith="1.2.9")], b"1.2.9"),
        ([rule("SOPInstanceUID", "remove")], None),
        ([rule("SOPInstanceUID", "redact"), rule("(0002,0003)", "keep")], None),
        ([rule("SOPInstanceUID", "remove"), rule("(0002,0003)", "refreshUID")], None),
        ([rule("SOPInstanceUID", "refreshUID"), rule("(0002,0003)", "remove")], None),
        (
            [
                rule("SOPInstanceUID", "substitute", replaceWith="1.2.8"),
                rule("(0002,0003)", "substitute", replaceWith="1.2.9"),
            ],
            b"1.2.8",
        ),
        ([rule("SOPInstanceUID", "keep"), rule("(0002,0003)", "keep")], b"1.2.3.4"),
    ],
)
def test_an_instance_that_only_the_meta_has_is_asked_about(
    rules: list[dict[str, object]], instance: bytes | None
) -> None:
    assert meta_of(anonymized(part10(CLASS + NAME), *rules)).get(0x00020003) == instance


def test_it_is_refreshed_like_every_other_uid() -> None:
    only_meta = meta_of(anonymized(part10(CLASS + NAME), REFRESH))[0x00020003]
    assert only_meta == meta_of(anonymized(part10(DATASET), REFRESH))[0x00020003]
    by_name = rule("SOPInstanceUID", "refreshUID")
    assert meta_of(anonymized(part10(CLASS + NAME), by_name))[0x00020003] == only_meta
    with pytest.raises(ImageError):
        anonymized(part10(CLASS + NAME), rule("(0002,0003)", "dateShift", onError="refuse"))


@pytest.mark.parametrize("value", ["Doe^Jane", "1.2.840.10008.5 Doe", "1" * 65])
def test_what_is_no_uid_does_not_get_through_the_meta(value: str) -> None:
    meta = file_meta(sop_class=value, sop_instance=value)
    written = meta_of(anonymized(part10(NAME, meta=meta)))
    assert 0x00020002 not in written
    assert 0x00020003 not in written


def test_the_class_is_that_of_the_data_set_else_one_of_the_standard() -> None:
    other = part10(NAME, sop_class="1.3.12.2.1107.5.9.1")
    assert 0x00020002 not in meta_of(anonymized(other))
    assert 0x00020002 not in meta_of(anonymized(part10(NAME, sop_class="1.2.840.10008.4711")))
    text = part10(element("SOPClassUID", "UI", "Doe^Jane") + NAME, sop_class=SECONDARY_CAPTURE)
    assert 0x00020002 not in meta_of(anonymized(text))
    emptied = meta_of(anonymized(text, REFRESH))
    assert emptied[0x00020002] == SECONDARY_CAPTURE.encode()
    registered = part10(NAME, sop_class=SECONDARY_CAPTURE)
    assert meta_of(anonymized(registered))[0x00020002] == SECONDARY_CAPTURE.encode()
    kept = part10(element("SOPClassUID", "UI", "1.3.12.2.1107.5.9.1"), sop_class=SECONDARY_CAPTURE)
    assert meta_of(anonymized(kept))[0x00020002] == b"1.3.12.2.1107.5.9.1"


@pytest.mark.parametrize("size", [0xFFFF, 70_000])
def test_a_uid_too_long_for_the_meta_is_refused(size: int) -> None:
    """UN has room for a value that the 16-bit length of a UI can not tell."""
    file = part10(element("SOPInstanceUID", "UN", b"1" * size))
    with pytest.raises(ImageError) as refused:
        anonymized(file)
    assert refused.value.reason == "bad-meta"
    assert after(element("SOPInstanceUID", "UN", b"1" * size), rule("UI", "redact"))


@pytest.mark.parametrize(
    ("preamble", "warnings"),
    [(b"II*\0" + bytes(124), ["TIFF-preamble"]), (b"Doe^Jane" * 16, []), (bytes(128), [])],
)
def test_the_preamble_is_zeroed_and_that_of_a_tiff_reported(
    preamble: bytes, warnings: list[str]
) -> None:
    output = output_of(part10(DATASET, preamble=preamble))
    assert bytes(output)[:132] == bytes(128) + b"DICM"
    assert output.warnings == warnings


@pytest.mark.parametrize("rules", [[], [rule("*", "remove")], [rule("(0008,0005)", "remove")]])
@pytest.mark.parametrize("vr", ["CS", "UN"])
@pytest.mark.parametrize("value", ["Doe^Jane", "ISO_IR 100\\Doe^Jane", "GB18030\\Doe"])
def test_a_character_set_that_is_none_refuses_the_image(
    rules: list[dict[str, object]], vr: str, value: str
) -> None:
    with pytest.raises(ImageError) as refused:
        anonymized(part10(element("SpecificCharacterSet", vr, value) + NAME), *rules, mark=True)
    assert refused.value.reason == "bad-charset"
    assert refused.value.message.startswith("SpecificCharacterSet: ")
    assert "Doe" not in refused.value.message


def test_so_does_one_in_an_item_that_stays() -> None:
    charset = element("SpecificCharacterSet", "CS", "Doe^Jane")
    dataset = INSTANCE + sequence("ReferencedStudySequence", item(), item(charset, NAME))
    with pytest.raises(ImageError, match=r"^ReferencedStudySequence\[1\]\.SpecificCharacterSet: "):
        after(dataset, NO_NAME)
    assert after(dataset, rule("SQ", "remove")) == INSTANCE


@pytest.mark.parametrize("value", ["ISO_IR 100", "iso-ir 100", "\\ISO 2022 IR 87", ""])
def test_a_character_set_stays_as_it_is_spelled(value: str) -> None:
    named = element("SpecificCharacterSet", "CS", value)
    assert after(named + NAME, rule("*", "remove")) == named


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, DEFLATED_LE])
@pytest.mark.parametrize("padding", [b"", bytes(20)])
@pytest.mark.parametrize(
    ("rules", "otherwise"),
    [([rule("*", "remove")], "keep"), ([rule("PatientName", "keep")], "remove")],
)
def test_an_output_without_any_attribute_is_refused(
    syntax: str, padding: bytes, rules: list[dict[str, object]], otherwise: str
) -> None:
    sequences = sequence("ReferencedStudySequence", item(CLASS), undefined=True)
    file = part10(CLASS + INSTANCE + sequences + padding, syntax)
    with pytest.raises(ImageError) as refused:
        anonymized(file, *rules, otherwise=otherwise)
    assert refused.value.reason == "nothing-left"
    marked = dataset_of(anonymized(file, *rules, otherwise=otherwise, mark=True))[0]
    assert b"YES" in marked


@pytest.mark.parametrize(
    "dataset", [DATASET, IMPLICIT.element("SOPClassUID", "UI", SECONDARY_CAPTURE)]
)
def test_a_bare_data_set_stays_one(dataset: bytes) -> None:
    assert anonymized(dataset) == dataset
    assert anonymized(DATASET, NO_NAME) == CLASS + INSTANCE


@pytest.mark.parametrize(
    ("file", "syntax"),
    [
        (part10(DATASET, preamble=None), EXPLICIT_LE),
        (part10(DATASET, meta=b""), EXPLICIT_LE),
        (part10(IMPLICIT.element("SOPClassUID", "UI", "1.2"), meta=b""), IMPLICIT_LE),
        (part10(BIG_ENDIAN.element("SOPClassUID", "UI", "1.2"), meta=b""), EXPLICIT_BE),
    ],
)
def test_a_file_without_preamble_or_meta_gets_both(file: bytes, syntax: str) -> None:
    assert meta_of(anonymized(file))[0x00020010] == syntax.encode()


# Transfer syntaxes


def test_a_deflated_file_is_left_as_it_is_or_deflated_anew() -> None:
    stream = deflated(DATASET) + bytes(6)
    file = part10(b"", DEFLATED_LE)[: -len(deflated(b""))] + stream
    assert anonymized(file).endswith(stream)
    assert dataset_of(anonymized(file, NO_NAME))[0] == CLASS + INSTANCE


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (deflated(DATASET)[:20], "truncated"),
        (deflated(bytes(64 << 20)), "bomb"),
        (deflated(DATASET) + b"Doe^Jane", "trailing"),
        (deflated(DATASET[:-1]), "truncated"),
        (b"\xff" * 30, "bad-deflate"),
    ],
)
def test_a_deflated_file_that_is_not_whole_is_refused(stream: bytes, reason: str) -> None:
    file = part10(b"", DEFLATED_LE)[: -len(deflated(b""))] + stream
    with pytest.raises(ImageError) as raised:
        anonymized(file)
    assert raised.value.reason == reason


def test_encapsulated_pixels_are_not_touched() -> None:
    pixels = encapsulated(b"\xff\xd8first", b"second", offsets=True)
    assert after(DATASET + pixels, NO_NAME, syntax=JPEG_BASELINE) == CLASS + INSTANCE + pixels


def test_pixels_are_ranges_of_the_source_not_copies() -> None:
    pixels = element("PixelData", "OW", bytes(1 << 20))
    file = part10(DATASET + pixels)
    output = Pipeline(compiled(NO_NAME), series=False).anonymize(file, len(file))
    new = [piece for piece in output.pieces if isinstance(piece, bytes)]
    assert sum(map(len, new)) < 1000
    assert bytes(output).endswith(pixels)


# Whom the image is about

SHIFT = rule("DA", "dateShift")


def day(*elements: bytes, key: str = "StudyDate") -> bytes:
    """What a date becomes in an image with these elements."""
    dataset = after(element(key, "DA", "20200115") + b"".join(elements), SHIFT)
    return dataset[8:16]


PATIENT, OTHER = element("PatientID", "LO", "1"), element("PatientID", "LO", "2")
EMPTY, BLANK = element("PatientID", "LO"), element("PatientID", "LO", b"\0 ")
STUDY, STUDY_2 = (element("StudyInstanceUID", "UI", uid) for uid in ("1.2.1", "1.2.2"))
SERIES, SERIES_2 = (element("SeriesInstanceUID", "UI", uid) for uid in ("1.3.1", "1.3.2"))
ISSUER = element("IssuerOfPatientID", "LO", "H")


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ([PATIENT, STUDY], [PATIENT, STUDY_2], True),
        ([PATIENT, STUDY], [OTHER, STUDY], False),
        ([PATIENT], [PATIENT, ISSUER], False),
        ([PATIENT], [element("PatientID", "LO", " 1")], True),
        ([EMPTY, STUDY], [STUDY], True),
        ([EMPTY, STUDY], [BLANK, STUDY], True),
        ([EMPTY, STUDY], [EMPTY, STUDY_2], False),
        ([EMPTY, STUDY, SERIES], [EMPTY, STUDY, SERIES_2], True),
        ([EMPTY, SERIES], [EMPTY, SERIES_2], False),
        ([PATIENT], [sequence("OtherPatientIDsSequence", item(OTHER)), PATIENT], True),
        ([PATIENT], [element("PatientID", "UN", b"1 ")], True),
    ],
)
def test_dates_move_together_for_one_subject_only(
    one: list[bytes], two: list[bytes], same: bool
) -> None:
    assert (day(*one) == day(*two)) is same


def test_an_id_of_the_same_bytes_in_another_character_set_is_another() -> None:
    dataset = element("StudyDate", "DA", "20200115") + element("PatientID", "LO", b"\xd0\xd1")
    charsets = [element("SpecificCharacterSet", "CS", f"ISO_IR {n}") for n in (100, 144)]
    files = [part10(charset + dataset) for charset in charsets]
    pipeline = Pipeline(compiled(SHIFT))
    together = [bytes(pipeline.anonymize(file, len(file))) for file in files]
    assert together == [anonymized(file, SHIFT) for file in files]
    assert together[0][-20:] != together[1][-20:]


def test_an_image_of_nobody_moves_by_its_own_instance() -> None:
    days = set()
    for number in range(5):
        instance = element("SOPInstanceUID", "UI", f"1.2.{number}")
        days.add(after(instance + element("StudyDate", "DA", "20200115"), SHIFT)[-8:])
    assert len(days) > 1


def test_dates_of_nested_other_people_move_with_the_image() -> None:
    date = element("PatientBirthDate", "DA", "20200115")
    dataset = after(
        date + PATIENT + sequence("ReferencedPatientSequence", item(date, OTHER)), SHIFT
    )
    assert dataset.count(dataset[8:16]) == 2


# Elements out of order, or twice

TWICE = [
    NAME + CLASS + NAME,
    PATIENT + NAME + CLASS + element("PatientName", "PN", "Roe"),
    element("PixelData", "OW", bytes(4)) + NAME + CLASS,
    sequence("ReferencedStudySequence", item(PATIENT + NAME + CLASS + NAME)) + CLASS,
]


@pytest.mark.parametrize("dataset", TWICE, ids=["twice", "with others", "behind", "in an item"])
@pytest.mark.parametrize("mark", [False, True])
def test_each_copy_is_judged_wherever_it_stands(dataset: bytes, mark: bool) -> None:
    """Readers take the first or the last of two; neither may show what a rule removed."""
    left = after(dataset, NO_NAME, mark=mark)
    assert b"Doe" not in left
    assert b"Roe" not in left
    seen = dcmread(BytesIO(part10(left)))
    assert not any(element.VR == "PN" for element in seen.iterall())
    assert seen.get("PatientIdentityRemoved") == ("YES" if mark else None)


def test_marks_stand_before_the_first_element_above_them_and_once() -> None:
    marked = after(STUDY + NAME + STUDY, mark=True)
    assert marked.endswith(STUDY + NAME + STUDY)
    late = STUDY + element("PatientIdentityRemoved", "CS", "NO")
    marked = after(late + element("PatientIdentityRemoved", "CS", "NO"), mark=True)
    assert b"NO" not in marked
    assert marked.count(element("DeidentificationMethod", "LO")[:6]) == 1


def test_the_first_of_two_says_whom_the_image_is_about() -> None:
    assert day(PATIENT, STUDY, OTHER) == day(PATIENT)
    assert day(PATIENT, STUDY, OTHER) != day(OTHER)
    two = after(INSTANCE + element("SOPInstanceUID", "UI", "1.2.3.5"), REFRESH)
    assert uid_in(two, "SOPInstanceUID") == uid_in(after(INSTANCE, REFRESH), "SOPInstanceUID")


def test_text_before_the_character_set_is_read_in_it() -> None:
    name = element("PatientName", "PN", "Müller", encoding="utf-8")
    charset = element("SpecificCharacterSet", "CS", "ISO_IR 192")
    gone = rule("PN", "regexReplace", find="Müller", replace="X")
    assert after(name + charset, gone) == element("PatientName", "PN", "X") + charset
    within = sequence("ReferencedStudySequence", item(name))
    assert "Müller".encode() not in after(within + charset, gone)


# What the output tells


def test_an_output_tells_its_uids_where_names_are_asked_for() -> None:
    file = part10(DATASET + STUDY + SERIES)
    names = Pipeline(compiled(rule("StudyInstanceUID", "refreshUID")), names=True)
    study, series, instance = names.anonymize(file, len(file)).uids
    assert study.startswith("2.25.")
    assert (series, instance) == ("1.3.1", "1.2.3.4")
    assert Pipeline(compiled()).anonymize(file, len(file)).uids == ("", "", "")


def test_the_tally_counts_attributes_by_rule_at_every_depth() -> None:
    dataset = DATASET + sequence("ReferencedStudySequence", item(NAME), item(NAME, CLASS)) + STUDY
    output = output_of(part10(dataset), NO_NAME, rule("StudyInstanceUID", "cryptoHash"))
    assert output.tally.counts() == {0: 3, 1: 1}


def test_rulings_are_every_decision_in_the_order_of_the_file() -> None:
    dataset = CLASS + sequence("ReferencedStudySequence", item(NAME)) + NAME
    pipeline = Pipeline(compiled(rule(".PN", "remove"), mark=True), show=True)
    for syntax in (EXPLICIT_LE, DEFLATED_LE):
        file = part10(dataset, syntax)
        rulings = pipeline.rulings(file, len(file))
        shown = [(r.entry.tag, len(r.path), r.case.number, r.new) for r in rulings]
        assert shown == [
            (0x00080016, 0, -1, None),
            (0x00081110, 0, -1, None),
            (0x00100010, 1, -1, None),
            (0x00100010, 0, 0, b""),
        ]
        assert rulings[-1].value == b"Doe^Jane"


# One file after another


def series(count: int) -> list[bytes]:
    return [
        part10(
            CLASS
            + element("SOPInstanceUID", "UI", f"1.2.3.{number}")
            + element("StudyDate", "DA", "20200115")
            + element("Modality", "CS", "CT")
            + NAME
            + PATIENT
            + element("PatientSex", "CS", "O")
            + element("SliceThickness", "DS", "1")
            + STUDY
            + SERIES
            + element("InstanceNumber", "IS", str(number))
            + element("Rows", "US", 2)
            + element("Columns", "US", 2)
            + sequence("RequestAttributesSequence", item(NAME))
            + element("PixelData", "OW", bytes([number, 0]) * 20),
            sop_instance=f"1.2.3.{number}",
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("mark", [True, False])
@pytest.mark.parametrize("otherwise", ["keep", "remove"])
def test_files_of_a_series_take_the_short_way_to_the_same_output(
    otherwise: str, mark: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow = [rule(path, "keep") for path in ("SOPInstanceUID", "Modality", "PixelData")]
    plan = compiled(NO_NAME, SHIFT, REFRESH, *allow, otherwise=otherwise, mark=mark)
    short, long = Pipeline(plan), Pipeline(plan, series=False)
    assert short._series is not None
    went: list[None] = []
    went_short = short._series.went_short
    monkeypatch.setattr(type(short._series), "went_short", lambda _: went.append(went_short()))
    for file in series(6):
        ours, theirs = short.anonymize(file, len(file)), long.anonymize(file, len(file))
        assert bytes(ours) == bytes(theirs)
        assert ours.tally.counts() == theirs.tally.counts()
    assert len(went) == 4  # two to learn from


def test_a_file_that_is_refused_leaves_nothing_behind() -> None:
    pipeline, fresh = Pipeline(compiled(NO_NAME, SHIFT)), Pipeline(compiled(NO_NAME, SHIFT))
    files = series(4)
    for file in files:
        for broken in (file[:-3], file[:150], b"", file + b"garbage!"):
            with pytest.raises(ImageError):
                pipeline.anonymize(broken, len(broken))
        assert bytes(pipeline.anonymize(file, len(file))) == bytes(fresh.anonymize(file, len(file)))


def private(number: int, value: str) -> bytes:
    return element(f"0019,{number:04X}", "LO", value)


def of_series(number: int, *middle: bytes) -> bytes:
    """A file of which only the instance differs, apart from what stands in the middle."""
    return part10(
        CLASS
        + element("SOPInstanceUID", "UI", f"1.2.3.{number}")
        + element("StudyDate", "DA", "20200115")
        + element("Modality", "CS", "CT")
        + PATIENT
        + b"".join(middle)
        + STUDY
        + element("Rows", "US", 2)
        + element("Columns", "US", 2)
        + element("PixelData", "OW", bytes([number, 0]))
    )


def swapped(file: bytes, old: bytes, new: bytes) -> bytes:
    assert file.count(old) == 1
    return file.replace(old, new)


BLOCK = private(0x10, "A") + private(0x1001, "a1")
DATE = element("StudyDate", "DA", "20200115")
KEEP_SECOND = [rule("(0019,1002)", "keep"), rule("private", "remove")]
KEEP_OF_A = [rule("(0019,A,01)", "keep"), rule("private", "remove")]
BY_STUDY = [rule("DA", "dateShift", dateShiftScope="StudyInstance")]
RUN = DATE + element("Modality", "CS", "CT") + PATIENT

TWISTED: list[tuple[str, list[dict[str, object]], list[bytes]]] = [
    (
        "a file of two patients, then one of one",
        [SHIFT],
        [of_series(1), swapped(of_series(2), CLASS, OTHER + CLASS), of_series(3)],
    ),
    (
        "a run that stands twice where another should be",
        BY_STUDY,
        [
            *(of_series(number, element("InstanceNumber", "IS", str(number))) for number in (1, 2)),
            swapped(of_series(3, element("InstanceNumber", "IS", "3"), RUN), STUDY, b""),
        ],
    ),
    (
        "a private element that stays before its creator, which would go",
        KEEP_SECOND,
        [
            of_series(number, private(0x1002, f"a{number}"), private(0x10, f"A{number}"))
            for number in (1, 2, 3)
        ],
    ),
    (
        "a private element that stays behind the run with its creator",
        KEEP_SECOND,
        [of_series(1, BLOCK), of_series(2, BLOCK), of_series(3, BLOCK) + private(0x1002, "a2")],
    ),
    (
        "a private block that an element parts",
        KEEP_OF_A,
        [
            of_series(number, private(0x10, "A"), DATE, private(0x1001, "a1"), private(0x1002, "x"))
            for number in (1, 2, 3)
        ],
    ),
]


@pytest.mark.parametrize(
    ("rules", "files"), [row[1:] for row in TWISTED], ids=[row[0] for row in TWISTED]
)
def test_twisted_files_of_a_series_do_not_take_the_short_way_wrongly(
    rules: list[dict[str, object]], files: list[bytes]
) -> None:
    plan = compiled(*rules)
    short, long = Pipeline(plan), Pipeline(plan, series=False)
    for file in [*files, *files]:
        assert bytes(short.anonymize(file, len(file))) == bytes(long.anonymize(file, len(file)))


def test_fragments_and_a_value_of_the_same_bytes_are_not_mixed_up() -> None:
    fragments = encapsulated(b"abcd")
    value = element(0x7FE00010, "OB", fragments[12:])
    plan = compiled(rule("PixelData", "cryptoHash"))
    files = [part10(INSTANCE + pixels, JPEG_BASELINE) for pixels in (fragments, value)]
    one = Pipeline(plan)
    outputs = [bytes(one.anonymize(file, len(file))) for file in files]
    assert outputs == [bytes(Pipeline(plan).anonymize(file, len(file))) for file in files]
