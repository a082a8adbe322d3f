"""``anonymizer check --coverage``: a configuration held against Table E.1-1, row by row."""

from __future__ import annotations

import json

from anonymizer.cli.summary import counted
from anonymizer.config.coverage import EQUAL, UNTOUCHED, VERDICTS, WEAKER, coverage
from anonymizer.config.profile_keys import PROFILE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.config.configuration import Configuration
    from anonymizer.config.coverage import RowCoverage
    from anonymizer.config.profile_keys import Choice
    from anonymizer.rules.compiled import Compiled

FINE, LACKING = 0, 1


def coverage_lines(
    configuration: Configuration, compiled: Compiled, *, strict: bool, as_json: bool
) -> tuple[list[str], int]:
    """The lines to print; the exit code is 1 if ``strict`` and a row is weaker or untouched."""
    choice, found = coverage(configuration, compiled)
    by_verdict: dict[str, list[RowCoverage]] = {verdict: [] for verdict in VERDICTS}
    for row in found:
        by_verdict[row.verdict].append(row)
    lacking = bool(by_verdict[UNTOUCHED] or by_verdict[WEAKER])
    tell = _json if as_json else _text
    return tell(configuration, choice, by_verdict), LACKING if strict and lacking else FINE


def _text(
    configuration: Configuration, choice: Choice, by_verdict: dict[str, list[RowCoverage]]
) -> list[str]:
    lines = []
    for verdict, found in by_verdict.items():
        if verdict != EQUAL:
            lines += [f"{verdict:<9}  {row.code:<6}  {row.name}: {_owner(row)}" for row in found]
    options = ", ".join(choice.as_keys()["options"]) or "no options"
    lines.append(f"{configuration.source}: held against {PROFILE} {choice.edition}, {options}")
    lines += [f"{verdict:<14}  {counted(len(f), 'row')}" for verdict, f in by_verdict.items()]
    return lines


def _owner(row: RowCoverage) -> str:
    return row.method if row.rule is None else f"{row.method} ({row.rule.shown})"


def _json(
    configuration: Configuration, choice: Choice, by_verdict: dict[str, list[RowCoverage]]
) -> list[str]:
    told = {
        "configuration": configuration.name,
        "sha256": configuration.digest,
        "edition": choice.edition,
        "options": choice.as_keys()["options"],
        "counts": {verdict: len(found) for verdict, found in by_verdict.items()},
        "rows": [
            {
                "tag": row.row.tag,
                "keyword": row.row.keyword,
                "code": row.code,
                "verdict": verdict,
                "method": row.method,
                "rule": row.rule.shown if row.rule else "",
            }
            for verdict, found in by_verdict.items()
            for row in found
        ],
    }
    return [json.dumps(told, indent=1)]
