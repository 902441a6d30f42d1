"""The Celery app: one preset per kind of broker, chosen by the scheme of its URL.

What holds for all of them:

- A message is a doorbell. It is acknowledged late, so that a busy worker holds one and no more; were it
  lost or came twice, the database would know better. Hence no results, no retries, no dead letters.
- No priorities in the broker: the claim decides who is next, whatever message woke the worker. (Quorum
  queues know but two, and Redis imitates them by one list each.)
- No gossip, mingle, events or remote control: with hundreds of workers they cost more than the work.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from celery import Celery
from kombu import Exchange, Queue

from connector.settings import Settings

TASK = "retusche.item"
"""The one task: (item id, queue)."""
PREFIX = "retusche."
"""Of the broker's queues, which others may use too."""
POLL_SECONDS = 0.005
"""Between two looks into the folder of doorbells where no pipe wakes an idle worker (`folder`)."""
CONNECT_SECONDS = 1.0
"""Longest wait for a broker that does not answer: a request must not hang on it."""
VISIBILITY_SECONDS = 12 * 3600
"""Redis and SQS hand an unacknowledged message to another worker after this: beyond the longest step. (12 h is
the most that SQS allows. A message lost for so long is no loss: see `keeper`.)"""

Role = Literal["ring", "listen"]
"""Whether the app publishes, where nothing may take long, or consumes."""


def make_app(settings: Settings, role: Role = "listen") -> Celery:
    """Return the Celery app of an installation.

    Raises:
        ValueError: the broker's URL is of a kind that has no preset.
    """
    url = settings.broker_url or "filesystem://"
    scheme = url.partition("://")[0].split("+")[0]
    if scheme == "filesystem":
        url = "filesystem://localhost//"  # the folder is ours to choose; kombu wants a host
    if scheme not in _PRESETS:
        raise ValueError(
            f"RETUSCHE_BROKER_URL begins with {scheme!r}; "
            "accepted: amqp, amqps, redis, rediss, sqs, filesystem (or nothing)"
        )
    app = Celery("retusche", broker=url, backend=None, set_as_current=False)
    app.conf.update(_COMMON | _PRESETS[scheme](settings, role))
    return app


def broker_queue(queue: str, app: Celery) -> Queue:
    """Return a queue of ours as the broker knows it; bound to nothing, so that a name is all it takes."""
    quorum = str(app.conf.broker_url).startswith("amqp")
    return Queue(
        PREFIX + queue,
        Exchange(""),
        routing_key=PREFIX + queue,
        durable=True,
        queue_arguments={"x-queue-type": "quorum"} if quorum else None,
    )


_COMMON: dict[str, Any] = {
    "task_acks_late": True,
    "task_acks_on_failure_or_timeout": True,
    "task_reject_on_worker_lost": False,  # the database brings items back, and counts the attempts
    "task_ignore_result": True,
    "task_store_errors_even_if_ignored": False,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_send_sent_event": False,
    "worker_prefetch_multiplier": 1,
    "worker_send_task_events": False,
    "worker_enable_remote_control": False,
    "worker_consumer": "connector.queue.listener:BellConsumer",
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "broker_connection_retry": True,
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,  # for ever
    "broker_connection_timeout": CONNECT_SECONDS,
    "enable_utc": True,
}


def _filesystem(settings: Settings, role: Role) -> dict[str, Any]:
    folder = settings.data_dir.absolute() / "doorbell"
    options = {
        "data_folder_in": folder / "rung",
        "data_folder_out": folder / "rung",
        "processed_folder": folder / "taken",
        "control_folder": folder / "control",
    }
    for each in options.values():
        Path(each).mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "broker_transport": "connector.queue.folder:Transport",
        "broker_transport_options": {name: str(each) for name, each in options.items()}
        | {"polling_interval": POLL_SECONDS, "store_processed": True},
    }


def _redis(settings: Settings, role: Role) -> dict[str, Any]:
    return {
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_SECONDS,
            # Of our own, also for the list of unacknowledged messages: the shortest time-out of
            # all apps that share one counts.
            "global_keyprefix": PREFIX,
            "socket_connect_timeout": CONNECT_SECONDS,
            # A listener's socket is silent while nothing is rung; its health is checked instead.
            **({"socket_timeout": CONNECT_SECONDS} if role == "ring" else {}),
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
    }


def _amqp(settings: Settings, role: Role) -> dict[str, Any]:
    return {
        # A listener that waits for a long item sends no heartbeat, and would be cut off. A dead
        # connection shows at the next message; until then the worker looks by itself.
        "broker_heartbeat": 0,
        "worker_detect_quorum_queues": True,
        "broker_transport_options": {
            "confirm_publish": True,
            **(
                {"read_timeout": CONNECT_SECONDS, "write_timeout": CONNECT_SECONDS}
                if role == "ring"
                else {}
            ),
        },
    }


def _sqs(settings: Settings, role: Role) -> dict[str, Any]:
    """Region and credentials come from AWS_*; needs `celery[sqs]`. Not tested: no SQS runs beside the tests."""
    return {
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_SECONDS,
            "wait_time_seconds": 20,  # long polling, the longest that SQS knows
            "polling_interval": 0,
        },
    }


_PRESETS: dict[str, Callable[[Settings, Role], dict[str, Any]]] = {
    "filesystem": _filesystem,
    "redis": _redis,
    "rediss": _redis,
    "amqp": _amqp,
    "amqps": _amqp,
    "sqs": _sqs,
}
