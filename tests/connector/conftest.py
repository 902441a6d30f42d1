import io
from collections.abc import AsyncIterator

import httpx
import pytest
from PIL import Image

from tests.connector.fifo import fifo
from tests.connector.workshop import open_service, settings_in

__all__ = ["fifo"]

BODY_LIMIT = 100_000


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def png() -> bytes:
    """A picture, 3 px wide and 2 px high."""
    out = io.BytesIO()
    Image.new("RGB", (3, 2), (10, 20, 30)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="session")
async def client(
    anyio_backend: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to an app with the sample steps and a worker in this process."""
    settings = settings_in(
        tmp_path_factory.mktemp("service"), max_body_bytes=BODY_LIMIT, run_timeout_seconds=20
    )
    async with open_service(settings) as http:
        yield http
