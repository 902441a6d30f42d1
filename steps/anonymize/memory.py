"""What detectors said of the looks at one page, so that nobody is asked twice about the same pixels.

Detectors are deterministic: the same pixels at the same size give the same answer. Looks are recognized by their
content, not by their place, so an answer can only be reused where asking again would give it once more: in the
tiles of a second round that the second fill did not touch, and where a lower threshold goes over the source again.
"""

import hashlib

import numpy as np

from steps.backends.contract import Detection, Detector
from steps.imaging.document import Pixels


class Memory:
    """The answers so far; one for each page."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Detector, bytes, int], tuple[float, list[Detection]]] = {}

    def detect(
        self, detector: Detector, pixels: Pixels, *, size: int, threshold: float
    ) -> list[Detection]:
        """Return what the detector sees; see `Detector.detect`.

        Raises:
            Cancelled: from the detector.
        """
        key = detector, _digest(pixels), size
        known = self._answers.get(key)
        if known is None or known[0] > threshold:
            known = threshold, detector.detect(pixels, size=size, threshold=threshold)
            self._answers[key] = known
        return [found for found in known[1] if found.score >= threshold]


def _digest(pixels: Pixels) -> bytes:
    whole = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=16)
    whole.update(np.ascontiguousarray(pixels).data)
    return whole.digest()
