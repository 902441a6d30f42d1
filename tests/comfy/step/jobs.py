"""A service as installed, whose jobs run on ComfyUI servers; calls that a client makes."""

import base64
from typing import Any

from tests.comfy.fake.server import LONG, eventually
from tests.connector.service_process import AS_INSTALLED, ServiceProcess


def service(urls: str, **settings: object) -> ServiceProcess:
    """Return a service that uses these servers."""
    return ServiceProcess(AS_INSTALLED, comfyui_urls=urls, **settings)


def create(
    running: ServiceProcess,
    content: bytes,
    workflow: str,
    mask: bytes | None = None,
    **inputs: object,
) -> str:
    """Create a job of one picture and return its id."""
    call = body(content, workflow, **inputs)
    if mask is not None:
        call["items"][0]["parts"].append({"url": _url(mask), "role": "mask"})
    answer = running.http.post("/v1/jobs", json=call)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def body(content: bytes, workflow: str, **inputs: object) -> dict[str, Any]:
    """Return the request of such a job."""
    parameters = {"workflow": workflow, "inputs": inputs}
    return {
        "steps": [{"step": "comfy-workflow", "parameters": parameters}],
        "items": [{"parts": [{"url": _url(content), "filename": "kitchen.png"}]}],
    }


def _url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def result(running: ServiceProcess, job: dict[str, Any]) -> bytes:
    """Return the picture that a finished job made."""
    (item,) = job["items"]
    return part(running, next(each for each in item["parts"] if each["type"] == "BASE_PART"))


def part(running: ServiceProcess, described: dict[str, Any]) -> bytes:
    """Return a part's bytes."""
    return running.http.get(described["url"]).raise_for_status().content


def state(running: ServiceProcess, job: str) -> dict[str, Any]:
    """Return a job."""
    found: dict[str, Any] = running.http.get(f"/v1/jobs/{job}").json()
    return found


def ended(running: ServiceProcess, job: str, seconds: float = LONG) -> dict[str, Any]:
    """Wait for a job's end."""
    over = ("FINISHED", "FAILED", "CANCELLED")
    eventually(lambda: state(running, job)["status"] in over, seconds)
    return state(running, job)
