"""Upscaling measured: speed and memory beside ncnn's and onnxruntime's plain use, quality beside Lanczos."""
