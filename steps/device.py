"""Whether this machine has a GPU, told without importing torch and without touching the driver.

A worker's parent process must never open CUDA, and listing the catalogue must stay light; so this looks at what
the driver leaves in the file system. What a runtime really gets is decided in `steps.backends.torch_runtime`.
"""

import os
import sys
from pathlib import Path

from steps.environment import Environment

WSL_DEVICE = Path("/dev/dxg")
"""The GPU of Windows Subsystem for Linux."""


def has_gpu(environment: Environment) -> bool:
    """Whether models would run on a GPU here: one is there, and neither the setting nor CUDA's own hides it."""
    if environment.device == "cpu" or os.environ.get("CUDA_VISIBLE_DEVICES") in {"", "-1"}:
        return False
    return environment.device == "cuda" or _is_there()


def _is_there() -> bool:
    if sys.platform == "win32":
        return (Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32/nvcuda.dll").exists()
    return WSL_DEVICE.exists() or any(Path("/dev").glob("nvidia[0-9]*"))
