"""How much memory loaded models may fill."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from steps.device import has_gpu
from steps.environment import Environment

MIB = 2**20
SHARE_OF_MEMORY = 0.5
"""Of the machine's main memory: pictures and the runtimes' own work need the rest."""
SHARE_OF_GPU = 0.75
"""Of the GPU's: activations of a large picture, and whoever else uses the GPU, need the rest."""
UNLIMITED = 2**62
_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


@dataclass(frozen=True, slots=True)
class Budget:
    """Bytes that loaded models may fill."""

    memory: int
    gpu: int

    @classmethod
    def of(cls, environment: Environment) -> "Budget":
        """Return what the environment says, or a share of what this machine has."""
        memory = environment.model_memory_mb * MIB or round(SHARE_OF_MEMORY * machine_bytes())
        return cls(memory, environment.gpu_memory_mb * MIB or _share_of_gpu(environment))


def machine_bytes() -> int:
    """Return the main memory that this process may use: the machine's, or its container's if that is less."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for path in _CGROUP_LIMITS:
        if path.exists() and (limit := path.read_text().strip()).isdecimal():
            whole = min(whole, int(limit))
    return whole


def _share_of_gpu(environment: Environment) -> int:
    if not has_gpu(environment):
        return 0
    if (
        "torch" not in sys.modules
    ):  # nothing of ours is on the GPU yet, and asking would cost the import
        return UNLIMITED
    from steps.backends.torch_runtime import gpu_bytes

    return round(SHARE_OF_GPU * gpu_bytes())
