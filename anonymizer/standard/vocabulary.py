"""The words that a text may always keep: those of the standard's own terms, and units."""

from __future__ import annotations

from functools import cache

_UNITS = """
    mm cm dm um nm ms us sec min hr hrs hz khz mhz ghz kv kvp kev mev mv mw kw ma mas uas mt kg mg
    ug ml dl cl cc gy cgy mgy sv msv usv bq kbq mbq gbq mci uci mmhg kpa hu deg db px fps bpm ppm
    mmol umol
"""


@cache
def standard_words() -> frozenset[str]:
    """Flat words (see ``dicom.fold``)."""
    from anonymizer.standard._vocabulary import WORDS

    return frozenset(WORDS.split()).union(_UNITS.split())
