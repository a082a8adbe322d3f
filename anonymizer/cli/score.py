"""``anonymizer score``: how much images tell of somebody, and by which attributes."""

from __future__ import annotations

import json
import os
import sys

from anonymizer.cli.shown import shown_by
from anonymizer.cli.summary import counted
from anonymizer.cli.usage import check_images
from anonymizer.errors import AnonymizerError, ConfigurationError
from anonymizer.report import SKIP_REASONS
from anonymizer.score.files import score_file, score_folder
from anonymizer.score.score import level_of
from anonymizer.score.weights import built_in_weights, read_weights

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from anonymizer.cli.shown import Shown
    from anonymizer.score.files import Scores
    from anonymizer.score.reasons import Reason
    from anonymizer.score.score import Score
    from anonymizer.score.weights import Weights

SCORED, AT_RISK, WRONG_USAGE, NOTHING_FOUND = 0, 1, 2, 3

LEAST_SHOWN = 0.1
"""Reasons of fewer points are counted only, where no JSON is asked for."""

MOST_NAMED = 3
WIDEST = 60
COLORS = {"LOW": "green", "MEDIUM": "yellow", "HIGH": "red", "CRITICAL": "bold red"}


def score(
    path: str,
    *,
    fail_on_risk: int | None,
    as_json: bool,
    weights: str | None,
    force: bool = False,
) -> int:
    """Prints scores and reasons; answers the exit code."""
    try:
        check_images(path)
        points = read_weights(weights) if weights else built_in_weights()
    except ConfigurationError as error:
        print(f"{error}\n{error.source}: {len(error.mistakes)} to mend", file=sys.stderr)
        return WRONG_USAGE
    except AnonymizerError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    folder = os.path.isdir(path)
    scores = (score_folder if folder else score_file)(path, points, force=force)
    shown = shown_by(scores.names)
    if as_json:
        print(json.dumps(_as_json(scores, shown), indent=1))
    else:
        _print(scores, shown, points, folder=folder)
    return _code(scores, fail_on_risk)


def _code(scores: Scores, fail_on_risk: int | None) -> int:
    if scores.refused:
        return AT_RISK
    if not scores.scored:
        return NOTHING_FOUND
    return AT_RISK if fail_on_risk is not None and scores.worst >= fail_on_risk else SCORED


def _print(scores: Scores, shown: Shown, weights: Weights, *, folder: bool) -> None:
    for each in scores.refused:
        print(f"refused: {shown(each.path)}: {each.reason}: {each.detail}", file=sys.stderr)
    if folder:
        _print_table(_table(scores, shown))
        print("\n".join(_summed(scores)))
    elif scores.scored:
        _, only = scores.scored[0]
        print("\n".join([f"{only.percent} % {only.level}", *_reasons(only, weights)]))


def _reasons(only: Score, weights: Weights) -> Iterator[str]:
    told = [reason for reason in only.reasons if reason.points >= LEAST_SHOWN]
    width = max([len(r.place) for r in told if len(r.place) <= WIDEST], default=0)
    for reason in told:
        times = f" ({counted(reason.times, 'time')})" if reason.times > 1 else ""
        yield f"{reason.points:6.1f}  {reason.place:<{width}}  {_why(reason)}{times}"
    if more := len(only.reasons) - len(told):
        yield f"        {counted(more, 'reason')} of less than {LEAST_SHOWN} points"
    for kind, most in weights.most.items():
        if sum(reason.points for reason in only.reasons if reason.kind == kind) > most:
            yield f"        {kind} together count {most:g} at most"


def _why(reason: Reason) -> str:
    return f"burned in: {reason.why}" if reason.kind == "burnedIn" else reason.why


def _table(scores: Scores, shown: Shown) -> list[tuple[str, str, str, str]]:
    """Percent, level, path and the first attributes; the worst first."""
    ordered = sorted(scores.scored, key=lambda each: (-each[1].percent, each[0]))
    return [(f"{each.percent} %", each.level, shown(path), _named(each)) for path, each in ordered]


def _named(each: Score) -> str:
    places = list(dict.fromkeys(r.place for r in each.reasons if r.points >= LEAST_SHOWN))
    more = len(places) - MOST_NAMED
    return ", ".join(places[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _print_table(rows: list[tuple[str, str, str, str]]) -> None:
    if not sys.stdout.isatty():
        width = max([len(row[2]) for row in rows if len(row[2]) <= WIDEST], default=0)
        for percent, level, path, named in rows:
            print(f"{percent:>5}  {level:<8}  {path:<{width}}  {named}".rstrip())
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False)
    for percent, level, path, named in rows:
        table.add_row(percent, Text(level, COLORS[level]), Text(path), Text(named))
    Console().print(table)


def _summed(scores: Scores) -> Iterator[str]:
    if scores.scored:
        yield f"worst  {scores.worst} % {level_of(scores.worst)}"
        yield f"mean   {scores.mean:.0f} % of {counted(len(scores.scored), 'file')}"
    for why, times in sorted(scores.skipped.items()):
        yield f"{counted(times, 'file')} skipped: {SKIP_REASONS[why]}"
    if not (scores.scored or scores.refused):
        yield "nothing found: the folder holds no image"


def _as_json(scores: Scores, shown: Shown) -> dict[str, Any]:
    return {
        "worst": scores.worst if scores.scored else None,
        "level": level_of(scores.worst) if scores.scored else None,
        "mean": round(scores.mean, 1) if scores.scored else None,
        "files": [
            {
                "path": shown(path),
                "percent": each.percent,
                "level": each.level,
                "reasons": [_reason(reason) for reason in each.reasons],
            }
            for path, each in scores.scored
        ],
        "refused": [
            {"path": shown(each.path), "reason": each.reason, "detail": each.detail}
            for each in scores.refused
        ],
        "skipped": dict(sorted(scores.skipped.items())),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "kind": reason.kind,
        "path": reason.place,
        "tag": f"{reason.tag >> 16:04X},{reason.tag & 0xFFFF:04X}" if reason.tag else None,
        "why": reason.why,
        "points": round(reason.points, 2),
        "times": reason.times,
    }
