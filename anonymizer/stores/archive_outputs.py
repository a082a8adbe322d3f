"""Writes outputs into an archive, which gets its name when all of it is there, or never.

Rules
    * A member has the bytes of an output and its name; all else is the same in every archive.
    * What takes long, compressing the members of a .zip, is done by the processes of the run;
      making the archive is left to one.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from hashlib import blake2b
from tarfile import BLOCKSIZE, PAX_FORMAT, RECORDSIZE, TarInfo
from typing import TYPE_CHECKING, Any

from anonymizer.errors import ImageError, UsageError
from anonymizer.files import give_name, new_part, reason
from anonymizer.report import printable
from anonymizer.stores.forms import FAST, ZIP, ZSTANDARD, compressed, form_of, zstandard
from anonymizer.stores.members import Members
from anonymizer.stores.store import AT_ONCE, settle, unwritable
from anonymizer.stores.zip_writer import ZipWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from anonymizer.files import Opened
    from anonymizer.pipeline import Output
    from anonymizer.stores.members import Member
    from anonymizer.stores.store import Check

    Piece = bytes | memoryview


class ArchiveOutputs:
    """An archive of outputs; ``by_uids`` says that two outputs may want one name."""

    __slots__ = (
        "_by_uids",
        "_form",
        "_members",
        "_overwrite",
        "_path",
        "_written",
        "alone",
        "folder",
    )

    def __init__(self, path: str, *, overwrite: bool, by_uids: bool) -> None:
        """Raises UsageError where there is an archive that may not go, or a library is missing."""
        self.alone = self._by_uids = by_uids
        self._path = os.path.abspath(path)
        self.folder = os.path.dirname(self._path)
        self._form = form_of(path)
        self._overwrite = overwrite
        self._members: Members | None = None
        self._written: dict[str, bytes] = {}
        if os.path.lexists(path) and not overwrite:
            raise UsageError(
                f"{printable(path)}: is there already",
                "--overwrite replaces the archive as a whole",
            )
        if self._form == ZSTANDARD:
            zstandard()  # a library that is missing is missed before

    def prepare(self) -> None:
        """Makes sure that the archive can be written; raises UsageError."""
        try:
            os.makedirs(self.folder, exist_ok=True)
            self._members = Members(self.folder)
        except OSError as error:
            shown = printable(self.folder)
            raise UsageError(f"{shown}: no archive can be written ({reason(error)})") from None

    def begin(self) -> None:
        """An unfinished file is made where there is something to write."""

    def exists(self, path: str) -> bool:
        return False

    def write(
        self, path: str, output: Output, image: Opened, *, replace: bool, check: Check | None
    ) -> int:
        digest = _digest(output) if self._by_uids else b""
        if self._is_there(path, digest):
            settle(image, check)
            return output.size
        assert self._members is not None, "it was prepared"
        whole = _Sum()
        pieces = whole.passed(output.parts())
        deflated = self._form == ZIP

        def about() -> tuple[int, int, bool]:
            settle(image, check)
            return whole.size, whole.checksum, deflated

        try:
            self._members.begin()
        except OSError as error:
            raise unwritable(error) from None
        self._members.append(path, _deflated(pieces) if deflated else pieces, about)
        if digest:
            self._written[path] = digest
        return whole.size

    def _is_there(self, path: str, digest: bytes) -> bool:
        """Whether the same was written under the same name; raises ImageError if it was another."""
        known = self._written.get(path, digest)
        if known != digest:
            raise ImageError("exists", "another input has the same output")
        return path in self._written

    def discard(self, path: str, pid: int) -> None:
        if self._members is not None:  # as it is but where nothing is written
            self._members.discard(path, pid)

    def finish(self) -> None:
        assert self._members is not None, "it was prepared"
        part = ""
        try:
            members = self._members.found()
            if members:
                fd, part = new_part(f"{self.folder}/")
                with open(fd, "wb") as file:
                    write = _write_zip if self._form == ZIP else self._write_tar
                    write(file, members)
                give_name(part, self._path, replace=self._overwrite)
                part = ""
        except OSError as error:
            text = f"the archive cannot be written ({reason(error)})"
            raise ImageError("unwritable", text) from None
        finally:
            if part:
                with suppress(OSError):
                    os.unlink(part)
            self._members.clear()

    def _write_tar(self, file: Any, members: dict[str, Member]) -> None:  # noqa: ANN401
        target = compressed(file, self._form)
        size = 0
        for path, content in _opened(members):
            header = _tar_header(path, members[path].size)
            target.write(header)
            for piece in content:
                target.write(piece)
            padding = -members[path].size % BLOCKSIZE
            target.write(bytes(padding))
            size += len(header) + members[path].size + padding
        size += 2 * BLOCKSIZE
        target.write(bytes(2 * BLOCKSIZE + -size % RECORDSIZE))
        if target is not file:
            target.close()

    def abandon(self) -> bool:
        if self._members is not None:
            self._members.clear()
        return True


class _Sum:
    """Counts what goes by."""

    __slots__ = ("checksum", "size")

    def __init__(self) -> None:
        self.size = self.checksum = 0

    def passed(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            self.size += len(piece)
            self.checksum = zlib.crc32(piece, self.checksum)
            yield piece


def _digest(output: Output) -> bytes:
    digest = blake2b(digest_size=16)
    for piece in output.parts():
        digest.update(piece)
    return digest.digest()


def _deflated(pieces: Iterable[Piece]) -> Iterator[bytes]:
    deflate = zlib.compressobj(FAST, zlib.DEFLATED, -zlib.MAX_WBITS)
    for piece in pieces:
        if ready := deflate.compress(piece):
            yield ready
    yield deflate.flush()


def _write_zip(file: Any, members: dict[str, Member]) -> None:  # noqa: ANN401  a file
    writer = ZipWriter(file.write)
    for path, content in _opened(members):
        writer.begin(path, members[path])
        for piece in content:
            file.write(piece)
    writer.finish()


def _tar_header(path: str, size: int) -> bytes:
    """A header without times or owners (POSIX.1-2001, where the name or the size need it)."""
    member = TarInfo(path)
    member.size = size
    return member.tobuf(PAX_FORMAT, "utf-8", "surrogateescape")


def _opened(members: dict[str, Member]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each member with what of it was kept; raises OSError where that is not there any more."""
    parts: dict[str, int] = {}
    try:
        for path, member in members.items():
            fd = parts.get(member.part)
            if fd is None:
                fd = parts[member.part] = os.open(member.part, os.O_RDONLY)
            yield path, _kept(fd, member)
    finally:
        for fd in parts.values():
            os.close(fd)


def _kept(fd: int, member: Member) -> Iterator[bytes]:
    at, stop = member.start, member.start + member.stored
    while at < stop:
        piece = os.pread(fd, min(stop - at, AT_ONCE), at)
        if not piece:
            raise OSError(5, "what was kept is gone")
        yield piece
        at += len(piece)
