"""Where an attribute must stand: the sequences of a path, compiled into one small pattern.

Rules. A path is read from the outside in.  Without a dot in front it may begin in any sequence,
so it is as if ``**`` stood before it; with one it begins at the root data set.
"""

from __future__ import annotations

from anonymizer.dicom.attribute import Element

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.dicom.attribute import Path
    from anonymizer.rules.matchers import Matcher


class Step:
    """One sequence of a path, and which of its items (None: every one)."""

    __slots__ = ("item", "matcher")

    def __init__(self, matcher: Matcher, item: int | None) -> None:
        self.matcher = matcher
        self.item = item

    def fits(self, tag: int, item: int) -> bool:
        if self.item is not None and self.item != item:
            return False
        return self.matcher.matches(Element(tag, "SQ", "SQ"))


class Within:
    """The sequences around an attribute, outermost first; None stands for ``**``, any depth."""

    __slots__ = ("steps",)

    def __init__(self, steps: tuple[Step | None, ...]) -> None:
        self.steps = steps

    def fits(self, path: Path) -> bool:
        """Whether the sequences of ``path`` are those of the steps, all of them."""
        reached = self._skip({0})
        for tag, item in path:
            reached = self._skip(set(self._advance(reached, tag, item)))
        return len(self.steps) in reached

    def _skip(self, reached: set[int]) -> set[int]:
        """Adds what is reached when a ``**`` stands for no sequence at all."""
        for at, step in enumerate(self.steps):
            if step is None and at in reached:
                reached.add(at + 1)
        return reached

    def _advance(self, reached: set[int], tag: int, item: int) -> list[int]:
        following = []
        for at in reached:
            if at == len(self.steps):
                continue
            step = self.steps[at]
            if step is None:
                following.append(at)
            elif step.fits(tag, item):
                following.append(at + 1)
        return following
