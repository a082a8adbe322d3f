"""What a bucket of any object store can be asked for, and how its errors are told.

Rules
    * Errors of the libraries quote URLs, names and what a server says: of them, only the kind and
      the code of the store are told.
    * What is read in more than one piece is of one version of the object, or it is refused.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from anonymizer.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

FIRST = 1 << 18
"""So much is read to see whether an object is DICOM at all; most slices are not much larger."""

PART = 8 << 20
"""Larger objects are read and written in parts of this size; S3 takes none below 5 MiB."""

MOST_PARTS = 10_000

CONTENT_TYPE = "application/dicom"

VANISHED = "the object is not there any more"
CHANGED = "the object changes while it is read"
EXISTS = "the output is there already"


class Remote(Protocol):
    """A bucket, opened by the process that uses it; errors about objects are ImageErrors.

    ``since`` is when the run began by the clock of the store, 0 where nobody knows.
    """

    since: float

    def again(self) -> Remote:
        """The same for another process, which shares nothing that is open."""

    def look(self, prefix: str) -> float:
        """Asks for one name; answers the store's time, 0 without.  Raises what libraries raise."""

    def find(self, prefix: str, *, recursive: bool) -> Iterator[tuple[str, int]]:
        """Keys and sizes, in a settled order, page by page."""

    def first(self, key: str) -> tuple[bytes, int, object]:
        """The first bytes of an object, how many it has in all, and its version."""

    def part(self, key: str, start: int, stop: int, version: object) -> bytes:
        """A range of that version; raises ImageError where the object is another by now."""

    def settle(self, key: str, version: object) -> None:
        """Raises ImageError where what was read in pieces need not be of one version."""

    def version(self, key: str) -> object | None:
        """The version that is there, None without one."""

    def is_older(self, version: object | None) -> bool | None:
        """Whether it was written before the run began; None where nobody knows."""

    def put(self, key: str, content: bytes, *, over: object | None) -> None:
        """Writes a small object; ``over`` is what may go: NOTHING, ANYTHING, or a version."""

    def upload(
        self, key: str, parts: Iterable[bytes], *, over: object | None, ready: Callable[[], None]
    ) -> None:
        """Writes a large object part by part; ``ready`` is called before it has its name."""

    def discard(self, key: str) -> None:
        """Removes what a process that died has left of an object that was to be written."""


NOTHING, ANYTHING = None, object()
"""What an output may replace: no object at all, or whatever is there."""


@contextmanager
def reading() -> Iterator[None]:
    """Tells errors of reading by reasons."""
    try:
        yield
    except ImageError:
        raise
    except FileNotFoundError:
        raise ImageError("vanished", VANISHED) from None
    except PermissionError:
        raise ImageError("unreadable", "no permission to read the object") from None
    except Exception as error:  # noqa: BLE001  libraries raise what they like
        raise ImageError("io", f"the object cannot be read ({kind(error)})") from None


@contextmanager
def writing() -> Iterator[None]:
    """Tells errors of writing by reasons."""
    try:
        yield
    except ImageError:
        raise
    except FileExistsError:
        raise ImageError("exists", EXISTS) from None
    except PermissionError:
        raise ImageError("unwritable", "no permission to write the object") from None
    except FileNotFoundError:
        raise ImageError("unwritable", "the bucket or the upload is not there any more") from None
    except Exception as error:  # noqa: BLE001  as above
        raise ImageError("unwritable", f"the object cannot be written ({kind(error)})") from None


def kind(error: BaseException) -> str:
    """The code that a store gives an error, or the kind of error; never its text."""
    code = code_of(error)
    known = code.isascii() and code.isalnum() and len(code) < 64
    return code if code and known else type(error).__name__


def code_of(error: BaseException) -> str:
    """The code of S3 or Azure behind an error of Python, "" without one."""
    for one in (error, error.__cause__):
        answer = getattr(one, "response", None)
        if isinstance(answer, dict):
            return str(answer.get("Error", {}).get("Code", ""))
    return ""
