"""Programs from npm, installed once into a cache outside the repository.

Absent: skipped on a user's machine, an error where CI promises Node.js.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SECONDS = 300


def installed(name: str) -> Path:
    """Return the folder with the `node_modules` that `tests/engines/{name}/package-lock.json` pins."""
    if not shutil.which("npm"):
        if os.environ.get("CI"):
            raise FileNotFoundError("npm is not installed")
        pytest.skip("npm is not installed")
    source = HERE / name
    lock = (source / "package-lock.json").read_bytes()
    folder = cache() / f"{name}-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not folder.exists():
        _install(source, folder)
    return folder


def cache() -> Path:
    """Return where installed programs lie."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "retusche-tests"


def _install(source: Path, folder: Path) -> None:
    """Install beside the folder and rename: one that is there is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as beside:
        made = Path(beside) / "made"
        made.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, made)
        # Nothing that they bring along is run while they are installed.
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"]
        subprocess.run(command, cwd=made, check=True, timeout=SECONDS, capture_output=True)
        try:
            made.rename(folder)
        except OSError:
            if not folder.exists():  # else another test run was first
                raise
