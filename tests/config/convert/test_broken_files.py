"""Whatever a file is, it is converted or refused with a place; nothing of it is repeated or run."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anonymizer.config.convert import FORMATS, MOST_BYTES, convert
from anonymizer.errors import AnonymizerError, ConfigurationError, UsageError

SECRET = "b7Kq2Zx9Lm4Np6Rt8Vw1Yc3Fd5Gh0JsQ"

# kind, file, place, message
BROKEN: list[tuple[str, str, str, str]] = [
    ("kitware", "[]", "", "is not an object"),
    ("kitware", "{", "line 1 column 2", "expecting"),
    ("kitware", '{"PatientName": "keep"}', "PatientName", "is not a tag"),
    ("kitware", '{"(0010, 0010)": "keep"}', "(0010, 0010)", "is not a tag"),
    ("kitware", '{"(0x10010, 0x1)": "keep"}', "(0x10010, 0x1)", "is not a tag"),
    ("kitware", '{"(0x8, 0x20)": 7}', "(0x8, 0x20)", "says no action"),
    ("kitware", '{"(0x8, 0x20)": "shred"}', "(0x8, 0x20)", "its action is none"),
    ("kitware", '{"(0x8, 0x20)": {"action": "regexp"}}', "(0x8, 0x20)", "regexp takes find and"),
    (
        "kitware",
        '{"(0x8, 0x20)": {"action": "replace_with_value", "value": []}}',
        "(0x8, 0x20)",
        "its argument is neither",
    ),
    ("ctp", "<script>", "line 1 column 9", "is not XML"),
    ("ctp", "<other/>", "line 1", "is not a script"),
    ("ctp", '<!DOCTYPE a [<!ENTITY x "y">]><script>&x;</script>', "line 1", "has a document type"),
    ("ctp", '<!DOCTYPE a SYSTEM "file:///x"><script/>', "line 1", "has a document type"),
    ("ctp", "<script>" + "<e>" * 20 + "</e>" * 20 + "</script>", "line 1", "is nested too deeply"),
    ("ctp", '<script><e t="00100010">@if(this</e></script>', "line 1", "lacks a closing )"),
    ("ctp", '<script><e t="00100010">@if(a,b){</e></script>', "line 1", "lacks a closing }"),
    ("ctp", '<script><e t="00100010">@if(a,b){c}</e></script>', "line 1", "has not two clauses"),
    (
        "ctp",
        '<script><e t="00100010">' + "@if(a,b){" * 30 + "}{}" * 30 + "</e></script>",
        "line 1",
        "is nested too deeply",
    ),
    ("deid", "%header\nSHRED PatientName", "line 2", "is no action"),
    ("deid", "%header\nREMOVE", "line 2", "names no attribute"),
    ("deid", "%header\nREPLACE PatientName", "line 2", "takes a value"),
    ("deid", "REMOVE PatientName", "line 1", "stands in no section"),
    ("deid", "%what", "line 1", "is no section of a recipe"),
    ("deid", "FORMAT nifti", "line 1", "is not the format dicom"),
    ("deid", "%header\nREMOVE fields:none", "line 2", "a list of fields"),
    ("deid", "%fields a\nFIELD fields:a\n%header\nREMOVE fields:a", "line 4", "a list of fields"),
    ("dcmanon", "[]", "", "is not an object"),
    ("dcmanon", '{"tag_actions": []}', "tag_actions", "is not an object"),
    ("dcmanon", '{"tag_actions": {"x": {}}}', "tag_actions.x", "is not a tag"),
    ("dcmanon", '{"tag_actions": {"00100010": 1}}', "tag_actions.00100010", "its action is none"),
    (
        "dcmanon",
        '{"00100010": {"action": "replace"}}',
        "tag_actions.00100010",
        "replace takes value",
    ),
    ("dcmanon", '{"remove_curves": 1}', "remove_curves", "is neither true nor false"),
    ("orthanc", "[]", "", "is not an object"),
    ("orthanc", '{"Replace": []}', "Replace", "is not an object"),
    ("orthanc", '{"Keep": {}}', "Keep", "is not a list"),
    ("orthanc", '{"Keep": [1]}', "Keep[0]", "is not a text"),
    ("orthanc", '{"DicomVersion": "1999"}', "DicomVersion", "is none of"),
    ("microsoft", "[]", "", "is not an object"),
    ("microsoft", '{"rules": []}', "", "has not the shape"),
    ("microsoft", '{"rules": [{"tag": 1, "method": "keep"}]}', "rules[0].tag", "is not text"),
    ("microsoft", '{"rules": 1, "defaultSettings": {}}', "rules", "is not a list"),
]


def test_all_mistakes_of_a_dictionary_are_told_at_once() -> None:
    entries = {
        "(0x8, 0x20)": "shred",
        "(0x8, 0x30)": "keep",
        "PatientName": "keep",
        "(0x8, 0x40)": {"action": "regexp"},
    }
    with pytest.raises(ConfigurationError) as caught:
        convert(json.dumps(entries).encode(), "a.json", kind="kitware")
    places = [mistake.place for mistake in caught.value.mistakes]
    assert places == ["(0x8, 0x20)", "PatientName", "(0x8, 0x40)"]
    assert caught.value.source == "a.json"


@pytest.mark.parametrize(("kind", "text", "place", "message"), BROKEN)
def test_a_mistake_has_its_place(kind: str, text: str, place: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        convert(text.encode(), "theirs", kind=kind)
    first = raised.value.mistakes[0]
    assert first.place == place
    assert message in first.message


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"", b"\0" * 40, b"[" * 100_000, b"null"])
def test_garbage_is_refused(kind: str, data: bytes) -> None:
    if kind == "deid" and not data:
        return  # an empty recipe asks for nothing
    with pytest.raises(ConfigurationError):
        convert(data, "theirs", kind=kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_too_large_is_refused(kind: str) -> None:
    with pytest.raises(ConfigurationError, match="larger than 16 MiB"):
        convert(b" " * (MOST_BYTES + 1), "theirs", kind=kind)


@pytest.mark.parametrize(
    "data", [b"{}", b"hello", b"", b'{"a": 1}', b"PatientName: x", b"\xff\xfe", b"[]"]
)
def test_what_is_of_no_tool_is_not_recognised(data: bytes) -> None:
    with pytest.raises(UsageError, match="cannot be recognised"):
        convert(data, "theirs")


def test_our_own_configuration_is_told_apart() -> None:
    with pytest.raises(ConfigurationError, match="of our own already"):
        convert(b'{"rules": [{"dicomTagPath": "PN", "method": "keep"}]}', "ours")


WITH_A_SECRET = {
    "kitware": json.dumps({f"({SECRET}, 1)": "keep"}),
    "ctp": f'<script><e t="{SECRET}">@{SECRET}(</e></script>',
    "deid": f"%header\n{SECRET} {SECRET}",
    "dcmanon": json.dumps({"tag_actions": {SECRET: {"action": SECRET}}}),
    "orthanc": json.dumps({"Keep": [SECRET], SECRET: 1}),
    "microsoft": json.dumps({"rules": [{"tag": SECRET}], "defaultSettings": {}}),
}


def told_of(kind: str) -> str:
    try:
        return "\n".join(map(str, convert(WITH_A_SECRET[kind].encode(), "theirs", kind=kind)[1]))
    except AnonymizerError as error:
        return str(error)


@pytest.mark.parametrize("kind", FORMATS)
def test_what_may_be_a_key_is_not_repeated(kind: str) -> None:
    told = told_of(kind)
    assert told
    assert SECRET not in told


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([*FORMATS]),
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3),
                st.dictionaries(
                    st.sampled_from(
                        [
                            *("(0x10, 0x10)", "action", "tag_actions", "00100010", "Keep"),
                            *("Replace", "rules", "tag", "method", "defaultSettings", "value"),
                        ]
                    ),
                    inner,
                    max_size=3,
                ),
            ),
            max_leaves=8,
        ).map(lambda value: json.dumps(value).encode()),
        st.text("<>script e=T\"'@if(){}this,%heaerKEPROV:|*[]\n", max_size=120).map(str.encode),
    ),
)
def test_any_bytes_are_converted_or_refused(kind: str, data: bytes) -> None:
    try:
        effective, _ = convert(data, "theirs", kind=kind)
    except AnonymizerError:
        return
    assert isinstance(effective["rules"], list)
