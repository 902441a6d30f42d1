"""One preset per kind of broker."""

from pathlib import Path

import pytest

from connector.queue.celery_app import broker_queue, make_app
from connector.queue.listener import BellConsumer
from connector.settings import Settings


def settings(tmp_path: Path, url: str) -> Settings:
    return Settings(data_dir=tmp_path, broker_url=url)


ALL = ["", "redis://h/0", "rediss://h/0", "amqp://h//", "amqps://h//", "sqs://"]


@pytest.mark.parametrize("url", ALL)
def test_what_holds_for_every_broker(url: str, tmp_path: Path) -> None:
    conf = make_app(settings(tmp_path, url)).conf
    assert conf.task_acks_late
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_ignore_result
    assert not conf.result_backend
    assert not conf.task_reject_on_worker_lost
    assert conf.accept_content == ["json"]
    assert conf.broker_connection_max_retries is None
    assert not conf.worker_enable_remote_control


def test_redis_and_sqs_wait_longer_than_any_step(tmp_path: Path) -> None:
    for url in ("redis://h/0", "sqs://"):
        options = make_app(settings(tmp_path, url)).conf.broker_transport_options
        assert options["visibility_timeout"] == 12 * 3600


def test_a_listener_waits_in_silence_and_a_ringer_does_not(tmp_path: Path) -> None:
    listen = make_app(settings(tmp_path, "redis://h/0")).conf.broker_transport_options
    ring = make_app(settings(tmp_path, "redis://h/0"), "ring").conf.broker_transport_options
    assert "socket_timeout" not in listen
    assert ring["socket_timeout"] <= 1


def test_rabbitmq_keeps_quorum_queues_and_confirms(tmp_path: Path) -> None:
    app = make_app(settings(tmp_path, "amqp://h//"))
    assert app.conf.broker_transport_options["confirm_publish"]
    assert broker_queue("cpu", app).queue_arguments == {"x-queue-type": "quorum"}
    redis = make_app(settings(tmp_path, "redis://h/0"))
    assert broker_queue("cpu", redis).queue_arguments is None


def test_a_broker_without_a_preset_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'kafka'; accepted: amqp, amqps, redis"):
        make_app(settings(tmp_path, "kafka://h"))


def test_no_queues_for_delayed_delivery_are_declared() -> None:
    steps = [str(step) for step in BellConsumer.Blueprint.default_steps]
    assert any(step.endswith(":Tasks") for step in steps)
    assert not any("DelayedDelivery" in step for step in steps)
