"""A run over stores gives what one over folders gives, in any number of processes."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import pytest
from shelf import Images, Shelf
from study import NEW_UIDS, REMOVE_NAMES, compiled, image, settings, tree

from anonymizer.audit.log import AuditLog
from anonymizer.audit.spool import Spool
from anonymizer.errors import ImageError
from anonymizer.job import run_folder
from anonymizer.pipeline import Pipeline
from anonymizer.survey import images_in, survey
from anonymizer.worker import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from anonymizer.audit.spool import Record
    from anonymizer.report import Outcome, Report

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

RULES: tuple[dict[str, Any], ...] = (REMOVE_NAMES, NEW_UIDS)
WORKERS = [0, 2]


def images(number: int = 40) -> dict[str, bytes | None]:
    made: dict[str, bytes | None] = {f"p{n % 3}/im{n:03}": image(n) for n in range(number)}
    made["p1/cut"] = image(7)[:-3]
    made["notes"] = b"none"
    return made


def run(source: Images, target: Shelf, *, workers: int = 0, **given: Any) -> Report:  # noqa: ANN401
    chosen = Settings(inputs=source, outputs=target, **given)
    return run_folder(compiled(*RULES), chosen, workers=workers)


@pytest.mark.parametrize("workers", WORKERS)
def test_a_store_gives_what_a_folder_gives(workers: int, tmp_path: Path) -> None:
    source = images()
    for path, content in source.items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_bytes(content or b"")
    by_folder = run_folder(compiled(*RULES), settings(tmp_path / "in", tmp_path / "out"), workers=0)
    shelf = Shelf(tmp_path / "shelf")
    report = run(Images({**source, "odd": None}), shelf, workers=workers)
    assert shelf.outputs() == tree(tmp_path / "out")
    assert (report.written, report.bytes) == (by_folder.written, by_folder.bytes)
    assert report.refused == {"truncated": 1, "odd": 1}
    assert report.skipped == {"not-dicom": 1}
    assert [o.detail for o in report.refusals if o.reason == "odd"] == ["an odd one"]
    assert shelf.ended == "finished"


@pytest.mark.parametrize("workers", WORKERS)
def test_an_output_that_is_there_is_not_replaced(workers: int, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    assert run(Images({"a": image(1)}), shelf, workers=workers).written == 1
    assert run(Images({"a": image(2)}), shelf, workers=workers).refused == {"exists": 1}
    assert run(Images({"a": image(2)}), shelf, workers=workers, overwrite=True).written == 1


def test_outputs_are_named_by_uids_in_a_store_too(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    report = run(Images(images()), shelf, rename="uid", each=True)
    told = {outcome.output for outcome in report.files if outcome.output}
    assert told == shelf.outputs().keys()
    assert all(name.endswith(".dcm") and name.count("/") == 2 for name in told)


@pytest.mark.parametrize("workers", WORKERS)
def test_a_trial_writes_nothing(workers: int, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    report = run(Images(images()), shelf, workers=workers, dry_run=True)
    assert (report.written, shelf.outputs(), shelf.ended) == (40, {}, "abandoned")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_dies_costs_its_image_and_leaves_nothing_of_it(
    workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deadly(Shelf):
        def write(self, path: str, *given: Any, **more: Any) -> int:  # noqa: ANN401
            size = super().write(path, *given, **more)
            if path == "p0/im003":
                os.kill(os.getpid(), signal.SIGKILL)
            return size

    shelf = Deadly(tmp_path / "shelf")
    report = run(Images(images()), shelf, workers=workers)
    assert report.refused == {"truncated": 1, "worker-died": 1}
    assert (report.written, len(shelf.outputs())) == (39, 39)
    assert "p0/im003" not in shelf.outputs()


@pytest.mark.parametrize("one", ["source", "target"])
def test_what_one_process_must_do_is_done_by_one(one: str, tmp_path: Path) -> None:
    source = Images(images(), alone=one == "source")
    shelf = Shelf(tmp_path / "shelf", alone=one == "target")
    run(source, shelf, workers=2)
    assert source.begun_in == shelf.begun_in == os.getpid()
    assert source.expected == list(source.images)


def test_outputs_that_cannot_be_finished_are_refused(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    shelf.fails = "no space left"
    report = run(Images(images()), shelf, each=True)
    assert (report.written, report.bytes) == (0, 0)
    assert report.refused == {"truncated": 1, "unwritable": 40}
    assert {o.reason for o in report.files} == {"truncated", "unwritable", "not-dicom"}
    assert report.withdrawn == (40, "unwritable", "no space left")


def test_an_interrupted_run_abandons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Pipeline, source: bytes, stop: int) -> object:
        raise KeyboardInterrupt

    def broken(*_: object) -> object:
        raise SystemError

    shelf = Shelf(tmp_path / "shelf")
    monkeypatch.setattr(Pipeline, "anonymize", interrupted)
    assert run(Images(images()), shelf).interrupted
    assert shelf.ended == "abandoned"

    shelf.ended = ""
    monkeypatch.setattr("anonymizer.job._run_here", broken)
    with pytest.raises(SystemError):
        run(Images(images()), shelf)
    assert shelf.ended == "abandoned"


def test_the_audit_log_tells_what_was_lost(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "shelf")
    shelf.fails = "no space left"
    chosen = compiled(*RULES)
    with AuditLog(str(tmp_path / "log"), chosen, hides=False) as audit:
        given = Settings(inputs=Images({"a": image()}), outputs=shelf, spool=audit.spool)
        audit.finish(run_folder(chosen, given, workers=0))
    line, _ = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    record = json.loads(line)
    assert (record["status"], record["reason"]) == ("refused", "unwritable")
    assert "output" not in record


def test_an_audit_log_that_cannot_tell_what_was_lost_ends_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(tmp_path / "shelf")
    shelf.fails = "no space left"
    chosen = compiled(*RULES)
    with AuditLog(str(tmp_path / "log"), chosen, hides=False) as audit:
        given = Settings(inputs=Images({"a": image()}), outputs=shelf, spool=audit.spool)
        tell = Spool.tell

        def no_room(spool: Spool, outcome: Outcome, record: Record | None = None) -> None:
            if record is None:
                raise ImageError("unwritable", "the audit log cannot be written")
            tell(spool, outcome, record)

        monkeypatch.setattr(Spool, "tell", no_room)
        report = run_folder(chosen, given, workers=0)
    assert report.refused == {"unwritable": 1}
    told = "no space left; the audit log cannot be written"
    assert report.withdrawn == (1, "unwritable", told)
    assert [outcome.status for outcome in report.files] == ["refused"]


def test_outputs_are_validated_before_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ImageError("invalid-output", "no")

    monkeypatch.setattr("anonymizer.validation.refuse_beyond", refuse)
    shelf = Shelf(tmp_path / "shelf")
    report = run(Images({"a": image()}), shelf, validate_output=True)
    assert (report.refused, shelf.outputs()) == ({"invalid-output": 1}, {})


def test_a_survey_reads_a_store_in_its_order(tmp_path: Path) -> None:
    chosen = compiled({"dicomTagPath": "PatientID", "method": "pseudonym", "sequential": True})
    given = Settings(inputs=Images(images()), outputs=Shelf(tmp_path / "shelf"))
    assert list(images_in(given)) == list(images())
    assert survey(chosen, given, images_in(given)) == {"4711": "ANON_0001"}
