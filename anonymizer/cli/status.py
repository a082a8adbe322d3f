"""``anonymizer status``: how far the shards of a run are, by the counters that each leaves."""

from __future__ import annotations

import json
import sys

from anonymizer.cli.console import REFUSED, WRITTEN, WRONG_USAGE, complain
from anonymizer.cli.summary import size_text
from anonymizer.errors import UsageError
from anonymizer.shards.counters import DONE, RUNNING, SILENT_AFTER, seconds_since
from anonymizer.shards.place import Place, read_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NOT_BEGUN, SILENT = "not begun", "silent"
SUMS = ("accounted", "written", "doneBefore", "refused", "skipped", "bytes")
MOST_ROWS = 40


def status(folder: str, *, as_json: bool) -> int:
    """Prints how far each shard is, and all of them; answers the exit code."""
    try:
        told = _status(Place.given(folder))
    except UsageError as error:
        complain(str(error))
        return WRONG_USAGE
    if as_json:
        print(json.dumps(told, indent=1))
    elif sys.stdout.isatty():
        _draw(told)
    else:
        print("\n".join(_lines(told)))
    return WRITTEN if told["complete"] and not told["refused"] else REFUSED


def _status(place: Place) -> dict[str, Any]:
    common = place.read_common()
    shards: int = common["shards"]
    each = [_of_shard(place, common, number) for number in range(1, shards + 1)]
    sums = {name: sum(shard[name] for shard in each) for name in SUMS}
    states: dict[str, int] = {}
    for shard in each:
        states[shard["state"]] = states.get(shard["state"], 0) + 1
    files = common["manifest"]["files"]
    return {
        "manifest": common["manifest"],
        "configuration": common["configuration"],
        "shards": shards,
        "states": states,
        "files": files,
        **sums,
        "complete": states == {DONE: shards} and sums["accounted"] == files,
        "each": each,
    }


def _of_shard(place: Place, common: dict[str, Any], number: int) -> dict[str, Any]:
    """What the counters of a shard tell; zeros where it has none yet."""
    try:
        told = read_json(place.counters(number, common["shards"]))
    except OSError:
        told = {}
    if told.get("manifest") != common["manifest"]["sha256"]:
        told = {}
    counts = {name: told[name] if isinstance(told.get(name), int) else 0 for name in SUMS}
    state = told.get("state", NOT_BEGUN)
    silent = seconds_since(told.get("updated")) if state == RUNNING else 0.0
    return {
        "shard": number,
        "state": SILENT if silent > SILENT_AFTER else state,
        "files": told.get("files"),
        **counts,
        "updated": told.get("updated"),
    }


HEADS = ("shard", "state", "done", "written", "refused", "skipped", "size")


def _row(shard: dict[str, Any]) -> tuple[str, ...]:
    files = shard["files"]
    done = f"{shard['accounted']:,}" + ("" if files is None else f" of {files:,}")
    written = shard["written"] + shard["doneBefore"]
    return (
        str(shard.get("shard", "all")),
        shard.get("state", ""),
        done,
        f"{written:,}",
        f"{shard['refused']:,}",
        f"{shard['skipped']:,}",
        size_text(shard["bytes"]),
    )


def _rows(told: dict[str, Any]) -> list[tuple[str, ...]]:
    """Those that are not done, or all where they are few; and the sums."""
    shown = [shard for shard in told["each"] if shard["state"] != DONE or shard["refused"]]
    if told["shards"] <= MOST_ROWS:
        shown = told["each"]
    total = {name: told[name] for name in ("files", *SUMS)}
    states = ", ".join(f"{number:,} {state}" for state, number in sorted(told["states"].items()))
    more = len(shown) - MOST_ROWS
    rest = [(f"{more:,} more", *[""] * (len(HEADS) - 1))] if more > 0 else []
    return [*map(_row, shown[:MOST_ROWS]), *rest, _row({**total, "state": states})]


def _lines(told: dict[str, Any]) -> list[str]:
    rows = [HEADS, *_rows(told)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _draw(told: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for head in HEADS:
        table.add_column(head, justify="left" if head == "state" else "right")
    for row in _rows(told):
        table.add_row(*map(Text, row))
    Console().print(table)
