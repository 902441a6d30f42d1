"""The step "style-transfer"; see `steps.style_transfer.step`."""

from steps.style_transfer.step import StyleTransfer

__all__ = ["StyleTransfer"]
