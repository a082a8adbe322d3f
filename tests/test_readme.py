"""The README says what is true: its examples run, show real output, and its tables are the code's.

In README.md a block of shell commands is run, in order, in a copy of what it talks about; a block
of text right behind it is its output.  A comment before a block may say ``not run: why``,
``exit N`` or ``file: NAME``, which writes the block to a file.  In the text, ``...`` stands for any
lines; numbers that differ from run to run count as equal.
"""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer.main

from anonymizer.cli.app import app
from anonymizer.methods import METHODS
from anonymizer.rules.forms import SELECTOR_FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COPIED = ("configs", "docs", "samples", "schemas")
SECONDS = 60

_block = re.compile(
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
            ["bash", "-c", commands],
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


def examples(place: Place) -> Iterator[tuple[str, str, str]]:
    """(commands, output, output in the README) of each example, run as it is come to."""
    for block in _block(README):
        mark = block["mark"] or ""
        if mark.startswith("file: "):
            (place.folder / mark[6:]).write_text(block["body"], encoding="utf-8")
        elif block["kind"] == "sh" and not mark.startswith("not run: "):
            code = int(mark[5:]) if mark.startswith("exit ") else 0
            yield block["body"], place.run(block["body"], code), block["shown"] or ""


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


@pytest.mark.skipif(shutil.which("bash") is None, reason="the examples are for a shell")
def test_every_example_runs_and_prints_what_is_shown(tmp_path: Path) -> None:
    told = [
        f"$ {commands}{printed}"
        for commands, printed, shown in examples(Place(tmp_path))
        if not agree(shown, printed)
    ]
    assert not told, "the README shows something else than\n" + "\n".join(told)


def test_the_comparison_of_outputs_sees_differences() -> None:
    assert agree("written 6 files, 42.3 kB\n", "written   6 files, 9 kB\n")
    assert not agree("written 6 files, 42.3 kB\n", "written 7 files, 42.3 kB\n")
    assert agree("...\nlast\n", "first\nsecond\nlast\n")
    assert not agree("...\nlast\n", "first\nlast\nmore\n")
    assert not agree("", "something\n")


def test_the_first_command_is_the_promised_one() -> None:
    assert next(_block(README))["body"] == (
        "pip install . && anonymizer -I samples/input -O out -c configs/example.json\n"
    )


@pytest.mark.parametrize("page", ["README.md", "docs/configuration.md"])
def test_generated_sections_are_what_the_tool_writes(page: str) -> None:
    filled = runpy.run_path(str(ROOT / "tools" / "build_readme.py"))["filled"]
    text = (ROOT / page).read_text(encoding="utf-8")
    assert text == filled(text), "run tools/build_readme.py"


def section(name: str) -> str:
    found = re.search(rf"<!-- generated: {name} -->\n(.*?)<!-- end -->", README, re.DOTALL)
    assert found, f"the README has no section {name}"
    return found[1]


def first_cells(text: str) -> list[str]:
    return re.findall(r"^\| `(.*?)` \|", text, re.MULTILINE)


def test_the_tables_list_the_methods_options_and_selectors_of_the_code() -> None:
    assert first_cells(section("methods")) == list(METHODS)
    assert first_cells(section("options")) == [o.name for m in METHODS.values() for o in m.options]
    assert first_cells(section("selectors"))[1:] == [form for form, _ in SELECTOR_FORMS]


def test_every_command_and_flag_is_told() -> None:
    told = set(re.findall(r"(?<![\w-])--?[A-Za-z][A-Za-z-]*", README))
    flags = [set(flag.opts) for flag in typer.main.get_command(app).params]
    assert [names for names in flags if not names & told] == [{"--version"}]
    for command in ("check", "diff", "explain", "methods", "reveal", "score"):
        assert f"anonymizer {command}" in README


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(p.name for p in (ROOT / "docs").glob("*.md"))]
)
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page if page == "README.md" else ROOT / "docs" / page
    text = path.read_text(encoding="utf-8")
    heads = {
        re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-")
        for head in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in heads, target
        elif not target.startswith("https://"):
            assert (path.parent / target).exists(), target
