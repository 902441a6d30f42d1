"""A service whose worker works when it is told to."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.connector.workshop import Workshop, open_service, settings_in

SOURCE = "https://store.example/kitchen.png"
"""A picture that can be fetched."""


@pytest.fixture
def workshop(tmp_path: Path, png: bytes) -> Workshop:
    """A worker that works when it is told to."""
    made = Workshop(settings_in(tmp_path), rings=False)
    made.sources[SOURCE] = png
    return made


@pytest.fixture
async def http(anyio_backend: str, workshop: Workshop) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to an app with that worker."""
    async with open_service(workshop.settings, workshop=workshop) as client:
        yield client
    workshop.close()
