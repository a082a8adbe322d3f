"""The fuzz targets over their seeds, some damages of these, and all that ever failed."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from fuzz import drive
from fuzz.crashers import CRASHERS
from fuzz.mutator import DAMAGES, FORMS, headers, mutated, parts_of
from fuzz.seeds import CANARY, inputs, invented, seeds
from fuzz.targets import scan_target, whole_target
from hypothesis import given
from hypothesis import strategies as st
from image import DEFLATED_LE, EXPLICIT_LE, element, part10

TARGETS = {"scan": scan_target, "whole": whole_target}
HERE = Path(__file__).parent


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_do_not_fail(name: str) -> None:
    found = inputs(name)
    assert len(found) > 40
    for data in found:
        TARGETS[name](data)


@pytest.mark.parametrize(("name", "runs"), [("scan", 2000), ("whole", 500)])
def test_damaged_seeds_do_not_fail(name: str, runs: int) -> None:
    for data in drive.damaged_inputs(name, runs, seed=7):
        TARGETS[name](data)


@pytest.mark.parametrize(
    ("target", "sources"), [row[1:] for row in CRASHERS], ids=[row[0] for row in CRASHERS]
)
def test_what_failed_once_does_not_fail_again(target: str, sources: list[str]) -> None:
    for source in sources:
        TARGETS[target](bytes.fromhex(source))


def test_a_target_that_fails_ends_the_run_and_shows_the_bytes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(data: bytes) -> None:
        seen.append(data)
        if len(seen) == 5:
            raise KeyError

    seen: list[bytes] = []
    monkeypatch.setattr(drive, "target_of", lambda _: fails)
    with pytest.raises(KeyError):
        drive.plain("scan", drive.damaged_inputs("scan", 100, seed=0))
    assert seen[-1].hex() in capsys.readouterr().err
    assert len(seen) == 5


def test_an_input_that_takes_too_long_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def hangs(_: bytes) -> None:
        while True:
            pass

    monkeypatch.setattr(drive, "SLOWEST", 1)
    monkeypatch.setattr(drive, "target_of", lambda _: hangs)
    with pytest.raises(TimeoutError):
        drive.plain("scan", [b"x"])


def test_every_byte_gets_every_other_value() -> None:
    few = islice(drive.changed_bytes("scan", 145), 255 * 40)
    assert len({*few}) > 255 * 20


# The damages


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_damage_changes_something(damage: object) -> None:
    assert callable(damage)
    changed = 0
    for file in invented():
        parts, other = parts_of(file), parts_of(part10(element("PatientID", "LO", "x")))
        form = FORMS.get(parts.syntax, FORMS[EXPLICIT_LE])
        changed += damage(parts.body, other.body, form, Random(1)) != parts.body
    assert changed > 10


@given(st.binary(max_size=200), st.binary(max_size=200), st.integers(0, 1 << 32))
def test_any_bytes_can_be_damaged(file: bytes, other: bytes, seed: int) -> None:
    assert mutated(file, other, Random(seed)) == mutated(file, other, Random(seed))


def test_a_deflated_data_set_is_damaged_before_it_is_deflated() -> None:
    file = next(file for file in invented() if parts_of(file).syntax == DEFLATED_LE)
    readable = 0
    for seed in range(100):
        body = parts_of(mutated(file, file, Random(seed))).body
        readable += len(headers(body, 0, FORMS[EXPLICIT_LE])) > 3
    assert readable > 50


def test_headers_are_found_at_every_depth() -> None:
    file = next(file for file in invented() if b"OtherPatientIDs" not in file and CANARY in file)
    body = parts_of(file).body
    assert [body[h.start : h.start + 4] for h in headers(body, 0, FORMS[EXPLICIT_LE])][-1] == (
        b"\xe0\x7f\x10\0"
    )
    assert len(seeds()) > 40


# The command


def test_the_command_runs_without_atheris() -> None:
    ended = subprocess.run(
        [sys.executable, str(HERE / "scan.py"), "--plain", "50"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "50 executions" in ended.stderr


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")
def test_the_command_is_led_by_coverage_with_atheris(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(HERE / "scan.py"), "-runs=300", "-seed=1", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Done 300 runs" in ended.stderr
    assert any(tmp_path.iterdir()), "what reached new code is kept"
