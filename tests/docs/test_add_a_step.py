"""docs/add-a-step.md works as it stands: its step is written down, registered and tested."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "add-a-step.md").read_text()


def written(folder: Path) -> None:
    """Write the page's Python blocks to the files that their first lines name."""
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        name = re.match(r"# (\S+\.py)\n", block)
        assert name, block[:80]
        path = folder / name[1]
        path.parent.mkdir(exist_ok=True)
        path.write_text(block)


def installed(folder: Path) -> None:
    """Make the entry point known as pip would: by the metadata of an installed distribution."""
    toml = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert toml
    lines = toml[1].replace('[project.entry-points."retusche.steps"]', "[retusche.steps]")
    metadata = folder / "my_steps-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-steps\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(lines.replace('"', ""))


def python(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_pages_step_passes_its_own_test_and_appears_in_the_catalogue(tmp_path: Path) -> None:
    written(tmp_path)
    installed(tmp_path)
    assert "1 passed" in python(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert "Levels per colour channel" in python(
        tmp_path, "-c", "from connector.cli import main; main()", "describe", "posterize"
    )
