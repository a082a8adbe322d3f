"""``anonymizer check``: every mistake and doubt of a configuration, with place and hint."""

from __future__ import annotations

from anonymizer.cli.configured import configuration_for
from anonymizer.cli.summary import counted_or_no, undecided
from anonymizer.config.compile import examine
from anonymizer.errors import ConfigurationError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anonymizer.cli.options import RunOptions
    from anonymizer.config.configuration import Configuration
    from anonymizer.errors import Mistake

FINE, WRONG = 0, 2


def check(
    options: RunOptions,
    *,
    coverage: bool = False,
    as_json: bool = False,
    environ: Mapping[str, str] | None = None,
) -> tuple[list[str], int]:
    """The lines to print and the exit code: 2 with a mistake, or with a warning if ``strict``.

    The options are those of a run.  No line holds a key.
    ``coverage`` holds it against the profile, too, where it has no mistake.
    """
    try:
        configuration = configuration_for(options)
    except UsageError as fault:
        return str(fault).splitlines(), WRONG
    except ConfigurationError as fault:
        count = counted_or_no(len(fault.mistakes), "mistake")
        return [*_lines(fault.mistakes), f"{fault.source}: {count}"], WRONG
    configuration.trust_nothing()
    compiled, findings = examine(
        configuration, key_file=options.key_file, environ=environ, exact=options.exact
    )
    mistakes, warnings = findings.mistakes, findings.warnings
    summary = ", ".join(
        (
            counted_or_no(_rules_of(configuration), "rule"),
            counted_or_no(len(mistakes), "mistake"),
            counted_or_no(len(warnings), "warning"),
        )
    )
    lines = [*_lines(mistakes), *_lines(warnings, "warning: ")]
    if compiled.unclaimed:
        lines.append(f"note: outputs do not claim a profile of PS3.15: {compiled.unclaimed}")
    if compiled.undecided and not mistakes:
        lines.append(f"note: no rule for {undecided(compiled)}")
    lines.append(f"{configuration.source}: {summary}")
    if mistakes or (options.strict and compiled.warnings):
        return lines, WRONG
    if not coverage:
        return lines, FINE
    from anonymizer.cli.coverage import coverage_lines

    covered, code = coverage_lines(configuration, compiled, strict=options.strict, as_json=as_json)
    return covered if as_json else [*lines, *covered], code


def _rules_of(configuration: Configuration) -> int:
    members = configuration.effective.items()
    rules = next((value for key, value in members if key.casefold() == "rules"), None)
    typed = sum(len(layer.rules) for layer in configuration.apart)
    return typed + (len(rules) if isinstance(rules, list) else 0)


def _lines(findings: Iterable[Mistake], kind: str = "") -> Iterable[str]:
    for finding in findings:
        yield from f"{kind}{finding}".splitlines()
