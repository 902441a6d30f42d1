"""House rules: which way imports run, and what must not be imported at all."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = (
    "torch", "onnxruntime", "cv2", "onnx", "ultralytics", "patchmatch", "ncnn", "transformers", "diffusers",
    "spandrel", "huggingface_hub",
)  # fmt: skip


def _imports(package: str) -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                yield path, node.module


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("steps", ("connector", "comfy_bridge", "fastapi", "celery", "sqlalchemy", "uvicorn")),
        ("comfy_bridge/nodes", ("steps", "connector")),
        ("comfy_bridge/client", ("steps", "connector")),
        ("comfy_bridge/shelf", ("connector", "httpx", "websockets")),
        ("comfy_bridge/step", ("connector",)),
    ],
)
def test_arrows_run_down_only(package: str, forbidden: tuple[str, ...]) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path, module in _imports(package)
        if module.split(".")[0] in forbidden
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "code",
    [
        "import connector, connector.cli, connector.app",
        "from steps.registry import steps; [s.parameters.model_json_schema() for s in steps().all()]",
        "from steps.backends.contract import Capability;"
        "from steps.backends.registry import backend_classes;"
        "[b.descriptor for c in Capability for b in backend_classes(c)]",
    ],
)
def test_the_catalogue_needs_no_model_runtime(code: str) -> None:
    probe = f"{code}\nimport sys\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
