"""Every row of Table E.1-1: with each option, at each depth, for every Type that PS3.3 gives it.

One image holds all rows at the root, in the items of a sequence, in the items of a sequence that
is written as UN, and written as UN themselves; another one, for each IOD, all places at which it
has them.  What must happen is told by ``table_oracle``, what did happen by pydicom's reading.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

import pytest
from corpus import SHARED
from engine import KEY
from image import EXPLICIT, IMPLICIT, Writer, element, item, part10, sequence
from oracle.pydicom_edits import Node, read
from table_oracle import ENTERED, KEPT, TEXTS, happened, outcome, table, types

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of
from anonymizer.dicom.identity import KINDS
from anonymizer.errors import ImageError
from anonymizer.pipeline import Pipeline
from anonymizer.standard.facts import facts
from anonymizer.standard.table import OPTIONS, rows

CT = "1.2.840.10008.5.1.4.1.1.2"
COLUMNS = ("", *OPTIONS)

KEYWORDS = {row.tag: row.keyword for row in rows()}
ALONE = ("0000", "0002", "0004", "50XX", "60XX", "ODD")
"""Rows that no data set of an image holds like others; tests of their own are below."""
ORDINARY = [tag for tag in table() if not tag.startswith(ALONE)]

VALUES = {
    "AE": b"QUINN_AE",
    "AS": b"045Y",
    "CS": b"QUINN ",
    "DA": b"20200131",
    "DS": b"47.11 ",
    "DT": b"20200131101112",
    "IS": b"4711",
    "PN": b"Zebedee^Quinn ",
    "TM": b"101112",
    "UI": b"1.2.3.4711",
    "UR": b"http://quinn.example/",
    "US": b"\x67\x12",
}
TEXT, CLINICAL = b"Quinn ", b"liver Quinn "
"""What identifies; and with a word that cleaning leaves, where an option cleans."""
ROWS = element("Rows", "US", 512)
"""What stays wherever it stands: whether a sequence was entered shows by it."""

NESTED, IN_UN, AS_UN = "00081115", "00081250", "00081200"
"""Sequences without a row, which the rules enter."""


def value_of(tag: str) -> bytes:
    vr, _, cells = table()[tag]
    says = vr in TEXTS and "C" in cells.values() and int(tag, 16) not in KINDS
    text = CLINICAL if says else TEXT
    return VALUES.get(vr, text if vr not in ("OB", "UN", "OB/OW") else b"Quinn" * 2)


def written(tag: str, writer: Writer = EXPLICIT, inner: bytes = b"", *, un: bool = False) -> bytes:
    """An attribute with a value that tells, or with ``inner`` in its item."""
    vr, number = table()[tag][0], int(tag, 16)
    if vr != "SQ":
        return writer.element(number, "UN" if un else vr[:2], value_of(tag))
    rows_inside = IMPLICIT.element("Rows", "US", 512)
    content = inner or (rows_inside if un or writer is IMPLICIT else ROWS)
    kind = IMPLICIT if un else writer
    return writer.sequence(number, kind.item(content), vr="UN" if un else "SQ")


def merged(*elements: tuple[str, bytes]) -> bytes:
    return b"".join(raw for _, raw in sorted(elements, key=lambda known: int(known[0], 16)))


def all_rows() -> bytes:
    """Each row at four places, for a CT image."""
    root = [(tag, written(tag)) for tag in ORDINARY]
    un = [(tag, written(tag, un=True)) for tag in ORDINARY]
    implicit = merged(*((tag, written(tag, IMPLICIT)) for tag in ORDINARY))
    return merged(
        ("00080016", element("SOPClassUID", "UI", CT)),
        (NESTED, sequence(int(NESTED, 16), item(merged(*root)))),
        (IN_UN, sequence(int(IN_UN, 16), IMPLICIT.item(implicit), vr="UN")),
        (AS_UN, sequence(int(AS_UN, 16), item(merged(*un)))),
        *root,
    )


@cache
def pipeline(column: str, conformance: str = "keepValid") -> Pipeline:
    keys = {
        "extends": "ps3.15",
        "options": [column] if column else [],
        "conformance": conformance,
        "parameters": {"key": KEY},
    }
    return Pipeline(compile_configuration(configuration_of(keys), environ={}))


def tree(nodes: tuple[Node, ...], around: tuple[str, ...] = ()) -> dict[tuple[str, ...], Node]:
    """Every attribute of an output by its path."""
    found = dict[tuple[str, ...], Node]()
    for node in nodes:
        path = (*around, f"{node.tag:08X}")
        found[path] = node
        for inner in node.value if isinstance(node.value, tuple) else ():
            found |= tree(inner, path)
    return found


def anonymized(file: bytes, column: str, conformance: str = "keepValid") -> bytes:
    return bytes(pipeline(column, conformance).anonymize(file, len(file)))


def after(dataset: bytes, column: str, conformance: str = "keepValid") -> bytes:
    return anonymized(part10(dataset), column, conformance)


@cache
def output(column: str) -> dict[tuple[str, ...], Node]:
    return tree(read(after(all_rows(), column)))


class Difference(NamedTuple):
    place: str
    expected: str
    found: str


def differs(
    found: dict[tuple[str, ...], Node], path: tuple[str, ...], expected: str
) -> list[Difference]:
    vr = table()[path[-1]][0]
    words = happened(vr, value_of(path[-1]), found.get(path))
    if expected in words or (expected == KEPT and vr == "SQ" and ENTERED in words):
        return []
    return [Difference(".".join(path), expected, " ".join(sorted(words)))]


@pytest.mark.parametrize("tag", ORDINARY, ids=[f"{t}-{KEYWORDS[t]}" for t in ORDINARY])
def test_a_row_with_each_option_at_each_depth(tag: str) -> None:
    wrong = []
    for column in COLUMNS:
        for around in ((), (NESTED,), (IN_UN,), (AS_UN,)):
            path = (*around, tag)
            expected = outcome(CT, path, column)
            wrong += [(column, d) for d in differs(output(column), path, expected)]
    assert wrong == []


# Types

IODS = {iod: uid for uid, iod in reversed(facts("iod_types")["sop_classes"].items())}
"""One SOP class of each IOD."""

Tree = dict[str, Any]


def places(sop_class: str) -> Tree:
    """The attributes that the IOD has, nested as it nests them."""
    root: Tree = {}
    for path in types(sop_class):
        here = root
        for tag in path.split("/"):
            here = here.setdefault(tag, {})
    return root


def built(inside: Tree) -> bytes:
    """The tree as a data set; sequences that have no row, too."""
    return merged(*((tag, _built(tag, inner)) for tag, inner in inside.items() if usual(tag)))


def usual(tag: str) -> bool:
    return tag in ORDINARY or tag not in table()


def _built(tag: str, inner: Tree) -> bytes:
    content = ROWS + built(inner) if inner and "00280010" not in inner else built(inner)
    if tag in table():
        return written(tag, inner=content)
    return sequence(int(tag, 16), item(content or ROWS))


def expected_of(sop_class: str, inside: Tree, conformance: str) -> dict[tuple[str, ...], str]:
    """What must happen at each place; nothing is said of what is inside what goes."""
    told = dict[tuple[str, ...], str]()
    waiting: list[tuple[tuple[str, ...], Tree]] = [((), inside)]
    while waiting:
        around, level = waiting.pop()
        for tag, inner in level.items():
            path = (*around, tag)
            if tag in ORDINARY:
                told[path] = outcome(sop_class, path, "", conformance)
            if usual(tag) and told.get(path, ENTERED) == ENTERED:
                waiting.append((path, inner))
    return told


@pytest.mark.parametrize("iod", IODS)
@pytest.mark.parametrize("conformance", ["keepValid", "strict"])
def test_a_code_is_resolved_by_the_type_at_each_place_of_an_iod(iod: str, conformance: str) -> None:
    sop_class = IODS[iod]
    inside = places(sop_class)
    start = element("SOPClassUID", "UI", sop_class)
    found = tree(read(after(start + built(inside), "", conformance)))
    told = expected_of(sop_class, inside, conformance)
    wrong = [d for path, word in told.items() for d in differs(found, path, word)]
    assert wrong == []


def test_all_types_of_all_rows_are_met() -> None:
    met = defaultdict[str, set[str]](set)
    for sop_class in IODS.values():
        for path, kind in types(sop_class).items():
            met[kind[0]].add(path[-8:])
    tags = {kind: tags & {*ORDINARY} for kind, tags in met.items()}
    assert {kind: len(tags[kind]) for kind in "123"} == {"1": 167, "2": 87, "3": 260}


# Rows of their own


@pytest.mark.parametrize("tag", ["00001000", "00001001"])
def test_a_data_set_with_elements_of_a_command_is_refused(tag: str) -> None:
    with pytest.raises(ImageError) as refused:
        after(written(tag) + ROWS, "")
    assert refused.value.reason == "misplaced"


@pytest.mark.parametrize("column", COLUMNS)
def test_the_file_meta_information_follows(column: str) -> None:
    uid = element("SOPInstanceUID", "UI", "1.2.3.4711")
    file = part10(uid + ROWS, sop_instance="1.2.3.4711")
    assert (b"1.2.3.4711" in anonymized(file, column)) == (column == "retainUIDs")


GROUPS = {
    "00041511": [(0x00041511, "UI", b"1.2.3.4711")],
    "50XXXXXX": [(0x50000010, "US", b"\1\0"), (0x501E3000, "OW", b"Quinn Quinn ")],
    "60XX3000": [(0x60003000, "OW", b"Quinn Quinn ")],
    "60XX4000": [(0x60004000, "LT", b"Quinn Quinn ")],
    "ODD_GROUP": [(0x00110010, "LO", b"QUINN SYSTEMS "), (0x00111001, "DS", b"47.11 ")],
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("row", GROUPS)
def test_a_row_of_a_group_at_each_depth(row: str, column: str) -> None:
    inner = b"".join(element(tag, vr, value) for tag, vr, value in GROUPS[row])
    inside = sequence(int(NESTED, 16), item(inner + ROWS))
    start = inner if row.startswith("0004") else b""
    name = element("PatientName", "PN", "Quinn")
    file = after(start + inside + name + ROWS + (b"" if start else inner), column)
    assert b"uinn" not in file
    assert b"UINN" not in file
    assert b"47.11" not in file
    left = {path[-1] for path in tree(read(file)) if path[-1][:4] not in ("0008", "0010", "0012")}
    assert left - {"00280010", "00280303"} == _drawn(row, column)


def _drawn(row: str, column: str) -> set[str]:
    """Overlays keep their place where graphics are cleaned."""
    return {row.replace("XX", "00")} if column == "cleanGraphics" and row[:2] == "60" else set()


def test_safe_private_attributes_stay_where_the_option_says_so() -> None:
    safe = element(0x00E10010, "LO", "ELSCINT1") + element(0x00E11021, "LO", "liver")
    for column in COLUMNS:
        kept = {path[-1] for path in tree(read(after(ROWS + safe, column)))}
        assert ({"00E10010", "00E11021"} <= kept) == (column == "retainSafePrivate")


# The tables have two sources

SOURCE = SHARED / "standard" / "table_e1_1.json"


@pytest.mark.skipif(not SOURCE.exists(), reason="the standard's tables are not here")
def test_the_tables_say_what_their_source_says() -> None:
    source = json.loads(SOURCE.read_text(encoding="utf-8"))
    columns = [name for name in source["columns"] if name != "basic"]
    assert len(source["rows"]) == len(table()) == 657
    for row in source["rows"]:
        vr, basic, cells = table()[row["tag"]]
        assert (vr, basic) == (row["vr"] or "", row["basic"])
        assert [*cells.values()] == [row[name] or "-" for name in columns]
