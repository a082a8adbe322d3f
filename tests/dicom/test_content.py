"""What content items are about, and the items that go as a whole."""

from __future__ import annotations

from typing import ClassVar

import pytest
from engine import compiled_with
from image import (
    EXPLICIT_LE,
    IMPLICIT,
    Writer,
    dataset_of,
    element,
    item,
    part10,
    sequence,
)

from anonymizer.dicom.attribute import KEEP, RemoveItem
from anonymizer.dicom.content import concepts_of
from anonymizer.dicom.syntax import EXPLICIT_LE as EXPLICIT
from anonymizer.dicom.syntax import IMPLICIT_VR_LITTLE_ENDIAN
from anonymizer.methods.refusal import ALL_VRS
from anonymizer.pipeline import Pipeline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from anonymizer.dicom.attribute import Attribute, Decision
    from anonymizer.dicom.content import Concept
    from anonymizer.dicom.context import Context
    from anonymizer.methods.method import Option, Secrets

CONTENT, CONCEPT_NAME, VALUE_TYPE, TEXT = 0x0040A730, 0x0040A043, 0x0040A040, 0x0040A160


def content_item(code: str, kind: str, *more: bytes, w: Writer | None = None) -> bytes:
    w = w or Writer()
    name = w.item(w.element("CodeValue", "SH", code) + w.element(0x00080102, "SH", "DCM"))
    return w.item(
        w.element(VALUE_TYPE, "CS", kind) + w.sequence(CONCEPT_NAME, name) + b"".join(more)
    )


def text(value: str, w: Writer | None = None) -> bytes:
    return (w or Writer()).element(TEXT, "UT", value)


def test_each_item_has_its_concept() -> None:
    inner = content_item("121008", "PNAME")
    dataset = sequence(CONTENT, content_item("1", "CONTAINER", sequence(CONTENT, inner)), item(b""))
    at = (CONTENT, 0)
    assert concepts_of(dataset, 0, len(dataset), EXPLICIT)[0] == {
        (at,): ("1", "DCM", "CONTAINER"),
        (at, (CONTENT, 0)): ("121008", "DCM", "PNAME"),
    }


class Asks:
    """Takes the items of concept 1, and remembers what it was asked about."""

    name: ClassVar[str] = "asks"
    summary: ClassVar[str] = ""
    vrs: ClassVar[frozenset[str]] = ALL_VRS
    options: ClassVar[tuple[Option, ...]] = ()
    uses: frozenset[str] = frozenset({"concept"})
    repeatable = True
    constant = None

    def __init__(self) -> None:
        self.seen: list[Concept] = []

    @classmethod
    def from_options(cls, options: Mapping[str, Any], secrets: Secrets) -> Self:
        return cls()

    def decide(self, attribute: Attribute, context: Context) -> Decision:
        self.seen.append(context.concept)
        return RemoveItem() if context.concept[0] == "1" else KEEP


def after(dataset: bytes, path: str, syntax: str = EXPLICIT_LE) -> tuple[bytes, list[Concept]]:
    method = Asks()
    file = part10(dataset, syntax)
    output = Pipeline(compiled_with(path, method)).anonymize(file, len(file))
    return dataset_of(bytes(output))[0], method.seen


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("path", ["TextValue", "ValueType", "CS"])
def test_an_item_goes_whole_and_the_others_stay(path: str, undefined: bool) -> None:
    gone = content_item("1", "TEXT", text("CANARY"), sequence(CONTENT, content_item("3", "NUM")))
    kept = content_item("2", "TEXT", text("fine"))
    behind = element(0x00880140, "UI", "1.2.3")
    before = sequence(CONTENT, gone, kept, gone, undefined=undefined) + behind
    output, _ = after(before, path)
    assert output == sequence(CONTENT, kept, undefined=undefined) + behind


def test_an_item_inside_an_item_goes_alone() -> None:
    gone, kept = content_item("1", "TEXT", text("CANARY")), content_item("2", "TEXT", text("x"))
    before = sequence(CONTENT, content_item("5", "CONTAINER", sequence(CONTENT, gone, kept)))
    output, seen = after(before, "TextValue")
    assert output == sequence(CONTENT, content_item("5", "CONTAINER", sequence(CONTENT, kept)))
    assert seen == [("1", "DCM", "TEXT"), ("2", "DCM", "TEXT")]


def test_items_go_from_implicit_vr_too() -> None:
    w = IMPLICIT
    gone, kept = (content_item(c, "TEXT", text("CANARY", w), w=w) for c in "12")
    output, _ = after(w.sequence(CONTENT, gone, kept), "TextValue", IMPLICIT_VR_LITTLE_ENDIAN)
    assert output == w.sequence(CONTENT, kept)


def test_outside_of_items_only_the_element_goes() -> None:
    class Always(Asks):
        def decide(self, attribute: Attribute, context: Context) -> Decision:
            return RemoveItem()

    file = part10(element("PatientID", "LO", "42") + element("PatientName", "PN", "Doe"))
    for series in (True, False):
        pipe = Pipeline(compiled_with("PatientName", Always()), series=series)
        for _ in range(4):
            output = bytes(pipe.anonymize(file, len(file)))
            assert dataset_of(output)[0] == element("PatientID", "LO", "42")
