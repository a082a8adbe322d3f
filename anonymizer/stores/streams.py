"""One image from standard input, one to standard output: nothing of it before all of it is sure."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from anonymizer.errors import ImageError
from anonymizer.files import reason
from anonymizer.stores.archive import MOST_IN_MEMBER, WHYS
from anonymizer.stores.store import AT_ONCE, Held, settle, unwritable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.files import Opened
    from anonymizer.folder import Found
    from anonymizer.pipeline import Output
    from anonymizer.stores.store import Check

STDIN, STDOUT = 0, 1
NAME = "-"


class StandardInput:
    """The one image that is sent; it is kept, for it may be asked for again."""

    __slots__ = ("_image", "alone", "whys")

    def __init__(self) -> None:
        self.alone = True
        self.whys = WHYS
        self._image: bytes | None = None

    def begin(self) -> None:
        """One process does all."""

    def find(self) -> Iterator[Found]:
        yield NAME, 0, ""

    def expect(self, paths: list[str]) -> None:
        """There is one."""

    def open(self, path: str) -> Held:
        if self._image is None:
            self._image = _all_of(STDIN)
        return Held(self._image)


def _all_of(fd: int) -> bytes:
    parts, size = [], 0
    try:
        while part := os.read(fd, AT_ONCE):
            parts.append(part)
            size += len(part)
            if size > MOST_IN_MEMBER:
                raise ImageError("too-large", WHYS["too-large"])
    except OSError as error:
        text = f"the standard input cannot be read ({reason(error)})"
        raise ImageError("unreadable", text) from None
    return b"".join(parts)


class StandardOutput:
    """Takes one whole image."""

    __slots__ = ("alone", "folder")

    def __init__(self) -> None:
        self.alone = True
        self.folder = ""

    def prepare(self) -> None:
        """It is there, or not: that is seen when it is written to."""

    def begin(self) -> None:
        """One process does all."""

    def exists(self, path: str) -> bool:
        return False

    def write(
        self, path: str, output: Output, image: Opened, *, replace: bool, check: Check | None
    ) -> int:
        settle(image, check)
        size = 0
        try:
            for piece in output.parts():
                rest = memoryview(piece)
                size += len(rest)
                while rest:
                    rest = rest[os.write(STDOUT, rest) :]
        except OSError as error:
            raise unwritable(error) from None
        return size

    def discard(self, path: str, pid: int) -> None:
        """One process does all."""

    def finish(self) -> None:
        """What is written is written."""

    def abandon(self) -> bool:
        return False
