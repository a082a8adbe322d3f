"""Opens images and writes them whole or not at all; the only module that touches image files.

Rules
    * The input is opened for reading only, never through a link, and only if it is a regular file
      by the time it is open; a file that changes while it is read is refused.
    * The output gets its name when all its bytes are written; whatever happens before leaves at
      most a file named ``.anonymizer-*.part``, which is removed.
    * A file that was there before is only replaced where that was asked for.
"""

from __future__ import annotations

import os
import stat
from itertools import count

from anonymizer.errors import ImageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from mmap import mmap
    from types import TracebackType
    from typing import Protocol, Self

    from anonymizer.pipeline import Output

    class Opened(Protocol):
        """An open image, wherever it comes from; ``fd`` is of use where ``source`` is mapped."""

        @property
        def source(self) -> bytes | mmap: ...
        @property
        def size(self) -> int: ...
        @property
        def fd(self) -> int: ...
        def check_unchanged(self) -> None: ...
        def __enter__(self) -> Self: ...
        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            trace: TracebackType | None,
            /,
        ) -> None: ...


WHOLE = 4 << 20
"""Files up to this size are read in one piece; larger ones are mapped (see benchmarks/)."""

LARGE = 1 << 20
"""Ranges of the input from this size on are copied by the kernel where it can."""

MOST_PIECES = 1024
"""So many pieces the system takes in one call (IOV_MAX)."""

COPY_AT_ONCE = 1 << 30

_OPEN = (
    os.O_RDONLY
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
_CREATE = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_BINARY", 0)
)

_writev = getattr(os, "writev", None)

PART_PREFIX = ".anonymizer-"
PART_SUFFIX = ".part"

owner = ""
"""What stands behind the process number in the names of unfinished files, where processes of other
machines write, too: a process number is one machine's.  Set once, before the first output."""


class Input:
    """An open image: ``source`` holds its bytes, ``size`` how many there are.

    ``frozen`` is the size and the time that it must have.
    """

    __slots__ = ("_fd", "_status", "size", "source")

    def __init__(self, path: str, frozen: tuple[int, int] | None = None) -> None:
        self._fd = _opened(path)
        try:
            self._status = os.fstat(self._fd)
            if not stat.S_ISREG(self._status.st_mode):
                raise ImageError("special-file", "not a regular file")  # noqa: TRY301  closed below
            self.size = self._status.st_size
            if frozen is not None and frozen != (self.size, self._status.st_mtime_ns):
                raise ImageError("changed", "not as the manifest has listed it")  # noqa: TRY301
            self.source: bytes | mmap = self._read()
        except BaseException:
            os.close(self._fd)
            raise

    def _read(self) -> bytes | mmap:
        if self.size <= WHOLE:
            source = os.read(self._fd, self.size + 1)
            while len(source) < self.size and (more := os.read(self._fd, self.size)):
                source += more
            if len(source) != self.size:
                raise ImageError("changed", "the file changes while it is read")
            return source
        from mmap import ACCESS_READ, mmap

        return mmap(self._fd, self.size, access=ACCESS_READ)

    @property
    def fd(self) -> int:
        return self._fd

    def check_unchanged(self) -> None:
        """Raises ImageError if the file was written to since it was opened."""
        now = os.fstat(self._fd)
        if now.st_size != self.size or now.st_mtime_ns != self._status.st_mtime_ns:
            raise ImageError("changed", "the file changes while it is read")

    def close(self) -> None:
        if not isinstance(self.source, bytes):
            self.source.close()
        try:
            os.close(self._fd)
        except OSError:  # nothing was written by it, and what was read is read
            return

    def __enter__(self) -> Input:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _opened(path: str) -> int:
    try:
        return os.open(path, _OPEN)
    except FileNotFoundError:
        raise ImageError("vanished", "the file is not there any more") from None
    except PermissionError:
        raise ImageError("unreadable", "no permission to read the file") from None
    except OSError as error:
        raise ImageError("unreadable", f"the file cannot be opened ({reason(error)})") from None


def reason(error: OSError) -> str:
    """What the system says of an error, without the path it says it of."""
    return os.strerror(error.errno).lower() if error.errno else type(error).__name__


def write_whole(
    path: str,
    output: Output,
    image: Opened,
    *,
    replace: bool,
    since: int = 0,
    check: Callable[[str], None] | None = None,
) -> int:
    """Writes the output under its final name in one step; answers the number of bytes.

    ``replace`` says that a file of that name may go, if it is older than ``since`` where that is
    given (nanoseconds by the clock of its file system); ``check`` is called with the path of the
    whole file before it has its name, and may raise ImageError.  Raises ImageError with the
    reason where the file is not written; nothing is left behind then.
    """
    fd, part = _part_of(path)
    try:
        try:
            size = _write_pieces(fd, output, image)
        finally:
            os.close(fd)
        image.check_unchanged()
        if check is not None:
            check(part)
        if replace and since:
            _replace_older(part, path, since)
        else:
            give_name(part, path, replace=replace)
    except OSError as error:
        _forget(part)
        raise ImageError("unwritable", f"the output cannot be written ({reason(error)})") from None
    except BaseException:
        _forget(part)
        raise
    return size


def check_no_device(path: str) -> None:
    """Raises ImageError where an output would take the place of a device, a pipe or a socket, or of
    a link to one, such as /dev/stdout."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return  # nothing is there; what else is wrong is told when it is written
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ImageError("unwritable", "the output would replace what is not a regular file")


def _part_of(path: str) -> tuple[int, str]:
    check_name(path)
    try:
        return new_part(path[: path.rfind("/") + 1])
    except OSError as error:
        raise ImageError("unwritable", f"the output cannot be made ({reason(error)})") from None


def check_name(path: str) -> None:
    """Raises ImageError where a run would take an output for what a killed one has left."""
    if path.startswith(PART_PREFIX, path.rfind("/") + 1):
        raise ImageError("unwritable", "its name is one of those that unfinished files have")


def write_bytes(path: str, content: bytes, *, replace: bool) -> None:
    """Writes a file that is no image's output, whole or not at all, as ``write_whole`` does."""
    try:
        fd, part = new_part(path[: path.rfind("/") + 1])
        try:
            try:
                _write_run(fd, [content])
            finally:
                os.close(fd)
            give_name(part, path, replace=replace)
        except BaseException:
            _forget(part)
            raise
    except OSError as error:
        raise ImageError("unwritable", f"the output cannot be written ({reason(error)})") from None


def write_private(path: str, pieces: Iterable[bytes], *, replace: bool = True) -> None:
    """Writes a file that only its owner can read, whole or not at all; raises OSError.

    Raises ImageError where one is there that is not to be replaced.
    """
    fd, part = new_part(path[: path.rfind("/") + 1], 0o600)
    try:
        with open(fd, "wb") as file:
            file.writelines(pieces)
        give_name(part, path, replace=replace)
    except BaseException:
        _forget(part)
        raise


def new_part(folder: str, mode: int = 0o666) -> tuple[int, str]:
    """A new file to write to; what a killed run of the same process number left is passed by.

    A name that is free again is taken again: the system keeps at hand what it knows of it.
    """
    start = f"{folder}{PART_PREFIX}{os.getpid()}{owner}-"
    for number in count():
        part = f"{start}{number}{PART_SUFFIX}"
        try:
            return os.open(part, _CREATE, mode), part
        except FileExistsError:
            continue
    raise AssertionError("numbers have no end")


def _forget(part: str) -> None:
    try:
        os.unlink(part)
    except OSError:
        return  # its folder is gone, or it never came to be


def give_name(part: str, path: str, *, replace: bool) -> None:
    """Gives a whole file its name in one step; raises ImageError where one has it that stays."""
    if replace:
        os.replace(part, path)
        return
    try:
        os.link(part, path, follow_symlinks=False)
    except FileExistsError:
        raise ImageError("exists", "the output is there already") from None
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise ImageError("exists", "the output is there already") from None
        os.replace(part, path)
    else:
        try:
            os.unlink(part)
        except OSError:  # the folder was moved, perhaps; the output has its name: it is written
            _forget(part)


def _replace_older(part: str, path: str, since: int) -> None:
    """Gives a file its name; one that has it goes, unless it is another output of the same run.

    The other is put aside before it is looked at, with the folder locked, so that no two processes
    look at one and none takes a name that is free for that moment only.  One of the same content
    is no other: a worker that died may have written it.
    """
    lock = _locked(os.path.dirname(path))
    try:
        _replace_older_alone(part, path, since)
    finally:
        if lock is not None:
            os.close(lock)


def _locked(folder: str) -> int | None:
    """An open folder that no other process of a run has locked; None where there are no locks."""
    try:
        import fcntl

        fd = os.open(folder or ".", os.O_RDONLY)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
    except OSError:
        os.close(fd)
        return None
    return fd


def _replace_older_alone(part: str, path: str, since: int) -> None:
    try:
        give_name(part, path, replace=False)
    except ImageError:
        aside = f"{part.removesuffix(PART_SUFFIX)}-old{PART_SUFFIX}"
        try:
            os.rename(path, aside)
        except FileNotFoundError:  # another process has just put it aside
            raise ImageError("exists", "another input wants the same output") from None
        if os.lstat(aside).st_mtime_ns >= since and not _are_equal(aside, part):
            os.rename(aside, path)
            raise ImageError("exists", "another input has the same output") from None
        _forget(aside)
        give_name(part, path, replace=False)


def _are_equal(one: str, other: str) -> bool:
    from filecmp import cmp

    return cmp(one, other, shallow=False)


def _write_pieces(fd: int, output: Output, image: Opened) -> int:
    if isinstance(output.source, bytes):  # then no piece is a range
        return _write_run(fd, output.pieces)  # type: ignore[arg-type]
    source = output.source
    size = held = 0
    run: list[bytes | memoryview] = []
    for piece in output.pieces:
        if not isinstance(piece, tuple):
            run.append(piece)
            continue
        start, stop = piece
        if stop - start < LARGE:
            run.append(source[start:stop])
            held += stop - start
            if held <= WHOLE:
                continue
            size += _write_run(fd, run)
        else:
            size += _write_run(fd, run) + _copy_range(fd, image, start, stop)
        run, held = [], 0
    return size + _write_run(fd, run)


def _write_run(fd: int, run: list[bytes | memoryview]) -> int:
    total = 0
    for first in range(0, len(run), MOST_PIECES):
        some = run[first : first + MOST_PIECES] if len(run) > MOST_PIECES else run
        size = sum(map(len, some))
        done = _writev(fd, some) if _writev is not None else 0
        if done < size:  # the disk is nearly full, or there is no such call
            _write_rest(fd, some, done)
        total += size
    return total


def _write_rest(fd: int, run: list[bytes | memoryview], done: int) -> None:
    for piece in run:
        rest = memoryview(piece)[done:]
        done = max(done - len(piece), 0)
        while rest:
            rest = rest[os.write(fd, rest) :]


def _copy_range(fd: int, image: Opened, start: int, stop: int) -> int:
    """Copies a range of a mapped input within the kernel, or through memory where it cannot."""
    at = start
    copy = getattr(os, "copy_file_range", None)
    while copy is not None and at < stop:
        try:
            done = copy(image.fd, fd, min(stop - at, COPY_AT_ONCE), at)
        except OSError:  # another file system, or one that cannot
            break
        if not done:  # the end, or a file system that says so
            break
        at += done
    while at < stop:
        piece = os.pread(image.fd, min(stop - at, LARGE), at)
        if not piece:
            raise ImageError("changed", "the file changes while it is read")
        at += _write_run(fd, [piece])
    return stop - start


def is_unfinished(name: str) -> bool:
    """Whether a file of that name was not given another yet."""
    return name.startswith(PART_PREFIX) and name.endswith(PART_SUFFIX)


def sweep_parts(folder: str, pid: int | None = None) -> int:
    """Removes what a process that died has left in a folder, or all of this ``owner``; answers how
    many files that were."""
    mark = f"{owner}-"
    start = PART_PREFIX if pid is None else f"{PART_PREFIX}{pid}{mark}"
    try:
        names = os.listdir(folder)
    except OSError:
        return 0
    left = [n for n in names if is_unfinished(n) and n.startswith(start) and mark in n]
    for name in left:
        _forget(os.path.join(folder, name))
    return len(left)
