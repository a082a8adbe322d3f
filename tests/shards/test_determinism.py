"""Nothing but configuration, key and image decides about an output: machines need share no more."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from study import KEY, ROOT, SAMPLES, image, tree

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENTS, EACH = 6, 6
RULES = [
    {"dicomTagPath": "PatientName", "method": "pseudonym"},
    {"dicomTagPath": "PatientID", "method": "cryptoHash"},
    {"dicomTagPath": "PatientAge", "method": "redact", "enablePartialAgesForRedact": True},
    {"dicomTagPath": "PatientBirthDate", "method": "redact", "enablePartialDatesForRedact": True},
    {"dicomTagPath": "PatientWeight", "method": "perturb", "span": 4, "rangeType": "Proportional"},
    {"dicomTagPath": "InstitutionName", "method": "dummy"},
    {"dicomTagPath": "PN", "method": "redact"},
    {"dicomTagPath": "DA", "method": "dateShift"},
    {"dicomTagPath": "DT", "method": "dateShift"},
    {"dicomTagPath": "UI", "method": "refreshUID"},
]

MACHINES = [
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "HOME": "/nonexistent"},
    {"TZ": "Etc/GMT+12", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "4711", "LANG": "tr_TR.UTF-8"},
    {"TZ": "Asia/Kolkata", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONHASHSEED": "0"},
]
UMASKS = (0o077, 0o002, 0o027)


def machine(number: int, arguments: Sequence[object], cwd: Path) -> str:
    """Runs the command as on a machine of its own; answers what it printed."""
    run = subprocess.run(
        [sys.executable, "-m", "anonymizer", *map(str, arguments)],
        cwd=cwd,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONCOERCECLOCALE": "0",
            "ANONYMIZER_KEY": KEY,
            **MACHINES[number],
        },
        umask=UMASKS[number],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Each patient has images in many folders; names of files that no ASCII has; the samples."""
    folder = tmp_path / "in"
    shutil.copytree(SAMPLES, folder / "samples")
    for number in range(PATIENTS * EACH):
        sub = folder / f"caf\u00e9 {number // PATIENTS}"
        sub.mkdir(exist_ok=True)
        name = f"Patient^{number % PATIENTS}"
        (sub / f"im\u4e2d{number}").write_bytes(image(number, name=name))
    (tmp_path / "configuration.json").write_text(
        json.dumps({"version": "1", "name": "all that has a key", "rules": RULES})
    )
    return folder


def test_two_halves_on_two_machines_are_as_one_run(study: Path, tmp_path: Path) -> None:
    """The second has its own copies, elsewhere; nothing of the first."""
    configuration = tmp_path / "configuration.json"
    whole = ["-I", study, "-O", tmp_path / "whole", "-c", configuration, "--workers", "1"]
    machine(2, whole, tmp_path)

    there, here = tmp_path / "there" / "data", study
    shutil.copytree(study, there)
    (tmp_path / "there" / "c.json").write_bytes(configuration.read_bytes())
    halves = [
        (0, here, configuration, tmp_path / "one", "3"),
        (1, there, Path("c.json"), Path("two"), "2"),
    ]
    manifest = tmp_path / "m"
    machine(0, ["manifest", "-I", here, "-o", manifest], tmp_path)
    for number, folder, rules, out, workers in halves:
        shard = ["--manifest", manifest, "--shard", f"{number + 1}/2", "--workers", workers]
        cwd = tmp_path / "there" if number else tmp_path
        machine(number, [*shard, "-I", folder, "-O", out, "-c", rules], cwd)

    one, two = tree(tmp_path / "one"), tree(tmp_path / "there" / "two")
    assert one
    assert two
    assert not one.keys() & two.keys()
    assert one | two == tree(tmp_path / "whole")
    reports = [tmp_path / "one.shards/report-1-of-2.json"]
    reports.append(tmp_path / "there/two.shards/report-2-of-2.json")
    assert "every file exactly once" in machine(2, ["merge-reports", *reports], tmp_path)


@pytest.mark.parametrize("more", [[], ["--rename", "uid"]], ids=["names kept", "names from UIDs"])
def test_one_folder_gives_the_same_bytes_everywhere(
    study: Path, tmp_path: Path, more: list[str]
) -> None:
    outputs = []
    for number in range(len(MACHINES)):
        out = tmp_path / f"out{number}"
        line = ["-I", study, "-O", out, "-c", "ps3.15-basic", "--workers", number + 1, *more]
        machine(number, line, tmp_path)
        outputs.append(tree(out))
    assert outputs[0]
    assert all(output == outputs[0] for output in outputs)


def test_the_day_of_a_run_is_the_same_in_all_time_zones(tmp_path: Path) -> None:
    """Ages beyond 89 and dates to come are held against it."""
    code = (
        "import time, datetime; from anonymizer.config.compile import _today;"
        "print(_today(), datetime.date.today())"
    )
    days = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": str(ROOT), "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for zone in ("XXX-14", "XXX+12")
    ]
    assert days[0][0] == days[1][0]
    assert days[0][1] != days[1][1], "clocks so far apart never show the same day"
