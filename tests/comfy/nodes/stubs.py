"""Stand-ins for the few names of ComfyUI and torch that the nodes use, as far as they use them.

Shapes from COMFYUI's own V3 schema: an Input has an id, an Output a display name, a Schema is a record.
`tests/comfy/real` runs the nodes in the real thing.
"""

import sys
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt


class Interrupted(BaseException):
    """What ComfyUI 0.33 raises; on 0.3.64 it is an Exception."""


class Tensor:
    """An array that answers as torch's tensors do."""

    def __init__(self, array: npt.NDArray[np.float32]) -> None:
        self.array = array

    def detach(self) -> "Tensor":
        return self

    def to(self, *, device: str, dtype: Any) -> "Tensor":
        assert (device, dtype) == ("cpu", "float32")
        return self

    def numpy(self) -> npt.NDArray[np.float32]:
        return self.array


@dataclass
class Comfy:
    """What happened to ComfyUI, and what it is to do."""

    user: str = ""
    interrupted: bool = False
    bar: list[tuple[int, int, Any]] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)

    def check(self) -> None:
        if self.interrupted:
            self.interrupted = False
            raise Interrupted


class _Kind:
    """io.Int, io.Image, …: makes inputs and outputs that remember how they were made."""

    def __init__(self, name: str) -> None:
        self.name = name

    def Input(self, id: str, **options: Any) -> SimpleNamespace:  # noqa: A002
        return SimpleNamespace(id=id, kind=self.name, options=options)

    def Output(self, id: str, **options: Any) -> SimpleNamespace:  # noqa: A002
        return SimpleNamespace(id=id, kind=self.name, options=options)


class NodeOutput:
    """What a node gives back."""

    def __init__(self, *args: Any, ui: Any = None) -> None:
        self.args, self.ui = args, ui


class ComfyNode:
    """Base of V3 nodes."""

    hidden = SimpleNamespace(unique_id="7")


def modules(comfy: Comfy) -> dict[str, ModuleType]:
    """Return everything that a node's import looks for."""

    class ProgressBar:
        def __init__(self, total: int) -> None:
            self.total = total

        def update_absolute(self, value: int, total: int, preview: Any = None) -> None:
            comfy.bar.append((value, total, preview))

    kinds = {name: _Kind(name) for name in ("Int", "Float", "Boolean", "Combo", "String", "Image")}
    io = SimpleNamespace(
        **kinds,
        Mask=_Kind("Mask"),
        Custom=_Kind,
        Schema=SimpleNamespace,
        NodeOutput=NodeOutput,
        ComfyNode=ComfyNode,
        Hidden=SimpleNamespace(unique_id="UNIQUE_ID"),
    )
    instance = SimpleNamespace(
        send_progress_text=lambda text, node: comfy.texts.append((node, text))
    )
    found: dict[str, dict[str, Any]] = {
        "comfy": {},
        "comfy.model_management": {"throw_exception_if_processing_interrupted": comfy.check},
        "comfy.utils": {"ProgressBar": ProgressBar},
        "comfy_api": {},
        "comfy_api.latest": {"io": io, "ComfyExtension": object},
        "folder_paths": {"get_user_directory": lambda: comfy.user},
        "server": {"PromptServer": SimpleNamespace(instance=instance)},
        "torch": {"float32": "float32", "from_numpy": Tensor},
    }
    made = {}
    for name, members in found.items():
        made[name] = ModuleType(name)
        for member, value in members.items():
            setattr(made[name], member, value)
    made["comfy"].__dict__.update(
        model_management=made["comfy.model_management"], utils=made["comfy.utils"]
    )
    return made


def forget_nodes() -> None:
    """Make the next import of the nodes see the stand-ins of its own test."""
    for name in [name for name in sys.modules if name.startswith("comfy_bridge.nodes.graph")]:
        del sys.modules[name]
