"""A client of a ComfyUI server: upload, prompt, progress, outputs, interrupt. Knows no step and no service."""
