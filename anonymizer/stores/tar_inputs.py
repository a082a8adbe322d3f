"""Reads images from a .tar: by an index made at first, or from front to back where compressed.

Rules
    * The end of an archive must be where it says it is: what was cut off, and what stands behind
      the end, is told as damage, for images may be missing.
    * A link to another member, a file with holes and what is of no known kind is no image that
      could be read without guessing.
"""

from __future__ import annotations

from tarfile import (
    GNUTYPE_LONGLINK,
    GNUTYPE_LONGNAME,
    SOLARIS_XHDTYPE,
    XGLTYPE,
    XHDTYPE,
    HeaderError,
    TarFile,
    TarInfo,
)
from typing import TYPE_CHECKING, Any

from anonymizer.errors import ImageError
from anonymizer.stores.archive import (
    MOST_MEMBERS,
    MOST_TIMES,
    WHYS,
    Archive,
    Bounds,
    Member,
    check_all,
    why_not,
)
from anonymizer.stores.forms import TAR, decompressed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from anonymizer.folder import Found

BUFFER = 1 << 18
FREE_IN_STREAM = 1 << 30
"""A stream of more, when decompressed, may be ``MOST_TIMES`` as large as it is compressed."""
MOST_IN_HEADER = 64 << 20
ABOUT_THE_NEXT = (GNUTYPE_LONGLINK, GNUTYPE_LONGNAME, SOLARIS_XHDTYPE, XGLTYPE, XHDTYPE)
LABEL = b"V"
"""A member that only names a volume, as GNU tar writes it."""


class TarInputs:
    """The members of a .tar that is not compressed; raises UsageError where it is none."""

    __slots__ = ("_archive", "_found", "_members", "alone", "whys")

    def __init__(self, path: str) -> None:
        self.alone = False
        self.whys = WHYS
        self._archive = Archive(path)
        self._members: dict[str, tuple[int, int]] = {}
        self._found = list(self._indexed())

    def begin(self) -> None:
        """Places are not shared, so there is nothing to open again."""

    def _indexed(self) -> Iterator[Found]:
        bounds = Bounds()
        self._archive.seek(0)
        walk = _Walk(self._archive, "r:")
        for member in walk.members():
            path, why = bounds.name(member.name)
            why = why or _why_not(member)
            if not why and member.offset_data + member.size > self._archive.size:
                why = "bad-archive"
            if not why:
                self._members[path] = member.offset_data, member.size
            yield path, member.size, why
            check_all(self._archive, bounds.count, 0)
        if not bounds.count and walk.is_broken:
            raise self._archive.broken(TAR)
        if walk.is_broken:
            yield ".", 0, "bad-archive"

    def find(self) -> Iterator[Found]:
        yield from self._found

    def expect(self, paths: list[str]) -> None:
        """Each is where it is."""

    def open(self, path: str) -> Member:
        start, size = self._members[path]
        source = self._archive.piece(start, size)
        if len(source) != size:
            raise ImageError("bad-archive", "the member is damaged, or not whole")
        return Member(source, self._archive)


class TarStream:
    """The members of a compressed .tar, each read when it is found and kept until it is opened."""

    __slots__ = ("_archive", "_form", "_kept", "alone", "whys")

    def __init__(self, path: str, form: str) -> None:
        """Raises UsageError where it is none."""
        self.alone = True
        self.whys = WHYS
        self._form = form
        self._archive = Archive(path)
        self._kept: dict[str, bytes] = {}
        first = next(self.find(), ("", 0, "nothing"))
        if first == (".", 0, "bad-archive"):
            raise self._archive.broken(form)

    def begin(self) -> None:
        """One process does all."""

    def find(self) -> Iterator[Found]:
        self._kept.clear()
        self._archive.seek(0)
        bounds = Bounds()
        stream = _Stream(self._archive, self._form)
        walk = _Walk(stream, "r|")
        for member in walk.members():
            path, why = bounds.name(member.name)
            why = why or _why_not(member)
            if not why and not self._keep(path, walk.content(member)):
                why = "bomb" if stream.has_grown else "bad-archive"
            yield path, member.size, why
            stream.has_grown |= bounds.count > MOST_MEMBERS
            if stream.has_grown:
                break
        if stream.has_grown:
            yield ".", 0, "bomb"
        elif walk.is_broken:
            yield ".", 0, "bad-archive"

    def _keep(self, path: str, content: bytes | None) -> bool:
        if content is None:
            return False
        self._kept[path] = content
        return True

    def expect(self, paths: list[str]) -> None:
        """Each was read when it was found."""

    def open(self, path: str) -> Member:
        return Member(self._kept.pop(path), self._archive)


END = "EOFHeaderError"
"""What the library, without telling of it, raises for the mark of the end."""


class _BrokenError(Exception):
    """No header stands where one should, and no mark of the end."""


class _Header(TarInfo):
    """A header that is none is damage; the library would take it for the end.

    So is one of less than no bytes, which leads back to where the library has been, for ever; and
    one of so many about the next member that nobody sends them: the library has them in memory.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0 or (header.type in ABOUT_THE_NEXT and header.size > MOST_IN_HEADER):
            raise _BrokenError
        return header

    @classmethod
    def fromtarfile(cls, tarfile: TarFile) -> Self:
        try:
            header = super().fromtarfile(tarfile)
        except HeaderError as error:
            if type(error).__name__ == END:
                raise
            raise _BrokenError from None
        if header.size < 0:  # by a header before it
            raise _BrokenError
        return header


class _Walk:
    """One way through a .tar; ``is_broken`` says at its end whether it ended where it should."""

    __slots__ = ("_file", "_mode", "_tar", "is_broken")

    def __init__(self, file: Any, mode: str) -> None:  # noqa: ANN401  a file to read from
        self._file = file
        self._mode = mode
        self._tar: Any = None
        self.is_broken = False

    def members(self) -> Iterator[TarInfo]:
        """What may be a file; folders are not told."""
        try:
            given: Any = {"fileobj": self._file, "mode": self._mode, "bufsize": BUFFER}
            self._tar = TarFile.open(**given, encoding="utf-8", tarinfo=_Header)
            while (member := self._tar.next()) is not None:
                self._tar.members.clear()  # or all of them are kept there
                if not member.isdir() and member.type != LABEL:
                    yield member
            self.is_broken = not self._ends()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  what it says may hold a name
            self.is_broken = True

    def content(self, member: TarInfo) -> bytes | None:
        """What is in a member of a stream; None where it ends before its time."""
        try:
            content: bytes = self._tar.fileobj.read(member.size)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  as above
            return None
        return content if len(content) == member.size else None

    def _ends(self) -> bool:
        """Whether nothing stands behind the mark of the end."""
        while more := self._tar.fileobj.read(BUFFER):
            if more.strip(b"\0"):
                return False
        return True


class _Stream:
    """What comes out of a decompressor, until it is too much for what went in."""

    __slots__ = ("_archive", "_file", "_size", "has_grown")

    def __init__(self, archive: Archive, form: str) -> None:
        self._archive = archive
        self._file = decompressed(archive, form)
        self._size = 0
        self.has_grown = False

    def read(self, size: int) -> bytes:
        data: bytes = self._file.read1(size)  # what comes before damage is had
        self._size += len(data)
        if self._size > max(FREE_IN_STREAM, MOST_TIMES * self._archive.tell()):
            self.has_grown = True
            raise _BrokenError
        return data


def _why_not(member: TarInfo) -> str:
    if member.issym():
        return "symlink"
    if member.isdev():
        return "special-file"
    if not member.isreg() or member.issparse():
        return "unsupported"
    return why_not(member.size, member.size)
