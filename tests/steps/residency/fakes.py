"""Backends that say what they hold and where, without any runtime."""

from steps.backends.contract import Backend, Capability, Descriptor, Held
from steps.environment import Environment


class Fake(Backend):
    """Holds `size` bytes, on the GPU if told so; moves as it is told."""

    capability = Capability.UPSCALING
    descriptor = Descriptor(
        name="fake",
        capability=Capability.UPSCALING,
        summary="For tests.",
        licence="MIT",
        source="https://example.org",
    )

    def __init__(self, size: int = 10, *, gpu: bool = False, shared: object | None = None) -> None:
        self.size, self.at_home_on_gpu, self.on_gpu = size, gpu, gpu
        self.shared = shared
        self.lighter = 0

    @classmethod
    def load(cls, environment: Environment) -> "Fake":
        return cls()

    def held(self) -> dict[int, Held]:
        blocks = {id(self): Held(self.size, self.on_gpu)}
        if self.shared is not None:
            blocks[id(self.shared)] = Held(100, self.on_gpu)
        return blocks

    def to_gpu(self) -> None:
        self.on_gpu = self.at_home_on_gpu

    def to_memory(self) -> None:
        self.on_gpu = False

    def lighten(self) -> bool:
        self.lighter += 1
        return self.lighter <= 2


class A(Fake):
    """One of three."""


class B(Fake):
    """One of three."""


class C(Fake):
    """One of three."""
