"""Keeps the graph that is written from a checkpoint beside it, so that it is written only once.

The file's name holds the checkpoint's hash and the writer's version: a new checkpoint or a new
writer never meets an old graph. Several processes may do this at once; the last one wins with the
same bytes.
"""

import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import Any, Protocol

from steps.backends import runtime
from steps.backends.detection import torch_checkpoint, yolov8_graph
from steps.environment import Environment
from steps.errors import WeightsInvalid

_log = logging.getLogger(__name__)


class Opener(Protocol):
    """Opens a model's bytes with some runtime; raises `WeightsInvalid` where it cannot."""

    def __call__(self, model: bytes, environment: Environment, *, name: str) -> Any:
        """Return an `onnxruntime.InferenceSession`, or what can be asked like one."""


def open_graph(checkpoint: Path, environment: Environment, opener: Opener = runtime.session) -> Any:
    """Open the graph of a checkpoint, writing it first where it is missing or damaged.

    Args:
        checkpoint: as `torch_checkpoint` reads it.
        environment: for the runtime's threads.
        opener: of the runtime that is wanted.

    Returns:
        What `opener` makes of a graph of `yolov8_graph`.

    Raises:
        WeightsInvalid: the checkpoint cannot be read, or holds another network.
    """
    place = graph_path(checkpoint)
    if place.is_file():
        try:
            return opener(place.read_bytes(), environment, name=place.name)
        except WeightsInvalid as error:
            _log.warning("writing the damaged %s again: %s", place, error)
    model = yolov8_graph.write(torch_checkpoint.read(checkpoint))
    try:
        _write(model, place)
    except OSError as error:  # a read-only cache costs each process half a second, no more
        _log.warning("the graph cannot be kept at %s: %s", place, error)
    return opener(model, environment, name=place.name)


def graph_path(checkpoint: Path) -> Path:
    """Return where the graph of a checkpoint is kept."""
    digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()[:16]
    return checkpoint.with_name(f"{checkpoint.stem}-{digest}-v{yolov8_graph.VERSION}.onnx")


def _write(model: bytes, place: Path) -> None:
    """Write the file whole or not at all: other processes must never read half of it."""
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(model)
        part.chmod(0o644)  # mkstemp makes private files; a cache may be shared
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
