"""Gives a pipeline eyes for a style picture: an IP-Adapter and its image encoder, a part of a model set.

Its folder holds one .safetensors of the adapter, and the image encoder (config.json and model.safetensors) in a folder
of its own, as the repositories of IP-Adapter have them. It changes the UNet for good, so the UNet is not shared.
Methods: Ye et al., IP-Adapter (2023); Wang et al., InstantStyle (2024): one layer of SDXL hears style and not content.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from steps import models
from steps.backends.diffusion.opening import networks
from steps.contract import Wire
from steps.environment import Environment
from steps.errors import BackendUnavailable, WeightsInvalid
from steps.models import Located

IP_ADAPTER = "diffusers-ip-adapter"
"""What a model set calls the backend of an adapter: it is a part of a model, not one that runs alone."""
STYLE_LAYER = 1
"""Which attention of SDXL's first upward block carries style, by InstantStyle."""


class IpAdapter(Wire):
    """An adapter and how much it says."""

    model: str
    """Name of a model whose backend is "diffusers-ip-adapter"."""
    scale: Annotated[float, Field(ge=0, le=2)] = 1.0
    """How much the picture counts; 1 as it was trained."""
    layers: Literal["style", "all"] = "style"
    """"style": of SDXL the one layer of style, so that nothing of the picture's content comes along; of other
    models all layers. "all": everywhere."""


def attach(pipeline: Any, adapter: IpAdapter, environment: Environment, *, dtype: Any) -> Located:
    """Load an adapter into a pipeline whose UNet is its own.

    Args:
        pipeline: of SD or SDXL.
        adapter: of the model set.
        environment: where it lies.
        dtype: torch dtype of the image encoder.

    Returns:
        The adapter's files, for the report.

    Raises:
        WeightsMissing: it is not here.
        WeightsInvalid: its files fit neither each other nor the pipeline.
        BackendUnavailable: its licence is not allowed here, it is none, or the pipeline takes none.
    """
    from transformers import CLIPVisionModelWithProjection

    model = models.get(adapter.model, environment)
    if model.backend != IP_ADAPTER:
        raise BackendUnavailable(
            f"the model {model.name!r} is one of {model.backend!r}; "
            f"an IP-Adapter is one of {IP_ADAPTER!r}",
            pointer=model.name,
        )
    if getattr(pipeline, "unet", None) is None:
        raise BackendUnavailable(
            f"{type(pipeline).__name__} takes no IP-Adapter; models of SD and SDXL do",
            pointer=model.name,
        )
    located = models.locate(model, environment)
    weights, encoder = _parts_of(located)
    try:
        eyes = CLIPVisionModelWithProjection.from_pretrained(
            encoder, local_files_only=True, use_safetensors=True, dtype=dtype
        )
        pipeline.register_modules(image_encoder=eyes)
        pipeline.load_ip_adapter(
            weights.parent, subfolder="", weight_name=weights.name, local_files_only=True
        )
    except Exception as error:  # transformers', safetensors', or what a file that fits not causes
        raise WeightsInvalid(
            f"the IP-Adapter {model.name!r} does not fit {type(pipeline).__name__}: {error}",
            pointer=model.name,
        ) from error
    for module in networks(pipeline).values():
        module.eval().requires_grad_(False)
    return located


def hear(pipeline: Any, adapter: IpAdapter, *, picture: bool) -> None:
    """Say how much the next call heeds the style picture: not at all where there is none."""
    pipeline.set_ip_adapter_scale(_scale(pipeline.unet, adapter) if picture else 0.0)


def _scale(unet: Any, adapter: IpAdapter) -> float | dict[str, dict[str, list[float]]]:
    attentions = getattr(unet.up_blocks[0], "attentions", ())
    if adapter.layers == "all" or len(attentions) <= STYLE_LAYER:
        return adapter.scale
    layers = [adapter.scale if at == STYLE_LAYER else 0.0 for at in range(len(attentions))]
    return {"up": {"block_0": layers}}


def _parts_of(located: Located) -> tuple[Path, Path]:
    """Return the adapter's file and the image encoder's folder.

    Raises:
        WeightsInvalid: there is not one of each.
    """
    encoders = {path.parent for path in located.files if path.name == "config.json"}
    weights = [
        path
        for path in located.files
        if path.suffix == ".safetensors" and path.parent not in encoders
    ]
    if len(encoders) != 1 or len(weights) != 1:
        raise WeightsInvalid(
            f"the IP-Adapter {located.model.name!r} has {len(weights)} .safetensors and "
            f"{len(encoders)} folders of an image encoder (config.json); one of each is accepted: "
            "name them in the source's `files`",
            pointer=located.model.name,
        )
    return weights[0], encoders.pop()
