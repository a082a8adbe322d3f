"""Paths as they may be shown: names that hold a word of a value are withheld, controls escaped."""

from __future__ import annotations

from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.names import Names


class ShownPaths:
    """Withholds names as a run does; the same name always gets the same number."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._withheld: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        return printable("/".join([self._shown(name) for name in path.split("/")]))

    def _shown(self, name: str) -> str:
        if name in {"", ".", ".."} or not self._names.tell(name):
            return name
        return self._withheld.setdefault(name, f"~withheld-{len(self._withheld) + 1}~")
