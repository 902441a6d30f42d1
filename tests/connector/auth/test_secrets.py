"""No secret of a running service is where others look: logs, the list of processes, answers."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from connector.auth import key_rows
from connector.auth.scopes import ALL
from connector.jobs.database import Database
from connector.jobs.migrate import upgrade
from tests.connector.auth.conftest import bearing
from tests.connector.postgresql import fresh_database
from tests.connector.service_process import ServiceProcess

PASSWORD = "hunter2"


def command_lines(root: int) -> list[str]:
    """Return what the list of processes shows of a process and all of its descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rpartition(")")[2].split()[1]
                )
            except OSError:  # it has just ended
                continue
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return [(Path("/proc") / str(pid) / "cmdline").read_text() for pid in sorted(family)]


@pytest.mark.slow
def test_no_secret_is_in_the_log_or_the_list_of_processes(png: bytes) -> None:
    with fresh_database("secrets") as plain:
        url = plain.replace("postgres@", f"postgres:{PASSWORD}@")
        database = Database(url)
        upgrade(database)
        key = database.write(lambda tx: key_rows.create(tx, "acme", ALL, time.time())).text
        service = ServiceProcess(database_url=url, auth="keys")
        with service:
            made = service.http.post("/v1/files", content=png, headers=bearing(key))
            link = made.json()["contentUrl"]
            assert service.http.get(link).content == png
            assert service.http.get("/v1/jobs", headers={"X-API-Key": key + "x"}).status_code == 401
            lines = command_lines(service.process.pid)
            ready = service.http.get("/actuator/health").text
        database.close()
    logged = json.dumps(service.log + rest_of(service))
    assert len(lines) > 2
    assert "/v1/files" in logged
    for secret in (PASSWORD, key.split("_", 2)[2], link.rpartition("token=")[2]):
        assert secret not in logged
        assert secret not in "".join(lines)
        assert secret not in ready


def rest_of(service: ServiceProcess) -> list[dict[str, Any]]:
    """Return what nobody has read of an ended service's log."""
    return [line for line in iter(service._lines.get, None) if line is not None]
