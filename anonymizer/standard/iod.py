"""Which Type an attribute has in an IOD (PS3.3): asked by SOP class and place, read when asked.

Rules
    * Where several modules of an IOD define an attribute at a place, the strictest Type holds.
    * Functional groups are expanded in the table; what nests itself (a content item in a content
      item) stands there once, so runs of one sequence count as one.
"""

from __future__ import annotations

from functools import cache, lru_cache

from anonymizer.standard.facts import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TYPES = ("1", "1C", "2", "2C", "3")
"""From the strictest to the least strict (PS3.5 7.4)."""


@cache
def _table() -> Any:  # noqa: ANN401  a JSON value
    return facts("iod_types")


@lru_cache(maxsize=1 << 14)
def type_of(sop_class: str, path: tuple[int, ...]) -> str | None:
    """The Type of the attribute at the end of the path of tags, ``""`` where the IOD has none.

    None where the SOP class is not known.
    """
    table = _table()
    iod = table["sop_classes"].get(sop_class)
    if iod is None:
        return None
    if everywhere := table["everywhere"].get(f"{path[-1]:08X}"):
        return str(everywhere)
    place = _written(path)
    kinds = {_of_module(module).get(place, "") for module in table["iods"][iod]}
    return next((kind for kind in TYPES if kind in kinds), "")


def _written(path: tuple[int, ...]) -> str:
    """The path as the table writes it."""
    return "/".join(
        f"{tag:08X}" for tag, inner in zip(path, (*path[1:], 0), strict=True) if tag != inner
    )


@cache
def _of_module(module: str) -> dict[str, str]:
    """Path to Type."""
    paths: dict[str, str] = _table()["modules"].get(module, {})
    return {path: kind for kind, text in paths.items() for path in text.split()}
