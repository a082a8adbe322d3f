"""Hands a pydicom Dataset to the engine as the bytes of a file, and puts the output back in place.

Strategy
    The Dataset is written in the encoding that it was read in, so that what nobody has looked at
    goes through untouched; what was made in memory is written in explicit VR little endian.
    Large pixel data that no rule decides about stays behind: an empty element stands for it.

Rules. The Dataset changes when everything is decided and read back, or not at all.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.tag import Tag
from pydicom.uid import UID

from anonymizer._version import VERSION
from anonymizer.api.tag_rules import apply_tag_rules
from anonymizer.dicom.attribute import Element
from anonymizer.dicom.part10 import MEDIA_STORAGE_DIRECTORY, Stamp
from anonymizer.dicom.pixels import PIXEL_DATA, PIXELS, TELL_LENGTH, native_length
from anonymizer.dicom.scan import UNDEFINED
from anonymizer.dicom.syntax import (
    DEFLATED,
    EXPLICIT_LE,
    EXPLICIT_VR_BIG_ENDIAN,
    EXPLICIT_VR_LITTLE_ENDIAN,
    IMPLICIT_LE,
    IMPLICIT_VR_LITTLE_ENDIAN,
    encoding_of,
)
from anonymizer.errors import ImageError
from anonymizer.from_pydicom import encoding_of_dataset, written_as

if TYPE_CHECKING:
    from pydicom.dataelem import RawDataElement
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset

    from anonymizer.api.tag_rules import TagRules
    from anonymizer.dicom.syntax import Encoding
    from anonymizer.rules.plan import Plan

    Held = dict[int, DataElement | RawDataElement]

PIXEL_VRS = ("OB", "OD", "OF", "OW")

META_LENGTH, TRANSFER_SYNTAX = 0x00020000, 0x00020010
PAIRS = ((0x00020002, 0x00080016), (0x00020003, 0x00080018))
"""SOP Class and Instance UID, in the file meta information and in the data set."""


class Exchange:
    """One Dataset on its way through the engine."""

    def __init__(self, dataset: Dataset, plan: Plan, *, trim: bool) -> None:
        self._dataset = dataset
        self._was_read = None not in dataset.original_encoding
        self._encoding = encoding_of_dataset(dataset)
        self._seen = dataset[:]  # what is read here is not read, and converted, in the Dataset
        self._held = _stays_behind(self._seen, plan, self._encoding, trim=trim)

    def written(self) -> bytes:
        """The bytes of a file; raises ImageError where pydicom cannot write it."""
        if MEDIA_STORAGE_DIRECTORY in self._said_classes:
            message = "a DICOMDIR points into its own file, which a Dataset is not"
            raise ImageError("bad-dataset", message)
        part = self._dataset[:]
        for tag, element in self._held.items():
            part[tag] = DataElement(tag, element.VR if element.VR in PIXEL_VRS else "OW", None)
        compressed = self._compressed
        if compressed and PIXEL_DATA in part:
            part[PIXEL_DATA].is_undefined_length = PIXEL_DATA not in self._held
        sop_class, instance = (self._named(*pair) for pair in PAIRS)
        head = Stamp(VERSION).envelope(sop_class, instance, self._syntax.encode())
        preamble = getattr(self._dataset, "preamble", None) or b""
        if len(preamble) == 128:
            head = preamble + head[128:]
        return head + written_as(part, self._encoding)

    def put_back(self, output: bytes, rules: TagRules | None) -> None:
        """Gives the Dataset the content of the output, then to the callables of ``rules``."""
        new = dcmread(BytesIO(output), force=True)
        for tag, element in self._held.items():
            if tag in new:
                new[tag] = element
        if rules:
            apply_tag_rules(new, rules)
            _follow(new)
        _fill(self._dataset, new)
        implicit, little = new.original_encoding
        self._dataset.set_original_encoding(implicit, little, new.original_character_set)
        if getattr(self._dataset, "preamble", None):
            self._dataset.preamble = new.preamble
        about = getattr(self._dataset, "file_meta", None)
        if about:
            syntax = about.get_item(TRANSFER_SYNTAX) if TRANSFER_SYNTAX in about else None
            _fill(about, new.file_meta)
            self._name_syntax(about, syntax)

    def _name_syntax(
        self, about: FileMetaDataset, said: DataElement | RawDataElement | None
    ) -> None:
        """What is made in memory has the transfer syntax that its maker chooses, or none yet."""
        if said is not None:
            about[TRANSFER_SYNTAX] = said
        elif not self._was_read:
            del about[TRANSFER_SYNTAX]
        if self._said_syntax != self._syntax:
            about.pop(META_LENGTH, None)  # pydicom adds it where it writes

    @property
    def _said_syntax(self) -> str:
        about = getattr(self._dataset, "file_meta", None)
        return str(about.get("TransferSyntaxUID", "") or "") if about else ""

    @property
    def _compressed(self) -> bool:
        said = UID(self._said_syntax)
        return said.is_transfer_syntax and said.is_compressed

    @property
    def _syntax(self) -> str:
        """What the file meta information must say of the bytes, whatever it is to say later."""
        said = self._said_syntax
        if said and said not in DEFLATED and encoding_of(said) is self._encoding:
            return said
        if self._encoding is IMPLICIT_LE:
            return IMPLICIT_VR_LITTLE_ENDIAN
        little = self._encoding is EXPLICIT_LE
        return EXPLICIT_VR_LITTLE_ENDIAN if little else EXPLICIT_VR_BIG_ENDIAN

    @property
    def _said_classes(self) -> tuple[str, ...]:
        about = getattr(self._dataset, "file_meta", None) or {}
        said = (about.get("MediaStorageSOPClassUID"), self._seen.get("SOPClassUID"))
        return tuple(map(str, said))

    def _named(self, in_meta: int, in_data_set: int) -> bytes:
        about = getattr(self._dataset, "file_meta", None) or {}
        named = about.get(Tag(in_meta)) or self._seen.get(Tag(in_data_set))
        value = None if named is None else named.value
        return value.encode("latin-1", "replace") if isinstance(value, str) else b""


def _stays_behind(dataset: Dataset, plan: Plan, encoding: Encoding, *, trim: bool) -> Held:
    """The pixel data that no rule decides about and that ends where it should."""
    held: Held = {}
    for tag in PIXELS:
        if tag in dataset and all(
            plan.claim(Element(tag, vr, vr), root=True) is None for vr in PIXEL_VRS
        ):
            element = dataset.get_item(tag)
            if element is not None and not (trim and _has_excess(dataset, encoding)):
                held[tag] = element
    return held


def _has_excess(dataset: Dataset, encoding: Encoding) -> bool:
    """Whether bytes may stand behind native pixels, inside their element."""
    about = [Tag(tag) for tag in TELL_LENGTH if tag in dataset]
    notes = {}
    for tag in about:
        raw = written_as(dataset[tag : tag + 1], encoding)
        notes[int(tag)] = raw[8:]
    length = native_length(notes, encoding)
    if length is None:
        return False
    element = dataset.get_item(PIXEL_DATA)
    if element is None or _is_encapsulated(element):
        return False
    value = element.value
    return not isinstance(value, bytes) or len(value) > length + (length & 1)


def _is_encapsulated(element: DataElement | RawDataElement) -> bool:
    if isinstance(element, DataElement):
        return bool(element.is_undefined_length)
    return element.length == UNDEFINED


def _follow(new: FileDataset) -> None:
    """Has the file meta information name what the data set names."""
    for in_meta, in_data_set in PAIRS:
        element = new.get(Tag(in_data_set))
        if element is not None and element.value:
            new.file_meta[in_meta] = DataElement(in_meta, "UI", element.value, validation_mode=0)


def _fill(dataset: Dataset, new: Dataset) -> None:
    """Gives a Dataset the elements of another; the last first, for behind a private creator
    pydicom would read, and judge, the value of each."""
    dataset.clear()
    for tag in sorted(new.keys(), reverse=True):
        element = new.get_item(tag)
        assert element is not None, "its tag was just seen"
        dataset[tag] = element
