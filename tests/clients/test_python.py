"""The client that openapi-python-client makes of the committed document: it builds, and runs a whole job."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import DOCUMENT, EXAMPLES, Example

pytestmark = pytest.mark.slow
LEFT_OUT = {"image/*", "*/*"}
"""Bodies that the generator knows no code for; beside each stands application/octet-stream, which it does."""
IMPORT_ALL = """
import importlib, pkgutil, retusche_client
for module in pkgutil.walk_packages(retusche_client.__path__, "retusche_client."):
    importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder that holds the client, and what the generator said."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "config.yaml").write_text("post_hooks: []\n")  # nobody reads the code: no formatter
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    places = {"--path": DOCUMENT, "--output-path": folder / "retusche_client"}
    places["--config"] = folder / "config.yaml"
    done = subprocess.run(
        [*command, *(word for option, place in places.items() for word in (option, str(place)))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout + done.stderr


def test_nothing_is_left_out_but_bodies_of_any_type(generated: tuple[Path, str]) -> None:
    _, said = generated
    unsupported = {line for line in said.splitlines() if line.startswith("Unsupported")}
    assert unsupported == {f"Unsupported content type {name}" for name in LEFT_OUT}
    assert said.count("WARNING") == sum(
        line.startswith("Unsupported") for line in said.splitlines()
    )


def test_every_module_is_sound(generated: tuple[Path, str]) -> None:
    folder, _ = generated
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_example_runs_a_whole_job(generated: tuple[Path, str], example: Example) -> None:
    folder, _ = generated
    program = EXAMPLES / "python" / "job.py"
    said = example.run([sys.executable, str(program)], PYTHONPATH=str(folder))
    assert "event: job.finished" in said
    assert said.endswith("192 × 144 px by lanczos\n")
