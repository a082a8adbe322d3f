"""Table E.3.4-1 of PS3.15: what becomes of a content item, by what it is about.

Rules
    * A concept is a code, its scheme and the value type; codes of SNOMED that are retired count as
      those that took their place (PS3.16 Annex O).
    * Where one chosen option keeps and another cleans, it is cleaned, as in Table E.1-1.
"""

from __future__ import annotations

from functools import cache

from anonymizer.standard.facts import facts
from anonymizer.standard.table import OPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from anonymizer.dicom.content import Concept

RETIRED_SCHEMES = frozenset(("SRT", "SNM3", "99SDM"))
"""How SNOMED was called before it was SCT (PS3.16 8.1)."""


def code_of(concept: Concept, options: frozenset[str]) -> str:
    """X, D, X/D, K or C as the chosen options have it, ``""`` where the table has no row."""
    code, scheme, value_type = concept
    if scheme in RETIRED_SCHEMES:
        code, scheme = _retired().get(code, code), "SCT"
    return _codes(options).get((code, scheme.partition(" ")[0], value_type), "")


@cache
def _codes(options: frozenset[str]) -> Mapping[Concept, str]:
    table = facts("structured_content")
    assert tuple(table["options"]) == OPTIONS, "the cells stand in the order of the options"
    return {
        (code, scheme, kind): _chosen(cells, options) or basic
        for code, scheme, kind, basic, cells in table["rows"]
    }


def _chosen(cells: str, options: frozenset[str]) -> str:
    said = {cell for option, cell in zip(OPTIONS, cells, strict=True) if option in options} - {"-"}
    return "C" if "C" in said else "".join(said)


@cache
def _retired() -> Mapping[str, str]:
    old: Mapping[str, str] = facts("structured_content")["retired"]
    return old
