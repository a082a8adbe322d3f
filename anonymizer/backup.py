"""Copies originals aside before their outputs are written, and reads each copy again to be sure.

Rules
    * The copy has the bytes of the file that is open, whatever is at its path by now.
    * A copy that is there already stays; one of other bytes is a fault, as is anything that keeps
      a copy from being made: then there is no output either.
    * Copies, and folders that are made for them, are for nobody but who runs it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256

from anonymizer import files
from anonymizer.errors import ImageError
from anonymizer.files import PART_PREFIX, PART_SUFFIX, reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.files import Opened

AT_ONCE = 1 << 20

_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def back_up(image: Opened, root: str, path: str) -> None:
    """Copies an open image to ``root``/``path``; raises ImageError where no sure copy is there."""
    target = os.path.join(root, path)
    try:
        os.makedirs(root, 0o700, exist_ok=True)
        _make_folders(root, os.path.dirname(path))
        if os.path.lexists(target):
            _check_same(target, _hash_of(image.fd))
        else:
            _copy(image, target)
    except OSError as error:
        raise ImageError("backup-failed", f"no copy could be made ({reason(error)})") from None


def _make_folders(root: str, inside: str) -> None:
    """Makes the folders of a copy one by one; none of them may be a link out of the backup."""
    folder = root
    for name in filter(None, inside.split("/")):
        folder = os.path.join(folder, name)
        try:
            os.mkdir(folder, 0o700)
        except FileExistsError:
            if os.path.islink(folder) or not os.path.isdir(folder):
                raise ImageError("backup-failed", "a folder of the backup is none") from None


def _copy(image: Opened, target: str) -> None:
    mine = f"{PART_PREFIX}{os.getpid()}{files.owner}-backup{PART_SUFFIX}"
    part = f"{os.path.dirname(target)}/{mine}"
    fd = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | _FLAGS, 0o600)
    try:
        try:
            os.fchmod(fd, 0o600)
            wanted = _copied(image.fd, fd)
            image.check_unchanged()
            if _hash_of(fd) != wanted:
                raise ImageError("backup-failed", "the copy is not what was read")
        finally:
            os.close(fd)
        try:
            files.give_name(part, target, replace=False)
        except ImageError:  # another process was there first
            _check_same(target, wanted)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)


def _copied(source: int, target: int) -> bytes:
    """Copies one open file to another; answers the hash of what was read."""
    digest, at = sha256(), 0
    while piece := os.pread(source, AT_ONCE, at):
        digest.update(piece)
        at += len(piece)
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(target, rest) :]
    return digest.digest()


def _hash_of(fd: int) -> bytes:
    digest, at = sha256(), 0
    while piece := os.pread(fd, AT_ONCE, at):
        digest.update(piece)
        at += len(piece)
    return digest.digest()


def _check_same(target: str, wanted: bytes) -> None:
    fd = os.open(target, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _FLAGS)
    try:
        if _hash_of(fd) != wanted:
            raise ImageError("backup-failed", "another file has the place of the copy")
    finally:
        os.close(fd)
