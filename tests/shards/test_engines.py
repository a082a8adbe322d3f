"""The recipes of docs/scale.md run as they stand there, by GNU parallel, Slurm and as in a pod."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from slurm import Slurm, is_there
from study import KEY, ROOT, image, tree

from anonymizer.shards.manifest import write_manifest

if TYPE_CHECKING:
    from pathlib import Path

SCALE = ROOT / "docs" / "scale"
FILES = 40


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with inputs, manifest, key, the command, and the outputs of one run."""
    for number in range(FILES):
        folder = tmp_path / "in" / f"s{number // 5}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"im{number}").write_bytes(image(number))
    write_manifest(str(tmp_path / "m.jsonl.gz"), str(tmp_path / "in"))
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "anonymizer"
    command.write_text(
        f'#!/bin/sh\nexport PYTHONPATH="{ROOT}"\nexec "{sys.executable}" -m anonymizer "$@"\n'
    )
    command.chmod(0o755)
    run = sh(tmp_path, "anonymizer -I in -O whole -c ps3.15-basic --key-file key -q --workers 1")
    assert run.returncode == 0, run.stderr
    return tmp_path


def sh(place: Path, line: str, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "ANONYMIZER_KEY"}
    env["PATH"] = f"{place / 'bin'}{os.pathsep}{env['PATH']}"
    return subprocess.run(
        ["sh", "-c", line],
        cwd=place,
        env={**env, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def assert_whole(place: Path) -> None:
    assert tree(place / "out") == tree(place / "whole")
    merged = sh(place, "anonymizer merge-reports out")
    assert merged.returncode == 0, merged.stderr
    assert "every file exactly once" in merged.stdout


def recipe(head: str) -> str:
    """The first shell block below a heading of docs/scale.md."""
    text = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {head}\n")[1].split("\n## ")[0]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_shards_of_the_page_come_to_one_run(place: Path) -> None:
    run = sh(place, recipe("Shards"))
    assert run.returncode == 0, run.stderr
    assert (place / "report.json").exists()
    assert_whole(place)


@pytest.mark.skipif(not shutil.which("parallel"), reason="GNU parallel is not installed")
def test_gnu_parallel_runs_the_shards(place: Path) -> None:
    run = sh(place, recipe("GNU parallel"))
    assert run.returncode == 0, run.stderr
    assert_whole(place)
    assert len((place / "shards.log").read_text().splitlines()) == 1 + 8


@pytest.mark.skipif(not is_there(), reason="Slurm is not installed")
def test_a_slurm_array_runs_the_shards(place: Path) -> None:
    with Slurm(place / "slurm") as slurm:
        if slurm.why:
            pytest.skip(slurm.why)
        told = {
            "SHARDS": "4",
            "MANIFEST": "m.jsonl.gz",
            "INPUT": "in",
            "OUTPUT": "out",
            "CONFIGURATION": "ps3.15-basic",
            "KEY_FILE": "key",
            "PATH": f"{place / 'bin'}{os.pathsep}{slurm.env['PATH']}",
        }
        first = slurm.run("sbatch", "--wait", "--array=1,2,4", SCALE / "array.sbatch", **told)
        assert first.returncode == 0, (first, *map(str, place.glob("slurm-*.out")))
        assert sh(place, "anonymizer merge-reports out").returncode == 1, "the third is missing"
        rest = slurm.run("sbatch", "--wait", "--array=3", SCALE / "array.sbatch", **told)
        assert rest.returncode == 0, rest
    assert_whole(place)


JOB = (SCALE / "job.yaml").read_text(encoding="utf-8")


def line_of_a_pod() -> str:
    """What the container of the Job runs; a folded scalar is its lines with spaces between."""
    found = re.search(r"args:\n +- >-\n((?: {14}.*\n)+)", JOB)
    assert found is not None
    return " ".join(found[1].split())


def test_the_line_of_an_indexed_job_runs_the_shards(place: Path) -> None:
    """As the pods run it, but for where the volumes are."""
    (place / "state").mkdir()
    (place / "m.jsonl.gz").rename(place / "state" / "m.jsonl.gz")
    line = line_of_a_pod().replace("/state/", f"{place}/state/").replace("/input", f"{place}/in")
    completions = int(re.findall(r"^  completions: (\d+)$", JOB, re.MULTILINE)[0])
    for index in range(completions):
        run = sh(place, line, JOB_COMPLETION_INDEX=str(index), ANONYMIZER_KEY=KEY)
        assert run.returncode == 0, run.stderr
    (place / "state" / "out").rename(place / "out")
    (place / "state" / "out.shards").rename(place / "out.shards")
    assert_whole(place)


def test_the_indexed_job_says_what_it_must() -> None:
    assert "\t" not in JOB
    for said in (
        "apiVersion: batch/v1",
        "kind: Job",
        "completionMode: Indexed",
        "backoffLimitPerIndex: ",
        "restartPolicy: Never",
        "secretKeyRef:",
        "runAsNonRoot: true",
    ):
        assert re.search(rf"^ *{re.escape(said)}", JOB, re.MULTILINE), said
    mounts = re.findall(r"- name: (\w+)\n +mountPath: ", JOB)
    volumes = re.findall(r"- name: (\w+)\n +(?:persistentVolumeClaim|emptyDir):", JOB)
    assert sorted(mounts) == sorted(volumes)
    shards = re.findall(r"INDEX \+ 1\)\)/(\d+)", JOB)
    assert shards == re.findall(r"^  completions: (\d+)$", JOB, re.MULTILINE)
