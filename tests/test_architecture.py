"""Imports point down only, one room prints, and below the pipeline there is no world.

Every import counts: those inside functions, and for the order also those for annotations only.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import anonymizer

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(anonymizer.__file__).parent
ROOT = PACKAGE.parent

# From the bottom up. A room imports from itself and from the floors below its own.
FLOORS = (
    {"errors", "_version", "spill"},
    {"dicom"},
    {"standard"},
    {"methods"},
    {"rules"},
    {"series"},
    {"pipeline"},
    {"chooser"},
    {"from_pydicom", "names", "rows"},
    {"config", "files", "folder", "report", "validation"},
    {"audit", "backup", "diff", "file_set", "growing_map", "score", "stores"},
    {"hold", "quarantine", "worker"},
    {"ledger", "shards"},
    {"pool"},
    {"job", "survey"},
    {"distribute"},
    {"api", "verify"},
    {"cli"},
    {"__init__", "__main__"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
WORLDLESS = {room for room, number in FLOOR.items() if number <= FLOOR["pipeline"]} - {"spill"}

WORLD = frozenset(
    """
    asyncio concurrent fcntl getpass glob http importlib.metadata
    importlib.resources io locale logging mmap multiprocessing os pathlib pkgutil platform random
    secrets select shutil signal socket sqlite3 ssl subprocess syslog tempfile threading time
    urllib uuid warnings
    """.split()
)
CLOCKS = frozenset({"now", "today", "utcnow"})

# What a run over images must not pay for, unless a value or an option asks for it.
HEAVY = frozenset(
    """
    asn1crypto click cryptography dataclasses jsonschema logging numpy pydicom rich typer typing
    """.split()
)
HOT_PATH = ("anonymizer.files", "anonymizer.job", "anonymizer.pipeline", "anonymizer.worker")

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if not path.name.startswith("_e"))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """``anonymizer.dicom.scan`` lies in ``dicom``, ``anonymizer`` itself in ``__init__``."""
    return [*module.split("."), "__init__"][1]


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line and the full name of everything a module imports, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are written in full here"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def imported_rooms(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """What ``anonymizer`` itself gives, and a module that has no floor, counts as the top."""
    for line, name in imports(tree):
        if name.split(".")[0] == "anonymizer":
            room = room_of(name)
            yield line, room if room in FLOOR else "__init__"


def is_of_the_world(name: str) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in WORLD for length in range(1, len(parts) + 1))


def calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line and the written name of everything that is called: ``open``, ``date.today``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def console_streams(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith(
            ("sys.stdout", "sys.stderr", "sys.__std")
        ):
            yield node.lineno, ast.unparse(node)


class _WithoutAnnotationImports(ast.NodeTransformer):
    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        if ast.unparse(node.test) == "TYPE_CHECKING":
            return node.orelse
        return self.generic_visit(node)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def as_run(path: Path) -> ast.Module:
    tree = parsed(path)
    _WithoutAnnotationImports().visit(tree)
    return tree


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_point_down_only(path: Path) -> None:
    room = room_of(dotted(path))
    assert room in FLOOR, f"{room} stands on no floor: give it one in FLOORS"
    upward = [
        f"line {line}: {room} imports {other}"
        for line, other in imported_rooms(parsed(path))
        if other != room and FLOOR[other] >= FLOOR[room]
    ]
    assert upward == []


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room_of(dotted(path)) != "cli"], ids=dotted
)
def test_only_the_command_line_prints(path: Path) -> None:
    tree = parsed(path)
    printing = [
        f"line {line}: {name}"
        for line, name in [*imports(tree), *calls(tree), *console_streams(tree)]
        if name.split(".")[0] in {"print", "pprint", "rich", "typer", "click"}
        or name.startswith(("sys.std", "sys.__std"))
    ]
    assert printing == []


@pytest.mark.parametrize(
    "path", [path for path in MODULES if room_of(dotted(path)) in WORLDLESS], ids=dotted
)
def test_below_the_pipeline_there_is_no_world(path: Path) -> None:
    tree = as_run(path)
    worldly = [
        f"line {line}: import {name}" for line, name in imports(tree) if is_of_the_world(name)
    ]
    worldly += [
        f"line {line}: {name}()"
        for line, name in calls(tree)
        if name in {"open", "input"} or ("." in name and name.rpartition(".")[2] in CLOCKS)
    ]
    assert worldly == []


@pytest.mark.parametrize("module", HOT_PATH)
def test_the_hot_path_imports_nothing_heavy(module: str) -> None:
    assert HEAVY.intersection(modules_imported_by("-c", f"import {module}")) == set()


@pytest.mark.parametrize("configuration", ["basic", "example"])
def test_a_run_with_a_built_in_configuration_imports_nothing_heavy(
    configuration: str, tmp_path: Path
) -> None:
    image = next((ROOT / "samples" / "input").rglob("*.dcm"))
    files = ["-i", str(image), "-o", str(tmp_path / "out.dcm")]
    imported = modules_imported_by("-m", "anonymizer", *files, "-c", configuration)
    assert "anonymizer" in imported
    assert HEAVY.intersection(imported) == set()


def modules_imported_by(*arguments: str) -> set[str]:
    """The packages that a new interpreter imports for a command, as it tells them itself."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("COV")},
    )
    assert run.returncode == 0, run.stderr
    told = [line for line in run.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in told}


BREACHES = {
    "upward": "from anonymizer.rules.rule import Rule",
    "upward in a function": "def f():\n    import anonymizer.job",
    "upward for annotations": "if TYPE_CHECKING:\n    from anonymizer.cli import main",
    "the package itself": "from anonymizer import Anonymizer",
}


@pytest.mark.parametrize("source", BREACHES.values(), ids=BREACHES)
def test_every_kind_of_import_is_seen(source: str) -> None:
    rooms = [room for _, room in imported_rooms(ast.parse(source))]
    assert [room for room in rooms if FLOOR[room] > FLOOR["dicom"]]
