"""What every backend of torch modules has: its place in memory, and one call at a time.

Modules, schedulers and tokenizers are not safe for two threads at once, and a GPU gains nothing from two; so calls
of one loaded backend take turns, and who waits still hears a cancel.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from steps import models, residency
from steps.backends.contract import Held
from steps.backends.model_backend import ModelBackend
from steps.backends.torch_runtime import bytes_of, is_on_gpu
from steps.models import Located

T = TypeVar("T")
POLL_SECONDS = 0.1
"""How often a call that waits for its turn asks whether to stop."""


class TorchBackend(ModelBackend):
    """A backend that holds torch modules."""

    def __init__(self, modules: tuple[Any, ...], located: Located, *, device: str) -> None:
        """Take loaded modules and put them on their device.

        Args:
            modules: what holds the memory; a module that another backend shares may be among them.
            located: the model that they are, for the report.
            device: "cuda" or "cpu".
        """
        self._modules = modules
        self._bytes = {id(module): bytes_of(module) for module in modules}
        self._device = device
        self._turn = threading.Lock()
        self.descriptor = replace(
            type(self).descriptor,
            licence=located.model.licence,
            model=located.model.name,
            files=models.use(located),
        )
        self.to_gpu()

    def held(self) -> dict[int, Held]:
        """Return what each module holds; see `Backend.held`."""
        return {id(m): Held(self._bytes[id(m)], on_gpu=is_on_gpu(m)) for m in self._modules}

    def to_gpu(self) -> None:
        """Put the modules where they calculate; see `Backend.to_gpu`."""
        for module in self._modules:
            if is_on_gpu(module) != (self._device == "cuda"):  # asked at every call, mostly true
                module.to(self._device)

    def to_memory(self) -> None:
        """Move the modules to main memory; see `Backend.to_memory`."""
        for module in self._modules:
            module.to("cpu")

    def in_turn(self, work: Callable[[], T], check_cancelled: Callable[[], None]) -> T:
        """Run a call of the network: alone, without gradients, its modules in place.

        Raises:
            Cancelled: from `check_cancelled`, also while the call waits for its turn.
            Whatever `work` raises; what says that memory ran out only once nothing more can be freed.
        """
        import torch

        while not self._turn.acquire(timeout=POLL_SECONDS):
            check_cancelled()
        try:
            check_cancelled()
            with torch.inference_mode():
                return residency.run(self, work)
        finally:
            self._turn.release()


def never() -> None:
    """Ask nobody whether to stop: for calls too short to be worth it, or whose contract has no way to ask."""
