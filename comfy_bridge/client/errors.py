"""What can go wrong with a ComfyUI server, told apart by type.

ComfyError
├── ServerUnreachable   no connection, no answer in time, or a gateway's 502, 503, 504
├── AnswerUnexpected    an answer that is none of ComfyUI's: another status, no JSON, over a limit
├── PromptRefused       the workflow does not pass the server's own checks; with every fault
├── PromptFailed        a node raised; says which, and whether memory ran out
├── PromptInterrupted   somebody interrupted it at the server
├── PromptLost          the server knows nothing of it any more: it was restarted, or its queue cleared
└── PromptTimedOut      it waited, or ran, for too long, and was taken back
"""

from collections.abc import Sequence
from dataclasses import dataclass

_MEMORY_TYPES = ("OutOfMemoryError", "MemoryError")
"""Ends of exception types: torch.OutOfMemoryError, torch.cuda.OutOfMemoryError, MemoryError."""
_MEMORY_TEXTS = ("out of memory", "allocation on device", "can't allocate memory")
"""What runtimes say that raise no type of their own; in lower case."""


class ComfyError(Exception):
    """Base: one sentence of what happened."""


class ServerUnreachable(ComfyError):
    """The server does not answer; it, or another one, may later."""


class AnswerUnexpected(ComfyError):
    """The server answers what this client does not understand or does not take."""


@dataclass(frozen=True, kw_only=True)
class NodeFault:
    """One fault that the server finds in a workflow before it runs."""

    node: str
    """Id of the node; "" where the fault is the whole workflow's."""
    class_type: str
    kind: str
    """ComfyUI's name of the fault, e.g. "value_not_in_list"."""
    text: str
    input_name: str = ""
    """Name of the input at fault, where one is."""


class PromptRefused(ComfyError):
    """The workflow, or a branch of it, does not pass the server's checks."""

    def __init__(self, faults: Sequence[NodeFault]) -> None:
        """Keep every fault."""
        self.faults = tuple(faults)
        super().__init__("; ".join(_sentence(fault) for fault in faults))


class PromptFailed(ComfyError):
    """A node raised."""

    def __init__(self, *, node: str, class_type: str, kind: str, text: str) -> None:
        """Keep what ComfyUI says.

        Args:
            node: id of the node.
            class_type: its class.
            kind: type of the exception, e.g. "torch.OutOfMemoryError".
            text: message of the exception.
        """
        self.node, self.class_type, self.kind, self.text = node, class_type, kind, text.strip()
        super().__init__(f"node {node} ({class_type}) raised {kind}: {self.text}")

    @property
    def is_out_of_memory(self) -> bool:
        """Whether memory ran out."""
        text = self.text.lower()
        return self.kind.endswith(_MEMORY_TYPES) or any(said in text for said in _MEMORY_TEXTS)


class PromptInterrupted(ComfyError):
    """Somebody interrupted it at the server."""


class PromptLost(ComfyError):
    """The server knows nothing of it any more."""


class PromptTimedOut(ComfyError):
    """It waited, or ran, for too long."""


def _sentence(fault: NodeFault) -> str:
    where = f"node {fault.node} ({fault.class_type})" if fault.node else "the workflow"
    name = f", input {fault.input_name!r}" if fault.input_name else ""
    return f"{where}{name}: {fault.text}"
