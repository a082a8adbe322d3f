"""What tests of shards share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from study import KEY

if TYPE_CHECKING:
    from study import Command, Ended


@pytest.fixture
def keyed(command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command with a key, which each run takes out of the environment."""

    def call(*arguments: object) -> Ended:
        monkeypatch.setenv("ANONYMIZER_KEY", KEY)
        return command(*arguments)

    return call
