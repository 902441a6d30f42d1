"""Detectors of a few hundred kilobytes, in the folder form of transformers."""

from pathlib import Path


def write_rtdetr(folder: Path) -> Path:
    """Write an RT-DETR with random weights and three classes."""
    import torch
    from transformers import (
        RTDetrConfig,
        RTDetrForObjectDetection,
        RTDetrImageProcessor,
        RTDetrResNetConfig,
    )

    torch.manual_seed(0)
    backbone = RTDetrResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 16, 16, 16],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )
    config = RTDetrConfig(
        backbone_config=backbone,
        encoder_in_channels=[16, 16, 16],
        encoder_hidden_dim=16,
        encoder_ffn_dim=16,
        encoder_attention_heads=2,
        d_model=16,
        decoder_in_channels=[16, 16, 16],
        decoder_ffn_dim=16,
        decoder_attention_heads=2,
        decoder_layers=2,
        num_queries=40,
        id2label={0: "person", 1: "car", 2: "dog"},
    )
    RTDetrForObjectDetection(config).save_pretrained(folder)
    RTDetrImageProcessor().save_pretrained(folder)
    return folder
