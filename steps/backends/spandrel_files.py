"""Opens networks with spandrel, which tells the architecture by the file itself.

From .safetensors, from .pth (read without running what is in it), from TorchScript (of which only the weights are
read), and from Real-ESRGAN's ncnn files of the weights catalogue. Source:
https://github.com/chaiNNer-org/spandrel, MIT; architectures with licences that forbid commercial use are in another
package (spandrel_extra_arches), which is not used.
"""

from typing import Any

from steps.backends.upscaling import ncnn_files
from steps.errors import WeightsInvalid
from steps.models import Located

RRDB_BLOCKS = 23
"""Residual-in-residual dense blocks of x4plus: three dense blocks of five convolutions each."""


def opened(located: Located, purposes: tuple[str, ...]) -> Any:
    """Open a network.

    Args:
        located: its file; or graph and weights of ncnn.
        purposes: what it must be made for, in spandrel's words: "SR", "Restoration", "Inpainting", "FaceSR".

    Returns:
        spandrel's descriptor of the network, on the CPU, in float32.

    Raises:
        WeightsInvalid: the file holds no network that spandrel knows, or one for another purpose.
    """
    import spandrel

    name = located.path.name
    try:
        loader = spandrel.ModelLoader("cpu")
        if located.path.suffix == ".bin":
            found = loader.load_from_state_dict(_state_of_ncnn(located))
        else:
            found = loader.load_from_file(located.path)
    except WeightsInvalid:
        raise
    except Exception as error:  # spandrel's, safetensors', or what a damaged file causes in torch
        raise WeightsInvalid(
            f"{name} holds no network that spandrel {spandrel.__version__} knows: {error}",
            pointer=located.model.name,
        ) from error
    if found.purpose not in purposes:
        raise WeightsInvalid(
            f"{name} is a {found.architecture.name} for {found.purpose}; "
            f"wanted is one for {' or '.join(purposes)}",
            pointer=located.model.name,
        )
    if found.input_channels != 3 or found.output_channels != 3:
        raise WeightsInvalid(
            f"{name} turns {found.input_channels} channels into {found.output_channels}; wanted is RGB",
            pointer=located.model.name,
        )
    found.model.eval().requires_grad_(False)
    return found


def _state_of_ncnn(located: Located) -> dict[str, Any]:
    """Return Real-ESRGAN's weights by the names of its authors' own networks: x4plus, or the compact one."""
    import torch

    binary, graph = located.files
    layers = [layer for layer in ncnn_files.read(graph, binary) if layer.weights]
    names = _names_of_x4plus()
    if any(layer.kind == "PReLU" for layer in layers):  # the compact one: a plain row of layers
        names = [f"body.{number}" for number in range(len(layers))]
    if len(layers) != len(names):
        raise WeightsInvalid(
            f"{binary.name} has {len(layers)} layers with weights; x4plus has {len(names)}",
            pointer=located.model.name,
        )
    state: dict[str, Any] = {}
    for name, layer in zip(names, layers, strict=True):
        for part, values in zip(("weight", "bias"), layer.weights, strict=False):
            state[f"{name}.{part}"] = torch.from_numpy(values.copy())
    return state


def _names_of_x4plus() -> list[str]:
    dense = [
        f"body.{block}.rdb{part}.conv{number}"
        for block in range(RRDB_BLOCKS)
        for part in (1, 2, 3)
        for number in (1, 2, 3, 4, 5)
    ]
    tail = ["conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"]
    return ["conv_first", *dense, *tail]
