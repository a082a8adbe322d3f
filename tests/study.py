"""Small studies on disk and compiled rules, for the tests of what goes on around the engine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from image import EXPLICIT_LE, SECONDARY_CAPTURE, element, part10

from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of
from anonymizer.worker import Settings

if TYPE_CHECKING:
    from anonymizer.rules.compiled import Compiled

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples" / "input"
KEY = "a key for tests, of 32 characters or more"

REMOVE_NAMES = {"dicomTagPath": "PN", "method": "remove"}
NEW_UIDS = {"dicomTagPath": "UI", "method": "refreshUID"}

OUR_PART = ".anonymizer-"


class Ended(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


class Command(Protocol):
    """The fixture that runs the command in this process."""

    def __call__(self, *arguments: object) -> Ended: ...


def image(
    number: int = 0, *, name: str = "Doe^Jane", more: bytes = b"", syntax: str = EXPLICIT_LE
) -> bytes:
    """A whole image; ``more`` are elements after the series UID."""
    uid = f"1.2.3.{number}"
    return part10(
        element("SOPClassUID", "UI", SECONDARY_CAPTURE)
        + element("SOPInstanceUID", "UI", uid)
        + element("StudyDate", "DA", "20200131")
        + element("PatientName", "PN", name)
        + element("PatientID", "LO", "4711")
        + element("StudyInstanceUID", "UI", "1.2.3")
        + element("SeriesInstanceUID", "UI", "1.2.3.0.1")
        + more,
        syntax,
        sop_instance=uid,
    )


def write(path: str, data: bytes) -> None:
    """A file, with the folders that it is in."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data)


def write_study(folder: Path, files: int = 3, first: int = 0) -> Path:
    """``files`` images ``im000``, ``im001`` ... in a new folder."""
    folder.mkdir(parents=True)
    for number in range(first, first + files):
        (folder / f"im{number:03}").write_bytes(image(number))
    return folder


def compiled(*rules: dict[str, Any], **keys: Any) -> Compiled:  # noqa: ANN401  any JSON
    """The rules with a fixed key; ``keys`` are others of the configuration."""
    content = {"version": "1", "name": "test", "parameters": {"key": KEY}, "rules": list(rules)}
    return compile_configuration(configuration_of({**content, **keys}), environ={})


def settings(source: Path, target: Path, **given: Any) -> Settings:  # noqa: ANN401  any setting
    return Settings(str(source), str(target), **given)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path; whatever its name is."""
    top = os.fsencode(folder)
    found = {}
    for inside, _, names in os.walk(top):
        for name in names:
            path = os.path.join(inside, name)
            with open(path, "rb") as file:
                found[os.fsdecode(os.path.relpath(path, top))] = file.read()
    return found


def images_in(folder: Path) -> dict[str, bytes]:
    """What has a final name below a folder."""
    return {path: data for path, data in tree(folder).items() if OUR_PART not in path}


def parts(folder: Path) -> list[str]:
    """What an interrupted write has left below a folder."""
    return [path for path in tree(folder) if OUR_PART in path]


def run_command(
    *arguments: object, cwd: Path | None = None, **environ: str
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; only ``environ`` can name a key."""
    return subprocess.run(
        [sys.executable, "-m", "anonymizer", *map(str, arguments)],
        cwd=cwd,
        env=_environment(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=60,
        check=False,
    )


def start_command(
    *arguments: object, cwd: Path | None = None, **environ: str
) -> subprocess.Popen[bytes]:
    """The command, to be killed, in a process group of its own.

    Coverage is left out: what it writes at the end would be killed half-written.
    """
    env = _environment(environ)
    return subprocess.Popen(
        [sys.executable, "-m", "anonymizer", *map(str, arguments)],
        cwd=cwd,
        env={name: value for name, value in env.items() if not name.startswith("COV")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _environment(given: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "ANONYMIZER_KEY"}
    return {**kept, **given}


def kill(run: subprocess.Popen[bytes]) -> int:
    """Kills all processes of a run and waits until none is left; answers how the first ended."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    code = run.wait()
    with contextlib.suppress(ProcessLookupError):
        while True:
            os.killpg(run.pid, 0)
            time.sleep(0.002)
    return code
