"""A server of S3 for tests: moto's, in an environment of its own, behind a proxy that makes faults.

moto is not installed beside the tool: its boto3 wants other versions of what s3fs needs.  Where
its server is: ``.ci/run`` says it in MOTO_SERVER, or it stands in the PATH or beside Python.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from xml.etree import ElementTree

if TYPE_CHECKING:
    from collections.abc import Callable

LOOPBACK = "127.0.0.1"
HOPS = frozenset({"connection", "transfer-encoding", "keep-alive", "host", "content-length"})

ENVIRON = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def moto_server() -> str:
    """Where the server is, "" where it is not installed."""
    if named := os.environ.get("MOTO_SERVER", ""):
        return named
    places = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    return shutil.which("moto_server", path=places) or ""


NOT_THERE = "no moto_server: .ci/run installs it in an environment of its own (see MOTO_SERVER)"

SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
}
"""moto looks at who asks, not at the signature."""


class Request(NamedTuple):
    """What the tool asks for; ``key`` is the name of an object in its bucket."""

    method: str
    key: str
    query: str
    headers: dict[str, str]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def error(status: int, code: str) -> Answer:
    """What S3 says of an error; with what nobody may repeat."""
    said = f"<Error><Code>{code}</Code><Message>KANARI told by the server</Message></Error>"
    return Answer(status, {"Content-Type": "application/xml"}, said.encode())


class Store:
    """A server with one bucket.

    ``fault`` may answer in the place of the server; with "lost" the server does what was asked,
    and nobody hears of it.  ``asked`` are the requests since the last test began.
    """

    def __init__(self, server: str) -> None:
        self.bucket = "images"
        self.fault: Callable[[Request], Answer | str | None] | None = None
        self.asked: list[Request] = []
        self._port = _free_port()
        self._moto = subprocess.Popen(
            [server, "-H", LOOPBACK, "-p", str(self._port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._proxy = ThreadingHTTPServer((LOOPBACK, 0), type("Proxy", (_Proxy,), {"store": self}))
        self._proxy.daemon_threads = True
        Thread(target=self._proxy.serve_forever, daemon=True).start()
        self.url = f"http://{LOOPBACK}:{self._proxy.server_address[1]}"
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                self.forward("GET", "/moto-api/", {}, b"")
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("moto's server does not start")

    def reset(self) -> None:
        self.fault = None
        self.forward("POST", "/moto-api/reset", {}, b"")
        self.forward("PUT", f"/{self.bucket}", {}, b"")
        self.asked.clear()

    def close(self) -> None:
        self._proxy.shutdown()
        self._proxy.server_close()
        self._moto.terminate()
        self._moto.wait()

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        connection = HTTPConnection(LOOPBACK, self._port, timeout=60)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def put(self, key: str, content: bytes, **headers: str) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        assert self._asked("PUT", f"/{key}", content, **given).status == 200

    def _asked(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        return self.forward(method, f"/{self.bucket}{path}", {**SIGNED, **headers}, body)

    def put_tree(self, prefix: str, files: dict[str, bytes]) -> None:
        for path, content in files.items():
            self.put(f"{prefix}/{path}", content)

    def get(self, key: str) -> bytes:
        answer = self._asked("GET", f"/{key}")
        assert answer.status == 200
        return answer.body

    def headers(self, key: str) -> dict[str, str]:
        answer = self._asked("HEAD", f"/{key}")
        return {name.lower(): value for name, value in answer.headers.items()}

    def tree(self, prefix: str) -> dict[str, bytes]:
        """Every object below a prefix, by its name there."""
        listed = self._asked("GET", f"?list-type=2&prefix={prefix}/")
        keys = _texts(listed.body, "Key")
        return {key[len(prefix) + 1 :]: self.get(key) for key in keys}

    def uploads(self) -> list[str]:
        """The keys of uploads that nobody has finished or aborted."""
        listed = self._asked("GET", "?uploads")
        return _texts(listed.body, "Key")

    def begin_upload(self, key: str) -> None:
        self._asked("POST", f"/{key}?uploads")


def _texts(xml: bytes, name: str) -> list[str]:
    root = ElementTree.fromstring(xml)
    return [node.text or "" for node in root.iter() if node.tag.rpartition("}")[2] == name]


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((LOOPBACK, 0))
        port: int = one.getsockname()[1]
        return port


class _Proxy(BaseHTTPRequestHandler):
    """Hands requests on to moto, unless the test has a fault for them."""

    protocol_version = "HTTP/1.1"
    store: ClassVar[Store]

    def _do(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        key = path.removeprefix(f"/{self.store.bucket}").removeprefix("/")
        headers = {n: v for n, v in self.headers.items() if n.lower() not in HOPS}
        request = Request(self.command, key, query, headers)
        self.store.asked.append(request)
        answer = self.store.fault(request) if self.store.fault else None
        if answer is None or answer == "lost":
            given = self.store.forward(self.command, self.path, request.headers, body)
            answer = answer or given
        if isinstance(answer, str):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        try:
            self._send(answer)
        except ConnectionError:
            self.close_connection = True  # who asked is gone

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _do  # noqa: N815  the library's names

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in HOPS:
                self.send_header(name, value)
        size = answer.headers.get("Content-Length", "") if self.command == "HEAD" else ""
        self.send_header("Content-Length", size or str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""
