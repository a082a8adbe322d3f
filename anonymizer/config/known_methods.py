"""Finds the method a rule names: ours, or a user's own behind an entry point.

A name is taken in any case where only one method answers to it, as the reference tool does.
Entry points are read only for a name that none of ours has: reading them takes long.
"""

from __future__ import annotations

from functools import cache

from anonymizer.methods import NAMES, method_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from anonymizer.methods.method import Method

GROUP = "anonymizer.methods"
"""The entry point group of users' own methods."""


def known_classes() -> Iterable[type[Method]]:
    """Our own methods."""
    return map(method_named, NAMES)


@cache
def class_of(name: str) -> type[Method] | None:
    """The method of that name, or None where there is none."""
    if name in NAMES:
        return method_named(name)
    like = [known for known in NAMES if known.casefold() == name.casefold()]
    return method_named(like[0]) if len(like) == 1 else _of_entry_points(name)


def _of_entry_points(name: str) -> type[Method] | None:
    from importlib.metadata import entry_points

    found = list(entry_points(group=GROUP, name=name))
    return found[0].load() if found else None


def nearest_method(name: str) -> str:
    """A hint with the method that was probably meant, else with all of them."""
    from difflib import get_close_matches

    folded = {key.casefold(): key for key in NAMES}
    near = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return f"did you mean {folded[near[0]]!r}?" if near else f"one of {', '.join(NAMES)}"
