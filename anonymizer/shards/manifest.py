"""Freezes the files of a folder in a list, and reads such a list: which there are, how big and old.

Form
    JSON Lines in gzip.  The first line names the form, the last one counts and seals what stands
    between: a line a file, in the order of the walk, folder by folder.

    ``{"path": "a/b.dcm", "size": 527344, "mtimeNs": 1760000000000000000}``
    ``{"path": "a/to-elsewhere", "left": "symlink"}`` is not to be opened, and why.

Rules
    * Nothing of an image stands in it, but names of files often hold names: it is for its owner
      alone.  The folder itself is not named, so that another machine may have it elsewhere.
    * A path is its bytes, read as UTF-8 with what is none escaped (``surrogateescape``), whatever
      the locale; no path leads out of the folder.
    * The same files give the same bytes.  One that is cut short or changed is refused as a whole.
    * Neither side holds more than the names of one folder, or one line.
"""

from __future__ import annotations

import json
import os
import zlib
from hashlib import blake2b, sha256

from anonymizer.errors import UsageError
from anonymizer.files import reason, write_private
from anonymizer.folder import find_files
from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from anonymizer.folder import Found

FORMAT, VERSION = "anonymizer-manifest", 1

_HEAD = json.dumps({"format": FORMAT, "version": VERSION}).encode() + b"\n"
_GZIP = 31
"""The window of zlib with a header of gzip, which then has neither a time nor a name."""

_AT_ONCE = 1 << 20
_LONGEST = 1 << 17
"""No path of a system makes so long a line."""


class Entry:
    """A file of a manifest; ``why`` it is not to be opened is "" where it is."""

    __slots__ = ("mtime_ns", "path", "size", "why")

    def __init__(self, path: str, size: int = 0, mtime_ns: int = 0, why: str = "") -> None:
        self.path = path
        self.size = size
        self.mtime_ns = mtime_ns
        self.why = why


class Seal:
    """Adds paths up, in any order: equal sums are of the same paths, each as many times."""

    __slots__ = ("files", "sum")

    def __init__(self) -> None:
        self.files = 0
        self.sum = 0

    def add(self, path: str) -> None:
        digest = blake2b(os.fsencode(path), digest_size=16).digest()
        self.sum = (self.sum + int.from_bytes(digest, "big")) % (1 << 128)
        self.files += 1

    def __str__(self) -> str:
        return f"{self.sum:032x}"


class Manifest:
    """What a list says of itself: how many files and bytes, their seal, and its own ``digest``."""

    __slots__ = ("bytes", "digest", "files", "path", "seal", "unlisted")

    def __init__(self, path: str, digest: str, last: dict[str, Any]) -> None:
        self.path = path
        self.digest = digest
        self.files: int = last["files"]
        self.bytes: int = last["bytes"]
        self.seal: str = last["seal"]
        self.unlisted: int = last["unlisted"]
        """How many folders could not be listed."""

    def entries(self) -> Iterator[Entry]:
        """Its files, in their order; raises UsageError at a line that is none."""
        lines = _lines(self.path)
        next(lines, None)
        for number, line in enumerate(lines, 2):
            if number > self.files + 1:
                return
            yield _entry(line, self.path, number)


def write_manifest(path: str, folder: str, *, recursive: bool = True, replace: bool = False) -> int:
    """Freezes what is in a folder; answers how many files that are.  Raises OSError."""
    seal = Seal()
    found = _numbered(find_files(folder, recursive=recursive), seal)
    write_private(path, _compressed(_written(found, folder, seal)), replace=replace)
    return seal.files


def _numbered(found: Iterable[Found], seal: Seal) -> Iterator[Found]:
    for file in found:
        seal.add(file[0])
        yield file


def _written(found: Iterable[Found], folder: str, seal: Seal) -> Iterator[bytes]:
    digest = sha256(_HEAD)
    yield _HEAD
    total = unlisted = 0
    for path, _, why in found:
        line, size = _line(folder, path, why)
        total += size
        unlisted += why == "unreadable-folder"
        digest.update(line)
        yield line
    last = {
        "files": seal.files,
        "bytes": total,
        "unlisted": unlisted,
        "seal": str(seal),
        "sha256": digest.hexdigest(),
    }
    yield json.dumps(last).encode() + b"\n"


def _line(folder: str, path: str, why: str) -> tuple[bytes, int]:
    """The line of a file, and its size."""
    told: dict[str, object] = {"path": os.fsencode(path).decode("utf-8", "surrogateescape")}
    size = 0
    if not why:
        try:
            status = os.lstat(f"{folder}/{path}")
        except OSError:
            why = "vanished"
        else:
            size = status.st_size
            told |= {"size": size, "mtimeNs": status.st_mtime_ns}
    if why:
        told["left"] = why
    return json.dumps(told).encode() + b"\n", size


def _compressed(lines: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    for line in lines:
        if data := compressor.compress(line):
            yield data
    yield compressor.flush()


def read_manifest(path: str) -> Manifest:
    """Reads a list through to its end; raises UsageError where it is none, or not whole."""
    digest, lines, last = sha256(), 0, b""
    for block in _blocks(path):
        data = last + block
        cut = data.rfind(b"\n", 0, -1) + 1
        digest.update(data[:cut])
        lines += data.count(b"\n", 0, cut)
        last = data[cut:]
        if len(last) > _LONGEST:
            raise _no_manifest(path, "a line of it has no end")
    told = _told(last)
    if told is None or not _seals(told, digest.hexdigest(), lines):
        raise _no_manifest(path, "it is not whole")
    head = _told(next(_lines(path)))
    if head != {"format": FORMAT, "version": VERSION}:
        raise _no_manifest(path, "it has another form, perhaps of a newer version")
    return Manifest(path, digest.hexdigest(), told)


def _seals(last: dict[str, Any], digest: str, lines: int) -> bool:
    """Whether a last line is that of a list with so many lines before."""
    numbers = [last.get(name) for name in ("files", "bytes", "unlisted")]
    return (
        all(isinstance(number, int) and number >= 0 for number in numbers)
        and isinstance(last.get("seal"), str)
        and last.get("sha256") == digest
        and numbers[0] == lines - 1
    )


def _lines(path: str) -> Iterator[bytes]:
    last = b""
    for block in _blocks(path):
        *lines, last = (last + block).split(b"\n")
        yield from lines


def _blocks(path: str) -> Iterator[bytes]:
    """What the file holds, decompressed, piece by piece."""
    import gzip

    try:
        with gzip.open(path) as file:
            while block := file.read(_AT_ONCE):
                yield block
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise _no_manifest(path, "it is not whole, or no gzip") from None
    except OSError as error:
        raise UsageError(
            f"{printable(path)}: the manifest cannot be read ({reason(error)})"
        ) from None


def _entry(line: bytes, manifest: str, number: int) -> Entry:
    told = _told(line) or {}
    path, size, mtime_ns = told.get("path"), told.get("size", 0), told.get("mtimeNs", 0)
    why = told.get("left", "")
    whole = isinstance(size, int) and isinstance(mtime_ns, int) and isinstance(why, str)
    if whole and isinstance(path, str) and _leads_inside(path, why):
        here = path if path.isascii() else _here(path)
        if here and size >= 0:
            return Entry(here, size, mtime_ns, why)
    raise _no_manifest(manifest, f"line {number} names no file of the folder")


def _here(path: str) -> str:
    """A path by the locale of this process; "" of none."""
    try:
        return os.fsdecode(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return ""


def _leads_inside(path: str, why: str) -> bool:
    """Whether a path is below the folder; the folder itself is only named as one left out."""
    if path == "." and why:
        return True
    around = f"/{path}/"
    return not any(apart in around for apart in ("//", "/./", "/../", "\0"))


def _told(line: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _no_manifest(path: str, why: str) -> UsageError:
    return UsageError(
        f"{printable(path)}: is no manifest: {why}",
        "anonymizer manifest -I FOLDER -o FILE makes one",
    )
