"""What the figures were measured on: processor, cores, memory, load, versions."""

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("numpy", "opencv-python-headless", "onnxruntime", "PyPatchMatch", "pillow")
"""Those whose versions change the figures."""


def machine(packages: Sequence[str] = PACKAGES) -> dict[str, object]:
    """Return the description, as JSON takes it.

    Keys: cpu, cores, memoryGb, load, python, system, packages, command.

    `load` is the number of processes that ran or waited in the last minute, before the benchmark
    began: much above 0 says that the times were not measured alone.
    """
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memoryGb": _memory_gb(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "packages": {name: _version(name) for name in packages},
        "command": command(),
    }


def sentence(described: dict[str, object]) -> str:
    """Say the description in one sentence, for the head of a report."""
    packages = described["packages"]
    versions = (
        ", ".join(f"{name} {found}" for name, found in packages.items())
        if isinstance(packages, dict)
        else ""
    )
    return (
        f"{described['cpu']}, {described['cores']} cores, {described['memoryGb']} GB, "
        f"load {described['load']} at the start; Python {described['python']}; {versions}."
    )


def command() -> str:
    """Return the command line that runs this benchmark again."""
    main = sys.modules["__main__"]
    package = getattr(main, "__package__", None) or Path(sys.argv[0]).stem
    return " ".join(["python", "-m", package, *sys.argv[1:]])


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:  # not Linux
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory_gb() -> float | None:
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not POSIX
        return None
    return round(size / 1e9, 1)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
