"""Which forms of archives there are, by the end of a name; and how each is compressed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from anonymizer.errors import UsageError

if TYPE_CHECKING:
    from io import RawIOBase

ZIP, TAR, GZIP, ZSTANDARD = "zip", "tar", "tar.gz", "tar.zst"

ENDINGS = {
    ".zip": ZIP,
    ".tar": TAR,
    ".tar.gz": GZIP,
    ".tgz": GZIP,
    ".tar.zst": ZSTANDARD,
    ".tzst": ZSTANDARD,
}
FAST = 1
"""The level of deflate: images are written faster so, and hardly larger."""
ZSTANDARD_LEVEL = 3


def form_of(path: str) -> str:
    """The form of an archive of this name, "" where it is the name of none."""
    name = os.path.basename(path).lower()
    return next((form for end, form in ENDINGS.items() if name.endswith(end)), "")


def zstandard() -> Any:  # noqa: ANN401  a module
    """The library; raises UsageError where it is not installed."""
    try:
        import zstandard as library
    except ImportError:
        raise UsageError(
            ".tar.zst needs a library that is not installed", "pip install 'anonymizer[zstd]'"
        ) from None
    return library


def decompressed(file: RawIOBase, form: str) -> Any:  # noqa: ANN401  a file to read from
    if form == GZIP:
        from gzip import GzipFile

        return GzipFile(fileobj=file, mode="rb")
    return zstandard().ZstdDecompressor().stream_reader(file, read_across_frames=True)


def compressed(file: Any, form: str) -> Any:  # noqa: ANN401  files to write to
    """A file to write to, whose bytes hang on nothing but what is written."""
    if form == TAR:
        return file
    if form == GZIP:
        from gzip import GzipFile

        return GzipFile(filename="", fileobj=file, mode="wb", compresslevel=FAST, mtime=0)
    compressor = zstandard().ZstdCompressor(level=ZSTANDARD_LEVEL, write_checksum=True)
    return compressor.stream_writer(file, closefd=False)
