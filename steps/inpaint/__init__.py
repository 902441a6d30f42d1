"""The step "inpaint": fill a region that the caller marks, and prove the rest unchanged."""

from steps.inpaint.parameters import InpaintParameters
from steps.inpaint.report import InpaintReport
from steps.inpaint.step import Inpaint

__all__ = ["Inpaint", "InpaintParameters", "InpaintReport"]
