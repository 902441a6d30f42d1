"""The HTTP side of the nodes. Nothing here imports ComfyUI or torch."""
