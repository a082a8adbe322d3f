"""Every "yes" of the table of features is shown by a test that is there and not left out."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FEATURES = json.loads((ROOT / "docs" / "features.json").read_text(encoding="utf-8"))
SHOWN = [feature["test"] for feature in FEATURES["features"] if "no" not in feature]


@pytest.mark.parametrize("test", SHOWN)
def test_what_is_claimed_is_shown(test: str) -> None:
    path, _, name = test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert len(found) == 1
    marks = " ".join(ast.unparse(mark) for mark in found[0].decorator_list)
    assert "xfail" not in marks
    assert "mark.skip(" not in marks


def test_every_feature_is_named_once_and_of_known_tools() -> None:
    names = [feature["feature"] for feature in FEATURES["features"]]
    assert len(set(names)) == len(names)
    for feature in FEATURES["features"]:
        assert set(feature["tools"]) <= set(FEATURES["tools"])
        assert ("test" in feature) != ("no" in feature), "it is shown, or there is a reason"
    for tool in FEATURES["tools"]:
        assert any(tool in feature["tools"] for feature in FEATURES["features"])
