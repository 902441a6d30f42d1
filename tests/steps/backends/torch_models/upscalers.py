"""Upscalers of a few kilobytes, as safetensors."""

from pathlib import Path


def write_compact(path: Path, *, scale: int = 2) -> Path:
    """Write a Compact network with random weights."""
    import torch
    from safetensors.torch import save_file
    from spandrel.architectures.Compact import Compact

    torch.manual_seed(0)
    save_file(Compact(num_feat=8, num_conv=2, upscale=scale).state_dict(), path)
    return path
