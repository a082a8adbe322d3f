"""Measures runs over S3 beside runs over folders: whole processes, files and MB a second.

usage: python -m benchmarks.object_store FOLDER [--most 400] [--latency 40] [--workers 1 8 16 32]
       python -m benchmarks.object_store FOLDER --bucket s3://bucket/scratch      a store of yours

Without ``--bucket`` the store is moto's server on this machine (``moto_server`` in the PATH, or
MOTO_SERVER), behind a proxy that lets every request wait.  moto works in one process and takes 3
to 5 ms a request, client included; that, and not the tool, is what many workers then wait for.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import files_and_bytes, in_memory, run
from benchmarks.peers import FLAT, KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOPBACK = "127.0.0.1"
AT_ONCE = 1 << 16


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.object_store")
    parser.add_argument("folder", type=Path, help="images, e.g. those of benchmarks.corpus")
    parser.add_argument("--most", type=int, default=400, help="so many images are taken")
    parser.add_argument("--latency", type=float, default=40, help="milliseconds a request")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 8, 16, 32])
    parser.add_argument("--bucket", default="", help="a place in a store, for scratch")
    given = parser.parse_args()
    os.environ["ANONYMIZER_KEY"] = KEY
    with tempfile.TemporaryDirectory(dir=in_memory()) as scratch:
        place = Path(scratch)
        images = sorted(path for path in given.folder.rglob("*") if path.is_file())
        for number, image in enumerate(islice(images, given.most)):
            shutil.copyfile(image, _made(place / "in") / f"{number:06}.dcm")
        if given.bucket:
            _compare(place, given.bucket.rstrip("/"), given.workers)
            return
        os.environ.update(AWS_ACCESS_KEY_ID="any", AWS_SECRET_ACCESS_KEY="any")
        os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
        for url in _server(given.latency):
            os.environ["AWS_ENDPOINT_URL"] = url
            _compare(place, "s3://scratch", given.workers)


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _compare(place: Path, bucket: str, workers: list[int]) -> None:
    import fsspec

    store = fsspec.filesystem(bucket.partition(":")[0])
    top = bucket.partition("://")[2]
    if "/" not in top:
        store.makedirs(top, exist_ok=True)
    store.put(f"{place}/in", f"{top}/in-{os.getpid()}", recursive=True)
    files, size = files_and_bytes(place / "in")
    print(f"{files} files of {size / files / 1e3:.0f} kB")
    print("| from, to | workers | seconds | files/s | MB/s | CPU ms a file |")
    print("| --- | --- | --- | --- | --- | --- |")
    for number in (1, 2):
        _row(place, f"{place}/in", f"{place}/out{number}", number)
    source = f"{bucket}/in-{os.getpid()}"
    for number in workers:
        _row(place, source, f"{bucket}/out-{os.getpid()}-{number}", number)
    _row(place, source, f"{place}/from-store", max(workers))
    _row(place, f"{place}/in", f"{bucket}/to-store-{os.getpid()}", max(workers))
    for path in (f"in-{os.getpid()}", f"to-store-{os.getpid()}"):
        store.rm(f"{top}/{path}", recursive=True)
    for number in workers:
        store.rm(f"{top}/out-{os.getpid()}-{number}", recursive=True)


def _row(place: Path, source: str, target: str, workers: int) -> None:
    command = [sys.executable, "-m", "anonymizer", "-I", source, "-O", target, "-c", FLAT]
    told = run([*command, "--workers", str(workers), "--quiet"], place / "log")
    files, size = files_and_bytes(place / "in")
    what = ", ".join("store" if "://" in path else "folder" for path in (source, target))
    print(
        f"| {what} | {workers} | {told.seconds:.1f} | {files / told.seconds:.0f} "
        f"| {size / told.seconds / 1e6:.1f} | {told.cpu_seconds / files * 1e3:.1f} |",
        flush=True,
    )


def _server(latency: float) -> Iterator[str]:
    """The address of moto's server behind the proxy, while it is iterated over."""
    server = os.environ.get("MOTO_SERVER") or shutil.which("moto_server")
    if not server:
        raise SystemExit(
            "no moto_server: python -m venv /tmp/moto && /tmp/moto/bin/pip install "
            "'moto[s3]' flask flask-cors; MOTO_SERVER=/tmp/moto/bin/moto_server"
        )
    moto, proxy = _free_port(), _free_port()
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-c", _PROXY, str(proxy), str(moto), str(latency / 1e3)]
    children = [
        subprocess.Popen([server, "-H", LOOPBACK, "-p", str(moto)], **quiet),
        subprocess.Popen(command, **quiet),
    ]
    try:
        _wait_for(moto)
        _wait_for(proxy)
        yield f"http://{LOOPBACK}:{proxy}"
    finally:
        for child in children:
            child.terminate()
            child.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        port: int = one.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection((LOOPBACK, port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not start")


async def delayed(port: int, to: int, latency: float) -> None:
    """Serves a port: what a client sends is handed on after a while, what comes back at once."""

    async def hand_on(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wait: float
    ) -> None:
        try:
            while data := await reader.read(AT_ONCE):
                await asyncio.sleep(wait if len(data) < AT_ONCE else 0)  # once for a long body
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(LOOPBACK, to)
        await asyncio.gather(hand_on(reader, forth, latency), hand_on(back, writer, 0))

    server = await asyncio.start_server(serve, LOOPBACK, port)
    async with server:
        await server.serve_forever()


_PROXY = (
    "import asyncio, sys; from benchmarks.object_store import delayed; "
    "asyncio.run(delayed(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))"
)

if __name__ == "__main__":
    main()
