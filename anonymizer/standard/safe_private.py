"""Table E.3.10-1 of PS3.15: private attributes that are known to hold nothing that identifies."""

from __future__ import annotations

from functools import cache

from anonymizer.standard.facts import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def is_safe(group: int, creator: str, low: int) -> bool:
    """Whether the table has the element by group, creator and the low byte of its number."""
    return low in _table().get(creator, {}).get(group, ())


@cache
def _table() -> Mapping[str, Mapping[int, frozenset[int]]]:
    return {
        creator: {
            int(group, 16): frozenset(int(low, 16) for low in text.split())
            for group, text in groups.items()
        }
        for creator, groups in facts("safe_private").items()
    }
