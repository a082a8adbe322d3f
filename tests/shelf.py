"""Stores that keep images in memory that all processes of a run share, for tests of the seam."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from anonymizer.errors import ImageError
from anonymizer.stores.store import Held, settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.files import Opened
    from anonymizer.folder import Found
    from anonymizer.pipeline import Output
    from anonymizer.stores.store import Check


class Images:
    """Images by name; what is None cannot be opened."""

    def __init__(self, images: dict[str, bytes | None], *, alone: bool = False) -> None:
        self.images = images
        self.whys = {"odd": "an odd one"}
        self.alone = alone
        self.begun_in = 0
        self.expected: list[str] = []

    def begin(self) -> None:
        self.begun_in = os.getpid()

    def find(self) -> Iterator[Found]:
        for path, image in self.images.items():
            yield path, len(image or b""), "" if image else "odd"

    def expect(self, paths: list[str]) -> None:
        self.expected += paths

    def open(self, path: str) -> Opened:
        assert self.begun_in == os.getpid(), "begin comes first, in every process"
        assert path in self.expected or not self.expected
        image = self.images[path]
        assert image is not None, "what is told of is not opened"
        return Held(image)


class Shelf:
    """Keeps each output as a file of a flat folder, so that every process can."""

    def __init__(self, place: Path, *, alone: bool = False) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self.place = place
        self.alone = alone
        self.folder = ""
        self.begun_in = 0
        self.ended = ""
        self.fails = ""

    def prepare(self) -> None:
        """The folder is there."""

    def _of(self, path: str) -> Path:
        return self.place / path.replace("/", "+")

    def begin(self) -> None:
        self.begun_in = os.getpid()

    def exists(self, path: str) -> bool:
        return self._of(path).exists()

    def write(
        self, path: str, output: Output, image: Opened, *, replace: bool, check: Check | None
    ) -> int:
        assert self.begun_in == os.getpid(), "begin comes first, in every process"
        whole = bytes(output)
        settle(image, check)
        if self.exists(path) and not replace:
            raise ImageError("exists", "the output is there already")
        self._of(path).write_bytes(whole)
        return len(whole)

    def discard(self, path: str, pid: int) -> None:
        assert pid != os.getpid()
        self._of(path).unlink(missing_ok=True)

    def finish(self) -> None:
        self.ended = "finished"
        if self.fails:
            raise ImageError("unwritable", self.fails)

    def abandon(self) -> bool:
        self.ended = "abandoned"
        return True

    def outputs(self) -> dict[str, bytes]:
        return {p.name.replace("+", "/"): p.read_bytes() for p in sorted(self.place.iterdir())}
