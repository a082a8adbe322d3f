"""Reads images from a .zip: by its directory, each where it stands, in every process for itself.

Rules
    * Only what the directory lists is read, and no byte twice: members that share bytes are how
      small files grow without end.
    * A member is handed out when all of it was read and its checksum is right.
"""

from __future__ import annotations

import stat
from itertools import pairwise
from typing import TYPE_CHECKING
from zipfile import ZipFile, ZipInfo

from anonymizer.errors import ImageError
from anonymizer.stores.archive import WHYS, Archive, Bounds, Member, check_all, why_not
from anonymizer.stores.forms import ZIP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.folder import Found

ENCRYPTED = 0x1 | 0x40 | 0x2000
IS_UTF_8 = 0x800
STORED_OR_DEFLATED = (0, 8)
UNIX = (3, 19)
HEADER = 30
"""A member has at least so many bytes before its content."""


class ZipInputs:
    """The members of a .zip; raises UsageError where it is none."""

    __slots__ = ("_archive", "_found", "_members", "_zip", "alone", "whys")

    def __init__(self, path: str) -> None:
        self.alone = False
        self.whys = WHYS
        self._archive = Archive(path)
        try:
            self._zip = ZipFile(self._archive)
        except Exception:  # noqa: BLE001  what it says may hold a name
            raise self._archive.broken(ZIP) from None
        infos = self._zip.infolist()
        check_all(self._archive, len(infos), sum(info.file_size for info in infos))
        self._members: dict[str, ZipInfo] = {}
        self._found = list(self._judged(infos))

    def begin(self) -> None:
        """Places are not shared, so there is nothing to open again."""

    def _judged(self, infos: list[ZipInfo]) -> Iterator[Found]:
        bounds = Bounds()
        overlapping = _overlapping(infos)
        for info in infos:
            if info.orig_filename.endswith("/") and not info.file_size:
                continue
            path, why = bounds.name(_name_of(info))
            why = why or _why_not(info) or ("bad-archive" if id(info) in overlapping else "")
            if not why:
                self._members[path] = info
            yield path, info.file_size, why

    def find(self) -> Iterator[Found]:
        yield from self._found

    def expect(self, paths: list[str]) -> None:
        """Each is where it is."""

    def open(self, path: str) -> Member:
        info = self._members[path]
        try:
            with self._zip.open(info) as member:
                source = member.read(info.file_size)
                more = member.read(1)  # looks at the checksum, too
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  what it says may hold a name
            more = b"?"
        if more or len(source) != info.file_size:
            raise ImageError("bad-archive", "the member is damaged, or not whole")
        return Member(source, self._archive)


def _overlapping(infos: list[ZipInfo]) -> set[int]:
    """Members whose bytes another has, too."""
    by_place = sorted(infos, key=lambda info: info.header_offset)
    return {
        id(info)
        for info, behind in pairwise(by_place)
        if info.header_offset + HEADER + info.compress_size > behind.header_offset
    }


def _name_of(info: ZipInfo) -> str:
    """The name; where its character set is not told, UTF-8 if it is that."""
    name = info.orig_filename
    if info.flag_bits & IS_UTF_8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _why_not(info: ZipInfo) -> str:
    mode = info.external_attr >> 16 if info.create_system in UNIX else 0
    if stat.S_ISLNK(mode):
        return "symlink"
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        return "special-file"
    if info.flag_bits & ENCRYPTED:
        return "encrypted"
    if info.compress_type not in STORED_OR_DEFLATED:
        return "unsupported"
    return why_not(info.file_size, info.compress_size)
