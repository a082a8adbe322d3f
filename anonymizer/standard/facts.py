"""Reads the tables that come with the package, as JSON values; nothing is remembered here."""

from __future__ import annotations

import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def facts(name: str) -> Any:  # noqa: ANN401  a JSON value
    """The file of ``data`` with that name; the module's own loader finds it, in a zip file too."""
    spec = sys.modules[__name__].__spec__
    assert spec is not None, "a module that is imported has a spec"
    assert spec.origin is not None, "a module of ours comes from a file"
    loader: Any = spec.loader
    folder = spec.origin.removesuffix("facts.py")
    return json.loads(loader.get_data(f"{folder}data/{name}.json"))
