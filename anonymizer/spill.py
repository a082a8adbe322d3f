"""Keeps bytes that are made bit by bit: a few in memory, many in a file that has no name.

The file lies where ``TMPDIR`` says, only this process can read it, and it is gone with the last
who has it open, however that ends.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from mmap import mmap

MOST_IN_MEMORY = 16 << 20


def kept(parts: Iterable[bytes | memoryview]) -> bytes | mmap:
    """The parts as one, in memory or mapped; raises OSError where there is no room for them."""
    from mmap import ACCESS_READ, mmap
    from tempfile import SpooledTemporaryFile

    with SpooledTemporaryFile(MOST_IN_MEMORY) as file:
        for part in parts:
            file.write(part)
        size = file.tell()
        if size <= MOST_IN_MEMORY:
            file.seek(0)
            return file.read()
        file.flush()
        return mmap(file.fileno(), size, access=ACCESS_READ)
