"""Runs over a store of fsspec, by its store in memory, and by stores of a test's own."""

from __future__ import annotations

import json
import os
import sys
import tarfile
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from image import element
from study import (
    KEY,
    NEW_UIDS,
    REMOVE_NAMES,
    Command,
    compiled,
    image,
    settings,
    tree,
    write_study,
)

from anonymizer import Anonymizer
from anonymizer.errors import ImageError, UsageError
from anonymizer.job import run_folder
from anonymizer.pipeline import Pipeline
from anonymizer.stores.urls import Place, folder_at
from anonymizer.worker import Settings

fsspec = pytest.importorskip("fsspec", reason="the extra s3 is not installed")

from anonymizer.stores.by_fsspec import ByFsspec  # noqa: E402
from anonymizer.stores.objects import Bucket, ObjectInputs, ObjectOutputs  # noqa: E402
from anonymizer.stores.remote import ANYTHING, NOTHING  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anonymizer.pipeline import Output
    from anonymizer.report import Report

RULES: tuple[dict[str, Any], ...] = (REMOVE_NAMES, NEW_UIDS)
MIB = 1 << 20


@pytest.fixture
def memory() -> Iterator[Any]:
    store = fsspec.filesystem("memory")
    store.store.clear()
    store.pseudo_dirs[:] = [""]
    yield store
    store.store.clear()
    store.pseudo_dirs[:] = [""]


def put(memory: Any, prefix: str, files: dict[str, bytes]) -> None:  # noqa: ANN401
    for path, content in files.items():
        memory.pipe_file(f"/box/{prefix}/{path}", content)


def got(memory: Any, prefix: str) -> dict[str, bytes]:  # noqa: ANN401
    top = f"/box/{prefix}/"
    return {path.removeprefix(top): memory.cat_file(path) for path in memory.find(top)}


def bucket(prefix: str) -> Bucket:
    return Bucket(folder_at(f"memory://box/{prefix}", "-I"), "-I")


def run(**given: Any) -> Report:  # noqa: ANN401
    inputs, outputs = ObjectInputs(bucket("in")), ObjectOutputs(bucket("out"))
    return run_folder(
        compiled(*RULES), Settings(inputs=inputs, outputs=outputs, **given), workers=2
    )


def large() -> bytes:
    return image(more=element("PixelData", "OW", bytes(range(256)) * (9 * MIB // 256)))


def test_a_run_gives_what_one_over_folders_gives(memory: Any, tmp_path: Path) -> None:  # noqa: ANN401
    files = {f"p{n % 2}/im{n}": image(n) for n in range(5)}
    files |= {"large": large(), "notes": b"none", "cut": image(3)[:-3]}
    put(memory, "in", files)
    for path, content in files.items():
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_bytes(content)
    local = run_folder(compiled(*RULES), settings(tmp_path / "in", tmp_path / "out"), workers=0)
    report = run()
    assert got(memory, "out") == tree(tmp_path / "out")
    assert (report.written, report.refused, report.skipped) == (
        local.written,
        local.refused,
        local.skipped,
    )


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("memory://box/in", "memory://box/out"),
        ("IN.zip", "memory://box/out"),
        ("memory://box/in", "OUT.tar"),
        ("IN", "memory://box/out"),
        ("memory://box/in", "OUT"),
    ],
)
def test_a_program_takes_urls_beside_folders_and_archives(
    source: str,
    target: str,
    memory: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {f"p{n % 2}/im{n}": image(n) for n in range(4)}
    put(memory, "in", files)
    with ZipFile("IN.zip", "w") as archive:
        for path, content in files.items():
            (tmp_path / "IN" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "IN" / path).write_bytes(content)
            archive.writestr(path, content)
    made = Anonymizer({"version": "1", "name": "test", "rules": [*RULES]}, key=KEY)
    assert made.anonymize_folder("IN", "local").written == 4
    assert made.anonymize_folder(source, target).written == 4
    if target.startswith("memory"):
        outputs = got(memory, "out")
    elif target.endswith(".tar"):
        with tarfile.open(target) as written:
            written.extractall("OUT", filter="data")
        outputs = tree(tmp_path / "OUT")
    else:
        outputs = tree(tmp_path / target)
    assert outputs == tree(tmp_path / "local")


def test_a_program_is_told_what_cannot_be(memory: Any) -> None:  # noqa: ANN401
    made = Anonymizer({"version": "1", "name": "test", "rules": [*RULES]}, key=KEY)
    for source, target, said in (
        ("memory://box/in", "memory://box/in/out", "lie in one another"),
        ("nowhere", "memory://box/out", "the input folder is none"),
        ("s3://KANARI:x@box", "out", "the input: a URL takes no user"),
    ):
        with pytest.raises(UsageError) as refused:
            made.anonymize_folder(source, target)
        assert said in str(refused.value)
        assert "KANARI" not in str(refused.value)


def test_an_output_that_is_there_is_not_replaced(memory: Any) -> None:  # noqa: ANN401
    put(memory, "in", {"a": image(1), "large": large()})
    assert run().written == 2
    before = got(memory, "out")
    put(memory, "in", {"a": image(2)})
    assert run().refused == {"exists": 2}
    assert got(memory, "out") == before
    assert run(overwrite=True).written == 2
    assert got(memory, "out") != before


def test_of_two_inputs_of_one_name_by_uids_one_is_refused_whoever_asks(
    memory: Any,  # noqa: ANN401
    command: Command,
    tmp_path: Path,
) -> None:
    put(memory, "in", {"a": image(1), "b": image(1, more=element("Rows", "US", 3))})
    put(memory, "out", {"another": b""})
    rules = {"version": "1", "name": "test", "rules": [*RULES], "parameters": {"key": KEY}}
    (tmp_path / "rules.json").write_text(json.dumps(rules), encoding="utf-8")
    places = ("memory://box/in", "memory://box/out")
    flags = ("-c", "rules.json", "--rename", "uid", "--overwrite")
    ended = command("-I", places[0], "-O", places[1], *flags)
    assert (ended.code, "written        1 file," in ended.out) == (1, True)
    first = got(memory, "out")
    made = Anonymizer(str(tmp_path / "rules.json"))
    result = made.anonymize_folder(*places, rename=True, overwrite=True)
    assert (result.written, result.refused) == (1, {"exists": 1})
    assert got(memory, "out") == first


def test_a_trial_writes_nothing(memory: Any) -> None:  # noqa: ANN401
    put(memory, "in", {"a": image(1), "b": image(2)})
    put(memory, "out", {"b": b"another's"})
    report = run(dry_run=True)
    assert (report.written, report.refused) == (1, {"exists": 1})
    assert got(memory, "out").keys() == {"b"}


def test_an_object_that_changes_while_it_is_read_is_refused(
    memory: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = ByFsspec.part

    def changes(self: ByFsspec, *given: Any) -> bytes:  # noqa: ANN401
        content = original(self, *given)
        put(memory, "in", {"a": large()})
        return content

    put(memory, "in", {"a": large()})
    monkeypatch.setattr(ByFsspec, "part", changes)
    assert run().refused == {"changed": 1}
    assert got(memory, "out") == {}


@pytest.mark.parametrize("size", [MIB, 9 * MIB])
def test_an_object_that_comes_without_its_end_is_refused(
    size: int,
    memory: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What comes ends with an element, so that nothing else would notice."""
    end = element("DataSetTrailingPadding", "OB", bytes(4))
    original = ByFsspec.part

    def without_end(self: ByFsspec, *given: Any) -> bytes:  # noqa: ANN401
        return original(self, *given).removesuffix(end)

    put(memory, "in", {"a": image(more=element("PixelData", "OW", bytes(size)) + end)})
    monkeypatch.setattr(ByFsspec, "part", without_end)
    assert run().refused == {"changed": 1}
    assert got(memory, "out") == {}


def test_an_object_that_becomes_another_before_it_is_read_is_refused(
    memory: Any,  # noqa: ANN401
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else it would be read as far as the one before went."""
    info = type(memory).info

    def changes(self: Any, path: str, **given: Any) -> Any:  # noqa: ANN401
        told = info(self, path, **given)
        put(memory, "in", {"a": image(more=element("Rows", "US", 3))})
        return told

    put(memory, "in", {"a": image()})
    monkeypatch.setattr(type(memory), "info", changes)
    assert run().refused == {"changed": 1}


@pytest.mark.parametrize("content", [image(), large()], ids=["small", "large"])
def test_a_file_that_changes_while_it_is_read_is_not_put_into_a_store(
    content: bytes,
    memory: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = Pipeline.anonymize

    def changes(self: Pipeline, *given: Any) -> Output:  # noqa: ANN401
        os.utime(tmp_path / "in" / "a", (1, 1))
        return original(self, *given)

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(content)
    put(memory, "out", {"another": b""})
    monkeypatch.setattr(Pipeline, "anonymize", changes)
    chosen = Settings(str(tmp_path / "in"), outputs=ObjectOutputs(bucket("out")))
    assert run_folder(compiled(*RULES), chosen, workers=0).refused == {"changed": 1}
    assert got(memory, "out").keys() == {"another"}


def test_names_that_are_none_in_a_store_are_refused(memory: Any, tmp_path: Path) -> None:  # noqa: ANN401
    source = write_study(tmp_path / "in", 1)
    (source / "im000").rename(f"{source}/im\udce9")
    put(memory, "out", {"a": b""})
    given = Settings(str(source), outputs=ObjectOutputs(bucket("out")))
    report = run_folder(compiled(*RULES), given, workers=0)
    assert report.refused == {"unwritable": 1}


class _File:
    """A file of a library, as fsspec has them."""

    def __init__(self) -> None:
        self.closed = False
        self.done: list[str] = []

    def write(self, part: bytes) -> int:
        self.done.append(f"write {len(part)}")
        return len(part)

    def close(self) -> None:
        self.done.append("close")

    def discard(self) -> None:
        assert self.closed, "else the end of its life would finish it"
        self.done.append("discard")


class _Fs:
    """What is asked of a library whose store no test can reach."""

    def __init__(self, *, there: bool = False) -> None:
        self.there = there
        self.file = _File()
        self.asked: list[tuple[Any, ...]] = []

    def exists(self, path: str) -> bool:
        return self.there

    def open(self, path: str, mode: str, **given: Any) -> _File:  # noqa: ANN401
        self.asked.append((path, mode, given))
        return self.file

    def pipe_file(self, path: str, content: bytes, **given: Any) -> None:  # noqa: ANN401
        self.asked.append((path, given))


@pytest.mark.parametrize(
    ("store", "kind"),
    [
        ("gs", {"content_type": "application/dicom"}),
        ("abfs", {"content_settings": {"content_type": "application/dicom"}}),
    ],
)
def test_what_other_libraries_are_asked(
    store: str, kind: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, dict[str, Any]]] = []
    fs = _Fs()

    def filesystem(name: str, **given: Any) -> _Fs:  # noqa: ANN401
        made.append((name, given))
        return fs

    monkeypatch.setattr(fsspec, "filesystem", filesystem)
    remote = ByFsspec(store, "box", "some" if store == "abfs" else "")
    ((name, given),) = made
    assert name == store
    assert given.get("account_name") == ("some" if store == "abfs" else None)
    remote.put("a", b"1", over=NOTHING)
    remote.put("a", b"1", over=ANYTHING)
    assert fs.asked == [
        ("box/a", {"mode": "create", **kind}),
        ("box/a", {"mode": "overwrite", **kind}),
    ]
    fs.asked.clear()
    remote.upload("b", [b"12", b"3"], over=NOTHING, ready=lambda: None)
    ((path, mode, asked),) = fs.asked
    assert (path, mode) == ("box/b", "xb")
    assert kind.items() <= asked.items()
    assert fs.file.done == ["write 2", "write 1", "close"]


def test_an_upload_that_fails_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    fs = _Fs()

    def fails() -> None:
        raise ImageError("invalid-output", "it is")

    monkeypatch.setattr(fsspec, "filesystem", lambda *_, **__: fs)
    remote = ByFsspec("gs", "box", "")
    with pytest.raises(ImageError, match="it is"):
        remote.upload("b", [b"12"], over=ANYTHING, ready=fails)
    assert fs.file.done == ["write 2", "discard"]
    fs.there = True
    with pytest.raises(ImageError, match="there already"):
        remote.upload("b", [b"12"], over=NOTHING, ready=fails)


@pytest.mark.parametrize(
    ("url", "library", "extra"),
    [("s3://b", "s3fs", "s3"), ("gs://b", "gcsfs", "gcs"), ("abfs://b", "adlfs", "azure")],
)
def test_what_is_not_installed_is_named(
    url: str, library: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError) as refused:
        Bucket(folder_at(url, "-I"), "-I")
    assert f"-I: {library} is not installed" in str(refused.value)
    assert f"pip install 'anonymizer[{extra}]'" in str(refused.value)


def test_a_library_that_raises_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ValueError("KANARI")

    monkeypatch.setattr(fsspec, "filesystem", fails)
    with pytest.raises(UsageError) as refused:
        Bucket(Place("gs", "box", "", ""), "-I")
    assert str(refused.value) == "-I: the store cannot be asked (ValueError)"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("-I s3://b/a -O s3://b/a/out", "lie in one another"),
        ("-I s3://b/a -O s3://b", "lie in one another"),
        ("-i s3://b/a -o s3://b/a", "the same object"),
        ("-i s3://b/c/a -o s3://b/c/", "the same object"),
        ("-i . -o s3://b/a", "is a folder"),
        ("-I nowhere -O s3://b/a", "no such file or folder"),
        ("-I s3://b/a -O out --resume", "--resume does not go with a URL"),
        ("-I s3://b/a -O out --verify", "--verify does not go with a URL"),
        ("-I s3://b/a -O out --backup copies", "--backup does not go with a URL"),
        (
            "-I s3://b/a -O out --quarantine q --quarantine-copy",
            "--quarantine-copy does not go with a URL",
        ),
        ("-I in -O s3://b/a --dicomdir rebuild", "--dicomdir rebuild does not go with a URL"),
        ("-i s3://b/a -o out --rename uid", "--rename is for folder runs"),
        ("score s3://b/KANARI", "URLs of object stores are for runs only"),
        ("verify s3://b/KANARI out", "URLs of object stores are for runs only"),
        ("diff s3://b/KANARI out", "URLs of object stores are for runs only"),
    ],
)
def test_what_does_not_go_with_a_url_is_said(
    arguments: str, said: str, command: Command, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    ended = command(*arguments.split())
    assert ended.code == 2
    assert said in ended.err
    assert "KANARI" not in ended.err
    assert not (tmp_path / "out").exists()
