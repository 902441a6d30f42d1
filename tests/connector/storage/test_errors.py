"""Every storage error can be told to a caller, and tells no secret."""

import pytest

from connector.api.statuses import FAULTS, is_retryable
from connector.storage.bucket_errors import scrubbed, translated
from connector.storage.errors import StorageError, StorageFull, StorageRefused


@pytest.mark.parametrize("error", [StorageError, *StorageError.__subclasses__()])
def test_every_error_has_a_status(error: type[StorageError]) -> None:
    assert error.code in FAULTS
    assert is_retryable(error.code) == error.retryable


@pytest.mark.parametrize(
    "text",
    [
        "GET https://a.blob.core.windows.net/c/x?sv=2023&sig=hunter2%3D&se=9 failed",
        "GET https://s3.example/b/x?X-Amz-Signature=hunter2&X-Amz-Date=9 failed",
        "<Error><Code>X</Code><SignatureProvided>hunter2</SignatureProvided></Error>",
        "<Error><StringToSign>AWS4-HMAC-SHA256\n2026 hunter2</StringToSign></Error>",
        "authorization: Bearer hunter2",
    ],
)
def test_no_secret_reaches_a_log(text: str) -> None:
    error = scrubbed(OSError(text))
    assert "***" in str(error)
    assert "hunter2" not in str(error)
    assert "hunter2" not in translated(OSError(text), "s3://bucket").detail


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("status code: 404 <Code>ContainerNotFound</Code>", StorageRefused, "does not exist"),
        ("status code: 507 Insufficient Storage", StorageFull, "no room left (HTTP 507)"),
        ("status code: 500 <Code>InternalError</Code>", StorageError, "failed (HTTP 500 Internal"),
        ("HTTP error: operation timed out", StorageError, "did not answer in time"),
    ],
)
def test_a_store_in_its_own_words(text: str, kind: type[StorageError], told: str) -> None:
    error = translated(OSError(text), "az://container")
    assert type(error) is kind
    assert told in error.detail
