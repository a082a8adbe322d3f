"""A bucket of S3, or of a store that speaks its protocol, by s3fs.

Strategy
    Reads are pinned to the ETag of the first range, and so are replacements of what was there;
    new objects are made by conditional requests.  A store that does not know these conditions
    would write over what is there without a word: so the first new object of every process is
    written twice, and where the second time is not refused, each key is looked at before.

Rules
    * Nothing but the type of its content goes with an object: no metadata, tags or names.
    * A large object has its name when all parts are there; whatever happens before ends in an
      abort of the upload.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from anonymizer.errors import ImageError
from anonymizer.stores.remote import (
    ANYTHING,
    CHANGED,
    CONTENT_TYPE,
    FIRST,
    NOTHING,
    code_of,
    reading,
    writing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PRECONDITION = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict"})


class Version:
    """An object as it was seen; ``written`` in seconds by the clock of the store."""

    __slots__ = ("etag", "written")

    def __init__(self, answer: dict[str, Any]) -> None:
        self.etag = str(answer["ETag"])
        self.written: float = answer["LastModified"].timestamp()


class S3:
    """``since`` is when the run began by the clock of the store, 0 where nobody knows."""

    def __init__(self, bucket: str, since: float = 0, session: Any = None) -> None:  # noqa: ANN401
        """``session`` is what another process has read of credentials and of the protocol."""
        import s3fs
        from botocore.handlers import add_expect_header

        self._bucket = bucket
        self._fs = s3fs.S3FileSystem(
            session=session, skip_instance_cache=True, use_listings_cache=False
        )
        # Bodies follow at once: a question whether they may costs every output a way to and fro.
        self._fs.s3.meta.events.unregister("before-call.s3", add_expect_header)
        self._heeds_conditions: bool | None = None
        self.since = since

    def again(self) -> S3:
        return S3(self._bucket, self.since, self._fs.session)

    def _ask(self, method: str, **given: object) -> dict[str, Any]:
        answer: dict[str, Any] = self._fs.call_s3(method, Bucket=self._bucket, **given)
        return answer

    def look(self, prefix: str) -> float:
        """Asks the store for one name; answers its time.  Raises what the library raises."""
        answer = self._ask("list_objects_v2", Prefix=prefix, MaxKeys=1)
        said = answer["ResponseMetadata"]["HTTPHeaders"].get("date", "")
        return parsedate_to_datetime(said).timestamp() if said else 0

    def find(self, prefix: str, *, recursive: bool) -> Iterator[tuple[str, int]]:
        """Keys in the order of their bytes, as S3 lists them."""
        given = {"Prefix": prefix} if recursive else {"Prefix": prefix, "Delimiter": "/"}
        while True:
            page = self._ask("list_objects_v2", **given)
            for found in page.get("Contents", ()):
                yield found["Key"], found["Size"]
            if not page.get("IsTruncated"):
                return
            given["ContinuationToken"] = page["NextContinuationToken"]

    def first(self, key: str) -> tuple[bytes, int, object]:
        with reading():
            try:
                content, answer = self._got(key, Range=f"bytes=0-{FIRST - 1}")
            except OSError as error:
                if code_of(error) not in {"InvalidRange", "416"}:
                    raise
                content, answer = self._got(key)  # an empty object has no first byte
            told = str(answer.get("ContentRange", "")).rpartition("/")[2]
            return content, int(told or len(content)), answer["ETag"]

    def part(self, key: str, start: int, stop: int, version: object) -> bytes:
        with reading():
            try:
                content, _ = self._got(key, Range=f"bytes={start}-{stop - 1}", IfMatch=version)
            except OSError as error:
                if code_of(error) in PRECONDITION:
                    raise ImageError("changed", CHANGED) from None
                raise
            return content

    def settle(self, key: str, version: object) -> None:
        """Each range was of that version."""

    def _got(self, key: str, **given: object) -> tuple[bytes, dict[str, Any]]:
        from fsspec.asyn import sync

        got: tuple[bytes, dict[str, Any]] = sync(self._fs.loop, self._read, key, given)
        return got

    async def _read(self, key: str, given: dict[str, object]) -> tuple[bytes, dict[str, Any]]:
        answer = await self._fs._call_s3("get_object", Bucket=self._bucket, Key=key, **given)
        async with answer["Body"] as body:
            return await body.read(), answer

    def version(self, key: str) -> Version | None:
        with reading():
            try:
                return Version(self._ask("head_object", Key=key))
            except FileNotFoundError:
                return None

    def is_older(self, version: object | None) -> bool | None:
        if not self.since or not isinstance(version, Version):
            return None
        return version.written < self.since

    def put(self, key: str, content: bytes, *, over: object | None) -> None:
        with writing():
            if over is not NOTHING:
                self._write(key, content, over)
                return
            if not self._heeds_conditions:
                self._look_before(key)
            self._write(key, content, NOTHING)
            if self._heeds_conditions is None:
                self._heeds_conditions = self._refuses(key, content)

    def _write(self, key: str, content: bytes, over: object | None) -> None:
        self._ask_if(over, "put_object", Key=key, Body=content, ContentType=CONTENT_TYPE)

    def _ask_if(self, over: object | None, method: str, **given: object) -> None:
        """A request that is refused where something else is there; raises FileExistsError."""
        try:
            self._ask(method, **given, **_if(over))
        except OSError as error:
            if code_of(error) in PRECONDITION:
                raise FileExistsError from None
            raise

    def _refuses(self, key: str, content: bytes) -> bool:
        """Whether the store refuses to write an object again that is there."""
        try:
            self._write(key, content, NOTHING)
        except FileExistsError:
            return True
        return False

    def _look_before(self, key: str) -> None:
        """For stores that may not heed the condition; who may not look relies on it."""
        try:
            self._ask("head_object", Key=key)
        except FileNotFoundError:
            return
        except PermissionError:
            if self._heeds_conditions is False:
                raise
            return
        raise FileExistsError

    def upload(
        self, key: str, parts: Iterable[bytes], *, over: object | None, ready: Callable[[], None]
    ) -> None:
        with writing():
            if over is NOTHING:
                self._look_before(key)
            begun = self._ask("create_multipart_upload", Key=key, ContentType=CONTENT_TYPE)
            upload = {"Key": key, "UploadId": begun["UploadId"]}
            try:
                done = [
                    {"PartNumber": number, "ETag": self._sent(upload, number, part)}
                    for number, part in enumerate(parts, 1)
                ]
                ready()
                if over is NOTHING:
                    self._look_before(key)
                parts_done = {"Parts": done}
                self._ask_if(
                    over, "complete_multipart_upload", **upload, MultipartUpload=parts_done
                )
            except BaseException:
                self._abort(upload)
                raise

    def _sent(self, upload: dict[str, Any], number: int, part: bytes) -> str:
        answer = self._ask("upload_part", **upload, PartNumber=number, Body=part)
        return str(answer["ETag"])

    def _abort(self, upload: dict[str, Any]) -> None:
        try:
            self._ask("abort_multipart_upload", **upload)
        except Exception:  # noqa: BLE001  what went wrong before is told
            return

    def discard(self, key: str) -> None:
        try:
            answer = self._ask("list_multipart_uploads", Prefix=key)
        except Exception:  # noqa: BLE001  it was to be a courtesy
            return
        for upload in answer.get("Uploads") or ():
            if upload["Key"] == key:
                self._abort({"Key": key, "UploadId": upload["UploadId"]})


def _if(over: object | None) -> dict[str, str]:
    """The condition of a request that writes."""
    if over is NOTHING:
        return {"IfNoneMatch": "*"}
    if over is ANYTHING:
        return {}
    assert isinstance(over, Version), "it is one of this bucket's"
    return {"IfMatch": over.etag}
