"""Scores one file or every image of a folder; what cannot be read is told with its reason.

Rule. A name that holds a word of a value that a score counts is not told.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from anonymizer.dicom.attribute import Element
from anonymizer.dicom.elements import read_image
from anonymizer.errors import ImageError
from anonymizer.files import Input
from anonymizer.folder import find_files
from anonymizer.names import Names
from anonymizer.report import SKIP_REASONS
from anonymizer.rules.plan import is_watched
from anonymizer.rules.watch import Watch
from anonymizer.score.reasons import Finder
from anonymizer.score.score import score_of

if TYPE_CHECKING:
    from anonymizer.dicom.elements import Image, Placed
    from anonymizer.score.score import Score
    from anonymizer.score.weights import Weights


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that cannot be read; ``detail`` says more, never a value."""

    path: str
    reason: str
    detail: str


@dataclass(slots=True)
class Scores:
    """The scores of files by path, and what was not scored."""

    scored: list[tuple[str, Score]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    names: Names = field(default_factory=Names)

    @property
    def worst(self) -> int:
        return max((score.percent for _, score in self.scored), default=0)

    @property
    def mean(self) -> float:
        return sum(score.percent for _, score in self.scored) / max(len(self.scored), 1)


def score_file(path: str, weights: Weights, *, force: bool = False) -> Scores:
    """One file, given by its path; ``force`` reads what has no mark of DICOM."""
    scores = Scores()
    _add(scores, os.path.realpath(path), path, weights, force=force)
    return scores


def score_folder(folder: str, weights: Weights, *, force: bool = False) -> Scores:
    """Every image below a folder, in the order of paths."""
    scores = Scores()
    for path, _, why in find_files(folder):
        if why in SKIP_REASONS:
            _skip(scores, why)
        elif why:
            scores.refused.append(Refused(path, why, "it cannot be looked into"))
        else:
            _add(scores, os.path.join(folder, path), path, weights, skip=True, force=force)
    return scores


def _skip(scores: Scores, why: str) -> None:
    scores.skipped[why] = scores.skipped.get(why, 0) + 1


def _add(
    scores: Scores,
    path: str,
    shown: str,
    weights: Weights,
    *,
    skip: bool = False,
    force: bool = False,
) -> None:
    try:
        with Input(path) as opened:
            image = read_image(opened.source, opened.size, force=force)
            finder = Finder(image, weights)
            score = score_of(finder.reasons(), weights)
            watch = Watch()
            _show(watch, image, finder.telling)
    except ImageError as error:
        if skip and error.reason in SKIP_REASONS:
            _skip(scores, error.reason)
        else:
            scores.refused.append(Refused(shown, error.reason, error.message))
        return
    scores.names.hear(*watch.take())
    scores.scored.append((shown, score))


def _show(watch: Watch, image: Image, telling: list[Placed]) -> None:
    """Values that count, of attributes that files are named after."""
    for each in telling:
        known = Element(each.tag, each.vr, each.written, each.creator)
        if is_watched(known, not each.path):
            watch.show(each.vr, image.text(each))
