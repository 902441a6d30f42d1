"""`retusche models list` and `pull`, of models that a model set names."""

from pathlib import Path

import pytest

from steps import registry
from tests.connector.commands.conftest import Cli

SET = """
models:
  - {name: ours, backend: ultralytics, licence: MIT, source: {path: ours.safetensors}}
  - {name: private, backend: ultralytics, licence: CC-BY-NC-4.0, commercial: false, source: {path: p}}
disabled: [yolov8n]
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "own.yaml").write_text(SET)
    monkeypatch.setenv("RETUSCHE_MODELS_FILE", str(tmp_path / "own.yaml"))
    found = registry.build(["steps.inpaint:Inpaint"])
    monkeypatch.setattr(registry, "steps", lambda: found)
    return tmp_path


def row(output: str, name: str) -> str:
    return next(line for line in output.splitlines() if line.split()[:1] == [name])


def test_the_list_shows_what_each_step_uses_and_the_state_of_each_model(
    cli: Cli, own: Path
) -> None:
    listed = cli("models", "list").stdout
    assert "telea" in row(listed, "inpaint") or "patchmatch" in row(listed, "inpaint")
    assert "missing" in row(listed, "ours")
    assert "CC-BY-NC-4.0 (not commercial)" in row(listed, "private")
    assert "not allowed" in row(listed, "private")
    (own / "ours.safetensors").write_bytes(b"weights")
    assert "missing" not in row(cli("models", "list").stdout, "ours")


def test_a_model_that_is_nowhere_says_so(cli: Cli, own: Path) -> None:
    pulled = cli("models", "pull", "ours")
    assert pulled.exit_code == 1
    assert "there is no" in pulled.stderr
    assert "where the model 'ours' should lie" in pulled.stderr


def test_a_set_that_cannot_be_understood_is_named(cli: Cli, own: Path) -> None:
    (own / "own.yaml").write_text("models: 3")
    listed = cli("models", "list")
    assert listed.exit_code != 0
    assert "own.yaml" in listed.stderr
    assert "Traceback" not in listed.stderr
