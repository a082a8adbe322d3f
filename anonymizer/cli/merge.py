"""``anonymizer merge-reports``: one report of all shards, and the proof that no file is missing."""

from __future__ import annotations

import os

from anonymizer.cli.console import REFUSED, WRITTEN, WRONG_USAGE, complain
from anonymizer.cli.summary import counted, size_text
from anonymizer.errors import ImageError, UsageError
from anonymizer.files import reason
from anonymizer.report import SKIP_REASONS, printable
from anonymizer.shards.merge import Merged
from anonymizer.shards.place import Place, read_json, write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MOST_TOLD = 10


def merge_reports(sources: list[str], output: str, *, overwrite: bool) -> int:
    """Adds up what shards have told, writes and prints it; answers the exit code."""
    try:
        merged = Merged(_reports(sources))
        if output:
            _write(output, merged.content, overwrite=overwrite)
    except UsageError as error:
        complain(str(error))
        return WRONG_USAGE
    rows = list(_rows(merged.content))
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        print(f"{name:<{width}}  {text}")
    for line in _troubles(merged):
        complain(line)
    return WRITTEN if merged.is_complete and not merged.refused else REFUSED


def _reports(sources: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sources:
        if os.path.isdir(path):
            yield from _reports_in(path)
        else:
            yield printable(path), _read(path)


def _reports_in(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The reports of the shards that a folder is of."""
    place = Place.given(folder)
    shards = place.read_common()["shards"]
    there = [place.report(number, shards) for number in range(1, shards + 1)]
    for path in filter(os.path.lexists, there):
        yield printable(os.path.basename(path)), _read(path)


def _read(path: str) -> dict[str, Any]:
    try:
        return read_json(path)
    except OSError as error:
        raise UsageError(f"{printable(path)}: cannot be read ({reason(error)})") from None


def _write(path: str, content: dict[str, Any], *, overwrite: bool) -> None:
    shown = printable(path)
    try:
        write_json(path, content, replace=overwrite)
    except ImageError:
        raise UsageError(f"{shown}: is there already", "--overwrite replaces it") from None
    except OSError as error:
        raise UsageError(f"{shown}: the report cannot be written ({reason(error)})") from None


def _rows(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    configuration, manifest = content["configuration"], content["manifest"]
    title = f"{configuration['name']} {configuration['version']}".strip()
    yield "configuration", f"{title} (sha256 {configuration['sha256'][:12]})"
    yield "manifest", f"{counted(manifest['files'], 'file')} (sha256 {manifest['sha256'][:12]})"
    told = content["shards"] - len(content["missing"])
    yield "shards", f"{told:,} of {content['shards']:,}"
    written = content["written"] + content["doneBefore"]
    yield "written", counted(written, "file")
    for kind in ("refused", "skipped"):
        for why, times in content[kind].items():
            yield kind, f"{counted(times, 'file')}: {SKIP_REASONS.get(why, why)}"
    for method, times in content["methods"].items():
        yield method, counted(times, "attribute")
    if content["complete"]:
        yield "accounted for", f"every file exactly once ({size_text(manifest['bytes'])})"
    else:
        yield "accounted for", f"{content['accounted']:,} of {manifest['files']:,} files"


def _troubles(merged: Merged) -> Iterator[str]:
    if merged.missing:
        yield f"no report of {_shards(merged.missing)}"
    if merged.unfinished:
        yield f"not finished: {_shards(merged.unfinished)}; run it again, it does what is left"


def _shards(numbers: list[int]) -> str:
    """``shards 1, 3-5 and 7``, not all of a thousand."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    told = [f"{a}" if a == b else f"{a}-{b}" for a, b in ranges[:MOST_TOLD]]
    more = f" and {len(ranges) - MOST_TOLD:,} more ranges" if len(ranges) > MOST_TOLD else ""
    return f"{'shard' if len(numbers) == 1 else 'shards'} {', '.join(told)}{more}"
