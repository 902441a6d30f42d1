"""Changing the secret that signs a client's callbacks, without one that its receiver cannot check."""

from sqlalchemy import Connection, update

from connector.jobs.tables import clients
from connector.webhooks.deliveries import secrets_of
from connector.webhooks.signature import new_secret


def add(tx: Connection, client_id: str) -> tuple[str, ...]:
    """Add a secret: from now on both sign, the earlier one first. Returns all; the client must be there.

    The header over the body alone has room for one signature: it stays the earlier one's until `retire`.
    """
    return _stored(tx, client_id, (*secrets_of(tx, client_id), new_secret()))


def retire(tx: Connection, client_id: str) -> tuple[str, ...]:
    """Forget all secrets but the newest. Returns it; the client must be there."""
    return _stored(tx, client_id, secrets_of(tx, client_id)[-1:])


def _stored(tx: Connection, client_id: str, secrets: tuple[str, ...]) -> tuple[str, ...]:
    tx.execute(
        update(clients).where(clients.c.id == client_id).values(webhook_secrets=list(secrets))
    )
    return secrets
