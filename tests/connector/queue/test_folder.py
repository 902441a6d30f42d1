"""Doorbells as files."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from connector.queue import folder
from connector.queue.celery_app import make_app
from connector.settings import Settings
from tests.connector.fifo import LONG


@pytest.fixture
def channel(tmp_path: Path) -> Iterator[folder.Channel]:
    app = make_app(Settings(data_dir=tmp_path))
    connection: Connection = app.connection_for_write()
    with connection.channel() as made:
        assert isinstance(made, folder.Channel)
        yield made
    connection.release()


def test_the_oldest_message_comes_first_and_once(channel: folder.Channel, tmp_path: Path) -> None:
    for number in range(3):
        channel._put("cpu", {"n": number})
    assert [channel._get("cpu")["n"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get("cpu")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []  # but the pipe


def test_a_queue_sees_its_own_messages_alone(channel: folder.Channel) -> None:
    channel._put("retusche.cpu", {})
    with pytest.raises(Empty):
        channel._get("cpu")
    assert channel._size("retusche.cpu") == 1
    assert channel._size("cpu") == 0


def test_what_is_still_being_written_is_no_message(channel: folder.Channel, tmp_path: Path) -> None:
    channel._put("cpu", {})
    (whole,) = (tmp_path / "doorbell" / "rung").iterdir()
    whole.rename(whole.with_suffix(f".{folder.WRITING}"))
    with pytest.raises(Empty):
        channel._get("cpu")


def test_a_message_that_another_worker_took_first_is_passed_over(
    channel: folder.Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel._put("cpu", {"n": 1})
    stale = [path.name for path in Path(channel.data_folder_in).iterdir()]
    channel._get("cpu")
    monkeypatch.setattr(os, "listdir", lambda _: stale)
    with pytest.raises(Empty):
        channel._get("cpu")


Listen = Callable[[float], int]


@pytest.fixture(params=["pipe", "no pipe"])
def listen(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Listen]:
    """Wait for a message; return how many came since the start."""
    if request.param == "no pipe":
        monkeypatch.delattr(os, "mkfifo")
    app = make_app(Settings(data_dir=tmp_path))
    heard: list[object] = []
    with app.connection_for_read() as connection, connection.channel() as channel:
        channel._callbacks = {}
        channel.queue_declare("cpu")
        channel.basic_consume("cpu", True, heard.append, "tag")

        def listen(seconds: float) -> int:
            connection.drain_events(timeout=seconds)
            return len(heard)

        yield listen


def ring(tmp_path: Path, queue: str) -> None:
    app = make_app(Settings(data_dir=tmp_path), "ring")
    with app.connection_for_write() as connection, connection.channel() as channel:
        channel.basic_publish(channel.prepare_message("body"), "", queue)


def test_a_listener_waits_no_longer_than_it_says(listen: Listen) -> None:
    with pytest.raises(TimeoutError):
        listen(0.001)


def test_a_listener_hears_what_was_rung_before(listen: Listen, tmp_path: Path) -> None:
    ring(tmp_path, "cpu")
    assert listen(LONG) == 1


def test_a_listener_is_woken(
    listen: Listen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "WOKEN_SECONDS", LONG)  # it does not look by itself
    ringing = threading.Timer(0.01, ring, (tmp_path, "cpu"))
    ringing.start()
    assert listen(LONG) == 1
    ringing.join()


def test_messages_of_other_queues_keep_nobody_from_hearing(
    listen: Listen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "WOKEN_SECONDS", LONG)
    ring(tmp_path, "gpu")
    with pytest.raises(TimeoutError):
        listen(0.001)
    ringing = threading.Timer(0.01, ring, (tmp_path, "cpu"))
    ringing.start()
    assert listen(LONG) == 1
    ringing.join()
