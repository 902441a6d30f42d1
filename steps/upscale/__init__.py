"""Makes pictures larger."""

from steps.upscale.parameters import UpscaleParameters
from steps.upscale.report import UpscaleReport
from steps.upscale.step import Upscale

__all__ = ["Upscale", "UpscaleParameters", "UpscaleReport"]
