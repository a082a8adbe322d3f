"""Whether what no rule touches is there with the same bytes, and nothing came to it.

Rules
    * A private creator goes when its block is empty, a group length when its group changed, and
      offsets in a DICOMDIR move: neither is somebody's value.
    * Bytes behind native pixels, in their element, may be cut off; nothing else of pixel data.
    * Without a configuration only the pixel data can be judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anonymizer.dicom.attribute import is_creator
from anonymizer.dicom.pixels import PIXELS
from anonymizer.rules.judge import path_text
from anonymizer.verify.findings import Finding
from anonymizer.verify.taken import OFFSETS, is_mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.elements import Place, Placed
    from anonymizer.verify.pair import Pair

ENCRYPTED_ATTRIBUTES = 0x04000500


def changes(pair: Pair, *, trims: bool) -> Iterator[Finding]:
    """What is not as the rules leave it; ``trims`` says that bytes behind pixels are cut off."""
    for place, element, output in pair.pairs():
        kind = _fault(pair, place, element, output, trims=trims or not pair.rules)
        if kind:
            yield Finding(kind, pair.file, path_text(place[0], place[1]))
    if pair.rules:
        for there in pair.outputs:
            if there not in pair.sources and not _is_ours(pair, there):
                yield Finding("added", pair.file, path_text(there[0], there[1]))


def _fault(pair: Pair, place: Place, element: Placed, output: Placed | None, *, trims: bool) -> str:
    """The kind of what is wrong with one element, "" where nothing is."""
    if element.tag in PIXELS and not (pair.rules and not pair.stays(place)):
        same = output is not None and are_equal(pair, element, output, trims=trims)
        return "" if same else "pixels-changed"
    if not pair.rules or _follows(place) or is_mark(place):
        return ""
    if not pair.stays(place):
        return (
            "" if output is None or element.vr == "SQ" else _treated(pair, place, element, output)
        )
    if output is None:
        return "" if is_creator(element.tag) or element.vr == "SQ" else "lost"
    if element.vr == "SQ":
        return "" if output.vr == "SQ" else "changed"
    return "" if are_equal(pair, element, output, trims=False) else "changed"


def _treated(pair: Pair, place: Place, element: Placed, output: Placed) -> str:
    """What is wrong with a value that a rule has to change.

    A private creator that a rule takes stays all the same where an element of its block does.
    """
    if is_creator(element.tag):
        same = are_equal(pair, element, output, trims=False)
        return "" if same or pair.after.field(output) == pair.expected(place) else "changed"
    if pair.goes(place) and _remains(pair, element, output):
        return "taken-remains"
    expected = pair.expected(place)
    if expected is None or output.encapsulated:
        return ""
    if expected and not pair.keyed:
        return ""
    return "" if pair.after.field(output) == expected else "not-as-ruled"


def _remains(pair: Pair, element: Placed, output: Placed) -> bool:
    """Whether a value stands as it stood; an empty one does not."""
    return element.stop > element.start and are_equal(pair, element, output, trims=False)


def _follows(place: Place) -> bool:
    """Whether an element's value follows from others."""
    tag = place[1]
    return not tag & 0xFFFF or tag in OFFSETS


def _is_ours(pair: Pair, there: Place) -> bool:
    path, tag, _ = there
    top = path[0][0] if path else tag
    return is_mark(there) or top == ENCRYPTED_ATTRIBUTES


def are_equal(pair: Pair, one: Placed, other: Placed, *, trims: bool) -> bool:
    """Whether two value fields have the same bytes; with ``trims`` the second may end sooner."""
    size, length = one.stop - one.start, other.stop - other.start
    if one.encapsulated != other.encapsulated or (size != length and not trims) or length > size:
        return False
    if not length and size:
        return False
    return pair.begin_alike(one, other, length)
