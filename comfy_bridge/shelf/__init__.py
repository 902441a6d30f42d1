"""Named workflows: files in ComfyUI's API format, each with a declaration of what goes in and what comes out."""
