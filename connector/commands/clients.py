"""`retusche clients`: what one client may do, and the secret that signs its callbacks."""

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from connector.commands.console import MISUSED, complain, stderr, stdout, table, understood
from connector.commands.opened import opened

if TYPE_CHECKING:
    from connector.auth.client_rows import ClientRow, Limit

app = typer.Typer(no_args_is_help=True, help="Clients: their limits, and their callbacks' secret.")

ClientId = Annotated[str, typer.Argument(metavar="CLIENT", help="Name of the client.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OWN = "default"
"""The word for the service's own limit."""


@app.command(name="list")
def list_clients(as_json: AsJson = False) -> None:
    """List clients and the limits that are their own; an empty one is the service's."""
    from connector.auth import client_rows

    with opened(make=True) as (database, _):
        found = database.read(client_rows.every)
    if as_json:
        typer.echo(json.dumps([_shown(row) for row in found], indent=2, ensure_ascii=False))
        return
    rows = table("client", "requests per minute", "items waiting", "bytes stored")
    for row in found:
        limits = (row.requests_per_minute, row.max_queued, row.max_stored_bytes)
        rows.add_row(escape(row.id), *("" if limit is None else f"{limit:,}" for limit in limits))
    stdout().print(rows)


@app.command(name="set")
def set_limits(
    client: ClientId,
    requests_per_minute: Annotated[
        str | None, typer.Option(help="In each API process; 0: no limit; or `default`.")
    ] = None,
    max_queued: Annotated[
        str | None, typer.Option(help="Items that may wait at a time; or `default`.")
    ] = None,
    max_stored_bytes: Annotated[
        str | None, typer.Option(help="Of its uploads; 0: no limit; or `default`.")
    ] = None,
) -> None:
    """Give a client limits of its own; they hold within seconds."""
    from connector.auth import client_rows

    given: dict[Limit, str | None] = {
        "requests_per_minute": requests_per_minute,
        "max_queued": max_queued,
        "max_stored_bytes": max_stored_bytes,
    }
    with understood():
        limits = {name: _limit(name, text) for name, text in given.items() if text is not None}
    with opened(make=True) as (database, _):
        row = database.write(lambda tx: client_rows.set_limits(tx, client, limits, time.time()))
    typer.echo(json.dumps(_shown(row), ensure_ascii=False))


@app.command()
def secret(
    client: ClientId,
    add: Annotated[
        bool, typer.Option("--add", help="Make another one; both sign until --retire.")
    ] = False,
    retire: Annotated[
        bool, typer.Option("--retire", help="Forget all but the newest: the receiver has it.")
    ] = False,
) -> None:
    """Show what signs a client's callbacks, or change it: --add, tell the receiver, --retire."""
    from connector.auth import client_rows
    from connector.webhooks import deliveries, rotation

    if add and retire:
        complain(
            "--add and --retire exclude each other: the receiver learns the new one in between"
        )
        raise typer.Exit(MISUSED)
    verb = rotation.add if add else rotation.retire if retire else deliveries.secrets_of
    with opened(make=True) as (database, _):
        database.read(lambda tx: client_rows.existing(tx, client))
        secrets = database.write(lambda tx: verb(tx, client))
    for each in secrets:
        typer.echo(each)
    if len(secrets) > 1:
        stderr().print("all of them sign; the newest is the last one", markup=False)


def _shown(row: "ClientRow") -> dict[str, Any]:
    return {
        "id": row.id,
        "requestsPerMinute": row.requests_per_minute,
        "maxQueued": row.max_queued,
        "maxStoredBytes": row.max_stored_bytes,
    }


def _limit(name: str, text: str) -> int | None:
    if text == OWN:
        return None
    digits = 15 if name == "max_stored_bytes" else 9  # what its column holds
    if not (text.isascii() and text.isdecimal() and len(text) <= digits):
        raise ValueError(
            f"--{name.replace('_', '-')} {text!r}; accepted: a number of at most {digits} digits, or {OWN}"
        )
    return int(text)
