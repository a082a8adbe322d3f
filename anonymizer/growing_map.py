"""Keeps a map of pseudonyms that grows: held by one run at a time, replaced whole, for nobody else.

Rules
    * What stands in the map stays, byte for byte; new lines come behind it.
    * The map is on the disk before anything is named after what is in it.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress

from anonymizer.config.maps import read_map
from anonymizer.errors import UsageError
from anonymizer.files import reason
from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

HEAD = ("original", "pseudonym")


class GrowingMap:
    """The map at a path, while this run holds it; two maps of one folder wait for each other."""

    __slots__ = ("_folder", "_path", "_shown")

    def __init__(self, path: str) -> None:
        self._shown = printable(path)
        self._path = os.path.realpath(path)
        self._folder = -1

    def __enter__(self) -> Self:
        try:
            self._folder = os.open(os.path.dirname(self._path), os.O_RDONLY)
        except OSError as error:
            raise self._fault(f"its folder cannot be read ({reason(error)})") from None
        _wait_for(self._folder)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._folder)

    def read(self) -> dict[str, str]:
        """What is in it by now; nothing where there is none yet."""
        try:
            status = os.stat(self._path)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._fault(f"cannot be read ({reason(error)})") from None
        if not stat.S_ISREG(status.st_mode):
            raise self._fault("is not a regular file")
        if os.name == "posix" and status.st_mode & 0o077:
            raise UsageError(
                f"{self._shown}: others can read the map of pseudonyms", f"chmod 600 {self._shown}"
            )
        return read_map(self._path)

    def append(self, new: Mapping[str, str]) -> None:
        """Puts a map with these entries, too, in the place of the map; raises UsageError."""
        try:
            self._replace(new)
        except OSError as error:
            raise self._fault(f"the map cannot be written ({reason(error)})") from None

    def _replace(self, new: Mapping[str, str]) -> None:
        part = f"{self._path}.{os.getpid()}.part"
        with suppress(FileNotFoundError):  # of a killed run; containers give numbers again
            os.unlink(part)
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(fd, "wb") as file:
                file.write(self._whole(new))
                file.flush()
                os.fsync(fd)
            os.replace(part, self._path)
        except BaseException:
            os.unlink(part)
            raise
        os.fsync(self._folder)

    def _whole(self, new: Mapping[str, str]) -> bytes:
        import csv
        import io

        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        try:
            with open(self._path, "rb") as file:
                before = file.read()
        except FileNotFoundError:
            before = b""
        if not before:
            rows.writerow(HEAD)
        elif not before.endswith(b"\n"):
            text.write("\n")
        quoted = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in new.items():  # before Python 3.13 a carriage return alone is not quoted
            (quoted if "\r" in row[0] else rows).writerow(row)
        return before + text.getvalue().encode()

    def _fault(self, message: str) -> UsageError:
        return UsageError(f"{self._shown}: {message}", "choose another place for the map")


def _wait_for(folder: int) -> None:
    """Waits until no other run holds the folder; on systems without locks nobody waits."""
    try:
        import fcntl

        fcntl.flock(folder, fcntl.LOCK_EX)
    except (ImportError, OSError):
        return
