"""Runs an ONNX graph with onnxruntime, and stops it when the caller cancels."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steps.environment import Environment

POLL_SECONDS = 0.2
"""How often the caller is asked whether to stop while a graph runs."""


class Session:
    """An opened graph with one input "in" and one output "out"."""

    def __init__(self, model: bytes, environment: Environment) -> None:
        """Open a graph of `onnx_graph`; the environment's threads are the runtime's."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = environment.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only
        self._new_run_options = onnxruntime.RunOptions
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )

    def run(
        self, value: NDArray[Any], check_cancelled: Callable[[], None]
    ) -> NDArray[np.uint8] | NDArray[np.float32]:
        """Return the output for an input.

        Raises:
            Cancelled: from `check_cancelled`; the graph has stopped by then.
        """
        check_cancelled()
        options: Any = self._new_run_options()
        with ThreadPoolExecutor(max_workers=1) as executor:
            running = executor.submit(self._session.run, ["out"], {"in": value}, options)
            while True:
                try:
                    output: NDArray[Any] = running.result(timeout=POLL_SECONDS)[0]
                except StillRunning:
                    self._stop_if_cancelled(options, check_cancelled)
                else:
                    return output

    @staticmethod
    def _stop_if_cancelled(options: Any, check_cancelled: Callable[[], None]) -> None:
        """The executor waits for the graph, which ends before its next node."""
        try:
            check_cancelled()
        except BaseException:
            options.terminate = True
            raise
