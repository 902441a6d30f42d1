"""Diffusion models of about two megabytes with random weights, in the folder form of diffusers."""

import json
from pathlib import Path
from typing import Any

WIDTH = 32
"""Numbers per word; the text encoders' width."""


def write_sdxl(folder: Path, *, channels: int = 4) -> Path:
    """Write an SDXL pipeline: 4 channels for pictures from words, 9 for one trained to fill."""
    import diffusers
    import torch

    torch.manual_seed(0)
    kind = (
        diffusers.StableDiffusionXLPipeline
        if channels == 4
        else diffusers.StableDiffusionXLInpaintPipeline
    )
    first, second = _tokenizer(folder), _tokenizer(folder)
    pipeline = kind(
        vae=_vae(),
        text_encoder=_text_encoder(projected=False),
        text_encoder_2=_text_encoder(projected=True),
        tokenizer=first,
        tokenizer_2=second,
        unet=_unet(channels),
        scheduler=diffusers.EulerDiscreteScheduler(
            beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012
        ),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def write_upscaler(folder: Path) -> Path:
    """Write a pipeline that enlarges four times."""
    import diffusers
    import torch

    torch.manual_seed(3)
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(16, 32),
        layers_per_block=1,
        sample_size=16,
        in_channels=7,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=8,
        use_linear_projection=True,
        only_cross_attention=(True, False),
        num_class_embeds=351,
        cross_attention_dim=WIDTH,
        norm_num_groups=8,
    )
    pipeline = diffusers.StableDiffusionUpscalePipeline(
        vae=_vae(blocks=3, scaling_factor=0.08333),
        text_encoder=_text_encoder(projected=False),
        tokenizer=_tokenizer(folder),
        unet=unet,
        low_res_scheduler=diffusers.DDPMScheduler(),
        scheduler=diffusers.DDIMScheduler(prediction_type="v_prediction"),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def write_lora(path: Path) -> Path:
    """Write low-rank weights for the attention of the UNet above, strong enough to be seen."""
    import torch
    from diffusers import StableDiffusionXLPipeline
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    torch.manual_seed(1)
    unet = _unet(4)
    unet.add_adapter(LoraConfig(r=2, target_modules=["to_q", "to_v"], init_lora_weights=False))
    layers = {name: tensor.contiguous() for name, tensor in get_peft_model_state_dict(unet).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    StableDiffusionXLPipeline.save_lora_weights(
        path.parent, unet_lora_layers=layers, weight_name=path.name
    )
    return path


def write_controlnet(folder: Path) -> Path:
    """Write a ControlNet for the UNet above, which it changes from the first step on."""
    import torch
    from diffusers import ControlNetModel

    torch.manual_seed(4)
    network = ControlNetModel.from_unet(
        _unet(4), conditioning_embedding_out_channels=(8, 8, 16, 16)
    )
    for block in (*network.controlnet_down_blocks, network.controlnet_mid_block):
        torch.nn.init.normal_(block.weight)  # trained from zeros, which would keep it silent
    torch.nn.init.normal_(network.controlnet_cond_embedding.conv_out.weight)
    network.save_pretrained(folder, safe_serialization=True)
    return folder


def write_ip_adapter(folder: Path) -> Path:
    """Write an IP-Adapter for the UNet above, with its image encoder, laid out as in their repositories."""
    import torch
    from safetensors.torch import save_file
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(2)
    config = CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        image_size=32,
        patch_size=8,
        projection_dim=WIDTH,
    )
    CLIPVisionModelWithProjection(config).save_pretrained(folder / "models" / "image_encoder")
    wide = 2 * WIDTH
    weights = {
        "image_proj.proj.weight": torch.randn(4 * wide, WIDTH),
        "image_proj.proj.bias": torch.randn(4 * wide),
        "image_proj.norm.weight": torch.ones(wide),
        "image_proj.norm.bias": torch.zeros(wide),
    }
    unet = _unet(4)
    crossing = [name for name in unet.attn_processors if "attn2" in name]
    for number, name in enumerate(crossing):
        shape = unet.get_submodule(name.removesuffix(".processor")).to_k.weight.shape
        for letter in "kv":
            key = f"ip_adapter.{2 * number + 1}.to_{letter}_ip.weight"
            weights[key] = torch.randn(shape)
    (folder / "sdxl_models").mkdir()
    save_file(weights, folder / "sdxl_models" / "ip-adapter.safetensors")
    return folder


def _unet(channels: int) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=16,
        in_channels=channels,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 1),
        projection_class_embeddings_input_dim=6 * 8 + WIDTH,
        cross_attention_dim=2 * WIDTH,
        norm_num_groups=8,
    )


def _vae(*, blocks: int = 4, scaling_factor: float = 0.18215) -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=[8, 8, 16, 16][:blocks],
        in_channels=3,
        out_channels=3,
        down_block_types=["DownEncoderBlock2D"] * blocks,
        up_block_types=["UpDecoderBlock2D"] * blocks,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=128,
        scaling_factor=scaling_factor,
    )


def _text_encoder(*, projected: bool) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        bos_token_id=512,
        eos_token_id=513,
        pad_token_id=513,
        hidden_size=WIDTH,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=514,
        projection_dim=WIDTH,
        hidden_act="gelu",
    )
    kind = CLIPTextModelWithProjection if projected else CLIPTextModel
    return kind(config)


def _tokenizer(folder: Path) -> Any:
    """Return CLIP's tokenizer with its bytes alone: every letter is a word of its own."""
    from transformers import CLIPTokenizer

    letters = _letters()
    names = [*letters, *(f"{letter}</w>" for letter in letters)]
    names += ["<|startoftext|>", "<|endoftext|>"]
    files = folder / "vocabulary"
    files.mkdir(parents=True, exist_ok=True)
    words = {name: number for number, name in enumerate(names)}
    (files / "vocab.json").write_text(json.dumps(words), "utf-8")
    (files / "merges.txt").write_text("#version: 0.2\n", "utf-8")
    return CLIPTokenizer(str(files / "vocab.json"), str(files / "merges.txt"), model_max_length=77)


def _letters() -> list[str]:
    """Return the 256 bytes as CLIP's vocabulary spells them."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in plain]
    spelled = {byte: chr(byte) for byte in plain} | {
        byte: chr(256 + number) for number, byte in enumerate(rest)
    }
    return [spelled[byte] for byte in sorted(spelled)]
