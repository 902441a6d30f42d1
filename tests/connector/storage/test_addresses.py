"""Addresses: what is taken, and what a wrong one is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from connector.storage import FileStore
from connector.storage.addresses import medium_at
from connector.storage.bucket import Bucket
from connector.storage.folder import Folder
from tests.connector.storage.conftest import KEYS


def test_a_folder_by_path_or_address_is_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "of today"
    stored = FileStore.open(str(folder)).put(b"x")
    assert FileStore.open(folder.as_uri()).read(stored.sha256) == b"x"
    assert isinstance(medium_at(folder.as_uri(), durable=True, s3=KEYS), Folder)


def test_gcs_and_azure_by_construction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")
    assert isinstance(medium_at("gs://bucket/prefix", durable=True, s3=KEYS), Bucket)
    azure = medium_at("az://container/prefix", durable=True, s3=KEYS)
    link = azure.presigned_url("0" * 64, seconds=9, mime_type="image/png", filename="a.png")
    assert link is not None
    assert link.startswith(
        f"https://account.blob.core.windows.net/container/prefix/00/00/{'0' * 64}?"
    )


def test_azure_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(ValueError, match=r"az://container cannot be opened.*[Aa]ccount"):
        FileStore.open("az://container")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("ftp://host/folder", "accepted: /absolute/folder"),
        ("relative/folder", "accepted: /absolute/folder"),
        ("", "accepted: /absolute/folder"),
        ("file://folder", "three slashes"),
        ("s3://", "bucket/prefix and nothing more"),
        ("s3://user:hunter2@bucket", "come from the environment"),
        ("s3://bucket?secret=hunter2", "nothing more"),
        ("https://user:hunter2@bucket/x", "accepted: "),
    ],
)
def test_a_wrong_address_is_told_what_is_taken(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        FileStore.open(url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "endpoint", ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000"]
)
def test_http_is_taken_on_loopback(endpoint: str) -> None:
    FileStore.open("s3://bucket", s3=replace(KEYS, endpoint=endpoint))


def test_http_elsewhere_must_be_allowed() -> None:
    beyond = replace(KEYS, endpoint="http://store.example")
    with pytest.raises(
        ValueError, match=r"http://store\.example would carry pictures in the clear"
    ):
        FileStore.open("s3://bucket", s3=beyond)
    FileStore.open("s3://bucket", s3=replace(beyond, allow_http=True))


def test_http_elsewhere_may_be_allowed_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://store.example")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "false")
    with pytest.raises(ValueError, match="AWS_ALLOW_HTTP=true"):
        FileStore.open("s3://bucket")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    FileStore.open("s3://bucket")


def test_an_endpoint_is_a_url() -> None:
    with pytest.raises(ValueError, match="must be https://host"):
        FileStore.open("s3://bucket", s3=replace(KEYS, endpoint="store.example"))


def test_options_show_no_secret() -> None:
    assert "the-" not in repr(KEYS)
