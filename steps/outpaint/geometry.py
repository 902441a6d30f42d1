"""How large the result becomes, where the original lies in it, and in which rings it grows."""

from collections.abc import Iterator
from dataclasses import dataclass

from steps.errors import InvalidParameters
from steps.imaging.limits import Limits
from steps.outpaint.parameters import OutpaintParameters

Size = tuple[int, int]
"""(width, height) in px."""

LARGEST_SHARE = 1.0
"""Most that is added on one side, as a share of the picture's own side."""
ALWAYS_ALLOWED = 16
"""Px that may be added on a side however small the picture is."""
RING = 0.5
"""Most that one ring adds on a side, as a share of what is there: farther out there is nothing to continue."""


@dataclass(frozen=True, slots=True)
class Extension:
    """Px added on each side."""

    left: int
    right: int
    top: int
    bottom: int

    def of(self, size: Size) -> Size:
        """Return the extended size."""
        return size[0] + self.left + self.right, size[1] + self.top + self.bottom

    def inner(self, size: Size) -> tuple[slice, slice]:
        """Return the rows and columns at which a picture of `size` lies in the extended one."""
        return slice(self.top, self.top + size[1]), slice(self.left, self.left + size[0])

    def and_then(self, other: "Extension") -> "Extension":
        """Return both together."""
        return Extension(
            self.left + other.left,
            self.right + other.right,
            self.top + other.top,
            self.bottom + other.bottom,
        )

    def sides(self) -> tuple[tuple[str, int], ...]:
        """Return (name, px) of each side."""
        return tuple((name, getattr(self, name)) for name in ("left", "right", "top", "bottom"))

    def rings(self, size: Size) -> list["Extension"]:
        """Split into rings from the inside to the outside, each at most `RING` of what is there by then."""
        found = []
        left, right, top, bottom = self.left, self.right, self.top, self.bottom
        while left or right or top or bottom:
            across, down = (max(ALWAYS_ALLOWED, round(side * RING)) for side in size)
            ring = Extension(
                min(left, across), min(right, across), min(top, down), min(bottom, down)
            )
            left, right = left - ring.left, right - ring.right
            top, bottom = top - ring.top, bottom - ring.bottom
            size = ring.of(size)
            found.append(ring)
        return found


def blocks_outside(
    inner: tuple[slice, slice], shape: tuple[int, int], tallest: int
) -> Iterator[tuple[slice, slice]]:
    """Yield the rows and columns of blocks that together are what lies outside `inner`.

    Args:
        inner: rows and columns that are left out.
        shape: (height, width) of the whole.
        tallest: rows of a block at most.
    """
    rows, columns = inner
    for first, last, across in (
        (0, rows.start, (slice(0, shape[1]),)),
        (rows.start, rows.stop, (slice(0, columns.start), slice(columns.stop, shape[1]))),
        (rows.stop, shape[0], (slice(0, shape[1]),)),
    ):
        for top in range(first, last, tallest):
            for part in across:
                if part.stop > part.start:
                    yield slice(top, min(last, top + tallest)), part


def extension_of(source: Size, parameters: OutpaintParameters, limits: Limits) -> Extension:
    """Return what is added to a picture of size `source`.

    Raises:
        InvalidParameters: the result would be smaller than the picture, over a limit, or more is added
            on a side than the picture can carry; the pointer names the parameter, the detail what
            would be accepted.
    """
    pointer, extension = _wanted(source, parameters)
    for name, added in extension.sides():
        side = source[0] if name in {"left", "right"} else source[1]
        most = max(ALWAYS_ALLOWED, int(side * LARGEST_SHARE))
        if added > most:
            raise InvalidParameters(
                f"{added} px on the {name} is more than the picture of {source[0]} × {source[1]} px can be "
                f"continued by; at most {most} px on that side are accepted",
                pointer=pointer or f"/{name}",
            )
    width, height = extension.of(source)
    if max(width, height) > limits.max_side or width * height > limits.max_pixels:
        first = next(name for name, added in extension.sides() if added)
        raise InvalidParameters(
            f"the result would have {width:,} × {height:,} px; at most {limits.max_pixels:,} px in all and "
            f"{limits.max_side:,} px a side are accepted",
            pointer=pointer or f"/{first}",
        )
    return extension


def _wanted(source: Size, parameters: OutpaintParameters) -> tuple[str, Extension]:
    """Return the pointer of the parameter that decides ("" for sides), and the extension."""
    if parameters.aspect_ratio is not None:
        return "/aspectRatio", _anchored(source, _of_ratio(source, parameters), parameters.anchor)
    if parameters.width is not None or parameters.height is not None:
        target = parameters.width or source[0], parameters.height or source[1]
        for name, to, have in zip(("width", "height"), target, source, strict=True):
            if to < have:
                raise InvalidParameters(
                    f"a {name} of {to} px is less than the picture's {have} px, and nothing is cut off; "
                    f"at least {have} is accepted",
                    pointer=f"/{name}",
                )
        pointer = "/width" if parameters.width is not None else "/height"
        return pointer, _anchored(source, target, parameters.anchor)
    return "", Extension(
        parameters.left or 0, parameters.right or 0, parameters.top or 0, parameters.bottom or 0
    )


def _of_ratio(source: Size, parameters: OutpaintParameters) -> Size:
    """Return the smallest size of that aspect ratio that holds the picture, to the nearest px."""
    across, down = (float(number) for number in (parameters.aspect_ratio or "").split(":"))
    width, height = source
    return max(width, round(height * across / down)), max(height, round(width * down / across))


def _anchored(source: Size, target: Size, anchor: str) -> Extension:
    words = set(anchor.split("-"))
    across, down = target[0] - source[0], target[1] - source[1]
    left = 0 if "left" in words else across if "right" in words else across // 2
    top = 0 if "top" in words else down if "bottom" in words else down // 2
    return Extension(left, across - left, top, down - top)
