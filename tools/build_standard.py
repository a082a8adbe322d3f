"""Writes anonymizer/standard/data/*.json from the tables of PS3.15 and PS3.3 in ../shared/standard.

usage: python tools/build_standard.py [--check]

Each file has a line a fact, so that a newer edition shows as a difference of lines.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT.parent / "shared" / "standard"
DATA = ROOT / "anonymizer" / "standard" / "data"

OPTIONS = {
    "retainSafePrivate": "rtn_safe_priv",
    "retainUIDs": "rtn_uids",
    "retainDeviceIdentity": "rtn_dev_id",
    "retainInstitutionIdentity": "rtn_inst_id",
    "retainPatientCharacteristics": "rtn_pat_chars",
    "retainLongitudinalFullDates": "rtn_long_full_dates",
    "retainLongitudinalModifiedDates": "rtn_long_modif_dates",
    "cleanDescriptors": "clean_desc",
    "cleanStructuredContent": "clean_struct_cont",
    "cleanGraphics": "clean_graph",
}
"""Our word for each option, and the column of the table."""

TYPES = ("1", "1C", "2", "2C", "3")
"""From the strictest to the least strict (PS3.5 7.4)."""


def source(name: str) -> Any:  # noqa: ANN401  a JSON value
    return json.loads((SOURCE / f"{name}.json").read_text(encoding="utf-8"))


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def lines(values: Iterable[object]) -> str:
    return "[\n" + ",\n".join(compact(value) for value in values) + "\n]"


def members(values: dict[str, Any]) -> str:
    """An object with a line a member."""
    return "{\n" + ",\n".join(f"{compact(k)}:{compact(v)}" for k, v in values.items()) + "\n}\n"


def cells(row: dict[str, Any]) -> str:
    """The ten option cells as ten letters, ``-`` where one is empty."""
    return "".join(row.get(column) or "-" for column in OPTIONS.values())


def strictest() -> dict[str, str]:
    """For each tag the strictest Type that any IOD gives it: 1 (or 1C), 2 (or 2C), 3."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for paths in source("iod_types")["modules"].values():
        for path, kind in paths.items():
            found[path[-8:]].add(kind)
    return {tag: min(kinds, key=TYPES.index)[0] for tag, kinds in found.items()}


def newest() -> str:
    table, kinds = source("table_e1_1"), strictest()
    rows = sorted(table["rows"], key=lambda row: row["tag"])
    facts = (
        [
            *(row[name] or "" for name in ("tag", "keyword", "vr", "basic")),
            cells(row),
            kinds.get(row["tag"], ""),
        ]
        for row in rows
    )
    head = {"edition": table["edition"], "options": list(OPTIONS)}
    return f'{compact(head)[:-1]},"rows":{lines(facts)}}}\n'


def older(edition: str) -> str:
    """What an older edition lacks, and which cells it has otherwise."""
    known = source("editions")[edition]
    names = {column: option for option, column in OPTIONS.items()} | {"basic": "basic"}
    changed = {
        tag: {names[column]: code or "-" for column, code in columns.items()}
        for tag, columns in known["changed"].items()
    }
    return members(
        {"edition": edition, "of": "2026d", "absent": known["absent"], "changed": changed}
    )


def iod_types() -> str:
    """SOP class to IOD, IOD to modules, module to the paths of each Type.

    The paths are one text: a run splits only those of the modules that it meets.
    """
    table = source("iod_types")
    used = {
        module for usage in table["iods"].values() for mods in usage.values() for module in mods
    }
    iods = {
        iod: sorted({module for modules in usage.values() for module in modules})
        for iod, usage in table["iods"].items()
    }
    head = {"edition": "PS3.3 2026b", "everywhere": table["everywhere"]}
    parts = (
        f'"{name}":{members(value).rstrip()}'
        for name, value in (
            ("sop_classes", table["sop_classes"]),
            ("iods", iods),
            ("modules", {m: by_type(paths) for m, paths in table["modules"].items() if m in used}),
        )
    )
    return f"{compact(head)[:-1]},{','.join(parts)}}}\n"


def by_type(paths: dict[str, str]) -> dict[str, str]:
    """The paths of each Type, runs of one sequence as one: a content item nests itself."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for path, kind in paths.items():
        kinds["/".join(tag for tag, _ in groupby(path.split("/")))].add(kind)
    of = {path: min(found, key=TYPES.index) for path, found in kinds.items()}
    texts = {kind: " ".join(path for path in sorted(of) if of[path] == kind) for kind in TYPES}
    return {kind: text for kind, text in texts.items() if text}


def safe_private() -> str:
    """Private creator to group to the low bytes of its safe elements."""
    safe: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in source("safe_private")["rows"]:
        safe[row["creator"]][row["group"].upper()].add(row["element"].upper())
    return members(
        {
            creator: {group: " ".join(sorted(groups[group])) for group in sorted(groups)}
            for creator, groups in sorted(safe.items())
        }
    )


def structured_content() -> str:
    """Table E.3.4-1: code, scheme, value type, basic code, the ten option cells.

    ``retired`` has the older SNOMED codes of its concepts (PS3.16 Annex O), as pydicom maps them.
    """
    from pydicom.sr._snomed_dict import mapping

    codes = {row["code"] for row in source("e3_4_1")["rows"] if row["scheme"] == "SCT"}
    retired = {old: new for old, new in sorted(mapping["SRT"].items()) if new in codes}
    rows = (
        [row["code"], row["scheme"], row["value_type"], row["basic"], cells(row)]
        for row in source("e3_4_1")["rows"]
    )
    head = {"edition": "2026d", "options": list(OPTIONS), "retired": retired}
    return f'{compact(head)[:-1]},"rows":{lines(rows)}}}\n'


def deidentification_methods() -> str:
    """CID 7050: our word for the option, code value, code meaning."""
    names = {column: option for option, column in OPTIONS.items()}
    return (
        lines(
            [names.get(row["e1_1_column"] or "", row["option"]), row["code"], row["meaning"]]
            for row in source("cid7050")["rows"]
        )
        + "\n"
    )


FILES = {
    "2026d": newest,
    "2024b": lambda: older("2024b"),
    "2023e": lambda: older("2023e"),
    "iod_types": iod_types,
    "safe_private": safe_private,
    "structured_content": structured_content,
    "deidentification_methods": deidentification_methods,
}


def stale() -> list[str]:
    """The files that are not what this script writes."""
    return [
        name
        for name, written in FILES.items()
        if (DATA / f"{name}.json").read_text(encoding="utf-8") != written()
    ]


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(f"out of date: {', '.join(found)}" if (found := stale()) else 0)
    DATA.mkdir(exist_ok=True)
    for name, written in FILES.items():
        (DATA / f"{name}.json").write_text(written(), encoding="utf-8")
    print(DATA)
