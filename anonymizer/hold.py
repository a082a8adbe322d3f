"""Holds an output folder while a run writes to it, and clears what killed runs have left there.

Strategy
    A run keeps a locked file in its output folder; the lock ends with its last process, however
    that ends.  A file nobody locks any more is of a run that was killed, and so are unfinished
    files; with no such file nothing is looked for.

Rules
    * Nothing goes while another run holds the folder, nothing that is newer than this run, and
      nothing of a process that lives.
    * Names are probed on the file system itself: where it takes two spellings for one name, no
      two files may be written that differ in nothing else.
"""

from __future__ import annotations

import os

from anonymizer import files
from anonymizer.files import PART_PREFIX, is_unfinished

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

HOLD_SUFFIX = ".run"
ELSEWHERE = "x"
"""Stands behind the process number of unfinished files of processes on other machines, too."""

QUIET = 3600 * 10**9
"""Of such a file nobody can say whether its process lives: it is left while it is younger."""

_ACCENT, _APART = "\u00e9", "e\u0301"
"""One letter in its two normal forms."""


class Hold:
    """``folds`` says whether spellings fold, ``cleared`` how many unfinished files went, ``since``
    when the run began by the clock of the file system, in nanoseconds (0: not known).
    """

    __slots__ = (
        "_again",
        "_fd",
        "_folder",
        "_owner",
        "_path",
        "_writes",
        "cleared",
        "folds",
        "since",
    )

    def __init__(self, folder: str, *, writes: bool = True, owner: str = "") -> None:
        """Without ``writes`` nothing is held, for nothing will be written.  An ``owner`` has its
        name in those of all unfinished files meanwhile, and clears away its own itself.
        """
        self._folder = folder
        self._writes = writes
        self._owner = owner
        name = f"{PART_PREFIX}{os.getpid()}{owner}-{os.urandom(4).hex()}{_ACCENT}{HOLD_SUFFIX}"
        self._path = os.path.join(folder, name)
        self._fd: int | None = None
        self.cleared = 0
        self.folds = False
        self.since = 0
        self._again = False

    @property
    def name(self) -> str:
        """What the locked file is called, by which others know the folder; "" without one."""
        return "" if self._fd is None else os.path.basename(self._path)

    def __enter__(self) -> Hold:
        if not self._writes:
            return self
        if self._owner:
            files.owner = self._owner
        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except (OSError, UnicodeEncodeError):
            return self  # what cannot be written is told file by file
        self.folds = folds(self._path)
        _lock(self._fd)
        self.since = os.fstat(self._fd).st_mtime_ns
        self._clear()
        return self

    def __exit__(self, *_: object) -> None:
        if self._owner:
            files.owner = ""
        if self._fd is not None:
            if self._again:
                self._clear()
            _unlink(self._path)
            os.close(self._fd)

    def _clear(self) -> None:
        try:
            if self._owner:
                self._forget_own()
            else:
                self._clear_dead()
        except OSError:
            return  # the folder is gone or not to be listed, or another run clears it, too

    def _clear_dead(self) -> None:
        """Is to be done again at the end where a process was just ending, as after a kill."""
        dead = []
        self._again = True
        for path in self._others():
            if not _is_dead(path):
                return
            dead.append(path)
        self._again = False
        if not dead:
            return
        left = 0
        for path, pid in _unfinished(self._folder):
            if _is_left(path, pid, self.since) and _unlink(path):
                self.cleared += 1
            else:
                left += 1
        self._again = left > 0
        for path in dead if not left else ():
            _unlink(path)

    def _forget_own(self) -> None:
        for path in self._others():
            if f"{self._owner}-" in os.path.basename(path) and _is_dead(path):
                _unlink(path)

    def _others(self) -> list[str]:
        mine = os.path.basename(self._path)
        names = [
            name
            for name in os.listdir(self._folder)
            if name.startswith(PART_PREFIX) and name.endswith(HOLD_SUFFIX)
        ]
        same = {mine, mine.replace(_ACCENT, _APART)}
        return [os.path.join(self._folder, name) for name in names if name not in same]


def folds(path: str) -> bool:
    """Whether the file system finds a file by another case or normal form of its name."""
    folder, name = os.path.split(path)
    others = name.upper(), name.replace(_ACCENT, _APART)
    return any(other != name and os.path.lexists(os.path.join(folder, other)) for other in others)


def spelling(path: str) -> str:
    """What two names have in common that such a file system takes for one."""
    if path.isascii():
        return path.casefold()
    import unicodedata

    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", path).casefold())


def _lock(fd: int) -> bool:
    """Locks an open file until the last process that has it is gone; False if another has it."""
    try:
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def _is_dead(path: str) -> bool:
    try:
        fd = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        return _lock(fd)
    finally:
        os.close(fd)


def _unfinished(folder: str) -> Iterator[tuple[str, int]]:
    for inside, _, names in os.walk(folder):
        for name in names:
            if is_unfinished(name):
                pid, elsewhere, _ = name[len(PART_PREFIX) :].partition("-")[0].partition(ELSEWHERE)
                if pid.isascii() and pid.isdigit():
                    yield os.path.join(inside, name), -1 if elsewhere else int(pid)


def _is_left(path: str, pid: int, now: int) -> bool:
    """Whether an unfinished file is older than this run and its process is gone."""
    changed = os.lstat(path).st_mtime_ns
    return changed < now - QUIET if pid < 0 else changed < now and not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return not _has_ended(pid)


def _has_ended(pid: int) -> bool:
    """Whether only its parent has not asked yet how; the first process of a container never may."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[:1] in ([b"Z"], [b"X"])
    except OSError:
        return False


def _unlink(path: str) -> bool:
    try:
        os.unlink(path)
    except OSError:
        return False
    return True
