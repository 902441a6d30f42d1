"""Opens an ONNX detection network with OpenVINO on the CPU, in half precision where the processor has it.

On processors with bfloat16 (AMD Zen 4, Intel Sapphire Rapids and later) a look costs 0.57 of what it costs in
single precision and recall is the same (docs/decisions/0010); elsewhere the network runs in single precision.
The same processor gives the same answer each time, with any number of threads; another kind of processor may
give scores that differ by a few hundredths.
"""

import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from numpy.typing import NDArray

from steps.environment import Environment
from steps.errors import WeightsInvalid


@dataclass(frozen=True, slots=True)
class Meta:
    """What a file says of itself, named as onnxruntime names it."""

    custom_metadata_map: Mapping[str, str]


def _import_quietly() -> Any:
    """Import OpenVINO without the package that reports each import to its makers' statistics.

    It does so by default, over the network. Without that package OpenVINO uses a stub of its own.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: cannot be imported
    return import_module("openvino")


class OpenVinoSession:
    """An opened network, asked as an `onnxruntime.InferenceSession` is."""

    def __init__(self, compiled: Any, meta: Meta) -> None:
        """Take a compiled model; `session` gives one."""
        self._request = compiled.create_infer_request()
        self._outputs = {port.get_any_name(): port for port in compiled.outputs}
        self._meta = meta
        self._turn = threading.Lock()
        """A request holds its tensors between two calls, so only one thread may use it at a time."""

    def get_modelmeta(self) -> Meta:
        """Return the file's metadata."""
        return self._meta

    def run(
        self, outputs: list[str] | None, values: Mapping[str, NDArray[Any]]
    ) -> list[NDArray[Any]]:
        """Return the outputs of these names (None: all, in the file's order) for inputs by name."""
        with self._turn:
            answer = self._request.infer(dict(values))
            return [answer[self._outputs[name]].copy() for name in outputs or self._outputs]


def session(model: bytes, environment: Environment, *, name: str) -> OpenVinoSession:
    """Open a model.

    Args:
        model: the ONNX file's bytes.
        environment: its `threads` are the runtime's, for one input at a time.
        name: of the file, for the error.

    Raises:
        WeightsInvalid: OpenVINO cannot open it.
    """
    import onnx

    openvino = _import_quietly()
    core = openvino.Core()
    halves = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    options = {
        "INFERENCE_PRECISION_HINT": "bf16" if halves else "f32",
        "INFERENCE_NUM_THREADS": environment.threads,
        "NUM_STREAMS": 1,
        # Several workers share a machine: which core a thread runs on is the system's business.
        "ENABLE_CPU_PINNING": False,
    }
    try:
        read = onnx.load_model_from_string(model)
        compiled = core.compile_model(core.read_model(model), "CPU", options)
    except Exception as error:  # neither protobuf nor OpenVINO has public classes for it
        raise WeightsInvalid(f"OpenVINO cannot open {name}: {error}", pointer=name) from error
    return OpenVinoSession(compiled, Meta({p.key: p.value for p in read.metadata_props}))
