"""A stylizer without a model: few colours. For trying the step, and for tests without weights.

In: RGB pixels and any style. Out: each channel rounded to four levels, and the channels shifted by a
sixth of the way to a colour that the style decides, by its name, its picture or its words.
"""

import hashlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from steps.backends.contract import NO_WORDS, Capability, Descriptor, Stylizer, Words
from steps.backends.stylization import styles
from steps.environment import Environment
from steps.imaging.document import Pixels

LEVELS = 4


class StubStylizer(Stylizer):
    """Few colours."""

    descriptor = Descriptor(
        name="stub",
        capability=Capability.STYLIZATION,
        summary="no model: four levels per channel, tinted by the style; for tests",
        licence="Apache-2.0",
        source="this distribution",
        default=True,
        rank=0,
    )
    styles = styles.NAMES
    takes_pictures = True
    takes_words = True

    @classmethod
    def load(cls, environment: Environment) -> "StubStylizer":
        """Return it; there is nothing to load."""
        return cls()

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
        """Round and tint; see `Stylizer.stylize`."""
        check_cancelled()
        levels = np.rint(pixels.astype(np.float32) / 255 * (LEVELS - 1)) * 255 / (LEVELS - 1)
        return np.rint(
            levels * (5 / 6) + _tint(words.prompt if style is None else style) / 6
        ).astype(np.uint8)


def _tint(style: str | Pixels) -> NDArray[np.float32]:
    if isinstance(style, str):
        digest = hashlib.sha256(style.encode()).digest()
        return np.frombuffer(digest[:3], np.uint8).astype(np.float32)
    return np.asarray(style.reshape(-1, 3).mean(axis=0), np.float32)
