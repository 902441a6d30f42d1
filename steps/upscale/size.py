"""How large the result becomes, whether that is allowed, and in how many passes."""

import math

from steps.errors import InvalidParameters
from steps.imaging.limits import Limits
from steps.tiling import Size
from steps.upscale.parameters import DEFAULT_FACTOR, LARGEST_FACTOR, UpscaleParameters


def target_of(source: Size, parameters: UpscaleParameters, limits: Limits) -> Size:
    """Return the result's (width, height) in px for a picture of size `source`.

    Raises:
        InvalidParameters: the size would shrink the picture, enlarge it more than eightfold, change
            its aspect ratio, or go over a limit; the pointer names the parameter, the detail what
            would be accepted.
    """
    pointer, target = _wanted(source, parameters)
    factor = target[0] * target[1] / (source[0] * source[1])
    tolerance = 1 / min(source)
    why = ""
    if any(to < from_ for to, from_ in zip(target, source, strict=True)):
        why = "would make the picture smaller"
    elif math.sqrt(factor) > LARGEST_FACTOR * (1 + tolerance):
        why = f"is more than {LARGEST_FACTOR:g} times as wide and high"
    elif max(target) > limits.max_side or math.prod(target) > limits.max_pixels:
        why = f"is over the limits of {limits.max_pixels:,} px and {limits.max_side:,} px a side"
    if why:
        raise _refused(why, pointer, source, target, limits)
    return target


def passes(source: Size, target: Size, largest_factor: float) -> tuple[Size, ...]:
    """Return the size after each pass, the last being `target`.

    The small factor comes first: the second pass has more pixels to work on.
    """
    sizes = [target]
    while any(to > largest_factor * from_ for to, from_ in zip(sizes[0], source, strict=True)):
        width, height = (math.ceil(side / largest_factor) for side in sizes[0])
        sizes.insert(0, (max(width, source[0]), max(height, source[1])))
    return tuple(sizes)


def _wanted(source: Size, parameters: UpscaleParameters) -> tuple[str, Size]:
    """The parameter that names the size, and the size."""
    width, height = source
    if parameters.longest_side is not None:
        side = parameters.longest_side
        return "/longestSide", _scaled(source, side / max(source), longest=side)
    if parameters.width is not None and parameters.height is not None:
        return "/width", _both(source, (parameters.width, parameters.height))
    if parameters.width is not None:
        return "/width", (parameters.width, max(1, round(height * parameters.width / width)))
    if parameters.height is not None:
        return "/height", (max(1, round(width * parameters.height / height)), parameters.height)
    return "/factor", _scaled(source, parameters.factor or DEFAULT_FACTOR)


def _scaled(source: Size, factor: float, longest: int | None = None) -> Size:
    width, height = (max(1, round(side * factor)) for side in source)
    if longest is None:
        return width, height
    return (longest, height) if source[0] >= source[1] else (width, longest)


def _both(source: Size, target: Size) -> Size:
    """Check that width and height together keep the aspect ratio within one px."""
    width, height = source
    fitting = (round(target[1] * width / height), round(target[0] * height / width))
    if abs(target[0] - fitting[0]) > 1 and abs(target[1] - fitting[1]) > 1:
        raise InvalidParameters(
            f"{target[0]} × {target[1]} px would change the aspect ratio of the picture of {width} × {height} px; "
            f"width {target[0]} goes with height {fitting[1]}, height {target[1]} with width {fitting[0]}",
            pointer="/width",
        )
    return target


def _refused(
    why: str, pointer: str, source: Size, target: Size, limits: Limits
) -> InvalidParameters:
    factor = min(
        LARGEST_FACTOR,
        math.sqrt(limits.max_pixels / (source[0] * source[1])),
        limits.max_side / max(source),
    )
    most = " × ".join(str(math.floor(side * factor)) for side in source)
    return InvalidParameters(
        f"{target[0]} × {target[1]} px {why}; the picture has {source[0]} × {source[1]} px, "
        f"accepted is factor 1 to {math.floor(factor * 1000) / 1000:g}, at most {most} px",
        pointer=pointer,
    )
