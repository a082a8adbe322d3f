"""Tells of a run file by file; of one that writes nothing, by request, attribute by attribute.

The files are read again for the attributes, with the same plan: what was decided is decided again.
"""

from __future__ import annotations

import os
from functools import partial

from anonymizer.chooser import pipeline_for
from anonymizer.cli.explain import lines_of
from anonymizer.cli.summary import file_line
from anonymizer.errors import ImageError
from anonymizer.files import Input
from anonymizer.report import WRITTEN
from anonymizer.rules.fates import settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anonymizer.chooser import Chooser
    from anonymizer.cli.options import RunOptions
    from anonymizer.files import Opened
    from anonymizer.pipeline import Pipeline
    from anonymizer.report import Report
    from anonymizer.rules.compiled import Compiled


def told_lines(options: RunOptions, compiled: Compiled, report: Report) -> Iterator[str]:
    """A line for each file; with ``--dry-run --verbose`` those of its attributes below it."""
    in_detail = options.dry_run and options.verbose
    pipeline = pipeline_for(compiled, show=True, force=options.force) if in_detail else None
    for outcome in report.files:
        yield file_line(report, outcome)
        if pipeline is not None and outcome.status == WRITTEN:
            opened = _opened(options, outcome.path)
            yield from _changes(pipeline, opened, show_values=options.show_values)


def _opened(options: RunOptions, path: str) -> Callable[[], Opened]:
    """What opens an image again."""
    if options.inputs is not None:
        return partial(options.inputs.open, path)
    file = options.input_file or f"{options.input_folder}/{path}"
    return partial(Input, os.path.realpath(file))


def _changes(
    pipeline: Pipeline | Chooser, opened: Callable[[], Opened], *, show_values: bool
) -> list[str]:
    """A line for each attribute that would not stay as it is."""
    try:
        with opened() as image:
            rulings = settled(pipeline.rulings(image.source, image.size))
    except ImageError as error:
        return [f"  {error.reason}: {error.message}"]
    changed = [ruling for ruling in rulings if ruling.new is not None]
    return [f"  {line}" for line in lines_of(changed, show_values=show_values)]
