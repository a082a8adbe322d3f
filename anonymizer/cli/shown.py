"""Paths as they may be shown: names that hold a word of a value are withheld, controls escaped."""

from __future__ import annotations

from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.names import Names

    Shown = Callable[[str], str]


def shown_by(names: Names) -> Shown:
    """Withholds names as a run does; the same name always gets the same number."""
    return lambda path: printable(names.shown(path))
