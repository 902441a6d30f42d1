"""Ringing, and a broker that is away."""

import logging
import socket
import time
from pathlib import Path

import pytest

from connector.jobs.waiting import Bell
from connector.queue import doorbell
from connector.queue.celery_app import TASK, make_app
from connector.queue.doorbell import CeleryDoorbell, SilentDoorbell
from connector.queue.task import register
from connector.settings import Settings
from tests.connector.services import broker

BELL = Bell(item_id="01", queue="cpu", priority=0)


@pytest.mark.parametrize("kind", ["filesystem", "redis", "rabbitmq"])
def test_a_bell_hangs_until_it_is_answered(kind: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, broker_url=broker(kind))
    own = Bell(item_id="01", queue=tmp_path.name + str(time.time_ns()), priority=0)
    bell = CeleryDoorbell(settings)
    assert bell.waiting(own.queue) == 0
    bell.ring([own, own])
    assert bell.waiting(own.queue) == 2
    assert bell.missed == 0
    with bell._app.connection_for_write() as connection, connection.channel() as channel:
        channel.queue_delete(f"retusche.{own.queue}")
    bell.close()


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"])
def test_a_broker_that_is_away_is_told_once_and_costs_nothing_more(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bell = CeleryDoorbell(Settings(data_dir=tmp_path, broker_url=url))
    with caplog.at_level(logging.WARNING, doorbell.__name__):
        for _ in range(3):
            bell.ring([BELL, BELL])
    assert bell.waiting("cpu") == 0
    assert bell.missed == 6
    assert len([r for r in caplog.records if r.name == doorbell.__name__]) == 1
    bell.close()


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_a_broker_that_does_not_answer_holds_nobody_up(scheme: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # accepts, and says nothing
        url = f"{scheme}://127.0.0.1:{deaf.getsockname()[1]}//"
        bell = CeleryDoorbell(Settings(data_dir=tmp_path, broker_url=url))
        begun = time.monotonic()
        bell.ring([BELL])
        assert time.monotonic() - begun < 5
        assert bell.missed == 1
        bell.close()


def test_a_broker_that_is_back_is_used_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(doorbell, "OUTAGE_SECONDS", 0.0)
    bell = CeleryDoorbell(Settings(data_dir=tmp_path))
    rung = tmp_path / "doorbell" / "rung"
    rung.rmdir()
    bell.ring([BELL])
    assert bell.missed == 1
    rung.mkdir()
    with caplog.at_level(logging.INFO, doorbell.__name__):
        bell.ring([BELL])
    assert bell.waiting("cpu") == 1
    assert caplog.messages[-1] == "the broker is back"
    bell.close()


def test_nothing_to_ring_reaches_no_broker(tmp_path: Path) -> None:
    bell = CeleryDoorbell(Settings(data_dir=tmp_path, broker_url="redis://127.0.0.1:1/0"))
    bell.ring([])
    assert bell.missed == 0


@pytest.mark.parametrize("left", [True, False])
def test_the_task_rings_again_where_work_is_left(left: bool, tmp_path: Path) -> None:
    app = make_app(Settings(data_dir=tmp_path))
    bell = SilentDoorbell()
    register(app, lambda: left, bell)
    app.tasks[TASK]("01", "gpu")
    assert [(each.item_id, each.queue) for each in bell.rung] == ([("01", "gpu")] if left else [])
