import subprocess
import sys

PROBE = """
import sys
from connector.cli import app
try:
    app(["--help"])
except SystemExit as end:
    assert end.code == 0
heavy = ("numpy", "pydantic", "PIL", "fastapi", "uvicorn", "steps.contract")
print("loaded:", [name for name in heavy if name in sys.modules])
"""


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for command in ("run", "steps", "describe", "serve", "demo", "models"):
        assert f" {command} " in done.stdout
    assert "loaded: []" in done.stdout


def test_the_program_is_installed_under_its_name() -> None:
    from importlib.metadata import entry_points

    (script,) = entry_points(group="console_scripts", name="retusche")
    assert script.load().__module__ == "connector.cli"
