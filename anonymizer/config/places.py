"""Puts mistakes into the order of the file they are about."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anonymizer.config.configuration import Layer
    from anonymizer.errors import Mistake


def in_file_order(mistakes: list[Mistake], layers: Sequence[Layer]) -> list[Mistake]:
    """The mistakes, each once, by layer and place; what is missing comes with its parent."""
    if len(mistakes) < 2:
        return mistakes
    orders = [
        (layer.prefix, {place: n for n, place in enumerate(_places(layer.members, ""))})
        for layer in layers
        if not layer.is_profile
    ]
    file = 1 if layers[0].places else 0

    def position(mistake: Mistake) -> tuple[int, int]:
        """In a layer of a label where the place begins with that, else in the first file."""
        for number, (prefix, order) in enumerate(orders):
            if prefix and mistake.place.startswith(prefix):
                return number, _order(order, mistake.place.removeprefix(prefix))
        return file, _order(orders[file][1], mistake.place)

    return sorted(dict.fromkeys(mistakes), key=position)


def _order(order: dict[str, int], place: str) -> int:
    while place and place not in order:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return order.get(place, -1)


def _places(value: object, place: str) -> Iterator[str]:
    yield place
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _places(member, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for number, member in enumerate(value):
            yield from _places(member, f"{place}[{number}]")
