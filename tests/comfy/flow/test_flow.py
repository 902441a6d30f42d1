"""A job at a jadice flow controller, by the client and by the command."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from comfy_bridge import flow
from comfy_bridge.flow import (
    FlowController,
    FlowJobFailed,
    FlowPart,
    FlowRefused,
    FlowUnreachable,
    connected,
)
from connector.cli import app
from tests.comfy.flow.controller import PICTURE, TOKEN, Controller

PART = FlowPart("https://store.example/kitchen.jpg", "kitchen.jpg", "image/jpeg")


@pytest.fixture
def controller() -> Iterator[Controller]:
    with Controller() as running:
        yield running


@pytest.fixture
def client(controller: Controller) -> Iterator[FlowController]:
    with connected(controller.url, TOKEN) as opened:
        yield opened


def no_pause(seconds: float) -> None:
    """Do not wait."""


def test_a_job_from_its_creation_to_its_result(
    client: FlowController, controller: Controller
) -> None:
    assert client.template_names() == ("anonymize", "ocr")
    job = client.create("anonymize", [[PART]], priority=3)
    seen: list[str] = []
    client.wait(job.number, 5, lambda each: seen.append(each.status), no_pause)
    assert seen == ["STARTED", "FINISHED"]
    (made,) = client.result(job.number)
    assert (made.url, made.mime_type) == (f"{controller.url}/made.png", "image/png")
    assert controller.jobs == [
        {
            "jobTemplateName": "anonymize",
            "priority": 3,
            "items": [
                {
                    "parts": [
                        {
                            "url": PART.url,
                            "filename": "kitchen.jpg",
                            "type": "BASE_PART",
                            "mimeType": "image/jpeg",
                        }
                    ]
                }
            ],
        }
    ]


@pytest.mark.parametrize("status", sorted(flow.FAILED))
def test_a_job_that_ends_otherwise_names_state_and_trace(
    client: FlowController, controller: Controller, status: str
) -> None:
    controller.states = ["STARTED", status]
    with pytest.raises(FlowJobFailed, match=f"job 1 ended {status}, trace abc"):
        client.wait(1, 5, sleep=no_pause)


def test_a_job_that_takes_too_long_goes_on(client: FlowController, controller: Controller) -> None:
    controller.states = ["STARTED"]
    with pytest.raises(FlowJobFailed, match="has not ended within 0 s; it goes on there"):
        client.wait(1, 0, sleep=no_pause)


def test_a_controller_that_is_away_for_a_moment_is_asked_again(
    client: FlowController, controller: Controller
) -> None:
    controller.answers = [(503, ""), (502, "")]
    assert client.wait(1, 5, sleep=no_pause).status == "FINISHED"


def test_a_controller_that_stays_away_is_told(
    client: FlowController, controller: Controller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "PATIENCE", -1.0)
    controller.answers = [(503, "")]
    with pytest.raises(FlowUnreachable, match="answers 503"):
        client.wait(1, 5, sleep=no_pause)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((400, "no such template"), "answers 400 to /job/create: no such template"),
        ((200, "<html>"), "no JSON"),
        ((200, "[]"), "names no job"),
    ],
)
def test_what_the_controller_does_not_take_is_told(
    client: FlowController, controller: Controller, answer: tuple[int, str], said: str
) -> None:
    controller.answers = [answer]
    with pytest.raises(FlowRefused, match=said):
        client.create("nothing", [[PART]])


def test_without_its_token_it_says_so(controller: Controller) -> None:
    with connected(controller.url) as opened, pytest.raises(FlowRefused, match="answers 401"):
        opened.template_names()


def test_nobody_there_is_told() -> None:
    with connected("http://127.0.0.1:9") as opened, pytest.raises(FlowUnreachable):
        opened.template_names()


def command(controller: Controller, *arguments: str) -> Result:
    own = ["--controller", controller.url, "--token", TOKEN]
    return CliRunner().invoke(app, ["flow", *arguments, *own])


def test_the_command_fetches_the_result(controller: Controller, tmp_path: Path) -> None:
    submit = ("submit", PART.url, "--template", "anonymize")
    done = command(controller, *submit, "--output", str(tmp_path))
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == str(tmp_path / "1-made.png")
    assert [each.name for each in tmp_path.iterdir()] == ["1-made.png"]
    assert (tmp_path / "1-made.png").read_bytes() == PICTURE


def test_the_command_need_not_wait(controller: Controller) -> None:
    done = command(controller, "submit", PART.url, "--template", "ocr", "--wait", "0")
    assert done.stdout.strip() == "1"


def test_the_command_names_templates_and_faults(controller: Controller) -> None:
    assert command(controller, "templates").stdout.split() == ["anonymize", "ocr"]
    controller.answers = [(500, "down")]
    failed = command(controller, "templates")
    assert (failed.exit_code, "answers 500" in failed.stderr) == (1, True)
    local = command(controller, "submit", "kitchen.jpg", "--template", "ocr")
    assert (local.exit_code, "is no address" in local.stderr) == (2, True)
    assert controller.jobs == []
