"""The step "outpaint": make the picture larger on its sides, continued from itself, the original untouched."""

from steps.outpaint.parameters import OutpaintParameters
from steps.outpaint.report import OutpaintReport
from steps.outpaint.step import Outpaint

__all__ = ["Outpaint", "OutpaintParameters", "OutpaintReport"]
