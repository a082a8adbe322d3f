"""What the pages in docs/ list is what the code has, both ways."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import anonymizer
from anonymizer.cli.summary import WARNINGS
from anonymizer.config.keys import PURPOSES
from anonymizer.config.load import load_configuration
from anonymizer.config.native import RULE_KEYS, TOP_KEYS
from anonymizer.config.resources import built_in_names
from anonymizer.dicom.part10 import FREE_OF_RATIO, MOST_INFLATED, MOST_RATIO
from anonymizer.dicom.scan import MOST_LEVELS
from anonymizer.dicom.validate import FAULTS
from anonymizer.job import _WHY as FOUND
from anonymizer.report import SKIP_REASONS
from anonymizer.rules.private import PRIVATE_PHI
from anonymizer.stores.archive import WHYS as FOUND_IN_ARCHIVES
from anonymizer.stores.objects import WHYS as FOUND_IN_BUCKETS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(anonymizer.__file__).parent
REASONS = (ROOT / "docs" / "reasons.md").read_text(encoding="utf-8")
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

PLACE_OF_REASON = {"ImageError": 0, "outcome_of": 1, "Outcome": 2}
"""Which argument of a call is a reason."""


def calls_with_reasons(tree: ast.Module) -> Iterator[tuple[int, ast.expr]]:
    """The line and the argument of each call that gives a file a reason."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = PLACE_OF_REASON.get(node.func.id, len(node.args))
            if place < len(node.args):
                yield node.lineno, node.args[place]


HANDED_ON = frozenset({"error.reason", "why", "reason"})
"""Arguments that are reasons given elsewhere."""


def reasons_in_the_code() -> set[str]:
    found = {*FOUND, *SKIP_REASONS, *FOUND_IN_ARCHIVES, *FOUND_IN_BUCKETS}
    for path in PACKAGE.rglob("*.py"):
        for line, argument in calls_with_reasons(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(argument, ast.Constant):
                found.add(str(argument.value))
            else:
                assert ast.unparse(argument) in HANDED_ON, f"{path.name}:{line}: not a plain reason"
    return found


def words_of_the_walk() -> set[str]:
    """Every reason that the walk over a folder gives: what is returned, or yielded at last."""
    tree = ast.parse((PACKAGE / "folder.py").read_text(encoding="utf-8"))
    tuples = [node for node in ast.walk(tree) if isinstance(node, ast.Tuple) and node.elts]
    last: list[ast.expr | None] = [t.elts[-1] for t in tuples if isinstance(t.ctx, ast.Load)]
    last += [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)]
    words = {str(w.value) for w in last if isinstance(w, ast.Constant) and isinstance(w.value, str)}
    return words - {""}


def part(page: str, *heads: str) -> str:
    """The text below these headings, up to the next of the same rank."""
    parts = re.split(r"^## (.*)$", page, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return "".join(found[head] for head in heads)


def listed(text: str) -> list[str]:
    """What stands in the first column of the tables."""
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


REFUSED = [head for head in re.findall(r"^## (.*)$", REASONS, re.MULTILINE) if "Refused" in head]


def test_every_reason_of_the_code_is_explained_and_no_other() -> None:
    told = listed(part(REASONS, "Skipped", *REFUSED))
    assert sorted(told) == sorted(reasons_in_the_code())


def test_the_reasons_of_the_walk_are_among_those_collected() -> None:
    walk = words_of_the_walk()
    assert walk == FOUND.keys()


def test_what_is_skipped_stands_under_skipped() -> None:
    assert listed(part(REASONS, "Skipped")) == list(SKIP_REASONS)


def test_every_row_says_what_to_do() -> None:
    rows = [line for line in REASONS.splitlines() if line.startswith("| `")]
    assert [row for row in rows if not all(cell.strip() for cell in row.split("|")[1:-1])] == []


def test_warnings_and_findings_are_explained() -> None:
    assert listed(part(REASONS, "Warnings")) == [*WARNINGS, "invalid-input", PRIVATE_PHI]
    assert listed(part(REASONS, "Findings of validation")) == list(FAULTS)


def test_limits_are_told_as_they_are() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert (MOST_INFLATED, FREE_OF_RATIO) == (4 << 30, 1 << 20)
    for page in (readme, REASONS):
        text = " ".join(page.split())
        assert f"{MOST_LEVELS} levels deep" in text
        assert f"{MOST_RATIO} times its size" in text
        assert "4 GiB" in text


def test_the_reference_lists_every_key_of_the_file() -> None:
    assert listed(part(CONFIGURATION, "The file")) == list(order_of_the_schema())
    assert set(order_of_the_schema()) == set(TOP_KEYS)
    rules = part(CONFIGURATION, "Rules")
    assert listed(rules)[: len(RULE_KEYS)] == [
        "dicomTagPath",
        "method",
        "onError",
        "when",
        "comment",
        "why",
    ]
    assert set(listed(rules)) == {*RULE_KEYS, "redact", "remove", "refuse"}
    assert listed(part(CONFIGURATION, "Keys")) == ["key", *PURPOSES]


def order_of_the_schema() -> list[str]:
    path = ROOT / "schemas" / "configuration.schema.json"
    return list(json.loads(path.read_text(encoding="utf-8"))["properties"])


def test_built_in_configurations_are_named() -> None:
    for name in built_in_names():
        assert f"`{name}`" in CONFIGURATION
        assert load_configuration(name).name == name


def test_the_changelog_has_this_version() -> None:
    from anonymizer._version import VERSION

    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{VERSION}]" in changelog
