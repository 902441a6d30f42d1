"""What docs/engines.md and docs/jadice-flow.md tell people to type works as it stands."""

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from PIL import Image

from tests.connector.service_process import AS_INSTALLED, ROOT, ServiceProcess
from tests.steps.samples import photo

PAGES = [ROOT / "docs" / name for name in ("engines.md", "jadice-flow.md")]


def commands(page: str) -> str:
    """Return the curl commands of a page as one script."""
    blocks = re.findall(r"```console\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return "\n".join(line for line in lines if not line.startswith("retusche "))


@pytest.fixture(scope="module")
def service() -> Iterator[ServiceProcess]:
    with ServiceProcess(AS_INSTALLED) as found:
        yield found


def typed(service: ServiceProcess, folder: Path, script: str) -> list[str]:
    """Type a script where photo.jpg lies; return what each command printed."""
    Image.fromarray(cv2.resize(photo(), (192, 144))).save(folder / "photo.jpg")
    there = script.replace("localhost:8000", f"127.0.0.1:{service.port}")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", there],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.weights
def test_the_curl_commands_give_what_they_say(service: ServiceProcess, tmp_path: Path) -> None:
    typed(service, tmp_path, commands("engines.md"))
    for name in ("clean.jpg", "blurred.jpg"):
        with Image.open(tmp_path / name) as picture:
            assert (picture.format, picture.size) == ("JPEG", (192, 144))
    job = json.loads((tmp_path / "job.json").read_text())
    assert job["status"] == "FINISHED"
    names = zipfile.ZipFile(io.BytesIO((tmp_path / "results.zip").read_bytes())).namelist()
    assert any(name.endswith(".jpg") for name in names)


@pytest.mark.slow
@pytest.mark.weights
def test_the_flow_commands_give_what_they_say(service: ServiceProcess, tmp_path: Path) -> None:
    (upload,) = re.findall(r"^url=.*$", commands("engines.md"), re.MULTILINE)
    script = commands("jadice-flow.md").replace("curl -s ", 'curl -s -w "\\n" ')
    names, job, execution, result, item = map(
        json.loads, typed(service, tmp_path, f"{upload}\n{script}")
    )
    assert "anonymize" in names
    assert job["jobExecutionID"] == execution["jobExecutionID"] == 1
    assert execution["status"] in ("STARTING", "STARTED", "FINISHED")
    assert isinstance(result, list) or result["code"] == "conflict"  # it may not have ended yet
    assert [part["type"] for part in item["parts"]][:2] == ["META", "BASE_PART"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(((?!http)[^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_test_and_module_that_is_named_exists(page: Path) -> None:
    named = re.findall(r"`((?:tests|connector)/[\w./-]+)`", page.read_text())
    assert named
    for target in named:
        assert (ROOT / target).exists(), target
