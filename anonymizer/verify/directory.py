"""Whether the records of an output's DICOMDIR list files that are there, as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anonymizer.dicom.part10 import uid_text
from anonymizer.rules.judge import DIRECTORY_RECORDS
from anonymizer.verify.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anonymizer.dicom.elements import Image

FILE_ID, INSTANCE_IN_FILE = 0x00041500, 0x00041511


def is_directory(image: Image) -> bool:
    return any(element.tag == DIRECTORY_RECORDS and not element.path for element in image.elements)


def wrong_records(
    file: str, image: Image, known: Callable[[str], bool], instance: Callable[[str], str]
) -> Iterator[Finding]:
    """``known`` says whether a path is that of an output, ``instance`` gives the UID in it."""
    folder = file.rpartition("/")[0]
    records: dict[int, dict[int, bytes]] = {}
    for element in image.elements:
        if (
            len(element.path) == 1
            and element.path[0][0] == DIRECTORY_RECORDS
            and element.vr != "SQ"
        ):
            number = element.path[0][1]
            records.setdefault(number, {})[element.tag] = image.field(element)
    for number, record in records.items():
        if FILE_ID not in record:
            continue
        parts = record[FILE_ID].decode("latin-1").strip(" \0").split("\\")
        path = "/".join([*([folder] if folder else []), *map(str.strip, parts)])
        uid = uid_text(record.get(INSTANCE_IN_FILE, b""))
        if not known(path) or (uid and uid != instance(path)):
            yield Finding("record", file, f"DirectoryRecordSequence[{number}]")
