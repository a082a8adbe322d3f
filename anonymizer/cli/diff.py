"""``anonymizer diff``: what two images, or two folders of them, have not in common."""

from __future__ import annotations

import json
import sys

from anonymizer.audit.records import pairs_by_audit, read_records
from anonymizer.cli.shown import shown_by
from anonymizer.cli.summary import counted
from anonymizer.cli.usage import are_folders
from anonymizer.dicom.dictionary import name_of
from anonymizer.diff.compare import ADDED, CHANGED, NONE, REMOVED
from anonymizer.diff.trees import compare_files, compare_trees, files_of, pairs_by_path
from anonymizer.diff.values import teller
from anonymizer.errors import AnonymizerError, UsageError
from anonymizer.report import SKIP_REASONS, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from anonymizer.cli.shown import Shown
    from anonymizer.diff.compare import Change, Comparison, Side
    from anonymizer.diff.trees import Compared, Pair, TreeComparison

EQUAL, DIFFERENT, WRONG_USAGE, NOTHING_FOUND = 0, 1, 2, 3

WIDEST = 60
"""A place longer than this moves its own line only."""


def diff(
    a: str, b: str, *, values: str, as_json: bool, audit: str = "", force: bool = False
) -> int:
    """Prints the differences; answers the exit code."""
    try:
        folders = are_folders(a, b)
        pairs = _pairs(a, b, audit, folders=folders) if audit else None
    except AnonymizerError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    tell = teller(values)
    if folders:
        compared = compare_trees(a, b, tell, pairs, force=force)
    else:
        compared = compare_files(a, b, tell, force=force)
    shown = shown_by(compared.names)
    if as_json:
        print(json.dumps(_as_json(compared, shown), indent=1))
    elif folders:
        print("\n".join(_lines_of_trees(compared, shown, each=values != "hide")))
    else:
        print("\n".join(_lines_of_files(compared.pairs[0])))
    return _code(compared)


def _pairs(a: str, b: str, audit: str, *, folders: bool) -> list[Pair]:
    """What the audit log pairs, and by relative path what it says nothing of."""
    if not folders:
        raise UsageError("--audit pairs the files of two folders", "leave it out for two files")
    in_a, in_b = files_of(a), files_of(b)
    pairs: list[Pair] = [*pairs_by_audit(read_records(audit), a, b, in_a, in_b)]
    if not pairs:
        print(
            f"warning: {printable(audit)}: tells of no pair in these folders; "
            "files are paired by relative path",
            file=sys.stderr,
        )
    return sorted([*pairs, *pairs_by_path(in_a, in_b)], key=lambda pair: pair[0] or pair[1] or "")


def _code(compared: TreeComparison) -> int:
    if not compared.pairs:
        return NOTHING_FOUND
    return EQUAL if compared.same else DIFFERENT


def _lines_of_files(pair: Compared) -> Iterator[str]:
    if pair.comparison is None:
        yield f"refused: {pair.reason}: {pair.detail}"
        return
    yield from _lines(pair.comparison)
    yield _summed(pair.comparison)


def _lines_of_trees(compared: TreeComparison, shown: Shown, *, each: bool) -> Iterator[str]:
    """A line for each pair that differs, with ``each`` all its changes; then those of all."""
    for pair in compared.pairs:
        if pair.same:
            continue
        where = _named(pair, shown)
        if pair.comparison is None:
            side = f" (in {'the first' if pair.b is None else 'the second'})"
            yield f"{where}: {pair.reason}: {pair.detail}{side if _is_alone(pair) else ''}"
            continue
        yield f"{where}: {_summed(pair.comparison)}"
        yield from (f"  {line}" for line in _lines(pair.comparison) if each)
    yield from _totals(compared)


def _named(pair: Compared, shown: Shown) -> str:
    """``im1``, or ``im1 -> 2.25.7/2.25.8.dcm`` where the two have not one name."""
    return " -> ".join(map(shown, dict.fromkeys(filter(None, (pair.a, pair.b)))))


def _is_alone(pair: Compared) -> bool:
    return pair.a is None or pair.b is None


def _totals(compared: TreeComparison) -> Iterator[str]:
    """In how many files each attribute was changed, wherever it stands in them."""
    files: dict[tuple[str, int], int] = {}
    for pair in compared.pairs:
        if pair.comparison is not None:
            for key in {(change.kind, change.tag) for change in pair.comparison.changes}:
                files[key] = files.get(key, 0) + 1
    for (kind, tag), times in sorted(files.items(), key=lambda item: (item[0][1], item[0][0])):
        yield f"{kind:<7}  {name_of(tag)}: {counted(times, 'file')}"
    equal = sum(pair.same for pair in compared.pairs)
    alone = sum(map(_is_alone, compared.pairs))
    told = f"{counted(len(compared.pairs) - alone, 'pair')}, {equal:,} the same"
    if alone:
        told += f"; {counted(alone, 'file')} in one of the two only"
    for reason, times in sorted(compared.skipped.items()):
        told += f"; {counted(times, 'file')} skipped: {SKIP_REASONS[reason]}"
    yield told


def _lines(comparison: Comparison) -> Iterator[str]:
    places = [len(change.place) for change in comparison.changes]
    width = max([place for place in places if place <= WIDEST], default=0)
    if not comparison.same_preamble:
        yield f"{CHANGED}  the preamble"
    for change in comparison.changes:
        yield f"{change.kind:<7}  {change.place:<{width}}  {_sides(change)}"


def _sides(change: Change) -> str:
    """``PN 14 bytes [Doe^Jane] -> PN 10 bytes [ANONYMOUS]``."""
    sides = [side for side in (change.before, change.after) if side is not None]
    return " -> ".join(map(_side, sides))


def _side(side: Side) -> str:
    size = counted(side.size, "item" if side.vr == "SQ" else "byte")
    return f"{side.vr} {size}{f' [{side.told}]' if side.told else ''}"


def _summed(comparison: Comparison) -> str:
    counts = [f"{comparison.count(kind):,} {kind}" for kind in (CHANGED, REMOVED, ADDED)]
    pixels = "no pixel data" if comparison.pixels == NONE else f"pixel data {comparison.pixels}"
    return f"{', '.join(counts)}; {pixels}"


def _as_json(compared: TreeComparison, shown: Shown) -> dict[str, Any]:
    return {
        "same": compared.same,
        "skipped": dict(sorted(compared.skipped.items())),
        "pairs": [_pair(pair, shown) for pair in compared.pairs],
    }


def _pair(pair: Compared, shown: Shown) -> dict[str, Any]:
    told: dict[str, Any] = {
        "a": None if pair.a is None else shown(pair.a),
        "b": None if pair.b is None else shown(pair.b),
        "same": pair.same,
    }
    if pair.comparison is None:
        return told | {"reason": pair.reason, "detail": pair.detail}
    return told | {
        "pixelData": pair.comparison.pixels,
        "samePreamble": pair.comparison.same_preamble,
        "changes": [_change(change) for change in pair.comparison.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kind": change.kind,
        "path": change.place,
        "tag": f"{change.tag >> 16:04X},{change.tag & 0xFFFF:04X}",
    }
    for name, side in (("before", change.before), ("after", change.after)):
        if side is not None:
            told[name] = {"vr": side.vr, "items" if side.vr == "SQ" else "size": side.size}
            if side.told:
                told[name]["value"] = side.told
    return told
