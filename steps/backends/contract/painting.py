"""Capabilities that paint: a picture in a style, and a picture from words."""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from steps.backends.contract.backend import Backend, Capability
from steps.backends.contract.filling import NO_WORDS, Words
from steps.imaging.document import Pixels


class Stylizer(Backend):
    """Paints a whole picture in a style; large pictures are the step's business."""

    capability = Capability.STYLIZATION
    styles: ClassVar[tuple[str, ...]] = ()
    """Names of the styles that it knows; empty for a backend that only takes style pictures."""
    takes_pictures: ClassVar[bool] = False
    """Whether a picture may be given as the style."""
    takes_words: ClassVar[bool] = False
    """Whether words may say the style, alone or beside a picture."""

    @abstractmethod
    def stylize(
        self,
        pixels: Pixels,
        style: str | Pixels | None,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        words: Words = NO_WORDS,
        denoise: float | None = None,
    ) -> Pixels:
        """Paint a picture; the size of the strokes is fixed in px, memory grows with the picture.

        Args:
            pixels: RGB uint8 (height, width, 3), at least 1×1, at most about 4 megapixels.
            style: one of `styles`, or, where `takes_pictures`, RGB uint8 of any size; None where the
                words say it.
            seed: of everything random.
            check_cancelled: called often; raises `Cancelled`.
            words: of the style; of use where `takes_words`.
            denoise: 0..1, how much is made anew, where `takes_words`; None takes the model's own.

        Returns:
            RGB uint8 of the shape of `pixels`.
        """


class Painter(Backend):
    """Makes pictures from words."""

    capability = Capability.DIFFUSION

    @abstractmethod
    def paint(
        self,
        words: Words,
        *,
        size: tuple[int, int],
        seed: int,
        steps: int | None,
        guidance_scale: float | None,
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Make a picture.

        Args:
            words: what is to be seen, and what not.
            size: (width, height) in px.
            seed: of everything random.
            steps: denoising steps; None takes the model's own number.
            guidance_scale: how much the words count; None takes the model's own.
            check_cancelled: called at every step; raises `Cancelled`.

        Returns:
            RGB uint8 of that size.
        """

    @abstractmethod
    def repaint(
        self,
        pixels: Pixels,
        words: Words,
        *,
        size: tuple[int, int],
        strength: float,
        seed: int,
        steps: int | None,
        guidance_scale: float | None,
        check_cancelled: Callable[[], None],
    ) -> Pixels:
        """Enlarge a picture to `size` and paint over it: what it shows stays, its detail is made anew.

        Args:
            pixels: RGB uint8 (height, width, 3).
            words: as `paint`.
            size: (width, height) of the result in px.
            strength: 0..1, how much is made anew; 0 nothing.
            seed: as `paint`.
            steps: as `paint`; of them the share `strength` is run.
            guidance_scale: as `paint`.
            check_cancelled: as `paint`.

        Returns:
            RGB uint8 of that size.
        """
