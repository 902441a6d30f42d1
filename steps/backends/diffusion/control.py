"""Keeps the forms of a picture while its style changes: a ControlNet, a part of a model set.

Its folder is one that diffusers' ControlNetModel opens. Method: Zhang et al., Adding Conditional Control (2023).
"""

from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from steps import models
from steps.contract import Wire
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsInvalid
from steps.imaging.document import Pixels
from steps.models import Located

CONTROLNET = "diffusers-controlnet"
"""What a model set calls the backend of a ControlNet: it is a part of a model, not one that runs alone."""
WEAK, STRONG = 100, 200
"""Canny's thresholds, as the known ControlNets were trained with."""


class Control(Wire):
    """A ControlNet and what it is shown."""

    model: str
    """Name of a model whose backend is "diffusers-controlnet"."""
    shown: Literal["tile", "canny"] = "tile"
    """What it was trained on: the picture itself, or its edges."""
    scale: Annotated[float, Field(ge=0, le=2)] = 0.5
    """How much it holds on to the forms; 1 as it was trained."""


def loaded(control: Control, environment: Environment, *, dtype: Any) -> tuple[Any, Located]:
    """Return a ControlNet in `dtype`, on the CPU, and its files for the report.

    Raises:
        WeightsMissing: it is not here.
        WeightsInvalid: its folder holds none.
        BackendUnavailable: its licence is not allowed here, or the model is none.
    """
    from diffusers import ControlNetModel

    model = models.get(control.model, environment)
    if model.backend != CONTROLNET:
        raise BackendUnavailable(
            f"the model {model.name!r} is one of {model.backend!r}; "
            f"a ControlNet is one of {CONTROLNET!r}",
            pointer=model.name,
        )
    located = models.locate(model, environment)
    halved = any(path.name.endswith(".fp16.safetensors") for path in located.files)
    try:
        network = ControlNetModel.from_pretrained(
            located.path,
            local_files_only=True,
            use_safetensors=True,
            variant="fp16" if halved else None,
            torch_dtype=dtype,
        )
    except Exception as error:  # diffusers', safetensors', or what a damaged file causes in torch
        raise WeightsInvalid(
            f"{located.path} holds no ControlNet: {error}", pointer=model.name
        ) from error
    return network, located


def shown(picture: Pixels, control: Control) -> Pixels:
    """Return what the ControlNet sees of a picture, RGB uint8 of the same shape."""
    if control.shown == "tile":
        return picture
    import cv2

    edges = cv2.Canny(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), WEAK, STRONG)
    return np.repeat(edges[..., None], 3, axis=2).astype(np.uint8)
