"""The Python examples of the pages run, page by page, from top to bottom."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import anonymizer

ROOT = Path(__file__).resolve().parents[2]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["docs/api.md", "docs/migrating.md", "README.md"])
def test_every_example_runs(page: str, tmp_path: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert blocks, "the page has examples"
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_public_name_is_told() -> None:
    names = set(anonymizer.__all__) - {"__version__"}
    assert {name for name in names if not re.search(rf"\b{name}\b", API)} == set()


def test_every_call_and_its_arguments_are_told() -> None:
    from inspect import signature

    for name, call in vars(anonymizer.Anonymizer).items():
        if name.startswith("anonymize_"):
            told = re.search(rf"`{name}\(([^)]*)\)`", API)
            assert told, name
            asked = [p for p in signature(call).parameters if p not in ("self", "more")]
            said = [word.strip().rstrip("=") for word in told[1].split(",")]
            extra = {"extra_anonymization_rules"}
            assert [p for p in asked if p not in extra] == said
