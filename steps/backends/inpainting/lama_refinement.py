"""Filling from small to large: at each size the network's features are fitted to the fill of the size before.

At a size that the network was not trained for, it loses structure; at a small one it has it but no detail. So the
features between the network's two halves are optimized until the large fill, shrunk, agrees with the small one
within the hole. Method: Kulshreshtha et al., Feature Refinement to Improve High Resolution Image Inpainting (2022),
https://arxiv.org/abs/2206.13644, as LaMa's authors' own repository describes it.
"""

from collections.abc import Callable, Sequence
from typing import Any

SMALLEST = 512
"""Longest side in px of the first size: what the network fills best."""
RATE = 0.002
"""Step size of the fitting (Adam), the paper's."""
FIRST_RESIDUAL_BLOCK = 5
"""Where the network is cut: after padding, one convolution and three that halve the size."""
MULTIPLE = 8

Size = tuple[int, int]


def sizes_of(width: int, height: int, *, largest: int) -> list[Size]:
    """Return the (width, height) to fill at, in px: halved from the largest until the first is small enough."""
    scale = min(1.0, largest / max(width, height))
    sizes = [(max(1, round(width * scale)), max(1, round(height * scale)))]
    while max(sizes[0]) > SMALLEST:
        sizes.insert(0, (max(1, sizes[0][0] // 2), max(1, sizes[0][1] // 2)))
    return sizes


def fill_in_sizes(
    network: Any,
    picture: Any,
    hole: Any,
    sizes: Sequence[Size],
    steps: int,
    check_cancelled: Callable[[], None],
) -> Any:
    """Fill a picture.

    Args:
        network: spandrel's descriptor of a LaMa.
        picture: 1 × 3 × height × width, 0..1.
        hole: 1 × 1 × height × width, 1 = fill.
        sizes: (width, height) to fill at, from small to large.
        steps: of the fitting at each size but the first.
        check_cancelled: called before each pass and step.

    Returns:
        The picture at the last size, filled.
    """
    check_cancelled()
    filled = network(*_shrunk(picture, hole, sizes[0]))
    for size in sizes[1:]:
        small, small_hole = filled, _shrunk(picture, hole, (filled.shape[3], filled.shape[2]))[1]
        seen, marked = _shrunk(picture, hole, size)
        filled = _fitted(network, seen, marked, small, small_hole, steps, check_cancelled)
    return filled


def _shrunk(picture: Any, hole: Any, size: Size) -> tuple[Any, Any]:
    """Return picture and hole at a size; whatever touches the hole belongs to it."""
    import torch.nn.functional as nn

    shape = (size[1], size[0])
    if tuple(picture.shape[2:]) == shape:
        return picture, hole
    seen = nn.interpolate(picture, shape, mode="bilinear", align_corners=False, antialias=True)
    marked = nn.interpolate(hole, shape, mode="bilinear", align_corners=False, antialias=True)
    return seen.clamp(0, 1), (marked > 0).to(marked.dtype)


def _fitted(
    network: Any,
    seen: Any,
    marked: Any,
    small: Any,
    small_hole: Any,
    steps: int,
    check_cancelled: Callable[[], None],
) -> Any:
    """Fill at one size, fitted to the fill of the size before."""
    import torch
    import torch.nn.functional as nn

    # Gradients are wanted here, of the features alone; the caller's inference mode would forbid them.
    with torch.inference_mode(mode=False), torch.enable_grad():
        seen, marked, small, small_hole = (
            t.detach().clone() for t in (seen, marked, small, small_hole)
        )
        height, width = seen.shape[2:]
        padding = (0, -width % MULTIPLE, 0, -height % MULTIPLE)
        layers = network.model.model.model
        inputs = torch.cat([seen * (1 - marked), marked], dim=1)
        with torch.no_grad():
            features = layers[:FIRST_RESIDUAL_BLOCK](nn.pad(inputs, padding, mode="replicate"))
        fitted = [part.detach().requires_grad_() for part in features]
        optimizer = torch.optim.Adam(fitted, lr=RATE)
        for _ in range(steps):
            check_cancelled()
            optimizer.zero_grad()
            made = layers[FIRST_RESIDUAL_BLOCK:](tuple(fitted))[:, :, :height, :width]
            shrunk = nn.interpolate(
                made, small.shape[2:], mode="bilinear", align_corners=False, antialias=True
            )
            difference = (shrunk - small).abs() * small_hole
            (difference.sum() / small_hole.sum().clamp(min=1)).backward()
            optimizer.step()
        with torch.no_grad():
            made = layers[FIRST_RESIDUAL_BLOCK:](tuple(fitted))[:, :, :height, :width]
            return seen * (1 - marked) + made * marked
