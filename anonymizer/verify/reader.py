"""Reads an output beside its input, with what the rules say of each element."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from anonymizer._version import VERSION
from anonymizer.chooser import pipeline_for
from anonymizer.dicom.elements import read_image
from anonymizer.pipeline import mark_text
from anonymizer.rules.marks import DE_IDENTIFYING_EQUIPMENT
from anonymizer.verify.pair import Pair

if TYPE_CHECKING:
    from anonymizer.chooser import Chooser
    from anonymizer.dicom.elements import Image
    from anonymizer.dicom.scan import Source
    from anonymizer.pipeline import Pipeline
    from anonymizer.rules.compiled import Compiled

CLAIMS = ("UNMODIFIED", "MODIFIED", "REMOVED")


class Reader:
    """``keyed`` says that the keys are those of the run, ``force`` is that of the run.

    ``own`` are the texts that this tool writes of itself, None where they are not known; ``trims``
    says that bytes behind pixels are cut off.
    """

    def __init__(self, compiled: Compiled | None, *, keyed: bool, force: bool = False) -> None:
        self.compiled = compiled
        self.force = force
        self.trims = compiled is not None and compiled.trim
        self.own = None if compiled is None else _own_texts(compiled)
        self._keyed = keyed

    @cached_property
    def _rulings(self) -> Pipeline | Chooser | None:
        if self.compiled is None:
            return None
        return pipeline_for(self.compiled, show=True, force=self.force)

    def image(self, source: Source, size: int) -> Image:
        """Raises ImageError where it cannot be read whole."""
        return read_image(source, size, force=self.force)

    def pair(self, file: str, source: Source, size: int, after: Image) -> Pair:
        """The output beside its input; raises ImageError where that cannot be read, or is refused,
        so that there should be no output."""
        before = self.image(source, size)
        rulings = None if self._rulings is None else self._rulings.rulings(source, size)
        pair = Pair(file, before, after, rulings)
        pair.keyed = self._keyed
        return pair


def _own_texts(compiled: Compiled) -> frozenset[str]:
    """What this tool says of itself in the outputs of a configuration."""
    told = {mark_text(compiled).decode("ascii"), "anonymizer", VERSION, "DCM", *CLAIMS, "YES"}
    told.update(DE_IDENTIFYING_EQUIPMENT)
    for code in compiled.codes:
        told.update(code)
    return frozenset(told)
