"""The words of the standard: made by the tool, flat, and of no place or person."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from anonymizer.dicom.fold import flat
from anonymizer.standard.vocabulary import standard_words

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_module_is_what_the_tool_writes() -> None:
    tool = [sys.executable, str(ROOT / "tools" / "build_vocabulary.py"), "--check"]
    subprocess.run(tool, check=True)


def test_it_has_clinical_words_and_units_as_a_search_sees_them() -> None:
    words = standard_words()
    assert words >= {"knee", "axial", "contrast", "mm", "kv"}
    assert all(word == flat(word) for word in words)


def test_it_has_no_breeds() -> None:
    assert not standard_words() & {"holstein", "trakehner", "catahoula"}
