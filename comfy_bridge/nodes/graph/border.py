"""Where tensors become arrays, and where the work shows itself and is stopped."""

import asyncio
import os
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import comfy.model_management
import comfy.utils
import folder_paths
import torch
from server import PromptServer

from .. import pictures
from ..pixels import Bytes, Floats, to_bytes, to_floats
from ..service.connection import Choice, Connection, resolve
from ..service.progress import Progress

T = TypeVar("T")

LOOK_SECONDS = 0.2
"""How often the node shows how far it is, and asks whether it is to stop."""
SHARES = 1000
"""Parts of the bar."""


def batch(image: Any) -> Floats:
    """Return ComfyUI's tensor as an array, without a copy where it lies in main memory."""
    found: Floats = image.detach().to(device="cpu", dtype=torch.float32).numpy()
    return found


def pictures_of(image: Any) -> list[Bytes]:
    """Return the pictures of an IMAGE."""
    return [to_bytes(each) for each in batch(image)]


def image_of(found: Sequence[Bytes]) -> Any:
    """Return pictures of one size as an IMAGE, or masks as a MASK.

    Raises:
        SizesDiffer: there is no common size.
    """
    return torch.from_numpy(to_floats(found))


def connection_of(choice: Choice | None) -> Connection:
    """Return the connection that a node uses; without one the configured default.

    Raises:
        ConnectionInvalid: its address, or the file of connections, cannot be used.
    """
    file = Path(folder_paths.get_user_directory()) / "__retusche" / "connections.json"
    return resolve(choice or Choice(), os.environ, file)


async def shown(work: Coroutine[Any, Any, T], progress: Progress, node: str | None) -> T:
    """Return the result of the work; show how far it is, and stop it when ComfyUI is told to.

    ComfyUI itself interrupts no node that waits, and cancels this coroutine when another node fails.
    Either way the work is cancelled, and has ended when this returns.
    """
    bar = comfy.utils.ProgressBar(SHARES)
    task = asyncio.ensure_future(work)
    said = ""
    try:
        while True:
            await asyncio.wait({task}, timeout=LOOK_SECONDS)
            comfy.model_management.throw_exception_if_processing_interrupted()
            _show(bar, progress)
            if progress.text != said and node is not None:
                said = progress.text
                PromptServer.instance.send_progress_text(said, node)
            if task.done():
                return task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})


def _show(bar: Any, progress: Progress) -> None:
    value, picture = int(progress.fraction * SHARES), progress.preview
    if picture is None:
        bar.update_absolute(value, SHARES)
        return
    progress.preview = None
    small = pictures.preview(picture)
    bar.update_absolute(value, SHARES, ("JPEG", small, pictures.PREVIEW))
