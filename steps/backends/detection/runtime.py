"""Opens an ONNX file with onnxruntime on the CPU."""

from typing import Any

from steps.environment import Environment
from steps.errors import WeightsInvalid


def session(model: bytes, environment: Environment, *, name: str) -> Any:
    """Open a model.

    Args:
        model: the ONNX file's bytes.
        environment: its `threads` are the runtime's; several inputs are never run side by side,
            so that threads × workers = cores holds.
        name: of the file, for the error.

    Returns:
        An `onnxruntime.InferenceSession`.

    Raises:
        WeightsInvalid: onnxruntime cannot open it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = environment.threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # Threads that wait do not spin: other workers and the fill need the cores between two looks.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors only: warnings of old models say nothing to a caller
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exception classes are not public
        raise WeightsInvalid(f"onnxruntime cannot open {name}: {error}", pointer=name) from error
