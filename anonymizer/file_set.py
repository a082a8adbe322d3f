"""Writes the DICOMDIR of a folder: a new directory of the files that a run has written (PS3.3 F).

Rules
    * It is written whole or not at all, and every DICOM file of the folder stands in it.
    * Files keep their names; where one is no File ID (PS3.10 8.2, 8.5) there is no directory.
    * Records need what de-identification may have emptied: a stand-in that tells nothing then.
    * No message holds a value or the name of a file.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from anonymizer._version import VERSION
from anonymizer.dicom.part10 import MEDIA_STORAGE_DIRECTORY, Stamp
from anonymizer.dicom.syntax import EXPLICIT_VR_LITTLE_ENDIAN
from anonymizer.errors import ImageError, UsageError
from anonymizer.files import write_bytes
from anonymizer.folder import find_files
from anonymizer.from_pydicom import unsaid
from anonymizer.methods.keyed import uid_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

NAME = "DICOMDIR"

LEVELS = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID")
"""What tells the records above an instance apart."""

STAND_INS = {
    "StudyDate": "19000101",
    "StudyTime": "000000",
    "StudyID": "1",
    "SeriesNumber": 1,
    "InstanceNumber": 1,
    "Modality": "OT",
    "ContentDate": "19000101",
    "ContentTime": "000000",
    "ContentLabel": "NONE",
    "PresentationCreationDate": "19000101",
    "PresentationCreationTime": "000000",
}


class Node:
    """A directory record, and those below it by what tells them apart."""

    __slots__ = ("below", "record")

    def __init__(self, record: Any) -> None:  # noqa: ANN401  a data set of pydicom
        self.record = record
        self.below: dict[str, Node] = {}

    def walk(self) -> Iterator[Node]:
        """The records below, each before those below it."""
        for node in self.below.values():
            yield node
            yield from node.walk()


def write_directory(folder: str, *, replace: bool) -> int:
    """Writes the DICOMDIR of a folder; answers how many files are in it.

    Raises UsageError where there cannot be one.
    """
    try:
        with unsaid():
            count, content = _listed(folder)
        write_bytes(f"{folder}/{NAME}", content, replace=replace)
    except UsageError:
        raise
    except ImageError as error:
        raise UsageError(f"no {NAME} was written: {error.message}", "see --overwrite") from None
    except Exception as error:  # noqa: BLE001  pydicom's errors quote values: only the type is told
        kind = type(error).__name__
        raise UsageError(f"no {NAME} was written: pydicom failed on a file ({kind})") from None
    return count


def _listed(folder: str) -> tuple[int, bytes]:
    """How many files stand in the directory, and the directory."""
    paths = [path for path, _, why in find_files(folder) if not why and path.upper() != NAME]
    root = Node(None)
    count = sum(_take_in(root, folder, path) for path in paths)
    return count, _encoded(root)


def _take_in(root: Node, folder: str, path: str) -> bool:
    """Adds the records of one file; False where it is no DICOM file."""
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError
    from pydicom.fileset import is_conformant_file_id

    try:
        image = dcmread(f"{folder}/{path}", stop_before_pixels=True)
    except InvalidDicomError:
        return False
    if not is_conformant_file_id(Path(path)):
        raise UsageError(
            f"no {NAME} was written: the name of a file is no File ID",
            "at most eight levels of at most eight of A-Z, 0-9 and _, without an extension",
        )
    for keyword, stand_in in STAND_INS.items():
        if not image.get(keyword):
            setattr(image, keyword, stand_in)
    if not image.get("PatientID"):
        study = str(image.get("StudyInstanceUID", "")).encode()
        image.PatientID = f"ANON_{hashlib.sha256(study).hexdigest()[:8].upper()}"
    _add(root, _records(image), path)
    return True


def _records(image: Any) -> list[Any]:  # noqa: ANN401  data sets of pydicom
    from pydicom.fileset import FileSet

    try:
        return list(FileSet()._recordify(image))
    except (ValueError, AttributeError, KeyError):
        raise UsageError(
            f"no {NAME} was written: a file lacks what its directory record needs"
        ) from None


def _add(root: Node, records: list[Any], path: str) -> None:
    *above, leaf = records
    leaf.ReferencedFileID = path.split("/")
    node = root
    for record, level in zip(above, LEVELS, strict=False):
        node = node.below.setdefault(str(record.get(level)), Node(record))
    node.below[f"{leaf.ReferencedSOPInstanceUIDInFile}/{path}"] = Node(leaf)


def _encoded(root: Node) -> bytes:
    """The file: written once to learn where the records stand, and again with their places."""
    from pydicom import dcmread
    from pydicom.dataset import Dataset

    nodes = list(root.walk())
    directory = Dataset()
    directory.FileSetID = ""
    directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = 0
    directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = 0
    directory.FileSetConsistencyFlag = 0
    directory.DirectoryRecordSequence = [node.record for node in nodes]
    head = _envelope(nodes)
    read = dcmread(io.BytesIO(head + _data_set(directory)))
    places = [item.seq_item_tell for item in read.DirectoryRecordSequence]
    place_of = {id(node): at for node, at in zip(nodes, places, strict=True)}
    for node in (root, *nodes):
        siblings = [place_of[id(below)] for below in node.below.values()]
        for below, following in zip(node.below.values(), [*siblings[1:], 0], strict=False):
            below.record.OffsetOfTheNextDirectoryRecord = following
        if node.record is not None:
            node.record.OffsetOfReferencedLowerLevelDirectoryEntity = (siblings or [0])[0]
    tops = [place_of[id(node)] for node in root.below.values()] or [0]
    directory.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = tops[0]
    directory.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = tops[-1]
    return head + _data_set(directory)


def _data_set(directory: Any) -> bytes:  # noqa: ANN401  a data set of pydicom
    from pydicom import dcmwrite

    written = io.BytesIO()
    dcmwrite(written, directory, implicit_vr=False, little_endian=True)
    return written.getvalue()


def _envelope(nodes: list[Node]) -> bytes:
    """Its own instance follows from those it lists, so that the same folder gives the same file."""
    listed = (str(node.record.get("ReferencedSOPInstanceUIDInFile", "")) for node in nodes)
    uid = uid_of(hashlib.sha256("\\".join(listed).encode()).digest())
    return Stamp(VERSION).envelope(
        MEDIA_STORAGE_DIRECTORY.encode(), uid.encode(), EXPLICIT_VR_LITTLE_ENDIAN.encode()
    )
