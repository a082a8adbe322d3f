"""Rules in the style of Kitware's dicom-anonymizer: a tag, and a callable that changes a Dataset.

Rules
    * The rules of the configuration keep what such a rule names; the callable decides, last, at
      every depth.  At the top level it is called also where the attribute is not there.
    * What a callable raises is told by its type alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from anonymizer.dicom.dictionary import name_of, tags_by_keyword
from anonymizer.errors import ImageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from pydicom.dataset import FileDataset

    TagRule = Callable[[Any, tuple[int, int]], object]
    """Gets the Dataset, or the item of a sequence, that holds the attribute, and its tag."""

    TagRules = Mapping[Any, TagRule]
    """By tag as an integer, keyword, (group, element), or with masks for both."""

META_GROUP = 0x0002


class Target:
    """Which tags a rule names: those equal to ``group`` and ``element`` under the masks."""

    __slots__ = ("element", "element_mask", "group", "group_mask")

    def __init__(self, group: int, element: int, masks: tuple[int, int] = (0xFFFF, 0xFFFF)) -> None:
        self.group_mask, self.element_mask = masks
        self.group = group & self.group_mask
        self.element = element & self.element_mask

    @property
    def exact(self) -> bool:
        return self.group_mask == self.element_mask == 0xFFFF

    @property
    def of_meta(self) -> bool:
        return self.exact and self.group == META_GROUP

    def names(self, tag: int) -> bool:
        group, element = tag >> 16, tag & 0xFFFF
        return (group & self.group_mask, element & self.element_mask) == (self.group, self.element)

    @property
    def selector(self) -> str:
        """The same as a selector of a configuration; raises UsageError where there is none."""
        digits = _digits(self.group, self.group_mask) + _digits(self.element, self.element_mask)
        return f"({digits[:4]},{digits[4:]})"


def _digits(number: int, mask: int) -> str:
    text = ""
    for shift in (12, 8, 4, 0):
        part = mask >> shift & 0xF
        if part not in (0, 0xF):
            raise UsageError("a mask of extra_anonymization_rules has digits other than 0 and F")
        text += f"{number >> shift & 0xF:X}" if part else "x"
    return text


def target_of(given: object) -> Target:
    """Raises UsageError where that is no tag."""
    if isinstance(given, str) and given in tags_by_keyword():
        given = tags_by_keyword()[given]
    if isinstance(given, int):
        return Target(given >> 16, given & 0xFFFF)
    if isinstance(given, tuple) and len(given) in (2, 4):
        group, element, *masks = given
        if all(isinstance(part, int) for part in given):
            return Target(group, element, (masks[0], masks[1])) if masks else Target(group, element)
    raise UsageError(
        "extra_anonymization_rules: a key is no tag",
        "(0x0010, 0x0030), 0x00100030, 'PatientBirthDate' or (0x6000, 0x0000, 0xFF00, 0x0000)",
    )


def shields(rules: TagRules) -> list[dict[str, str]]:
    """The rules that keep for the callables what they name."""
    targets = [target_of(given) for given in rules]
    return [
        {"dicomTagPath": target.selector, "method": "keep", "why": "extra_anonymization_rules"}
        for target in targets
        if not target.of_meta
    ]


def apply_tag_rules(dataset: FileDataset, rules: TagRules) -> None:
    """Calls each in the order given, at every place that it names."""
    for given, call in rules.items():
        target = target_of(given)
        if target.of_meta:
            _call(call, dataset.file_meta, target.group, target.element)
        else:
            for holder, tag in list(_places(dataset, target)):
                _call(call, holder, tag >> 16, tag & 0xFFFF)


def _places(dataset: Dataset, target: Target) -> Iterator[tuple[Dataset, int]]:
    """Where the callable is to be called, the outermost last."""
    for tag in list(dataset.keys()):
        if tag in dataset and _is_sequence(dataset, tag):
            for item in dataset[tag].value or ():
                yield from _inner(item, target)
    yield from _here(dataset, target, always=target.exact)


def _inner(item: Dataset, target: Target) -> Iterator[tuple[Dataset, int]]:
    for tag in list(item.keys()):
        if _is_sequence(item, tag):
            for below in item[tag].value or ():
                yield from _inner(below, target)
    yield from _here(item, target, always=False)


def _here(dataset: Dataset, target: Target, *, always: bool) -> Iterator[tuple[Dataset, int]]:
    if target.exact:
        tag = target.group << 16 | target.element
        if always or tag in dataset:
            yield dataset, tag
        return
    for tag in list(dataset.keys()):
        if target.names(tag):
            yield dataset, int(tag)


def _is_sequence(dataset: Dataset, tag: Any) -> bool:  # noqa: ANN401  pydicom's BaseTag
    """UN and what implicit VR leaves open is looked at, for pydicom may find a sequence in it."""
    raw = dataset.get_item(tag)
    if raw is None or raw.VR not in ("SQ", "UN", None):
        return False
    return bool(dataset[tag].VR == "SQ")


def _call(call: TagRule, dataset: Dataset, group: int, element: int) -> None:
    try:
        call(dataset, (group, element))
    except Exception as error:  # noqa: BLE001  its text may hold a value: only its type is told
        kind, place = type(error).__name__, name_of(group << 16 | element)
        raise ImageError("value-refused", f"{place}: its callable failed with {kind}") from None
