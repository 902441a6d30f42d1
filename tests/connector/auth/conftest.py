import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from connector.auth import key_rows
from connector.auth.scopes import ALL, Scope
from tests.connector.auth.provider import Provider, providing
from tests.connector.jobs.conftest import database, postgresql, sqlite
from tests.connector.workshop import Workshop, open_service, settings_in

__all__ = ["database", "postgresql", "sqlite"]


@pytest.fixture
def provider() -> Iterator[Provider]:
    """An OpenID provider on loopback."""
    with providing() as running:
        yield running


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    """A service's database and worker; the service asks for keys."""
    made = Workshop(settings_in(tmp_path, auth="keys"), rings=False)
    yield made
    made.close()


@pytest.fixture
async def http(anyio_backend: str, workshop: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to that service; shows nothing unless a test does."""
    async with open_service(workshop.settings, workshop=workshop) as client:
        yield client


def key_of(
    workshop: Workshop,
    client_id: str = "acme",
    scopes: frozenset[Scope] = ALL,
    *,
    seconds: float | None = None,
) -> str:
    """Make a key, and return its text."""
    made = workshop.database.write(
        lambda tx: key_rows.create(tx, client_id, scopes, time.time(), seconds=seconds)
    )
    return made.text


def bearing(text: str) -> dict[str, str]:
    """Return the header that shows a key or token."""
    return {"Authorization": f"Bearer {text}"}
