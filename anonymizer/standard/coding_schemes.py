"""The coding schemes whose codes anybody may look up (PS3.16 Table 8-1); all others are local."""

from __future__ import annotations

from functools import cache

from anonymizer.standard.facts import facts


@cache
def public_schemes() -> frozenset[str]:
    """Their designators, as they are written."""
    table = facts("coding_schemes")
    return frozenset((*table["registered"], *table["private"]))
