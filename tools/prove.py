"""Proves the profile on the public corpus: what dciodvfy says, and what is left of the values.

usage: python tools/prove.py [basic device ...]

For each set of options (``tests/corpus.py``), by name: the errors of dciodvfy before and after,
those that are new, by kind; how many values of the inputs were searched in the outputs, and the
attributes of those that were found.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from corpus import COMMON, Written, profile, written  # noqa: E402  the path is set first
from dciodvfy import COMMAND, errors, new_errors  # noqa: E402
from sweep import Finding, Sweep  # noqa: E402


def show(options: str, images: list[Written]) -> None:
    print(f"{options}: {len(images)} files")
    if COMMAND:
        show_errors(images)
    sweep, found = Sweep(profile(COMMON[options])), Counter[Finding]()
    for image in images:
        found.update(sweep.findings(image.before, image.after))
    print(f"  {sweep.searched} values searched, {found.total()} found")
    for finding, number in found.most_common():
        print(f"    {number} {finding.attribute} in {', '.join(finding.where) or 'no value'}")


def show_errors(images: list[Written]) -> None:
    before, after, new, compared = Counter[str](), Counter[str](), Counter[str](), 0
    with tempfile.NamedTemporaryFile(suffix=".dcm") as file:
        for image in images:
            Path(file.name).write_bytes(image.after)
            was, now = errors(image.path), errors(Path(file.name))
            if was is not None and now is not None:
                compared += 1
                before, after = before + was, after + now
                new += new_errors(was, now)
    print(f"  dciodvfy reads {compared}: {before.total()} errors before, {after.total()} after")
    for error, number in new.most_common():
        print(f"    {number} new: {error}")


if __name__ == "__main__":
    for name in sys.argv[1:] or COMMON:
        show(name, written(COMMON[name]))
