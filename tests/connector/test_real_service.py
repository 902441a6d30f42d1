"""The service as a user starts it: every step of the installation, warmed up, over a real socket."""

import pytest

from tests.connector.service_process import AS_INSTALLED, ServiceProcess
from tests.steps.samples import photo, png


@pytest.mark.weights
@pytest.mark.slow
def test_a_warmed_up_service_is_ready_and_works() -> None:
    with ServiceProcess(AS_INSTALLED, warm=1) as service:
        ready = service.http.get("/health/ready")
        assert ready.status_code == 200, ready.text
        picture = {"file": ("a.png", png(photo()))}
        answer = service.http.post("/v1/steps/anonymize/run", files=picture)
        assert answer.status_code == 200, answer.text
        assert answer.headers["retusche-verdict"] == "nothing-found"
