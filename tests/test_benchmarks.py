"""The corpus of the benchmarks is the same in every run, and what it says it is."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pydicom
import pytest
from object_store import NOT_THERE, moto_server

from benchmarks import corpus

ROOT = Path(__file__).parents[1]
SCALE = 0.002
DIGEST = "d60c03d1d3af3ac037b59d8c190a6081bb2b7e432014dc74df2f02a712b806ad"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("corpus")
    for folder in corpus.FOLDERS:
        corpus.write(out, folder, SCALE)
    return out


def test_the_corpus_is_the_same_in_every_run(written: Path) -> None:
    digest = hashlib.sha256()
    for path in sorted(written.rglob("*.dcm")):
        digest.update(path.relative_to(written).as_posix().encode())
        digest.update(path.read_bytes())
    assert digest.hexdigest() == DIGEST


@pytest.mark.parametrize("folder", corpus.FOLDERS)
def test_every_file_of_the_corpus_is_an_image(written: Path, folder: str) -> None:
    paths = list((written / folder).rglob("*.dcm"))
    assert paths
    for path in paths:
        data_set = pydicom.dcmread(path)
        assert data_set.file_meta.MediaStorageSOPInstanceUID == data_set.SOPInstanceUID
        assert str(data_set.PatientName).startswith("Doe")
        assert "PixelData" in data_set


@pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks are for Linux")
@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("stages CORPUS/headers --passes 1", "4 files"),
        (
            "run --corpus CORPUS --rounds 1 --only headers single --results SCRATCH/r.md",
            "4 files",
        ),
        ("overheads CORPUS --rounds 1", "| --verify |"),
        ("distributed --files 4 --batches 2 --rounds 1", "| Dask | 2 | 2 |"),
        pytest.param(
            "object_store CORPUS/headers --most 2 --latency 1 --workers 1",
            "| store, folder | 1 |",
            marks=pytest.mark.skipif(not moto_server(), reason=NOT_THERE),
        ),
    ],
)
def test_the_benchmarks_run(command: str, told: str, written: Path, tmp_path: Path) -> None:
    command = command.replace("CORPUS", str(written)).replace("SCRATCH", str(tmp_path))
    run = subprocess.run(
        [sys.executable, "-m", *f"benchmarks.{command}".split()],
        cwd=ROOT,
        env={**os.environ, "MOTO_SERVER": moto_server()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert told in run.stdout


def test_the_page_tells_of_every_script() -> None:
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    modules = (ROOT / "benchmarks").glob("*.py")
    scripts = {path.stem for path in modules if "__main__" in path.read_text(encoding="utf-8")}
    assert len(scripts) > 5
    assert {name for name in scripts if f"python -m benchmarks.{name} " not in page} == set()
