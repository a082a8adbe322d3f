"""Images from and to an object store, by the rules that hold for folders.

Strategy
    An object is looked at by its first range: what is no DICOM is not fetched.  What is small is
    held in memory, what is large lies in a file without a name, part by part, so that no process
    holds more than a part.  A request takes long and little work: a run over a store has more
    processes than cores, and each fetches the first range of what comes next ahead.

Rules
    * Each process opens the store for itself: what libraries keep open does not outlive a fork.
    * A key that could lead out of a folder is no name of an image.
"""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from mmap import ACCESS_READ, mmap
from typing import TYPE_CHECKING

from anonymizer.dicom.part10 import may_begin_dicom
from anonymizer.errors import ImageError, UsageError
from anonymizer.files import WHOLE, reason
from anonymizer.stores.remote import ANYTHING, CHANGED, MOST_PARTS, NOTHING, PART, code_of, kind
from anonymizer.stores.store import Held, settle
from anonymizer.stores.urls import LIBRARIES, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from anonymizer.files import Opened
    from anonymizer.folder import Found
    from anonymizer.pipeline import Output
    from anonymizer.stores.remote import Remote
    from anonymizer.stores.store import Check

    First = tuple[bytes, int, object]
    """The first bytes of an object, its size and its version."""

AHEAD = 4
"""So many objects are begun to be read before it is their turn."""

WHYS = {
    "unsafe-name": "its key is no path of a file below the prefix",
    "unreadable-folder": "the store does not list what is there, or not all of it",
}


class Bucket:
    """A place in a store, opened anew by each process that asks it."""

    def __init__(self, place: Place, flag: str) -> None:
        """Raises UsageError where the store cannot be asked."""
        self.place = place
        self._first = _opened(place, flag)
        self._remotes = {os.getpid(): self._first}
        try:
            self._first.since = self._first.look(place.prefix)
        except PermissionError:
            return  # who may write need not be allowed to list
        except Exception as error:  # noqa: BLE001  libraries raise what they like
            raise _unasked(flag, error) from None

    def remote(self) -> Remote:
        """That of this process; those of its parents stay as they are, for they are in use."""
        known = self._remotes.get(os.getpid())
        if known is None:
            known = self._remotes[os.getpid()] = self._first.again()
        return known

    def key(self, path: str) -> str:
        key = self.place.prefix + path
        try:
            key.encode()
        except UnicodeEncodeError:
            raise ImageError("unwritable", "its name cannot be one in a store") from None
        return key


def _opened(place: Place, flag: str) -> Remote:
    try:
        if place.store == "s3":
            from anonymizer.stores.s3 import S3

            return S3(place.bucket)
        from anonymizer.stores.by_fsspec import ByFsspec

        return ByFsspec(place.store, place.bucket, place.account)
    except ImportError:
        library, extra = LIBRARIES.get(place.store, ("fsspec", "s3"))
        raise UsageError(
            f"{flag}: {library} is not installed", f"pip install 'anonymizer[{extra}]'"
        ) from None
    except Exception as error:  # noqa: BLE001  libraries raise what they like
        raise _unasked(flag, error) from None


def _unasked(flag: str, error: Exception) -> UsageError:
    if isinstance(error, FileNotFoundError):
        return UsageError(f"{flag}: no such bucket or folder in the store")
    if "Credential" in type(error).__name__ or "Credential" in code_of(error):
        return UsageError(
            f"{flag}: no credentials for the store",
            "they come by its own chain: environment, profile or role; never by a URL",
        )
    return UsageError(f"{flag}: the store cannot be asked ({kind(error)})")


class ObjectInputs:
    """Images of a store; ``force`` takes what has no mark of DICOM for it."""

    def __init__(self, bucket: Bucket, *, recursive: bool = True, force: bool = False) -> None:
        self.whys = WHYS
        self._bucket = bucket
        self._ahead: _Ahead | None = None
        self._recursive = recursive
        self._force = force
        self.alone = bucket.place.store == "memory"

    def begin(self) -> None:
        self._bucket.remote()

    def find(self) -> Iterator[Found]:
        place = self._bucket.place
        try:
            for key, size in self._bucket.remote().find(place.prefix, recursive=self._recursive):
                path = key[len(place.prefix) :]
                if size or not (key.endswith("/") or not path):  # else it stands for a folder
                    yield path, size, "" if _is_name(path) else "unsafe-name"
        except Exception:  # noqa: BLE001  libraries raise what they like
            yield ".", 0, "unreadable-folder"

    def expect(self, paths: list[str]) -> None:
        if self._ahead is None:
            self._ahead = _Ahead(self._first)
        self._ahead.expect(paths)

    def _first(self, path: str) -> First:
        return self._bucket.remote().first(self._bucket.key(path))

    def open(self, path: str) -> Opened:
        fetch = self._first if self._ahead is None else self._ahead.first
        first, size, version = fetch(path)
        remote, key = self._bucket.remote(), self._bucket.key(path)
        if len(first) >= size:
            return Held(first)
        if not self._force and not may_begin_dicom(first, size):
            raise ImageError("not-dicom", "neither a DICM marker nor the start of a data set", 0)
        if size > WHOLE:
            return Fetched(_parts(remote, key, first, size, version), size)
        whole = b"".join(_parts(remote, key, first, size, version))
        if len(whole) != size:
            raise ImageError("changed", CHANGED)
        return Held(whole)


class _Ahead:
    """Fetches the beginnings of what comes next while something else is worked on."""

    def __init__(self, fetch: Callable[[str], First]) -> None:
        self._fetch = fetch
        self._threads = ThreadPoolExecutor(AHEAD)
        self._left: Iterator[str] = iter(())
        self._fetched: dict[str, Future[First]] = {}

    def expect(self, paths: list[str]) -> None:
        self._left = iter(paths)
        self._fetched.clear()
        self._go_on()

    def _go_on(self) -> None:
        while len(self._fetched) < AHEAD and (path := next(self._left, "")):
            self._fetched[path] = self._threads.submit(self._fetch, path)

    def first(self, path: str) -> First:
        """Raises ImageError, as fetching does."""
        fetched = self._fetched.pop(path, None)
        self._go_on()
        return self._fetch(path) if fetched is None else fetched.result()


def _parts(remote: Remote, key: str, first: bytes, size: int, version: object) -> Iterator[bytes]:
    yield first
    for start in range(len(first), size, PART):
        yield remote.part(key, start, min(start + PART, size), version)
    remote.settle(key, version)


def _is_name(path: str) -> bool:
    """Whether a key is the path of a file below a folder, and of none elsewhere."""
    names = path.split("/")
    return "\0" not in path and not any(name in {"", ".", ".."} for name in names)


class Fetched:
    """A large image in a file without a name, which goes with the process at the latest."""

    __slots__ = ("_file", "size", "source")

    def __init__(self, parts: Iterable[bytes], size: int) -> None:
        self.size = size
        try:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed with the image
            try:
                self.source = self._mapped(parts)
            except BaseException:
                self._file.close()
                raise
        except OSError as error:
            raise ImageError("io", f"no room for a large object ({reason(error)})") from None

    def _mapped(self, parts: Iterable[bytes]) -> mmap:
        self._file.writelines(parts)
        self._file.flush()
        if self._file.tell() != self.size:
            raise ImageError("changed", CHANGED)
        return mmap(self._file.fileno(), self.size, access=ACCESS_READ)

    @property
    def fd(self) -> int:
        return self._file.fileno()

    def check_unchanged(self) -> None:
        """It is a copy that nobody else has."""

    def __enter__(self) -> Fetched:
        return self

    def __exit__(self, *_: object) -> None:
        self.source.close()
        self._file.close()


class ObjectOutputs:
    """Outputs under a place in a store; ``by_uids`` says that two may want one name.

    One that is there and has the very bytes is this run's own where a request was answered too
    late or not at all, and so was made again; or where a worker died.
    """

    folder = ""

    def __init__(self, bucket: Bucket, *, overwrite: bool = False, by_uids: bool = False) -> None:
        self._bucket = bucket
        self._overwrite = overwrite
        self._by_uids = by_uids
        self.alone = bucket.place.store == "memory"

    def prepare(self) -> None:
        """The store was asked when the place in it was opened."""

    def begin(self) -> None:
        self._bucket.remote()

    def exists(self, path: str) -> bool:
        return self._bucket.remote().version(self._bucket.key(path)) is not None

    def write(
        self, path: str, output: Output, image: Opened, *, replace: bool, check: Check | None
    ) -> int:
        remote, key = self._bucket.remote(), self._bucket.key(path)
        made = _Made(output, lambda: settle(image, check))
        over = ANYTHING if replace and not self._by_uids else NOTHING
        try:
            made.write(remote, key, over)
        except ImageError as error:
            if error.reason != "exists":
                raise
            version = _seen(remote, key)
            older = remote.is_older(version)
            if self._by_uids and self._overwrite and older:
                made.write(remote, key, version)
                return made.size
            may_be_ours = replace if self._by_uids else older is False
            if not (may_be_ours and made.is_at(remote, key)):
                raise
        return made.size

    def discard(self, path: str, pid: int) -> None:
        self._bucket.remote().discard(self._bucket.key(path))

    def finish(self) -> None:
        """Every output has its name."""

    def abandon(self) -> bool:
        return False


def _seen(remote: Remote, key: str) -> object | None:
    """The version of an output that is there; None also for who may not look."""
    try:
        return remote.version(key)
    except ImageError:
        return None


class _Made:
    """An output that is to be written, once or again."""

    def __init__(self, output: Output, ready: Callable[[], None]) -> None:
        """``ready`` is called when all is there but the name, and may raise ImageError."""
        self._output = output
        self._ready = ready
        self.size = output.size
        self._part = max(PART, -(-self.size // MOST_PARTS))

    def write(self, remote: Remote, key: str, over: object | None) -> None:
        if self.size > self._part:
            remote.upload(key, self._parts(), over=over, ready=self._ready)
            return
        content = b"".join(self._parts())
        self._ready()
        remote.put(key, content, over=over)

    def _parts(self) -> Iterator[bytes]:
        waiting = bytearray()
        for piece in self._output.parts():
            waiting += piece
            while len(waiting) >= self._part:
                yield bytes(waiting[: self._part])
                del waiting[: self._part]
        if waiting:
            yield bytes(waiting)

    def is_at(self, remote: Remote, key: str) -> bool:
        """Whether an object has the bytes of this output."""
        try:
            return self._is_there(remote, key)
        except ImageError:
            return False

    def _is_there(self, remote: Remote, key: str) -> bool:
        _, size, version = remote.first(key)
        start = 0
        for part in self._parts() if size == self.size else ():
            if remote.part(key, start, start + len(part), version) != part:
                return False
            start += len(part)
        return start == self.size
