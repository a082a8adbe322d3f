"""A worker that dies costs the file it held and nothing else; a run that is stopped ends whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import count
from mmap import mmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image import element
from study import (
    NEW_UIDS,
    REMOVE_NAMES,
    ROOT,
    compiled,
    image,
    parts,
    settings,
    tree,
    write_study,
)

import anonymizer.files
import anonymizer.job
import anonymizer.pool
from anonymizer.files import Input
from anonymizer.job import run_folder
from anonymizer.pool import CHUNKS_AHEAD, Board, Chunk, Job, Pool
from anonymizer.report import Report
from anonymizer.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.report import Outcome

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

FILES = 10


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return write_study(tmp_path / "in", FILES)


def run(source: Path, target: Path, *, workers: int = 2, **given: Any) -> Report:  # noqa: ANN401
    target.mkdir(exist_ok=True)
    rules = compiled(REMOVE_NAMES, NEW_UIDS)
    return run_folder(rules, settings(source, target, **given), workers=workers)


def expected(source: Path) -> dict[str, bytes]:
    """What a run without any trouble writes."""
    target = source.parent / "expected"
    report = run(source, target, workers=1)
    assert report.written == len(tree(source))
    return tree(target)


def refused(report: Report) -> dict[str, str]:
    return {outcome.path: outcome.reason for outcome in report.refusals}


class Shared:
    """A number that all processes of a test see."""

    def __init__(self) -> None:
        self._memory = mmap(-1, 8)

    def add(self) -> int:
        value = self.value + 1
        self._memory[:] = value.to_bytes(8, "little")
        return value

    @property
    def value(self) -> int:
        return int.from_bytes(self._memory, "little")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_while_naming(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """The worker is killed when such an output is written, but not named yet."""
    name_it = anonymizer.files.give_name

    def name(part: str, path: str, *, replace: bool) -> None:
        if os.path.basename(path) in names:
            die()
        name_it(part, path, replace=replace)

    monkeypatch.setattr(anonymizer.files, "give_name", name)


def instead_of_doing(monkeypatch: pytest.MonkeyPatch, before: Callable[[str], object]) -> None:
    """Calls ``before`` with the path of each file that a worker is about to do."""
    do = Worker.do

    def doing(self: Worker, path: str, *, again: bool = False) -> Outcome:
        before(path)
        return do(self, path, again=again)

    monkeypatch.setattr(Worker, "do", doing)


# Death


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("each", [True, False])
@pytest.mark.parametrize(
    "victims", [["im000"], ["im009"], ["im004"], ["im002", "im003", "im007"]], ids=len
)
def test_a_dead_worker_costs_the_file_it_held(
    victims: list[str],
    each: bool,
    workers: int,
    study: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = expected(study)
    die_while_naming(monkeypatch, *victims)
    report = run(study, tmp_path / "out", workers=workers, each=each)
    assert refused(report) == dict.fromkeys(victims, "worker-died")
    assert report.refusals[0].detail == "the process that held it was killed (SIGKILL)"
    assert tree(tmp_path / "out") == {p: d for p, d in whole.items() if p not in victims}
    assert report.written == FILES - len(victims)
    assert report.counts[0] == report.written


def test_all_may_die(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    die_while_naming(monkeypatch, *tree(study))
    report = run(study, tmp_path / "out")
    assert refused(report) == dict.fromkeys(tree(study), "worker-died")
    assert tree(tmp_path / "out") == {}


def test_the_part_of_a_dead_worker_is_found_under_any_name(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_it = anonymizer.files.give_name
    named = Shared()

    def name(part: str, path: str, *, replace: bool) -> None:
        if named.add() == 3:
            die()
        name_it(part, path, replace=replace)

    monkeypatch.setattr(anonymizer.files, "give_name", name)
    report = run(study, tmp_path / "out", workers=1, rename="uid")
    assert list(refused(report)) == ["im002"]
    assert len(tree(tmp_path / "out")) == FILES - 1
    assert parts(tmp_path / "out") == []


@pytest.mark.parametrize("workers", [1, 2])
def test_inputs_that_want_one_output_never_replace_each_other(tmp_path: Path, workers: int) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(6):
        other = element("SliceLocation", "DS", str(number // 2))  # each twice
        (source / f"im{number}").write_bytes(image(1, more=other))
    for overwrite in (False, True, True):
        report = run(source, tmp_path / "out", workers=workers, rename="uid", overwrite=overwrite)
        assert len(tree(tmp_path / "out")) == 1
        assert set(refused(report).values()) == {"exists"}
        most = 2 if overwrite else 1  # the second of the same content is no other
        assert report.written in ({most} if workers == 1 else {1, most})
        assert parts(tmp_path / "out") == []


def test_what_was_there_before_stays_when_work_is_done_again(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is done again may replace what the dead worker wrote, and nothing else."""
    (tmp_path / "out").mkdir()
    mine = ["im001", "im006"]
    for name in mine:
        (tmp_path / "out" / name).write_bytes(b"mine")
    die_while_naming(monkeypatch, "im004")
    report = run(study, tmp_path / "out", workers=1)
    assert refused(report) == {"im001": "exists", "im006": "exists", "im004": "worker-died"}
    assert report.written == FILES - 3
    after = tree(tmp_path / "out")
    assert [after[name] for name in mine] == [b"mine", b"mine"]


@pytest.mark.parametrize("deaths", [1, 3])
def test_a_worker_that_dies_holding_nothing_costs_nothing(
    deaths: int, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = expected(study)
    died = Shared()
    do_chunk = anonymizer.pool._do_chunk

    def chunk(*given: Any) -> Any:  # noqa: ANN401  as it takes
        if died.value < deaths:
            died.add()
            die()
        return do_chunk(*given)

    monkeypatch.setattr(anonymizer.pool, "_do_chunk", chunk)
    report = run(study, tmp_path / "out", workers=1)
    assert died.value == deaths
    assert refused(report) == {}
    assert tree(tmp_path / "out") == whole


def test_a_worker_that_dies_before_it_has_told_costs_nothing(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All outputs are written; they are done again, and mine is still not replaced."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "im003").write_bytes(b"mine")
    died, parent, send = Shared(), os.getpid(), anonymizer.pool.send

    def sending(fd: int, content: Any) -> None:  # noqa: ANN401  as it takes
        if os.getpid() != parent and died.add() == 1:
            os.write(fd, b"half")
            die()
        send(fd, content)

    monkeypatch.setattr(anonymizer.pool, "send", sending)
    report = run(study, tmp_path / "out", workers=1)
    assert refused(report) == {"im003": "exists"}
    assert report.written == FILES - 1
    assert report.counts[0] == FILES - 1
    assert (tmp_path / "out" / "im003").read_bytes() == b"mine"


def test_workers_that_never_begin_end_the_run_all_the_same(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anonymizer.pool, "_do_chunk", lambda *_: die())
    report = run(study, tmp_path / "out")
    assert refused(report) == dict.fromkeys(tree(study), "worker-died")
    assert tree(tmp_path / "out") == {}


def test_a_dead_worker_with_more_in_its_pipe_costs_one_file(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = expected(study)
    monkeypatch.setattr(anonymizer.job, "MOST_IN_CHUNK", 2)
    die_while_naming(monkeypatch, "im000", "im003", "im008")
    for workers in (1, 2, 5):
        out = tmp_path / f"out{workers}"
        report = run(study, out, workers=workers)
        assert sorted(refused(report)) == ["im000", "im003", "im008"]
        assert len(tree(out)) == FILES - 3
        assert tree(out).items() <= whole.items()


def test_a_worker_that_is_gone_when_work_is_given_costs_nothing(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = expected(study)
    monkeypatch.setattr(anonymizer.job, "MOST_IN_CHUNK", 2)
    forked, fork = count(), os.fork

    def forking() -> int:
        pid = fork()
        if next(forked) == 0:
            if pid == 0:
                os._exit(1)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        return pid

    monkeypatch.setattr(os, "fork", forking)
    report = run(study, tmp_path / "out", workers=1)
    assert refused(report) == {}
    assert tree(tmp_path / "out") == whole


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), "was killed (SIGSEGV)"),
        (lambda: os.kill(os.getpid(), 40), "was killed (signal 40)"),
        (lambda: os._exit(7), "ended with status 7"),
    ],
    ids=["segmentation fault", "a signal without a name", "an exit"],
)
def test_how_a_worker_died_is_told(
    end: Callable[[], None],
    told: str,
    study: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import faulthandler

    def before(path: str) -> None:
        if path == "im001":
            faulthandler.disable()
            end()

    instead_of_doing(monkeypatch, before)
    report = run(study, tmp_path / "out")
    assert [outcome.detail for outcome in report.refusals] == [f"the process that held it {told}"]


@pytest.mark.parametrize("possible", [0, 1, 2])
def test_without_processes_the_rest_is_done_in_this_one(
    possible: int, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = expected(study)
    monkeypatch.setattr(anonymizer.job, "MOST_IN_CHUNK", 3)
    fork, forked, parent = os.fork, count(), os.getpid()

    def forking() -> int:
        if next(forked) >= possible:
            raise BlockingIOError(11, "no more processes")
        return fork()

    def before(path: str) -> None:
        if path in {"im001", "im005"} and os.getpid() != parent:
            die()

    monkeypatch.setattr(os, "fork", forking)
    instead_of_doing(monkeypatch, before)
    report = run(study, tmp_path / "out", workers=2)
    lost = list(refused(report))
    assert len(lost) == possible
    assert tree(tmp_path / "out") == {p: d for p, d in whole.items() if p not in lost}
    assert report.written + len(lost) == FILES


def test_there_are_as_many_workers_as_files_may_be_open(study: Path, tmp_path: Path) -> None:
    few = 'ulimit -n 60 && exec "$@"'
    line = ["-I", study, "-O", tmp_path / "out", "-c", "basic", "--workers", "100"]
    ended = subprocess.run(
        ["sh", "-c", few, "sh", sys.executable, "-m", "anonymizer", *map(str, line)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert len(tree(tmp_path / "out")) == FILES


def test_long_names_and_long_answers_do_not_meet_in_full_pipes(tmp_path: Path) -> None:
    """Chunks and their outcomes of more than a pipe holds, both ways."""
    deep = tmp_path / "in" / "/".join(letter * 200 for letter in "abcde")
    deep.mkdir(parents=True)
    for number in range(140):
        (deep / f"{number:03}{'x' * 200}").write_bytes(image(number))
    report = run(tmp_path / "in", tmp_path / "out", workers=1, each=True)
    assert report.written == 140


# Stopping


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", [1, 3])
def test_a_signal_ends_the_run_with_whole_files(
    workers: int,
    number: signal.Signals,
    study: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = expected(study)
    monkeypatch.setattr(anonymizer.job, "MOST_IN_CHUNK", 2)
    parent = os.getpid()

    heard = Shared()
    on_signal = Pool._on_signal

    def hearing(self: Pool, number: int, frame: object) -> None:
        on_signal(self, number, frame)
        heard.add()

    def before(path: str) -> None:
        if path == "im003":
            os.kill(parent, number)
        end = time.monotonic() + 30
        while path >= "im003" and not heard.value and time.monotonic() < end:
            time.sleep(0.01)

    monkeypatch.setattr(Pool, "_on_signal", hearing)

    instead_of_doing(monkeypatch, before)
    handler = signal.getsignal(number)
    report = run(study, tmp_path / "out", workers=workers)
    assert signal.getsignal(number) is handler
    assert report.interrupted
    assert refused(report) == {}
    written = tree(tmp_path / "out")
    assert 0 < len(written) < FILES
    assert written.items() <= whole.items()
    assert report.written == len(written)


def test_a_second_signal_does_not_wait_for_a_worker_that_hangs(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = os.getpid()

    def before(path: str) -> None:
        if path == "im003":
            os.kill(parent, signal.SIGINT)
            time.sleep(0.1)
            os.kill(parent, signal.SIGINT)
            time.sleep(600)

    instead_of_doing(monkeypatch, before)
    report = run(study, tmp_path / "out", workers=1)
    assert report.interrupted
    assert refused(report) == {"im003": "worker-died"}
    assert sorted(tree(tmp_path / "out")) == ["im000", "im001", "im002"]


def test_a_signal_that_is_ignored_stays_ignored(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under nohup, or in the background of a script."""
    parent = os.getpid()
    instead_of_doing(monkeypatch, lambda _: os.kill(parent, signal.SIGINT))
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        report = run(study, tmp_path / "out")
    finally:
        signal.signal(signal.SIGINT, handler)
    assert not report.interrupted
    assert report.written == FILES


def test_a_run_in_a_thread_of_its_own_works(study: Path, tmp_path: Path) -> None:
    from threading import Thread

    reports: list[Report] = []
    thread = Thread(target=lambda: reports.append(run(study, tmp_path / "out")))
    thread.start()
    thread.join()
    assert reports[0].written == FILES


def test_in_one_process_an_interrupt_ends_the_run_with_whole_files(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = expected(study)

    def before(path: str) -> None:
        if path == "im003":
            raise KeyboardInterrupt

    monkeypatch.delattr(os, "fork")
    instead_of_doing(monkeypatch, before)
    report = run(study, tmp_path / "out", each=False)
    assert report.interrupted
    assert report.written == 3
    assert report.counts[0] == 3
    assert tree(tmp_path / "out") == {p: d for p, d in whole.items() if p < "im003"}


# Progress


def test_the_whole_is_known_long_before_the_end(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time left needs it; finding is much faster than doing."""
    monkeypatch.setattr(anonymizer.job, "MOST_IN_CHUNK", 1)
    instead_of_doing(monkeypatch, lambda _: time.sleep(0.02))
    seen: list[tuple[int, int | None]] = []
    (tmp_path / "out").mkdir()
    run_folder(
        compiled(REMOVE_NAMES),
        settings(study, tmp_path / "out"),
        workers=1,
        progress=lambda report: seen.append((report.total, report.found)),
    )
    known = [done for done, found in seen if found is not None]
    assert known[0] < FILES
    assert seen[-1] == (FILES, FILES)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


# Who gets what


def pool_of(hands: int, waiting: list[int], found: int | None) -> Pool:
    """A pool without processes, with chunks of so many files."""
    report = Report(compiled(REMOVE_NAMES))
    report.found = found
    chosen = settings(Path("in"), Path("out"))
    pool = Pool(Job(report.compiled, chosen, report, lambda _: None), hands)
    pool._hands = dict.fromkeys(range(hands))  # type: ignore[assignment]  # only their number counts
    names = iter(range(10_000))
    pool._waiting = [Chunk([f"{next(names)}" for _ in range(size)]) for size in waiting]
    return pool


def given(pool: Pool) -> list[list[str]]:
    chunks = []
    while pool._waiting:
        chunks.append(pool._next().paths)
    return chunks


def test_the_last_chunks_become_smaller() -> None:
    chunks = given(pool_of(2, [128, 60], 188))
    sizes = [len(paths) for paths in chunks]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 47
    assert sizes[-4:] == [1, 1, 1, 1]
    assert [name for paths in chunks for name in paths] == [f"{n}" for n in range(188)]


def test_parts_of_a_chunk_have_all_that_it_had() -> None:
    chunk = Chunk(["a", "b", "c"], b"\0\1\1", [(1, 2), (3, 4), (5, 6)])
    for parts_of_it in ((chunk.before(1), chunk.behind(1)), (chunk.before(2), chunk.behind(2))):
        for name in ("paths", "ours", "frozen"):
            first, second = (getattr(part, name) for part in parts_of_it)
            assert first + second == getattr(chunk, name)


def test_as_long_as_more_is_to_be_found_chunks_stay_whole() -> None:
    assert [len(paths) for paths in given(pool_of(2, [128, 60], None))] == [128, 60]
    many = [len(paths) for paths in given(pool_of(2, [8] * 9, 72))]
    assert many[:5] == [8] * 5


def test_of_the_last_chunks_none_waits_behind_another() -> None:
    assert pool_of(2, [1], 5)._ahead() == 1
    assert pool_of(2, [1, 1, 1], 5)._ahead() == CHUNKS_AHEAD
    assert pool_of(2, [1], None)._ahead() == CHUNKS_AHEAD


def test_a_few_files_are_shared_by_all_workers(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doers = mmap(-1, FILES)

    def before(path: str) -> None:
        doers[int(path[2:])] = os.getpid() & 0xFF

    instead_of_doing(monkeypatch, before)
    assert run(study, tmp_path / "out").written == FILES
    assert len(set(doers[:])) == 2


# What inputs and outputs do meanwhile


def test_an_input_that_is_cut_while_it_is_mapped_costs_itself(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system kills who reads a mapped file beyond its end (SIGBUS)."""
    import faulthandler

    pixels = element(0x7FE00010, "OW", bytes(5 << 20)) + element("PatientName", "PN", "A^B")
    (study / "im001").write_bytes(image(1, more=pixels))

    class Cut(Input):
        def __init__(self, path: str) -> None:
            super().__init__(path)
            if path.endswith("im001"):
                faulthandler.disable()
                os.truncate(path, 1000)

    monkeypatch.setattr("anonymizer.worker.Input", Cut)
    report = run(study, tmp_path / "out")
    assert list(refused(report)) == ["im001"]
    assert len(tree(tmp_path / "out")) == FILES - 1


def test_inputs_that_go_or_change_cost_themselves(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before(path: str) -> None:
        if path == "im002":
            (study / path).unlink()
        if path == "im004":
            (study / path).unlink()
            (study / path).mkdir()
        if path == "im005":
            (study / path).unlink()
            (study / path).symlink_to(study / "im006")
        if path == "im007":
            (study / path).write_bytes(image()[:100])

    instead_of_doing(monkeypatch, before)
    report = run(study, tmp_path / "out")
    assert refused(report) == {"im002": "vanished", "im005": "unreadable"}
    assert report.skipped == {"special-file": 1, "not-dicom": 1}
    assert report.written == FILES - 4


def test_an_output_folder_that_goes_costs_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_study(tmp_path / "in" / "a", 4)
    write_study(tmp_path / "in" / "b", 2)

    def before(path: str) -> None:
        if path == "a/im002":
            shutil.rmtree(tmp_path / "out")

    instead_of_doing(monkeypatch, before)
    report = run(tmp_path / "in", tmp_path / "out", workers=1)
    assert refused(report) == {"a/im002": "unwritable", "a/im003": "unwritable"}
    assert report.refusals[0].detail == "the output cannot be made (no such file or directory)"
    assert sorted(tree(tmp_path / "out")) == ["b/im000", "b/im001"]


# The parts


def test_a_board_is_about_one_chunk_only() -> None:
    board, chunk = Board(), Chunk(["a", "b", "c"])
    chunk.serial = 7
    assert board.about(chunk) == (None, bytes(3))
    board.begin(7)
    assert board.about(chunk) == (None, bytes(3))
    board.hold(0)
    board.written(0)
    assert board.about(chunk) == (None, b"\1\0\0")
    board.hold(1)
    assert board.about(chunk) == (1, b"\1\0\0")
    board.end()
    assert board.about(chunk) == (None, b"\1\0\0")
    board.begin(8)
    assert board.about(chunk) == (None, bytes(3))


def test_what_is_left_of_a_chunk_remembers_what_is_ours() -> None:
    chunk = Chunk(["a", "b", "c"], b"\1\0\0")
    left = chunk.without(1, b"\0\0\1")
    assert (left.paths, left.ours) == (["a", "c"], b"\1\1")
    left = chunk.without(None, b"\0\1\0")
    assert (left.paths, left.ours) == (["a", "b", "c"], b"\1\1\0")
