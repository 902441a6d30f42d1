"""LaMa with random weights, as safetensors: its form has no small size."""

from pathlib import Path


def write_lama(path: Path) -> Path:
    """Write it."""
    import torch
    from safetensors.torch import save_file
    from spandrel.architectures.LaMa import LaMa

    torch.manual_seed(0)
    save_file(LaMa(in_nc=4, out_nc=3).state_dict(), path)
    return path
