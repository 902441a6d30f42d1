"""Runs a style network with onnxruntime, and stops it when the caller cancels."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steps.environment import Environment

Floats = NDArray[np.float32]

POLL_SECONDS = 0.1
"""How often the caller is asked whether to stop while a network runs."""


class Session:
    """An opened network of one output."""

    def __init__(self, content: bytes, environment: Environment) -> None:
        """Open a network; the environment's threads are the runtime's."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = environment.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only
        # A plan of all memory in advance takes more than twice as much as reusing it as it comes:
        # 861 against 379 MB at 1.2 megapixels, at the same speed.
        options.enable_mem_pattern = False
        self._new_run_options = onnxruntime.RunOptions
        self._session = onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"]
        )
        self.inputs = tuple(value.name for value in self._session.get_inputs())
        """Names of the inputs, in the file's order."""

    def run(self, values: Mapping[str, Floats], check_cancelled: Callable[[], None]) -> Floats:
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
                    output: Floats = running.result(timeout=POLL_SECONDS)[0]
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
