"""A pydicom Dataset becomes, in place, what its file would become."""

from __future__ import annotations

import contextlib
import io
import warnings
from logging import getLogger
from typing import TYPE_CHECKING, Any

import corpus
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image import (
    DEFLATED_LE,
    EXPLICIT_BE,
    EXPLICIT_LE,
    IMPLICIT,
    IMPLICIT_LE,
    JPEG_BASELINE,
    RLE,
    Writer,
    element,
    encapsulated,
    item,
    part10,
    sequence,
    writer_of,
)
from pydicom import DataElement, Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from study import SAMPLES, image

from anonymizer import (
    Anonymizer,
    ConfigurationError,
    ImageError,
    Replace,
    UsageError,
    anonymize_dataset,
    compare_datasets,
    score_dataset,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "a key for tests, of 32 characters or more"
RULES: list[dict[str, Any]] = [
    {"dicomTagPath": "PatientName", "method": "substitute", "replaceWith": "Anon^ymous"},
    {"dicomTagPath": "PN", "method": "redact"},
    {"dicomTagPath": "DA", "method": "dateShift"},
    {"dicomTagPath": "LO", "method": "cryptoHash"},
    {"dicomTagPath": "UI", "method": "refreshUID"},
    {"dicomTagPath": "(0029,xxxx)", "method": "remove"},
]


@pytest.fixture(autouse=True)
def _no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)


def read(file: bytes) -> Dataset:
    return dcmread(io.BytesIO(file), force=True)


def reason_of(a: Anonymizer, file: bytes) -> str:
    """Why the file is refused, "" if it is not."""
    try:
        a.anonymize_bytes(file)
    except ImageError as error:
        return error.reason
    return ""


def assert_same(a: Anonymizer, file: bytes) -> Dataset:
    """The Dataset of a file becomes what is read of its output; or both are refused."""
    dataset = read(file)
    refused = reason_of(a, file)
    if refused:
        before = read(file)
        with pytest.raises(ImageError) as caught:
            a.anonymize_dataset(dataset)
        assert caught.value.reason == refused
        assert compare_datasets(before, dataset).same
        return dataset
    output = a.anonymize_bytes(file)
    a.anonymize_dataset(dataset)
    wanted = read(output)
    changes = compare_datasets(wanted, dataset)
    assert not changes.changes, [change.place for change in changes.changes]
    assert changes.same
    return dataset


@pytest.mark.parametrize(
    "syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE, DEFLATED_LE, JPEG_BASELINE, RLE]
)
def test_the_dataset_becomes_what_the_file_becomes(syntax: str) -> None:
    w = writer_of(syntax)
    pixels = w.element(0x7FE00010, "OW", b"\1\2" * 8)
    if syntax in (JPEG_BASELINE, RLE):
        pixels = encapsulated(b"abcd", b"efgh")
    data = (
        w.element("SpecificCharacterSet", "CS", "ISO_IR 192")
        + w.element("SOPClassUID", "UI", "1.2.840.10008.5.1.4.1.1.7")
        + w.element("SOPInstanceUID", "UI", "1.2.3.4")
        + w.element("StudyDate", "DA", "20200131")
        + w.element("PatientName", "PN", "Dœ^Jäne", encoding="utf-8")
        + w.element("PatientID", "LO", "4711")
        + w.element(0x00190010, "LO", "MAKER")
        + w.element(0x00191001, "LO", "private")
        + w.sequence(
            "RequestAttributesSequence",
            w.item(w.element("ScheduledProcedureStepDescription", "LO", "ünï", encoding="utf-8")),
        )
        + pixels
    )
    dataset = assert_same(Anonymizer(RULES, key=KEY), part10(data, syntax))
    assert dataset.PatientName == "Anon^ymous"
    assert dataset.file_meta.TransferSyntaxUID == syntax
    assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID != "1.2.3.4"
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    assert read(buffer.getvalue()).PixelData == dataset.PixelData


@pytest.mark.parametrize("configuration", ["example", "ps3.15-basic"])
def test_samples_become_what_their_files_become(configuration: str) -> None:
    a = Anonymizer(configuration, key=KEY)
    for path in sorted(SAMPLES.rglob("*")):
        if path.is_file() and path.read_bytes()[128:132] == b"DICM":
            assert_same(a, path.read_bytes())


@pytest.mark.skipif(not corpus.files(), reason="no corpus beside the checkout")
def test_the_corpus_becomes_what_its_files_become() -> None:
    a = Anonymizer("ps3.15-basic", key=KEY)
    done = sum(_is_done(a, path) for path in corpus.files()[::7])
    assert done > 20


def _is_done(a: Anonymizer, path: Path) -> bool:
    file = path.read_bytes()
    if len(file) > 2_000_000 or path.name.startswith("DICOMDIR"):
        return False
    try:
        wanted = read(a.anonymize_bytes(file))
    except ImageError:
        return False
    dataset = read(file)
    a.anonymize_dataset(dataset)
    if not dataset.file_meta:
        wanted.file_meta, wanted.preamble = dataset.file_meta, dataset.preamble
    assert compare_datasets(wanted, dataset).same, path.name
    return True


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=8)
CREATORS = TEXTS.filter(lambda text: "\\" not in text)
"""pydicom warns of a creator that is several, whoever reads it."""


@st.composite
def datasets(draw: st.DrawFn, w: Writer, depth: int = 2) -> bytes:
    """Elements in order, some of them sequences, written in one syntax."""
    parts = []
    for tag, vr in (
        (0x00080020, "DA"),
        (0x00080080, "LO"),
        (0x00081032, "SQ"),
        (0x00100010, "PN"),
        (0x00100020, "LO"),
        (0x00190010, "LO"),
        (0x00191002, "UN"),
        (0x0020000D, "UI"),
        (0x00280010, "US"),
        (0x00400275, "SQ"),
    ):
        if not draw(st.booleans()):
            continue
        if vr == "SQ":
            items = draw(st.lists(datasets(w, depth - 1), max_size=2)) if depth else []
            undefined = draw(st.booleans())
            parts.append(w.sequence(tag, *map(w.item, items), undefined=undefined))
        else:
            texts = CREATORS if tag == 0x00190010 else TEXTS
            value = draw(VALUES.get(vr, texts))
            parts.append(w.element(tag, vr, value, encoding="utf-8"))
    return b"".join(parts)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "DA": st.sampled_from(["20200131", "19991231", "", "no date"]),
    "UI": st.sampled_from(["1.2.3", "1.2.840.10008.1.2", ""]),
    "US": st.integers(0, 65535),
    "UN": st.binary(max_size=6).filter(lambda raw: not len(raw) & 1),
}


@given(st.data(), st.sampled_from([EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE]))
def test_varied_datasets_become_what_their_files_become(data: st.DataObject, syntax: str) -> None:
    w = writer_of(syntax)
    head = w.element("SpecificCharacterSet", "CS", "ISO_IR 192")
    assert_same(ANONYMIZER, part10(head + data.draw(datasets(w)), syntax))


ANONYMIZER = Anonymizer(RULES, key=KEY)


# Datasets that were made in memory


def made(*, meta: bool = True) -> Dataset:
    dataset = Dataset()
    if meta:
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.SOPInstanceUID = "1.2.3.4"
    dataset.PatientName = "Dœ^Jäne"
    dataset.PatientBirthDate = "19701231"
    other = Dataset()
    other.PatientBirthDate = "19701231"
    other.PatientID = "4711"
    dataset.OtherPatientIDsSequence = Sequence([other])
    dataset.add_new(0x00190010, "LO", "MAKER")
    dataset.add_new(0x00191001, "LO", "private")
    dataset.add_new(0x00210010, "LO", "OTHER MAKER")
    dataset.add_new(0x00211001, "LO", "more")
    return dataset


@pytest.mark.parametrize("meta", [True, False])
def test_what_was_made_in_memory(meta: bool) -> None:
    dataset = made(meta=meta)
    result = anonymize_dataset(dataset, RULES, key=KEY)
    assert dataset.PatientName == "Anon^ymous"
    assert dataset.OtherPatientIDsSequence[0].PatientID != "4711"
    assert dataset[0x00191001].value != "private"
    assert result.counts["cryptoHash"] == 5
    if meta:
        assert dataset.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian
        buffer = io.BytesIO()
        dataset.save_as(buffer, enforce_file_format=True)
        again = read(buffer.getvalue())
        assert again[:0x00190000] == dataset[:0x00190000]
        assert again[0x00191001].value == dataset[0x00191001].value.encode()
    else:
        assert not hasattr(dataset, "file_meta")


def test_a_syntax_is_not_chosen_for_what_was_made_in_memory() -> None:
    dataset = made()
    del dataset.file_meta.TransferSyntaxUID
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3.4")
    anonymize_dataset(dataset, RULES, key=KEY)
    assert "TransferSyntaxUID" not in dataset.file_meta
    assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID


def test_compressed_pixels_made_in_memory_stay_and_go_as_rules_say() -> None:
    for method in ("keep", "remove"):
        dataset = made()
        dataset.file_meta.TransferSyntaxUID = UID(JPEG_BASELINE)
        dataset.add_new(0x7FE00010, "OB", encapsulated(b"abcd")[12:-8])
        before = dataset.PixelData
        anonymize_dataset(dataset, [*RULES, {"dicomTagPath": "PixelData", "method": method}])
        assert dataset.get("PixelData") == (before if method == "keep" else None)


def test_pixel_data_that_nobody_decides_about_is_the_same_object() -> None:
    dataset = made()
    pixels = bytes(range(256)) * 16
    dataset.add_new(0x7FE00010, "OW", pixels)
    anonymize_dataset(dataset, RULES, key=KEY)
    assert dataset.PixelData is pixels


def test_bytes_behind_the_pixels_go_as_they_go_in_a_file() -> None:
    numbers = element("SamplesPerPixel", "US", 1) + element("Rows", "US", 2)
    numbers += element("Columns", "US", 2) + element("BitsAllocated", "US", 8)
    a = Anonymizer("ps3.15-basic", key=KEY)
    for excess in (b"", b"Canary"):
        file = image(more=numbers + element(0x7FE00010, "OB", b"\1\2\3\4" + excess))
        assert assert_same(a, file).PixelData == b"\1\2\3\4"


def test_what_was_changed_since_it_was_read_counts() -> None:
    dataset = read(image(more=sequence("RequestAttributesSequence", item())))
    dataset.PatientID = "later"
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.InstitutionName = "Ünï"
    anonymize_dataset(dataset, RULES, key=KEY)
    assert "later" not in str(dataset)
    assert "Ünï" not in str(dataset)


def test_a_dataset_whose_syntax_was_changed_is_written_in_the_new_one() -> None:
    file = part10(IMPLICIT.element("PatientName", "PN", "Doe^Jane"), IMPLICIT_LE)
    dataset = read(file)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    anonymize_dataset(dataset, RULES, key=KEY)
    buffer = io.BytesIO()
    dataset.save_as(buffer)
    assert read(buffer.getvalue()).PatientName == "Anon^ymous"


def test_what_pydicom_cannot_write_is_told_without_its_value_and_nothing_changes() -> None:
    dataset = made()
    dataset.add_new(0x00280010, "US", 1)
    dataset["Rows"]._value = "Canary"
    with pytest.raises(ImageError) as caught:
        anonymize_dataset(dataset, RULES, key=KEY)
    assert caught.value.reason == "bad-dataset"
    assert "Canary" not in str(caught.value)
    assert str(caught.value).startswith("Rows: pydicom cannot write it")
    assert dataset.PatientName == "Dœ^Jäne"


def test_a_directory_is_refused() -> None:
    dataset = made()
    dataset.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.1.3.10")
    with pytest.raises(ImageError, match="points into its own file"):
        anonymize_dataset(dataset, RULES, key=KEY)


def test_the_default_is_the_basic_profile() -> None:
    dataset = made()
    result = anonymize_dataset(dataset, elements=True)
    assert "Dœ" not in str(dataset)
    assert not any(element.is_private for element in dataset)
    assert result.warnings[0].startswith("parameters.key: no key")
    assert result.elements is not None
    assert dataset.PatientIdentityRemoved == "YES"
    assert score_dataset(dataset).percent < score_dataset(made()).percent


@pytest.mark.parametrize(
    ("rules", "delete", "left"),
    [
        ("ps3.15-basic", None, False),
        ("ps3.15-basic", False, True),
        ([], True, False),
        ([], None, True),
        ({"extends": "example"}, True, False),
    ],
)
def test_private_elements(rules: Any, delete: bool | None, left: bool) -> None:  # noqa: ANN401
    dataset = made()
    anonymize_dataset(dataset, rules, key=KEY, delete_private_tags=delete)
    assert any(element.is_private for element in dataset) == left


@pytest.mark.parametrize(
    "selector", ["(0019,MAKER,01)", "(0019,xxxx)", "00191001", "/0019,MA.*,../", ".(0019,1001)"]
)
def test_own_rules_that_name_private_elements_come_before(selector: str) -> None:
    dataset = made()
    rules = [
        {"dicomTagPath": selector, "method": "keep"},
        {"dicomTagPath": "LO", "method": "redact"},
    ]
    anonymize_dataset(dataset, rules, delete_private_tags=True)
    assert dataset[0x00191001].value == "private"
    assert 0x00211001 not in dataset


def test_an_anonymizer_has_its_key_and_rules_already() -> None:
    a = Anonymizer(RULES, key=KEY)
    one, other = made(), made()
    anonymize_dataset(one, a)
    a.anonymize_dataset(other)
    assert one == other
    with pytest.raises(UsageError, match="has its key"):
        anonymize_dataset(one, a, delete_private_tags=True)


def test_mistakes_are_told_before_anything_changes() -> None:
    dataset = made()
    with pytest.raises(ConfigurationError, match="did you mean 'PatientName'"):
        anonymize_dataset(dataset, [{"dicomTagPath": "PatentName", "method": "remove"}])
    assert dataset == made()


def test_rules_are_added_to_a_dictionary_of_kitwares_tool() -> None:
    dataset = made()
    theirs = {"(0x0010, 0x0010)": "keep"}
    anonymize_dataset(dataset, theirs, key=KEY, delete_private_tags=True)
    assert dataset.PatientName == "Dœ^Jäne"
    assert not any(element.is_private for element in dataset)
    microsoft = {"rules": [{"tag": "PN", "method": "redact"}]}
    with pytest.raises(UsageError, match="only a configuration of our own shape"):
        anonymize_dataset(dataset, microsoft, delete_private_tags=True)


def test_a_callable_decides_about_a_dataset_too() -> None:
    dataset = made()
    rule = {"dicomTagPath": "PatientName", "method": lambda attribute, context: Replace(b"Roe")}
    anonymize_dataset(dataset, [rule])
    assert dataset.PatientName == "Roe"


def test_warnings_that_quote_a_value_are_not_let_through() -> None:
    creator = element(0x00190010, "LO", "\\CANARY ")
    dataset = dcmread(io.BytesIO(part10(creator + element(0x00191002, "UN", b""))))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        anonymize_dataset(dataset, rules=[{"dicomTagPath": "PatientName", "method": "remove"}])
    assert not told


READERS = (anonymize_dataset, score_dataset, lambda dataset: compare_datasets(dataset, dataset))


@pytest.mark.parametrize("call", READERS)
@pytest.mark.parametrize(
    ("keyword", "vr"), [("SpecificCharacterSet", "CS"), ("SOPClassUID", "UI"), ("Rows", "IS")]
)
def test_nothing_that_pydicom_says_of_a_value_is_heard(
    keyword: str, vr: str, call: Callable[[Dataset], object], caplog: pytest.LogCaptureFixture
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = dcmread(io.BytesIO(part10(element(keyword, vr, "CANARY!!"))))
    caplog.clear()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with contextlib.suppress(ImageError):
            call(dataset)
    assert not told
    assert "CANARY" not in caplog.text
    getLogger("pydicom").warning("is heard again")
    assert "is heard again" in caplog.text


@pytest.mark.parametrize("call", READERS)
def test_what_pydicom_cannot_write_is_told_by_its_type(call: Callable[[Dataset], object]) -> None:
    dataset = Dataset()
    dataset.add(DataElement(0x00100040, "FD", "CANARY", validation_mode=0))
    with pytest.raises(ImageError, match="pydicom cannot write it") as caught:
        call(dataset)
    assert caught.value.reason == "bad-dataset"
    assert "CANARY" not in str(caught.value)
    assert caught.value.__suppress_context__
