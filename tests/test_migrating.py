"""docs/migrating.md says what is true: its examples run; it tells of every format and action."""

from __future__ import annotations

import re
import shutil
import typing
from pathlib import Path

import pytest
from documents import Place, agree, examples

from anonymizer.config.convert import FORMATS
from anonymizer.config.convert.ctp_functions import FUNCTIONS
from anonymizer.config.convert.dcmanon import GROUPS, METHODS
from anonymizer.config.convert.deid import ACTIONS, EXPANDERS
from anonymizer.config.convert.kitware import SHOWN

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "migrating.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("bash") is None, reason="the examples are for a shell")
def test_every_example_runs_and_prints_what_is_shown(tmp_path: Path) -> None:
    told = [
        f"$ {commands}{printed}"
        for commands, printed, shown in examples(PAGE, Place(tmp_path))
        if shown is not None and not agree(shown, printed)
    ]
    assert not told, "the page shows something else than\n" + "\n".join(told)


def test_every_format_has_its_line() -> None:
    first = PAGE.partition("\n## ")[0]
    rows = [line for line in first.splitlines() if "`convert` |" in line]
    assert len(rows) == len(FORMATS)
    assert all(any(kind in row.casefold() for row in rows) for kind in FORMATS)


WORDS: typing.Final = {
    "Kitware dicom-anonymizer": SHOWN,
    "RSNA CTP": tuple(f"@{name}" for name in FUNCTIONS if name != "value"),
    "deid": (*ACTIONS, *(name for name in EXPANDERS if name not in {"allexcept", "fields"})),
    "dcmanon": (*METHODS, *GROUPS),
    "Orthanc": ("Replace", "Keep", "Remove", "KeepPrivateTags", "DicomVersion"),
}


@pytest.mark.parametrize("head", WORDS)
def test_every_action_is_told(head: str) -> None:
    section = re.split(rf"^## {head}$", PAGE, flags=re.MULTILINE)[1].partition("\n## ")[0]
    table = "\n".join(line for line in section.splitlines() if line.startswith("|"))
    assert [word for word in WORDS[head] if word not in table] == []
