"""What a run may use on this machine: folders, threads, device, and which licences are allowed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from steps.imaging.limits import Limits

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Settings of the image work. Each field's variable is named in its docstring."""

    weights_dir: Path
    """Folder of the weights cache. RETUSCHE_WEIGHTS_DIR; default ~/.cache/retusche/weights."""
    device: str = "auto"
    """"auto", "cpu" or "cuda". RETUSCHE_DEVICE."""
    threads: int = 1
    """Threads of one worker's model runtimes; threads × workers = cores. RETUSCHE_THREADS; default all cores."""
    allow_non_commercial: bool = False
    """Allow weights whose licence forbids commercial use. RETUSCHE_ALLOW_NON_COMMERCIAL."""
    denied_licences: frozenset[str] = frozenset()
    """SPDX names that must not be used, e.g. {"AGPL-3.0"}. RETUSCHE_DENY_LICENCES, by commas."""
    limits: Limits = field(default_factory=Limits)
    """How large files and pictures may be. RETUSCHE_MAX_BYTES, RETUSCHE_MAX_PIXELS, …"""
    hub_endpoint: str = "https://huggingface.co"
    """Model hub, or a mirror of it, for weights that come from one. HF_ENDPOINT."""
    models_file: Path | None = None
    """The user's own model set, YAML; before the packaged one. RETUSCHE_MODELS_FILE."""
    offline: bool = False
    """Fetch nothing from a hub or a URL, also not when told to pull. RETUSCHE_OFFLINE, or HF_HUB_OFFLINE."""
    precision: str = "auto"
    """"auto" (half precision on a GPU that has it, else full), "float32", "float16" or "bfloat16", of the torch
    models. RETUSCHE_PRECISION."""
    gpu_memory_mb: int = 0
    """MiB of GPU memory that loaded models may fill; 0: three quarters of the GPU's. RETUSCHE_GPU_MEMORY_MB."""
    model_memory_mb: int = 0
    """MiB of main memory that loaded models may fill; 0: half of the machine's. RETUSCHE_MODEL_MEMORY_MB."""

    @classmethod
    def from_env(cls, variables: Mapping[str, str] | None = None) -> "Environment":
        """Read the RETUSCHE_* variables (of this process by default).

        Raises:
            ValueError: a variable's value cannot be understood; the message names it.
        """
        env = os.environ if variables is None else variables
        cache = Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cls(
            weights_dir=Path(env.get("RETUSCHE_WEIGHTS_DIR") or cache / "retusche" / "weights"),
            device=_choice(env, "RETUSCHE_DEVICE", ("auto", "cpu", "cuda")),
            threads=_positive(env, "RETUSCHE_THREADS", os.cpu_count() or 1),
            allow_non_commercial=_switch(env, "RETUSCHE_ALLOW_NON_COMMERCIAL"),
            denied_licences=frozenset(
                name.strip()
                for name in env.get("RETUSCHE_DENY_LICENCES", "").split(",")
                if name.strip()
            ),
            limits=Limits.from_env(env),
            hub_endpoint=(env.get("HF_ENDPOINT") or cls.hub_endpoint).rstrip("/"),
            models_file=Path(own).absolute() if (own := env.get("RETUSCHE_MODELS_FILE")) else None,
            offline=_switch(env, "RETUSCHE_OFFLINE") or _switch(env, "HF_HUB_OFFLINE"),
            precision=_choice(
                env, "RETUSCHE_PRECISION", ("auto", "float32", "float16", "bfloat16")
            ),
            gpu_memory_mb=_positive(env, "RETUSCHE_GPU_MEMORY_MB", 0),
            model_memory_mb=_positive(env, "RETUSCHE_MODEL_MEMORY_MB", 0),
        )


def _choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = env.get(name) or choices[0]
    if value not in choices:
        raise ValueError(f"{name}={value!r} must be one of {', '.join(choices)}")
    return value


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, "")
    if not value:
        return default
    if not value.isdecimal() or int(value) < 1:
        raise ValueError(f"{name}={value!r} must be a whole number of at least 1")
    return int(value)


def _switch(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ValueError(f"{name}={value!r} must be 1 or 0")
