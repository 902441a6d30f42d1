"""Brokers of the machine. Absent: skipped on a user's machine, an error where CI promises them."""

import os
import socket
from urllib.parse import urlsplit

import pytest

REDIS = os.environ.get("RETUSCHE_TEST_REDIS", "redis://127.0.0.1:6379/15")
RABBITMQ = os.environ.get("RETUSCHE_TEST_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//")


def broker(kind: str) -> str:
    """Return the URL of a broker ("redis", "rabbitmq"), or "" for the embedded "filesystem".

    Tests that share one keep apart by the names of their queues (`own_queue`).
    """
    if kind == "filesystem":
        return ""
    url = {"redis": REDIS, "rabbitmq": RABBITMQ}[kind]
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), timeout=3).close()
    except OSError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no {kind} at {parts.hostname}:{parts.port}: {error}")
    return url
