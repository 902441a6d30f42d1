"""A service as installed, whose jobs run on ComfyUI servers; calls that a client makes."""

import base64
from typing import Any

from tests.comfy.fake.server import eventually
from tests.connector.service_process import AS_INSTALLED, ServiceProcess


def service(urls: str, **settings: object) -> ServiceProcess:
    """Return a service that uses these servers."""
    return ServiceProcess(AS_INSTALLED, comfyui_urls=urls, **settings)


def create(running: ServiceProcess, content: bytes, workflow: str, **inputs: object) -> str:
    """Create a job of one picture and return its id."""
    answer = running.http.post("/v1/jobs", json=body(content, workflow, **inputs))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def body(content: bytes, workflow: str, **inputs: object) -> dict[str, Any]:
    """Return the request of such a job."""
    url = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    parameters = {"workflow": workflow, "inputs": inputs}
    return {
        "steps": [{"step": "comfy-workflow", "parameters": parameters}],
        "items": [{"parts": [{"url": url, "filename": "kitchen.png"}]}],
    }


def result(running: ServiceProcess, job: dict[str, Any]) -> bytes:
    """Return the picture that a finished job made."""
    (item,) = job["items"]
    made = next(part for part in item["parts"] if part["type"] == "BASE_PART")
    return running.http.get(made["url"]).raise_for_status().content


def state(running: ServiceProcess, job: str) -> dict[str, Any]:
    """Return a job."""
    found: dict[str, Any] = running.http.get(f"/v1/jobs/{job}").json()
    return found


def ended(running: ServiceProcess, job: str) -> dict[str, Any]:
    """Wait for a job's end."""
    eventually(lambda: state(running, job)["status"] in ("FINISHED", "FAILED", "CANCELLED"))
    return state(running, job)
