"""``anonymizer convert``: another tool's configuration as one of ours, with what was lost of it."""

from __future__ import annotations

import json
import os
import sys

from anonymizer.cli.summary import counted_or_no
from anonymizer.config.convert import convert as converted
from anonymizer.config.layers import ASKING
from anonymizer.errors import AnonymizerError, ConfigurationError, UsageError, without_keys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DONE, WARNED, WRONG = 0, 1, 2


def convert(
    file: str, output: str, *, kind: str, edition: str, strict: bool, overwrite: bool
) -> int:
    """Writes the configuration, or prints it where ``output`` is empty; answers the exit code.

    With ``strict`` nothing is written where something was lost.
    """
    try:
        made, warnings = converted(_read(file), file, kind=kind, edition=edition)
        for warning in warnings:
            print(f"warning: {warning}", file=sys.stderr)
        if strict and warnings:
            print("not written: warnings are errors with --strict", file=sys.stderr)
            return WARNED
        _write(rendered(made), output, overwrite=overwrite)
    except ConfigurationError as fault:
        for mistake in fault.mistakes:
            print(mistake, file=sys.stderr)
        print(f"{without_keys(file)}: not converted", file=sys.stderr)
        return WRONG
    except AnonymizerError as fault:
        print(fault, file=sys.stderr)
        return WRONG
    if output:
        counts = counted_or_no(len(made["rules"]), "rule"), counted_or_no(len(warnings), "warning")
        print(f"written: {without_keys(output)}, {', '.join(counts)}")
    return DONE


def rendered(made: dict[str, Any]) -> str:
    """As JSON with a rule, or one of several conditions, on each line."""
    lines = []
    for key, value in made.items():
        text = json.dumps(value, ensure_ascii=False)
        if (key == "rules" and value) or (key in ASKING and len(value) > 1):
            members = (json.dumps(member, ensure_ascii=False) for member in value)
            text = "[\n    " + ",\n    ".join(members) + "\n  ]"
        lines.append(f"  {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as fault:
        raise UsageError(f"{without_keys(path)}: cannot be read: {fault.strerror}") from None


def _write(text: str, path: str, *, overwrite: bool) -> None:
    if not path:
        print(text, end="")
        return
    try:
        with open(path, "w" if overwrite else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        message = f"{without_keys(path)}: is there already"
        raise UsageError(message, "--overwrite replaces it") from None
    except OSError as fault:
        name = os.path.basename(path)
        raise UsageError(f"{without_keys(name)}: cannot be written: {fault.strerror}") from None
