"""Workers collect no garbage, so nothing that is made for an image may refer to itself."""

from __future__ import annotations

import gc
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from study import SAMPLES
from test_canary import built_in

from anonymizer.audit.spool import Spool
from anonymizer.verify.gate import Gate
from anonymizer.worker import Settings, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from anonymizer.rules.compiled import Compiled


WAYS: dict[str, Callable[[Compiled, Path], dict[str, Any]]] = {
    "plain": lambda _, __: {},
    "counted": lambda _, __: {"each": True},
    "named by UIDs": lambda _, __: {"rename": "uid"},
    "validated": lambda _, __: {"validate_input": "warn", "validate_output": True},
    "tried": lambda _, __: {"dry_run": True},
    "copied before": lambda _, place: {"backup": str(place / "backup")},
    "with an audit log": lambda _, place: {"spool": spool(place / "log")},
    "verified": lambda compiled, _: {"gate": Gate(compiled, force=False).check},
}


def spool(path: Path) -> Spool:
    return Spool(
        str(path), os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND), b"k" * 32, hides=False
    )


@pytest.fixture
def images(tmp_path: Path) -> list[str]:
    """The samples, whole and cut off, twice: the first time may fill what is remembered."""
    paths = []
    for number in range(2):
        for source in sorted(path for path in SAMPLES.rglob("*") if path.is_file()):
            name = f"{number}-{source.parent.name}-{source.name}"
            target = tmp_path / "in" / name
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
            content = source.read_bytes()
            (tmp_path / "in" / f"{name}-cut").write_bytes(content[: len(content) // 2])
            paths += [name, f"{name}-cut"]
    return sorted(paths)


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["ps3.15-basic", "example"])
@pytest.mark.usefixtures("uncollected")
def test_an_image_goes_when_it_is_done(
    name: str, way: str, images: list[str], tmp_path: Path
) -> None:
    compiled = built_in(name)
    given: dict[str, Any] = {"each": False} | WAYS[way](compiled, tmp_path)
    worker = Worker(compiled, Settings(str(tmp_path / "in"), str(tmp_path / "out"), **given))
    half = len(images) // 2
    first = [worker.do(path).status for path in images[:half]]
    gc.collect()
    gc.disable()
    second = [worker.do(path).status for path in images[half:]]
    assert gc.collect() == 0
    assert set(first) >= {"written", "refused"}
    assert {"written", "refused"} & set(second)
