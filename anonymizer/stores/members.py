"""Keeps the outputs of a run beside the archive they are for, until it is made of them.

Strategy
    Each process has an unfinished file of its own, to which it appends what it writes.  Where a
    member stands, and that it is whole, is a line of one more file that has no name and that all
    processes append to.  When all is done the archive is made, in the order of names, so that its
    bytes do not hang on who has written what.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from fcntl import F_SETFL, fcntl
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, NamedTuple

from anonymizer.files import new_part
from anonymizer.stores.store import unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Member(NamedTuple):
    """Where an output stands, and what a directory says of it."""

    part: str
    start: int
    stored: int
    size: int
    checksum: int
    deflated: bool


class Members:
    """What all processes of a run have written for an archive in this folder."""

    __slots__ = ("_fd", "_folder", "_index", "_part", "_pid", "_size")

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._index = TemporaryFile(dir=folder)  # noqa: SIM115  as long as the run
        fcntl(self._index, F_SETFL, os.O_APPEND)
        self._fd = self._pid = -1
        self._part = ""
        self._size = 0

    def begin(self) -> None:
        """This process writes to a file of its own; raises OSError where it cannot."""
        if self._pid == os.getpid():
            return
        self._pid = os.getpid()
        self._size = 0
        self._fd, self._part = new_part(f"{self._folder}/")
        self._tell("part", self._part)

    def append(
        self,
        path: str,
        pieces: Iterable[bytes | memoryview],
        about: Callable[[], tuple[int, int, bool]],
    ) -> None:
        """Appends a member, for which ``about`` says size, checksum and whether it is deflated
        when all of it has gone by, or raises ImageError: then nothing was appended."""
        start = self._size
        try:
            for piece in pieces:
                self._write(piece)
            size, checksum, deflated = about()
            stored = self._size - start
            self._tell("member", path, [self._part, start, stored, size, checksum, deflated])
        except BaseException as error:
            self._size = start
            with suppress(OSError):
                os.ftruncate(self._fd, start)
            if isinstance(error, OSError):
                raise unwritable(error) from None
            raise

    def _write(self, piece: bytes | memoryview) -> None:
        rest = memoryview(piece)
        while rest:
            done = os.pwrite(self._fd, rest, self._size)
            self._size += done
            rest = rest[done:]

    def _tell(self, *what: object) -> None:
        line = f"\n{json.dumps([self._pid, *what])}\n".encode()  # apart from what was cut short
        if os.write(self._index.fileno(), line) < len(line):
            raise OSError(28, "no space left on device")

    def discard(self, path: str, pid: int) -> None:
        """What a process that died has written of this is not to count."""
        self._tell("not", path, pid)

    def found(self) -> dict[str, Member]:
        """The members that are whole, in the order of their names."""
        members: dict[str, tuple[int, Member]] = {}
        for pid, kind, path, *more in self._lines():
            if kind == "member":
                members[path] = pid, Member(*more[0])
            elif kind == "not" and members.get(path, (0,))[0] == more[0]:
                del members[path]
        return {path: members[path][1] for path in sorted(members)}

    def _lines(self) -> Iterator[list[Any]]:
        self._index.seek(0)
        for line in self._index:
            with suppress(ValueError):
                yield json.loads(line)

    def clear(self) -> None:
        """Removes what was written."""
        for _, kind, path, *_ in list(self._lines()):
            if kind == "part":
                with suppress(OSError):
                    os.unlink(path)
        if self._pid == os.getpid():
            os.close(self._fd)  # or the disk is not free before the process ends
            self._pid = -1
        self._index.close()
