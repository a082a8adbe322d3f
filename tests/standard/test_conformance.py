"""The conformance statement says what the profile does."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from anonymizer.methods import METHODS
from anonymizer.standard.table import OPTIONS, rows

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")


def test_its_tables_are_those_of_the_profile() -> None:
    filled = runpy.run_path(str(ROOT / "tools" / "build_conformance.py"))["filled"]
    assert filled(PAGE) == PAGE, "run tools/build_conformance.py"


def test_every_row_has_a_line_and_a_method() -> None:
    lines = PAGE.partition("## All rows")[2].splitlines()
    told = [line.split(" | ") for line in lines if line.startswith("| ")][2:]
    assert len(told) == len(rows()) == 657
    assert {cells[3] for cells in told} <= METHODS.keys()


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_claimed_with_its_code(option: str) -> None:
    assert f"| `{option}` | 1131" in PAGE
