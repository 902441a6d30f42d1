"""Opens models with transformers, from a folder alone: no hub is asked, no code of a repository is run."""

from typing import Any

from steps.errors import WeightsInvalid
from steps.models import Located


def opened(located: Located, kind: Any) -> Any:
    """Load a model (or a processor) from its folder.

    Args:
        located: a folder with config.json and .safetensors.
        kind: transformers' class with `from_pretrained`, e.g. `SamModel`.

    Raises:
        WeightsInvalid: the folder holds no such model; says what is wrong.
    """
    from transformers.utils import logging

    logging.disable_progress_bar()  # a worker's log is no terminal
    try:
        if not hasattr(kind, "forward") and not kind.__name__.startswith("AutoModel"):
            return kind.from_pretrained(located.path, local_files_only=True)
        found = kind.from_pretrained(located.path, local_files_only=True, use_safetensors=True)
        return found.eval().requires_grad_(False)
    except (
        Exception
    ) as error:  # transformers', safetensors', or what a damaged file causes in torch
        raise WeightsInvalid(
            f"{located.path} holds no {kind.__name__} that can be loaded: {error}",
            pointer=located.model.name,
        ) from error
