"""Finds in bytes, whatever they are, what identifies the patient of the same data set.

Strategy
    The bytes without separators and NULs, in small letters, hold a term of the data set, or they
    do not: two passes, however long they are, and UTF-16 is read with the rest.  Only where one
    is in them are the runs of characters taken out, and searched word by word.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anonymizer.dicom.fold import flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.identity import Identity
    from anonymizer.dicom.scan import Source

AT_ONCE = 1 << 20
OVERLAP = 1 << 8
MOST_SEARCHED = 1 << 24
"""Bytes of one element; that there are more is told."""

MOST_REMEMBERED = 1 << 16
SHORTEST = 4

_SMALL = bytes(range(256)).lower()
_SEPARATORS = bytes(c for c in range(128) if not chr(c).isalnum())
_runs = re.compile(rb"[\x20-\x7e]{3,}|(?:[\x20-\x7e]\0){3,}|(?:\0[\x20-\x7e]){3,}").findall


def holds(source: Source, start: int, stop: int, identity: Identity) -> bool:
    """Whether a term of the data set stands in what it has there."""
    if not _needles(identity):
        return False
    if stop - start <= MOST_REMEMBERED:
        return _remembered(source[start:stop], identity)
    stop = min(stop, start + MOST_SEARCHED)
    pieces = (source[at : min(at + AT_ONCE + OVERLAP, stop)] for at in range(start, stop, AT_ONCE))
    return any(_holds(piece, identity) for piece in pieces)


def texts_of(raw: bytes) -> Iterator[str]:
    """Bytes as the text that they seem to be, if any."""
    bare = raw.strip(b" \0")
    text = _decoded(bare, "utf-8")
    if text:
        yield text
    elif len(bare) > SHORTEST and (b"\0" in bare or bare.startswith((b"\xff\xfe", b"\xfe\xff"))):
        whole = raw[: len(raw) & ~1]
        yield from filter(None, (_decoded(whole, codec) for codec in ("utf-16-le", "utf-16-be")))


def _decoded(raw: bytes, codec: str) -> str:
    try:
        text = raw.decode(codec).strip(" \0\ufeff")
    except UnicodeDecodeError:
        return ""
    text = text.translate(_BLANKS)
    return text if text.isprintable() else ""


_BLANKS = dict.fromkeys(map(ord, "\t\r\n\f\x1b"), " ")


@lru_cache(maxsize=64)
def _remembered(raw: bytes, identity: Identity) -> bool:
    """The same, of what many images of a series have alike."""
    return _holds(raw, identity)


def _holds(piece: bytes, identity: Identity) -> bool:
    needles = _needles(identity)
    if not _has_one(piece, needles):
        return False
    runs = [run.replace(b"\0", b"") for run in _runs(piece) if _has_one(run, needles)]
    text = b"\n".join(runs).decode("ascii")
    return bool(identity.find(text, flat(text)))


def _has_one(raw: bytes, needles: tuple[bytes, ...]) -> bool:
    squeezed = raw.translate(_SMALL, _SEPARATORS)
    return any(needle in squeezed for needle in needles)


@lru_cache(maxsize=64)
def _needles(identity: Identity) -> tuple[bytes, ...]:
    """Terms that bytes hold hardly ever by chance."""
    words = sorted((w for w in identity.words if w.isascii() and len(w) >= SHORTEST), key=len)
    least: list[str] = []
    for word in words:
        if not any(shorter in word for shorter in least):
            least.append(word)
    return tuple(word.encode() for word in least)
