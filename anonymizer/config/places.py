"""Puts mistakes into the order of the file they are about."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from anonymizer.errors import Mistake


def in_file_order(mistakes: list[Mistake], effective: dict[str, Any]) -> list[Mistake]:
    """The mistakes, each once, by place; what is missing comes with its parent."""
    if len(mistakes) < 2:
        return mistakes
    order = {place: number for number, place in enumerate(_places(effective, ""))}

    def position(mistake: Mistake) -> int:
        place = mistake.place
        while place and place not in order:
            place = place[: max(place.rfind("."), place.rfind("["), 0)]
        return order.get(place, -1)

    return sorted(dict.fromkeys(mistakes), key=position)


def _places(value: object, place: str) -> Iterator[str]:
    yield place
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _places(member, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _places(member, f"{place}[{number}]")
