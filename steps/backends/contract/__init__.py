"""What a backend is: a descriptor (data), `load`, and the one verb of its capability."""

from steps.backends.contract.backend import Backend, Capability, Descriptor, Held
from steps.backends.contract.enlarging import Upscaler
from steps.backends.contract.filling import NO_WORDS, Inpainter, Words
from steps.backends.contract.finding import Box, Detection, Detector, Segmenter
from steps.backends.contract.painting import Painter, Stylizer

__all__ = [
    "NO_WORDS",
    "Backend",
    "Box",
    "Capability",
    "Descriptor",
    "Detection",
    "Detector",
    "Held",
    "Inpainter",
    "Painter",
    "Segmenter",
    "Stylizer",
    "Upscaler",
    "Words",
]
