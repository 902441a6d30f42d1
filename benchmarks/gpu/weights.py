"""Networks with random weights, written in their files' true forms: speed and memory are those of the real ones."""

from pathlib import Path

import yaml

SMALL_SAM = {"num_hidden_layers": 2, "global_attn_indexes": [1], "image_size": 256}
"""What a CPU can do in a second; vit_b takes it twenty."""


def write_sam(folder: Path, *, small: bool) -> Path:
    """Write Segment Anything: vit_b, or a small one of its kind."""
    import torch
    from transformers import SamConfig, SamModel
    from transformers.models.sam.configuration_sam import SamPromptEncoderConfig, SamVisionConfig

    torch.manual_seed(0)
    vision = SamVisionConfig(**(SMALL_SAM if small else {}))
    prompt = SamPromptEncoderConfig(image_size=vision.image_size)
    config = SamConfig(vision_config=vision.to_dict(), prompt_encoder_config=prompt.to_dict())
    SamModel(config).save_pretrained(folder)
    return folder


def write_lama(path: Path) -> Path:
    """Write big LaMa."""
    import torch
    from safetensors.torch import save_file
    from spandrel.architectures.LaMa import LaMa

    torch.manual_seed(0)
    save_file(LaMa(in_nc=4, out_nc=3).state_dict(), path)
    return path


def write_detector(folder: Path) -> Path:
    """Write RT-DETR on ResNet-50."""
    import torch
    from transformers import RTDetrConfig, RTDetrForObjectDetection, RTDetrImageProcessor

    torch.manual_seed(0)
    RTDetrForObjectDetection(RTDetrConfig()).save_pretrained(folder)
    RTDetrImageProcessor().save_pretrained(folder)
    return folder


def write_set(file: Path, models: dict[str, Path]) -> Path:
    """Write a model set with one model for each backend."""
    entries = [
        {"name": f"random-{backend}", "backend": backend, "licence": "LicenseRef-random"}
        | {"source": {"path": str(path)}}
        for backend, path in models.items()
    ]
    file.write_text(yaml.safe_dump({"models": entries}))
    return file
