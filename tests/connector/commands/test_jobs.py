"""What an operator sees and does, without a service."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connector.cli import app
from connector.jobs import create, waiting
from connector.jobs.ids import new_id
from connector.jobs.model import NewItem, NewJob, NewPart, StepCall
from tests.connector.workshop import Workshop, settings_in

SOURCE = "https://store.example/a.png"


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, png: bytes) -> Workshop:
    monkeypatch.setenv("RETUSCHE_DATA_DIR", str(tmp_path))
    made = Workshop(settings_in(tmp_path), rings=False)
    made.sources[SOURCE] = png
    return made


def created(workshop: Workshop) -> str:
    job = NewJob(id=new_id(), client_id="acme", steps=(StepCall(step="echo"),), correlation="[7]")
    items = [NewItem(name="hall", parts=(NewPart(url=SOURCE),))]
    now = time.time()
    workshop.database.write(lambda tx: create.ensure_client(tx, "acme", now))
    workshop.database.write(lambda tx: create.create(tx, job, items, now, workshop.place.rules))
    workshop.database.write(lambda tx: waiting.bells_of_job(tx, job.id, now))
    return job.id


def run(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["jobs", *words])
    assert done.exit_code == code, done.output
    return done.output


def as_json(*words: str) -> Any:
    return json.loads(run(*words, "--json"))


def test_list_and_show(workshop: Workshop) -> None:
    first, second = created(workshop), created(workshop)
    workshop.place.serve_one()
    assert [job["id"] for job in as_json("list")] == [second, first]
    assert [job["id"] for job in as_json("list", "--status", "finished")] == [first]
    assert as_json("list", "--client", "other") == []
    text = run("list")
    assert first in text
    assert "[7]" in text
    job = as_json("show", first)
    assert (job["client"], job["status"], job["items"][0]["attempts"]) == ("acme", "FINISHED", 1)
    assert "hall" in run("show", first)


def test_cancel_retry_purge(workshop: Workshop) -> None:
    job_id = created(workshop)
    assert "cancel it first" in run("purge", job_id, code=1)
    del workshop.sources[SOURCE]
    workshop.work()
    assert "step-failed" in run("show", job_id)
    assert as_json("retry", job_id)["status"] == "QUEUED"
    assert "CANCELLED" in run("cancel", job_id)
    assert "was cancelled" in run("retry", job_id, code=1)
    run("purge", job_id)
    assert "no job" in run("show", job_id, code=1)


def test_purge_deletes_the_files(workshop: Workshop) -> None:
    job_id = created(workshop)
    workshop.work()
    assert list(workshop.files.hashes())
    run("purge", job_id)
    assert list(workshop.files.hashes()) == []


def test_a_state_that_is_none(workshop: Workshop) -> None:
    assert "QUEUED" in run("list", "--status", "lost", code=2)
