"""Orthanc: the JSON body of an anonymize call, on top of the profile of an edition."""

from __future__ import annotations

import re

from anonymizer.config.convert.draft import selector_for
from anonymizer.config.jsonc import read_json
from anonymizer.dicom.dictionary import tags_by_keyword

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from anonymizer.config.convert.draft import Draft

EDITION = "2023e"
"""The nearest that we have to 2023b, which that tool takes where nothing is said."""

VERSIONS = ("2023b", "2021b", "2017c", "2008")

OF_THE_SERVER = frozenset(
    """
    Force KeepSource KeepLabels Synchronous Asynchronous Permissive Priority Transcode
    LossyQuality Level Resources
    """.split()
)
"""Keys that say nothing of what becomes of values."""

EVERYWHERE = frozenset(
    """
    AccessionNumber Modality PatientBirthDate PatientID PatientName PatientSex
    ReferringPhysicianName SeriesInstanceUID SOPInstanceUID StudyDate StudyID StudyInstanceUID
    StudyTime
    """.split()
)
"""Attributes of Type 1 and 2 of every image; that tool makes any other that it replaces."""

_tag = re.compile(r"\(?([0-9A-Fa-f]{4})[-,]?([0-9A-Fa-f]{4})\)?").fullmatch


def read(data: bytes, draft: Draft) -> None:
    members, repeated = read_json(data, draft.source)
    for again in repeated:
        draft.warn(again.place, "this key stands twice", "the last one holds")
    if not isinstance(members, dict):
        raise draft.broken("", "is not an object", '{"Keep": ["StudyDescription"]} is one')
    draft.follow_profile(EDITION)
    _read_version(members.get("DicomVersion"), draft)
    replaced = members.get("Replace", {})
    if not isinstance(replaced, dict):
        raise draft.broken("Replace", "is not an object")
    for name, value in replaced.items():
        _replace(name, value, draft)
    _read_list(members, "Remove", "remove", draft)
    _read_list(members, "Clear", "redact", draft)
    _read_list(members, "Keep", "keep", draft)
    _read_private(members, draft)


def _read_version(version: object, draft: Draft) -> None:
    if version is None:
        return
    if version not in VERSIONS:
        raise draft.broken("DicomVersion", f"is none of {', '.join(VERSIONS)}")
    if version != VERSIONS[0]:
        message = f"the table of {version} is not here: that of {draft.members['edition']} is used"
        draft.warn("DicomVersion", message, "newer tables take more")


def _replace(name: str, value: object, draft: Draft) -> None:
    place = f"Replace.{name}"
    selector = _selector(name)
    if isinstance(value, str | int | float) and selector not in EVERYWHERE:
        draft.warn_once(place, "an attribute that is missing is not made")
    if isinstance(value, str):
        draft.rule(place, selector, "substitute", replaceWith=value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        draft.rule(place, selector, "substitute", replaceWith=str(value))
    else:
        draft.empty(place, selector, "a sequence cannot be written anew")


def _read_list(members: dict[str, Any], key: str, method: str, draft: Draft) -> None:
    names = members.get(key, [])
    if not isinstance(names, list):
        raise draft.broken(key, "is not a list")
    for number, name in enumerate(names):
        if not isinstance(name, str):
            raise draft.broken(f"{key}[{number}]", "is not a text")
        selector = _selector(name)
        if method == "keep" and "." not in selector:
            selector = f".{selector}"  # that tool spares it at the root only
        draft.rule(f"{key}[{number}]", selector, method)


def _read_private(members: dict[str, Any], draft: Draft) -> None:
    if members.get("KeepPrivateTags"):
        draft.rule("KeepPrivateTags", "private", "keep")
    known = {"Replace", "Remove", "Clear", "Keep", "KeepPrivateTags", "DicomVersion"}
    for name in members.keys() - known - OF_THE_SERVER:
        if name != "PrivateCreator":
            draft.warn(name, "is not a key of that tool: it is not read")
        else:
            message = "private attributes are selected by their creators, one by one"
            draft.warn(name, message, '"(0019,\\"CREATOR\\",0C)" selects one')


def _selector(name: str) -> str:
    """Its paths are ours, but for tags as ``0010-0020``; digits of a step stay behind it."""
    return ".".join(map(_step, name.split(".")))


def _step(step: str) -> str:
    head, bracket, item = step.partition("[")
    match = _tag(head)
    if match and head not in tags_by_keyword():
        head = selector_for(int(match[1] + match[2], 16))
    return head + bracket + item
