"""Finds what comes with the package: ready-made configurations, the schema, weights of risk.

In the wheel they are packed under ``anonymizer/_data``; in a source checkout they stand at the
top, next to the package.
"""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def folder_of(kind: str) -> str:
    """The folder ``configs``, ``schemas`` or ``weights``, wherever this installation has it."""
    packed = os.path.join(_PACKAGE, "_data", kind)
    return packed if os.path.isdir(packed) else os.path.join(os.path.dirname(_PACKAGE), kind)


def built_in_path(name: str) -> str | None:
    """The file of a built-in configuration, ``.json`` or not; None where there is no such."""
    stem = name.removesuffix(".json")
    if not stem or os.path.basename(stem) != stem:
        return None
    path = os.path.join(folder_of("configs"), f"{stem}.json")
    return path if os.path.isfile(path) else None


def built_in_names() -> list[str]:
    """The names that ``-c`` takes without a file."""
    files = os.listdir(folder_of("configs"))
    return sorted(name[:-5] for name in files if name.endswith(".json"))
