"""The flows of openapi/engines/node-red in a real Node-RED, against a real service that asks for a key."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.connector.service_process import AS_INSTALLED, ROOT, ServiceProcess
from tests.engines.node_red import NodeRed
from tests.engines.npm import installed
from tests.steps.anonymize import markers

pytestmark = pytest.mark.slow

FLOWS = ROOT / "openapi" / "engines" / "node-red"
STUBS = {
    "classes": ["person"],
    "detector": "stub",
    "mask": "box",
    "inpainter": "stub",
}
"""Backends without weights: magenta rectangles are people."""
BOX = (60, 40, 120, 160)
PHOTO = markers.png(markers.picture(BOX))
PNG = {"Content-Type": "image/png"}


def retusche(folder: Path, *words: str) -> str:
    """Run a command on the data in a folder and return what it prints."""
    command = [sys.executable, "-c", "from connector.cli import main; main()", *words]
    environment = {"RETUSCHE_DATA_DIR": str(folder), "RETUSCHE_AUTH": "keys"}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def red(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeRed]:
    program = installed("node-red")
    folder, userdir = tmp_path_factory.mktemp("service"), tmp_path_factory.mktemp("node-red")
    key = retusche(folder, "keys", "create", "--client", "node-red")
    secret = retusche(folder, "clients", "secret", "node-red").splitlines()[0]
    engine = NodeRed(program, userdir)
    service = ServiceProcess(AS_INSTALLED, data_dir=folder, auth="keys", callback_hosts=engine.url)
    with engine, service:
        engine.load(
            sorted(FLOWS.glob("*.json")),
            {
                "RETUSCHE_URL": f"http://127.0.0.1:{service.port}",
                "RETUSCHE_KEY": key,
                "RETUSCHE_PARAMETERS": json.dumps(STUBS),
                "RETUSCHE_WEBHOOK_SECRET": secret,
                "NODE_RED_URL": engine.url,
            },
        )
        yield engine


@pytest.mark.parametrize("name", ["run", "job-poll", "job-callback"])
def test_the_picture_comes_back_without_people(red: NodeRed, name: str) -> None:
    answer = red.http.post(f"/retusche/{name}", content=PHOTO, headers=PNG)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    before, after = pixels(PHOTO), pixels(answer.content)
    assert after.shape == before.shape
    x0, y0, x1, y1 = BOX
    assert not (after[y0:y1, x0:x1] == markers.MAGENTA).all(axis=2).any()
    margin = 30  # of the mask, which grows and is feathered
    for kept in (np.s_[: y0 - margin], np.s_[:, : x0 - margin], np.s_[:, x1 + margin :]):
        assert np.array_equal(after[kept], before[kept])


@pytest.mark.parametrize("name", ["run", "job-poll", "job-callback"])
def test_a_fault_comes_back_as_a_problem(red: NodeRed, name: str) -> None:
    answer = red.http.post(f"/retusche/{name}", content=b"no picture", headers=PNG)
    assert answer.status_code in (422, 502), answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"] == "image-undecodable"


def test_a_message_without_a_signature_is_refused(red: NodeRed) -> None:
    forged = {"type": "job.finished", "data": {"id": "X", "correlation": "Y"}}
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,AAAA",
    }
    hook = "/retusche/job-callback/ended"
    assert red.http.post(hook, json=forged).status_code == 401
    assert red.http.post(hook, json=forged, headers=headers).status_code == 401


def pixels(content: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Decode RGB."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
