"""What only a bucket does: links, refusals, silence."""

import os
import socket
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

from connector.storage import (
    FileDamaged,
    FileStore,
    StorageError,
    StorageFull,
    StorageRefused,
)
from connector.storage.s3_links import Keys, attachment, signed_query
from tests.connector.storage.conftest import KEYS, S3Server

REFUSAL = b"<Error><Code>%s</Code><AWSAccessKeyId>the-key</AWSAccessKeyId></Error>"


@pytest.fixture
def answers() -> Iterator[tuple[str, list[tuple[int, bytes]]]]:
    """Give an endpoint and the list with the one (status, code) that it answers with."""
    answer: list[tuple[int, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, code = answer[0]
            body = REFUSAL % code
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answer
    server.shutdown()
    thread.join()
    server.server_close()


def every_call(store: FileStore, sha256: str) -> Iterator[StorageError]:
    """Yield what each call of a store raises."""
    for call in (
        lambda: store.put(b"x"),
        lambda: store.put_stream([b"x"], max_bytes=10),
        lambda: store.read(sha256),
        lambda: store.exists(sha256),
        lambda: store.stream(sha256),
        lambda: store.delete(sha256),
        lambda: list(store.hashes()),
    ):
        with pytest.raises(StorageError) as caught:
            call()
        yield caught.value


def test_the_layout(s3_server: S3Server, bucket_url: str, bucket_store: FileStore) -> None:
    stored = bucket_store.put(b"x")
    client = s3_server.client()
    (found,) = client.list_objects_v2(Bucket=urlsplit(bucket_url).netloc)["Contents"]
    head, tail = stored.sha256[:2], stored.sha256[2:4]
    assert found["Key"] == f"pictures/of today/{head}/{tail}/{stored.sha256}"


def test_a_link_carries_name_and_type(bucket_store: FileStore) -> None:
    stored = bucket_store.put(b"picture")
    name = 'Küche "neu" 100%.png'
    link = bucket_store.presigned_url(
        stored.sha256, seconds=60, mime_type="image/png", filename=name
    )
    assert link is not None
    assert "the-secret" not in link
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"picture"
        assert answer.headers["Content-Type"] == "image/png"
        assert "filename*=UTF-8''K%C3%BCche" in answer.headers["Content-Disposition"]


def test_links_are_signed_as_the_library_signs(
    s3_server: S3Server, bucket_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.endpoint)
    without_keys = replace(KEYS, secret_access_key=None, access_key_id=None)
    monkeypatch.setattr("connector.storage.bucket.with_answer_headers", lambda link, *_, **__: link)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-secret")
    store = FileStore.open(bucket_url, s3=without_keys)
    link = store.presigned_url("0" * 64, seconds=60, mime_type="image/png", filename="a.png")
    assert link is not None
    parts = urlsplit(link)
    query = dict(parse_qsl(parts.query))
    signature = query.pop("X-Amz-Signature")
    assert signed_query(parts.path, parts.netloc, query, Keys("the-secret")).endswith(signature)


def test_the_signature_of_amazons_own_example() -> None:
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request",
        "X-Amz-Date": "20130524T000000Z",
        "X-Amz-Expires": "86400",
        "X-Amz-SignedHeaders": "host",
    }
    keys = Keys("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    signed = signed_query("/test.txt", "examplebucket.s3.amazonaws.com", query, keys)
    assert signed.endswith("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


@pytest.mark.parametrize("name", ["a.png", 'a"\r\nX-Evil: 1', "写真.jpg", "\udc80.png", ""])
def test_no_name_breaks_the_header(name: str) -> None:
    value = attachment(name)
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2


def test_a_damaged_object(s3_server: S3Server, bucket_url: str, bucket_store: FileStore) -> None:
    stored = bucket_store.put(b"content")
    s3_server.client().put_object(
        Bucket=urlsplit(bucket_url).netloc,
        Key=f"pictures/of today/{stored.sha256[:2]}/{stored.sha256[2:4]}/{stored.sha256}",
        Body=b"something else",
    )
    with pytest.raises(FileDamaged, match=stored.sha256):
        bucket_store.read(stored.sha256)
    with pytest.raises(FileDamaged, match=stored.sha256):
        list(bucket_store.stream(stored.sha256))
    bucket_store.put(b"content")
    assert bucket_store.read(stored.sha256) == b"content", "storing it again mends it"


def test_a_bucket_that_does_not_exist(s3_server: S3Server) -> None:
    store = FileStore.open("s3://nobodys-bucket", s3=s3_server.options())
    for error in every_call(store, "0" * 64):
        assert isinstance(error, StorageRefused), error
        assert error.detail == "the storage s3://nobodys-bucket does not exist"


@pytest.mark.parametrize("code", [b"AccessDenied", b"InvalidAccessKeyId"])
def test_a_refused_bucket(answers: tuple[str, list[tuple[int, bytes]]], code: bytes) -> None:
    endpoint, answer = answers
    answer.append((403, code))
    store = FileStore.open("s3://bucket", s3=replace(KEYS, endpoint=endpoint))
    for error in every_call(store, "0" * 64):
        assert isinstance(error, StorageRefused), error
        assert "s3://bucket refuses access (HTTP 403" in error.detail
        assert error.__cause__ is not None
        assert "the-key" not in f"{error.detail}{error.__cause__}"
        assert "the-secret" not in f"{error.detail}{error.__cause__}"


def test_a_full_store(answers: tuple[str, list[tuple[int, bytes]]]) -> None:
    endpoint, answer = answers
    answer.append((400, b"QuotaExceeded"))
    store = FileStore.open("s3://bucket", s3=replace(KEYS, endpoint=endpoint))
    with pytest.raises(StorageFull, match=r"no room left \(HTTP 400 QuotaExceeded\)"):
        store.put(b"x")


def test_nobody_at_the_endpoint() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: nobody answers and nobody can take it
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        store = FileStore.open("s3://bucket", s3=replace(KEYS, endpoint=endpoint))
        with pytest.raises(StorageError, match="s3://bucket cannot be reached") as caught:
            store.read("0" * 64)
    assert (caught.value.code, caught.value.retryable) == ("storage-unavailable", True)


def test_a_fork_is_told_instead_of_waiting_for_ever(
    bucket_store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = bucket_store.put(b"x")
    monkeypatch.setattr(os, "getpid", lambda: -1)  # what a forked process sees: another number
    with pytest.raises(StorageError, match="forked after a bucket had been used"):
        bucket_store.read(stored.sha256)
    monkeypatch.undo()
    assert bucket_store.read(stored.sha256) == b"x"
