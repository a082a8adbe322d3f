"""Runs over S3: as over folders, with what only a network does, against moto's server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from image import element
from object_store import ENVIRON, NOT_THERE, Answer, Request, Store, error, moto_server
from study import (
    KEY,
    NEW_UIDS,
    REMOVE_NAMES,
    SAMPLES,
    compiled,
    image,
    run_command,
    settings,
    tree,
)

from anonymizer.job import run_folder
from anonymizer.stores.objects import Bucket, ObjectInputs, ObjectOutputs
from anonymizer.stores.urls import folder_at
from anonymizer.worker import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from study import Command

    from anonymizer.report import Report

pytestmark = [
    pytest.mark.skipif(not moto_server(), reason=NOT_THERE),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]

RULES: tuple[dict[str, Any], ...] = (REMOVE_NAMES, NEW_UIDS)
MIB = 1 << 20


@pytest.fixture(scope="session")
def server() -> Iterator[Store]:
    store = Store(moto_server())
    yield store
    store.close()


@pytest.fixture
def store(server: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setattr("anonymizer.stores.objects.PART", 5 * MIB)  # S3 takes none below
    server.reset()
    return server


def bucket(prefix: str) -> Bucket:
    return Bucket(folder_at(f"s3://images/{prefix}", "-I"), "-I")


def run(prefix: str = "in", target: str = "out", *, workers: int = 0, **given: Any) -> Report:  # noqa: ANN401
    outputs = ObjectOutputs(
        bucket(target), overwrite=given.get("overwrite", False), by_uids="rename" in given
    )
    inputs = ObjectInputs(bucket(prefix), force=given.get("force", False))
    chosen = Settings(inputs=inputs, outputs=outputs, most_in_chunk=2, **given)
    return run_folder(compiled(*RULES), chosen, workers=workers)


def images(number: int = 3) -> dict[str, bytes]:
    return {f"p{n % 2}/im{n}": image(n) for n in range(number)}


def large(number: int = 0) -> bytes:
    return image(number, more=element("PixelData", "OW", bytes(range(256)) * (11 * MIB // 256)))


def told(report: Report) -> list[tuple[str, str, str]]:
    return [(outcome.path, outcome.reason, outcome.detail) for outcome in report.refusals]


def expected(files: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """What a run over the same files in a folder writes."""
    for path, content in files.items():
        (folder / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "in" / path).write_bytes(content)
    run_folder(compiled(*RULES), settings(folder / "in", folder / "out"), workers=0)
    return tree(folder / "out")


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_gives_what_one_over_folders_gives(
    workers: int, store: Store, tmp_path: Path
) -> None:
    files = {**images(9), "large.dcm": large(), "notes.txt": b"none", "cut": image(3)[:-3]}
    files["empty"] = b""
    store.put_tree("in", files)
    store.put("in/folder/", b"")
    report = run(workers=workers)
    assert store.tree("out") == expected(files, tmp_path)
    assert report.written == 10
    assert (report.skipped, report.refused) == ({"not-dicom": 2}, {"truncated": 1})
    assert store.uploads() == []


def test_nothing_but_the_type_of_its_content_goes_with_an_output(store: Store) -> None:
    told_of = {"x_amz_meta_patient": "KANARI", "Content_Disposition": "attachment; KANARI"}
    for path, content in {"small": image(), "large": large()}.items():
        store.put(f"in/{path}", content, **told_of, x_amz_tagging="name=KANARI")
    assert run().written == 2
    for path in ("small", "large"):
        headers = store.headers(f"out/{path}")
        assert headers["content-type"] == "application/dicom"
        assert not [name for name in headers if name.startswith("x-amz-meta")]
        assert {"content-disposition", "x-amz-tagging-count"}.isdisjoint(headers)
        assert "KANARI" not in str(headers)


def test_an_output_is_one_request_and_the_beginnings_of_images_are_read_ahead(
    store: Store,
) -> None:
    read_ahead = Event()

    def fault(request: Request) -> None:
        if request.key == "in/p0/im2":
            read_ahead.set()
        if (request.method, request.key) == ("PUT", "out/p0/im0"):
            assert read_ahead.wait(60), "the first is written when the second has been asked for"

    store.put_tree("in", images(6))
    store.fault = fault
    assert run(workers=1).written == 6
    first, *others = [r.key for r in store.asked if r.method == "PUT"]
    assert others == [first, *sorted(f"out/{path}" for path in images(6))[1:]]
    assert not any("Expect" in r.headers for r in store.asked)


def test_of_what_is_no_image_only_the_beginning_is_read(store: Store) -> None:
    store.put("in/video.mp4", bytes(5 * MIB))
    assert run().skipped == {"not-dicom": 1}
    (read,) = [r for r in store.asked if r.method == "GET" and r.key == "in/video.mp4"]
    assert read.headers["Range"] == "bytes=0-262143"


def test_an_output_that_is_there_is_not_replaced(store: Store) -> None:
    store.put_tree("in", {"small": image(1), "large": large(1)})
    assert run().written == 2
    before = store.tree("out")
    store.put_tree("in", {"small": image(2), "large": large(2)})
    report = run()
    assert report.refused == {"exists": 2}
    assert store.tree("out") == before
    assert run(overwrite=True).written == 2
    after = store.tree("out")
    assert all(after[path] != before[path] for path in before)
    assert store.uploads() == []


def test_an_output_that_appears_while_it_is_written_is_not_replaced(store: Store) -> None:
    def appears(request: Request) -> None:
        if request.method == "PUT" and request.key.startswith("out/"):
            store.put(request.key, b"another's")
        if request.method == "POST" and "uploadId" in request.query:
            store.put(request.key, b"another's")

    store.put_tree("in", {"small": image(1), "large": large(1)})
    store.fault = appears
    assert run().refused == {"exists": 2}
    assert set(store.tree("out").values()) == {b"another's"}
    assert store.uploads() == []


def test_a_store_that_does_not_heed_conditions_is_found_out(store: Store) -> None:
    """Such stores there are: s3rver writes over what is there without a word."""

    def deaf(request: Request) -> None:
        request.headers.pop("If-None-Match", None)

    store.put_tree("in", images(4))
    store.put("out/p1/im3", b"another's")
    store.fault = deaf
    report = run()
    assert (report.written, report.refused) == (3, {"exists": 1})
    assert store.get("out/p1/im3") == b"another's"


def test_who_may_only_write_does(store: Store) -> None:
    denied = error(403, "AccessDenied")
    store.put_tree("in", {"a": image(1), "b": large(1), "c": image(2)})
    for path in ("there", "there-large"):
        store.put(f"in/{path}", image(3) if path == "there" else large(3))
        store.put(f"out/{path}", b"another's")

    def fault(request: Request) -> Answer | None:
        reads = request.method in {"GET", "HEAD"} and not request.key.startswith("in/")
        return denied if reads and "prefix=in" not in request.query else None

    store.fault = fault
    report = run()
    assert (report.written, report.refused) == (3, {"exists": 2})
    assert store.get("out/there") == store.get("out/there-large") == b"another's"


def test_an_answer_that_is_lost_refuses_no_output(store: Store) -> None:
    """The library asks again, and finds there what it has just written."""
    lost: list[str] = []

    def fault(request: Request) -> str | None:
        if request.method == "PUT" and request.key == "out/p1/im1" and not lost:
            lost.append(request.key)
            return "lost"
        return None

    store.put_tree("in", images(3))
    store.fault = fault
    assert run().written == 3
    assert lost


def test_an_object_that_changes_between_ranges_is_refused(store: Store) -> None:
    def changes(request: Request) -> None:
        if request.headers.get("Range", "bytes=0-").split("=")[1].startswith("0-"):
            return
        if request.key == "in/a":
            store.put("in/a", large(2))

    store.put_tree("in", {"a": large(1), "b": large(1)})
    store.fault = changes
    report = run()
    assert told(report) == [("a", "changed", "the object changes while it is read")]
    assert report.written == 1


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        (error(404, "NoSuchKey"), "vanished", "the object is not there any more"),
        (error(403, "AccessDenied"), "unreadable", "no permission to read the object"),
        (error(403, "InvalidObjectState"), "unreadable", "no permission to read the object"),
        (error(418, "Tea Pot KANARI"), "io", "the object cannot be read (OSError)"),
        (error(418, "TeaPot"), "io", "the object cannot be read (TeaPot)"),
    ],
)
def test_an_object_that_cannot_be_read_is_refused_alone(
    answer: Answer, reason: str, detail: str, store: Store
) -> None:
    store.put_tree("in", images(2))
    store.fault = lambda r: answer if (r.method, r.key) == ("GET", "in/p0/im0") else None
    report = run()
    assert told(report) == [("p0/im0", reason, detail)]
    assert report.written == 1


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (error(403, "AccessDenied"), "no permission to write the object"),
        (error(404, "NoSuchBucket"), "the bucket or the upload is not there any more"),
        (error(507, "NoRoom"), "the object cannot be written (NoRoom)"),
    ],
)
def test_an_object_that_cannot_be_written_leaves_nothing(
    answer: Answer, detail: str, store: Store
) -> None:
    def fault(request: Request) -> Answer | None:
        begins = request.query == "uploads" or "partNumber=1" in request.query
        return answer if request.method in {"PUT", "POST"} and not begins else None

    store.put_tree("in", {"small": image(), "large": large()})
    store.fault = fault
    report = run()
    assert told(report) == [(path, "unwritable", detail) for path in ("large", "small")]
    assert store.tree("out") == {}
    assert store.uploads() == []


def test_what_a_store_cannot_do_for_a_moment_is_asked_again(store: Store) -> None:
    failed = []

    def fault(request: Request) -> Answer | None:
        if request.key and request.key not in failed:
            failed.append(request.key)
            return error(503, "SlowDown")
        return None

    store.put_tree("in", images(2))
    store.fault = fault
    assert run().written == 2
    assert len(failed) == 4


def test_a_store_that_may_not_be_listed_is_told(store: Store) -> None:
    store.put_tree("in", images(2))
    store.fault = lambda r: error(403, "AccessDenied") if "list-type" in r.query else None
    assert told(run()) == [
        (".", "unreadable-folder", "the store does not list what is there, or not all of it")
    ]


def test_a_listing_that_breaks_off_is_told_and_the_rest_is_done(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(request: Request) -> Answer | None:
        if "continuation-token" in request.query:
            return error(403, "AccessDenied")
        if "list-type" not in request.query:
            return None
        path = f"/images?{request.query}&max-keys=2".replace("max-keys=1&", "")
        return store.forward("GET", path, request.headers, b"")

    store.put_tree("in", images(4))
    store.fault = short
    report = run()
    assert report.refused == {"unreadable-folder": 1}
    assert report.written == 2


def test_pages_of_a_listing_are_followed(store: Store) -> None:
    def short(request: Request) -> Answer | None:
        if "list-type" not in request.query:
            return None
        return store.forward("GET", f"/images?{request.query}&max-keys=2", request.headers, b"")

    store.put_tree("in", images(5))
    store.fault = short
    assert [path for path, _, _ in ObjectInputs(bucket("in")).find()] == sorted(images(5))


def test_a_key_that_is_no_path_is_refused(store: Store) -> None:
    for key in ("in/../../outside", "in//double", "in/./here"):
        store.put(key.replace("/.", "/%2E").replace("//", "/%2F"), image())
    found = list(ObjectInputs(bucket("in")).find())
    assert {why for _, _, why in found} == {"unsafe-name"}
    assert len(found) == 3


def test_only_what_lies_in_the_prefix_itself_is_read(store: Store) -> None:
    store.put_tree("in", {"a": image(1), "below/b": image(2)})
    store.put_tree("in2", {"c": image(3)})
    inputs = ObjectInputs(bucket("in"), recursive=False)
    assert [path for path, _, _ in inputs.find()] == ["a"]


def test_outputs_are_named_by_uids(store: Store) -> None:
    store.put_tree("in", {"a": image(1), "same": image(1), "other": image(1, name="Roe^Jane")})
    report = run(rename="uid")
    assert (report.written, report.refused) == (1, {"exists": 2})
    (name,) = store.tree("out")
    assert name.count("/") == 2


def test_what_was_there_before_the_run_goes_where_names_come_from_uids(store: Store) -> None:
    store.put_tree("in", {"a": image(1)})
    assert run(rename="uid").written == 1
    (name,) = store.tree("out")
    store.put(f"out/{name}", b"another's")

    def begun(year: int) -> Report:
        """A run that began in some year by the clock of the store."""

        def fault(request: Request) -> Answer | None:
            if "list-type" not in request.query:
                return None
            answer = store.forward("GET", f"/images?{request.query}", request.headers, b"")
            answer.headers["Date"] = f"Fri, 01 Jan {year} 00:00:00 GMT"
            return answer

        store.fault = fault
        return run(rename="uid", overwrite=True)

    assert begun(2021).refused == {"exists": 1}
    assert store.get(f"out/{name}") == b"another's"
    assert begun(2100).written == 1
    assert store.get(f"out/{name}") != b"another's"


def test_a_worker_that_died_leaves_no_upload(store: Store) -> None:
    outputs = ObjectOutputs(bucket("out"))
    for key in ("out/a", "out/ab"):
        store.begin_upload(key)
    outputs.discard("a", os.getpid())
    assert store.uploads() == ["out/ab"]


def test_the_command_takes_urls(store: Store, tmp_path: Path) -> None:
    store.put_tree("in", tree(SAMPLES))
    given = ["-c", "example", "--quiet", "--workers", 2]
    local = run_command("-I", SAMPLES, "-O", tmp_path / "out", *given, ANONYMIZER_KEY=KEY)
    source, target = "s3://images/in/", "s3://images/out"
    extras = ["--report", tmp_path / "report", "--audit-log", tmp_path / "audit"]
    ended = run_command("-I", source, "-O", target, *given, *extras, ANONYMIZER_KEY=KEY)
    assert (local.returncode, ended.returncode) == (0, 0), ended.stderr
    outputs = tree(tmp_path / "out")
    assert store.tree("out") == outputs
    report = json.loads((tmp_path / "report").read_text("utf-8"))
    assert report["written"] == len(outputs)
    assert len((tmp_path / "audit").read_text("utf-8").splitlines()) == len(tree(SAMPLES)) + 1


IMAGE = "ST000002/MR000004/IM000001.dcm"


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("-I s3://images/in -O OUT", f"OUT/{IMAGE}"),
        ("-I IN -O s3://images/out", f"s3://images/out/{IMAGE}"),
        (f"-i s3://images/in/{IMAGE} -o s3://images/one/", "s3://images/one/IM000001.dcm"),
        (f"-i IN/{IMAGE} -o s3://images/two.dcm", "s3://images/two.dcm"),
        (f"-i s3://images/in/{IMAGE} -o OUT.dcm", "OUT.dcm"),
    ],
)
def test_urls_and_paths_go_together(
    typed: str, made: str, store: Store, tmp_path: Path, command: Command
) -> None:
    (tmp_path / "IN" / IMAGE).parent.mkdir(parents=True)
    (tmp_path / "IN" / IMAGE).write_bytes((SAMPLES / IMAGE).read_bytes())
    store.put(f"in/{IMAGE}", (SAMPLES / IMAGE).read_bytes())
    (tmp_path / "key").touch(0o600)
    (tmp_path / "key").write_text(KEY, "utf-8")
    given = ["-c", "example", "--key-file", "key", "--workers", 1]
    assert command("-i", f"IN/{IMAGE}", "-o", "local", *given).code == 0
    ended = command(*typed.split(), *given)
    assert ended.code == 0, ended.err
    if made.startswith("s3://images/"):
        content = store.get(made.removeprefix("s3://images/"))
    else:
        content = (tmp_path / made).read_bytes()
    assert content == (tmp_path / "local").read_bytes()


def test_urls_go_with_standard_input_and_output(store: Store, tmp_path: Path) -> None:
    def sent(source: str, target: str, content: bytes) -> bytes:
        command = [sys.executable, "-m", "anonymizer", "-i", source, "-o", target, "-c", "example"]
        environ = {**os.environ, "ANONYMIZER_KEY": KEY}
        ended = subprocess.run(command, input=content, capture_output=True, env=environ, check=True)
        return ended.stdout

    store.put("in/a", image())
    made = sent("-", "-", image())
    assert sent("s3://images/in/a", "-", b"") == made
    sent("-", "s3://images/out/a", image())
    assert store.get("out/a") == made


def test_an_interrupted_run_leaves_nothing_half_written(store: Store, tmp_path: Path) -> None:
    """The worker is killed in the middle of an upload, the parent aborts it."""

    def fault(request: Request) -> None:
        if "partNumber=2" in request.query:
            os.kill(int(next(iter(children))), signal.SIGKILL)

    children: set[str] = set()
    store.put_tree("in", {"a": large(1), "b": image(2)})
    original = Store.forward

    def watched(self: Store, method: str, path: str, headers: Any, body: bytes) -> Answer:  # noqa: ANN401
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
            children.update(c for c in file.read().split() if c != str(self._moto.pid))
        return original(self, method, path, headers, body)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "forward", watched)
        store.fault = fault
        report = run(workers=1)
    assert report.refused == {"worker-died": 1}
    assert store.tree("out").keys() == {"b"}
    assert store.uploads() == []


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "-I: the store cannot be asked (Endpoint"),
        ({"AWS_ACCESS_KEY_ID": ""}, "-I: no credentials for the store\n  hint: they come by"),
        ({}, "-I: no such bucket or folder in the store"),
    ],
)
def test_a_store_that_does_not_answer_is_told_before_anything_is_written(
    environ: dict[str, str],
    said: str,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert store.asked == []
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    source = "s3://nowhere/KANARI"
    ended = run_command("-I", source, "-O", tmp_path / "out", "-c", "example", ANONYMIZER_KEY=KEY)
    assert ended.returncode == 2
    assert ended.stderr.startswith(said)
    assert "KANARI" not in ended.stderr
    assert not (tmp_path / "out").exists()
