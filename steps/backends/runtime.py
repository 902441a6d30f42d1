"""Opens ONNX networks with onnxruntime on the CPU, and stops a running one when the caller cancels.

Every backend on onnxruntime comes here, so that threads, memory and cancellation are decided once:
threads × workers = cores, memory goes back after each run, and a cancel ends a network before its next operation.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from typing import Any

from numpy.typing import NDArray

from steps.environment import Environment
from steps.errors import WeightsInvalid

POLL_SECONDS = 0.1
"""How often the caller is asked whether to stop while a network runs."""


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
    # Threads that wait do not spin: other workers and the fill need the cores between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # A plan of all memory in advance is kept for every size of input that was ever seen, and takes more
    # than twice as much as reusing memory as it comes: 861 against 379 MB for a style at 1.2 megapixels.
    options.enable_mem_pattern = False
    options.log_severity_level = 3  # errors only: warnings of old models say nothing to a caller
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own exception classes are not public
        raise WeightsInvalid(f"onnxruntime cannot open {name}: {error}", pointer=name) from error


class Network:
    """An opened network of one output."""

    def __init__(self, model: bytes, environment: Environment, *, name: str) -> None:
        """Open a network; see `session`."""
        from onnxruntime import RunOptions

        self._new_run_options = RunOptions
        self._session = session(model, environment, name=name)
        self.inputs = tuple(str(value.name) for value in self._session.get_inputs())
        """Names of the inputs, in the file's order."""

    def run(
        self, values: Mapping[str, NDArray[Any]], check_cancelled: Callable[[], None]
    ) -> NDArray[Any]:
        """Return the output for inputs by name.

        Raises:
            Cancelled: from `check_cancelled`; the network has stopped by then.
        """
        check_cancelled()
        options: Any = self._new_run_options()
        # Memory that the network needed is given back, not kept for the next picture.
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        with ThreadPoolExecutor(max_workers=1) as executor:
            running = executor.submit(self._session.run, None, dict(values), options)
            while True:
                try:
                    output: NDArray[Any] = running.result(timeout=POLL_SECONDS)[0]
                except StillRunning:
                    self._stop_if_cancelled(options, check_cancelled)
                else:
                    return output

    @staticmethod
    def _stop_if_cancelled(options: Any, check_cancelled: Callable[[], None]) -> None:
        """The executor waits for the network, which ends before its next operation."""
        try:
            check_cancelled()
        except BaseException:
            options.terminate = True
            raise
