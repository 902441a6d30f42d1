"""A backend: what is known of it without loading it, what it holds, and how it makes room."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from steps import weights
from steps.contract import WeightsUse
from steps.device import has_gpu
from steps.environment import Environment


class Capability(StrEnum):
    """What a backend can do."""

    DETECTION = "detection"
    SEGMENTATION = "segmentation"
    INPAINTING = "inpainting"
    STYLIZATION = "stylization"
    UPSCALING = "upscaling"
    DIFFUSION = "diffusion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """What is known of a backend without loading it."""

    name: str
    """Unique within the capability, lower case with hyphens."""
    capability: Capability
    summary: str
    """One sentence for the catalogue."""
    licence: str
    """SPDX name that governs its use: the strictest of code and weights."""
    source: str
    """Paper or repository of the method."""
    requires: tuple[str, ...] = ()
    """Import names that must be installed, e.g. ("onnxruntime",)."""
    weights: tuple[str, ...] = ()
    """Names in the weights catalogue."""
    from_models: bool = False
    """Whether its weights are those of a model that the model sets name (`steps.models`)."""
    model: str = ""
    """Of a loaded backend: the model that it runs."""
    files: tuple[WeightsUse, ...] = ()
    """Of a loaded backend: what a report says of the model's files."""
    devices: tuple[str, ...] = ("cpu",)
    memory_mb: int = 0
    """Peak memory of a usual call beyond the picture, in MiB."""
    size_multiple: int = 1
    """Height and width that the model sees are multiples of this."""
    commercial: bool = True
    """Whether the licence allows commercial use."""
    default: bool = False
    """Whether it works with the light core alone."""
    rank: int = 0
    """`auto` takes the highest rank that can be used; 0 is never taken by `auto`."""
    gpu_rank: int | None = None
    """Rank where there is a GPU; None is the same rank. A network that takes a CPU minutes has rank 0 and this."""

    @property
    def weights_bytes(self) -> int:
        """Size of the weights in the catalogue."""
        return sum(weights.get(name).size_bytes for name in self.weights)

    def rank_here(self, environment: Environment) -> int:
        """Return the rank that holds on this machine."""
        if self.gpu_rank is None or not has_gpu(environment):
            return self.rank
        return self.gpu_rank


@dataclass(frozen=True, slots=True)
class Held:
    """A block of memory of a loaded backend."""

    size_bytes: int
    on_gpu: bool


class Backend(ABC):
    """One model implementation. Made by `load`, shared by every run of a worker process."""

    capability: ClassVar[Capability]
    descriptor: Descriptor
    """Of the class: what is known before loading. A loaded backend may say more: which model it runs."""

    @classmethod
    @abstractmethod
    def load(cls, environment: Environment) -> "Backend":
        """Load weights and runtime.

        Raises:
            WeightsMissing, WeightsInvalid, BackendUnavailable: with what to do about it.
        """

    def held(self) -> dict[int, Held]:
        """Return the memory that it holds as long as it is loaded, in blocks by their identity.

        Two backends that share a component name it by the same identity, so that it counts once.
        """
        return {id(self): Held(self.descriptor.weights_bytes, on_gpu=False)}

    def to_gpu(self) -> None:  # noqa: B027 - nothing to do is right for the CPU
        """Bring what `to_memory` took away back to the GPU; nothing for what runs on the CPU."""

    def to_memory(self) -> None:  # noqa: B027 - likewise
        """Move what it holds on the GPU to main memory; nothing for what runs on the CPU."""

    def lighten(self) -> bool:
        """Give up speed for memory, one degree further, after memory ran out; False where it cannot."""
        return False
