"""Runs over archives give what runs over folders give, tell nothing else, and trust nothing."""

from __future__ import annotations

import gc
import io
import json
import os
import signal
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from archives import (
    CANARY,
    FORMS,
    read_archive,
    tar_member,
    tar_of,
    write_archive,
    write_tar,
    write_zip,
    zip_member,
)
from image import element
from study import KEY, image, run_command, tree

import anonymizer.stores.archive
import anonymizer.stores.forms
import anonymizer.stores.tar_inputs
from anonymizer.errors import ImageError, UsageError
from anonymizer.stores.members import Member
from anonymizer.stores.places import inputs_of, outputs_of
from anonymizer.stores.zip_writer import ZipWriter

if TYPE_CHECKING:
    from study import Command

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

TARS = FORMS[1:]
WORKERS = (1, 2)
PAIRS = list(product(FORMS, FORMS))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    rules = [
        {"dicomTagPath": "PN", "method": "remove"},
        {"dicomTagPath": "UI", "method": "refreshUID"},
        {"dicomTagPath": "PatientID", "method": "cryptoHash"},
    ]
    content = {"version": "1", "name": "t", "parameters": {"key": KEY}, "rules": rules}
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def study(files: int = 9) -> dict[str, bytes]:
    """Images of several folders, a name that is not ASCII, one too long for a plain header."""
    found = {f"p{n % 3}/im{n:03}": image(n, name=f"Doe^{n}") for n in range(files)}
    found["Bild/\u00e4.dcm"] = image(100)
    found[f"{'long/' * 40}im"] = image(101)
    found["p1/cut"] = image(102)[:-3]
    found["notes.txt"] = b"none"
    return found


def write_folder(folder: Path, content: dict[str, bytes]) -> Path:
    for name, data in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


# What comes out


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("workers", WORKERS)
def test_an_archive_gives_what_a_folder_gives(
    form: str, workers: int, tmp_path: Path, config: Path, command: Command
) -> None:
    content = study()
    folder = write_folder(tmp_path / "in", content)
    command("-I", folder, "-O", "by-folder", "-c", config, "-q")
    expected = tree(tmp_path / "by-folder")
    archive = write_archive(tmp_path / f"in.{form}", content)
    for source, target in ((archive, "to-folder"), (archive, f"out.{form}"), (folder, f"f.{form}")):
        ended = command("-I", source, "-O", target, "-c", config, "--workers", workers)
        assert ended.code == 1
        assert "written        11 files" in ended.out
        assert "skipped        1 file: not DICOM" in ended.out
        assert ended.err.startswith("refused: p1/cut: truncated: ")
        path = tmp_path / target
        assert (tree(path) if path.is_dir() else read_archive(path)) == expected
    assert tree(tmp_path / f"out.{form}".replace("out", "none")) == {}
    assert {p.name for p in tmp_path.iterdir() if p.name.startswith(".")} == set()


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_bytes_hang_on_images_and_key_only(
    source: str, target: str, tmp_path: Path, config: Path, command: Command
) -> None:
    archive = write_archive(tmp_path / f"a.{source}", study())
    other = write_archive(tmp_path / f"b.{source}", dict(reversed(study().items())))
    made = []
    for number, (given, workers) in enumerate(product((archive, other), WORKERS)):
        place = tmp_path / f"{number}" / f"{number}.{target}"
        command("-I", given, "-O", place, "-c", config, "-q", "--workers", workers)
        made.append(place.read_bytes())
        time.sleep(0.01)
    assert made == [made[0]] * 4
    os.utime(archive, (1, 1))


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_what_an_archive_tells_beside_its_images_goes_nowhere(
    source: str, target: str, tmp_path: Path, config: Path, command: Command
) -> None:
    archive = write_archive(tmp_path / f"in.{source}", study())
    raw = archive.read_bytes()
    assert CANARY.encode() in (raw if source in {"zip", "tar", "tar.gz"} else unpacked(archive))
    place = tmp_path / f"out.{target}"
    ended = command("-I", archive, "-O", place, "-c", config, "--report", "report", "--verbose")
    report = (tmp_path / "report").read_text(encoding="utf-8")
    told = place.read_bytes() + unpacked(place) + (ended.out + ended.err + report).encode()
    assert CANARY.encode() not in told
    if target == "zip":
        with zipfile.ZipFile(place) as file:
            for info in file.infolist():
                about = (info.date_time, info.comment, info.extra, info.create_system)
                assert about == ((1980, 1, 1, 0, 0, 0), b"", b"", 3)
                assert info.external_attr == 0o100644 << 16
    else:
        with tarfile.open(fileobj=io.BytesIO(unpacked(place))) as tar:
            for member in tar:
                whose = (member.mtime, member.uid, member.gid, member.uname, member.gname)
                assert whose == (0, 0, 0, "", "")
                assert (member.mode, set(member.pax_headers) - {"path"}) == (0o644, set())


def unpacked(path: Path) -> bytes:
    raw = path.read_bytes()
    if path.name.endswith("gz"):
        return zlib.decompress(raw, 31)
    if path.name.endswith("zst"):
        return zstandard.ZstdDecompressor().decompressobj().decompress(raw)
    return raw


@pytest.mark.parametrize("form", FORMS)
def test_names_by_uids_in_an_archive(
    form: str, tmp_path: Path, config: Path, command: Command
) -> None:
    same, other = image(1, name="Doe^A"), image(1, more=element("Rows", "US", 3))
    content = {"a": same, "b": same, "c": other, "d": image(2)}
    archive = write_archive(tmp_path / f"in.{form}", content)
    ended = command("-I", archive, "-O", f"out.{form}", "-c", config, "--rename", "uid")
    assert "refused: c: exists: another input has the same output" in ended.err
    assert "written        3 files" in ended.out
    names = read_archive(tmp_path / f"out.{form}")
    assert len(names) == 2
    assert all(name.count("/") == 2 and name.endswith(".dcm") for name in names)


def test_each_input_of_one_output_has_its_record(
    tmp_path: Path, config: Path, command: Command
) -> None:
    archive = write_archive(tmp_path / "in.zip", {"a": image(1), "b": image(1)})
    flags = ("--rename", "uid", "--audit-log", "log", "-q")
    assert command("-I", archive, "-O", "out.zip", "-c", config, *flags).code == 0
    *records, _ = map(json.loads, (tmp_path / "log").read_text(encoding="utf-8").splitlines())
    assert [(r["input"]["path"], r["status"]) for r in records] == [
        ("a", "written"),
        ("b", "written"),
    ]
    assert records[0]["output"] == records[1]["output"]


@pytest.mark.parametrize("why", ["invalid-output", "unwritable"])
def test_an_output_that_was_not_written_is_not_taken_for_there(
    why: str, tmp_path: Path, config: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ImageError("invalid-output", "no")

    def full(*_: object) -> int:
        raise OSError(28, "full")

    if why == "unwritable":
        monkeypatch.setattr(os, "pwrite", full)
    monkeypatch.setattr("anonymizer.validation.refuse_beyond", refuse)
    archive = write_archive(tmp_path / "in.zip", {"a": image(1), "b": image(1)})
    flags = ("--rename", "uid", "--validateOutput", "--report", "report")
    assert command("-I", archive, "-O", "out.zip", "-c", config, *flags).code == 1
    report = json.loads((tmp_path / "report").read_text(encoding="utf-8"))
    assert (report["written"], report["refused"]) == (0, {why: 2})
    assert not (tmp_path / "out.zip").exists()


@pytest.mark.parametrize("form", FORMS)
def test_audit_log_and_quarantine_go_with_archives(
    form: str, tmp_path: Path, config: Path, command: Command
) -> None:
    archive = write_archive(tmp_path / f"in.{form}", study())
    flags = ("--audit-log", "log", "--quarantine", "apart", "--validateOutput", "-q")
    assert command("-I", archive, "-O", f"out.{form}", "-c", config, *flags).code == 1
    lines = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    *records, _ = map(json.loads, lines)
    written = {r["output"]["path"]: r["output"]["sha256"] for r in records if "output" in r}
    import hashlib

    outputs = read_archive(tmp_path / f"out.{form}")
    assert written == {name: hashlib.sha256(data).hexdigest() for name, data in outputs.items()}
    assert {r["input"]["sha256"] for r in records} >= {
        hashlib.sha256(data).hexdigest() for data in study().values()
    }
    refused = json.loads((tmp_path / "apart" / "refused.json").read_text(encoding="utf-8"))
    assert [file["input"] for file in refused["files"]] == ["p1/cut"]
    assert command("audit", "verify", "log").code == 0


@pytest.mark.parametrize("form", FORMS)
def test_sequential_pseudonyms_are_given_in_the_order_of_an_archive(
    form: str, tmp_path: Path, command: Command
) -> None:
    rule = {"dicomTagPath": "PatientName", "method": "pseudonym", "sequential": True}
    config = tmp_path / "c.json"
    content = {"version": "1", "name": "t", "parameters": {"key": KEY}, "rules": [rule]}
    config.write_text(json.dumps(content), encoding="utf-8")
    images = {f"im{n}": image(n, name=f"Doe^{n}") for n in range(4)}
    archive = write_archive(tmp_path / f"in.{form}", images)
    ended = command("-I", archive, "-O", f"out.{form}", "-c", config, "--map", "map.csv", "-q")
    assert (ended.code, ended.err) == (0, "")
    rows = (tmp_path / "map.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert rows == [f"Doe^{n},ANON_000{n + 1}" for n in range(4)]


# What is not taken


UNSAFE = ["../x", "a/../../x", "/etc/x", "C:/x", "c:x", "a\\x", "..\\x", "x" * 5000, "..", "."]


@pytest.mark.parametrize("form", FORMS)
def test_a_name_that_leads_out_is_refused(
    form: str, tmp_path: Path, config: Path, command: Command
) -> None:
    content = [(name, image(n)) for n, name in enumerate(UNSAFE)] + [("./good", image(99))]
    archive = write_archive(tmp_path / f"in.{form}", content)
    for target in ("deep/er/out", "out.zip"):
        ended = command("-I", archive, "-O", target, "-c", config, "--report", "report")
        assert ended.code == 1
        assert f"refused        {len(UNSAFE)} files: unsafe-name" in ended.out
        assert "etc" not in ended.err
    assert [p.name for p in (tmp_path / "deep").rglob("*") if p.is_file()] == ["good"]
    assert read_archive(tmp_path / "out.zip").keys() == {"good"}
    report = json.loads((tmp_path / "report").read_text(encoding="utf-8"))
    told = {f["input"] for f in report["files"] if f["status"] == "refused"}
    assert told == {f"~member-{n + 1}~" for n in range(len(UNSAFE))}


@pytest.mark.parametrize("form", FORMS)
def test_of_members_of_one_name_the_first_is_taken(
    form: str, tmp_path: Path, config: Path, command: Command
) -> None:
    content = [("a", image(1)), ("./a", image(2)), ("b", image(3))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "_writecheck", lambda *_: None)
        archive = write_archive(tmp_path / f"in.{form}", content)
    first = write_archive(tmp_path / f"first.{form}", [content[0], content[2]])
    ended = command("-I", archive, "-O", "out.zip", "-c", config)
    assert (ended.code, "refused: a: duplicate: " in ended.err) == (1, True)
    assert command("-I", first, "-O", "first-out.zip", "-c", config).code == 0
    assert (tmp_path / "out.zip").read_bytes() == (tmp_path / "first-out.zip").read_bytes()


def test_kinds_of_members_of_a_zip(tmp_path: Path, config: Path, command: Command) -> None:
    kinds: dict[str, tuple[dict[str, Any], str]] = {
        "link": ({"external_attr": 0o120777 << 16}, "symlink"),
        "fifo": ({"external_attr": 0o010644 << 16}, "special-file"),
        "bzip2": ({"compress_type": zipfile.ZIP_BZIP2}, "unsupported"),
        "lzma": ({"compress_type": zipfile.ZIP_LZMA}, "unsupported"),
        "dos": ({"external_attr": 0x20, "create_system": 0}, ""),
    }
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.mkdir("folder")
        for number, (name, (about, _)) in enumerate(kinds.items()):
            file.writestr(zip_member(name, **about), image(number))
        file.writestr(zip_member("nobody"), image(8))
        file.writestr(zip_member("secret"), image(9))
    raw = path.read_bytes().replace(b"secret", b"hidden")
    raw = raw.replace(b"nobody", bytes(6))  # without a name, as nothing writes it
    at = raw.rindex(b"PK\1\2")
    raw = raw[: at + 8] + bytes([raw[at + 8] | 1]) + raw[at + 9 :]
    path.write_bytes(raw)
    expected = {name: why for name, (_, why) in kinds.items()} | {"hidden": "encrypted"}
    expected["~member-6~"] = "unsafe-name"
    assert reasons_of(command, path, config) == expected


def test_kinds_of_members_of_a_tar(tmp_path: Path, config: Path, command: Command) -> None:
    data = image(1)
    kinds = {
        "link": (tarfile.SYMTYPE, "symlink"),
        "hard": (tarfile.LNKTYPE, "unsupported"),
        "fifo": (tarfile.FIFOTYPE, "special-file"),
        "device": (tarfile.CHRTYPE, "special-file"),
        "holes": (tarfile.GNUTYPE_SPARSE, "unsupported"),
        "odd": (b"Z", "unsupported"),
        "old": (tarfile.AREGTYPE, ""),
        "contiguous": (tarfile.CONTTYPE, ""),
    }
    members = []
    for number, (name, (kind, _)) in enumerate(kinds.items()):
        has = kind in {b"Z", tarfile.AREGTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE}
        content = image(number) if has else b""
        member = tar_member(name, content, type=kind, linkname="old" if not has else "")
        member.pax_headers = {}
        members.append((member, content))
    members.append((tar_member("folder", type=tarfile.DIRTYPE), b""))
    members.append((tar_member("label", type=b"V"), b""))
    members.append((tar_member("last", data), data))
    expected = {name: why for name, (_, why) in kinds.items()} | {"last": ""}
    for form in TARS:
        path = write_tar(tmp_path / f"in.{form}", tar_of(members))
        assert reasons_of(command, path, config) == expected


def reasons_of(command: Command, path: Path, config: Path) -> dict[str, str]:
    """Why each member was not written, "" where it was."""
    flags = ("-O", f"{path}.zip", "-c", config, "-q", "--report", f"{path}.json", "--overwrite")
    command("-I", path, *flags)
    report = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
    return {file["input"]: file.get("reason", "") for file in report["files"]}


# Damage


@pytest.mark.parametrize("form", TARS)
@pytest.mark.parametrize("where", ["in the last", "before the end", "behind a member"])
def test_a_tar_that_is_cut_off_is_told(
    form: str, where: str, tmp_path: Path, config: Path, command: Command
) -> None:
    images = [(tar_member(f"im{n}", image(n)), image(n)) for n in range(5)]
    last = (tar_member("last", bytes(5000)), bytes(5000))
    whole = {
        "in the last": tar_of([*images, last], end=False)[:-1024],
        "before the end": tar_of([*images, last], end=False),
        "behind a member": tar_of(images, end=False),
    }[where]
    path = write_tar(tmp_path / f"in.{form}", whole)
    reasons = reasons_of(command, path, config)
    assert reasons.pop(".") == "bad-archive"
    assert {name: reasons[name] for name in reasons if name != "last"} == {
        f"im{n}": "" for n in range(5)
    }
    of_last = {"in the last": "bad-archive", "before the end": "not-dicom"}
    assert reasons.get("last") == of_last.get(where)
    assert len(read_archive(Path(f"{path}.zip"))) == 5


@pytest.mark.parametrize("form", TARS)
@pytest.mark.parametrize("junk", ["header", "behind"])
def test_a_tar_with_something_else_in_it_is_told(
    form: str, junk: str, tmp_path: Path, config: Path, command: Command
) -> None:
    one = tar_of([(tar_member("im0", image()), image())], end=junk == "behind")
    two = tar_of([(tar_member("im1", image(1)), image(1))])
    path = write_tar(tmp_path / f"in.{form}", one + (b"x" * 512 if junk == "header" else b"") + two)
    assert reasons_of(command, path, config) == {"im0": "", ".": "bad-archive"}


@pytest.mark.parametrize("form", ["tar.gz", "tar.zst"])
def test_a_stream_that_is_cut_off_or_damaged_is_told(
    form: str, tmp_path: Path, config: Path, command: Command
) -> None:
    data = [image(n, more=element("PixelData", "OW", os.urandom(30_000))) for n in range(40)]
    whole = tar_of([(tar_member(f"im{n:02}", d), d) for n, d in enumerate(data)])
    path = write_tar(tmp_path / f"in.{form}", whole)
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    reasons = reasons_of(command, path, config)
    assert reasons.pop(".") == "bad-archive"
    assert 5 < sum(not why for why in reasons.values()) < 25
    path.write_bytes(raw[:-2] + bytes([raw[-2] ^ 1]) + raw[-1:])  # a checksum
    assert reasons_of(command, path, config).get(".") == "bad-archive"


def test_a_damaged_member_of_a_zip_is_refused_alone(
    tmp_path: Path, config: Path, command: Command
) -> None:
    path = write_zip(tmp_path / "in.zip", {f"im{n}": image(n) for n in range(3)})
    with zipfile.ZipFile(path) as file:
        at = file.getinfo("im1").header_offset
    raw = bytearray(path.read_bytes())
    raw[at + 70] ^= 0xFF
    path.write_bytes(raw)
    assert reasons_of(command, path, config) == {"im0": "", "im1": "bad-archive", "im2": ""}


@pytest.mark.parametrize("field", ["crc", "size", "less"])
def test_a_zip_that_lies_about_a_member(
    field: str, tmp_path: Path, config: Path, command: Command
) -> None:
    path = write_zip(tmp_path / "in.zip", {"im0": image(), "im1": image(1)})
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"PK\1\2")
    if field == "crc":
        raw[at + 16] ^= 1
    else:
        (size,) = struct.unpack_from("<L", raw, at + 24)
        struct.pack_into("<L", raw, at + 24, size + (1 if field == "size" else -1))
    path.write_bytes(raw)
    assert reasons_of(command, path, config) == {"im0": "", "im1": "bad-archive"}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("content", [b"", b"no archive", bytes(100), image()])
def test_what_is_no_archive_is_told_before_anything(
    form: str, content: bytes, tmp_path: Path, config: Path, command: Command
) -> None:
    path = tmp_path / f"in.{form}"
    path.write_bytes(content)
    ended = command("-I", path, "-O", "out", "-c", config)
    assert (ended.code, ended.out) == (2, "")
    assert "is no ." in ended.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_without_images(
    form: str, tmp_path: Path, config: Path, command: Command
) -> None:
    for content in ({}, {"notes": b"none"}):
        path = write_archive(tmp_path / f"in.{form}", content)
        ended = command("-I", path, "-O", f"out.{form}", "-c", config)
        assert ended.code == 3
        assert not (tmp_path / f"out.{form}").exists()


# Bombs


def test_a_member_that_grows_without_end_is_refused(
    tmp_path: Path, config: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anonymizer.stores.archive, "FREE_OF_RATIO", 1 << 16)
    monkeypatch.setattr(anonymizer.stores.archive, "MOST_IN_MEMBER", 1 << 20)
    content = {"zeros": bytes(200_000), "large": os.urandom(2 << 20), "small": bytes(60_000)}
    content["im"] = image()
    path = write_zip(tmp_path / "in.zip", content)
    expected = {"zeros": "bomb", "large": "too-large", "small": "not-dicom", "im": ""}
    assert reasons_of(command, path, config) == expected
    for form in TARS:
        path = write_archive(tmp_path / f"in.{form}", content)
        expected["zeros"] = "not-dicom"
        assert reasons_of(command, path, config) == expected


@pytest.mark.parametrize("form", ["tar.gz", "tar.zst"])
@pytest.mark.parametrize("place", ["member", "header"])
def test_a_stream_that_grows_without_end_is_given_up(
    form: str,
    place: str,
    tmp_path: Path,
    config: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(anonymizer.stores.tar_inputs, "FREE_IN_STREAM", 1 << 20)
    zeros = bytes(20 << 20)
    kind = tarfile.REGTYPE if place == "member" else tarfile.XHDTYPE
    members = [
        (tar_member("im", image()), image()),
        (tar_member("zeros", zeros, type=kind, pax_headers={}), zeros),
        (tar_member("behind", image()), image()),
    ]
    path = write_tar(tmp_path / f"in.{form}", tar_of(members))
    reasons = reasons_of(command, path, config)
    assert (reasons.pop("im"), reasons.pop(".")) == ("", "bomb")
    assert reasons == ({"zeros": "bomb"} if place == "member" else {})


def tar_header(kind: bytes, size: int) -> bytes:
    """A header of a size that the library does not write."""
    raw = bytearray(tar_member("odd", type=kind, pax_headers={}).tobuf(tarfile.GNU_FORMAT))
    raw[124:136] = tarfile.itn(size, 12, tarfile.GNU_FORMAT)  # type: ignore[attr-defined]
    raw[148:156] = b"        "
    raw[148:156] = b"%06o\0 " % sum(raw)
    return bytes(raw)


MOST_READS = 1000
ODD_SIZES = {
    "back to itself": tar_header(b"V", -512),
    "back to the first": tar_header(tarfile.REGTYPE, -512 * 8),
    "as told before": tar_member("odd", pax_headers={"size": "-512"}).tobuf(tarfile.PAX_FORMAT),
    "a name without end": tar_header(tarfile.GNUTYPE_LONGNAME, 1 << 40),
    "all that is left": tar_header(tarfile.XHDTYPE, -512),
}


@pytest.mark.parametrize("form", TARS)
@pytest.mark.parametrize("odd", ODD_SIZES)
def test_a_member_of_an_impossible_size_is_damage(
    odd: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most: list[int] = []
    read = anonymizer.stores.archive.Archive.read

    def counted(self: anonymizer.stores.archive.Archive, size: int = -1) -> bytes:
        most.append(size)
        if len(most) > MOST_READS:
            raise RuntimeError
        return read(self, size)

    monkeypatch.setattr(anonymizer.stores.archive.Archive, "read", counted)
    first = tar_of([(tar_member("im", image()), image())], end=False)
    path = write_tar(tmp_path / f"in.{form}", first + ODD_SIZES[odd] + bytes(4096))
    assert [(name, why) for name, _, why in inputs_of(str(path)).find()] == [
        ("im", ""),
        (".", "bad-archive"),
    ]
    assert min(most) >= 0
    assert max(most) < 1 << 20
    assert len(most) < MOST_READS, "it goes round and round"


def test_members_of_a_zip_that_share_bytes_are_refused(
    tmp_path: Path, config: Path, command: Command
) -> None:
    path = write_zip(tmp_path / "in.zip", {"im0": image(), "im1": image(1), "im2": image(2)})
    raw = bytearray(path.read_bytes())
    second = raw.index(b"PK\1\2", raw.index(b"PK\1\2") + 4)
    struct.pack_into("<L", raw, second + 42, 0)  # begins where the first does
    path.write_bytes(raw)
    reasons = reasons_of(command, path, config)
    assert sorted(reasons.values()) == ["", "bad-archive", "bad-archive"]


@pytest.mark.parametrize("form", FORMS)
def test_too_many_members_are_not_begun_with(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (anonymizer.stores.archive, anonymizer.stores.tar_inputs):
        monkeypatch.setattr(module, "MOST_MEMBERS", 3)
    path = write_archive(tmp_path / f"in.{form}", {f"im{n}": image(n) for n in range(5)})
    if form in {"zip", "tar"}:
        with pytest.raises(UsageError, match="more than 3 members"):
            inputs_of(str(path))
    else:
        assert [why for _, _, why in inputs_of(str(path)).find()][-1] == "bomb"


def test_a_zip_of_more_than_anybody_sends_is_not_begun_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anonymizer.stores.archive, "MOST_IN_ALL", 1 << 20)
    path = write_zip(tmp_path / "in.zip", {f"{n}": bytes(1 << 18) for n in range(20)})
    with pytest.raises(UsageError, match="200 times its size"):
        inputs_of(str(path))


# Odd but sound


def test_names_in_any_character_set_are_kept_or_made_plain(
    tmp_path: Path, config: Path, command: Command
) -> None:
    path = write_zip(tmp_path / "in.zip", {"aeae.dcm": image(), "bcbc.dcm": image(1)})
    raw = path.read_bytes()
    raw = raw.replace(b"aeae.dcm", "\u00e4\u00e4.dcm".encode())
    path.write_bytes(raw.replace(b"bcbc", b"\x84\x84\x84\x84"))
    command("-I", path, "-O", "out.tar", "-c", config)
    names = {"\u00e4\u00e4.dcm", "\u00e4\u00e4\u00e4\u00e4.dcm"}
    assert read_archive(tmp_path / "out.tar").keys() == names


@pytest.mark.parametrize("form", FORMS)
def test_bytes_of_a_name_that_are_no_text_are_kept(
    form: str, tmp_path: Path, config: Path, command: Command
) -> None:
    folder = os.fsencode(tmp_path / "in")
    os.mkdir(folder)
    with open(folder + b"/\xff\xfe.dcm", "wb") as file:
        file.write(image())
    assert command("-I", tmp_path / "in", "-O", f"out.{form}", "-c", config, "-q").code == 0
    assert b"\xff\xfe.dcm" in unpacked(tmp_path / f"out.{form}")
    assert command("-I", f"out.{form}", "-O", "back", "-c", config, "-q").code == 0
    back = os.listdir(os.fsencode(tmp_path / "back"))
    name = b"\xff\xfe.dcm"
    assert back == [name.decode("cp437").encode() if form == "zip" else name]


def test_a_zip_with_sizes_behind_the_data_is_read(
    tmp_path: Path, config: Path, command: Command
) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:  # noqa: ANN401  any bytes
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(3):
            with file.open(f"im{number}", "w", force_zip64=number == 1) as member:
                member.write(image(number))
    path = tmp_path / "in.zip"
    path.write_bytes(b"#!/bin/sh\n" + pipe.data)  # as archives that unpack themselves begin
    assert reasons_of(command, path, config) == {"im0": "", "im1": "", "im2": ""}


def test_a_zip_of_more_than_16_bits_count_and_32_bits_measure() -> None:
    file = io.BytesIO()
    writer = ZipWriter(file.write)
    checksum = zlib.crc32(b"x")
    for number in range(70_000):
        writer.begin(f"{number}", Member("", 0, 1, 1, checksum, False))
        file.write(b"x")
    writer.finish()
    with zipfile.ZipFile(file) as read:
        assert len(read.infolist()) == 70_000
        assert read.read("69999") == b"x"


def test_a_zip_of_members_larger_than_4_gib(tmp_path: Path) -> None:
    size = (4 << 30) + 5
    path = tmp_path / "large.zip"
    with open(path, "wb") as file:
        writer = ZipWriter(file.write)
        writer.begin("large", Member("", 0, size, size, 7, False))
        file.seek(size, os.SEEK_CUR)
        writer.begin("small", Member("", 0, 1, 1, zlib.crc32(b"x"), False))
        file.write(b"x")
        writer.finish()
    with zipfile.ZipFile(path) as read:
        sizes = [(info.file_size, info.compress_size) for info in read.infolist()]
        assert sizes == [(size, size), (1, 1)]
        assert read.read("small") == b"x"
    told = list(inputs_of(str(path)).find())
    assert told == [("large", size, "too-large"), ("small", 1, "")]


# The end of a run


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_that_is_there_is_replaced_only_when_asked(
    form: str, tmp_path: Path, config: Path, command: Command
) -> None:
    write_archive(tmp_path / "in.zip", study())
    there = tmp_path / f"out.{form}"
    there.write_bytes(b"mine")
    ended = command("-I", "in.zip", "-O", there, "-c", config)
    assert (ended.code, there.read_bytes()) == (2, b"mine")
    assert "is there already" in ended.err
    assert command("-I", "in.zip", "-O", there, "-c", config, "--overwrite").code == 1
    assert len(read_archive(there)) == 11


def test_an_archive_that_comes_while_the_run_goes_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.zip"
    outputs = outputs_of(str(path), overwrite=False, by_uids=False)
    outputs.prepare()
    outputs._members.begin()  # type: ignore[attr-defined]
    outputs._members.append("a", [b"x"], lambda: (1, 0, False))  # type: ignore[attr-defined]
    path.write_bytes(b"mine")
    with pytest.raises(ImageError, match="there already"):
        outputs.finish()
    assert tree(tmp_path) == {"out.zip": b"mine"}


WAITING = """
import os, time
from anonymizer.__main__ import main
from anonymizer.stores.members import Members

append = Members.append

def waiting(self, path, *given):
    append(self, path, *given)
    if path == "im7":
        open("now", "w").close()
        while not os.path.exists("go"):
            time.sleep(0.01)

Members.append = waiting
main()
"""
"""A run that waits in the middle until it may go on."""


def wait_for_end(group: int) -> None:
    """Until the last process of a group is not only dead, but buried by whoever inherits it."""
    for _ in range(6000):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_no_archive(
    number: signal.Signals, tmp_path: Path, config: Path
) -> None:
    write_archive(tmp_path / "in.tar", {f"im{n}": image(n) for n in range(300)})
    flags = ["-I", "in.tar", "-O", "out.zip", "-c", str(config), "--workers", "2"]
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, *flags, "--report", "report"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as process:
        while not (tmp_path / "now").exists():
            time.sleep(0.01)
            assert process.poll() is None
        if number == signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
            time.sleep(0.1)
        (tmp_path / "go").touch()
        out, err = process.communicate(timeout=60)
    assert not (tmp_path / "out.zip").exists()
    if number != signal.SIGKILL:
        assert process.returncode == 1
        assert "that could have been written: unfinished: " in err
        assert "written        0 files" in out
        report = json.loads((tmp_path / "report").read_text(encoding="utf-8"))
        assert (report["written"], report["refused"]["unfinished"] > 0) == (0, True)
        assert list(tmp_path.glob(".anonymizer-*")) == []
    wait_for_end(process.pid)
    assert run_command(*flags, "-q", cwd=tmp_path).returncode == 0
    assert len(read_archive(tmp_path / "out.zip")) == 300
    assert list(tmp_path.glob(".anonymizer-*")) == []


def test_a_worker_that_dies_costs_its_image(
    tmp_path: Path, config: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anonymizer.stores.members import Members

    append = Members.append

    def deadly(self: Members, path: str, *given: Any) -> None:  # noqa: ANN401
        append(self, path, *given)
        if path == "p0/im003":
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(Members, "append", deadly)
    write_archive(tmp_path / "in.zip", study(60))
    ended = command("-I", "in.zip", "-O", "out.zip", "-c", config, "--workers", 2)
    assert "refused: p0/im003: worker-died" in ended.err
    names = read_archive(tmp_path / "out.zip")
    assert "p0/im003" not in names
    assert len(names) == 61


def test_a_full_disk_costs_the_archive_and_leaves_nothing(
    tmp_path: Path, config: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: ZipWriter) -> None:
        raise OSError(28, CANARY)

    monkeypatch.setattr(ZipWriter, "finish", full)
    write_archive(tmp_path / "in.zip", study())
    ended = command("-I", "in.zip", "-O", "out.zip", "-c", config, "--audit-log", "log")
    assert ended.code == 1
    assert "refused: 11 files that could have been written: unwritable: " in ended.err
    assert "no space left on device" in ended.err
    assert not (tmp_path / "out.zip").exists()
    assert list(tmp_path.glob(".anonymizer-*")) == []
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert '"status":"written"' not in log.replace(" ", "")
    assert CANARY not in ended.err + log


@pytest.mark.parametrize("workers", WORKERS)
def test_a_member_that_cannot_be_written_is_refused_and_the_rest_is_whole(
    workers: int, tmp_path: Path, config: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite

    def full(fd: int, data: Any, at: int) -> int:  # noqa: ANN401  any bytes
        if b"1.2.3.4\0" in bytes(data):  # of one image, whichever process has it
            pwrite(fd, data[:5], at)
            raise OSError(28, "full")
        return pwrite(fd, data, at)

    monkeypatch.setattr(os, "pwrite", full)
    rules = {"version": "1", "name": "t", "parameters": {"key": KEY}, "rules": []}
    config.write_text(json.dumps({**rules, "rules": [{"dicomTagPath": "PN", "method": "remove"}]}))
    write_archive(tmp_path / "in.zip", study())
    ended = command("-I", "in.zip", "-O", "out.tar", "-c", config, "--workers", workers)
    assert "unwritable: the output cannot be written (no space left on device)" in ended.err
    made = read_archive(tmp_path / "out.tar") if (tmp_path / "out.tar").exists() else {}
    assert all(data[128:132] == b"DICM" for data in made.values())


def test_an_archive_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "in.zip", {"im": image()})
    inputs = inputs_of(str(path))
    with inputs.open("im") as opened:
        opened.check_unchanged()
        os.utime(path, (1, 1))
        with pytest.raises(ImageError, match="changes while it is read"):
            opened.check_unchanged()


# What is typed


TOGETHER = {
    "-I in.zip -O out --resume": "--resume does not go with",
    "-I in -O out.zip --resume": "--resume does not go with",
    "-I in.zip -O out --backup b": "--backup does not go with",
    "-I in.zip -O out --quarantine q --quarantine-copy": "--quarantine-copy does not go with",
    "-I in.zip -O out --no-recursive": "--no-recursive does not go with",
    "-I in -O out.zip --dicomdir rebuild": "--dicomdir rebuild does not go with",
    "-I in.tar.gz -O out --dry-run --verbose": "--dry-run --verbose does not go with",
    "-I in.zip -O out --verify": "--verify does not go with",
    "-I in -O out.zip --verify": "--verify does not go with",
    "-i in/im -o out.zip": "is the name of an archive",
    "-I in.zip -O in.zip --overwrite": "the input and the output are the same",
    "-I in.zip -O .": "the archive lies in the output folder",
    "-I in -O in/out.zip": "the archive lies in the input folder",
    "-I none.zip -O out": "no such file or folder",
    "-I in.zip -O rules.gz": "is no kind of archive that is known",
    "-I in -O out.7z": "is no kind of archive that is known",
    "-I in.zip -O OUT.RAR": "is no kind of archive that is known",
    "-I in -O out.tar.xz": "is no kind of archive that is known",
    "-I in -O rules.json.zip -c rules.json.zip": "the run needs this file",
    "-I in.zip -O out --report in.zip": "would take the place of a file that the run needs",
    "-I in -O out.zip --audit-log out.zip": "would take the place of a file that the run needs",
}


@pytest.mark.parametrize("line", TOGETHER)
def test_what_does_not_go_with_archives_is_said_before_anything(
    line: str, tmp_path: Path, config: Path, command: Command
) -> None:
    write_folder(tmp_path / "in", {"im": image()})
    (tmp_path / "rules.json.zip").write_bytes(config.read_bytes())
    for form in ("zip", "tar.gz"):
        write_archive(tmp_path / f"in.{form}", {"im": image()})
    before = tree(tmp_path)
    flags = [] if " -c " in line else ["-c", config]
    more = ["--overwrite"] if "rules.json.zip" in line else []
    ended = command(*line.split(), *flags, *more)
    assert (ended.code, ended.out) == (2, "")
    assert TOGETHER[line] in ended.err
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "line",
    [
        "score in.zip",
        "verify in.zip out",
        "verify in out.tar.gz",
        "diff in.zip out.tar.gz",
        "explain in.zip -c example",
        "reveal in.zip -o out.dcm -c example",
    ],
)
def test_what_reads_no_archive_says_so_and_passes_no_verdict(
    line: str, tmp_path: Path, command: Command
) -> None:
    for folder in ("in", "out"):
        write_folder(tmp_path / folder, {"im": image()})
    write_archive(tmp_path / "in.zip", {"im": image()})
    write_archive(tmp_path / "out.tar.gz", {"im": image()})
    ended = command(*line.split())
    assert (ended.code, ended.out) == (2, "")
    assert "archives are for runs only" in ended.err
    assert "unpack it" in ended.err


def test_an_archive_given_as_a_file_is_taken_for_what_it_is(
    tmp_path: Path, config: Path, command: Command
) -> None:
    write_archive(tmp_path / "in.zip", study()).rename(tmp_path / "IN.ZIP")
    assert command("-i", "IN.ZIP", "-o", "new/out.TGZ", "-c", config, "-q").code == 1
    assert command("-I", "IN.ZIP", "-O", "out.tgz", "-c", config, "-q").code == 1
    assert (tmp_path / "out.tgz").read_bytes() == (tmp_path / "new" / "out.TGZ").read_bytes()


def test_folders_may_be_named_like_archives(tmp_path: Path, config: Path, command: Command) -> None:
    write_folder(tmp_path / "in.zip", {"im": image()})
    (tmp_path / "out.tar").mkdir()
    assert command("-I", "in.zip", "-O", "out.tar", "-c", config, "-q").code == 0
    assert list(tree(tmp_path / "out.tar")) == ["im"]


def test_a_trial_makes_no_archive(tmp_path: Path, config: Path, command: Command) -> None:
    write_archive(tmp_path / "in.zip", study())
    before = tree(tmp_path)
    ended = command("-I", "in.zip", "-O", "new/o.zip", "-c", config, "--dry-run", "--verbose")
    assert "would write    11 files" in ended.out
    assert "PatientName" in ended.out
    assert tree(tmp_path) == before


def test_a_name_of_an_archive_that_tells_is_told(
    tmp_path: Path, config: Path, command: Command
) -> None:
    write_archive(tmp_path / "in.zip", {"im": image(name="Featherstone^Ann")})
    ended = command("-I", "in.zip", "-O", "Featherstone.zip", "-c", config)
    assert ended.err == "warning: the name of the output holds a removed value\n"


def test_without_the_library_it_is_named(
    tmp_path: Path, config: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_archive(tmp_path / "in.zip", {"im": image()})
    write_archive(tmp_path / "in.tar.zst", {"im": image()})
    monkeypatch.setitem(sys.modules, "zstandard", None)
    for line in ("-I in.zip -O out.tar.zst", "-I in.tar.zst -O out"):
        ended = command(*line.split(), "-c", config)
        assert ended.code == 2
        assert "pip install 'anonymizer[zstd]'" in ended.err


def test_what_is_no_file_is_no_archive(tmp_path: Path, config: Path, command: Command) -> None:
    os.mkfifo(tmp_path / "in.zip")
    for name in ("in.zip", "/dev/null.tar"):
        ended = command("-I", name, "-O", "out", "-c", config)
        assert ended.code == 2
    assert not (tmp_path / "out").exists()


def test_a_worker_that_dies_in_a_trial_costs_its_image(
    tmp_path: Path, config: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anonymizer.worker import Worker

    tried = Worker._tried

    def deadly(self: Worker, target: str, *given: Any) -> int:  # noqa: ANN401
        if target == "p0/im003":
            os.kill(os.getpid(), signal.SIGKILL)
        return tried(self, target, *given)

    monkeypatch.setattr(Worker, "_tried", deadly)
    write_archive(tmp_path / "in.zip", study())
    ended = command("-I", "in.zip", "-O", "out.zip", "-c", config, "--dry-run", "--workers", 2)
    assert "refused: p0/im003: worker-died" in ended.err
    assert "would write    10 files" in ended.out


@pytest.mark.parametrize("form", FORMS)
def test_archives_and_object_stores_go_together(
    form: str, tmp_path: Path, config: Path, command: Command
) -> None:
    write_archive(tmp_path / f"in.{form}", study())
    command("-I", f"in.{form}", "-O", f"out.{form}", "-c", config, "-q")
    fsspec = pytest.importorskip("fsspec")
    bucket = fsspec.filesystem("memory")
    bucket.makedirs(f"/archives-{form}", exist_ok=True)
    place = f"memory://archives-{form}/all"
    assert command("-I", f"in.{form}", "-O", place, "-c", config, "-q").code == 1
    keep = tmp_path / "keep.json"
    rules = [{"dicomTagPath": "PN", "method": "remove"}]
    rules_of = {"version": "1", "name": "k", "rules": rules, "mark": False}
    keep.write_text(json.dumps(rules_of), encoding="utf-8")
    assert command("-I", place, "-O", f"back.{form}", "-c", keep, "-q").code == 0
    back = read_archive(tmp_path / f"back.{form}")
    assert back.keys() == read_archive(tmp_path / f"out.{form}").keys()
    ended = command("-I", place, "-O", f"back.{form}", "-c", keep)
    assert (ended.code, "is there already" in ended.err) == (2, True)
    bucket.rm(f"/archives-{form}", recursive=True)


def test_a_plain_run_loads_none_of_it(tmp_path: Path, config: Path) -> None:
    write_folder(tmp_path / "in", {"im": image()})
    flags = ["-I", "in", "-O", "out", "-c", str(config), "--workers", "2", "-q"]
    call = [sys.executable, "-X", "importtime", "-m", "anonymizer", *flags]
    ended = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "anonymizer.worker" in ended.stderr
    for name in ("anonymizer.stores", "anonymizer.cli.places", "tarfile", "fsspec"):
        assert name not in ended.stderr


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files in /proc")
@pytest.mark.parametrize("form", FORMS)
def test_a_program_that_is_done_with_an_archive_has_it_open_no_more(
    form: str, tmp_path: Path, config: Path
) -> None:
    from anonymizer import Anonymizer

    archive = write_archive(tmp_path / f"in.{form}", study())
    made = Anonymizer(str(config))
    made.anonymize_folder(archive, tmp_path / "first")
    before = os.listdir("/proc/self/fd")
    made.anonymize_folder(archive, tmp_path / "second")
    made.anonymize_folder(archive, tmp_path / f"out.{form}")
    assert os.listdir("/proc/self/fd") == before


def test_what_is_no_archive_is_closed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    close = os.close

    def counted(fd: int) -> None:
        closed.append(fd)
        close(fd)

    os.mkfifo(tmp_path / "in.zip")
    monkeypatch.setattr(os, "close", counted)
    with pytest.raises(UsageError, match="not a regular file"):
        inputs_of(str(tmp_path / "in.zip"))
    gc.collect()
    assert len(closed) == 1


def test_archives_from_python(tmp_path: Path, config: Path, command: Command) -> None:
    from anonymizer import Anonymizer

    write_archive(tmp_path / "in.tar", study())
    command("-I", "in.tar", "-O", "out.zip", "-c", config, "-q")
    result = Anonymizer(str(config)).anonymize_folder(
        tmp_path / "in.tar", tmp_path / "new" / "out.zip", audit_log=tmp_path / "log"
    )
    assert result.written == 11
    made = (tmp_path / "new" / "out.zip").read_bytes()
    assert made == (tmp_path / "out.zip").read_bytes()
    with pytest.raises(UsageError, match="is there already"):
        Anonymizer(str(config)).anonymize_folder(tmp_path / "in.tar", tmp_path / "out.zip")
