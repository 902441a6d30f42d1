import json
import logging

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from connector.api.door import Trace
from connector.logs import JsonFormatter
from tests.connector.problem import problem

pytestmark = pytest.mark.anyio


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("password=hunter2")


async def test_what_nobody_expected_is_a_problem_without_its_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    transport = httpx.ASGITransport(Trace(broken))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        body = problem(await http.get("/x"), "internal-error")
    assert "hunter2" not in body["detail"]
    assert body["traceId"] in body["detail"]
    assert [r.levelname for r in caplog.records if r.exc_info] == ["ERROR"]


async def test_each_request_is_logged_without_query_or_headers(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await client.get("/v1/steps?secret=1", headers={"Authorization": "Bearer hunter2"})
    (record,) = [r for r in caplog.records if r.name == "connector.api.door"]
    line = json.loads(JsonFormatter().format(record))
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/steps", 200)
    assert line["milliseconds"] >= 0
    assert len(line["traceId"]) == 32
    assert "secret" not in json.dumps(line)
    assert "hunter2" not in json.dumps(line)
