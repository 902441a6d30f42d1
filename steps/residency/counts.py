"""What a process counts about its models."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Counters since the process began, and the memory that its models hold now."""

    loads: int = 0
    """Models loaded."""
    evictions: int = 0
    """Models dropped to make room."""
    offloads: int = 0
    """Models moved from the GPU to main memory to make room."""
    returns: int = 0
    """Models brought back from main memory to the GPU."""
    out_of_memory: int = 0
    """Times that memory ran out, whether or not something helped."""
    memory_bytes: int = 0
    """Main memory that loaded models hold."""
    gpu_bytes: int = 0
    """GPU memory that loaded models hold."""
