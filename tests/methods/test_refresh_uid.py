"""refreshUID: the same for the same UID everywhere; what DICOM registers stays."""

from __future__ import annotations

import re

import pytest
from attributes import CONTEXT, after, attribute, method, secrets, text_after
from hypothesis import given
from hypothesis import strategies as st
from pydicom._uid_dict import UID_dictionary

from anonymizer.dicom.attribute import KEEP
from anonymizer.dicom.dictionary import keyword_of
from anonymizer.dicom.forms import fits
from anonymizer.errors import ValueFault
from anonymizer.methods.refresh_uid import STRUCTURAL, RefreshUID

NEW = re.compile(r"2\.25\.(0|[1-9][0-9]{0,38})")


@given(
    st.text(st.sampled_from("0123456789."), min_size=1, max_size=64).filter(
        lambda u: u[:6] != "1.2.84"
    )
)
def test_a_new_uid_is_valid_and_always_the_same(uid: str) -> None:
    new = text_after(method("refreshUID"), "UI", uid)
    assert NEW.fullmatch(new)
    assert fits(new, "UI") == ""
    assert new == text_after(method("refreshUID"), "UI", uid)


def test_this_very_uid_in_every_version_of_this_tool() -> None:
    new = RefreshUID(b"k" * 32).refreshed("1.2.3")
    assert new == PINNED


PINNED = "2.25.239644104661929967003204642114520235006"


@pytest.mark.parametrize("padded", ["1.2.3\0", "1.2.3 ", "1.2.3\0\0", " 1.2.3"])
def test_padding_does_not_matter(padded: str) -> None:
    refresh = method("refreshUID")
    assert text_after(refresh, "UI", padded) == text_after(refresh, "UI", "1.2.3")


@given(st.one_of(st.binary(max_size=80), st.text(st.sampled_from("0128.4\\ \0")).map(str.encode)))
@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "SOPClassUID"])
def test_the_short_way_says_what_the_long_one_says_or_nothing(keyword: str, value: bytes) -> None:
    refresh = RefreshUID(b"k" * 32)
    given_value = attribute("UI", value, keyword=keyword)
    at_once = refresh.at_once(given_value.tag)
    new = None if at_once is None else at_once(value)
    if new is not None:
        assert after(refresh, given_value) == new


def test_the_short_way_leaves_what_may_stay_to_the_long_one() -> None:
    at_once = RefreshUID(b"k" * 32).at_once(0x00080018)
    assert at_once is not None
    assert at_once(b"1.2.3\0") == PINNED.encode()
    for value in (b"", b"\0", b"1.2.840.10008.1.2\0", b"1.2\\1.3", b"text"):
        assert at_once(value) is None
    assert RefreshUID(b"k" * 32).at_once(0x00080016) is None


def test_other_keys_and_other_uids_give_other_uids() -> None:
    one, other = RefreshUID(b"a" * 32), RefreshUID(b"b" * 32)
    assert one.refreshed("1.2") != other.refreshed("1.2")
    assert one.refreshed("1.2") != one.refreshed("1.3")


def test_each_value_is_on_its_own() -> None:
    refresh = method("refreshUID")
    one, well_known, empty, other = text_after(
        refresh, "UI", "1.2.3\\1.2.840.10008.1.2\\\\1.2.4"
    ).split("\\")
    assert one == text_after(refresh, "UI", "1.2.3")
    assert well_known == "1.2.840.10008.1.2"
    assert empty == ""
    assert other == text_after(refresh, "UI", "1.2.4")


@pytest.mark.parametrize(
    ("keyword", "uid"),
    [
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.2"),
        ("SOPClassUID", "1.3.46.670589.11.0.0.12.1"),
        ("ReferencedSOPClassUID", "1.3.12.2.1107.5.9.1"),
        ("TransferSyntaxUID", "1.2.840.113619.5.2"),
        ("CodingSchemeUID", "2.16.840.1.113883.6.96"),
        ("ImplementationClassUID", "1.2.3"),
        ("SOPClassesSupported", "1.2.840.10008.1.1\\\\1.2.3"),
        ("SOPClassUID", "1.2.840.10008.5.1.4.1.1.9999"),
        ("SOPClassUID", ""),
        ("FrameOfReferenceUID", "1.2.840.10008.1.4.1.1"),
        ("ContextUID", "1.2.840.10008.6.1.1"),
        ("StudyInstanceUID", "1.2.840.10008.1.1"),
        ("StudyInstanceUID", ""),
    ],
)
def test_what_must_not_change(keyword: str, uid: str) -> None:
    before = attribute("UI", uid, keyword)
    assert method("refreshUID").decide(before, CONTEXT) is KEEP


@pytest.mark.parametrize(
    "uid",
    [
        "1.2.840.10008.5.1.4.1.1.2.20200115.4711",
        "1.2.840.10008.Doe^Jane",
        "1.2.840.10008.",
        "1.2.840.10008.1.2.",
        "1.2.840.10008.1.2\\1.2.840.10008.19700101",
    ],
)
def test_what_only_begins_like_a_registered_uid_is_replaced(uid: str) -> None:
    new = text_after(method("refreshUID"), "UI", uid, keyword="StudyInstanceUID").split("\\")
    assert NEW.fullmatch(new[-1])
    assert len(new) == uid.count("\\") + 1


@pytest.mark.parametrize("keyword", ["SOPClassUID", "TransferSyntaxUID", "CodingSchemeUID"])
@pytest.mark.parametrize("value", ["Doe^Jane", "1.2.840.10008.Doe", "1.2\\Doe", "1" * 65])
def test_what_is_no_uid_names_no_class_or_syntax(keyword: str, value: str) -> None:
    with pytest.raises(ValueFault, match="the value is no UID"):
        method("refreshUID").decide(attribute("UI", value, keyword), CONTEXT)


def test_every_uid_that_pydicom_knows_stays() -> None:
    refresh = RefreshUID(b"k" * 32)
    assert len(UID_dictionary) > 400
    assert {uid for uid in UID_dictionary if refresh.refreshed(uid) != uid} == set()


@pytest.mark.parametrize(
    "keyword",
    [
        *("SOPInstanceUID", "MediaStorageSOPInstanceUID", "ReferencedSOPInstanceUID"),
        *("DeviceUID", "ManufacturerDeviceClassUID", "TemplateExtensionCreatorUID"),
    ],
)
def test_references_follow(keyword: str) -> None:
    refresh = method("refreshUID")
    assert text_after(refresh, "UI", "1.2.3", keyword=keyword) == text_after(refresh, "UI", "1.2.3")


def test_structural_attributes_are_ui_and_name_no_instance() -> None:
    names = {keyword_of(tag) for tag in STRUCTURAL}
    assert "" not in names
    assert not {name for name in names if "Instance" in name} - {"StoredInstanceTransferSyntaxUID"}


def test_the_key_is_not_that_of_another_method() -> None:
    same = secrets(keys={"refreshUID": b"x" * 32, "cryptoHash": b"x" * 32})
    from anonymizer.methods import METHODS

    hashed = METHODS["cryptoHash"].from_options({}, same)
    refreshed = METHODS["refreshUID"].from_options({}, same)
    assert text_after(hashed, "UI", "1.2.3") != text_after(refreshed, "UI", "1.2.3")
