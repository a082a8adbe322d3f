"""What is wrong with an output, and was not with its input."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

from anonymizer.errors import UsageError
from anonymizer.validation import findings_of
from anonymizer.verify.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anonymizer.verify.pair import Pair

COMMAND = "dciodvfy"
SECONDS = 60
UNREAD = (
    "Dicom dataset read failed",
    "Information Object Not found",
    "Tags out of order",
    "Seek failed",
)
"""What dciodvfy says where it has not looked at the image as the IOD has it."""

_quoted = re.compile(r"<.*>|<.*$|\".*\"|\".*$|(?<!\w)[\[(]?'(?:.*'[\])]?|.*$)|UID [0-9.]+$").sub
"""What may be a value, as far as it may reach: it may hold such marks itself."""


def new_findings(pair: Pair) -> Iterator[Finding]:
    """By PS3.5 and PS3.6."""
    before, after = findings_of(pair.before), findings_of(pair.after)
    for line in after.beyond(before).lines():
        yield Finding("invalid", pair.file, detail=line)


def find_dciodvfy() -> str:
    """Raises UsageError where it is not installed."""
    command = shutil.which(COMMAND)
    if command is None:
        raise UsageError(f"{COMMAND} is not installed", "it comes with dicom3tools")
    return command


def new_errors(command: str, pair: Pair, before: str, after: str) -> Iterator[Finding]:
    """By the IOD, as dciodvfy knows it; nothing where it cannot read either.

    Values that it quotes are not told, and no words at all where a value has a line like its own.
    """
    old, new = _errors(command, before), _errors(command, after)
    if old is None or new is None:
        return
    if any(image.source.find(b"\nError") >= 0 for image in (pair.before, pair.after)):
        old, new = [""] * len(old), [""] * len(new)
    for error in Counter(new) - Counter(old):
        yield Finding("iod", pair.file, detail=error)


def _errors(command: str, path: str) -> list[str] | None:
    try:
        run = subprocess.run(  # noqa: S603  a command found on the path, and a path of ours
            [command, path], capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = (run.stdout + b"\n" + run.stderr).decode("latin-1").split("\n")
    said = [line.removeprefix("Error - ") for line in lines if line.startswith("Error")]
    if any(error.startswith(UNREAD) for error in said):
        return None
    return [_quoted("<>", error) for error in said]
