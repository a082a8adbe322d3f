"""Callables by tag, in the style of Kitware's dicom-anonymizer."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from anonymizer import ImageError, UsageError, anonymize_dataset

KEY = "a key for tests, of 32 characters or more"
BIRTH_DATE = (0x0010, 0x0030)


def made() -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    dataset.SOPInstanceUID = "1.2.3"
    dataset.PatientName = "Doe^Jane"
    dataset.PatientBirthDate = "19701231"
    inner = Dataset()
    inner.PatientBirthDate = "19701231"
    dataset.add_new(0x00400275, "SQ", Sequence([inner]))
    dataset.add_new(0x00190010, "LO", "MAKER")
    dataset.add_new(0x00191001, "LO", "private")
    dataset.add_new(0x00191002, "LO", "more")
    dataset.add_new(0x60000022, "LO", "an overlay")
    dataset.add_new(0x60020022, "LO", "another")
    return dataset


def to_year(dataset: Any, tag: tuple[int, int]) -> None:  # noqa: ANN401
    """The example of its documentation: of a birth date the year stays."""
    element = dataset.get(tag)
    if element is not None:
        element.value = f"{element.value[:4]}0101"


@pytest.mark.parametrize("tag", [BIRTH_DATE, 0x00100030, "PatientBirthDate"])
def test_the_birth_date_becomes_the_year(tag: object) -> None:
    dataset = made()
    anonymize_dataset(dataset, key=KEY, extra_anonymization_rules={tag: to_year})
    assert dataset.PatientBirthDate == "19700101"
    assert dataset.PatientName != "Doe^Jane"


def test_at_every_depth() -> None:
    dataset = made()
    anonymize_dataset(dataset, [], extra_anonymization_rules={BIRTH_DATE: to_year})
    assert dataset[0x00400275].value[0].PatientBirthDate == "19700101"


def test_a_callable_that_does_nothing_keeps() -> None:
    dataset = made()
    rules = {BIRTH_DATE: lambda dataset, tag: None, (0x0019, 0x1001): lambda dataset, tag: None}
    anonymize_dataset(dataset, delete_private_tags=True, extra_anonymization_rules=rules)
    assert dataset.PatientBirthDate == "19701231"
    assert dataset[0x00191001].value == "private"
    assert dataset[0x00190010].value == "MAKER"
    assert 0x00191002 not in dataset


def test_masks_name_many_tags() -> None:
    dataset, met = made(), []

    def deletes(dataset: Any, tag: tuple[int, int]) -> None:  # noqa: ANN401
        met.append(tag)
        del dataset[tag]

    mask = (0x6000, 0x0022, 0xFF00, 0xFFFF)
    anonymize_dataset(dataset, [], extra_anonymization_rules={mask: deletes})
    assert met == [(0x6000, 0x0022), (0x6002, 0x0022)]
    assert 0x60000022 not in dataset


def test_what_is_not_there_may_be_added_at_the_top() -> None:
    dataset, met = made(), []

    def adds(dataset: Any, tag: tuple[int, int]) -> None:  # noqa: ANN401
        met.append(tag)
        dataset.PatientComments = "added"

    anonymize_dataset(dataset, [], extra_anonymization_rules={"PatientComments": adds})
    assert met == [(0x0010, 0x4000)]
    assert dataset.PatientComments == "added"


def test_others_are_seen_as_the_rules_have_left_them() -> None:
    dataset, seen = made(), []
    rules = [{"dicomTagPath": "PatientName", "method": "redact"}]
    anonymize_dataset(
        dataset, rules, extra_anonymization_rules={0x00100030: lambda d, t: seen.append(d)}
    )
    assert all(str(one.get("PatientName", "")) == "" for one in seen)


def test_the_file_meta_information() -> None:
    def renames(dataset: Any, tag: tuple[int, int]) -> None:  # noqa: ANN401
        dataset[tag].value = "1.2.9"

    dataset = made()
    anonymize_dataset(dataset, [], extra_anonymization_rules={0x00080018: renames})
    assert dataset.SOPInstanceUID == dataset.file_meta.MediaStorageSOPInstanceUID == "1.2.9"
    version = {0x00020013: lambda meta, tag: setattr(meta, "ImplementationVersionName", "MINE")}
    anonymize_dataset(dataset, [], extra_anonymization_rules=version)
    assert dataset.file_meta.ImplementationVersionName == "MINE"


def test_one_that_fails_changes_nothing_and_its_text_is_not_told() -> None:
    def breaks(dataset: Any, tag: tuple[int, int]) -> None:  # noqa: ANN401
        dataset.PatientName = "changed"
        raise ValueError(f"Canary {dataset.get(tag)}")

    dataset = made()
    with pytest.raises(ImageError) as caught:
        anonymize_dataset(dataset, [], extra_anonymization_rules={BIRTH_DATE: breaks})
    assert caught.value.reason == "value-refused"
    assert "PatientBirthDate: its callable failed with ValueError" in str(caught.value)
    assert caught.value.__cause__ is None
    assert dataset == made()


@pytest.mark.parametrize(
    "tag", ["NoSuchKeyword", (1, 2, 3), ("a", "b"), None, (0x10, 0x10, 0xFFFE, 0xFFFF)]
)
def test_what_is_no_tag_is_told(tag: object) -> None:
    with pytest.raises(UsageError, match="extra_anonymization_rules"):
        anonymize_dataset(made(), [], extra_anonymization_rules={tag: to_year})
