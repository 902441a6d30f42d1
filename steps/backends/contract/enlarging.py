"""The capability that makes a picture larger."""

from abc import abstractmethod
from collections.abc import Callable

from steps.backends.contract.backend import Backend, Capability
from steps.imaging.document import Pixels


class Upscaler(Backend):
    """Makes a picture larger, one window of it at a time; tiles are the step's business."""

    capability = Capability.UPSCALING

    largest_factor: float
    """Largest factor of one pass; larger ones take several."""
    overlap: int
    """Px round a box that the window must hold too, so that tiles agree at their borders; at least the 4 that
    Lanczos needs, which may be mixed in."""
    bytes_per_pixel: int
    """Bytes of memory that one call takes for each px of its window."""
    largest_tile: int
    """Side in px, without the overlap, above which larger tiles bring nothing."""

    @abstractmethod
    def upscale(
        self,
        pixels: Pixels,
        *,
        box: tuple[float, float, float, float],
        size: tuple[int, int],
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Show a part of a window at a larger size.

        Args:
            pixels: the window, RGB uint8 (height, width, 3).
            box: the part, (x0, y0, x1, y1) in px of the window; may be fractional.
            size: (width, height) of the result, 1..`largest_factor` times the box's.
            check_cancelled: called often; raises `Cancelled`.

        Returns:
            RGB uint8 (size[1], size[0], 3).
        """
