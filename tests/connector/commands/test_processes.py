"""`retusche worker`, `keeper`, `db`, and the options of `serve`: what they make of their arguments."""

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from connector import logs, serving
from connector.jobs.errors import DatabaseUnavailable
from connector.queue import keeper, worker
from connector.queue.worker import WorkerOptions
from connector.settings import Settings
from tests.connector.commands.conftest import Cli


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[WorkerOptions]:
    """Collect what workers would be told."""
    found: list[WorkerOptions] = []

    def run(settings: Settings, catalogue: object, options: WorkerOptions) -> None:
        found.append(options)

    monkeypatch.setattr(worker, "run", run)
    return found


def test_a_worker_takes_from_the_queues_it_is_told(cli: Cli, ran: list[WorkerOptions]) -> None:
    assert cli("worker", "--queues", "gpu, cpu", "--name", "big").exit_code == 0
    assert (ran[0].queues, ran[0].name, ran[0].is_child) == (("gpu", "cpu"), "big", False)


def test_by_default_it_takes_from_the_settings_queues_under_a_name_of_its_own(
    cli: Cli, ran: list[WorkerOptions], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETUSCHE_WORKER_QUEUES", '["a", "b"]')
    cli("worker")
    cli("worker")
    assert ran[0].queues == ("a", "b")
    assert ran[0].name != ran[1].name


def test_a_worker_without_a_queue_is_a_mistake(cli: Cli, ran: list[WorkerOptions]) -> None:
    done = cli("worker", "--queues", " ,")
    assert (done.exit_code, ran) == (2, [])
    assert "--queues names no queue" in done.stderr


@pytest.mark.parametrize(
    ("error", "code"), [(ValueError("RETUSCHE_X is odd"), 2), (DatabaseUnavailable("away"), 1)]
)
def test_why_a_keeper_cannot_start_is_one_line(
    error: Exception, code: int, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: Any) -> None:
        raise error

    monkeypatch.setattr(keeper, "run", run)
    done = cli("keeper")
    assert done.exit_code == code
    assert done.stderr == f"error: {getattr(error, 'detail', error)}\n"


def test_the_database_is_checked_and_upgraded(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETUSCHE_DATA_DIR", str(tmp_path / "data"))
    done = cli("db", "check")
    assert done.exit_code == 1
    assert "run `retusche db upgrade`" in done.stderr
    for _ in range(2):
        assert cli("db", "upgrade").exit_code == 0
    assert cli("db", "check").exit_code == 0


def test_a_worker_refuses_a_database_of_another_version(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETUSCHE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(worker, "_hear_signals", lambda *_, **__: None)  # the test keeps its own
    monkeypatch.setattr(logs, "configure", lambda _: None)
    done = cli("worker")
    assert done.exit_code == 1
    assert "run `retusche db upgrade`" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "workers"), [(["--no-worker"], 0), (["--workers", "3"], 3), ([], 1)]
)
def test_serve_starts_as_many_workers_as_it_is_told(
    arguments: list[str], workers: int, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr(serving, "serve", served.append)
    assert cli("serve", *arguments).exit_code == 0
    assert served[0].workers == workers


def test_serve_refuses_what_contradicts_itself(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "serve", lambda _: pytest.fail("not called"))
    done = cli("serve", "--no-worker", "--workers", "2")
    assert done.exit_code == 2
    assert "exclude each other" in done.stderr


def test_a_second_signal_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    ended = threading.Event()
    worker._hear_signals(ended, ignore_interrupt=False)
    term = handlers[signal.SIGTERM]
    term(15, None)
    assert (ended.is_set(), codes) == (True, [])
    term(15, None)
    assert codes == [worker.KILLED]
