"""What every backend on torch shares: device, precision, memory layout. Imports torch where it is called."""

from typing import TYPE_CHECKING, Any

from steps.environment import Environment
from steps.errors import BackendUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPUTE_WITH_BFLOAT16 = (8, 0)
"""CUDA compute capability from which a GPU calculates in bfloat16 (Ampere)."""


def device_of(environment: Environment) -> str:
    """Return "cuda" or "cpu", and set the number of the CPU's threads.

    Raises:
        BackendUnavailable: a GPU is asked for and torch sees none.
    """
    import torch

    cuda = bool(torch.cuda.is_available())
    if environment.device == "cuda" and not cuda:
        raise BackendUnavailable("RETUSCHE_DEVICE=cuda, but torch sees no CUDA device")
    torch.set_num_threads(environment.threads)
    return "cuda" if cuda and environment.device != "cpu" else "cpu"


def precision_of(environment: Environment, device: str, *, half: bool, bfloat16: bool) -> Any:
    """Return the torch dtype to calculate in.

    Args:
        environment: its `precision` decides where the model allows it.
        device: "cuda" or "cpu".
        half: whether the model is right in float16.
        bfloat16: whether the model is right in bfloat16.

    Returns:
        With "auto" on a GPU float16, else bfloat16 where the GPU has it; on a CPU float32. A precision that the
        model cannot take becomes float32.
    """
    import torch

    allowed = {"float32": True, "float16": half and device == "cuda", "bfloat16": bfloat16}
    wanted = environment.precision
    if wanted == "auto":
        ampere = device == "cuda" and torch.cuda.get_device_capability() >= COMPUTE_WITH_BFLOAT16
        allowed["bfloat16"] = bfloat16 and ampere
        order = ("float16", "bfloat16") if device == "cuda" else ()
        wanted = next((name for name in order if allowed[name]), "float32")
    return getattr(torch, wanted if allowed[wanted] else "float32")


def gpu_bytes() -> int:
    """Return the memory of the GPU in bytes; 0 without one."""
    import torch

    return int(torch.cuda.mem_get_info()[1]) if torch.cuda.is_available() else 0


def bytes_of(module: Any) -> int:
    """Return the bytes of a module's parameters and buffers, wherever they are."""
    tensors: Iterable[Any] = (*module.parameters(), *module.buffers())
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def is_on_gpu(module: Any) -> bool:
    """Whether a module's parameters are on the GPU; told by the first."""
    first = next(iter(module.parameters()), None)
    return first is not None and first.device.type == "cuda"
