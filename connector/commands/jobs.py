"""`retusche jobs`: what an operator looks at and does, straight on the database; no service needs to run."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.markup import escape

from connector.commands.console import MISUSED, complain, stdout, table
from connector.commands.opened import opened

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from connector.jobs.states import Status
    from connector.jobs.views import ItemView, JobView
    from connector.settings import Settings

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Look at jobs, cancel, retry and purge them.")

JobId = Annotated[str, typer.Argument(metavar="ID", help="Id of the job.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MOST_ITEMS = 1000
"""Items that `show` prints."""


@app.command(name="list")
def list_jobs(
    status: Annotated[str | None, typer.Option(help="Only jobs in this state.")] = None,
    client: Annotated[str | None, typer.Option(help="Only jobs of this client.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most jobs to print.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    from connector.jobs import read

    wanted = _status(status)
    with opened() as (database, _):
        found = database.read(lambda tx: read.jobs_of(tx, client, limit=limit, status=wanted))
    if as_json:
        _print([_job(each) for each in found])
        return
    rows = table("id", "status", "done", "items", "failed", "created", "correlation")
    for each in found:
        rows.add_row(
            each.id,
            each.status,
            f"{each.progress:.0%}",
            str(each.total),
            str(_counts(each)["failed"]),
            _when(each.created_at) or "",
            escape(each.correlation or ""),
        )
    stdout().print(rows)


@app.command()
def show(job_id: JobId, as_json: AsJson = False) -> None:
    """Show a job, its items, and what became of its callbacks."""
    from connector.jobs import read

    with opened() as (database, _):
        owner = database.read(lambda tx: read.owner(tx, job_id))
        job, items, deliveries = database.read(
            lambda tx: (
                read.job(tx, owner, job_id),
                read.items_of(tx, job_id, limit=MOST_ITEMS),
                read.deliveries_of(tx, job_id),
            )
        )
    whole = {
        **_job(job),
        "client": owner,
        "items": [_item(each) for each in items],
        "deliveries": [
            {
                "id": each.id,
                "type": each.type,
                "status": each.status,
                "attempts": len(each.attempts),
            }
            for each in deliveries
        ],
    }
    if as_json:
        _print(whole)
        return
    out = stdout()
    for name, value in whole.items():
        if name not in ("items", "deliveries") and value is not None:
            out.print(f"{name:12} {value}", markup=False)
    rows = table("item", "status", "attempts", "error")
    for item in items:
        error = f"{item.error.code}: {item.error.detail}" if item.error else ""
        rows.add_row(escape(item.name), item.status, str(item.attempt), escape(error))
    out.print(rows)
    for each in deliveries:
        out.print(f"callback {each.id} {each.type} {each.status}", markup=False)


@app.command()
def cancel(job_id: JobId, as_json: AsJson = False) -> None:
    """Cancel a job: what waits ends at once, what runs is asked to stop."""
    from connector.jobs import cancel as verb

    def act(tx: "Connection", owner: str, now: float, own: "Settings") -> None:
        verb.cancel(tx, owner, job_id, now, own.rules())

    _act(job_id, act, as_json)


@app.command()
def retry(job_id: JobId, as_json: AsJson = False) -> None:
    """Run the failed items of a job again; workers find them within seconds."""
    from connector.jobs import retry as verb

    def act(tx: "Connection", owner: str, now: float, own: "Settings") -> None:
        verb.retry(tx, owner, job_id, now, own.rules())

    _act(job_id, act, as_json)


@app.command()
def purge(job_id: JobId) -> None:
    """Delete a job that has ended, and its files, at once."""
    import time

    from connector.jobs import filed, read
    from connector.jobs import purge as verb
    from connector.storage.store import FileStore

    with opened() as (database, own):
        files = FileStore.open(own.files)
        hashes = database.write(lambda tx: verb.purge(tx, read.owner(tx, job_id), job_id))
        for start in range(0, len(hashes), filed.BATCH):
            some = hashes[start : start + filed.BATCH]

            def sweep(tx: "Connection", some: list[str] = some) -> int:
                return filed.sweep(tx, files.delete, time.time(), among=some)

            database.write(sweep)
    stdout().print(f"{job_id} is deleted", markup=False)


def _act(
    job_id: str, verb: Callable[["Connection", str, float, "Settings"], None], as_json: bool
) -> None:
    import time

    from connector.jobs import read

    with opened() as (database, own):
        owner = database.read(lambda tx: read.owner(tx, job_id))
        database.write(lambda tx: verb(tx, owner, time.time(), own))
        job = database.read(lambda tx: read.job(tx, owner, job_id))
    if as_json:
        _print(_job(job))
    else:
        stdout().print(f"{job.id} is {job.status}", markup=False)


def _status(given: str | None) -> "Status | None":
    from connector.jobs.states import Status

    if given is None:
        return None
    try:
        return Status(given.upper())
    except ValueError as error:
        complain(f"--status {given!r}; accepted: {', '.join(Status)}")
        raise typer.Exit(MISUSED) from error


def _print(whole: object) -> None:
    typer.echo(json.dumps(whole, indent=2, ensure_ascii=False))


def _job(view: "JobView") -> dict[str, Any]:
    return {
        "id": view.id,
        "status": view.status,
        "progress": round(view.progress, 4),
        "counts": _counts(view),
        "template": view.template,
        "priority": view.priority,
        "correlation": view.correlation,
        "traceId": view.trace_id,
        "createdAt": _when(view.created_at),
        "startedAt": _when(view.started_at),
        "finishedAt": _when(view.finished_at),
        "expiresAt": _when(view.expires_at),
        "error": view.error_code and {"code": view.error_code, "detail": view.error_detail},
    }


def _item(view: "ItemView") -> dict[str, Any]:
    return {
        "id": view.name,
        "status": view.status,
        "attempts": view.attempt,
        "error": view.error and {"code": view.error.code, "detail": view.error.detail},
    }


def _counts(view: "JobView") -> dict[str, int]:
    return {status.lower(): count for status, count in view.counts.items()}


def _when(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
