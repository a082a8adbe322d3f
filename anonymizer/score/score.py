"""The risk of one image that somebody is told by it: 0 to 100 %, a level, and the reasons.

Rules
    * The points of the reasons of each kind are added up, to so many at most, and these again;
      an attribute counts once, wherever and however often it stands.
    * A score says how much there is to be found in the attributes.  That a low one is safe enough
      nobody can say but a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from anonymizer.from_pydicom import image_of
from anonymizer.score.reasons import Finder
from anonymizer.score.weights import built_in_weights

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataset import Dataset

    from anonymizer.dicom.elements import Image
    from anonymizer.score.reasons import Reason
    from anonymizer.score.weights import Weights

LEVELS = ((75, "CRITICAL"), (50, "HIGH"), (25, "MEDIUM"), (0, "LOW"))


@dataclass(frozen=True, slots=True)
class Score:
    """``percent`` is 0 to 100; ``reasons`` are in the order of their points, the most first."""

    percent: int
    reasons: tuple[Reason, ...]

    @property
    def level(self) -> str:
        return level_of(self.percent)


def level_of(percent: float) -> str:
    """LOW, and MEDIUM from 25 % on, HIGH from 50 %, CRITICAL from 75 %."""
    return next(level for least, level in LEVELS if percent >= least)


def score_dataset(data: bytes | Dataset, weights: Weights | None = None) -> Score:
    """Scores the bytes of a file or a pydicom Dataset; ``weights`` as ``read_weights`` gives them.

    Raises ImageError where the image cannot be read whole.
    """
    return score_image(image_of(data), weights or built_in_weights())


def score_image(image: Image, weights: Weights) -> Score:
    return score_of(Finder(image, weights).reasons(), weights)


def score_of(found: Iterable[Reason], weights: Weights) -> Score:
    """The score of these reasons, those of one attribute put together."""
    reasons: dict[tuple[str, int, str], Reason] = {}
    for reason in found:
        key = reason.kind, reason.tag, reason.why
        first = reasons.get(key, reason)
        times = first.times + (first is not reason)
        reasons[key] = replace(first, points=max(first.points, reason.points), times=times)
    kinds: dict[str, float] = {}
    for reason in reasons.values():
        kinds[reason.kind] = kinds.get(reason.kind, 0) + reason.points
    total = sum(min(points, weights.most[kind]) for kind, points in kinds.items())
    ordered = sorted(reasons.values(), key=lambda reason: (-reason.points, reason.tag, reason.kind))
    return Score(min(100, round(total)), tuple(ordered))
