"""Guesses what a selector that selects nothing was meant to be. Slow; only asked on a mistake."""

from __future__ import annotations

import re
from difflib import get_close_matches

from anonymizer.dicom.dictionary import masks_by_keyword, tags_by_keyword


def hint_for(text: str) -> str:
    """One line for the hint, ``""`` where nothing is near."""
    if re.fullmatch(r"(?=.*[\d(])\(?[\s0-9A-Fa-fxX,]{4,}\)?", text):
        return "a tag has four and four hexadecimal digits, as in (0010,0010)"
    if ":" in text and re.match(r"\(?[0-9A-Fa-fxX]{4},", text):
        return 'a private creator is written (0019,"SIEMENS MR HEADER",0C)'
    if text.casefold() in ("private", "unknown"):
        return f"did you mean {text.casefold()!r}?"
    if re.fullmatch(r"[A-Za-z]{2}", text):
        return _near_representation(text)
    return _near_keyword(text)


def _near_representation(text: str) -> str:
    from anonymizer.rules.selectors import VRS

    if text.upper() in VRS:
        return f"did you mean {text.upper()!r}?"
    return f"value representations are {' '.join(sorted(VRS))}"


def _near_keyword(text: str) -> str:
    keywords = {key.casefold(): key for key in (*tags_by_keyword(), *masks_by_keyword()) if key}
    asked = re.sub(r"[^a-z0-9]", "", text.casefold())
    found = get_close_matches(asked, keywords, n=1, cutoff=0.75)
    return f"did you mean {keywords[found[0]]!r}?" if found else ""
