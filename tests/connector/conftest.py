import io
from collections.abc import AsyncIterator

import httpx
import pytest
from PIL import Image

from connector.app import create_app
from connector.settings import Settings
from tests.connector import sample_steps
from tests.connector.fifo import fifo

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
async def client(anyio_backend: str) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to an app with the sample steps and one worker process."""
    app = create_app(Settings(max_body_bytes=BODY_LIMIT, warm=False), sample_steps.registry)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as http,
    ):
        yield http
