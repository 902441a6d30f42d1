"""What went wrong at a ComfyUI server, as the errors of a step."""

from comfy_bridge.client.errors import (
    ComfyError,
    PromptFailed,
    PromptLost,
    PromptRefused,
    ServerUnreachable,
)
from comfy_bridge.shelf.workflow import Workflow
from steps.errors import (
    BackendUnreachable,
    InvalidParameters,
    OutOfMemory,
    StepError,
    StepFailed,
)

_OF_VALUES = frozenset(
    {
        "value_not_in_list",
        "value_bigger_than_max",
        "value_smaller_than_min",
        "invalid_input_type",
        "custom_validation_failed",
    }
)
"""Faults that another value of the input mends."""


def as_step_error(error: ComfyError, workflow: Workflow) -> StepError:
    """Return the step's error for a client's: retryable where the server may be better later."""
    match error:
        case ServerUnreachable() | PromptLost():
            return BackendUnreachable(str(error))
        case PromptFailed() if error.is_out_of_memory:
            return OutOfMemory(f"the ComfyUI server ran out of memory: {error}")
        case PromptRefused():
            return _refused(error, workflow)
        case _:
            return StepFailed(f"workflow {workflow.name!r}: {error}")


def _refused(error: PromptRefused, workflow: Workflow) -> StepError:
    """Name the caller's own inputs where they are at fault; everything else is the workflow's or the server's."""
    faults: list[tuple[str, str]] = []
    for fault in error.faults:
        name = workflow.input_at(fault.node, fault.input_name)
        if name is None or fault.kind not in _OF_VALUES:
            return StepFailed(f"the ComfyUI server refuses workflow {workflow.name!r}: {error}")
        faults.append((f"/inputs/{name}", f"the ComfyUI server does not take it: {fault.text}"))
    detail = "; ".join(f"{pointer}: {text}" for pointer, text in faults)
    return InvalidParameters(detail, pointer=faults[0][0], errors=tuple(faults))
