"""Tells every few seconds how far a shard is, in a small file that is replaced whole.

A file that has not been replaced for a while is of a run that was killed, or of one at a file that
takes long: nobody can know which.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from anonymizer.shards.place import write_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from anonymizer.report import Report
    from anonymizer.shards.shard import Shard

SECONDS = 5.0
SILENT_AFTER = 60.0

RUNNING, DONE, UNFINISHED = "running", "done", "unfinished"


class Counters:
    """Is called after each chunk of a shard; ``fault`` is why they could not be written."""

    __slots__ = ("_clock", "_path", "_shard", "_started", "_told", "fault")

    def __init__(
        self, path: str, shard: Shard, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._shard = shard
        self._clock = clock
        self._started = _now()
        self._told = clock() - SECONDS
        self.fault: OSError | None = None

    def update(self, report: Report) -> None:
        now = self._clock()
        if now - self._told >= SECONDS:
            self._told = now
            self.write(report, RUNNING)

    def write(self, report: Report, state: str, size: int | None = None) -> None:
        """``size`` is that of all outputs, where more is known than this run has written.

        Never stops a run: that nobody hears of it is no reason not to do it.
        """
        content = self._content(report, state)
        content |= {} if size is None else {"bytes": size}
        try:
            write_json(self._path, content)
        except OSError as error:
            self.fault = error

    def _content(self, report: Report, state: str) -> dict[str, object]:
        shard = self._shard
        return {
            "manifest": shard.manifest.digest,
            "shard": shard.number,
            "shards": shard.shards,
            "state": state,
            "files": shard.expected.files if shard.has_all else None,
            "accounted": shard.accounted.files,
            "written": report.written,
            "doneBefore": report.done_before,
            "refused": sum(report.refused.values()),
            "skipped": sum(report.skipped.values()),
            "bytes": report.bytes,
            "started": self._started,
            "updated": _now(),
        }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def seconds_since(time_told: object) -> float:
    """How long ago a time of a file of counters is; 0 of none, or of one to come."""
    try:
        told = datetime.fromisoformat(str(time_told))
    except ValueError:
        return 0.0
    return max((datetime.now(UTC) - told).total_seconds(), 0.0)
