"""Retusche's nodes for ComfyUI 0.3.64 and newer. They speak HTTP, and need nothing that ComfyUI lacks."""

from typing import Any


async def comfy_entrypoint() -> Any:
    """Return the extension; ComfyUI calls this once. Nothing of ComfyUI is imported before."""
    from .graph.extension import Retusche  # noqa: PLC0415 - only inside ComfyUI

    return Retusche()
