"""URLs lead to a place in an object store, and never hold a key."""

from __future__ import annotations

import pytest

from anonymizer.errors import UsageError
from anonymizer.stores.urls import folder_at, object_at


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("s3://bucket", ("s3", "bucket", "", "")),
        ("s3://bucket/", ("s3", "bucket", "", "")),
        ("S3://bucket/a", ("s3", "bucket", "", "a/")),
        ("s3a://bucket/a/b/", ("s3", "bucket", "", "a/b/")),
        ("s3://bucket/a#b%20c d", ("s3", "bucket", "", "a#b%20c d/")),
        ("gs://bucket/a", ("gs", "bucket", "", "a/")),
        ("gcs://bucket/a", ("gs", "bucket", "", "a/")),
        ("abfs://box/a", ("abfs", "box", "", "a/")),
        ("abfss://box@some.dfs.core.windows.net/a", ("abfs", "box", "some", "a/")),
        ("az://box@some.blob.core.windows.net", ("abfs", "box", "some", "")),
        ("memory://box/a", ("memory", "box", "", "a/")),
    ],
)
def test_a_url_of_a_folder(url: str, place: tuple[str, str, str, str]) -> None:
    found = folder_at(url, "-I")
    assert (found.store, found.bucket, found.account, found.prefix) == place


@pytest.mark.parametrize(
    ("url", "prefix", "name"),
    [("s3://bucket/a", "", "a"), ("s3://bucket/a/b.dcm", "a/", "b.dcm")],
)
def test_a_url_of_an_object(url: str, prefix: str, name: str) -> None:
    place, found = object_at(url, "-i")
    assert (place.prefix, found) == (prefix, name)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://KANARI:SECRET@bucket/a", "-I: a URL takes no user, password or key"),
        ("s3://KANARI@bucket/a", "-I: a URL takes no user, password or key"),
        ("gs://KANARI@bucket/a", "-I: a URL takes no user, password or key"),
        ("abfs://box:KANARI@some.dfs.core.windows.net/a", "-I: a URL takes no user, password"),
        ("abfs://box@KANARI/a", "-I: a URL takes no user, password or key"),
        ("s3://bucket:9000/KANARI", "-I: a URL takes no user, password or key"),
        ("abfs://box/a?sig=KANARI", "-I: a URL takes no query"),
        ("s3://bucket/a?versionId=KANARI", "-I: a URL takes no query"),
        ("s3:///KANARI", "-I: the URL names no bucket"),
        ("s3://bucket/KANARI/../b", "-I: the URL has a part that is empty, . or .."),
        ("s3://bucket//KANARI", "-I: the URL has a part that is empty, . or .."),
        ("http://KANARI/a", "-I: no object store has URLs of this kind"),
        ("file:///KANARI", "-I: no object store has URLs of this kind"),
    ],
)
def test_a_url_that_is_refused_is_not_shown(url: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        folder_at(url, "-I")
    assert str(refused.value).startswith(said)
    assert "KANARI" not in str(refused.value)


@pytest.mark.parametrize("url", ["s3://bucket", "s3://bucket/", "s3://bucket/a/"])
def test_a_url_of_an_object_names_one(url: str) -> None:
    with pytest.raises(UsageError):
        object_at(url, "-i")


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("s3://bucket/a", "s3://bucket/a", True),
        ("s3://bucket/a", "s3a://bucket/a/b", True),
        ("s3://bucket", "s3://bucket/a", True),
        ("s3://bucket/a", "s3://bucket/ab", False),
        ("s3://bucket/a", "s3://other/a", False),
        ("s3://bucket/a", "gs://bucket/a", False),
        ("abfs://box/a", "abfs://box@some.dfs.core.windows.net/a", True),
        (
            "abfs://box@other.dfs.core.windows.net/a",
            "abfs://box@some.dfs.core.windows.net/a",
            False,
        ),
    ],
)
def test_places_that_lie_in_one_another(one: str, other: str, overlap: bool) -> None:
    assert folder_at(one, "-I").overlaps(folder_at(other, "-O")) is overlap
    assert folder_at(other, "-O").overlaps(folder_at(one, "-I")) is overlap
