"""Sets refused inputs apart: a list of them with reasons, and copies where they are asked for.

Rules
    * The folder is for its owner alone, and so is all that is in it.
    * The list has no value, and no name that holds one.  Copies are the images as they are, and
      outputs that did not stand a verification are held here, too, both under the names of the
      inputs: they identify people.
    * Nothing goes into a folder that holds anything else.
"""

from __future__ import annotations

import os
import stat

from anonymizer.errors import UsageError
from anonymizer.files import reason, write_private
from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from anonymizer.report import Outcome, Report

LIST, COPIES, HELD = "refused.json", "files", "held"
AT_ONCE = 1 << 20


class Quarantine:
    """``failed`` is how many inputs could not be copied; ``holds`` says whether outputs may come
    here."""

    __slots__ = ("_copies", "_folder", "_holds", "failed")

    def __init__(self, folder: str, *, copies: bool, holds: bool = False) -> None:
        """Makes the folder; raises UsageError where it cannot be, or is somebody else's."""
        self._folder = folder
        self._copies = copies
        self._holds = holds
        self.failed = 0
        shown = printable(folder)
        try:
            try:
                os.mkdir(folder, 0o700)
            except FileExistsError:
                _check_ours(folder, shown)
        except OSError as error:
            raise UsageError(f"{shown}: the quarantine cannot be made ({reason(error)})") from None

    def hold(self, output: str, path: str) -> None:
        """Moves an output here, or leaves it where it is if it cannot be moved."""
        try:
            target = self._place(HELD, path)
            if os.path.lexists(target):  # of a run before
                os.unlink(target)
            os.chmod(output, 0o600)
            try:
                os.rename(output, target)
            except OSError:  # another file system
                with open(output, "rb", opener=_open_regular) as source:
                    write_private(target, iter(lambda: source.read(AT_ONCE), b""))
                os.unlink(output)
        except OSError:
            return  # that it is not here is seen when the list is made

    def take(self, report: Report, input_folder: str) -> None:
        """Lists what was refused; raises OSError where the list cannot be written."""
        from anonymizer.rows import as_json

        refused = report.refusals if report.every_refusal is None else report.every_refusal
        lines = (self._line(report, outcome, input_folder) for outcome in refused)
        text = as_json({"refused": dict(sorted(report.refused.items()))}, "files", lines)
        write_private(f"{self._folder}/{LIST}", (part.encode() for part in text))

    def _line(self, report: Report, outcome: Outcome, input_folder: str) -> dict[str, object]:
        line: dict[str, object] = {
            "input": report.told_path(outcome),
            "reason": outcome.reason,
            "detail": outcome.detail,
        }
        if self._copies:
            line["copied"] = self._copied(outcome, input_folder)
        if self._holds and outcome.reason == "verify-failed":
            line["held"] = self._is_held(outcome.path)
        return line

    def _copied(self, outcome: Outcome, input_folder: str) -> bool:
        try:
            with open(f"{input_folder}/{outcome.path}", "rb", opener=_open_regular) as source:
                target = self._place(COPIES, outcome.path)
                write_private(target, iter(lambda: source.read(AT_ONCE), b""))
        except OSError:
            self.failed += 1
            return False
        return True

    def _is_held(self, path: str) -> bool:
        return os.path.lexists(f"{self._folder}/{HELD}/{path}")

    def _place(self, kind: str, path: str) -> str:
        """Where a file of this path goes, its folders made."""
        *folders, name = f"{kind}/{path}".split("/")
        target = self._folder
        for folder in folders:
            target = f"{target}/{folder}"
            _make_folder(target)
        return f"{target}/{name}"


def _check_ours(folder: str, shown: str) -> None:
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        raise UsageError(f"{shown}: is not a folder", "--quarantine takes a new folder")
    names = set(os.listdir(folder))
    if names and not (LIST in names and names <= {LIST, COPIES, HELD}):
        raise UsageError(
            f"{shown}: holds something else", "--quarantine takes a new or an empty folder"
        )
    if os.name == "posix" and status.st_mode & 0o077:
        raise UsageError(f"{shown}: others can look into it", f"chmod 700 {shown}")


def _open_regular(path: str, flags: int) -> int:
    wait_not = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    fd = os.open(path, flags | wait_not)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise OSError
    return fd


def _make_folder(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
