"""One store of each kind that can be run here: a folder, and a bucket of a local S3 server.

GCS and Azure have no server among the test's packages: they are opened, not spoken to.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

from connector.storage import FileStore, S3Options

KEYS = S3Options(region="us-east-1", access_key_id="the-key", secret_access_key="the-secret")


@dataclass(frozen=True)
class S3Server:
    """A server of this process, on a free port of loopback."""

    endpoint: str

    def options(self) -> S3Options:
        return S3Options(
            endpoint=self.endpoint,
            region=KEYS.region,
            access_key_id=KEYS.access_key_id,
            secret_access_key=KEYS.secret_access_key,
        )

    def client(self) -> Any:
        """Return Amazon's own client: another view of the same buckets."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=KEYS.region,
            aws_access_key_id=KEYS.access_key_id,
            aws_secret_access_key=KEYS.secret_access_key,
        )

    def new_bucket(self) -> str:
        name = f"bucket-{uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name)
        return name


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3Server(f"http://{host}:{port}")
    server.stop()


@pytest.fixture
def bucket_url(s3_server: S3Server) -> str:
    return f"s3://{s3_server.new_bucket()}/pictures/of today"


@pytest.fixture
def bucket_store(s3_server: S3Server, bucket_url: str) -> FileStore:
    return FileStore.open(bucket_url, s3=s3_server.options())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def folder_store(folder: Path) -> FileStore:
    return FileStore.open(str(folder))


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> FileStore:
    found: FileStore = request.getfixturevalue(f"{request.param}_store")
    return found
