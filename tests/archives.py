"""Makes archives for tests, with whatever a member of one can carry."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FORMS = ("zip", "tar", "tar.gz", "tar.zst")
CANARY = "Mustermann"

Content = dict[str, bytes] | list[tuple[str, bytes]]


def pairs(content: Content) -> Iterable[tuple[str, bytes]]:
    return content.items() if isinstance(content, dict) else content


def write_archive(path: Path, content: Content) -> Path:
    """An archive that tells of ``CANARY`` wherever it can, but for names and contents."""
    if path.suffix == ".zip":
        return write_zip(path, content)
    whole = tar_of([(tar_member(name, data), data) for name, data in pairs(content)])
    return write_tar(path, whole)


def write_tar(path: Path, whole: bytes) -> Path:
    """These bytes of a .tar, compressed as the name says."""
    if path.name.endswith((".gz", ".tgz")):
        file = io.BytesIO()
        import gzip

        with gzip.GzipFile(f"{CANARY}.tar", "wb", fileobj=file, mtime=7) as stream:
            stream.write(whole)
        whole = file.getvalue()
    elif path.name.endswith("zst"):
        whole = zstandard.ZstdCompressor(write_checksum=True).compress(whole)
    path.write_bytes(whole)
    return path


def write_zip(path: Path, content: Content) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = CANARY.encode()
        for name, data in pairs(content):
            file.writestr(zip_member(name), data)
    return path


def zip_member(name: str, **given: Any) -> zipfile.ZipInfo:  # noqa: ANN401  any attribute
    member = zipfile.ZipInfo(name, (2001, 2, 3, 4, 5, 6))
    member.compress_type = zipfile.ZIP_DEFLATED
    member.comment = CANARY.encode()
    text = CANARY.encode()
    member.extra = b"\x75\x6e" + len(text).to_bytes(2, "little") + text
    member.external_attr = 0o100640 << 16
    for key, value in given.items():
        setattr(member, key, value)
    return member


def tar_member(name: str, data: bytes = b"", **given: Any) -> tarfile.TarInfo:  # noqa: ANN401
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mtime = 981173106
    member.uid, member.gid = 4711, 4711
    member.uname = member.gname = CANARY
    member.pax_headers = {"comment": CANARY, "SCHILY.xattr.user.who": CANARY}
    for key, value in given.items():
        setattr(member, key, value)
    return member


def tar_of(members: Iterable[tuple[tarfile.TarInfo, bytes]], *, end: bool = True) -> bytes:
    """The bytes of a .tar; without ``end``, without its mark."""
    whole = b""
    for member, data in members:
        head = member.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")
        whole += head + data + bytes(-len(data) % 512)
    return whole + bytes(1024) if end else whole


def read_archive(path: Path) -> dict[str, bytes]:
    """The members of an archive, as the standard library reads them."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as file:
            assert file.testzip() is None
            return {info.filename: file.read(info) for info in file.infolist()}
    whole = path.read_bytes()
    if path.name.endswith("zst"):
        whole = zstandard.ZstdDecompressor().decompressobj().decompress(whole)
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        found = {}
        for member in tar.getmembers():
            content = tar.extractfile(member)
            assert content is not None
            found[member.name] = content.read()
        return found
