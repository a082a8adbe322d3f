"""A bucket of any store that fsspec knows; what S3 does better is in ``s3``.

What is read in pieces is settled by a look before and one behind; an output that is there is only
replaced where anything may go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from anonymizer.errors import ImageError
from anonymizer.stores.remote import (
    ANYTHING,
    CHANGED,
    CONTENT_TYPE,
    EXISTS,
    FIRST,
    NOTHING,
    PART,
    reading,
    writing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class ByFsspec:
    def __init__(self, store: str, bucket: str, account: str) -> None:
        import fsspec

        self._opened = store, bucket, account
        given: dict[str, object] = {"skip_instance_cache": True, "use_listings_cache": False}
        if account:
            given["account_name"] = account
        self._fs = fsspec.filesystem(store, **given)
        self._root = f"/{bucket}/" if store == "memory" else f"{bucket}/"
        self._whole = store == "memory"
        self._tagged: dict[str, Any] = _content_type(store)
        """How the store is told the type of a content."""
        self.since: float = 0

    def again(self) -> ByFsspec:
        return ByFsspec(*self._opened)

    def look(self, prefix: str) -> float:
        """Asks the store for what is there; raises what the library raises."""
        try:
            self._fs.ls((self._root + prefix).rstrip("/"), detail=False)
        except FileNotFoundError:
            if prefix:
                self._fs.ls(self._root.rstrip("/"), detail=False)
        return 0

    def find(self, prefix: str, *, recursive: bool) -> Iterator[tuple[str, int]]:
        """Folder by folder, by name."""
        waiting = [(self._root + prefix).rstrip("/")]
        while waiting:
            folder = waiting.pop()
            listed = sorted(self._fs.ls(folder, detail=True), key=lambda found: str(found["name"]))
            below = []
            for found in listed:
                name = str(found["name"]).rstrip("/")
                if name == folder:
                    continue
                if found["type"] == "directory":
                    below.append(name)
                else:
                    yield name.removeprefix(self._root), int(found["size"] or 0)
            if recursive:
                waiting += reversed(below)

    def first(self, key: str) -> tuple[bytes, int, object]:
        with reading():
            version = self._fs.info(self._root + key)
            size = int(version["size"])
            content = self._range(key, 0, FIRST) if size else b""  # which has no range
            if len(content) != min(FIRST, size):
                raise ImageError("changed", CHANGED)
            return content, size, version

    def part(self, key: str, start: int, stop: int, version: object) -> bytes:
        with reading():
            return self._range(key, start, stop)

    def _range(self, key: str, start: int, stop: int) -> bytes:
        return bytes(self._fs.cat_file(self._root + key, start=start, end=stop))

    def settle(self, key: str, version: object) -> None:
        with reading():
            if self._fs.info(self._root + key) != version:
                raise ImageError("changed", CHANGED)

    def version(self, key: str) -> object | None:
        with reading():
            try:
                return dict(self._fs.info(self._root + key))
            except FileNotFoundError:
                return None

    def is_older(self, version: object | None) -> bool | None:
        return None  # clocks of stores are not asked

    def put(self, key: str, content: bytes, *, over: object | None) -> None:
        mode = "overwrite" if over is ANYTHING else "create"
        with writing():
            self._fs.pipe_file(self._root + key, content, mode=mode, **self._tagged)

    def upload(
        self, key: str, parts: Iterable[bytes], *, over: object | None, ready: Callable[[], None]
    ) -> None:
        if self._whole:
            whole = b"".join(parts)
            ready()
            self.put(key, whole, over=over)
            return
        with writing():
            if over is NOTHING and self._fs.exists(self._root + key):
                raise ImageError("exists", EXISTS)
            mode = "wb" if over is ANYTHING else "xb"
            file = self._fs.open(self._root + key, mode, block_size=PART, **self._tagged)
            try:
                for part in parts:
                    file.write(part)
                ready()
            except BaseException:
                _forget(file)
                raise
            file.close()

    def discard(self, key: str) -> None:
        """What was not finished has no name, and the store removes it in its time."""


def _content_type(store: str) -> dict[str, Any]:
    if store == "abfs":
        return {"content_settings": {"content_type": CONTENT_TYPE}}
    return {"content_type": CONTENT_TYPE} if store == "gs" else {}


def _forget(file: Any) -> None:  # noqa: ANN401  each library has its own
    """Has a file that is written to go without its end."""
    file.closed = True  # else the end of its life would finish it
    try:
        file.discard()
    except Exception:  # noqa: BLE001  not every library can; what went wrong before is told
        return
