"""Pictures that callers name in buckets: listed ones alone, and nothing of the store's own words."""

import pytest

from connector.fetch import Policy, SourceUnreachable
from connector.fetch.errors import Reason
from connector.jobs.model import ClaimedPart
from connector.submit.addresses import AddressInvalid, understood
from connector.work.fetching import fetcher
from steps.errors import Cancelled, ImageTooLarge
from tests.connector.storage.conftest import KEYS, S3Server


@pytest.fixture
def bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket with one picture in it; the environment says who we are there."""
    name = s3_server.new_bucket()
    s3_server.client().put_object(Bucket=name, Key="incoming/küche 1.png", Body=b"picture")
    s3_server.client().put_object(Bucket=name, Key="private.png", Body=b"secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.endpoint)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", str(KEYS.access_key_id))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", str(KEYS.secret_access_key))
    return f"s3://{name}"


def read(url: str, *listed: str, max_bytes: int = 100, stopped: bool = False) -> bytes:
    part = ClaimedPart(
        id="p",
        type="BASE_PART",
        role="source",
        filename="a.png",
        mime_type="image/png",
        sha256=None,
        url=url,
    )
    policy = Policy(listed_buckets=frozenset(listed), max_bytes=max_bytes)
    return fetcher(policy)(part, lambda: stopped)


def test_an_object_of_a_listed_bucket_is_read(bucket: str) -> None:
    url = f"{bucket}/incoming/küche 1.png"
    assert read(url, bucket) == read(url, f"{bucket}/incoming/") == b"picture"
    policy = Policy(listed_buckets=frozenset({bucket}))
    address = understood(url, (), policy)
    assert (address.url, address.filename) == (url, "küche 1.png")


@pytest.mark.parametrize(
    ("key", "listed"),
    [("private.png", ""), ("private.png", "/incoming"), ("private.png", "/priv"), ("a", "x")],
)
def test_what_is_not_listed_is_not_asked_for(bucket: str, key: str, listed: str) -> None:
    entries = (bucket + listed,) if listed else ()
    with pytest.raises(SourceUnreachable) as raised:
        read(f"{bucket}/{key}", *entries)
    assert (raised.value.reason, raised.value.pointer) == (Reason.ADDRESS, "a.png")
    with pytest.raises(AddressInvalid, match="not one of the buckets"):
        understood(f"{bucket}/{key}", (), Policy(listed_buckets=frozenset(entries)))


@pytest.mark.parametrize("key", ["", "incoming/../private.png", "a//b", "./a", "a\nb", "x" * 2000])
def test_a_key_that_is_none_is_refused(bucket: str, key: str) -> None:
    with pytest.raises(SourceUnreachable) as raised:
        read(f"{bucket}/{key}", f"{bucket}/incoming", bucket)
    assert raised.value.reason is Reason.URL


def test_a_missing_object_a_large_one_and_a_stop(bucket: str) -> None:
    with pytest.raises(SourceUnreachable, match="no such object"):
        read(f"{bucket}/gone.png", bucket)
    with pytest.raises(ImageTooLarge, match="more than 5 bytes"):
        read(f"{bucket}/private.png", bucket, max_bytes=5)
    with pytest.raises(Cancelled):
        read(f"{bucket}/private.png", bucket, stopped=True)


def test_a_bucket_that_is_not_there_says_no_more(bucket: str) -> None:
    gone = bucket + "-gone"
    with pytest.raises(SourceUnreachable) as raised:
        read(f"{gone}/a.png", gone)
    assert str(KEYS.access_key_id) not in raised.value.detail
    assert "http" not in raised.value.detail
