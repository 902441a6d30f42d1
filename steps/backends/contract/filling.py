"""The capability that fills a hole, and the words that may say with what."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from steps.backends.contract.backend import Backend, Capability
from steps.imaging.document import Mask, Pixels


@dataclass(frozen=True, slots=True)
class Words:
    """What a picture is to show, and what not; both may be empty."""

    prompt: str = ""
    negative_prompt: str = ""


NO_WORDS = Words()


class Inpainter(Backend):
    """Fills a masked region."""

    capability = Capability.INPAINTING

    takes_words: ClassVar[bool] = False
    """Whether words say what goes into the hole; other backends go by the surroundings alone."""

    @abstractmethod
    def inpaint(
        self,
        pixels: Pixels,
        mask: Mask,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        forbidden: Mask | None = None,
        words: Words = NO_WORDS,
    ) -> Pixels:
        """Fill where the mask is 255.

        Args:
            pixels: RGB uint8 (height, width, 3); usually a crop round the mask.
            mask: uint8 (height, width), 255 = fill.
            seed: of everything random.
            check_cancelled: called often; raises `Cancelled`.
            forbidden: uint8 (height, width), 255 = known pixels that must not be copied from
                (another person, say); None allows all.
            words: what is wanted there; of use where `takes_words`.

        Returns:
            RGB uint8 of the same shape; equal to `pixels` where the mask is 0.
        """

    def refine(
        self,
        pixels: Pixels,
        mask: Mask,
        *,
        seed: int,
        check_cancelled: Callable[[], None],
        forbidden: Mask | None = None,
        words: Words = NO_WORDS,
    ) -> Pixels:
        """Fill where the mask is 255, from the first guess that `pixels` holds there.

        The guess says broadly what goes where and which way lines run; it is soft and without texture.
        A backend that has no use for one fills as ever, which is the default. See `inpaint`.
        """
        return self.inpaint(
            pixels,
            mask,
            seed=seed,
            check_cancelled=check_cancelled,
            forbidden=forbidden,
            words=words,
        )
