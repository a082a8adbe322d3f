"""The README says what is true: its examples run and show real output; its tables are the code."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path

import pytest
import typer.main
from documents import Place, agree, blocks, examples
from typer.core import TyperGroup

from anonymizer.cli.app import app
from anonymizer.methods import METHODS
from anonymizer.rules.forms import SELECTOR_FORMS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("bash") is None, reason="the examples are for a shell")
def test_every_example_runs_and_prints_what_is_shown(tmp_path: Path) -> None:
    told = [
        f"$ {commands}{printed}"
        for commands, printed, shown in examples(README, Place(tmp_path))
        if not agree(shown or "", printed)
    ]
    assert not told, "the README shows something else than\n" + "\n".join(told)


def test_the_comparison_of_outputs_sees_differences() -> None:
    assert agree("written 6 files, 42.3 kB\n", "written   6 files, 9 kB\n")
    assert not agree("written 6 files, 42.3 kB\n", "written 7 files, 42.3 kB\n")
    assert agree("...\nlast\n", "first\nsecond\nlast\n")
    assert not agree("...\nlast\n", "first\nlast\nmore\n")
    assert not agree("", "something\n")


def test_the_first_command_is_the_promised_one() -> None:
    assert next(blocks(README))["body"] == (
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
    tool = typer.main.get_command(app)
    flags = [set(flag.opts) for flag in tool.params]
    assert [names for names in flags if not names & told] == [{"--version"}]
    assert isinstance(tool, TyperGroup)
    assert [name for name in tool.commands if f"anonymizer {name}" not in README] == []


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
