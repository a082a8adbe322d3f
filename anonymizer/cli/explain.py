"""``anonymizer explain``: each attribute of an image, the rule that owns it, and its fate."""

from __future__ import annotations

import os
import sys

from anonymizer.cli.usage import check_images, study_folder
from anonymizer.dicom.dictionary import name_of
from anonymizer.errors import AnonymizerError
from anonymizer.report import printable
from anonymizer.rules.fates import fate_of, settled
from anonymizer.rules.judge import path_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.chooser import Chooser
    from anonymizer.cli.options import RunOptions
    from anonymizer.files import Input
    from anonymizer.pipeline import Pipeline
    from anonymizer.rules.judge import Ruling

LONGEST_VALUE = 60
ONE_IMAGE = (
    "explain takes one image of a folder; of all of them a run with --dry-run --verbose tells"
)

WIDEST = (44, 2, 34, 12)
"""Cells longer than this move their own line only."""


def explain(options: RunOptions) -> int:
    """Prints one line an attribute of the input file; answers the exit code."""
    from anonymizer.chooser import pipeline_for
    from anonymizer.cli.configured import compile_for
    from anonymizer.cli.console import REFUSED, WRITTEN, WRONG_USAGE
    from anonymizer.errors import ImageError
    from anonymizer.files import Input

    image = options.input_file
    try:
        check_images(image)
        _, compiled = compile_for(options, study_folder(options))
        compiled.secrets.allocation.grows = compiled.secrets.sequential
        with Input(os.path.realpath(image)) as opened:
            pipeline = pipeline_for(compiled, show=True)
            _tell_conditions(pipeline, opened)
            rulings = settled(pipeline.rulings(opened.source, opened.size))
    except ImageError as error:
        print(f"refused: {error.reason}: {error.message}", file=sys.stderr)
        if os.path.isdir(image):
            print(f"  hint: {ONE_IMAGE}", file=sys.stderr)
        return REFUSED
    except AnonymizerError as error:
        print(error, file=sys.stderr)
        return WRONG_USAGE
    print("\n".join([*lines_of(rulings, show_values=options.show_values), _summed(rulings)]))
    return WRITTEN


def _tell_conditions(pipeline: Pipeline | Chooser, image: Input) -> None:
    """Which of the conditions hold, by their places."""
    from anonymizer.chooser import Chooser

    if not isinstance(pipeline, Chooser):
        return
    holding = pipeline.holding(image.source, image.size)
    for condition in pipeline.conditions:
        told = "holds" if condition in holding else "does not hold"
        print(f"{condition.place} ({', '.join(map(name_of, condition.asks))}) {told}")


def lines_of(rulings: list[Ruling], *, show_values: bool) -> list[str]:
    """A line for each decision: place, VR, rule, method, what becomes of it."""
    rows = [_line(ruling, show_values=show_values) for ruling in rulings]
    longest = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    widths = list(map(min, longest, WIDEST))
    cells = ([c.ljust(w) for c, w in zip(row, widths, strict=False)] + row[4:] for row in rows)
    return ["  ".join(row).rstrip() for row in cells]


def _summed(rulings: list[Ruling]) -> str:
    """How many attributes met which fate, and what of this nobody sees above."""
    fates: dict[str, int] = {}
    for ruling in rulings:
        fates[fate_of(ruling)] = fates.get(fate_of(ruling), 0) + 1
    told = ", ".join(f"{times:,} {fate}" for fate, times in sorted(fates.items()))
    return f"{len(rulings):,} attributes: {told or 'none'}; nothing was written"


def _line(ruling: Ruling, *, show_values: bool) -> list[str]:
    rule = ruling.case.rule
    owner = "otherwise" if rule is None else rule.shown
    method = "" if rule is None else rule.method.name
    told = [path_text(ruling.path, ruling.entry.tag), ruling.entry.vr, owner, method]
    told.append(_decision(ruling))
    if show_values and ruling.value:
        told.append(_values(ruling))
    return told


def _decision(ruling: Ruling) -> str:
    if ruling.fault:
        return f"{fate_of(ruling)} ({ruling.fault})"
    return fate_of(ruling)


def _values(ruling: Ruling) -> str:
    old = _text(ruling.value)
    if not ruling.new:
        return old
    return f"{old} -> {_text(ruling.new[ruling.entry.width :])}"


def _text(value: bytes) -> str:
    shown = printable(value[:LONGEST_VALUE].decode("latin-1").rstrip(" \0"))
    return f"[{shown}{'…' if len(value) > LONGEST_VALUE else ''}]"
