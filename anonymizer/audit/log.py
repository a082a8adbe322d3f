"""Opens an audit log for one run, and appends a record a file when the run has ended.

Strategy
    While images are done, their records go to the spool, a file of its own beside the log.  When
    all are done the names that tell are known; then the records get what they have in common, the
    hash of the one before, and their place in the log.  The spool goes last.

Rules
    * Nothing that stands in a log is changed, but for a last line without end, which a crash has
      cut off: that is taken away, and told.
    * The spool that a killed run has left is appended by the next, all paths withheld, for what
      that run has removed is not known any more.  What it had appended already is not repeated.
    * One run at a time holds a log.
    * Every run is closed by a line of its own, one that was killed by the next; what is not whole
      is not continued.
"""

from __future__ import annotations

import os
import stat

from anonymizer._version import VERSION
from anonymizer.audit.chain import (
    CLOSED,
    FORMAT,
    INTERRUPTED,
    ZEROS,
    closes,
    closing_of,
    hash_of,
    line_of,
    link_of,
    prove,
    record_of,
)
from anonymizer.audit.spool import Spool, head_of, read_spool
from anonymizer.errors import UsageError
from anonymizer.files import reason
from anonymizer.report import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO, Self

    from anonymizer.report import Report
    from anonymizer.rules.compiled import Compiled

SPOOL_SUFFIX = ".part"
WITHHELD = "~withheld~"

_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
_BACK = 1 << 16
MOST_PROVED = 1 << 26
"""Bytes of a log that is proven before it is continued."""


class AuditLog:
    """``warnings`` are what was found when the log was opened; ``spool`` is for the workers."""

    __slots__ = ("_fd", "_last", "_path", "spool", "warnings")

    def __init__(self, path: str, compiled: Compiled, *, hides: bool) -> None:
        """Raises UsageError where the log cannot be continued."""
        self._path = os.path.realpath(path)
        self.warnings: list[str] = []
        common = {
            "tool": f"anonymizer {VERSION}",
            "configuration": compiled.told,
        }
        key = compiled.secrets.key("audit")
        if "audit" in compiled.secrets.drawn:
            self.warnings.append("no key: keyed hashes will be others in the next run")
        self._fd = _opened(self._path, printable(path))
        try:
            self._last, last_record = self._continued(printable(path))
            spool = f"{self._path}{SPOOL_SUFFIX}"
            self._append_left(spool, last_record)
            fd = os.open(spool, _OPEN | os.O_EXCL, 0o600)
        except OSError as error:
            os.close(self._fd)
            raise _cannot(printable(path), reason(error)) from None
        except BaseException:
            os.close(self._fd)
            raise
        self.spool = Spool(spool, fd, key, hides=hides)
        self.spool.begin({"run": os.urandom(8).hex(), "hides": hides, **FORMAT, **common})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.spool.close()
        os.close(self._fd)

    def finish(self, report: Report) -> None:
        """Appends the records of the run; raises OSError where they stay in the spool."""

        def shown(path: str, *, by_uids: bool) -> str:
            return printable(path) if by_uids else report.shown_path(path)

        self._append(self.spool.path, {}, shown, CLOSED)
        os.unlink(self.spool.path)
        report.audit_last = self._last

    def _continued(self, shown: str) -> tuple[str, dict[str, Any]]:
        """The hash that the next record carries, and the last record, of a log that is one."""
        before, last, torn = _tail(self._fd)
        follows = not last or link_of(last) == (hash_of(before) if before else ZEROS)
        if not (follows and _may_be_of_a_record(torn)):
            raise UsageError(
                f"{shown}: its last line does not follow the one before, or is no audit record",
                "anonymizer audit verify FILE tells more; take another file",
            )
        if torn:
            size = os.fstat(self._fd).st_size
            os.ftruncate(self._fd, size - len(torn))
            self.warnings.append(
                "its last line had no end, left by a crash; "
                f"{len(torn):,} bytes of it were taken away"
            )
        if not last:
            return ZEROS, {}
        self._check_whole(shown, killed=os.path.lexists(f"{self._path}{SPOOL_SUFFIX}"))
        return hash_of(last), record_of(last)

    def _check_whole(self, shown: str, *, killed: bool) -> None:
        """Raises UsageError where the chain does not hold; of a long log only its end is known."""
        if os.fstat(self._fd).st_size > MOST_PROVED:
            return
        with open(self._path, "rb") as log:
            proof = prove(log)
        if proof.fault and not (killed and proof.is_unclosed):
            raise UsageError(
                f"{shown}: line {proof.line}: {proof.fault}",
                "anonymizer audit verify FILE tells more; take another file",
            )

    def _append_left(self, spool: str, last_record: dict[str, Any]) -> None:
        """Appends what a killed run has left in its spool."""
        if not os.path.lexists(spool):
            return
        count = self._append(spool, last_record, _withhold, INTERRUPTED)
        os.unlink(spool)
        self.warnings.append(f"a killed run had left {count:,} records, which are appended")

    def _append(
        self, spool: str, last: dict[str, Any], shown: Callable[..., str], status: str
    ) -> int:
        """Appends the records of a spool, but for those up to the last record of the log; answers
        how many these were."""
        head = head_of(spool)
        run, hides = head.get("run"), head.pop("hides", False)
        shown = _as_it_is if hides else shown
        if last.get("run") == run and closes(last):
            return 0
        there = last.get("number", 0) if last.get("run") == run else 0
        number = 0
        for path, output, by_uids, told in _each_once(spool):
            number += 1
            if number <= there:
                continue
            record = {
                **head,
                "number": number,
                "time": told.pop("time"),
                "status": told.pop("status"),
                "input": {"path": shown(path, by_uids=False), "sha256": told.pop("inputSha256")},
            }
            if output:
                place = shown(output, by_uids=by_uids)
                record["output"] = {"path": place, "sha256": told.pop("outputSha256")}
            self._write(line_of({**record, **told}, self._last))
        if run and (number or status == CLOSED):
            self._write(line_of(closing_of(run, number, status), self._last))
        os.fsync(self._fd)
        return max(number - there, 0)

    def _write(self, line: bytes) -> None:
        size = os.fstat(self._fd).st_size
        done = os.write(self._fd, line)
        if done < len(line):
            os.ftruncate(self._fd, size)
            raise OSError(28, "no space left on device")
        self._last = hash_of(line)


def _as_it_is(path: str, *, by_uids: bool) -> str:
    return path


def _withhold(path: str, *, by_uids: bool) -> str:
    return path if by_uids else WITHHELD


def _each_once(spool: str) -> Iterator[tuple[str, str, bool, dict[str, Any]]]:
    """One record a file: the last, where something went wrong after the first."""
    with open(spool, "rb") as file:
        last = _last_of_those_told_again(file)
        file.seek(0)
        for number, (path, output, by_uids, _, told) in enumerate(read_spool(file)):
            if last.get(path, number) == number:
                yield path, output, by_uids, told


def _last_of_those_told_again(file: BinaryIO) -> dict[str, int]:
    """Which record counts of the files that may have two; all of them, where a worker died, for
    others do again what it had done and not yet told its parent."""
    last: dict[str, int] = {}
    died = False
    for number, (path, _, _, again, told) in enumerate(read_spool(file)):
        died = died or told.get("reason") == "worker-died"
        if again or path in last:
            last[path] = number
    if died:
        file.seek(0)
        last = {told[0]: number for number, told in enumerate(read_spool(file))}
    return last


def _opened(path: str, shown: str) -> int:
    """The log, locked; raises UsageError where it is not to be had."""
    try:
        fd = os.open(path, _OPEN, 0o600)
    except OSError as error:
        raise _cannot(shown, reason(error)) from None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise UsageError(f"{shown}: is not a regular file", "--audit-log takes the name of a file")
    if not _lock(fd):
        os.close(fd)
        raise UsageError(f"{shown}: another run writes to this audit log", "take another file")
    return fd


def _cannot(shown: str, why: str) -> UsageError:
    return UsageError(f"{shown}: the audit log cannot be written ({why})", "take another file")


def _lock(fd: int) -> bool:
    """Whether nobody else has the log open; on systems without locks nobody knows."""
    try:
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return True
    return True


def _may_be_of_a_record(torn: bytes) -> bool:
    """Whether a line without end is the beginning of a record: nothing else is taken away."""
    beginning = line_of({}, "").partition(b'""')[0]
    return torn.startswith(beginning) or beginning.startswith(torn)


def _tail(fd: int) -> tuple[bytes, bytes, bytes]:
    """The last two whole lines (``b""`` where there is none) and the bytes behind them."""
    size = os.fstat(fd).st_size
    at, tail = size, b""
    while at and tail.count(b"\n") < 3:
        start = max(at - _BACK, 0)
        tail = os.pread(fd, at - start, start) + tail
        at = start
    *lines, torn = tail.split(b"\n")
    before, last = [b"", b"", *lines][-2:]
    return before, last, torn
