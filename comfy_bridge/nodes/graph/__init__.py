"""The nodes themselves: the only modules that import ComfyUI and torch."""
