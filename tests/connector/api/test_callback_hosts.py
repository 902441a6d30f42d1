"""Where pictures may lie inside, and where callbacks may go inside, are two lists."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.connector.problem import pointers, problem
from tests.connector.workshop import open_service, settings_in

pytestmark = pytest.mark.anyio

STORE, ENGINE, BOTH = (
    "http://store.internal:9000",
    "http://engine.internal:5678",
    "http://both.internal",
)


async def made(http: httpx.AsyncClient, source: str, callback: str) -> httpx.Response:
    job: dict[str, Any] = {
        "steps": [{"step": "echo"}],
        "items": [{"id": "a", "parts": [{"url": f"{source}/a.png"}]}],
        "callback": {"url": f"{callback}/hook"},
    }
    return await http.post("/v1/jobs", json=job)


async def test_each_list_opens_its_own_way_alone(tmp_path: Path) -> None:
    settings = settings_in(
        tmp_path, source_hosts={STORE}, callback_hosts={ENGINE}, fetch_hosts={BOTH}
    )
    async with open_service(settings) as http:
        for source, callback in ((STORE, ENGINE), (BOTH, BOTH)):
            assert (await made(http, source, callback)).status_code == 202
        refused = problem(await made(http, ENGINE, ENGINE), "source-unreachable")
        assert pointers(refused) == ["/items/0/parts/0/url"]
        refused = problem(await made(http, STORE, STORE), "request-invalid")
        assert pointers(refused) == ["/callback/url"]
