"""Judges the URL of a place in an object store before anything is opened: where it leads.

Rules
    * A URL holds no key, password or token: credentials come by the default chain of the store's
      own library, so that none stands in a command line, a log or a configuration.
    * No message shows a URL that was refused.
"""

from __future__ import annotations

from anonymizer.errors import UsageError

TYPE_CHECKING = False

STORES = {
    "s3": "s3",
    "s3a": "s3",
    "gs": "gs",
    "gcs": "gs",
    "abfs": "abfs",
    "abfss": "abfs",
    "az": "abfs",
    "memory": "memory",
}
"""The stores by the schemes of their URLs."""

LIBRARIES = {"s3": ("s3fs", "s3"), "gs": ("gcsfs", "gcs"), "abfs": ("adlfs", "azure")}
"""What a store needs to be installed, and the extra of this package that names it."""

FILES_AT_ONCE = 8
"""A worker gets fewer files at once, so that few files keep many workers busy, too."""

ACCOUNT_HOSTS = (".dfs.core.windows.net", ".blob.core.windows.net")


class Place:
    """``bucket`` is what a store calls bucket or container, ``prefix`` is "" or ends with /."""

    __slots__ = ("account", "bucket", "prefix", "store")

    def __init__(self, store: str, bucket: str, account: str, prefix: str) -> None:
        self.store = store
        self.bucket = bucket
        self.account = account
        self.prefix = prefix

    def overlaps(self, other: Place) -> bool:
        """Whether one lies in the other, or may: a storage account that is not named is any."""
        if (self.store, self.bucket) != (other.store, other.bucket):
            return False
        if self.account and other.account and self.account != other.account:
            return False
        return self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix)


def is_url(text: str) -> bool:
    return "://" in text


def folder_at(url: str, flag: str) -> Place:
    """Where a URL of a folder leads; raises UsageError where it is none of an object store."""
    return _place(url.rstrip("/") if url.partition("://")[2].strip("/") else url, flag, "/")


def check_apart(one: str, other: str, flags: tuple[str, str] = ("-I", "-O")) -> None:
    """Raises UsageError where two places, one of them a URL, are none or lie in one another."""
    places = [
        folder_at(url, flag) for url, flag in zip((one, other), flags, strict=True) if is_url(url)
    ]
    if len(places) == 2 and places[0].overlaps(places[1]):
        raise UsageError(
            "the input and the output lie in one another, or are the same",
            "choose prefixes, or buckets, of which none is in the other",
        )


def object_at(url: str, flag: str) -> tuple[Place, str]:
    """Where a URL of one object leads, and its name there."""
    place = _place(url, flag, "")
    folder, _, name = place.prefix.rpartition("/")
    if not name:
        raise UsageError(f"{flag}: the URL names no object", "s3://bucket/folder/image.dcm")
    place.prefix = f"{folder}/" if folder else ""
    return place, name


def _place(url: str, flag: str, behind: str) -> Place:
    scheme, _, rest = url.partition("://")
    store = STORES.get(scheme.lower(), "")
    if not store:
        raise UsageError(
            f"{flag}: no object store has URLs of this kind",
            "s3://, gs://, abfs:// and memory://; a folder goes by its path",
        )
    authority, _, path = rest.partition("/")
    if "?" in rest or "\\" in rest:
        raise UsageError(
            f"{flag}: a URL takes no query and no backslash",
            "no keys, tokens or versions stand in it; credentials come by the store's own chain",
        )
    bucket, account = _bucket(store, authority, flag)
    names = path.split("/") if path else []
    if any(name in {"", ".", ".."} for name in names):
        raise UsageError(f"{flag}: the URL has a part that is empty, . or ..")
    return Place(store, bucket, account, f"{path}{behind}" if path else "")


def _bucket(store: str, authority: str, flag: str) -> tuple[str, str]:
    """The bucket, and for Azure the account where one is named: container@account.host."""
    bucket, at, host = authority.rpartition("@")
    if not at:
        bucket, host = authority, ""
    account = next((host.removesuffix(e) for e in ACCOUNT_HOSTS if host.endswith(e)), "")
    if ":" in authority or (at and (store != "abfs" or not account)):
        raise UsageError(
            f"{flag}: a URL takes no user, password or key",
            "credentials come by the store's own chain: environment, profile or role",
        )
    if not bucket:
        raise UsageError(f"{flag}: the URL names no bucket", "s3://bucket/folder")
    return bucket, account
