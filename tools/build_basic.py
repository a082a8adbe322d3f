"""Writes configs/basic.json from Table E.1-1 of PS3.15 (../shared/standard/table_e1_1.json).

usage: python tools/build_basic.py [--check]

One rule an attribute, as the column Basic Profile says, without the Type that an attribute has in
each IOD (a flat list cannot know it).  So a compound code takes the choice that is valid for the
most Types:

| code | method |
|---|---|
| X | remove |
| Z | redact |
| U | refreshUID |
| D | a dummy: see DUMMIES; an identifier is hashed with the key, so that entities stay apart |
| X/Z | redact |
| Z/D, X/D, X/Z/D | as D: a dummy is allowed for every Type |
| any of these on a sequence, but X | redact: no items; its contents go with it |
| X/Z/U* | keep: goes inside, where every UID is refreshed and every other rule applies |
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from anonymizer.dicom.dictionary import tags_by_keyword  # noqa: E402  after the path

TABLE = ROOT.parent / "shared" / "standard" / "table_e1_1.json"
PATH = ROOT / "configs" / "basic.json"

DUMMIES = {
    "AE": "ANONYMOUS",
    "AS": "000Y",
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
    "UR": "urn:anonymous",
}
"""What stands for D by VR; every other text is ANONYMOUS."""

TERMS = {"ReasonForTheAttributeModification": "COERCE"}
"""Where PS3.3 defines the terms, one of them."""

IDENTIFIERS = ("ID", "Identifier", "SerialNumber")
"""How the keywords of attributes end that tell one entity from another."""

LAST = (
    ("(60xx,xxxx)", "remove", "E.1-1 removes overlay data, which is Type 1: the whole group goes"),
    ("(50xx,xxxx)", "remove", "curves"),
    ("private", "remove", "every odd group"),
    ("PatientBirthDateInAlternativeCalendar", "remove", "not in E.1-1, and a date of birth"),
    ("PatientDeathDateInAlternativeCalendar", "remove", "not in E.1-1, and a date of death"),
    ("UI", "refreshUID", "E.1.1 protects every reference to an instance; well-known UIDs stay"),
    ("PN", "remove", "names that E.1-1 does not list"),
    ("AE", "redact", "application entities that E.1-1 does not list"),
    ("DA", "redact", "dates that E.1-1 does not list"),
    ("DT", "redact", "date times that E.1-1 does not list"),
    ("TM", "redact", "times that E.1-1 does not list"),
    ("UN", "remove", "nobody knows what it is"),
)
"""What the table says of groups, and the safe ground under what it does not list."""


def build() -> dict[str, Any]:
    """The configuration as a value."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    rows = sorted((row for row in table["rows"] if row["match"] == "tag"), key=lambda r: r["tag"])
    return {
        "$schema": "../schemas/configuration.schema.json",
        "version": f"{table['edition']}.1",
        "name": "basic",
        "description": "The Basic Application Level Confidentiality Profile of DICOM PS3.15 "
        f"{table['edition']}, Table E.1-1, as a flat list of rules: written by "
        "tools/build_basic.py, which says how each code is read.",
        "rules": [rule(row) for row in rows]
        + [{"dicomTagPath": path, "method": name, "why": why} for path, name, why in LAST],
    }


def rule(row: dict[str, Any]) -> dict[str, str]:
    known = tags_by_keyword().get(row["keyword"]) == int(row["tag"], 16)
    path = row["keyword"] if known else f"({row['tag'][:4]},{row['tag'][4:]})"
    return {"dicomTagPath": path} | treatment(row)


def treatment(row: dict[str, Any]) -> dict[str, str]:
    """The method, and its options, for a row."""
    code, vr = row["basic"], row["vr"]
    plain = {"X": "remove", "Z": "redact", "U": "refreshUID", "X/Z": "redact", "X/Z/U*": "keep"}
    if code in plain:
        return {"method": plain[code]}
    assert code in {"D", "Z/D", "X/D", "X/Z/D"}, code
    if vr == "SQ":
        return {"method": "redact"}
    if vr == "UI":
        return {"method": "refreshUID"}
    if vr in {"OB", "UN"} or row["keyword"].endswith(IDENTIFIERS):
        return {"method": "cryptoHash"}
    dummy = TERMS.get(row["keyword"]) or DUMMIES.get(vr, "ANONYMOUS")
    return {"method": "substitute", "replaceWith": dummy}


def as_text() -> str:
    """The file's content: one rule a line."""
    configuration = build()
    rules = ",\n".join(f"    {json.dumps(rule)}" for rule in configuration.pop("rules"))
    head = json.dumps(configuration, indent=2).removesuffix("\n}")
    return f'{head},\n  "rules": [\n{rules}\n  ]\n}}\n'


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(0 if PATH.read_text(encoding="utf-8") == as_text() else f"{PATH} is out of date")
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(as_text(), encoding="utf-8")
    print(PATH)
