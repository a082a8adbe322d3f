"""A folder run by the workers of a Dask cluster, which die, join, lack keys, and see no names."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dask_cluster import Cluster
from slurm import Slurm, is_there
from study import KEY, image, parts, run_command, tree, write_study

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("distributed")

FILES = int(os.environ.get("ANONYMIZER_TEST_FILES", "1500"))
"""20,000 take some minutes."""

NAME, ID = "Canary^Coalmine", "CANARY-4711"
CANARIES = ("Canary", "Coalmine", "CANARY", "canary", "coalmine")

RULES = [
    {"dicomTagPath": "PatientID", "method": "cryptoHash"},
    {"dicomTagPath": "PN", "method": "substitute", "replaceWith": "NOBODY"},
    {"dicomTagPath": "DA", "method": "dateShift"},
    {"dicomTagPath": "UI", "method": "refreshUID"},
]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    content = {"version": "1", "name": "test", "rules": RULES}
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "a.key"
    path.write_text(KEY, encoding="ascii")
    path.chmod(0o600)
    return path


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with Cluster(tmp_path / "logs") as made:
        yield made


def write_archive(folder: Path, files: int = FILES) -> Path:
    """Images in folders of 50, and what is none; names of files tell names of patients, too."""
    for number in range(files):
        inside = folder / f"study{number // 400}" / f"series{number // 50}"
        if not number % 50:
            inside.mkdir(parents=True)
        (inside / f"im{number:05}").write_bytes(image(number, name=NAME))
    for name in ("Coalmine_Canary", "1.2.3.7"):  # the name of the patient, the UID of an image
        (folder / "study0" / name).write_bytes(b"\0" * 128 + b"DICM" + b"broken")
    (folder / "study0" / "canary.txt").write_text("no image")
    (folder / "study0" / "link").symlink_to(folder)
    os.mkfifo(folder / "study0" / "pipe")
    return folder


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "anonymizer", *map(str, arguments)]


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told(report: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return {name: value for name, value in content.items() if name not in ("seconds", "auditLog")}


def outcomes(log: Path) -> list[tuple[str, str]]:
    """Path and status of each record of an audit log."""
    records = map(json.loads, log.read_text(encoding="utf-8").splitlines())
    return sorted((r["input"]["path"], r["status"]) for r in records if "input" in r)


def wait_for_outputs(folder: Path, least: int, run: subprocess.Popen[str]) -> None:
    while sum(len(names) for _, _, names in os.walk(folder)) < least:
        assert run.poll() is None, run.communicate()
        time.sleep(0.01)


def test_a_worker_that_is_killed_and_one_that_joins_change_nothing(
    tmp_path: Path, rules: Path, key: Path, cluster: Cluster
) -> None:
    archive = write_archive(tmp_path / "in")
    flags = ("-I", archive, "-c", rules, "--key-file", key, "--quiet")
    alone, shared = tmp_path / "alone", tmp_path / "shared"
    for folder in (alone, shared):
        folder.mkdir()
    here = ("--report", tmp_path / "alone.json", "--audit-log", tmp_path / "alone.log")
    undisturbed = run_command(*flags, "-O", alone, *here)
    victim, _ = cluster.join(), cluster.join()
    there = ("--report", tmp_path / "shared.json", "--audit-log", tmp_path / "shared.log")
    run = start(
        *("distribute", *flags, "-O", shared, *there),
        *("--scheduler", cluster.address, "--batch", max(FILES // 40, 1)),
    )
    wait_for_outputs(shared, FILES // 4, run)
    victim.kill()
    cluster.join()
    out, err = run.communicate(timeout=600)
    assert (run.returncode, undisturbed.returncode) == (1, 1), err
    assert err == undisturbed.stderr
    assert tree(shared) == tree(alone)
    assert parts(shared) == []
    assert told(tmp_path / "shared.json") == told(tmp_path / "alone.json")
    assert run_command("audit", "verify", tmp_path / "shared.log").returncode == 0
    assert outcomes(tmp_path / "shared.log") == outcomes(tmp_path / "alone.log")
    assert len(outcomes(tmp_path / "shared.log")) == FILES + 5
    assert not any(canary in out + err + cluster.said() for canary in CANARIES)


def scheduled(address: str) -> bytes:
    """All that a scheduler holds of the work it was given, and what it remembers of it."""
    script = """if True:
        import pickle, sys
        from distributed import Client

        def held(dask_scheduler):
            import pickle
            tasks = [(t.key, t.run_spec, t.annotations) for t in dask_scheduler.tasks.values()]
            logs = list(dask_scheduler.transition_log), dask_scheduler.get_logs()
            return len(tasks), pickle.dumps((tasks, repr(tasks), logs, repr(logs)))

        with Client(sys.argv[1], set_as_default=False) as client:
            count, state = client.run_on_scheduler(held)
            events = repr(client.get_events()) + repr(client.get_scheduler_logs())
            workers = repr(client.get_worker_logs())
        sys.stdout.buffer.write(b"%d " % count + state + events.encode() + workers.encode())
    """
    return subprocess.run(
        [sys.executable, "-c", script, address], stdout=subprocess.PIPE, check=True, timeout=60
    ).stdout


def inflated(data: bytes) -> bytes:
    """What is compressed in it, and nothing else hides."""
    found, at = b"", data.find(b"x\x01")
    while at >= 0:
        with suppress(zlib.error):
            found += zlib.decompressobj().decompress(data[at:])
        at = data.find(b"x\x01", at + 1)
    return found


def test_neither_keys_nor_values_nor_names_of_files_reach_the_scheduler(
    tmp_path: Path, rules: Path, cluster: Cluster
) -> None:
    archive = write_archive(tmp_path / "in", 100)
    (archive / "study0" / "unreadable").mkdir()
    run = subprocess.Popen(
        command(
            *("distribute", "-I", archive, "-O", tmp_path / "out", "-c", rules),
            *("--scheduler", cluster.address, "--batch", 20),
        ),
        env={**os.environ, "ANONYMIZER_KEY": KEY},
        stderr=subprocess.PIPE,
    )
    while (state := scheduled(cluster.address)).startswith(b"0 "):
        assert run.poll() is None
    cluster.join(ANONYMIZER_KEY=KEY)
    _, err = run.communicate(timeout=300)
    assert len(tree(tmp_path / "out")) == 100, err
    seen = state + scheduled(cluster.address) + cluster.said().encode() + err
    seen += inflated(seen)
    secrets = [KEY, *CANARIES, "im000", "series"]
    assert [secret for secret in secrets if secret.encode() in seen] == []
    assert b"do_batch" in state


def test_a_manifest_is_done_as_it_was_frozen(
    tmp_path: Path, rules: Path, key: Path, cluster: Cluster
) -> None:
    archive, out = write_archive(tmp_path / "in", 100), tmp_path / "out"
    frozen, report = tmp_path / "m.jsonl.gz", tmp_path / "report.json"
    assert run_command("manifest", "-I", archive, "-o", frozen).returncode == 0
    (archive / "study0" / "series0" / "new").write_bytes(image(7))
    os.utime(archive / "study0" / "series0" / "im00003", (1, 1))
    (archive / "study0" / "series1" / "im00099").unlink()
    cluster.join()
    ended = run_command(
        *("distribute", "-I", archive, "-O", out, "-c", rules, "--key-file", key),
        *("--scheduler", cluster.address, "--batch", 20, "--manifest", frozen, "--report", report),
    )
    assert (ended.returncode, len(tree(out))) == (1, 98), ended.stderr
    refused = told(report)["refused"]
    assert (refused["changed"], refused["vanished"]) == (1, 1)


POISON = """
import os, sys
if "anonymizer.cli.engine" in sys.orig_argv:
    from anonymizer.worker import Worker
    do = Worker.do

    def deadly(self, path, *, again=False):
        if path.endswith("im00031"):
            engine = os.getppid()
            with open(f"/proc/{engine}/stat") as file:
                worker = int(file.read().rpartition(")")[2].split()[1])
            for pid in (worker, engine, os.getpid()):
                os.kill(pid, 9)
        return do(self, path, again=again)

    Worker.do = deadly
"""
"""Has a file kill the worker that holds it, and all its processes, as a machine that goes down."""


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="finds processes in /proc")
def test_a_file_that_kills_workers_is_refused_alone(
    tmp_path: Path, rules: Path, key: Path, cluster: Cluster
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(POISON)
    paths = f"{tmp_path / 'site'}{os.pathsep}{os.environ['PYTHONPATH']}"
    archive = write_archive(tmp_path / "in", 40)
    log, out = tmp_path / "a.log", tmp_path / "out"
    out.mkdir()
    run = start(
        *("distribute", "-I", archive, "-O", out, "-c", rules, "--key-file", key),
        *("--scheduler", cluster.address, "--batch", 4, "--audit-log", log),
    )
    while run.poll() is None:
        living = sum(worker.poll() is None for worker in cluster.workers)
        for _ in range(living, 2):
            cluster.join(PYTHONPATH=paths)
        time.sleep(0.05)
    _, err = run.communicate()
    assert "refused: study0/series0/im00031: worker-died" in err
    assert (run.returncode, len(tree(out)), parts(out)) == (1, 39, [])
    assert len(outcomes(log)) == 45
    assert ("study0/series0/im00031", "refused") in outcomes(log)
    assert len(cluster.workers) >= 2 + 3, "of four, of two, of one and alone"


def test_workers_of_this_machine_are_opened_for_the_run_and_inherit_its_key(
    tmp_path: Path, rules: Path
) -> None:
    flags = ("-I", write_study(tmp_path / "in"), "-c", rules)
    alone = run_command(*flags, "-O", tmp_path / "alone", ANONYMIZER_KEY=KEY)
    shared = run_command(
        *("distribute", *flags, "-O", tmp_path / "shared", "--scheduler", "local", "--quiet"),
        ANONYMIZER_KEY=KEY,
    )
    assert (alone.returncode, shared.returncode, shared.stderr) == (0, 0, "")
    assert tree(tmp_path / "shared") == tree(tmp_path / "alone")
    assert len(tree(tmp_path / "shared")) == 3


@pytest.mark.skipif(not is_there(), reason="Slurm is not installed")
def test_jobs_of_slurm_do_a_folder(tmp_path: Path, rules: Path, key: Path) -> None:
    study, out = write_study(tmp_path / "in"), tmp_path / "out"
    with Slurm(tmp_path / "slurm") as slurm:
        if slurm.why:
            pytest.skip(slurm.why)
        ended = slurm.run(
            *(sys.executable, "-m", "anonymizer", "distribute", "-I", study, "-O", out),
            *("-c", rules, "--key-file", key, "--scheduler", "slurm", "--quiet"),
            DASK_JOBQUEUE__SLURM__JOB_DIRECTIVES_SKIP="['--mem']",
            HOME=str(tmp_path),
        )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(tree(out)) == 3


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({}, "the environment variable ANONYMIZER_KEY is not set"),
        ({"ANONYMIZER_KEY": KEY[::-1]}, "the key, the map or a certificate here is another"),
    ],
)
def test_workers_without_the_key_get_nothing_to_do(
    environment: dict[str, str], why: str, tmp_path: Path, cluster: Cluster
) -> None:
    rules = tmp_path / "rules.json"
    parameters = {"key": {"env": "ANONYMIZER_KEY"}}
    rules.write_text(json.dumps({"version": "1", "rules": RULES, "parameters": parameters}))
    cluster.join(**environment)
    ended = run_command(
        *("distribute", "-I", write_study(tmp_path / "in"), "-O", tmp_path / "out"),
        *("-c", rules, "--scheduler", cluster.address),
        ANONYMIZER_KEY=KEY,
    )
    assert ended.returncode == 1
    assert f"1 workers could not take part: {why}" in ended.stderr.replace("parameters.key: ", "")
    assert tree(tmp_path / "out") == {}
    assert KEY not in ended.stderr + cluster.said()


def test_a_run_that_is_interrupted_is_whole_and_can_be_gone_on_with(
    tmp_path: Path, rules: Path, key: Path, cluster: Cluster
) -> None:
    archive, out = write_archive(tmp_path / "in", 400), tmp_path / "out"
    out.mkdir()
    flags = ("distribute", "-I", archive, "-O", out, "-c", rules, "--key-file", key, "--resume")
    where = ("--scheduler", cluster.address, "--batch", 20)
    cluster.join()
    run = start(*flags, *where)
    wait_for_outputs(out, 40, run)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=300)
    assert "interrupted: what is written is whole" in err
    assert parts(out) == []
    done = len(tree(out))
    report = tmp_path / "report.json"
    ended = run_command(*flags, *where, "--report", report)
    assert told(report)["doneBefore"] == done, ended.stderr
    assert told(report)["written"] == 400 - done
    assert (len(tree(out)), parts(out)) == (400, [])


@pytest.mark.parametrize(
    ("rule", "flags", "why"),
    [
        (
            {"dicomTagPath": "PatientID", "method": "pseudonym", "sequential": True},
            ("--map", "map.csv"),
            "sequential pseudonyms hang on the order of all files",
        ),
        (
            {"dicomTagPath": "PatientID", "method": "cryptoHash"},
            (),
            "without a key each machine would draw its own",
        ),
        (
            {"dicomTagPath": "PatientID", "method": "remove"},
            ("--audit-log", "a.log"),
            "--audit-log needs a key here",
        ),
    ],
)
def test_what_machines_cannot_share_is_refused(
    rule: dict[str, Any], flags: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"version": "1", "rules": [rule]}), encoding="utf-8")
    ended = run_command(
        *("distribute", "-I", write_study(tmp_path / "in"), "-O", tmp_path / "out"),
        *("-c", rules, "--scheduler", "local", *flags),
        cwd=tmp_path,
    )
    assert ended.returncode == 2
    assert why in ended.stderr
    assert not (tmp_path / "out").exists()


def test_an_archive_is_not_shared_out(tmp_path: Path) -> None:
    write_study(tmp_path / "in")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as file:
        file.writestr("im", b"")
    for source, target in (("in", "out.zip"), ("in.zip", "out")):
        ended = run_command(
            *("distribute", "-I", source, "-O", target, "-c", "example", "--scheduler", "local"),
            cwd=tmp_path,
            ANONYMIZER_KEY=KEY,
        )
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "distribute takes folders that all workers see" in ended.stderr
        assert not (tmp_path / target).exists()
