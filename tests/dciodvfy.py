"""Asks David Clunie's dciodvfy what is wrong with an image, in words that two images share."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

COMMAND = shutil.which("dciodvfy")

UNREAD = (
    "Dicom dataset read failed",
    "Information Object Not found",
    "Tags out of order",
    "Seek failed",
)
"""What is said where the image was not read to its end, so that its IOD was not looked at."""

EXPLAINED = {
    "ReferencedSeriesSequence present but Instance does not reference Instances": (
        "Source Image Sequence is Type 3 in a segmentation, so X/Z/U* removes it; the list of what "
        "it referred to is no row of the table"
    ),
}
"""Errors that outputs may have, and why."""


def errors(path: Path) -> Counter[str] | None:
    """The errors of an image without its values, None where dciodvfy does not read it all."""
    assert COMMAND is not None
    run = subprocess.run([COMMAND, path], capture_output=True, timeout=60, check=False)
    lines = (run.stdout + run.stderr).decode("latin-1").splitlines()
    said = [line.removeprefix("Error - ") for line in lines if line.startswith("Error")]
    if any(error.startswith(UNREAD) for error in said):
        return None
    return Counter(map(_without_values, said))


def new_errors(before: Counter[str], after: Counter[str]) -> Counter[str]:
    """What the output has and the input had not, but what is explained."""
    new = after - before
    return Counter({e: n for e, n in new.items() if not e.startswith(tuple(EXPLAINED))})


def _without_values(error: str) -> str:
    error = re.sub(r"= <[^>]*>|<[0-9.]*>", "<>", error)
    error = re.sub(r'"[^"]*" in ', '"" in ', error)
    return re.sub(r"UID [0-9.]+$", "UID", error)
