"""A real ComfyUI, where the user names one: `RETUSCHE_COMFYUI=/path/to/ComfyUI pytest tests/comfy/real`."""

from collections.abc import Iterator

import pytest

from tests.comfy.real.comfyui import ComfyUI, checkouts
from tests.connector.fifo import fifo
from tests.connector.service_process import AS_INSTALLED, ServiceProcess

__all__ = ["fifo"]

NONE = pytest.param(
    None,
    marks=pytest.mark.skip(reason="opt-in: RETUSCHE_COMFYUI names no checkout (docs/comfyui.md)"),
)


@pytest.fixture(scope="session")
def service() -> Iterator[ServiceProcess]:
    """The service as installed, with its real steps."""
    with ServiceProcess(AS_INSTALLED) as running:
        yield running


@pytest.fixture(scope="session")
def samples() -> Iterator[ServiceProcess]:
    """The service with steps that behave as told."""
    with ServiceProcess() as running:
        yield running


VERSIONS: list[object] = [*checkouts()] or [NONE]


@pytest.fixture(scope="session", params=VERSIONS, ids=lambda path: getattr(path, "name", "none"))
def comfyui(request: pytest.FixtureRequest, service: ServiceProcess) -> Iterator[ComfyUI]:
    """Each of the ComfyUI versions that the user names, with our nodes in it."""
    environment = {"RETUSCHE_URL": f"http://127.0.0.1:{service.port}"}
    with ComfyUI(request.param, environment) as running:
        yield running
