"""The types that openapi-typescript makes of the committed document: they build, and run a whole job."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.conftest import DOCUMENT, EXAMPLES, Example
from tests.connector.service_process import ROOT

pytestmark = pytest.mark.slow
TOOLING = ROOT / "openapi" / "tooling"
STRICT = (
    *("--strict", "--noUncheckedIndexedAccess", "--types", "node"),
    *("--target", "es2022", "--module", "nodenext"),
)
WRONG = {
    "parameter-type": ("factor: 2", 'factor: "two"'),
    "parameter-of-another-step": ("factor: 2", "classes: []"),
    "unknown-step": ('step: "upscale"', 'step: "upscaling"'),
    "unknown-field": ("url: file.url", "address: file.url"),
}
"""Mistakes by name: what to replace in the example, and with what."""


@pytest.fixture(scope="module")
def tooling() -> Path:
    """Return the folder of the installed packages. Absent: skipped, installed where CI promises npm."""
    found = TOOLING / "node_modules"
    if not found.is_dir():
        if not os.environ.get("CI"):
            pytest.skip("no TypeScript compiler: make lint-openapi installs it")
        command = ["npm", "ci", "--prefix", str(TOOLING), "--no-fund", "--no-audit"]
        subprocess.run(command, check=True, timeout=120)
    return found


@dataclass(frozen=True)
class Build:
    """A folder with the compiled example, and what the compiler said of it and of the mistakes."""

    folder: Path
    said: str


@pytest.fixture(scope="module")
def build(tooling: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Compile the example, and beside it each mistake: the compiler takes seconds to start."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "node_modules").symlink_to(tooling)
    (folder / "package.json").write_text('{"type": "module"}')
    example = (EXAMPLES / "typescript" / "job.ts").read_text()
    (folder / "job.ts").write_text(example)
    for name, (right, wrong) in WRONG.items():
        assert right in example
        (folder / f"{name}.ts").write_text(example.replace(right, wrong))
    binaries, types = tooling / ".bin", folder / "retusche.d.ts"
    subprocess.run([binaries / "openapi-typescript", DOCUMENT, "--output", types], check=True)
    compiled = subprocess.run(
        [str(binaries / "tsc"), *STRICT, "job.ts", *(f"{name}.ts" for name in WRONG)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return Build(folder, compiled.stdout + compiled.stderr)


def test_the_example_builds_and_runs_a_whole_job(build: Build, example: Example) -> None:
    assert "job.ts(" not in build.said
    assert "retusche.d.ts(" not in build.said
    said = example.run(["node", str(build.folder / "job.js")])
    assert "event: job.finished" in said
    assert said.endswith("192 × 144 px by lanczos\n")


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_the_contract_does_not_compile(build: Build, name: str) -> None:
    assert f"{name}.ts(" in build.said
