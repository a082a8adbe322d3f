"""Writes a .zip of members that are compressed already (APPNOTE.TXT 6.3).

Rules
    * The same members give the same bytes: no time, no owner, nothing added.
    * Sizes and places that 32 bits cannot hold stand in the extra field of Zip64 (4.5.3).
"""

from __future__ import annotations

from struct import pack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.stores.members import Member

STORED, DEFLATED = 0, 8
MOST_16, MOST_32 = 0xFFFF, 0xFFFFFFFF
IS_UTF_8 = 0x800
PLAIN, ZIP64 = 20, 45
UNIX = 3 << 8
FIRST_DAY = 1 << 5 | 1
"""1 January 1980, the first that there is."""
REGULAR_FILE = 0o100644 << 16


class ZipWriter:
    """Gives the bytes of a .zip to ``write``, piece by piece."""

    __slots__ = ("_at", "_count", "_directory", "_write")

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._at = self._count = 0
        self._directory: list[bytes] = []

    def begin(self, path: str, member: Member) -> None:
        """Writes what stands before the content of a member, which is then to be written."""
        name, flags = _named(path)
        sizes = [member.size, member.stored]
        large = _wide(*sizes)
        extra = pack("<HHQQ", 1, 16, *sizes) if large else b""
        about = pack(
            "<HHHHHLLLHH",
            ZIP64 if large else PLAIN,
            flags,
            DEFLATED if member.deflated else STORED,
            0,
            FIRST_DAY,
            member.checksum,
            *([MOST_32] * 2 if large else reversed(sizes)),
            len(name),
            len(extra),
        )
        self._list(name, flags, member)
        self._put(b"PK\3\4" + about + name + extra)
        self._at += member.stored

    def _list(self, name: bytes, flags: int, member: Member) -> None:
        fields = (member.size, member.stored, self._at)
        wide = [field for field in fields if _wide(field)]
        extra = pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
        size, stored, at = (MOST_32 if _wide(field) else field for field in fields)
        version = ZIP64 if wide else PLAIN
        self._directory.append(
            b"PK\1\2"
            + pack(
                "<HHHHHHLLLHHHHHLL",
                UNIX | version,
                version,
                flags,
                DEFLATED if member.deflated else STORED,
                0,
                FIRST_DAY,
                member.checksum,
                stored,
                size,
                len(name),
                len(extra),
                0,
                0,
                0,
                REGULAR_FILE,
                at,
            )
            + name
            + extra
        )
        self._count += 1

    def finish(self) -> None:
        """Writes the directory and the end."""
        start, count = self._at, self._count
        for entry in self._directory:
            self._put(entry)
        size = self._at - start
        if count >= MOST_16 or _wide(size, start):
            end = self._at
            self._put(
                b"PK\6\6"
                + pack("<QHHLLQQQQ", 44, UNIX | ZIP64, ZIP64, 0, 0, count, count, size, start)
            )
            self._put(b"PK\6\7" + pack("<LQL", 0, end, 1))
        count, size, start = min(count, MOST_16), min(size, MOST_32), min(start, MOST_32)
        self._put(b"PK\5\6" + pack("<HHHHLLH", 0, 0, count, count, size, start, 0))

    def _put(self, data: bytes) -> None:
        self._write(data)
        self._at += len(data)


def _wide(*numbers: int) -> bool:
    return max(numbers) >= MOST_32


def _named(path: str) -> tuple[bytes, int]:
    """A name as it is written, and whether it is told to be UTF-8."""
    try:
        return path.encode("ascii"), 0
    except UnicodeEncodeError:
        pass
    try:
        return path.encode("utf-8"), IS_UTF_8
    except UnicodeEncodeError:  # bytes of a file's name that are no UTF-8
        return path.encode("utf-8", "surrogateescape"), 0
