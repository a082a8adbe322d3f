"""No regular expression holds a run up for ever."""

from __future__ import annotations

import signal
import threading
import time

import pytest
from image import element, part10

from anonymizer.config import time_limit
from anonymizer.config.compile import compile_configuration
from anonymizer.config.load import configuration_of
from anonymizer.config.time_limit import limited
from anonymizer.errors import ImageError, ValueFault
from anonymizer.pipeline import Pipeline

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs interval timers")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limit, "SECONDS", 0.05)


def test_a_catastrophic_expression_is_ended_and_the_value_is_not_kept() -> None:
    file = part10(element("StudyDescription", "LO", "a" * 40 + "!"))
    rule = {"dicomTagPath": "StudyDescription", "method": "regexReplace", "find": "(a+)+b"}
    content = {"rules": [rule], "mark": False}
    started = time.process_time()
    output = Pipeline(compile_configuration(configuration_of(content), environ={})).anonymize(
        file, len(file)
    )
    assert time.process_time() - started < 5
    assert b"aaaa" not in bytes(output)
    ((_, _, why),) = output.tally.fault_counts()
    assert why == "the regular expression takes too long for the value"
    content = {"rules": [{**rule, "onError": "refuse"}]}
    with pytest.raises(ImageError, match="takes too long"):
        Pipeline(compile_configuration(configuration_of(content), environ={})).anonymize(
            file, len(file)
        )


def endless() -> list[str]:
    while True:
        pass


def test_what_was_set_before_is_set_again() -> None:
    before = signal.getsignal(signal.SIGVTALRM)
    assert limited(lambda: ["a"]) == ["a"]
    with pytest.raises(ValueFault):
        limited(endless)
    assert signal.getsignal(signal.SIGVTALRM) == before
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_where_no_signal_is_heard_there_is_no_limit() -> None:
    given: list[list[str]] = []
    thread = threading.Thread(target=lambda: given.append(limited(lambda: ["a"])))
    thread.start()
    thread.join()
    assert given == [["a"]]
