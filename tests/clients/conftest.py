"""A live service with the steps of this distribution, and a picture to send to it."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image

from tests.connector.fifo import LONG
from tests.connector.service_process import AS_INSTALLED, ROOT, ServiceProcess
from tests.steps.samples import photo, png

DOCUMENT = ROOT / "openapi" / "openapi.json"
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="package")
def service() -> Iterator[ServiceProcess]:
    with ServiceProcess(AS_INSTALLED, warm=0) as running:
        yield running


class Example:
    """An example as its reader runs it: a picture in, a larger one out."""

    def __init__(self, service: ServiceProcess, folder: Path) -> None:
        self._url = f"http://127.0.0.1:{service.port}"
        self._source, self._target = folder / "kitchen.png", folder / "large.png"
        self._source.write_bytes(png(photo()))

    def run(self, command: Sequence[str], **environment: str) -> str:
        """Run the example; return what it printed, once the picture is twice as large."""
        done = subprocess.run(
            [*command, str(self._source), str(self._target)],
            env=os.environ | environment | {"RETUSCHE_URL": self._url},
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        with Image.open(self._source) as before, Image.open(self._target) as after:
            assert after.size == (2 * before.width, 2 * before.height)
        return done.stdout


@pytest.fixture
def example(service: ServiceProcess, tmp_path: Path) -> Example:
    return Example(service, tmp_path)
