"""The command in this process: what it prints and the code it ends with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from study import Command, Ended

from anonymizer.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs in an empty folder, without a key in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANONYMIZER_KEY", raising=False)

    def call(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["anonymizer", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        code = end.value.code
        assert isinstance(code, int)
        return Ended(code, *capsys.readouterr())

    return call
