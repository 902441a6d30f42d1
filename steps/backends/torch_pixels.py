"""Between pixels (RGB uint8 arrays) and torch's tensors (float, 1 × 3 × height × width, 0..1)."""

from typing import Any

import numpy as np

from steps.imaging.document import Mask, Pixels


def tensor_of(pixels: Pixels | Mask, *, device: str, dtype: Any = None) -> Any:
    """Return a picture or a mask as a tensor 1 × channels × height × width, 0..1; float32 unless told otherwise."""
    import torch

    planes = pixels[..., None] if pixels.ndim == 2 else pixels
    whole = torch.from_numpy(np.ascontiguousarray(planes)).to(device)
    return whole.permute(2, 0, 1)[None].to(dtype or torch.float32) / 255


def pixels_of(tensor: Any) -> Pixels:
    """Return a tensor 1 × 3 × height × width, 0..1, as RGB uint8, rounded and clipped."""
    import torch

    scaled = (tensor[0].float().clamp(0, 1) * 255).round().to(torch.uint8)
    found: Pixels = scaled.permute(1, 2, 0).contiguous().cpu().numpy()
    return found
