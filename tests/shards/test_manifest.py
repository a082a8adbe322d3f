"""A folder is frozen whole and the same each time; what was cut short or changed is refused."""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from study import ROOT

from anonymizer.errors import ImageError, UsageError
from anonymizer.shards.manifest import Seal, read_manifest, write_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from study import Command

NAMES = ["b/2", "b/new\nline", 'b/quo"te\\', "a/x/caf\u00e9", "a/x/\udcff\udc80raw", "c", "~", " "]


def make(folder: Path, *paths: str) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(os.fsencode(path))
    return folder


def frozen(tmp_path: Path, *paths: str) -> Path:
    target = tmp_path / "m.jsonl.gz"
    write_manifest(str(target), str(make(tmp_path / "in", *paths)))
    return target


def lines_of(manifest: Path) -> list[Any]:
    return [json.loads(line) for line in gzip.decompress(manifest.read_bytes()).splitlines()]


def test_every_file_is_listed_once_with_its_size_and_time(tmp_path: Path) -> None:
    path = frozen(tmp_path, *NAMES)
    manifest = read_manifest(str(path))
    entries = list(manifest.entries())
    assert sorted(entry.path for entry in entries) == sorted(NAMES)
    for entry in entries:
        status = (tmp_path / "in" / entry.path).stat()
        assert (entry.size, entry.mtime_ns) == (status.st_size, status.st_mtime_ns)
        assert entry.why == ""
    assert manifest.files == len(NAMES)
    assert manifest.bytes == sum(entry.size for entry in entries)


def test_the_seal_is_that_of_its_paths_in_any_order(tmp_path: Path) -> None:
    manifest = read_manifest(str(frozen(tmp_path, *NAMES)))
    seal = Seal()
    for name in NAMES:
        seal.add(name)
    assert str(seal) == manifest.seal
    seal.add(NAMES[0])
    assert str(seal) != manifest.seal


def test_what_is_not_to_be_opened_is_listed_with_the_reason(tmp_path: Path) -> None:
    make(tmp_path / "in", "file")
    (tmp_path / "in/link").symlink_to("file")
    os.mkfifo(tmp_path / "in/pipe")
    manifest = read_manifest(str(frozen(tmp_path)))
    listed = {entry.path: entry.why for entry in manifest.entries()}
    assert listed == {"file": "", "link": "symlink", "pipe": "special-file"}


def test_an_empty_folder_has_a_manifest_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    manifest = read_manifest(str(frozen(tmp_path)))
    assert manifest.files == 0
    assert list(manifest.entries()) == []


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    first = frozen(tmp_path, *NAMES).read_bytes()
    other = tmp_path / "elsewhere" / "other name"
    other.parent.mkdir()
    write_manifest(str(other), str(tmp_path / "in"))
    assert other.read_bytes() == first
    assert first[4:8] == bytes(4), "a time in the header of gzip"
    assert not first[3], "a name in the header of gzip"


def test_it_is_for_its_owner_alone_and_names_no_folder_above(tmp_path: Path) -> None:
    path = frozen(tmp_path, "a/b")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(tmp_path).encode() not in gzip.decompress(path.read_bytes())


def test_one_that_is_there_stays(tmp_path: Path) -> None:
    path = frozen(tmp_path, "a")
    before = path.read_bytes()
    make(tmp_path / "in", "b")
    with pytest.raises(ImageError):
        write_manifest(str(path), str(tmp_path / "in"))
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2, "something unfinished is left"


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1", "C.UTF-8"])
def test_the_locale_changes_no_byte(locale: str, tmp_path: Path) -> None:
    path = frozen(tmp_path, *NAMES)
    code = (
        "import sys; from anonymizer.shards.manifest import *; write_manifest(*sys.argv[1:3]);"
        "print(ascii([os.fsencode(e.path) for e in read_manifest(sys.argv[1]).entries()]))"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": locale}
    env |= {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "again", tmp_path / "in"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (tmp_path / "again").read_bytes() == path.read_bytes()
    here = [os.fsencode(entry.path) for entry in read_manifest(str(path)).entries()]
    assert run.stdout.strip() == ascii(here)


@pytest.mark.parametrize("at", [0, 1, 9, 40, -1, -9])
def test_one_that_is_cut_short_is_refused(at: int, tmp_path: Path) -> None:
    path = frozen(tmp_path, *NAMES)
    path.write_bytes(path.read_bytes()[:at])
    with pytest.raises(UsageError, match="is no manifest"):
        read_manifest(str(path))


def rewritten(path: Path, change: dict[int, bytes | None]) -> None:
    """Lines changed, or left out, as an editor would: the gzip around them is right again."""
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    kept = {number % len(lines): line for number, line in change.items()}
    changed = [kept.get(number, line) or b"" for number, line in enumerate(lines)]
    path.write_bytes(gzip.compress(b"".join(changed)))


@pytest.mark.parametrize(
    "change",
    [
        {1: None},
        {-1: None},
        {0: None},
        {2: b'{"path": "another"}\n'},
        {-1: b"{}\n"},
        {-1: b"[" * 9_000 + b"\n"},
        {-1: b"[]\n"},
        {0: b'{"format": "anonymizer-manifest", "version": 2}\n'},
    ],
)
def test_one_with_a_line_changed_or_lost_is_refused(
    change: dict[int, bytes | None], tmp_path: Path
) -> None:
    path = frozen(tmp_path, *NAMES)
    rewritten(path, change)
    with pytest.raises(UsageError, match="is no manifest") as caught:
        read_manifest(str(path))
    assert "another" not in str(caught.value)


def forged(path: Path, *entries: object) -> Path:
    """A list that holds, but names what somebody wanted it to."""
    import hashlib

    lines = [b'{"format": "anonymizer-manifest", "version": 1}\n']
    lines += [json.dumps(entry).encode() + b"\n" for entry in entries]
    last = {
        "files": len(entries),
        "bytes": 0,
        "unlisted": 0,
        "seal": "",
        "sha256": hashlib.sha256(b"".join(lines)).hexdigest(),
    }
    path.write_bytes(gzip.compress(b"".join(lines) + json.dumps(last).encode() + b"\n"))
    return path


@pytest.mark.parametrize(
    "entry",
    [
        {"path": "../secret"},
        {"path": "a/../../secret"},
        {"path": "/etc/secret"},
        {"path": "a//secret"},
        {"path": "secret/."},
        {"path": "."},
        {"path": ""},
        {"path": "nul\0secret"},
        {"path": "\ud800secret"},
        {"path": 7},
        {"path": "secret", "size": "9"},
        {"path": "secret", "size": -1},
        {"path": "secret", "left": 1},
        {},
        ["secret"],
    ],
)
def test_no_entry_leads_out_of_the_folder(entry: object, tmp_path: Path) -> None:
    manifest = read_manifest(str(forged(tmp_path / "m", {"path": "fine"}, entry)))
    with pytest.raises(UsageError, match="line 3 names no file of the folder") as caught:
        list(manifest.entries())
    assert "secret" not in str(caught.value)


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "m"
    path.write_bytes(gzip.compress(bytes(200 << 20), 1))
    tracemalloc.start()
    try:
        with pytest.raises(UsageError, match="has no end"):
            read_manifest(str(path))
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def test_the_command_freezes_and_tells_how_much(tmp_path: Path, command: Command) -> None:
    make(tmp_path / "in", "a", "b/c")
    ended = command("manifest", "-I", tmp_path / "in", "-o", tmp_path / "m.jsonl.gz")
    assert ended.code == 0, ended.err
    assert "m.jsonl.gz, 2 files, 4 bytes\n" in ended.out
    assert len(lines_of(tmp_path / "m.jsonl.gz")) == 4
    one = command(
        "manifest", "-I", tmp_path / "in", "-o", tmp_path / "m.jsonl.gz", "--overwrite",
        "--no-recursive",
    )  # fmt: skip
    assert one.code == 0
    assert ", 1 file, 1 bytes\n" in one.out


def test_the_command_says_what_is_wrong(tmp_path: Path, command: Command) -> None:
    make(tmp_path / "in", "a")
    (tmp_path / "empty").mkdir()
    (tmp_path / "there").write_text("kept")
    for inputs, output, code, said in (
        ("in", "there", 2, "is there already"),
        ("in", "in/m", 2, "would lie in the input folder"),
        ("in", "empty", 2, "is a folder"),
        ("in", "nowhere/m", 2, "cannot be written"),
        ("in/a", "m", 2, "is not a folder"),
        ("none", "m", 2, "no such file or folder"),
        ("empty", "m", 3, ""),
    ):
        ended = command("manifest", "-I", tmp_path / inputs, "-o", tmp_path / output)
        assert ended.code == code, (inputs, output, ended)
        assert said in ended.err
    assert (tmp_path / "there").read_text() == "kept"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_cannot_be_listed_is_counted(tmp_path: Path, command: Command) -> None:
    make(tmp_path / "in", "a/b", "c")
    (tmp_path / "in/a").chmod(0)
    ended = command("manifest", "-I", tmp_path / "in", "-o", tmp_path / "m")
    (tmp_path / "in/a").chmod(0o700)
    assert ended.code == 1
    assert "1 folder could not be listed" in ended.err
    entries = list(read_manifest(str(tmp_path / "m")).entries())
    assert [(entry.path, entry.why) for entry in entries] == [("c", ""), ("a", "unreadable-folder")]
