"""A live service with the steps of this distribution, and a picture to send to it."""

import os
import subprocess
import sys
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
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The service's own folder."""
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="package")
def service(data: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(AS_INSTALLED, warm=0, data_dir=data, auth="keys") as running:
        yield running


@pytest.fixture(scope="package")
def key(service: ServiceProcess, data: Path) -> str:
    """An API key, made as an operator makes one."""
    program = [sys.executable, "-c", "from connector.cli import main; main()"]
    done = subprocess.run(
        [*program, "keys", "create", "--client", "examples"],
        env=os.environ | {"RETUSCHE_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


class Example:
    """An example as its reader runs it: a picture in, a larger one out."""

    def __init__(self, service: ServiceProcess, key: str, folder: Path) -> None:
        url = f"http://127.0.0.1:{service.port}"
        self._settings = {"RETUSCHE_URL": url, "RETUSCHE_KEY": key}
        self._source, self._target = folder / "kitchen.png", folder / "large.png"
        self._source.write_bytes(png(photo()))

    def run(self, command: Sequence[str], **environment: str) -> str:
        """Run the example; return what it printed, once the picture is twice as large."""
        done = subprocess.run(
            [*command, str(self._source), str(self._target)],
            env=os.environ | environment | self._settings,
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
def example(service: ServiceProcess, key: str, tmp_path: Path) -> Example:
    return Example(service, key, tmp_path)
