"""An output stands under its name whole or not at all, whatever happens while it is written."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from image import element
from study import ROOT, compiled, image, parts, tree

import anonymizer.files
from anonymizer.errors import ImageError
from anonymizer.files import LARGE, WHOLE, Input, reason, sweep_parts, write_whole
from anonymizer.pipeline import Pipeline

STEPS = "open read fstat writev write pread copy_file_range close link unlink replace".split()
"""Everything of the system that writing one file may call."""

SHARED_MEMORY = Path("/dev/shm")


def large_image(size: int = WHOLE + LARGE) -> bytes:
    """Pixels that are large, with a name before and one after them."""
    pixels = bytes(range(256)) * (size // 256)
    after = element("PatientName", "PN", "Doe^After")
    return image(more=element(0x7FE00010, "OW", pixels) + after)


SMALL_AND_LARGE = [pytest.param(image(), id="small"), pytest.param(large_image(), id="large")]


def rewritten(source: Path, target: Path, *, replace: bool = False, since: int = 0) -> int:
    """Takes the names out of an image."""
    pipeline = Pipeline(compiled({"dicomTagPath": "PN", "method": "remove"}, mark=False))
    with Input(str(source)) as opened:
        output = pipeline.anonymize(opened.source, opened.size)
        return write_whole(str(target), output, opened, replace=replace, since=since)


def whole(data: bytes) -> bytes:
    """What must come out, by the simplest way there is."""
    pipeline = Pipeline(compiled({"dicomTagPath": "PN", "method": "remove"}, mark=False))
    return bytes(pipeline.anonymize(data, len(data)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where outputs go."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.mark.parametrize("data", SMALL_AND_LARGE)
@pytest.mark.parametrize("replace", [True, False])
def test_an_output_is_whole_and_alone(
    data: bytes, replace: bool, tmp_path: Path, folder: Path
) -> None:
    (tmp_path / "in").write_bytes(data)
    if replace:
        (folder / "im").write_bytes(b"before")
    size = rewritten(tmp_path / "in", folder / "im", replace=replace)
    assert tree(folder) == {"im": whole(data)}
    assert size == len(whole(data))
    assert b"Doe" not in whole(data)


def test_what_is_newer_than_the_run_is_of_another_input_of_it(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "in").write_bytes(image())
    (folder / "im").write_bytes(b"of another input")
    with pytest.raises(ImageError) as refused:
        rewritten(tmp_path / "in", folder / "im", replace=True, since=1)
    assert refused.value.reason == "exists"
    assert tree(folder) == {"im": b"of another input"}
    rewritten(tmp_path / "in", folder / "im", replace=True, since=1 << 62)
    assert tree(folder) == {"im": whole(image())}
    rewritten(tmp_path / "in", folder / "im", replace=True, since=1)
    assert tree(folder) == {"im": whole(image())}


def test_the_large_way_is_the_small_way(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").write_bytes(large_image())
    rewritten(tmp_path / "in", folder / "mapped")
    monkeypatch.setattr(anonymizer.files, "WHOLE", 1 << 30)
    rewritten(tmp_path / "in", folder / "read")
    assert (folder / "mapped").read_bytes() == (folder / "read").read_bytes()


def refuses(*_: object) -> int:
    raise OSError(errno.EXDEV, "no")


def says_nothing_is_left(*_: object) -> int:
    return 0


def copies_little(source: int, target: int, count: int, at: int) -> int:
    return os.write(target, os.pread(source, min(count, 1000), at))


@pytest.mark.parametrize("way", [refuses, says_nothing_is_left, copies_little])
def test_a_kernel_that_does_not_copy_costs_nothing(
    way: Callable[..., int], tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").write_bytes(large_image())
    monkeypatch.setattr(os, "copy_file_range", way, raising=False)
    rewritten(tmp_path / "in", folder / "im")
    assert (folder / "im").read_bytes() == whole(large_image())


def test_a_system_that_can_nothing_special_gives_the_same(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("copy_file_range", "writev"):
        monkeypatch.delattr(os, name, raising=False)
    for number, data in enumerate((image(), large_image())):
        (tmp_path / "in").write_bytes(data)
        rewritten(tmp_path / "in", folder / str(number))
        assert (folder / str(number)).read_bytes() == whole(data)


@pytest.mark.skipif(not os.access(SHARED_MEMORY, os.W_OK), reason="there is one file system only")
@pytest.mark.parametrize("data", SMALL_AND_LARGE)
def test_outputs_on_another_file_system_are_the_same(
    data: bytes, tmp_path: Path, folder: Path
) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(dir=SHARED_MEMORY) as other:
        (tmp_path / "in").write_bytes(data)
        rewritten(tmp_path / "in", Path(other, "im"))
        rewritten(Path(other, "im"), folder / "back")
        assert tree(Path(other)) == {"im": whole(data)}
        assert (folder / "back").read_bytes() == whole(data)


def test_writes_that_are_cut_short_go_on(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "writev", lambda fd, pieces: write(fd, b"".join(pieces)[:7]))
    monkeypatch.setattr(os, "write", lambda fd, piece: write(fd, bytes(piece[:11])))
    (tmp_path / "in").write_bytes(image())
    rewritten(tmp_path / "in", folder / "im")
    assert (folder / "im").read_bytes() == whole(image())


def test_an_output_that_is_there_stays(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "in").write_bytes(image())
    (folder / "im").write_bytes(b"mine")
    with pytest.raises(ImageError, match="there already") as fault:
        rewritten(tmp_path / "in", folder / "im")
    assert fault.value.reason == "exists"
    assert tree(folder) == {"im": b"mine"}


@pytest.mark.parametrize("there", [True, False])
def test_without_hard_links_it_is_the_same(
    there: bool, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    (tmp_path / "in").write_bytes(image())
    if there:
        (folder / "im").symlink_to("nowhere")
        with pytest.raises(ImageError, match="there already"):
            rewritten(tmp_path / "in", folder / "im")
    else:
        rewritten(tmp_path / "in", folder / "im")
        assert (folder / "im").read_bytes() == whole(image())
    assert os.listdir(folder) == ["im"]


def test_parts_of_a_killed_run_are_passed_by(tmp_path: Path, folder: Path) -> None:
    """Process numbers repeat, in a container on every run."""
    for number in range(3):
        (folder / f".anonymizer-{os.getpid()}-{number}.part").write_bytes(b"half")
    (tmp_path / "in").write_bytes(image())
    rewritten(tmp_path / "in", folder / "im")
    assert (folder / "im").read_bytes() == whole(image())
    assert len(parts(folder)) == 3


# Whatever happens at whatever step


def steps_taken(source: Path, target: Path, *, replace: bool) -> list[str]:
    """The calls that writing makes, in order."""
    taken: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            if call := getattr(os, name, None):
                patch.setattr(os, name, noting(taken, name, call))
        rewritten(source, target, replace=replace)
    return taken


def noting(taken: list[str], name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*given: Any, **named: Any) -> Any:  # noqa: ANN401  as the call takes
        taken.append(name)
        return call(*given, **named)

    return noted


class Meant(BaseException):
    """What no code of ours catches: as Ctrl-C would come at this moment."""


FAULTS: dict[str, Callable[[], BaseException]] = {
    "no space": lambda: OSError(errno.ENOSPC, "secret path"),
    "quota": lambda: OSError(errno.EDQUOT, "secret path"),
    "disk": lambda: OSError(errno.EIO, "secret path"),
    "interrupt": Meant,
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("replace", [True, False])
@pytest.mark.parametrize("data", SMALL_AND_LARGE)
def test_a_fault_at_any_step_leaves_nothing_partial(
    data: bytes, replace: bool, fault: str, tmp_path: Path, folder: Path
) -> None:
    source = tmp_path / "in"
    source.write_bytes(data)
    count = len(steps_taken(source, tmp_path / "first", replace=replace))
    assert count >= 6
    before = {"im": b"before"} if replace else {}
    told = set()
    for failing in range(count):
        for name, content in before.items():
            (folder / name).write_bytes(content)
        raised = failing_at(failing, FAULTS[fault], source, folder / "im", replace=replace)
        after = tree(folder)
        assert {p for p in after if p != "im"} == set(), failing
        assert "secret" not in raised
        if raised == "Meant":
            assert after in (before, {"im": whole(data)})
        elif raised:
            assert after == before
            told.add(raised)
        else:
            assert after == {"im": whole(data)}
        (folder / "im").unlink(missing_ok=True)
    assert told or fault == "interrupt"


def test_an_output_whose_folder_moves_when_it_has_its_name_is_written(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").write_bytes(image())
    unlink = os.unlink

    def moving(path: str) -> None:
        if folder.exists():
            folder.rename(tmp_path / "elsewhere")
        unlink(path)

    monkeypatch.setattr(os, "unlink", moving)
    rewritten(tmp_path / "in", folder / "im")
    assert (tmp_path / "elsewhere" / "im").read_bytes() == whole(image())


def test_a_name_that_is_free_for_a_moment_is_not_taken(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one process looks at an output of the same run, another must not write there."""
    for number in range(3):
        (tmp_path / f"in{number}").write_bytes(image(number))
    ends: dict[int, str] = {}

    def write(number: int) -> None:
        try:
            rewritten(tmp_path / f"in{number}", folder / "im", replace=True, since=1)
            ends[number] = "written"
        except ImageError as error:
            ends[number] = error.reason

    write(0)
    rename = os.rename
    others: list[Thread] = []

    def renaming(old: str, new: str) -> None:
        rename(old, new)
        if not others:
            others.append(Thread(target=write, args=(2,)))
            others[0].start()
            others[0].join(0.3)

    monkeypatch.setattr(os, "rename", renaming)
    write(1)
    others[0].join()
    assert ends == {0: "written", 1: "exists", 2: "exists"}
    assert (folder / "im").read_bytes() == whole(image(0))


def failing_at(
    step: int,
    fault: Callable[[], BaseException],
    source: Path,
    target: Path,
    *,
    replace: bool,
) -> str:
    """Raises a fault instead of the call number ``step``; answers what came of it."""
    left = iter(range(1_000_000))
    close = os.close

    def breaking(call: Callable[..., Any]) -> Callable[..., Any]:
        def broken(*given: Any, **named: Any) -> Any:  # noqa: ANN401  as the call takes
            if next(left) == step:
                if call is close:
                    close(*given)
                raise fault()
            return call(*given, **named)

        return broken

    with pytest.MonkeyPatch.context() as patch:
        for name in filter(partial(hasattr, os), STEPS):
            patch.setattr(os, name, breaking(getattr(os, name)))
        try:
            rewritten(source, target, replace=replace)
        except ImageError as error:
            return f"{error.reason}: {error}"
        except (OSError, Meant) as error:
            return type(error).__name__
    return ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
@pytest.mark.parametrize("replace", [True, False])
@pytest.mark.parametrize("data", SMALL_AND_LARGE)
def test_a_kill_at_any_step_leaves_nothing_partial(
    data: bytes, replace: bool, tmp_path: Path, folder: Path
) -> None:
    source, target = tmp_path / "in", folder / "im"
    source.write_bytes(data)
    count = len(steps_taken(source, tmp_path / "first", replace=replace))
    expected = [b"before"] if replace else []
    ends = set()
    for step in range(count):
        if replace:
            target.write_bytes(b"before")
        pid = os.fork()
        if pid == 0:
            die_at(step, source, target, replace=replace)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -9
        found = target.read_bytes() if target.exists() else None
        assert found in [*expected, whole(data)] or (found is None and not replace), step
        ends.add(found == whole(data))
        sweep_parts(str(folder), pid)
        assert set(tree(folder)) <= {"im"}
        target.unlink(missing_ok=True)
    assert False in ends


def die_at(step: int, source: Path, target: Path, *, replace: bool) -> None:
    """Kills this process in the place of the call number ``step``, in the middle of writes."""
    import signal

    left = iter(range(1_000_000))
    write, writev = os.write, os.writev

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def dead(*given: Any, **named: Any) -> Any:  # noqa: ANN401  as the call takes
            if next(left) == step:
                if call is write:
                    write(given[0], bytes(given[1])[:9])
                if call is writev:
                    write(given[0], b"".join(given[1])[:9])
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*given, **named)

        return dead

    try:
        for name in STEPS:
            if call := getattr(os, name, None):
                setattr(os, name, dying(call))
        rewritten(source, target, replace=replace)
    finally:
        os._exit(0)


def test_a_limit_on_files_is_told_and_leaves_nothing(tmp_path: Path, folder: Path) -> None:
    """A full disk in small: the system writes a part and then refuses."""
    (tmp_path / "in").write_bytes(large_image())
    script = (
        "import resource, signal, sys\n"
        f"sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests')!r}]\n"
        "from pathlib import Path\n"
        "import test_files\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: test_files.rewritten(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "except test_files.ImageError as error: print(error.reason, error)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "in", folder / "im"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "unwritable the output cannot be written (file too large)\n"
    assert tree(folder) == {}


# The input


def test_an_input_that_changes_is_refused(tmp_path: Path, folder: Path) -> None:
    source = tmp_path / "in"
    pipeline = Pipeline(compiled({"dicomTagPath": "PN", "method": "remove"}))
    changes: tuple[Callable[[], object], ...] = (
        lambda: source.write_bytes(image(9)),
        lambda: os.truncate(source, 200),
        lambda: os.utime(source, ns=(1, 1)),
        lambda: source.write_bytes(image() + b"more"),
    )
    for change in changes:
        source.write_bytes(image())
        with Input(str(source)) as opened:
            output = pipeline.anonymize(opened.source, opened.size)
            change()
            os.utime(source)
            with pytest.raises(ImageError) as fault:
                write_whole(str(folder / "im"), output, opened, replace=True)
        assert fault.value.reason == "changed"
        assert tree(folder) == {}


def test_an_input_that_is_replaced_is_the_one_that_was_opened(tmp_path: Path, folder: Path) -> None:
    source = tmp_path / "in"
    source.write_bytes(large_image())
    pipeline = Pipeline(compiled({"dicomTagPath": "PN", "method": "remove"}, mark=False))
    with Input(str(source)) as opened:
        source.unlink()
        source.write_bytes(b"another")
        output = pipeline.anonymize(opened.source, opened.size)
        write_whole(str(folder / "im"), output, opened, replace=False)
    assert (folder / "im").read_bytes() == whole(large_image())


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").write_bytes(image())
    read = os.read
    monkeypatch.setattr(os, "read", lambda fd, size: read(fd, size) + b"x")
    with pytest.raises(ImageError, match="changes while it is read"):
        Input(str(tmp_path / "in"))


def test_reads_that_are_cut_short_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").write_bytes(image())
    read = os.read
    monkeypatch.setattr(os, "read", lambda fd, size: read(fd, min(size, 7)))
    with Input(str(tmp_path / "in")) as opened:
        assert opened.source == image()


def make_link(path: Path) -> None:
    path.symlink_to(__file__)


NO_INPUTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda path: None, "vanished"),
    "link": (make_link, "unreadable"),
    "fifo": (os.mkfifo, "special-file"),
    "folder": (lambda path: path.mkdir(), "special-file"),
}


@pytest.mark.parametrize("kind", NO_INPUTS)
def test_what_is_no_file_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    make, expected = NO_INPUTS[kind]
    make(tmp_path / "in")
    before = open_files()
    with pytest.raises(ImageError) as fault:
        Input(str(tmp_path / "in"))
    assert fault.value.reason == expected
    assert "in" not in str(fault.value).split()[0]
    assert open_files() == before


def test_every_file_is_closed_again(tmp_path: Path, folder: Path) -> None:
    before = open_files()
    for data in (image(), large_image()):
        (tmp_path / "in").write_bytes(data)
        rewritten(tmp_path / "in", folder / "im", replace=True)
        with pytest.raises(ImageError):
            rewritten(tmp_path / "in", folder / "im")
    assert open_files() == before


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0


# Leftovers and messages


def test_only_the_parts_of_one_process_are_swept(folder: Path) -> None:
    mine, other = ".anonymizer-41-7.part", ".anonymizer-411-7.part"
    for name in (mine, other, ".anonymizer-41-7.partly", "im"):
        (folder / name).touch()
    sweep_parts(str(folder), 41)
    assert set(tree(folder)) == {other, ".anonymizer-41-7.partly", "im"}
    sweep_parts(str(folder / "nowhere"), 41)


def test_a_reason_tells_no_path() -> None:
    assert reason(OSError(errno.ENOSPC, "text", "/secret/path")) == "no space left on device"
    assert reason(OSError("/secret/path")) == "OSError"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise")
def test_pixels_never_become_memory(tmp_path: Path) -> None:
    """200 MB of them, with holes, so that the disk hardly notices."""
    source = tmp_path / "in"
    head = image(more=element(0x7FE00010, "OW", b"", length=200_000_000))
    with source.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + 200_000_000)
    script = (
        "import sys\n"
        "from anonymizer.cli.plain import read_plain\n"
        "from anonymizer.cli.run import run\n"
        "print(run(read_plain(sys.argv[1:])))\n"
        "(peak,) = [line for line in open('/proc/self/status') if line.startswith('VmHWM')]\n"
        "print(peak.split()[1])  # ru_maxrss would begin with that of who runs the tests\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, "-i", source, "-o", tmp_path / "out", "-c", "basic", "-q"],
        capture_output=True,
        text=True,
        check=True,
    )
    code, peak = map(int, ended.stdout.split())
    assert code == 0
    assert 200_000_000 < (tmp_path / "out").stat().st_size < 200_100_000
    assert peak < 100_000
    (tmp_path / "out").unlink()
