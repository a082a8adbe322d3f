"""An archive as a file that is read: the same for all processes, and looked at for changes.

Rules
    * Every process reads at places of its own, so a fork shares no position.
    * What is in an archive is not trusted: neither its names nor its sizes (see ``Bounds``).
    * What an archive tells beside names and contents (comments, owners, times, what was added for
      other systems) is not read, and so goes nowhere.
"""

from __future__ import annotations

import os
import re
import stat
from io import SEEK_CUR, SEEK_END, RawIOBase

from anonymizer.errors import ImageError, UsageError
from anonymizer.files import reason
from anonymizer.report import printable
from anonymizer.stores.store import Held

_OPEN = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)

MOST_MEMBERS = 1_000_000
MOST_IN_MEMBER = 4 << 30
"""A member is read into memory."""
MOST_TIMES, FREE_OF_RATIO = 200, 256 << 20
"""A member larger than the second may be so many times as large as it is when compressed."""
MOST_IN_ALL = 64 << 30
"""An archive of more, when decompressed, may not be so many times as large as its file."""
LONGEST_NAME = 4096

WHYS = {
    "bad-archive": "the archive is damaged, or not whole",
    "bomb": "it grows to many times its size",
    "duplicate": "another member of the archive has this name",
    "encrypted": "the member is encrypted",
    "too-large": "more than 4 GiB, which would have to be in memory",
    "unsafe-name": "its name leads out of the archive, or is none",
    "unsupported": "it is stored in a way that is not read",
}
"""What is said of a member, or of the archive, that is not read."""


class Archive(RawIOBase):
    """The open file of an archive; raises UsageError where it is none."""

    def __init__(self, path: str) -> None:
        self.shown = printable(path)
        self._at = 0
        self._fd = -1
        try:
            self._fd = os.open(path, _OPEN)
        except OSError as error:
            text = f"{self.shown}: the archive cannot be opened ({reason(error)})"
            raise UsageError(text) from None
        self._status = os.fstat(self._fd)
        if not stat.S_ISREG(self._status.st_mode):
            raise UsageError(f"{self.shown}: is not a regular file", "put the archive into one")
        self.size = self._status.st_size

    def broken(self, form: str) -> UsageError:
        return UsageError(
            f"{self.shown}: is no .{form}, or damaged; nothing was read",
            "copy it again: it may have been cut off",
        )

    def check_unchanged(self) -> None:
        now = os.fstat(self._fd)
        if now.st_size != self.size or now.st_mtime_ns != self._status.st_mtime_ns:
            raise ImageError("changed", "the archive changes while it is read")

    def piece(self, start: int, size: int) -> bytes:
        """So many bytes from there; fewer where the file ends."""
        parts = []
        while size > 0 and (part := os.pread(self._fd, min(size, 1 << 30), start)):
            parts.append(part)
            start += len(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        start = {SEEK_CUR: self._at, SEEK_END: self.size}.get(whence, 0)
        self._at = max(start + offset, 0)
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(self.size - self._at, 0)
        data = self.piece(self._at, left if size < 0 else min(size, left))
        self._at += len(data)
        return data

    def close(self) -> None:
        """Is called when nobody has it any more."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        super().close()


class Member(Held):
    """An image of an archive, in memory."""

    __slots__ = ("_archive",)

    def __init__(self, source: bytes, archive: Archive) -> None:
        super().__init__(source)
        self._archive = archive

    def check_unchanged(self) -> None:
        self._archive.check_unchanged()


class Bounds:
    """Names and sizes of the members of one archive, as they come: what is wrong with them."""

    __slots__ = ("_seen", "count")

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self.count = 0

    def name(self, raw: str) -> tuple[str, str]:
        """The name as a path that leads nowhere else, and why it is not to be had ("" if it is)."""
        self.count += 1
        path = "/".join(part for part in raw.split("/") if part not in {"", "."})
        if not is_safe(raw) or not path:
            return f"~member-{self.count}~", "unsafe-name"
        if path in self._seen:
            return path, "duplicate"
        self._seen.add(path)
        return path, ""


def is_safe(name: str) -> bool:
    """Whether a name stays below the folder it is unpacked to, on any system."""
    return not (
        len(name) > LONGEST_NAME
        or name.startswith("/")
        or ".." in name.split("/")
        or re.search(r"[\\\0]|^[A-Za-z]:", name)
    )


def why_not(size: int, stored: int) -> str:
    """Why a member is not read for its size; "" if it is."""
    if size > MOST_IN_MEMBER:
        return "too-large"
    return "bomb" if size > max(FREE_OF_RATIO, MOST_TIMES * stored) else ""


def check_all(archive: Archive, members: int, size: int) -> None:
    """Raises UsageError where an archive has more than anybody sends on purpose."""
    if members > MOST_MEMBERS:
        raise UsageError(
            f"{archive.shown}: more than {MOST_MEMBERS:,} members; nothing was read",
            "unpack it, or take it apart",
        )
    if size > max(MOST_IN_ALL, MOST_TIMES * archive.size):
        raise UsageError(
            f"{archive.shown}: grows to more than {MOST_TIMES} times its size; nothing was read",
            "look at where it came from",
        )
