"""A map of pseudonyms that grows with what an Anonymizer meets, before any output names it."""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from anonymizer.growing_map import GrowingMap
from anonymizer.survey import images_in, survey, survey_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.dicom.scan import Source
    from anonymizer.rules.compiled import Compiled
    from anonymizer.worker import Settings


class GrownMap:
    """Looks at images before they are done, where a rule numbers originals; else does nothing.

    One thread at a time gives numbers, and no other process does while the file is held.
    """

    def __init__(self, compiled: Compiled, path: str) -> None:
        self._compiled = compiled
        self._path = path if compiled.secrets.sequential else ""
        self._one_at_a_time = RLock()

    def grow(self, source: Source, size: int) -> None:
        if self._path:
            with self._growing():
                survey_image(self._compiled, source, size)

    def grow_by_folder(self, settings: Settings) -> None:
        if self._path:
            with self._growing():
                survey(self._compiled, settings, images_in(settings))

    @contextmanager
    def _growing(self) -> Iterator[None]:
        """Puts on the disk what was given inside; raises UsageError where it cannot."""
        allocation = self._compiled.secrets.allocation
        with self._one_at_a_time, GrowingMap(self._path) as growing:
            allocation.learn(growing.read())
            try:
                yield
                if allocation.new:
                    growing.append(allocation.new)
            except BaseException:
                allocation.take_back()
                raise
            allocation.new = {}
