"""Runs a call for so much processor time at most: a regular expression may take for ever.

The interpreter looks for signals while it matches; so a timer can end that.  It needs the main
thread of a process, as every run and every worker has, and a system with such timers.
"""

from __future__ import annotations

from anonymizer.errors import ValueFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 2.0


def limited(call: Callable[[], list[str]]) -> list[str]:
    """What the call gives; raises ValueFault where it takes longer."""
    import signal
    import threading

    timed = hasattr(signal, "setitimer")
    if not timed or threading.current_thread() is not threading.main_thread():
        return call()
    before = signal.signal(signal.SIGVTALRM, _end)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        return call()
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _end(number: int, frame: object) -> None:
    raise ValueFault("the regular expression takes too long for the value")
