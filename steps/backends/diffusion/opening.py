"""Opens a pipeline from a folder alone, and shares its networks with other pipelines of the same folder."""

import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from steps import models
from steps.backends.diffusion.options import DiffusionOptions, Lora
from steps.environment import Environment
from steps.errors import BackendUnavailable, StepError, WeightsInvalid
from steps.models import Located

LORA = "diffusers-lora"
"""What a model set calls the backend of a LoRA's weights: they are a part of a model, not one that runs alone."""


@dataclass(frozen=True, slots=True)
class Source:
    """What makes the components of two pipelines the same."""

    path: Path
    precision: str
    loras: tuple[tuple[str, float], ...]


_shared: dict[Source, weakref.WeakValueDictionary[str, Any]] = {}
"""Networks that some loaded pipeline holds; they go when the last one goes."""
_loading = threading.Lock()


def opened(
    kind: Any,
    located: Located,
    options: DiffusionOptions,
    environment: Environment,
    *,
    dtype: Any,
    shared: bool = True,
    beside: Mapping[str, Any] | None = None,
) -> Any:
    """Load a pipeline, its networks in `dtype`, its LoRAs fused; on the CPU until its backend moves it.

    Args:
        kind: one of diffusers' AutoPipelineFor… classes.
        located: a folder with model_index.json and .safetensors.
        options: of the model.
        environment: where LoRAs lie.
        dtype: torch dtype.
        shared: False for a pipeline whose networks will be changed: it gets its own, and lends none.
        beside: components that the folder lacks, by name; a pipeline that has some is not `shared`.

    Raises:
        WeightsInvalid: the folder holds no such pipeline; says what is wrong.
        WeightsMissing: a LoRA is not here.
        BackendUnavailable: a LoRA's licence is not allowed here.
    """
    _quiet()
    source = Source(
        located.path, str(dtype), tuple((lora.model, lora.scale) for lora in options.loras)
    )
    with _loading:
        known = weakref.WeakValueDictionary[str, Any]()
        if shared:
            known = _shared.setdefault(source, known)
        here = dict(known)
        try:
            pipeline = kind.from_pretrained(
                located.path,
                local_files_only=True,
                use_safetensors=True,
                variant=_variant(located),
                torch_dtype=dtype,
                **here,
                **(beside or {}),
            )
            if "unet" not in here and "transformer" not in here:
                _fuse(pipeline, options.loras, environment)
        except StepError:
            raise
        except (
            Exception
        ) as error:  # diffusers', safetensors', or what a damaged file causes in torch
            raise WeightsInvalid(
                f"{located.path} holds no pipeline that {kind.__name__} can load: {error}",
                pointer=located.model.name,
            ) from error
        for name, module in networks(pipeline).items():
            module.eval().requires_grad_(False)
            known[name] = module
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def loras_of(options: DiffusionOptions, environment: Environment) -> tuple[Located, ...]:
    """Return where a model's LoRAs lie.

    Raises:
        WeightsMissing, BackendUnavailable: as `opened`.
    """
    named = (models.get(lora.model, environment) for lora in options.loras)
    return tuple(models.locate(model, environment) for model in named)


def _variant(located: Located) -> str | None:
    """Return "fp16" where the folder's weights have that in their names, as most of a hub's have."""
    return (
        "fp16" if any(path.name.endswith(".fp16.safetensors") for path in located.files) else None
    )


def _quiet() -> None:
    """Keep progress bars and hints for notebooks out of a service's log."""
    import diffusers
    import transformers

    for library in (diffusers, transformers):
        library.logging.set_verbosity_error()
        library.logging.disable_progress_bar()


def networks(pipeline: Any) -> dict[str, Any]:
    """Return the torch modules of a pipeline by name."""
    import torch

    components = pipeline.components.items()
    return {name: part for name, part in components if isinstance(part, torch.nn.Module)}


def _fuse(pipeline: Any, loras: tuple[Lora, ...], environment: Environment) -> None:
    """Fuse LoRAs into the networks: no cost per step, and nothing that a second pipeline could undo."""
    for lora in loras:
        model = models.get(lora.model, environment)
        if model.backend != LORA:
            raise BackendUnavailable(
                f"the model {lora.model!r} is one of {model.backend!r}; a LoRA is one of {LORA!r}",
                pointer=lora.model,
            )
        files = [
            path
            for path in models.locate(model, environment).files
            if path.suffix == ".safetensors"
        ]
        if len(files) != 1:
            raise WeightsInvalid(
                f"the LoRA {lora.model!r} has {len(files)} .safetensors files; one is accepted: "
                "name it in the source's `files`",
                pointer=lora.model,
            )
        pipeline.load_lora_weights(
            files[0].parent, weight_name=files[0].name, local_files_only=True
        )
        pipeline.fuse_lora(lora_scale=lora.scale)
        pipeline.unload_lora_weights()
