"""``anonymizer verify``: holds outputs against their inputs, and says PASS, REVIEW or FAIL."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace

from anonymizer.cli.configured import typed_in
from anonymizer.cli.options import RunOptions
from anonymizer.cli.shown import shown_by
from anonymizer.cli.summary import Ticks, counted, size_text
from anonymizer.cli.usage import are_folders
from anonymizer.errors import AnonymizerError, UsageError
from anonymizer.verify.findings import CHECKS, FAIL, REVIEW
from anonymizer.verify.forms import NOT_SEARCHED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from anonymizer.cli.shown import Shown
    from anonymizer.rules.compiled import Compiled
    from anonymizer.verify.findings import Finding
    from anonymizer.verify.verify import Result

OK, FAILED, WRONG_USAGE, NOTHING_FOUND = 0, 1, 2, 3
MOST_ATTRIBUTES = 5
MOST_SHOWN = 20
"""So many files are named for one kind and place of findings; the rest is counted."""


RENAMED = (
    "note: no output was found under the name of its input\n"
    "  hint: of renamed ones --audit FILE or --report FILE of the run tells which is whose; "
    "-c, with the key of the run, finds those of --rename uid"
)


def verify(options: RunOptions, *, audit: str, dciodvfy: bool, as_json: bool) -> int:
    """Prints what was found; answers the exit code."""
    from anonymizer.audit.records import read_last_run, read_report
    from anonymizer.verify.conformance import find_dciodvfy
    from anonymizer.verify.verify import Verification

    source, target = options.input_folder, options.output_folder
    try:
        folders = are_folders(source, target)
        compiled = _compiled(options, source if folders else os.path.dirname(source))
        command = find_dciodvfy() if dciodvfy else ""
        records = read_last_run(audit) if audit else []
        if options.report:
            records += read_report(options.report)
        verification = Verification(source, target, compiled, dciodvfy=command, force=options.force)
        verification.tell = Ticks(quiet=as_json)
        result = verification.run(records)
    except AnonymizerError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    shown = shown_by(result.names)
    if as_json:
        print(json.dumps(json_of(result, shown), indent=1))
    else:
        print("\n".join(_lines(result, shown, configured=compiled is not None)))
    return _code(result, strict=options.strict)


def _compiled(options: RunOptions, study: str) -> Compiled | None:
    """The configuration, where one is named."""
    if options.config is None and not options.profile and typed_in(options) is None:
        if options.key_file or options.map or options.exact:
            message = "--key-file, --map and --exact are about the configuration of the run"
            raise UsageError(message, "name it by -c or --profile")
        return None
    from anonymizer.cli.configured import compile_for

    _, compiled = compile_for(options, study)
    return compiled


def _code(result: Result, *, strict: bool) -> int:
    if result.verdict == FAIL or (strict and result.verdict == REVIEW):
        return FAILED
    return OK if result.written else NOTHING_FOUND


def _lines(result: Result, shown: Shown, *, configured: bool) -> Iterator[str]:
    for finding, files in grouped(result.findings).items():
        yield f"{finding.grade:<6}  {finding.told}"
        yield from (f"          {shown(file)}" for file in files[:MOST_SHOWN] if file)
        if len(files) > MOST_SHOWN:
            yield f"          and {len(files) - MOST_SHOWN:,} more"
    yield from _totals(result, configured=configured)
    if not result.written and any(finding.kind == "extra" for finding in result.findings):
        yield RENAMED
    yield result.verdict


def grouped(findings: Iterable[Finding]) -> dict[Finding, list[str]]:
    """Files by what was found in them, the failures first."""
    groups: dict[Finding, list[str]] = {}
    for finding in sorted(
        findings, key=lambda f: (f.grade, CHECKS.index(f.check), f.kind, f.place)
    ):
        files = groups.setdefault(replace(finding, file=""), [])
        if finding.file not in files:
            files.append(finding.file)
    return groups


def _totals(result: Result, *, configured: bool) -> Iterator[str]:
    inputs = f"{counted(result.found, 'input')}: {result.written:,} written"
    for what, reasons in (("refused", result.refused), ("skipped", result.skipped)):
        for reason, times in sorted(reasons.items()):
            inputs += f", {times:,} {what} ({reason})"
    yield f"accounting    {inputs}"
    searched = f"{counted(result.searched, 'value')} of {counted(result.patients, 'patient')}"
    yield f"sweep         {searched} searched in {size_text(result.swept)}"
    for rule, names in sorted(result.unsearched.items()):
        usual = sorted(names, key=lambda name: (-names[name], name))
        which = ", ".join(usual[:MOST_ATTRIBUTES])
        more = ", ..." * (len(names) > MOST_ATTRIBUTES)
        yield f"              not searched: {counted(names.total(), 'value')}, {NOT_SEARCHED[rule]}"
        yield f"                ({which}{more})"
    yield f"references    {counted(result.uids, 'UID')}"
    yield f"intervals     {counted(result.dates, 'date')}"
    if not configured:
        yield "untouched     pixel data only: which rules there were, -c says"


def json_of(result: Result, shown: Shown) -> dict[str, Any]:
    return {
        "verdict": result.verdict,
        "accounting": {
            "inputs": result.found,
            "written": result.written,
            "refused": dict(sorted(result.refused.items())),
            "skipped": dict(sorted(result.skipped.items())),
        },
        "patients": result.patients,
        "searched": result.searched,
        "notSearched": {
            rule: {
                "values": times.total(),
                "rule": NOT_SEARCHED[rule],
                "attributes": dict(sorted(times.items())),
            }
            for rule, times in sorted(result.unsearched.items())
        },
        "sweptBytes": result.swept,
        "uids": result.uids,
        "dates": result.dates,
        "findings": [
            {
                "check": finding.check,
                "verdict": finding.grade,
                "kind": finding.kind,
                "file": shown(finding.file),
                "place": finding.place,
                "detail": finding.detail,
            }
            for finding in result.findings
        ],
    }
