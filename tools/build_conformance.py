"""Fills the generated sections of docs/conformance.md from the profile's own data.

usage: python tools/build_conformance.py [--check]
"""

from __future__ import annotations

import sys
from collections import Counter
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import build_readme  # noqa: E402  after the path
from build_readme import code, prose, table  # noqa: E402

from anonymizer.config.profile_keys import OPTIONS as SUMMARIES  # noqa: E402
from anonymizer.config.recipients import SHORTEST_RSA  # noqa: E402
from anonymizer.dicom.dictionary import name_of  # noqa: E402
from anonymizer.methods.by_type import ACTIONS, STRICT  # noqa: E402
from anonymizer.standard.facts import facts  # noqa: E402
from anonymizer.standard.profile import codes, profile_rules  # noqa: E402
from anonymizer.standard.table import EDITIONS, OPTIONS, Row, rows  # noqa: E402
from anonymizer.standard.unlisted import ALLOWED, CODES, IDENTIFIERS, LABELS, NEEDED  # noqa: E402

PAGE = ROOT / "docs" / "conformance.md"

SHORT = dict(
    zip(OPTIONS, "private UIDs device institution patient dates shift".split(), strict=False)
) | {
    "cleanDescriptors": "descriptors",
    "cleanStructuredContent": "content",
    "cleanGraphics": "graphics",
}

WORDS = {
    "D": "a dummy; a sequence is entered",
    "D!": "a dummy, noted; a sequence is entered",
    "Z": "emptied",
    "Z!": "emptied, noted",
    "X": "removed",
}


def editions() -> str:
    cells = ((code(edition), str(len(rows(edition)))) for edition in EDITIONS)
    return table(("edition", "rows"), cells)


def options() -> str:
    known = {
        option: f"{value}, {meaning}"
        for option, value, meaning in facts("deidentification_methods")
    }
    counts = {option: Counter(r.options.get(option, "") for r in rows()) for option in OPTIONS}
    cells = (
        (code(o), known[o], prose(SUMMARIES[o]), str(counts[o]["K"]), str(counts[o]["C"]))
        for o in OPTIONS
    )
    return table(("option", "code of CID 7050", "what it does", "K", "C"), cells)


def types() -> str:
    counts = Counter(row.basic for row in rows())
    fixed = {"D": ("D", "D", "D"), "U": ("a new UID",) * 3}
    cells = (
        (basic, str(number), *(WORDS.get(w, w) for w in (fixed | ACTIONS)[basic]))
        for basic, number in counts.most_common()
    )
    return table(("code", "rows", "Type 1, 1C", "Type 2, 2C", "Type 3, or not in the IOD"), cells)


def strictly() -> str:
    changed = {basic: words for basic, words in STRICT.items() if words != ACTIONS[basic]}
    cells = ((basic, *(WORDS[w] for w in words)) for basic, words in changed.items())
    return table(("code", "Type 1, 1C", "Type 2, 2C", "Type 3, or not in the IOD"), cells)


def allowed() -> str:
    cells = ((why, ", ".join(sorted(text.split()))) for why, text in ALLOWED.items())
    return table(("because it is", "what stays"), cells)


def dummies() -> str:
    return ", ".join(sorted({*IDENTIFIERS.split(), *NEEDED.split(), *LABELS.split()})) + "\n"


def coding_schemes() -> str:
    told = facts("coding_schemes")
    designators = ", ".join(sorted(told["registered"], key=str.casefold))
    private = "; ".join(f"{scheme} ({why})" for scheme, why in told["private"].items())
    left = "; ".join(f"{scheme} ({why})" for scheme, why in told["left out"].items())
    parts = ", ".join(CODES.split())
    return (
        f"The attributes: {parts}. The schemes: {designators}. Private ones that are public: "
        f"{private}. Registered and yet not kept: {left}.\n"
    )


def safe_private() -> str:
    cells = (
        (code(creator), f"{group}: {low}")
        for creator, groups in facts("safe_private").items()
        for group, low in groups.items()
    )
    return table(("private creator", "group: low bytes of the element"), cells)


def results() -> str:
    """A line a row: what becomes of it, and what each option that has a cell changes."""
    of = {option: _treatments((option,)) for option in ("", *OPTIONS)}
    cells = ((_name(row), row.vr, row.basic, of[""][row.tag], _changes(row, of)) for row in rows())
    return table(("attribute", "VR", "code", "method", "with an option"), cells)


def _name(row: Row) -> str:
    tag = f"({row.tag[:4]},{row.tag[4:]})" if "_" not in row.tag else "private"
    return f"{row.keyword or name_of(int(row.tag, 16))} {tag}" if row.keyword else tag


def _treatments(chosen: tuple[str, ...]) -> dict[str, str]:
    """Method by tag; the rules come in the order of the rows, groups by their masks."""
    rules = profile_rules(options=[option for option in chosen if option])
    by_selector = {rule["dicomTagPath"]: rule["method"] for rule in reversed(rules)}
    return {row.tag: _method(row, by_selector) for row in rows()}


def _method(row: Row, by_selector: dict[str, str]) -> str:
    mask = f"({row.tag[:4].lower()},{row.tag[4:].lower()})"
    forms = [row.keyword, f"({row.tag[:4]},{row.tag[4:]})", mask]
    if row.tag == "ODD_GROUP":
        forms = ["/....,.*,../", "private"]
    whole = f"({mask[1:5]},xxxx)"
    return next(by_selector[form] for form in (*forms, whole) if form in by_selector)


def _changes(row: Row, of: dict[str, dict[str, str]]) -> str:
    changed = (
        f"{SHORT[option]} {cell}: {of[option][row.tag]}" for option, cell in row.options.items()
    )
    return "; ".join(changed)


def basic_code() -> str:
    value, meaning = codes(())[0]
    return f"{value}, {meaning}\n"


def key_sizes() -> str:
    return f"RSA keys of recipients have {SHORTEST_RSA} bits or more.\n"


SECTIONS = {
    "editions": editions,
    "code of the profile": basic_code,
    "options": options,
    "types": types,
    "strictly": strictly,
    "allowed": allowed,
    "coding schemes": coding_schemes,
    "dummies": dummies,
    "safe private": safe_private,
    "key sizes": key_sizes,
    "results": results,
}


filled = partial(build_readme.filled, sections=SECTIONS)

if __name__ == "__main__":
    build_readme.rewrite(PAGE, filled)
