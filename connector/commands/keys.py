"""`retusche keys`: API keys of clients, made, listed, replaced, revoked; straight on the database."""

import json
import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from connector.commands.console import MISUSED, complain, stderr, stdout, table, understood
from connector.commands.durations import seconds_of
from connector.commands.opened import opened

if TYPE_CHECKING:
    from connector.auth.key_rows import KeyRow
    from connector.auth.keys import NewKey

app = typer.Typer(no_args_is_help=True, help="API keys: create, list, rotate, revoke.")

KeyId = Annotated[str, typer.Argument(metavar="ID", help="Id of the key, as `list` shows it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
"""Names of clients with keys; without a colon, which clients of an OpenID provider have."""
USUAL = "steps:run,jobs:read,jobs:cancel"


@app.command()
def create(
    client: Annotated[str, typer.Option(help="Whose key it is; a new client is made.")],
    scopes: Annotated[str, typer.Option(help="What it may do, by commas.")] = USUAL,
    expires: Annotated[
        str | None, typer.Option(help="How long it is valid: 90d, 24h; without it until revoked.")
    ] = None,
    name: Annotated[str, typer.Option(help="A note for yourself: what uses it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a key. It is printed once, alone on standard output, and stored nowhere."""
    from connector.auth import key_rows
    from connector.auth.scopes import scopes_of

    if not CLIENT.fullmatch(client):
        complain(f"--client {client!r}; accepted: up to 64 letters, digits, '.', '_' and '-'")
        raise typer.Exit(MISUSED)
    with understood():
        wanted = scopes_of(scopes)
        seconds = None if expires is None else seconds_of(expires)
    with opened(make=True) as (database, _):
        made = database.write(
            lambda tx: key_rows.create(
                tx, client, wanted, time.time(), seconds=seconds, name=name[:128]
            )
        )
    _print(made, as_json)


@app.command(name="list")
def list_keys(
    client: Annotated[str | None, typer.Option(help="Only keys of this client.")] = None,
    as_json: AsJson = False,
) -> None:
    """List keys, oldest first; what is shown opens nothing."""
    from connector.auth import key_rows

    with opened(make=True) as (database, _):
        found = database.read(lambda tx: key_rows.every(tx, client))
    if as_json:
        typer.echo(json.dumps([_shown(row) for row in found], indent=2, ensure_ascii=False))
        return
    rows = table("id", "client", "state", "scopes", "created", "expires", "used", "name")
    for row in map(_shown, found):
        rows.add_row(*(escape(cell or "") for cell in row.values()))
    stdout().print(rows)


@app.command()
def rotate(
    key_id: KeyId,
    overlap: Annotated[str, typer.Option(help="How long the old key stays valid.")] = "24h",
    as_json: AsJson = False,
) -> None:
    """Make a key in the place of another one: same client, scopes and lifetime. Both work for the overlap."""
    from connector.auth import key_rows

    with understood():
        seconds = seconds_of(overlap)
    with opened(make=True) as (database, _):
        made = database.write(lambda tx: key_rows.rotate(tx, key_id, time.time(), seconds))
    _print(made, as_json)
    stderr().print(f"{key_id} is valid for another {overlap} at most", markup=False)


@app.command()
def revoke(key_id: KeyId) -> None:
    """End a key now; every process shuts it out within seconds."""
    from connector.auth import key_rows

    with opened(make=True) as (database, _):
        database.write(lambda tx: key_rows.revoke(tx, key_id, time.time()))
    stdout().print(f"{key_id} is revoked", markup=False)


def _print(made: "NewKey", as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"id": made.id, "key": made.text}))
        return
    typer.echo(made.text)
    stderr().print(f"key {made.id}: keep it now, it is not shown again", markup=False)


def _shown(row: "KeyRow") -> dict[str, str | None]:
    return {
        "id": row.id,
        "client": row.client_id,
        "state": row.state(time.time()),
        "scopes": ",".join(sorted(row.scopes)),
        "createdAt": _when(row.created_at),
        "expiresAt": _when(row.expires_at),
        "usedAt": _when(row.used_at),
        "name": row.name,
    }


def _when(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
