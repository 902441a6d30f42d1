"""Makes what schemathesis invents go further: most of its jobs would end at a URL that is none."""

from typing import Any

import schemathesis

from connector.api.openapi import examples
from connector.api.statuses import FAULTS

PIXEL = examples.JOBS["styled"]["value"]["items"][0]["parts"][1]["url"]
BACKENDS = {"detector", "segmenter", "inpainter", "backend"}
EVERY = 3
"""One body in so many stays as it was invented."""


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Put a picture in the place of invented URLs, and "auto" in that of invented names of backends."""
    if not isinstance(body, dict) or len(repr(body)) % EVERY == 0:
        return body
    return _mended(body)


def _mended(node: Any) -> Any:
    if isinstance(node, list):
        return [_mended(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: _mended(value) for key, value in node.items() if key not in BACKENDS | {"callback"}
    }
    if isinstance(made.get("url"), str):
        made["url"] = PIXEL
    return made


@schemathesis.check
def nothing_breaks(context: Any, response: Any, case: Any) -> None:
    """Refuse every 5xx but the one that this service is set to give: work is stopped after a second."""
    if response.status_code >= 500:
        assert response.json()["code"] == "deadline-exceeded", response.json()


@schemathesis.check
def problems_are_documented(context: Any, response: Any, case: Any) -> None:
    """Compare the code of a problem with those that the operation documents at this status."""
    if not response.headers.get("content-type", [""])[0].startswith("application/problem+json"):
        return
    problem = response.json()
    code, status = problem["code"], problem["status"]
    assert status == response.status_code == FAULTS[code].status, problem
    answers = case.operation.definition.raw["responses"]
    if str(status) in answers and case.method.lower() == case.operation.method.lower():
        assert code in answers[str(status)]["x-codes"], f"{code} is not documented: {problem}"
