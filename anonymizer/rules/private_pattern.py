"""Files of which the same is told of private elements: equal but for values that say nothing.

Strategy
    Two consecutive files are compared, element by element.  What they share is kept as bytes; where
    they differ only the header counts, if the value is one that nobody looks at.  A later file that
    has the same bytes and the same headers in the same order has the same elements, and those that
    matter have the same values: nothing of it need be looked at.

Rules
    * Private elements, the character set, sequences, and whatever identifies somebody never vary;
      of a date and time the time of day may, which nobody looks at.
    * A value that varies has a length of its own and is of a VR with a short length field, or is
      native pixel data.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import LONG_VRS, is_private
from anonymizer.dicom.dictionary import representations_of
from anonymizer.dicom.identity import DATE, LONGEST_DATE, kind_of
from anonymizer.dicom.pixels import PIXEL_DATA
from anonymizer.dicom.roots import root_elements
from anonymizer.dicom.scan import UNDEFINED
from anonymizer.dicom.table import SPECIFIC_CHARACTER_SET
from anonymizer.errors import ImageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.dicom.syntax import Encoding

    Step = tuple[bytes, bytes, bool, bytes]
    """Bytes that all share, the header up to the length of what varies behind them, whether that
    is a long one, and the day that it begins with."""

MOST_SHARED = 1 << 18
MOST_STEPS = 200


class Pattern:
    """What the files of one kind share; ``warnings`` is what is told of each."""

    __slots__ = ("_encoding", "_rest", "_steps", "warnings")

    def __init__(
        self, steps: list[Step], rest: bytes, encoding: Encoding, warnings: list[str]
    ) -> None:
        self._steps = steps
        self._rest = rest
        self._encoding = encoding
        self.warnings = warnings

    def fits(self, source: bytes, at: int, encoding: Encoding) -> bool:
        """Whether the data set that begins there is one of them."""
        if encoding is not self._encoding:
            return False
        for step in self._steps:
            at = _behind(step, source, at, encoding)
            if at < 0:
                return False
        return at + len(self._rest) == len(source) and source.endswith(self._rest)


def _behind(step: Step, source: bytes, at: int, encoding: Encoding) -> int:
    """Where a step ends that is made from there, -1 where it cannot be made."""
    shared, key, is_long, day = step
    if not source.startswith(shared, at):
        return -1
    at += len(shared)
    if not source.startswith(key, at) or at + 12 > len(source):
        return -1
    _, length = encoding.header.unpack_from(source, at)
    at += 8
    if is_long:
        (length,) = encoding.long.unpack_from(source, at)
        at += 4
    if length == UNDEFINED:
        return -1
    if day and not (source.startswith(day, at) and b"\\" not in source[at : at + length]):
        return -1
    return int(at + length)


def pattern_of(
    one: bytes, begin: int, other: bytes, start: int, encoding: Encoding, warnings: list[str]
) -> Pattern | None:
    """The pattern of two data sets, ``warnings`` being told of the other; None where none is."""
    try:
        ones = list(root_elements(one, begin, len(one), encoding))
        others = list(root_elements(other, start, len(other), encoding))
    except ImageError:
        return None
    if len(ones) != len(others):
        return None
    steps: list[Step] = []
    kept = start
    for (tag, at, stop), (tag_before, at_before, stop_before) in zip(others, ones, strict=True):
        if tag != PIXEL_DATA and other[at:stop] == one[at_before:stop_before]:
            continue
        step = _varying(tag, other[at : at + 32], encoding) if tag == tag_before else None
        if step is None or len(steps) == MOST_STEPS or not _fits_one(step, one, at_before):
            return None
        steps.append((other[kept:at], *step))
        kept = stop
    rest = other[kept:]
    if sum(len(step[0]) for step in steps) + len(rest) > MOST_SHARED:
        return None
    return Pattern(steps, rest, encoding, warnings)


def _fits_one(step: tuple[bytes, bool, bytes], one: bytes, at: int) -> bool:
    """Whether an element that varies has the same header, and the same day, in the one before."""
    key, is_long, day = step
    return one.startswith(key, at) and one.startswith(day, at + (12 if is_long else 8))


def _varying(tag: int, head: bytes, encoding: Encoding) -> tuple[bytes, bool, bytes] | None:
    """The header of an element whose value may vary, and of a date its day; None of no such."""
    key = head[: 6 if encoding.explicit else 4]
    if tag == PIXEL_DATA:
        return key, encoding.explicit, b""
    if not tag:  # a group length
        return key, False, b""
    known = representations_of(tag)
    vrs = {*known, key[4:].decode("latin-1")} if encoding.explicit else {*known}
    if is_private(tag) or tag == SPECIFIC_CHARACTER_SET or not known or vrs & _NEVER:
        return None
    kinds = {kind_of(tag, vr) for vr in vrs}
    if kinds == {-1}:
        return key, False, b""
    day = head[8 : 8 + LONGEST_DATE]
    told = kinds == {DATE} and len(day) == LONGEST_DATE and not day.startswith(b" ")
    return (key, False, day) if told else None


_NEVER = LONG_VRS | {"SQ", ""}
