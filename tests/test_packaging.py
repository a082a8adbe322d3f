"""What an installed tool needs is in the wheel, and nothing of the checkout besides."""

from __future__ import annotations

import tomllib
import zipfile
from importlib import import_module
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The names of the files in a freshly built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return frozenset(zipfile.ZipFile(path).namelist())


@pytest.mark.parametrize(
    ("folder", "packed"),
    [(name, f"anonymizer/_data/{name}") for name in ("configs", "schemas", "weights")],
)
def test_configurations_and_schemas_are_in_the_wheel(
    wheel: frozenset[str], folder: str, packed: str
) -> None:
    files = [path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*.json")]
    assert files, f"nothing stands in {folder}/"
    assert wheel.issuperset(f"{packed}/{path.as_posix()}" for path in files)


def test_every_module_every_table_and_the_type_marker_are_in_the_wheel(
    wheel: frozenset[str],
) -> None:
    package = ROOT / "anonymizer"
    tables = package.glob("standard/data/*.json")
    modules = [path.relative_to(ROOT) for path in (*package.rglob("*.py"), *tables)]
    assert wheel.issuperset(path.as_posix() for path in modules)
    assert "anonymizer/py.typed" in wheel


def test_nothing_else_is_in_the_wheel(wheel: frozenset[str]) -> None:
    assert {name.split("/")[0].split("-")[0] for name in wheel} == {"anonymizer"}


def test_the_commands_of_the_wheel_can_be_called() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for target in project["scripts"].values():
        module, _, function = target.partition(":")
        assert callable(getattr(import_module(module), function))
