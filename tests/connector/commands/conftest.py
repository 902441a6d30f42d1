import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connector.cli import app
from steps import registry
from steps.contract import Context, Item, StepResult
from tests.invert import Invert, InvertParameters

Cli = Callable[..., Result]


class Interrupted(Invert):
    """Inverts, but at a picture named "interrupt" acts as if someone pressed Ctrl-C."""

    name = "interrupted"

    def run(self, item: Item, parameters: InvertParameters, context: Context) -> StepResult:
        if "interrupt" in item.parts[0].filename:
            signal.raise_signal(signal.SIGINT)
        return super().run(item, parameters, context)


@pytest.fixture(autouse=True)
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of an installation with two small steps."""
    found = registry.build(["tests.invert:Invert", f"{__name__}:Interrupted"])
    monkeypatch.setattr(registry, "steps", lambda: found)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run the program in an empty folder, with an empty weights cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RETUSCHE_WEIGHTS_DIR", str(tmp_path / "weights"))

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(app, list(arguments))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke
