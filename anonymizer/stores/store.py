"""What a place of images must do, so that a run can read from it or write to it.

Rules
    * The run asks for names in one process and opens them in others, which are forked from it:
      what may not be shared with a parent (sockets, threads, positions in files) is made in
      ``begin``, which every process calls before its first ``open`` or ``write``.
    * What goes wrong with one image is an ImageError with a reason of ``docs/reasons.md``, without
      a value, a name or an address in it.  What can be known before is a UsageError.
    * A run that is interrupted, or that cannot be finished, calls ``abandon``; a killed one calls
      nothing, and must have left nothing under the name of an output that is not whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from anonymizer.errors import ImageError
from anonymizer.files import reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from mmap import mmap
    from typing import Self

    from anonymizer.files import Opened
    from anonymizer.folder import Found
    from anonymizer.pipeline import Output

    Check = Callable[[str], None]

AT_ONCE = 1 << 20


class Inputs(Protocol):
    """A place that images are read from."""

    alone: bool
    """Whether one process must do all: it can be read from front to back only."""
    whys: dict[str, str]
    """What is said of each reason that ``find`` gives."""

    def begin(self) -> None:
        """Is called in every process before its first ``open``, once or more often."""

    def find(self) -> Iterator[Found]:
        """Every file once, in a settled order: name with slashes, size or about, why not opened.

        Begins again each time it is called.  Where one process does all, what was found is
        opened in the order it was found in.
        """

    def expect(self, paths: list[str]) -> None:
        """These will be opened next by this process, in this order, so they may be fetched."""

    def open(self, path: str) -> Opened:
        """An image by its name; raises ImageError."""


class Outputs(Protocol):
    """A place that outputs are written to."""

    alone: bool
    """Whether one process must do all that is written."""
    folder: str
    """The folder on this machine that is written to, and held while it is; "" for none."""

    def prepare(self) -> None:
        """Is called once, before the first ``begin``, where something will be written; raises
        UsageError where nothing can be."""

    def begin(self) -> None:
        """Is called in every process before its first ``write``, once or more often."""

    def exists(self, path: str) -> bool:
        """Whether an output of that name is there; asked where nothing is written."""

    def write(
        self, path: str, output: Output, image: Opened, *, replace: bool, check: Check | None
    ) -> int:
        """Writes an output whole or not at all; answers the number of bytes.

        ``replace`` says that what has the name may go; where outputs are named by UIDs and what
        has it is of this run, only if it is the same.  ``check`` is called with "" when all is
        written and nothing has its name, and may raise ImageError, as this may.
        """

    def discard(self, path: str, pid: int) -> None:
        """A process has died over this image: what it has left goes, for it is told as refused."""

    def finish(self) -> None:
        """All is written: gives the whole its name.  Raises ImageError where it cannot have it,
        and so nothing that was written has one."""

    def abandon(self) -> bool:
        """Takes away what has no name yet; answers whether all that was written goes with it."""


def unwritable(error: OSError) -> ImageError:
    return ImageError("unwritable", f"the output cannot be written ({reason(error)})")


def settle(image: Opened, check: Check | None) -> None:
    """The last question before an output has its name: whether it may; raises ImageError."""
    image.check_unchanged()
    if check is not None:
        check("")


class Held:
    """An image in memory."""

    __slots__ = ("size", "source")

    fd = -1
    """There is no file; only what is mapped is copied from one."""

    def __init__(self, source: bytes | mmap) -> None:
        self.source = source
        self.size = len(source)

    def check_unchanged(self) -> None:
        """Nobody else has it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not isinstance(self.source, bytes):
            self.source.close()
