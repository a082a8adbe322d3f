"""Verifies each output of a run by itself, before it has its name.

What only shows beside other files, references, intervals, and values of other images of the
patient, is looked at when the run has ended (see ``verify``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from anonymizer.errors import ImageError
from anonymizer.files import Input
from anonymizer.verify.conformance import new_findings
from anonymizer.verify.findings import FAIL, Finding
from anonymizer.verify.reader import Reader
from anonymizer.verify.sweep import Terms, sweep
from anonymizer.verify.taken import taken
from anonymizer.verify.untouched import changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from anonymizer.dicom.scan import Source
    from anonymizer.files import Opened
    from anonymizer.pipeline import Output
    from anonymizer.rules.compiled import Compiled

    Keep = Callable[[str, str], object]
    """Is called with the file that fails and the path of its input, and may take it away."""


class Gate:
    """Made before the workers are, and used by each of them."""

    def __init__(self, compiled: Compiled, *, force: bool, keep: Keep | None = None) -> None:
        self._reader = Reader(compiled, keyed=True, force=force)
        self._keep = keep

    def check(self, image: Opened, made: str | Output, path: str) -> None:
        """Raises ImageError where the output of an image, a file still without its name, fails."""
        failed = next(self._failures(image, made), None)
        if failed is not None:
            if self._keep is not None and isinstance(made, str):
                self._keep(made, path)
            raise ImageError("verify-failed", detail_of(failed))

    def _failures(self, image: Opened, made: str | Output) -> Iterator[Finding]:
        try:
            if isinstance(made, str):
                with Input(made) as written:
                    found = [*self._findings(image, written.source, written.size)]
            else:
                whole = bytes(made)
                found = [*self._findings(image, whole, len(whole))]
        except ImageError as error:
            found = [Finding("unreadable", detail=error.reason)]
        return (finding for finding in found if finding.grade == FAIL)

    def _findings(self, image: Opened, made: Source, size: int) -> Iterator[Finding]:
        after = self._reader.image(made, size)
        pair = self._reader.pair("", image.source, image.size, after)
        yield from changes(pair, trims=self._reader.trims)
        yield from new_findings(pair)
        terms = Terms(self._reader.own)
        terms.declare(pair.before, after)
        for _, value in taken(pair):
            terms.take(value)
        yield from sweep("", after, terms, lambda _: pair)


def detail_of(finding: Finding) -> str:
    """What is told of an output that is held back: a kind and a place, never a value."""
    return ": ".join(part for part in (finding.kind, finding.place, finding.detail) if part)
