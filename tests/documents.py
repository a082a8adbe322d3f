"""Runs the examples of a page of documentation and compares what they print with what is shown.

A block of shell commands is run, in order, in a copy of what it talks about; a block of text right
behind it is its output.  A comment before a block may say ``not run: why``, ``exit N`` or
``file: NAME``, which writes the block to a file.  In the text, ``...`` stands for any lines;
numbers that differ from run to run count as equal.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("configs", "docs", "samples", "schemas")
SECONDS = 60

blocks = re.compile(
    r"(?:<!-- (?P<mark>[^\n]*) -->\n)?^```(?P<kind>[a-z]+)\n(?P<body>.*?)^```$"
    r"(?:\n```text\n(?P<shown>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
).finditer

PIP = """\
# Stands in for pip: the tool is there already; a folder's modules and entry points are put there.
import sys
import tomllib
from pathlib import Path

site, source = Path(sys.argv[1]), Path(sys.argv[3])
if source != Path("."):
    project = tomllib.loads((source / "pyproject.toml").read_text())
    name, version = project["project"]["name"], project["project"]["version"]
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    lines = []
    for group, points in project["project"]["entry-points"].items():
        for where in points.values():
            module = where.partition(":")[0] + ".py"
            (site / module).write_text((source / module).read_text())
        lines += [f"[{group}]", *(f"{point} = {where}" for point, where in points.items())]
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    (info / "entry_points.txt").write_text("\\n".join(lines))
"""

VARYING = (
    (r"\d[\d,.]* (bytes|kB|MB|GB)\b", "SIZE"),
    (r"\d[\d,.]* (files|MB)/s", "RATE"),
    (r"time +[\d.]+ s", "time SECONDS"),
    (r"sha256 [0-9a-f]{12}", "sha256 DIGEST"),
    (r"2\.25\.\d+", "UID"),
    (r"[0-9a-f]{64}", "HASH"),
)


class Place:
    """A copy of what the README talks about, with the commands it uses on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        commands, site = folder / "bin", folder / "site"
        for made in (self.folder, commands, site):
            made.mkdir()
        for name in COPIED:
            shutil.copytree(ROOT / name, self.folder / name)
        (folder / "pip.py").write_text(PIP, encoding="utf-8")
        python = f'exec "{sys.executable}"'
        for command, does in (
            ("python", f'{python} "$@"'),
            ("anonymizer", f'{python} -m anonymizer "$@"'),
            ("pip", f'{python} "{folder}/pip.py" "{site}" "$@"'),
        ):
            (commands / command).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
            (commands / command).chmod(0o755)
        self.environment = os.environ | {
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(site)]),
            "LC_ALL": "C",
        }
        self.environment.pop("ANONYMIZER_KEY", None)

    def run(self, commands: str, code: int) -> str:
        """What the commands print, both streams in one; asserts the last exit code."""
        done = subprocess.run(
            ["bash", "-e", "-c", commands],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == code, f"{commands}{done.stdout}"
        return done.stdout


def examples(page: str, place: Place) -> Iterator[tuple[str, str, str | None]]:
    """(commands, output, output on the page) of each example, run as it is come to."""
    for block in blocks(page):
        mark = block["mark"] or ""
        if mark.startswith("file: "):
            (place.folder / mark[6:]).write_text(block["body"], encoding="utf-8")
        elif block["kind"] == "sh" and not mark.startswith("not run: "):
            code = int(mark[5:]) if mark.startswith("exit ") else 0
            yield block["body"], place.run(block["body"], code), block["shown"]


def settled(text: str) -> list[str]:
    """The lines of an output without what differs from run to run."""
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text)
    return [" ".join(line.split()) for line in text.splitlines()]


def agree(shown: str, printed: str) -> bool:
    lines = ["(?:.*\n)*" if line == "..." else f"{re.escape(line)}\n" for line in settled(shown)]
    return (
        re.fullmatch("".join(lines), "".join(f"{line}\n" for line in settled(printed))) is not None
    )
