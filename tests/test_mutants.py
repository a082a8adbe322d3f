"""The list of mutants fits today's code; ``mutants.py`` runs them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from mutations import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_a_mutant_can_be_made(mutant: Mutant) -> None:
    code = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert code.count(mutant.old) == 1, "what it changes is not there, or not once"
    assert mutant.old.strip() != mutant.new.strip(), "it changes nothing"
    ast.parse(code.replace(mutant.old, mutant.new))
    for name in mutant.tests.split():
        assert (ROOT / "tests" / name).exists()


def test_there_are_many_and_each_has_a_name() -> None:
    assert len(MUTANTS) > 100
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
