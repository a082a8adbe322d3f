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
    """The method of that name, or None where there is none; raises BrokenMethod."""
    if name in NAMES:
        return method_named(name)
    like = [known for known in NAMES if known.casefold() == name.casefold()]
    return method_named(like[0]) if len(like) == 1 else _of_entry_points(name)


class BrokenMethod(Exception):
    """An entry point that cannot be taken for a method; says why, in our words."""


NEEDED = ("name", "summary", "vrs", "options", "from_options", "decide")


def users_methods() -> dict[str, type[Method] | BrokenMethod]:
    """Every method that users have registered, or why it is none."""
    from importlib.metadata import entry_points

    found: dict[str, type[Method] | BrokenMethod] = {}
    for name in sorted({point.name for point in entry_points(group=GROUP)} - set(NAMES)):
        try:
            method = _of_entry_points(name)
        except BrokenMethod as why:
            found[name] = why
        else:
            assert method is not None, "its entry point was just seen"
            found[name] = method
    return found


def _of_entry_points(name: str) -> type[Method] | None:
    from importlib.metadata import entry_points

    found = list(entry_points(group=GROUP, name=name))
    if not found:
        return None
    try:
        loaded = found[0].load()
    except Exception as error:  # noqa: BLE001  a user's module may do anything
        raise BrokenMethod(f"cannot be loaded ({type(error).__name__})") from None
    return method_from(name, loaded)


def method_from(name: str, given: object) -> type[Method]:
    """The method that a user's class or function is; raises BrokenMethod."""
    if not isinstance(given, type):
        if not callable(given):
            raise BrokenMethod("is neither a class nor a function")
        from anonymizer.methods.called import method_of

        return method_of(name, given)
    if missing := [member for member in NEEDED if not hasattr(given, member)]:
        raise BrokenMethod(f"has no {', '.join(missing)}")
    method: type[Method] = given
    return method


def nearest_method(name: str, given: Iterable[str] = ()) -> str:
    """A hint with the method that was probably meant, else with all of them."""
    from difflib import get_close_matches

    names = (*NAMES, *users_methods(), *given)
    folded = {key.casefold(): key for key in names}
    near = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return f"did you mean {folded[near[0]]!r}?" if near else f"one of {', '.join(names)}"
