"""The README's code works, its files exist, and its commands are commands."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connector.cli import app
from tests.steps.samples import photo, png

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = [
    line.removeprefix("$ ").split("#")[0]
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ")
]


@pytest.mark.weights
@pytest.mark.slow
def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "photo.jpg").write_bytes(png(photo()))
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    assert (tmp_path / "clean.jpg").is_file()
    assert capsys.readouterr().out.strip() == "nothing-found"


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!http|#)[^)]+)\)", README))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_every_make_target_exists(command: str) -> None:
    target = command.split()[1]
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("retusche ")])
def test_every_retusche_command_is_understood(command: str) -> None:
    """Typer checks the options before it shows the help."""
    words = shlex.split(command)[1:]
    options = [word for word in words if word.startswith("-")]
    groups = {group.name for group in app.registered_groups}
    spoken = words[:2] if words[0] in groups else words[:1]
    known = CliRunner().invoke(app, [*spoken, "--help"], terminal_width=200)
    assert known.exit_code == 0
    assert all(option in known.output for option in options)
